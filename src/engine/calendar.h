/* Steps in the calendar that metrics take: years, ends of years, periods of coarse dates. */
#ifndef ENGINE_CALENDAR_H
#define ENGINE_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/graph.h"

/* The same month and day so many years later, or earlier when negative; 29 February becomes 28
 * February in a year without it. A day before year 1 is the first day there is. ENGINE_NO_DAY stays
 * as it is. */
uint32_t engine_add_years(uint32_t day, int years);

/* 31 December. */
uint32_t engine_year_end(unsigned year);

/* The newest year that is over at the end of the day: its own year on 31 December, else the year
 * before. */
unsigned engine_complete_year(uint32_t day);

/* Does the period of a coarse date that begins on `first` hold the day without ending on it? Then
 * what counts from `first` is an upper bound on that day. */
bool engine_inside_period(uint32_t first, bool year_only, uint32_t day);

/* Years of days in nearly ascending order: computes only when the year changes. */
struct engine_years {
    uint32_t first; /* day of the cached year; first > last: nothing is cached */
    uint32_t last;
    unsigned year;
};
#define ENGINE_YEARS_EMPTY ((struct engine_years){1, 0, 0})

unsigned engine_years_turn(struct engine_years *years, uint32_t day);

/* day is not ENGINE_NO_DAY. */
static inline unsigned engine_year_of_day(struct engine_years *years, uint32_t day)
{
    return day >= years->first && day <= years->last ? years->year : engine_years_turn(years, day);
}

#endif
