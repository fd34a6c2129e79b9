/* Indicators on worked examples and against slow definitions on random sets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine/indicators.h"

enum { MOST = 64 };

static struct engine_indicators of_counts(const uint32_t *counts, size_t count)
{
    uint32_t sorted[MOST];
    struct engine_run runs[MOST];
    struct engine_indicators result;
    for (size_t i = 0; i < count; i++) {
        sorted[i] = counts[i];
    }
    engine_indicators(runs, engine_runs_of_counts(sorted, count, runs), &result);
    return result;
}

#define INDICATORS(...)                                                                            \
    of_counts((const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

static void test_worked_examples(void **state)
{
    (void)state;
    struct engine_indicators none = of_counts(NULL, 0);
    assert_int_equal(none.paper_count, 0);
    assert_int_equal(none.h_index, 0);
    assert_int_equal(none.g_index, 0);
    /* metrics, section 2: uncited papers count towards N. */
    struct engine_indicators egghe = INDICATORS(50, 18, 11, 7, 4, 3, 0, 0);
    assert_int_equal(egghe.h_index, 4);
    assert_int_equal(egghe.g_index, 8);
    assert_int_equal(egghe.i10_index, 3);
    assert_int_equal(egghe.citation_count, 93);
    assert_int_equal(INDICATORS(0, 0, 0).h_index, 0);
    assert_int_equal(INDICATORS(0, 0, 0).g_index, 0);
    assert_int_equal(INDICATORS(1).h_index, 1);
    assert_int_equal(INDICATORS(100).g_index, 1);
    assert_int_equal(INDICATORS(100).i100_index, 1);
    assert_int_equal(INDICATORS(99).i100_index, 0);
    assert_int_equal(INDICATORS(3, 3, 3).h_index, 3);
    assert_int_equal(INDICATORS(3, 3, 3, 3).h_index, 3);
    assert_int_equal(INDICATORS(4, 4, 4, 4).h_index, 4);
}

static uint32_t random_next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(*seed >> 33);
}

/* The definitions as they are written, over a list sorted by hand. */
static void slow(const uint32_t *counts, size_t count, uint32_t *h, uint32_t *g)
{
    uint32_t sorted[MOST];
    for (size_t i = 0; i < count; i++) {
        sorted[i] = counts[i];
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = i + 1; k < count; k++) {
            if (sorted[k] > sorted[i]) {
                uint32_t held = sorted[i];
                sorted[i] = sorted[k];
                sorted[k] = held;
            }
        }
    }
    *h = 0;
    *g = 0;
    uint64_t sum = 0;
    for (uint32_t i = 1; i <= count; i++) {
        sum += sorted[i - 1];
        *h = sorted[i - 1] >= i ? i : *h;
        *g = sum >= (uint64_t)i * i ? i : *g;
    }
}

static void test_random_sets(void **state)
{
    (void)state;
    uint64_t seed = 20261122;
    for (int round = 0; round < 20000; round++) {
        uint32_t counts[MOST];
        size_t count = random_next(&seed) % (MOST - 1);
        uint32_t range = 1 + random_next(&seed) % 200;
        uint64_t total = 0;
        for (size_t i = 0; i < count; i++) {
            counts[i] = random_next(&seed) % range;
            total += counts[i];
        }
        struct engine_indicators result = of_counts(counts, count);
        uint32_t h;
        uint32_t g;
        slow(counts, count, &h, &g);
        assert_int_equal(result.h_index, h);
        assert_int_equal(result.g_index, g);
        assert_int_equal(result.citation_count, total);
        assert_int_equal(result.paper_count, count);
        /* metrics, section 2: invariants. */
        assert_true(result.h_index <= result.g_index && result.g_index <= count);
        assert_true((uint64_t)result.h_index * result.h_index <= total);
        assert_true((uint64_t)result.g_index * result.g_index <= total);
        assert_true((uint64_t)result.i10_index * 10 <= total);
        assert_true(result.i100_index <= result.i10_index);
        /* One more citation raises h and g by 0 or 1. */
        if (count > 0) {
            counts[random_next(&seed) % count]++;
            struct engine_indicators more = of_counts(counts, count);
            assert_true(more.h_index - result.h_index <= 1);
            assert_true(more.g_index - result.g_index <= 1);
        }
    }
}

static void test_m_quotient(void **state)
{
    (void)state;
    assert_true(engine_m_quotient(27, 2000, 2026) == 1.0);
    assert_true(engine_m_quotient(4, 2022, 2022) == 4.0);
    /* A coverage end before the first paper: at least one year. */
    assert_true(engine_m_quotient(4, 2022, 2020) == 4.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worked_examples),
        cmocka_unit_test(test_random_sets),
        cmocka_unit_test(test_m_quotient),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
