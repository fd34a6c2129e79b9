/* What the engine does when it is told to stop, cannot read, or is asked for nonsense; steps in the
 * calendar. The numbers themselves are compared with an oracle elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "engine/calendar.h"
#include "engine/explain.h"
#include "engine/paper.h"
#include "engine/timeline.h"
#include "support/engine_memory.h"

enum { PAPERS = 400, AUTHOR = 1 };

struct fixture {
    struct memory_graph graph;
    struct engine_paper papers[PAPERS];
    struct engine_set set;
    struct engine_scope scope;
    struct engine_work *work;
    unsigned asked;      /* how often stop was asked */
    unsigned stop_at;    /* 0: never */
    uint32_t unreadable; /* paper whose citers cannot be read; 0: none */
};

static bool stop(void *context)
{
    struct fixture *fixture = context;
    fixture->asked++;
    return fixture->stop_at != 0 && fixture->asked >= fixture->stop_at;
}

static enum base_code citers(void *context, uint32_t paper, const struct engine_citer **list,
                             size_t *count, struct base_error *error)
{
    struct fixture *fixture = context;
    if (paper == fixture->unreadable) {
        return base_fail(error, BASE_DATA_LOSS, "paper %u is damaged", paper);
    }
    return memory_citers(&fixture->graph, paper, list, count, error);
}

static enum base_code references(void *context, uint32_t paper, const uint32_t **list,
                                 size_t *count, struct base_error *error)
{
    struct fixture *fixture = context;
    return memory_references(&fixture->graph, paper, list, count, error);
}

/* Paper n is dated n days into 2000 and cites all before it; one author wrote all. */
static void fixture_init(struct fixture *fixture)
{
    *fixture = (struct fixture){.scope = ENGINE_SCOPE_ALL};
    memory_init(&fixture->graph, PAPERS + 1, AUTHOR + 1);
    for (uint32_t n = 1; n <= PAPERS; n++) {
        struct memory_paper *paper = &fixture->graph.papers[n];
        paper->exists = true;
        paper->date = (struct model_date){model_day_of(2000, 1, 1) + n, MODEL_DAY};
        paper->authors = memory_need(malloc(sizeof *paper->authors));
        paper->authors[0] = (struct memory_authorship){AUTHOR, 1};
        paper->author_count = 1;
        for (uint32_t cited = 1; cited < n; cited++) {
            memory_cite(&fixture->graph, n, cited, MODEL_UNDATED);
        }
    }
    memory_finish(&fixture->graph);
    size_t count;
    const struct engine_authored *list = memory_authored(&fixture->graph, AUTHOR, &count);
    for (size_t i = 0; i < count; i++) {
        fixture->papers[i] = engine_paper_of_authored(&list[i], 0);
    }
    fixture->set = (struct engine_set){.papers = fixture->papers,
                                       .count = engine_papers_fold(fixture->papers, count),
                                       .own = fixture->papers,
                                       .own_count = count,
                                       .named_count = 1,
                                       .identified = 1,
                                       .is_author = true};
    fixture->scope.coverage_end = model_day_of(2001, 12, 31);
    fixture->work = memory_need(engine_work_new(stop, fixture));
}

static void fixture_fini(struct fixture *fixture)
{
    engine_work_free(fixture->work);
    memory_fini(&fixture->graph);
}

/* Runs the n-th of all computations. */
enum { COMPUTATIONS = 4 };
static enum base_code run(struct fixture *fixture, int which, struct base_error *error)
{
    struct engine_edges edges = {fixture, PAPERS + 1, citers, references};
    struct engine_measures measures;
    struct engine_timeline timeline;
    struct engine_explanation explanation;
    struct engine_paper_metrics metrics;
    static const struct engine_paper_rule rule = {.window = {ENGINE_WINDOW_YEARS, 5}};
    switch (which) {
    case 0:
        return engine_measure(fixture->work, &edges, &fixture->set, &fixture->scope,
                              ENGINE_GROUP_HISTOGRAMS, &measures, error);
    case 1:
        return engine_timeline_yearly(fixture->work, &edges, &fixture->set, &fixture->scope,
                                      &timeline, error);
    case 2:
        return engine_explain(fixture->work, &edges, &fixture->set, &fixture->scope,
                              ENGINE_EXPLAIN_H_INDEX, &explanation, error);
    default:
        return engine_measure_paper(fixture->work, &edges, &fixture->papers[PAPERS / 2],
                                    &fixture->scope, &rule, &metrics, error);
    }
}

static void test_stop_and_damage(void **state)
{
    (void)state;
    struct fixture fixture;
    struct base_error error;
    fixture_init(&fixture);
    for (int which = 0; which < COMPUTATIONS - 1; which++) {
        /* 79,800 citations: stop is asked at least once on the way. */
        fixture.asked = 0;
        fixture.stop_at = 0;
        assert_int_equal(run(&fixture, which, &error), BASE_OK);
        assert_true(fixture.asked >= 1);
        engine_work_set_stop(fixture.work, stop, &fixture);
        fixture.asked = 0;
        fixture.stop_at = 1;
        assert_int_equal(run(&fixture, which, &error), BASE_CANCELLED);
        fixture.stop_at = 0;
    }
    for (int which = 0; which < COMPUTATIONS; which++) {
        fixture.unreadable = PAPERS / 2 + 1;
        assert_int_equal(run(&fixture, which, &error), BASE_DATA_LOSS);
        assert_string_equal(error.text, "paper 201 is damaged");
        fixture.unreadable = 0;
        /* What was left half done does not leak into the next answer. */
        assert_int_equal(run(&fixture, which, &error), BASE_OK);
    }
    assert_true(engine_work_size(fixture.work) > 100000);
    engine_work_trim(fixture.work, 16384);
    assert_true(engine_work_size(fixture.work) <= 16384);
    assert_int_equal(run(&fixture, 0, &error), BASE_OK);
    fixture_fini(&fixture);
}

static void test_numbers(void **state)
{
    (void)state;
    struct fixture fixture;
    struct base_error error;
    struct engine_measures measures;
    fixture_init(&fixture);
    struct engine_edges edges = memory_edges(&fixture.graph);
    assert_int_equal(
        engine_measure(fixture.work, &edges, &fixture.set, &fixture.scope, 0, &measures, &error),
        BASE_OK);
    /* Paper n has 400 - n citations. */
    assert_int_equal(measures.citation_count, 79800);
    assert_int_equal(measures.h_index, 200);
    assert_int_equal(measures.g_index, 266);
    assert_int_equal(measures.i100_index, 300);
    assert_int_equal(measures.citing_paper_count, 399);
    assert_int_equal(measures.self_citation_count, 79800);
    assert_int_equal(measures.histograms.count, 0);
    fixture.scope.self_citations = ENGINE_SELF_EXCLUDE_OWN;
    assert_int_equal(
        engine_measure(fixture.work, &edges, &fixture.set, &fixture.scope, 0, &measures, &error),
        BASE_OK);
    assert_int_equal(measures.citation_count, 0);
    assert_int_equal(measures.gini.reason, ENGINE_REASON_NO_CITATIONS);
    fixture_fini(&fixture);
}

static void test_refusals(void **state)
{
    (void)state;
    struct fixture fixture;
    struct base_error error;
    fixture_init(&fixture);
    struct engine_scope scope = fixture.scope;
    scope.self_citations = ENGINE_SELF_EXCLUDE_OWN;
    assert_int_equal(engine_scope_check(&scope, 0, &error), BASE_INVALID_ARGUMENT);
    assert_non_null(strstr(error.text, "EXCLUDE_OWN needs an author"));
    assert_int_equal(engine_scope_check_paper(&scope, &error), BASE_INVALID_ARGUMENT);
    scope = fixture.scope;
    scope.position = ENGINE_POSITION_FIRST;
    assert_int_equal(engine_scope_check(&scope, 0, &error), BASE_INVALID_ARGUMENT);
    scope = fixture.scope;
    scope.first_year = 2005;
    scope.last_year = 2004;
    assert_int_equal(engine_scope_check(&scope, 1, &error), BASE_INVALID_ARGUMENT);
    scope = fixture.scope;
    scope.counting = (enum engine_counting)7;
    assert_int_equal(engine_scope_check(&scope, 1, &error), BASE_INVALID_ARGUMENT);
    assert_non_null(strstr(error.text, "counting: 7"));
    struct engine_edges edges = memory_edges(&fixture.graph);
    struct engine_timeline timeline;
    uint32_t days[LIMIT_TIMELINE_DAYS + 1] = {5, 5};
    assert_int_equal(engine_timeline_on(fixture.work, &edges, &fixture.set, &fixture.scope, days, 2,
                                        &timeline, &error),
                     BASE_INVALID_ARGUMENT);
    assert_int_equal(engine_timeline_on(fixture.work, &edges, &fixture.set, &fixture.scope, days,
                                        LIMIT_TIMELINE_DAYS + 1, &timeline, &error),
                     BASE_INVALID_ARGUMENT);
    struct engine_explanation explanation;
    assert_int_equal(engine_explain(fixture.work, &edges, &fixture.set, &fixture.scope,
                                    (enum engine_explained)9, &explanation, &error),
                     BASE_INVALID_ARGUMENT);
    assert_string_equal(engine_reason_name(ENGINE_REASON_NO_CITERS), "NO_CITERS");
    assert_string_equal(engine_reason_name(ENGINE_REASON_END), "UNKNOWN");
    fixture_fini(&fixture);
}

/* Rows of days, of which many lie in one year, and of years are what the plain answers are. */
static void test_rows(void **state)
{
    (void)state;
    enum { DAYS = PAPERS + 20, STEP = 17 };
    struct fixture fixture;
    struct base_error error;
    fixture_init(&fixture);
    struct engine_edges edges = {&fixture, PAPERS + 1, citers, references};
    uint32_t days[DAYS];
    for (uint32_t i = 0; i < DAYS; i++) {
        days[i] = model_day_of(1999, 12, 25) + i;
    }
    static struct engine_timeline_row rows[DAYS];
    struct engine_timeline timeline;
    struct engine_measures measures;
    assert_int_equal(engine_timeline_on(fixture.work, &edges, &fixture.set, &fixture.scope, days,
                                        DAYS, &timeline, &error),
                     BASE_OK);
    assert_int_equal(timeline.count, DAYS);
    assert_int_equal(timeline.paper_count, PAPERS);
    memcpy(rows, timeline.rows, sizeof rows);
    for (uint32_t i = 0; i < DAYS; i += STEP) {
        struct engine_scope scope = fixture.scope;
        scope.as_of = days[i];
        assert_int_equal(
            engine_measure(fixture.work, &edges, &fixture.set, &scope, 0, &measures, &error),
            BASE_OK);
        assert_int_equal(rows[i].day, days[i]);
        assert_int_equal(rows[i].paper_count, measures.paper_count);
        assert_int_equal(rows[i].citation_count, measures.citation_count);
        assert_int_equal(rows[i].citing_paper_count, measures.citing_paper_count);
        assert_int_equal(rows[i].h_index, measures.h_index);
        assert_int_equal(rows[i].g_index, measures.g_index);
        assert_true(rows[i].tori <= measures.tori && rows[i].tori >= measures.tori);
    }
    assert_int_equal(engine_measure(fixture.work, &edges, &fixture.set, &fixture.scope,
                                    ENGINE_GROUP_TIMELINE | ENGINE_GROUP_HISTOGRAMS, &measures,
                                    &error),
                     BASE_OK);
    assert_int_equal(measures.timeline.count, 2);
    assert_int_equal(measures.histograms.count, 2);
    assert_int_equal(measures.timeline.rows[0].citing_paper_count, 364);
    assert_int_equal(measures.timeline.rows[1].citation_count, measures.citation_count);
    assert_int_equal(measures.citation_count, PAPERS * (PAPERS - 1) / 2);
    fixture_fini(&fixture);
}

/* However many there are, and in whatever order: one of each number, with what all of them say. */
static void test_fold(void **state)
{
    (void)state;
    enum { MOST = 5000, NUMBERS = 3001, STEP = 1009 };
    static struct engine_paper papers[MOST];
    for (size_t count = 0; count <= MOST; count = count * 3 + 1) {
        size_t distinct = count < NUMBERS ? count : NUMBERS;
        for (size_t i = 0; i < count; i++) {
            /* STEP and NUMBERS have no divisor in common: each number once, then all again. */
            uint32_t number = (uint32_t)(i * STEP % NUMBERS) * 70001;
            papers[i] = (struct engine_paper){.paper = number,
                                              .day = number / 2,
                                              .places = i < NUMBERS ? 1 : 2,
                                              .named = i < NUMBERS ? 4 : 8};
        }
        assert_int_equal(engine_papers_fold(papers, count), distinct);
        size_t twice = 0;
        for (size_t i = 0; i < distinct; i++) {
            assert_true(i == 0 || papers[i - 1].paper < papers[i].paper);
            assert_int_equal(papers[i].day, papers[i].paper / 2);
            assert_true(papers[i].places == 1 || papers[i].places == 3);
            assert_int_equal(papers[i].named, papers[i].places == 1 ? 4 : 12);
            assert_ptr_equal(engine_papers_find(papers, distinct, papers[i].paper), &papers[i]);
            twice += papers[i].places == 3;
        }
        assert_int_equal(twice, count - distinct);
    }
}

static void test_calendar(void **state)
{
    (void)state;
    uint32_t leap = model_day_of(2004, 2, 29);
    assert_int_equal(engine_add_years(leap, 1), model_day_of(2005, 2, 28));
    assert_int_equal(engine_add_years(leap, -4), model_day_of(2000, 2, 29));
    assert_int_equal(engine_add_years(leap, -5000), 0);
    assert_int_equal(engine_add_years(ENGINE_NO_DAY, 1), ENGINE_NO_DAY);
    assert_int_equal(engine_complete_year(model_day_of(2004, 12, 31)), 2004);
    assert_int_equal(engine_complete_year(model_day_of(2004, 12, 30)), 2003);
    uint32_t year = model_day_of(2004, 1, 1);
    assert_true(engine_inside_period(year, true, year));
    assert_true(engine_inside_period(year, true, model_day_of(2004, 12, 30)));
    assert_false(engine_inside_period(year, true, model_day_of(2004, 12, 31)));
    assert_true(engine_inside_period(year, false, model_day_of(2004, 1, 30)));
    assert_false(engine_inside_period(year, false, model_day_of(2004, 1, 31)));
    assert_false(engine_inside_period(year, true, year - 1));
    assert_true(engine_inside_first(model_day_of(2004, 12, 30)) <= year);
    assert_int_equal(engine_inside_first(100), 0);
    assert_int_equal(engine_inside_first(ENGINE_NO_DAY), ENGINE_NO_DAY);
    for (uint32_t day = model_day_of(1, 1, 1); day < model_day_of(2410, 1, 1); day++) {
        struct engine_century century = engine_century_of(day);
        assert_true(day < century.end && century.end - day <= 36525);
        unsigned of_day = engine_century_year(&century, day);
        assert_int_equal(of_day, model_day_year(day));
        assert_int_equal(engine_century_year(&century, (uint32_t)century.end - 1),
                         model_day_year((uint32_t)century.end - 1));
        assert_int_equal(model_day_of(of_day, 12, 31), engine_year_end(of_day));
    }
    assert_false(engine_inside_period(year, true, ENGINE_NO_DAY));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stop_and_damage),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_calendar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
