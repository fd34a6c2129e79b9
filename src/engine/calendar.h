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

/* Does the year or month that begins on `first` end behind the day? */
bool engine_ends_behind(uint32_t first, bool year_only, uint32_t day);

/* Does the period of a coarse date that begins on `first` hold the day without ending on it? Then
 * what counts from `first` is an upper bound on that day. Most dates lie too far back to look. */
static inline bool engine_inside_period(uint32_t first, bool year_only, uint32_t day)
{
    enum { LONGEST = 366 };
    return day != ENGINE_NO_DAY && day >= first && day - first < LONGEST &&
           engine_ends_behind(first, year_only, day);
}

#endif
