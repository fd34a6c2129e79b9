/* Recounts over a graph in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "engine/recount.h"

#define NO_DAY ENGINE_NO_DAY

/* Days are years here: the engine asks the caller for the calendar. */
static unsigned year_of(uint32_t day)
{
    return day;
}

/* Author 1 wrote papers 1 and 2; paper 3 is a stranger's. 2 and 3 cite 1; 3 cites 2; an undated 4
 * cites 2. */
static const struct engine_authored papers_of_1[] = {
    {.day = 2003, .paper = 2, .position = 1, .author_count = 1},
    {.day = 2001, .paper = 1, .position = 1, .author_count = 1},
};
static const struct engine_citer citers_of_1[] = {
    {.day = 2003, .paper = 2, .flags = ENGINE_EDGE_SHARES_AUTHOR},
    {.day = 2005, .paper = 3},
};
static const struct engine_citer citers_of_2[] = {
    {.day = 1999, .paper = 3},
    {.day = NO_DAY, .paper = 4},
};

static void papers(void *context, uint32_t author, const struct engine_authored **list,
                   size_t *count)
{
    (void)context;
    *list = papers_of_1;
    *count = author == 1 ? 2 : 0;
}

static void citers(void *context, uint32_t paper, const struct engine_citer **list, size_t *count)
{
    (void)context;
    *list = paper == 1 ? citers_of_1 : citers_of_2;
    *count = paper <= 2 ? 2 : 0;
}

static const struct engine_graph graph = {NULL, 5, papers, citers};

static void test_author(void **state)
{
    (void)state;
    uint32_t marks[12] = {0};
    assert_int_equal(engine_counter_marks(5), 12);
    struct engine_counter *counter = engine_counter_new(5, marks);
    struct engine_author_numbers numbers;
    assert_non_null(counter);
    /* Twice: marks of the first run do not leak into the second. */
    for (int round = 0; round < 2; round++) {
        assert_true(engine_recount_author(counter, &graph, 1, true, year_of, &numbers));
        assert_int_equal(numbers.indicators.paper_count, 2);
        assert_int_equal(numbers.citation_count, 4);
        assert_int_equal(numbers.citing_paper_count, 3);
        assert_int_equal(numbers.self_citation_count, 1);
        assert_int_equal(numbers.indicators.h_index, 2);
        assert_int_equal(numbers.first_year, 2001);
        assert_int_equal(numbers.last_year, 2003);
        /* A citation before publication opens the series; the undated one is in no year. */
        assert_int_equal(numbers.series.first_year, 1999);
        assert_int_equal(numbers.series.count, 7);
        static const struct engine_year expected[] = {{0, 1}, {0, 0}, {1, 0}, {0, 0},
                                                      {1, 1}, {0, 0}, {0, 1}};
        for (size_t i = 0; i < 7; i++) {
            assert_int_equal(numbers.series.years[i].paper_count, expected[i].paper_count);
            assert_int_equal(numbers.series.years[i].citation_count, expected[i].citation_count);
        }
    }
    assert_true(engine_recount_author(counter, &graph, 1, false, year_of, &numbers));
    assert_int_equal(numbers.self_citation_count, 0);
    assert_true(engine_recount_author(counter, &graph, 7, true, year_of, &numbers));
    assert_int_equal(numbers.indicators.paper_count, 0);
    assert_int_equal(numbers.series.count, 0);
    assert_int_equal(numbers.first_year, 0);
    engine_counter_free(counter);
}

static void test_paper(void **state)
{
    (void)state;
    uint32_t marks[12] = {0};
    assert_int_equal(engine_counter_marks(5), 12);
    struct engine_counter *counter = engine_counter_new(5, marks);
    struct engine_paper_numbers numbers;
    assert_non_null(counter);
    engine_recount_paper(counter, citers_of_1, 2, 2001, year_of, &numbers);
    assert_int_equal(numbers.citation_count, 2);
    assert_int_equal(numbers.self_citation_count, 1);
    assert_int_equal(numbers.series.first_year, 2001);
    assert_int_equal(numbers.series.count, 5);
    engine_recount_paper(counter, citers_of_2, 2, 2003, year_of, &numbers);
    assert_int_equal(numbers.series.first_year, 1999);
    assert_int_equal(numbers.series.count, 1);
    /* Undated citations alone give no series, whatever the paper's own day. */
    engine_recount_paper(counter, citers_of_2 + 1, 1, 2003, year_of, &numbers);
    assert_int_equal(numbers.citation_count, 1);
    assert_int_equal(numbers.series.count, 0);
    engine_recount_paper(counter, NULL, 0, 2003, year_of, &numbers);
    assert_int_equal(numbers.citation_count, 0);
    assert_int_equal(numbers.series.count, 0);
    engine_counter_free(counter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_author),
        cmocka_unit_test(test_paper),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
