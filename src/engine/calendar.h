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

/* 31 December: days from 0001-01-01, the day more of leap years among them. */
static inline uint32_t engine_year_end(unsigned year)
{
    return year * 365 + year / 4 - year / 100 + year / 400 - 1;
}

/* A century, counted from year 1. In it each year begins a quarter of 1461 days, rounded down,
 * behind the one before. */
struct engine_century {
    uint64_t offset; /* added to four times a day of it gives 1461 times its year, and less */
    uint64_t end;    /* the day behind its last one */
};

static inline struct engine_century engine_century_of(uint32_t day)
{
    uint64_t century = ((uint64_t)day * 4 + 3) / 146097;
    uint64_t first = century * 146097 / 4;
    return (struct engine_century){(century * 100 + 1) * 1461 + 3 - first * 4,
                                   (century + 1) * 146097 / 4};
}

/* The year of one of its days. */
static inline uint32_t engine_century_year(const struct engine_century *century, uint32_t day)
{
    return (uint32_t)(((uint64_t)day * 4 + century->offset) / 1461);
}

/* The newest year that is over at the end of the day: its own year on 31 December, else the year
 * before. */
unsigned engine_complete_year(uint32_t day);

/* Does the year or month that begins on `first` end behind the day? */
bool engine_ends_behind(uint32_t first, bool year_only, uint32_t day);

/* Does the period of a coarse date that begins on `first` hold the day without ending on it? Then
 * what counts from `first` is an upper bound on that day. Most dates lie too far back to look. */
enum { ENGINE_PERIOD_LONGEST = 366 };
static inline bool engine_inside_period(uint32_t first, bool year_only, uint32_t day)
{
    return day != ENGINE_NO_DAY && day >= first && day - first < ENGINE_PERIOD_LONGEST &&
           engine_ends_behind(first, year_only, day);
}

/* The earliest day on which a period can begin that holds the day; ENGINE_NO_DAY: there is no day,
 * and so no such period. */
static inline uint32_t engine_inside_first(uint32_t day)
{
    return day == ENGINE_NO_DAY          ? day
           : day < ENGINE_PERIOD_LONGEST ? 0
                                         : day - ENGINE_PERIOD_LONGEST + 1;
}

#endif
