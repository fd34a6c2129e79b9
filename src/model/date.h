/* Calendar dates as precise as a source knew them, and points in time. */
#ifndef MODEL_DATE_H
#define MODEL_DATE_H

#include "base/bytes.h"
#include "base/status.h"

/* Proleptic Gregorian. day is that of the first day of the period: days since 0001-01-01, which is
 * day 0. */
struct model_date {
    uint32_t day;
    uint8_t precision; /* enum model_precision */
};

enum model_precision {
    MODEL_NO_DATE = 0,
    MODEL_YEAR = 1,
    MODEL_MONTH = 2,
    MODEL_DAY = 3,
};

/* The day of what has no date: sorts last. */
#define MODEL_NO_DAY UINT32_C(0xFFFFFFFF)
#define MODEL_UNDATED ((struct model_date){MODEL_NO_DAY, MODEL_NO_DATE})

enum { MODEL_DATE_TEXT = 11 };

/* `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, year 1400 to 2200, a day that exists. The error names text and
 * reason. */
enum base_code model_date_parse(struct base_slice text, struct model_date *date,
                                struct base_error *error);
/* As precise as it was given; "" without date. Returns the length. */
size_t model_date_text(struct model_date date, char text[MODEL_DATE_TEXT]);

uint32_t model_day_of(unsigned year, unsigned month, unsigned day);
void model_day_split(uint32_t day, unsigned *year, unsigned *month, unsigned *day_of_month);
/* Year of a day that is not MODEL_NO_DAY. Counted from year 1 the day more stands at the end of
 * every four years, and that of the fourth century at the end of the four: so quarters of days
 * divide without a rest to look after. */
static inline unsigned model_day_year(uint32_t day)
{
    uint64_t century = ((uint64_t)day * 4 + 3) / 146097;
    uint64_t rest = day - century * 146097 / 4;
    return (unsigned)(century * 100 + (rest * 4 + 3) / 1461) + 1;
}

/* Microseconds since 0001-01-01T00:00:00Z; 0 when nobody said. */
typedef uint64_t model_time;
enum { MODEL_TIME_TEXT = 28 };
/* 9999-12-31T23:59:59.999999, the last one that has a text. */
#define MODEL_TIME_MAX (UINT64_C(3652059) * 86400 * 1000000 - 1)

/* `YYYY-MM-DD`, or `YYYY-MM-DDThh:mm:ss` with an optional fraction of 1 to 6 digits and an optional
 * `Z`; no other zones. Year 1 to 9999. */
enum base_code model_time_parse(struct base_slice text, model_time *time, struct base_error *error);
/* `YYYY-MM-DDThh:mm:ssZ`, with six digits of fraction when it is not zero. Returns the length. */
size_t model_time_text(model_time time, char text[MODEL_TIME_TEXT]);
/* From microseconds since 1970. */
model_time model_time_of_unix(int64_t microseconds);
uint32_t model_time_day(model_time time);

#endif
