/* Dates and times: the calendar day by day, precision kept, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/date.h"

static void every_day_of_the_calendar(void **state)
{
    (void)state;
    static const unsigned lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint32_t day = 0;
    for (unsigned year = 1; year <= 9999; year++) {
        bool leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
        for (unsigned month = 1; month <= 12; month++) {
            unsigned length = lengths[month - 1] + (leap && month == 2 ? 1 : 0);
            for (unsigned dom = 1; dom <= length; dom++, day++) {
                unsigned y;
                unsigned m;
                unsigned d;
                model_day_split(day, &y, &m, &d);
                if (y != year || m != month || d != dom || model_day_of(year, month, dom) != day ||
                    model_day_year(day) != year) {
                    fail_msg("day %u is %04u-%02u-%02u, not %04u-%02u-%02u", day, year, month, dom,
                             y, m, d);
                }
            }
        }
    }
    assert_int_equal(day, 3652059);
    assert_int_equal(model_day_of(1970, 1, 1), 719162);
    assert_int_equal(model_day_of(2000, 2, 29), 730178);
}

static void dates_keep_their_precision(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned year;
        unsigned month;
        unsigned day;
        enum model_precision precision;
    } rows[] = {
        {"2025", 2025, 1, 1, MODEL_YEAR},        {"2001-02", 2001, 2, 1, MODEL_MONTH},
        {"2025-07-17", 2025, 7, 17, MODEL_DAY},  {"2024-02-29", 2024, 2, 29, MODEL_DAY},
        {"2000-02-29", 2000, 2, 29, MODEL_DAY},  {"1400", 1400, 1, 1, MODEL_YEAR},
        {"2200-12-31", 2200, 12, 31, MODEL_DAY}, {"2025-01", 2025, 1, 1, MODEL_MONTH},
        {"2025-01-01", 2025, 1, 1, MODEL_DAY},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct model_date date;
        struct base_error error;
        assert_int_equal(model_date_parse(base_slice_text(rows[i].text), &date, &error), BASE_OK);
        assert_int_equal(date.precision, rows[i].precision);
        assert_int_equal(date.day, model_day_of(rows[i].year, rows[i].month, rows[i].day));
        char text[MODEL_DATE_TEXT];
        assert_int_equal(model_date_text(date, text), strlen(rows[i].text));
        assert_string_equal(text, rows[i].text);
    }
    char text[MODEL_DATE_TEXT] = "x";
    assert_int_equal(model_date_text(MODEL_UNDATED, text), 0);
    assert_string_equal(text, "");
    assert_true(MODEL_UNDATED.day > model_day_of(2200, 12, 31));
}

static void wrong_dates(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "1399",
        "2201",
        "20255",
        "025",
        "2025-",
        "2025-1",
        "2025-13",
        "2025-00",
        "2025-01-00",
        "2025-01-32",
        "2025-02-29",
        "1900-02-29",
        "2025-04-31",
        "2025-1-1",
        "2025/01/01",
        "2025-01-01T00:00:00Z",
        " 2025",
        "2025 ",
        "-2025",
        "+2025",
        "2025-01-011",
        "0000",
        "20250101",
        "2025-0a",
        "1399-12-31",
        "2201-01-01",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct model_date date = {7, 7};
        struct base_error error = {0};
        if (model_date_parse(base_slice_text(rows[i]), &date, &error) != BASE_INVALID_ARGUMENT) {
            fail_msg("\"%s\" was taken", rows[i]);
        }
        assert_int_equal(error.code, BASE_INVALID_ARGUMENT);
        assert_int_equal(date.day, 7);
    }
    struct model_date date;
    struct base_error error;
    model_date_parse(BASE_SLICE("20255-01-01"), &date, &error);
    assert_string_equal(error.text, "year 20255 is out of range 1400 to 2200");
    model_date_parse(BASE_SLICE("1066"), &date, &error);
    assert_string_equal(error.text, "year 1066 is out of range 1400 to 2200");
    model_date_parse(BASE_SLICE("2025-02-30"), &date, &error);
    assert_string_equal(error.text, "date \"2025-02-30\" is a day that does not exist");
}

static model_time time_of(const char *text)
{
    model_time time;
    struct base_error error;
    assert_int_equal(model_time_parse(base_slice_text(text), &time, &error), BASE_OK);
    return time;
}

static void times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *written;
    } rows[] = {
        {"0001-01-01", "0001-01-01T00:00:00Z"},
        {"2026-01-31", "2026-01-31T00:00:00Z"},
        {"2026-01-31T00:00:00Z", "2026-01-31T00:00:00Z"},
        {"2025-06-11T00:03:37.532706", "2025-06-11T00:03:37.532706Z"},
        {"2025-06-11T00:03:37.5Z", "2025-06-11T00:03:37.500000Z"},
        {"2025-06-11T23:59:59.000001Z", "2025-06-11T23:59:59.000001Z"},
        {"2025-06-11T23:59:59.0", "2025-06-11T23:59:59Z"},
        {"9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        model_time time = time_of(rows[i].text);
        char text[MODEL_TIME_TEXT];
        assert_int_equal(model_time_text(time, text), strlen(rows[i].written));
        assert_string_equal(text, rows[i].written);
        assert_true(time_of(text) == time);
    }
    assert_true(time_of("0001-01-01") == 0);
    assert_true(time_of("9999-12-31T23:59:59.999999Z") == MODEL_TIME_MAX);
    assert_true(time_of("2025-06-11T00:00:00.000001Z") > time_of("2025-06-11"));
    assert_int_equal(model_time_day(time_of("2025-06-11T23:59:59Z")), model_day_of(2025, 6, 11));
}

static void wrong_times(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "2025",
        "2025-06",
        "0000-01-01",
        "2025-02-29",
        "2025-06-11T",
        "2025-06-11T00:03",
        "2025-06-11 00:03:37",
        "2025-06-11t00:03:37",
        "2025-06-11T24:00:00",
        "2025-06-11T00:60:00",
        "2025-06-11T00:00:60",
        "2025-06-11T00:03:37.",
        "2025-06-11T00:03:37.Z",
        "2025-06-11T00:03:37.1234567",
        "2025-06-11T00:03:37+00:00",
        "2025-06-11T00:03:37ZZ",
        "2025-06-11Z",
        "10000-01-01",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        model_time time = 7;
        struct base_error error;
        if (model_time_parse(base_slice_text(rows[i]), &time, &error) != BASE_INVALID_ARGUMENT) {
            fail_msg("\"%s\" was taken", rows[i]);
        }
        assert_true(time == 7);
    }
}

static void unix_times(void **state)
{
    (void)state;
    assert_true(model_time_of_unix(0) == time_of("1970-01-01"));
    assert_true(model_time_of_unix(1) == time_of("1970-01-01T00:00:00.000001Z"));
    assert_true(model_time_of_unix(-1) == time_of("1969-12-31T23:59:59.999999Z"));
    assert_true(model_time_of_unix(INT64_C(1749600217532706)) ==
                time_of("2025-06-11T00:03:37.532706Z"));
    /* What lies outside the calendar is held at its ends. */
    assert_true(model_time_of_unix(INT64_MIN) == 0);
    assert_true(model_time_of_unix(INT64_MAX) == MODEL_TIME_MAX);
    char text[MODEL_TIME_TEXT];
    model_time_text(UINT64_MAX, text);
    assert_string_equal(text, "9999-12-31T23:59:59.999999Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_of_the_calendar),
        cmocka_unit_test(dates_keep_their_precision),
        cmocka_unit_test(wrong_dates),
        cmocka_unit_test(times),
        cmocka_unit_test(wrong_times),
        cmocka_unit_test(unix_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
