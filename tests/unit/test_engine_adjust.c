/* A histogram of citation counts that is shifted paper by paper, against one that is made anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "engine/adjust.h"

static uint64_t seed = 20261126;

static uint32_t random_below(uint32_t limit)
{
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(seed >> 33) % limit;
}

static void shifted_runs(void **state)
{
    enum { PAPERS = 60, MOST = 12 };
    uint32_t counts[PAPERS] = {0};
    struct engine_run runs[PAPERS + 1] = {{0, PAPERS}};
    size_t run_count = 1;
    (void)state;
    for (int round = 0; round < 5000; round++) {
        uint32_t paper = random_below(PAPERS);
        struct engine_shift shift = {counts[paper], random_below(MOST)};
        uint32_t sorted[PAPERS];
        struct engine_run expected[PAPERS];
        assert_true(engine_shift_runs(runs, &run_count, shift));
        counts[paper] = shift.after;
        memcpy(sorted, counts, sizeof sorted);
        size_t expected_count = engine_runs_of_counts(sorted, PAPERS, expected);
        assert_int_equal(run_count, expected_count);
        assert_memory_equal(runs, expected, run_count * sizeof *runs);
    }
    assert_false(engine_shift_runs(runs, &run_count, (struct engine_shift){MOST, 1}));
}

static void papers_that_come_and_go(void **state)
{
    enum { PAPERS = 60, MOST = 12 };
    uint32_t counts[PAPERS];
    struct engine_run runs[PAPERS + 1];
    size_t count = 0;
    size_t run_count = 0;
    (void)state;
    for (int round = 0; round < 5000; round++) {
        uint32_t sorted[PAPERS];
        struct engine_run expected[PAPERS];
        if (count == 0 || (count < PAPERS && random_below(2) == 0)) {
            counts[count] = random_below(MOST);
            engine_add_paper(runs, &run_count, counts[count]);
            count++;
        } else {
            uint32_t gone = random_below((uint32_t)count);
            assert_true(engine_take_paper(runs, &run_count, counts[gone]));
            counts[gone] = counts[--count];
        }
        memcpy(sorted, counts, count * sizeof *sorted);
        assert_int_equal(run_count, engine_runs_of_counts(sorted, count, expected));
        assert_memory_equal(runs, expected, run_count * sizeof *runs);
    }
    assert_false(engine_take_paper(runs, &run_count, MOST));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shifted_runs),
                                       cmocka_unit_test(papers_that_come_and_go)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
