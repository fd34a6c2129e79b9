#include "engine/calendar.h"

#include "model/date.h"

static bool is_leap(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

uint32_t engine_add_years(uint32_t day, int years)
{
    if (day == ENGINE_NO_DAY) {
        return day;
    }
    unsigned year;
    unsigned month;
    unsigned day_of_month;
    model_day_split(day, &year, &month, &day_of_month);
    int64_t sum = (int64_t)year + years;
    if (sum < 1) {
        return 0;
    }
    /* Beyond the calendar nothing has a date. */
    unsigned target = sum > 9999 ? 9999 : (unsigned)sum;
    if (month == 2 && day_of_month == 29 && !is_leap(target)) {
        day_of_month = 28;
    }
    return model_day_of(target, month, day_of_month);
}

unsigned engine_complete_year(uint32_t day)
{
    unsigned year = model_day_year(day);
    return day == engine_year_end(year) ? year : year - 1;
}

bool engine_ends_behind(uint32_t first, bool year_only, uint32_t day)
{
    unsigned year;
    unsigned month;
    unsigned day_of_month;
    model_day_split(first, &year, &month, &day_of_month);
    uint32_t next =
        year_only || month == 12 ? model_day_of(year + 1, 1, 1) : model_day_of(year, month + 1, 1);
    return day + 1 < next;
}
