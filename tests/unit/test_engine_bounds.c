/* Numbers right on a bound, which random graphs seldom meet, and scopes that no cohort stands for.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "engine/measure.h"

/* Papers cited so often and no more, by papers that nothing else is known of. */
struct cited {
    const uint32_t *counts; /* by number of paper */
    struct engine_citer citers[600];
};

static enum base_code cited_citers(void *context, uint32_t paper, const struct engine_citer **list,
                                   size_t *count, struct base_error *error)
{
    struct cited *cited = context;
    (void)error;
    *list = cited->citers;
    *count = cited->counts[paper];
    return BASE_OK;
}

static void measure_cited(const uint32_t *counts, size_t count, uint16_t authors,
                          const struct engine_scope *scope, struct engine_measures *measures)
{
    enum { FIRST_CITING = 100, ROOM = 16 };
    static struct cited cited;
    struct engine_paper papers[ROOM];
    struct base_error error;
    assert_true(count <= ROOM);
    cited.counts = counts;
    for (uint32_t i = 0; i < sizeof cited.citers / sizeof cited.citers[0]; i++) {
        cited.citers[i] = (struct engine_citer){.day = 700000 + i, .paper = FIRST_CITING + i};
    }
    for (uint32_t i = 0; i < count; i++) {
        papers[i] = (struct engine_paper){.paper = i, .day = 690000, .author_count = authors};
    }
    const struct engine_edges edges = {&cited, 1000, cited_citers, NULL};
    const struct engine_set set = {.papers = papers, .count = count};
    struct engine_work *work = engine_work_new(NULL, NULL);
    assert_non_null(work);
    assert_int_equal(engine_measure(work, &edges, &set, scope, 0, measures, &error), BASE_OK);
    engine_work_free(work);
}

/* Random graphs seldom have a paper right on a bound. */
static void test_bounds(void **state)
{
    (void)state;
    static const uint32_t counts[] = {0, 1, 9, 10, 49, 50, 99, 100, 249, 250, 499, 500};
    static const uint32_t expected[ENGINE_BUCKET_COUNT] = {1, 2, 2, 2, 2, 2, 1};
    struct engine_measures measures;
    measure_cited(counts, sizeof counts / sizeof counts[0], 1, &ENGINE_SCOPE_ALL, &measures);
    assert_memory_equal(measures.buckets, expected, sizeof expected);
    assert_int_equal(measures.i10_index, 9);
    assert_int_equal(measures.i100_index, 5);
}

/* 8 citations and none: g is 2 while uncited papers count towards N, however the 8 are counted. */
static void test_g_rules(void **state)
{
    (void)state;
    static const uint32_t counts[] = {8, 0};
    for (uint16_t authors = 1; authors <= 2; authors++) {
        struct engine_measures measures;
        struct engine_scope scope = ENGINE_SCOPE_ALL;
        scope.counting = ENGINE_COUNTING_FRACTIONAL;
        measure_cited(counts, 2, authors, &scope, &measures);
        assert_int_equal(measures.g_index, 2);
        scope.g_rule = ENGINE_G_CITED_ONLY;
        measure_cited(counts, 2, authors, &scope, &measures);
        assert_int_equal(measures.g_index, 1);
    }
}

static enum base_code many_references(void *context, uint32_t paper, const uint32_t **list,
                                      size_t *count, struct base_error *error)
{
    (void)context;
    (void)paper;
    (void)error;
    *list = NULL; /* for tori only counted */
    *count = 100000;
    return BASE_OK;
}

/* A citation has no room for more than 65,534 references of its citing paper: of those with more
 * they are counted. */
static void test_many_references(void **state)
{
    (void)state;
    static const uint16_t kept[] = {UINT16_MAX - 1, UINT16_MAX};
    static const double expected[] = {1 / 65534.0, 1 / 100000.0};
    static const uint32_t one = 1;
    for (size_t i = 0; i < 2; i++) {
        static struct cited cited;
        cited.counts = &one;
        cited.citers[0] = (struct engine_citer){.day = 700000, .paper = 100, .references = kept[i]};
        const struct engine_paper paper = {.day = 690000, .author_count = 1};
        const struct engine_edges edges = {&cited, 1000, cited_citers, many_references};
        const struct engine_set set = {.papers = &paper, .count = 1};
        struct engine_work *work = engine_work_new(NULL, NULL);
        assert_non_null(work);
        struct engine_measures measures;
        struct base_error error;
        assert_int_equal(
            engine_measure(work, &edges, &set, &ENGINE_SCOPE_ALL, 0, &measures, &error), BASE_OK);
        assert_true(fabs(measures.tori - expected[i]) < 1e-15);
        engine_work_free(work);
    }
}

/* Cohorts stand for today alone, and for two rules: any other switch leaves them undefined. */
static void test_cohort_scopes(void **state)
{
    (void)state;
    static const enum engine_self rules[] = {ENGINE_SELF_UNSPECIFIED, ENGINE_SELF_INCLUDE,
                                             ENGINE_SELF_EXCLUDE_COAUTHOR};
    static const uint32_t field = 1;
    struct engine_scope others[12];
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        others[i] = ENGINE_SCOPE_ALL;
    }
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        struct engine_scope scope = ENGINE_SCOPE_ALL;
        scope.self_citations = rules[i];
        assert_true(engine_scope_has_cohort(&scope));
    }
    others[0].as_of = 700000;
    others[1].self_citations = ENGINE_SELF_EXCLUDE_OWN;
    others[2].self_citations = ENGINE_SELF_EXCLUDE_SET;
    others[3].counting = ENGINE_COUNTING_FRACTIONAL;
    others[4].retracted = ENGINE_RETRACTED_EXCLUDE_CITING;
    others[5].citing_refereed = ENGINE_REFEREED_ONLY;
    others[6].refereed = ENGINE_REFEREED_NOT;
    others[7].position = ENGINE_POSITION_FIRST;
    others[8].kinds = 2;
    others[9].first_year = 2000;
    others[10].last_year = 2000;
    others[11].fields = &field;
    others[11].field_count = 1;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_false(engine_scope_has_cohort(&others[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_g_rules),
        cmocka_unit_test(test_many_references),
        cmocka_unit_test(test_cohort_scopes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
