/* The days of a timeline's rows, and in which row a day lies. Private to the engine. */
#ifndef ENGINE_DAYS_H
#define ENGINE_DAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each row has what comes behind the day of the one before, up to its own. What comes behind the
 * last one, or has no day, is of the row number `count`. */
struct engine_days {
    const uint32_t *list; /* strictly ascending; borrowed */
    size_t count;
    bool is_yearly; /* ends of years one behind the other, all but the last one */
    uint32_t last;  /* 0: no rows */
    unsigned first_year;
};

struct engine_days engine_days_of(const uint32_t *list, size_t count, bool is_yearly);

/* The row of a day of that year (0: no day) that is not before `row`. */
uint32_t engine_days_row(const struct engine_days *days, size_t row, uint32_t day, unsigned year);

/* The last day of the row that the day is in, so far as no end of a year is: of years only the last
 * one ends elsewhere. */
uint32_t engine_days_end(const struct engine_days *days, uint32_t day);

#endif
