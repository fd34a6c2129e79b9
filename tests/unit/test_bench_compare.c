/* Intervals of ratios, and what is taken for a regression. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bench/compare.h"
#include "bench/random.h"

static void the_interval_holds_the_ratio(void **state)
{
    (void)state;
    enum { COUNT = 60 };
    double before[COUNT];
    double after[COUNT];
    uint64_t random = 2;
    unsigned held = 0;
    for (unsigned round = 0; round < 40; round++) {
        struct bench_interval interval;
        for (size_t i = 0; i < COUNT; i++) {
            before[i] = 100 + 20 * bench_random_unit(&random);
            after[i] = 1.1 * (100 + 20 * bench_random_unit(&random));
        }
        bench_ratio_interval(before, COUNT, after, COUNT, &interval);
        assert_true(interval.low <= interval.ratio && interval.ratio <= interval.high);
        assert_true(interval.high - interval.low < 0.12);
        held += interval.low <= 1.1 && 1.1 <= interval.high;
    }
    assert_in_range(held, 34, 40);
    struct bench_interval one;
    struct bench_interval two;
    bench_ratio_interval(before, COUNT, after, COUNT, &one);
    bench_ratio_interval(before, COUNT, after, COUNT, &two);
    assert_memory_equal(&one, &two, sizeof one);
}

/* A result with so many seconds of about that rate and p99, noise included. */
static void put_seconds(struct base_buffer *out, int seconds, double rate, double p99,
                        const char *more)
{
    uint64_t random = (uint64_t)(rate + p99);
    base_buffer_append_format(out,
                              "{\"schema\":\"hirsch-bench/1\"%s,\"result\":{\"failedShare\":0,"
                              "\"scheduled\":1000},\"steps\":[{\"targetRate\":null,\"runs\":["
                              "{\"series\":[{\"second\":0,\"warmup\":true,\"answered\":1,"
                              "\"intendedP50Us\":9e9,\"intendedP99Us\":9e9,\"actualP50Us\":9e9,"
                              "\"actualP99Us\":9e9}",
                              more);
    for (int i = 0; i < seconds; i++) {
        double noise = 0.98 + 0.04 * bench_random_unit(&random);
        base_buffer_append_format(out,
                                  ",{\"second\":%d,\"warmup\":false,\"answered\":%.0f,"
                                  "\"intendedP50Us\":%.1f,\"intendedP99Us\":%.1f,"
                                  "\"actualP50Us\":%.1f,\"actualP99Us\":%.1f}",
                                  i + 1, rate * noise, p99 * noise / 4, p99 * noise,
                                  p99 * noise / 4, p99 * noise);
    }
    base_buffer_append_text(out, "]}]}]}");
}

static void put_result(struct base_buffer *out, double rate, double p99, const char *more)
{
    put_seconds(out, 20, rate, p99, more);
}

static struct bench_comparison compare(double rate, double p99, const char *more, const char *said)
{
    struct base_buffer before = BASE_BUFFER_EMPTY;
    struct base_buffer after = BASE_BUFFER_EMPTY;
    struct base_buffer out = BASE_BUFFER_EMPTY;
    struct bench_comparison comparison;
    struct base_error error;
    put_result(&before, 10000, 800, "");
    put_result(&after, rate, p99, more);
    assert_int_equal(bench_compare(base_buffer_slice(&before), base_buffer_slice(&after), 0.05,
                                   &out, &comparison, &error),
                     BASE_OK);
    base_buffer_append_byte(&out, 0);
    if (strstr(out.data, said) == NULL) {
        fail_msg("no '%s' in\n%s", said, out.data);
    }
    base_buffer_fini(&before);
    base_buffer_fini(&after);
    base_buffer_fini(&out);
    return comparison;
}

static void regressions_are_found(void **state)
{
    (void)state;
    struct bench_comparison same = compare(10000, 801, "", "p99 from intended send");
    assert_false(same.regressed || same.improved || same.invalid);
    assert_true(compare(9000, 800, "", "REGRESSION").regressed);
    assert_true(compare(10000, 1000, "", "REGRESSION").regressed);
    struct bench_comparison small = compare(9800, 820, "", "rate");
    assert_false(small.regressed); /* within the tolerance */
    struct bench_comparison better = compare(12000, 500, "", "better");
    assert_true(better.improved && !better.regressed);
    assert_true(compare(10000, 800, ",\"valid\":false", "INVALID").invalid);
    compare(10000, 800, ",\"options\":{\"connections\":5}", "differs: options.connections");
}

/* Seconds in which nothing was answered are no seconds without a rate. */
static void a_server_that_stands_is_slower(void **state)
{
    (void)state;
    assert_true(compare(0, 800, "", "REGRESSION").regressed);
    struct bench_interval interval;
    const double none[] = {0, 0, 0};
    const double some[] = {1, 1, 1};
    bench_ratio_interval(none, 3, none, 3, &interval);
    assert_true(interval.ratio == 1 && interval.low == 1 && interval.high == 1);
    bench_ratio_interval(some, 3, none, 3, &interval);
    assert_true(interval.ratio == 0 && interval.high == 0);
}

static void knees_are_compared(void **state)
{
    (void)state;
    static const char knee[] = ",\"knee\":{\"rate\":%d}";
    static const struct {
        int after;
        bool regressed;
        bool improved;
    } cases[] = {{10000, false, false},
                 {9600, false, false},
                 {9400, true, false},
                 {0, true, false},
                 {10800, false, true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct base_buffer texts[2] = {BASE_BUFFER_EMPTY, BASE_BUFFER_EMPTY};
        struct base_buffer out = BASE_BUFFER_EMPTY;
        struct bench_comparison comparison;
        for (size_t k = 0; k < 2; k++) {
            char more[64];
            snprintf(more, sizeof more, knee, k == 0 ? 10000 : cases[i].after);
            put_seconds(&texts[k], 4, 500, 700, more);
        }
        assert_int_equal(bench_compare(base_buffer_slice(&texts[0]), base_buffer_slice(&texts[1]),
                                       0.01, &out, &comparison, NULL),
                         BASE_OK);
        assert_int_equal(comparison.regressed, cases[i].regressed);
        assert_int_equal(comparison.improved, cases[i].improved);
        base_buffer_fini(&texts[0]);
        base_buffer_fini(&texts[1]);
        base_buffer_fini(&out);
    }
}

static void what_differs_is_said(void **state)
{
    (void)state;
    compare(10000, 800, ",\"kind\":\"sweep\"", "differs: kind: , sweep");
    compare(10000, 800,
            ",\"options\":{\"workload\":[{\"weight\":80,\"label\":\"GetAuthor\",\"batch\":1,"
            "\"miss\":0.01,\"pageSize\":0,\"view\":\"full\",\"keys\":\"zipf:0.99\"}]}",
            "differs: options.workload:  | 80 GetAuthor miss=0.01 view=full keys=zipf:0.99\n");
    compare(10000, 800, ",\"environment\":{\"hirsch\":\"9\"}", "differs: environment.hirsch");
}

/* Without samples there is no verdict, least of all a good one. */
static void what_cannot_be_judged_is_refused(void **state)
{
    (void)state;
    static const char other_rate[] =
        "{\"schema\":\"hirsch-bench/1\",\"steps\":[{\"targetRate\":5,\"runs\":[]},"
        "{\"targetRate\":6,\"runs\":[]}]}";
    struct base_buffer right = BASE_BUFFER_EMPTY;
    struct base_buffer brief = BASE_BUFFER_EMPTY;
    struct base_buffer out = BASE_BUFFER_EMPTY;
    struct bench_comparison comparison;
    struct base_error error;
    put_result(&right, 10000, 800, "");
    put_seconds(&brief, 2, 100, 80000, "");
    const struct base_slice others[] = {base_buffer_slice(&brief), base_slice_text(other_rate)};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(
            bench_compare(base_buffer_slice(&right), others[i], 0.05, &out, &comparison, &error),
            BASE_INVALID_ARGUMENT);
        assert_non_null(strstr(error.text, "nothing can be compared"));
    }
    base_buffer_fini(&right);
    base_buffer_fini(&brief);
    base_buffer_fini(&out);
}

static void other_files_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "{", "[]", "{}", "{\"schema\":\"hirsch-bench/2\"}"};
    struct base_buffer right = BASE_BUFFER_EMPTY;
    struct base_buffer out = BASE_BUFFER_EMPTY;
    struct bench_comparison comparison;
    struct base_error error;
    put_result(&right, 1, 1, "");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(bench_compare(base_buffer_slice(&right), base_slice_text(wrong[i]), 0.05,
                                       &out, &comparison, &error),
                         BASE_INVALID_ARGUMENT);
        assert_non_null(strstr(error.text, "the second result"));
    }
    base_buffer_fini(&right);
    base_buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_interval_holds_the_ratio),
        cmocka_unit_test(regressions_are_found),
        cmocka_unit_test(a_server_that_stands_is_slower),
        cmocka_unit_test(knees_are_compared),
        cmocka_unit_test(what_differs_is_said),
        cmocka_unit_test(what_cannot_be_judged_is_refused),
        cmocka_unit_test(other_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
