#include "model/date.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/utf8.h"

enum {
    YEAR_MAX = 9999,
    SHOWN_MAX = 40,
};

static const uint64_t second_us = 1000000;
static const uint64_t day_us = UINT64_C(86400) * 1000000;
static const uint64_t days_to_unix = 719162; /* 0001-01-01 to 1970-01-01 */

static bool is_leap(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned month_length(unsigned year, unsigned month)
{
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : lengths[month - 1];
}

/* Days before the year; the years before it are whole cycles of 4, 100 and 400. */
static uint32_t days_before(unsigned year)
{
    uint32_t past = year - 1;
    return past * 365 + past / 4 - past / 100 + past / 400;
}

uint32_t model_day_of(unsigned year, unsigned month, unsigned day)
{
    BASE_ASSERT(year >= 1 && year <= YEAR_MAX && month >= 1 && month <= 12);
    BASE_ASSERT(day >= 1 && day <= month_length(year, month));
    uint32_t result = days_before(year) + day - 1;
    for (unsigned m = 1; m < month; m++) {
        result += month_length(year, m);
    }
    return result;
}

void model_day_split(uint32_t day, unsigned *year, unsigned *month, unsigned *day_of_month)
{
    unsigned y = model_day_year(day);
    uint32_t rest = day - days_before(y);
    unsigned m = 1;
    while (rest >= month_length(y, m)) {
        rest -= month_length(y, m);
        m++;
    }
    *year = y;
    *month = m;
    *day_of_month = rest + 1;
}

static struct base_slice shown(struct base_slice text)
{
    if (text.size > SHOWN_MAX) {
        text.size = SHOWN_MAX;
    }
    text.size = base_utf8_prefix(text);
    return base_utf8_has_control(text) ? BASE_SLICE("?") : text;
}

static enum base_code fail(struct base_error *error, const char *what, struct base_slice text,
                           const char *wrong)
{
    text = shown(text);
    return base_fail(error, BASE_INVALID_ARGUMENT, "%s \"%.*s\" %s", what, BASE_PRINT(text), wrong);
}

/* Takes count digits off the front of *text. */
static bool take_number(struct base_slice *text, size_t count, unsigned *number)
{
    unsigned result = 0;
    if (text->size < count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        char c = text->data[i];
        if (c < '0' || c > '9') {
            return false;
        }
        result = result * 10 + (unsigned)(c - '0');
    }
    *number = result;
    text->data += count;
    text->size -= count;
    return true;
}

static bool take_byte(struct base_slice *text, char byte)
{
    if (text->size == 0 || text->data[0] != byte) {
        return false;
    }
    text->data++;
    text->size--;
    return true;
}

static bool parse_parts(struct base_slice text, unsigned *year, unsigned *month, unsigned *day,
                        enum model_precision *precision)
{
    *month = 1;
    *day = 1;
    *precision = MODEL_YEAR;
    if (!take_number(&text, 4, year)) {
        return false;
    }
    if (take_byte(&text, '-')) {
        *precision = MODEL_MONTH;
        if (!take_number(&text, 2, month)) {
            return false;
        }
        if (take_byte(&text, '-')) {
            *precision = MODEL_DAY;
            if (!take_number(&text, 2, day)) {
                return false;
            }
        }
    }
    return text.size == 0;
}

/* NULL when the day is in the calendar, else what ends the sentence. */
static const char *wrong_day(unsigned year, unsigned month, unsigned day)
{
    if (month < 1 || month > 12) {
        return "has a month that does not exist";
    }
    return day < 1 || day > month_length(year, month) ? "is a day that does not exist" : NULL;
}

static struct base_slice leading_digits(struct base_slice text)
{
    size_t size = 0;
    while (size < text.size && text.data[size] >= '0' && text.data[size] <= '9') {
        size++;
    }
    return base_slice(text.data, size);
}

enum base_code model_date_parse(struct base_slice text, struct model_date *date,
                                struct base_error *error)
{
    struct base_slice digits = leading_digits(text);
    if (digits.size > 4 && (digits.size == text.size || text.data[digits.size] == '-')) {
        digits = shown(digits);
        return base_fail(error, BASE_INVALID_ARGUMENT, "year %.*s is out of range %d to %d",
                         BASE_PRINT(digits), LIMIT_YEAR_FIRST, LIMIT_YEAR_LAST);
    }
    unsigned year;
    unsigned month;
    unsigned day;
    enum model_precision precision;
    if (!parse_parts(text, &year, &month, &day, &precision)) {
        return fail(error, "date", text, "is not of the form YYYY, YYYY-MM or YYYY-MM-DD");
    }
    if (year < LIMIT_YEAR_FIRST || year > LIMIT_YEAR_LAST) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "year %u is out of range %d to %d", year,
                         LIMIT_YEAR_FIRST, LIMIT_YEAR_LAST);
    }
    const char *wrong = wrong_day(year, month, day);
    if (wrong != NULL) {
        return fail(error, "date", text, wrong);
    }
    *date = (struct model_date){model_day_of(year, month, day), (uint8_t)precision};
    return BASE_OK;
}

size_t model_date_text(struct model_date date, char text[MODEL_DATE_TEXT])
{
    text[0] = '\0';
    if (date.precision == MODEL_NO_DATE || date.day == MODEL_NO_DAY) {
        return 0;
    }
    unsigned year;
    unsigned month;
    unsigned day;
    model_day_split(date.day, &year, &month, &day);
    /* Ten digits a number at most, so that the compiler sees that it fits; the years that parse
     * need four. */
    char full[40];
    snprintf(full, sizeof full, "%04u-%02u-%02u", year, month, day);
    size_t size = date.precision == MODEL_YEAR ? 4 : date.precision == MODEL_MONTH ? 7 : 10;
    memcpy(text, full, size);
    text[size] = '\0';
    return size;
}

/* hh:mm:ss with its fraction; the microsecond of the day. */
static bool parse_clock(struct base_slice text, uint64_t *microsecond)
{
    unsigned hour;
    unsigned minute;
    unsigned second;
    if (!take_number(&text, 2, &hour) || !take_byte(&text, ':') ||
        !take_number(&text, 2, &minute) || !take_byte(&text, ':') ||
        !take_number(&text, 2, &second) || hour > 23 || minute > 59 || second > 59) {
        return false;
    }
    uint64_t fraction = 0;
    if (take_byte(&text, '.')) {
        size_t digits = leading_digits(text).size;
        unsigned number;
        if (digits < 1 || digits > 6 || !take_number(&text, digits, &number)) {
            return false;
        }
        fraction = number;
        for (; digits < 6; digits++) {
            fraction *= 10;
        }
    }
    /* Without a zone it is read as UTC, which is what the sources mean that leave it out. */
    take_byte(&text, 'Z');
    if (text.size > 0) {
        return false;
    }
    *microsecond = (hour * UINT64_C(3600) + minute * 60 + second) * second_us + fraction;
    return true;
}

enum base_code model_time_parse(struct base_slice text, model_time *time, struct base_error *error)
{
    unsigned year;
    unsigned month;
    unsigned day;
    enum model_precision precision;
    uint64_t microsecond = 0;
    struct base_slice front = text;
    struct base_slice clock = {NULL, 0};
    if (text.size > 10) {
        front.size = 10;
        clock = base_slice(text.data + 11, text.size - 11);
    }
    if (!parse_parts(front, &year, &month, &day, &precision) || precision != MODEL_DAY ||
        (text.size > 10 && (text.data[10] != 'T' || !parse_clock(clock, &microsecond)))) {
        return fail(error, "time", text,
                    "is not of the form YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ (UTC, at most six "
                    "digits of fraction)");
    }
    const char *wrong = year < 1 ? "has the year 0" : wrong_day(year, month, day);
    if (wrong != NULL) {
        return fail(error, "time", text, wrong);
    }
    *time = model_day_of(year, month, day) * day_us + microsecond;
    return BASE_OK;
}

size_t model_time_text(model_time time, char text[MODEL_TIME_TEXT])
{
    if (time > MODEL_TIME_MAX) {
        time = MODEL_TIME_MAX;
    }
    unsigned year;
    unsigned month;
    unsigned day;
    model_day_split(model_time_day(time), &year, &month, &day);
    uint64_t rest = time % day_us;
    unsigned fraction = (unsigned)(rest % second_us);
    unsigned second = (unsigned)(rest / second_us);
    char full[96];
    int size = snprintf(full, sizeof full, "%04u-%02u-%02uT%02u:%02u:%02u", year, month, day,
                        second / 3600, second / 60 % 60, second % 60);
    if (fraction != 0) {
        size += snprintf(full + size, sizeof full - (size_t)size, ".%06u", fraction);
    }
    memcpy(text, full, (size_t)size);
    memcpy(text + size, "Z", 2);
    return (size_t)size + 1;
}

model_time model_time_of_unix(int64_t microseconds)
{
    const int64_t start = (int64_t)(days_to_unix * day_us);
    if (microseconds < -start) {
        return 0;
    }
    if (microseconds > (int64_t)MODEL_TIME_MAX - start) {
        return MODEL_TIME_MAX;
    }
    return (model_time)(microseconds + start);
}

uint32_t model_time_day(model_time time)
{
    return (uint32_t)((time > MODEL_TIME_MAX ? MODEL_TIME_MAX : time) / day_us);
}
