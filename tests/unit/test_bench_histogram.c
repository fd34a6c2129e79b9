/* The histogram against a sorted list, the key distributions, and the check of replies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bench/frame.h"
#include "bench/histogram.h"
#include "bench/keys.h"

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

/* Every percentile is at least the true one and at most 1/128 above it. */
static void percentiles_follow_a_sorted_list(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    static uint64_t values[COUNT];
    static struct bench_histogram histogram;
    bench_histogram_init(&histogram);
    struct bench_keys keys;
    bench_keys_init(&keys, BENCH_UNIFORM, UINT32_MAX, 7);
    for (size_t i = 0; i < COUNT; i++) {
        values[i] = (uint64_t)bench_keys_next(&keys) << (i % 10) >> (i % 25);
        bench_histogram_record(&histogram, values[i]);
    }
    qsort(values, COUNT, sizeof values[0], by_value);
    for (size_t i = 1; i <= COUNT; i += 37) {
        uint64_t truth = values[i - 1];
        uint64_t got = bench_histogram_at(&histogram, ((double)i - 0.5) / COUNT);
        assert_true(got >= truth);
        assert_true(got <= truth + truth / 128);
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
    bench_histogram_record(&histogram, (UINT64_C(1) << 42) - 1);
    assert_int_equal(bench_histogram_at(&histogram, 1.0), UINT64_MAX);
    assert_int_equal(histogram.buckets[BENCH_HISTOGRAM_BUCKETS - 1], 2);
    bench_histogram_record(&histogram, UINT64_C(1) << 41);
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
    bench_keys_init(&keys, BENCH_ZIPF, COUNT, 1);
    for (size_t i = 0; i < DRAWS; i++) {
        uint32_t key = bench_keys_next(&keys);
        assert_true(key < COUNT);
        drawn[key]++;
    }
    /* 1/zeta(1000, 0.99) = 0.1296 of all draws for the first key, half as many for the second. */
    assert_in_range(drawn[0], 24500, 27500);
    assert_in_range(drawn[1], 12000, 14200);
    bench_keys_init(&keys, BENCH_ZIPF, 1, 1);
    assert_int_equal(bench_keys_next(&keys), 0);
}

static void uniform_reaches_every_key(void **state)
{
    (void)state;
    enum { COUNT = 100, DRAWS = 100000 };
    uint32_t drawn[COUNT] = {0};
    struct bench_keys keys;
    bench_keys_init(&keys, BENCH_UNIFORM, COUNT, 3);
    for (size_t i = 0; i < DRAWS; i++) {
        drawn[bench_keys_next(&keys)]++;
    }
    for (size_t i = 0; i < COUNT; i++) {
        assert_in_range(drawn[i], 800, 1200);
    }
}

static void frames_are_taken_as_they_were_written(void **state)
{
    (void)state;
    for (int ipc = 0; ipc < 2; ipc++) {
        struct base_buffer bytes = BASE_BUFFER_EMPTY;
        bench_frame_append(&bytes, ipc, BASE_SLICE("first"));
        bench_frame_append(&bytes, ipc, BASE_SLICE(""));
        uint32_t id;
        struct base_slice body;
        for (size_t cut = 0; cut < bytes.size; cut++) {
            struct base_slice part = base_slice(bytes.data, cut);
            int taken = 0;
            while (bench_frame_take(&part, ipc, 100, &id, &body) > 0) {
                taken++;
            }
            assert_true(taken == 0 || taken == 1);
        }
        struct base_slice all = base_buffer_slice(&bytes);
        assert_int_equal(bench_frame_take(&all, ipc, 100, &id, &body), 1);
        assert_int_equal(id, 0x80000000u);
        assert_true(base_slice_equal(body, BASE_SLICE("first")));
        assert_int_equal(bench_frame_take(&all, ipc, 100, &id, &body), 1);
        assert_int_equal(body.size, 0);
        assert_int_equal(all.size, 0);
        all = base_buffer_slice(&bytes);
        assert_int_equal(bench_frame_take(&all, ipc, 8, &id, &body), -1);
        base_buffer_fini(&bytes);
    }
}

static void replies_are_checked(void **state)
{
    (void)state;
    const struct base_slice id = BASE_SLICE("local:x");
    /* Response{payload: GetAuthorResponse{author: Author{id}}} */
    assert_true(bench_reply_names(BASE_SLICE("\x2a\x0b\x0a\x09\x0a\x07local:x"), id));
    assert_true(bench_reply_names(BASE_SLICE("\x08\x00\x2a\x0b\x0a\x09\x0a\x07local:x"), id));
    assert_false(bench_reply_names(BASE_SLICE("\x08\x05\x2a\x0b\x0a\x09\x0a\x07local:x"), id));
    assert_false(bench_reply_names(BASE_SLICE("\x2a\x0b\x0a\x09\x0a\x07local:y"), id));
    assert_false(bench_reply_names(BASE_SLICE("\x2a\x0b\x0a\x09\x0a\x07local:"), id));
    assert_false(bench_reply_names(BASE_SLICE("\x08\x05\x12\x01x"), id));
    assert_false(bench_reply_names(BASE_SLICE(""), id));
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
        cmocka_unit_test(frames_are_taken_as_they_were_written),
        cmocka_unit_test(replies_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
