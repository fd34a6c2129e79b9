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

/* The first row from `row` on at whose end the day is over; `count` when there is none. */
uint32_t engine_days_find(const struct engine_days *days, size_t row, uint32_t day);

/* The same of a day of that year (0: no day): rows of years need no search. */
static inline uint32_t engine_days_row(const struct engine_days *days, size_t row, uint32_t day,
                                       unsigned year)
{
    if (day > days->last) {
        return (uint32_t)days->count;
    }
    return days->is_yearly ? year - days->first_year : engine_days_find(days, row, day);
}

/* The last day of the row that the day is in, so far as no end of a year is: of years only the last
 * one ends elsewhere. */
uint32_t engine_days_end(const struct engine_days *days, uint32_t day);

#endif
