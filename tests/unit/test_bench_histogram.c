/* The histogram against a sorted list, the key distributions, and the check of replies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bench/histogram.h"
#include "bench/keys.h"
#include "bench/random.h"

static void empty_histogram_says_zero(void **state)
{
    (void)state;
    static struct bench_histogram histogram;
    bench_histogram_init(&histogram);
    assert_int_equal(bench_histogram_at(&histogram, 0.5), 0);
    assert_true(bench_histogram_mean(&histogram) == 0.0);
}

static void small_values_are_exact(void **state)
{
    (void)state;
    static struct bench_histogram histogram;
    bench_histogram_init(&histogram);
    for (uint64_t value = 1; value <= 100; value++) {
        bench_histogram_record(&histogram, value);
    }
    assert_int_equal(bench_histogram_at(&histogram, 0.0), 1);
    assert_int_equal(bench_histogram_at(&histogram, 0.5), 50);
    assert_int_equal(bench_histogram_at(&histogram, 0.99), 99);
    assert_int_equal(bench_histogram_at(&histogram, 1.0), 100);
    assert_true(bench_histogram_mean(&histogram) == 50.5);
}

static int by_value(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

/* Every percentile is at least the true one and at most 1/1024 above it. */
static void percentiles_follow_a_sorted_list(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    static uint64_t values[COUNT];
    static struct bench_histogram histogram;
    bench_histogram_init(&histogram);
    uint64_t random = 7;
    for (size_t i = 0; i < COUNT; i++) {
        values[i] = (bench_random(&random) >> 32) << (i % 5) >> (i % 25);
        bench_histogram_record(&histogram, values[i]);
    }
    qsort(values, COUNT, sizeof values[0], by_value);
    for (size_t i = 1; i <= COUNT; i += 37) {
        uint64_t truth = values[i - 1];
        uint64_t got = bench_histogram_at(&histogram, ((double)i - 0.5) / COUNT);
        assert_true(got >= truth);
        assert_true(got <= truth + truth / 1024);
    }
    assert_int_equal(histogram.maximum, values[COUNT - 1]);
    assert_int_equal(histogram.minimum, values[0]);
}

static void huge_values_fall_into_the_last_bucket(void **state)
{
    (void)state;
    static struct bench_histogram histogram;
    bench_histogram_init(&histogram);
    bench_histogram_record(&histogram, UINT64_MAX);
    bench_histogram_record(&histogram, (UINT64_C(1) << 38) - 1);
    assert_int_equal(bench_histogram_at(&histogram, 1.0), UINT64_MAX);
    assert_int_equal(histogram.buckets[BENCH_HISTOGRAM_BUCKETS - 1], 2);
    bench_histogram_record(&histogram, UINT64_C(1) << 36);
    assert_int_equal(histogram.buckets[BENCH_HISTOGRAM_BUCKETS - 1], 2);
}

static void merging_adds_up(void **state)
{
    (void)state;
    static struct bench_histogram one;
    static struct bench_histogram two;
    static struct bench_histogram all;
    bench_histogram_init(&one);
    bench_histogram_init(&two);
    bench_histogram_init(&all);
    for (uint64_t value = 3; value < 100000000; value = value * 3 / 2) {
        bench_histogram_record(value % 2 == 0 ? &one : &two, value);
        bench_histogram_record(&all, value);
    }
    bench_histogram_merge(&one, &two);
    assert_memory_equal(&one, &all, sizeof all);
}

static void zipf_prefers_the_first_keys(void **state)
{
    (void)state;
    enum { COUNT = 1000, DRAWS = 200000 };
    static uint32_t drawn[COUNT];
    struct bench_keys keys;
    const struct bench_spread_options zipf = {.spread = BENCH_ZIPF, .theta = 0.99};
    uint64_t random = 1;
    bench_keys_init(&keys, &zipf, COUNT);
    for (size_t i = 0; i < DRAWS; i++) {
        uint32_t key = bench_keys_next(&keys, &random);
        assert_true(key < COUNT);
        drawn[key]++;
    }
    /* 1/zeta(1000, 0.99) = 0.1296 of all draws for the first key, half as many for the second. */
    assert_in_range(drawn[0], 24500, 27500);
    assert_in_range(drawn[1], 12000, 14200);
    bench_keys_init(&keys, &zipf, 1);
    assert_int_equal(bench_keys_next(&keys, &random), 0);
}

static void uniform_reaches_every_key(void **state)
{
    (void)state;
    enum { COUNT = 100, DRAWS = 100000 };
    uint32_t drawn[COUNT] = {0};
    struct bench_keys keys;
    const struct bench_spread_options uniform = {.spread = BENCH_UNIFORM};
    uint64_t random = 3;
    bench_keys_init(&keys, &uniform, COUNT);
    for (size_t i = 0; i < DRAWS; i++) {
        drawn[bench_keys_next(&keys, &random)]++;
    }
    for (size_t i = 0; i < COUNT; i++) {
        assert_in_range(drawn[i], 800, 1200);
    }
}

static void latest_prefers_the_last_keys(void **state)
{
    (void)state;
    enum { COUNT = 1000, DRAWS = 100000 };
    static uint32_t drawn[COUNT];
    struct bench_keys keys;
    struct bench_spread_options latest;
    uint64_t random = 5;
    assert_int_equal(bench_spread_parse("latest", &latest, NULL), BASE_OK);
    bench_keys_init(&keys, &latest, COUNT);
    for (size_t i = 0; i < DRAWS; i++) {
        drawn[bench_keys_next(&keys, &random)]++;
    }
    assert_in_range(drawn[COUNT - 1], 12200, 13700);
    assert_in_range(drawn[COUNT - 2], 5900, 7200);
}

static void hotspot_takes_its_share(void **state)
{
    (void)state;
    enum { COUNT = 500, DRAWS = 100000 };
    struct bench_keys keys;
    struct bench_spread_options hotspot;
    uint64_t random = 9;
    uint32_t hot = 0;
    assert_int_equal(bench_spread_parse("hotspot:10%/90%", &hotspot, NULL), BASE_OK);
    bench_keys_init(&keys, &hotspot, COUNT);
    for (size_t i = 0; i < DRAWS; i++) {
        uint32_t key = bench_keys_next(&keys, &random);
        assert_true(key < COUNT);
        hot += key < COUNT / 10;
    }
    assert_in_range(hot, 89300, 90700);
}

static void spreads_are_parsed_whole(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "zipf:",
                                        "zipf:0",
                                        "zipf:11",
                                        "zipf:x",
                                        "hotspot:20%",
                                        "hotspot:/1%",
                                        "uniform:1",
                                        "hotspot:200%/1%",
                                        "hotspot:0%/50%",
                                        "Zipf"};
    struct bench_spread_options options;
    struct base_error error;
    char name[40];
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(bench_spread_parse(wrong[i], &options, &error), BASE_INVALID_ARGUMENT);
    }
    assert_int_equal(bench_spread_parse("zipf:1.5", &options, &error), BASE_OK);
    bench_spread_name(&options, name, sizeof name);
    assert_string_equal(name, "zipf:1.5");
}

/* The share of rank 1 is 1 / zeta(count, theta), also at 1 and above it. */
static void zipf_has_any_exponent(void **state)
{
    (void)state;
    enum { COUNT = 1000, DRAWS = 100000 };
    static const struct {
        double theta;
        double first;
    } cases[] = {{0.5, 1 / 61.801}, {1.0, 1 / 7.48547}, {2.0, 1 / 1.643935}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench_keys keys;
        const struct bench_spread_options zipf = {.spread = BENCH_ZIPF, .theta = cases[i].theta};
        uint64_t random = 3;
        double first = 0;
        bench_keys_init(&keys, &zipf, COUNT);
        for (size_t k = 0; k < DRAWS; k++) {
            first += bench_keys_next(&keys, &random) == 0;
        }
        assert_true(first / DRAWS > cases[i].first * 0.93);
        assert_true(first / DRAWS < cases[i].first * 1.07);
    }
}

static void coarse_follows_the_fine_one(void **state)
{
    (void)state;
    static struct bench_histogram fine;
    static struct bench_coarse coarse;
    static struct bench_coarse sum;
    uint64_t random = 11;
    bench_histogram_init(&fine);
    for (size_t i = 0; i < 20000; i++) {
        uint64_t value = 1000 + bench_random(&random) % 5000000;
        bench_histogram_record(&fine, value);
        bench_coarse_record(&coarse, value);
    }
    bench_coarse_merge(&sum, &coarse);
    assert_memory_equal(&sum, &coarse, sizeof sum);
    for (double share = 0.1; share < 1; share += 0.1) {
        double expected = (double)bench_histogram_at(&fine, share);
        double got = (double)bench_coarse_at(&coarse, share);
        assert_true(got > expected * 0.96 && got < expected * 1.04);
    }
    bench_coarse_record(&coarse, UINT64_MAX);
    assert_int_equal(coarse.buckets[BENCH_COARSE_BUCKETS - 1], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_histogram_says_zero),
        cmocka_unit_test(small_values_are_exact),
        cmocka_unit_test(percentiles_follow_a_sorted_list),
        cmocka_unit_test(huge_values_fall_into_the_last_bucket),
        cmocka_unit_test(merging_adds_up),
        cmocka_unit_test(zipf_prefers_the_first_keys),
        cmocka_unit_test(uniform_reaches_every_key),
        cmocka_unit_test(zipf_has_any_exponent),
        cmocka_unit_test(latest_prefers_the_last_keys),
        cmocka_unit_test(hotspot_takes_its_share),
        cmocka_unit_test(spreads_are_parsed_whole),
        cmocka_unit_test(coarse_follows_the_fine_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
