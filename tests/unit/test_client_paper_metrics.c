/* Numbers of papers, and what numbers are made of, against canned answers: what is asked, and how
 * every part of the answer arrives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "support/metric_scopes.h"

static Hirsch__V1__PaperIndicators *indicators(void)
{
    static Hirsch__V1__DisruptionCounts counts;
    static Hirsch__V1__Cohort cohort;
    static Hirsch__V1__PaperYear year;
    static Hirsch__V1__PaperYear *years[] = {&year};
    static Hirsch__V1__PaperIndicators paper;
    hirsch__v1__disruption_counts__init(&counts);
    counts.only_paper = 1;
    counts.both = 2;
    counts.only_references = 3;
    counts.too_few_shared = 4;
    counts.shared_references = 5000000000;
    counts.references = 6;
    hirsch__v1__cohort__init(&cohort);
    cohort.year = 2000;
    cohort.field = TEXT("arxiv/cs.LG");
    cohort.kind = HIRSCH__V1__PAPER_KIND__PAPER_KIND_ARTICLE;
    cohort.size = 31;
    cohort.sequence = 5;
    cohort.day = TEXT("2020-01-01");
    cohort.below = 7;
    cohort.equal = 8;
    cohort.citation_count = 9;
    cohort.window_citation_count = 10;
    cohort.mean = 1.5;
    cohort.variance = 2.5;
    hirsch__v1__paper_year__init(&year);
    year.year = 2001;
    year.citation_count = 3;
    hirsch__v1__paper_indicators__init(&paper);
    paper.id = TEXT("local:p");
    paper.stub = 1;
    paper.citation_count = 11;
    paper.reference_count = 12;
    paper.self_citation_count = 13;
    paper.n_counts_by_year = 1;
    paper.counts_by_year = years;
    PRESENT(paper, PAPER_INDICATORS, VELOCITY, velocity, 4);
    PRESENT(paper, PAPER_INDICATORS, CD, cd, -0.5);
    PRESENT(paper, PAPER_INDICATORS, MCD, mcd, -2);
    paper.fwci_undefined = TEXT("NO_COHORT");
    paper.sleeping_beauty_undefined = TEXT("UNCITED");
    paper.fwci_provisional = 1;
    paper.cd_window_complete = 1;
    paper.cd_window_end = TEXT("2005-12-31");
    paper.cd_counts = &counts;
    paper.cohort = &cohort;
    paper.scope = used_scope();
    return &paper;
}

static void expect_indicators(const struct hirsch_paper_indicators *paper)
{
    assert_string_equal(paper->id, "local:p");
    assert_true(paper->stub && paper->fwci_provisional && paper->cd_window_complete);
    assert_true(paper->citation_count == 11 && paper->reference_count == 12 &&
                paper->self_citation_count == 13);
    assert_true(paper->counts_by_year_count == 1 && paper->counts_by_year[0].year == 2001 &&
                paper->counts_by_year[0].citation_count == 3);
    expect(paper->velocity, 4);
    expect(paper->cd, -0.5);
    expect(paper->mcd, -2);
    expect_undefined(paper->fwci_lower, "NO_COHORT");
    expect_undefined(paper->awakening_year, "UNCITED");
    expect_undefined(paper->di1, "");
    assert_string_equal(paper->cd_window_end, "2005-12-31");
    assert_non_null(paper->cd_counts);
    assert_null(paper->di1_counts);
    assert_null(paper->di5_counts);
    const struct hirsch_disruption_counts *counts = paper->cd_counts;
    assert_true(counts->only_paper == 1 && counts->both == 2 && counts->only_references == 3 &&
                counts->too_few_shared == 4 && counts->shared_references == 5000000000 &&
                counts->references == 6);
    const struct hirsch_cohort *cohort = paper->cohort;
    assert_true(cohort->year == 2000 && cohort->kind == HIRSCH_PAPER_KIND_ARTICLE &&
                cohort->size == 31 && cohort->sequence == 5 && cohort->below == 7 &&
                cohort->equal == 8 && cohort->citation_count == 9 &&
                cohort->window_citation_count == 10 && cohort->mean == 1.5 &&
                cohort->variance == 2.5);
    assert_string_equal(cohort->field, "arxiv/cs.LG");
    assert_string_equal(cohort->day, "2020-01-01");
    expect_scope(&paper->scope);
}

static void test_papers(void **state)
{
    (void)state;
    Hirsch__V1__GetPaperMetricsResponse response = HIRSCH__V1__GET_PAPER_METRICS_RESPONSE__INIT;
    response.metrics = indicators();
    server.reply = &response.base;
    const struct hirsch_metric_scope scope = asked_scope();
    struct hirsch_paper_options options = HIRSCH_PAPER_OPTIONS_INIT;
    options.window_years = 3;
    options.window_days = 4;
    options.reference_free_one = true;
    options.leave_one_out = true;
    const struct hirsch_paper_indicators *got = NULL;
    assert_int_equal(
        hirsch_get_paper_metrics(client, "local:p", &scope, &options, NULL, &got, NULL), HIRSCH_OK);
    expect_indicators(got);
    hirsch_free(got);
    struct base_arena arena;
    const Hirsch__V1__GetPaperMetricsRequest *sent =
        SEEN(get_paper_metrics, CLIENT_GET_PAPER_METRICS, &arena);
    assert_string_equal(sent->id, "local:p");
    expect_asked(sent->scope);
    assert_true(sent->options->window_years == 3 && sent->options->window_days == 4 &&
                sent->options->leave_one_out);
    assert_int_equal(sent->options->reference_free,
                     HIRSCH__V1__REFERENCE_FREE_RULE__REFERENCE_FREE_RULE_ONE);
    base_arena_fini(&arena);
    assert_int_equal(hirsch_get_paper_metrics(client, "", NULL, NULL, NULL, &got, NULL),
                     HIRSCH_INVALID_ARGUMENT);

    Hirsch__V1__ItemError why = HIRSCH__V1__ITEM_ERROR__INIT;
    why.code = HIRSCH_NOT_FOUND;
    why.message = TEXT("nobody");
    Hirsch__V1__PaperMetricsResult results[2];
    hirsch__v1__paper_metrics_result__init(&results[0]);
    hirsch__v1__paper_metrics_result__init(&results[1]);
    results[0].id = TEXT("local:p");
    results[0].result_case = HIRSCH__V1__PAPER_METRICS_RESULT__RESULT_METRICS;
    results[0].metrics = indicators();
    results[1].id = TEXT("local:q");
    results[1].result_case = HIRSCH__V1__PAPER_METRICS_RESULT__RESULT_ERROR;
    results[1].error = &why;
    Hirsch__V1__PaperMetricsResult *list[] = {&results[0], &results[1]};
    Hirsch__V1__BatchGetPaperMetricsResponse batch =
        HIRSCH__V1__BATCH_GET_PAPER_METRICS_RESPONSE__INIT;
    batch.n_results = 2;
    batch.results = list;
    server.reply = &batch.base;
    static const char *const ids[] = {"local:p", "local:q"};
    const struct hirsch_paper_metrics_batch *items = NULL;
    assert_int_equal(hirsch_batch_get_paper_metrics(client, ids, 2, NULL, NULL, NULL, &items, NULL),
                     HIRSCH_OK);
    assert_int_equal(items->count, 2);
    assert_int_equal(items->items[0].code, HIRSCH_OK);
    expect_indicators(items->items[0].metrics);
    assert_int_equal(items->items[1].code, HIRSCH_NOT_FOUND);
    assert_string_equal(items->items[1].message, "nobody");
    assert_null(items->items[1].metrics);
    hirsch_free(items);
    const Hirsch__V1__BatchGetPaperMetricsRequest *asked =
        SEEN(batch_get_paper_metrics, CLIENT_BATCH_GET_PAPER_METRICS, &arena);
    assert_int_equal(asked->n_ids, 2);
    assert_string_equal(asked->ids[1], "local:q");
    assert_null(asked->scope);
    assert_null(asked->options);
    base_arena_fini(&arena);
    items = NULL;
    assert_int_equal(hirsch_batch_get_paper_metrics(client, ids, 1, NULL, NULL, NULL, &items, NULL),
                     HIRSCH_INTERNAL);
    assert_null(items);
}

static void test_explanations(void **state)
{
    (void)state;
    Hirsch__V1__ExplainedPaper paper = HIRSCH__V1__EXPLAINED_PAPER__INIT;
    paper.id = TEXT("local:p");
    paper.title = TEXT("Title");
    paper.publication_date = TEXT("2001");
    paper.citation_count = 9;
    paper.missing = 1;
    Hirsch__V1__ExplainedPaper *papers[] = {&paper, &paper};
    Hirsch__V1__MetricStep step = HIRSCH__V1__METRIC_STEP__INIT;
    step.value = 1;
    step.day = TEXT("1999-01-01");
    Hirsch__V1__MetricStep *steps[] = {&step};
    Hirsch__V1__SetExplanation set = HIRSCH__V1__SET_EXPLANATION__INIT;
    set.value = 2;
    set.n_witnesses = 2;
    set.witnesses = papers;
    set.n_nearest = 1;
    set.nearest = papers;
    set.missing_citations = 3.5;
    set.needs_paper = 1;
    set.n_steps = 1;
    set.steps = steps;
    set.more_witnesses = 4;
    set.more_nearest = 5;
    Hirsch__V1__ExplainMetricResponse response = HIRSCH__V1__EXPLAIN_METRIC_RESPONSE__INIT;
    response.set = &set;
    response.scope = used_scope();
    server.reply = &response.base;
    const struct hirsch_set_term author = hirsch_author_term("local:a");
    struct hirsch_explain_metric request = HIRSCH_EXPLAIN_METRIC_INIT;
    request.metric = HIRSCH_EXPLAIN_G;
    request.term_count = 1;
    request.terms = &author;
    request.limit = 17;
    const struct hirsch_explanation *got = NULL;
    assert_int_equal(hirsch_explain_metric(client, &request, NULL, &got, NULL), HIRSCH_OK);
    assert_non_null(got->set);
    assert_null(got->paper);
    assert_true(got->set->value == 2 && got->set->missing_citations == 3.5 &&
                got->set->needs_paper && got->set->more_witnesses == 4 &&
                got->set->more_nearest == 5);
    assert_true(got->set->witness_count == 2 && got->set->nearest_count == 1);
    assert_string_equal(got->set->witnesses[1].id, "local:p");
    assert_string_equal(got->set->witnesses[1].title, "Title");
    assert_string_equal(got->set->nearest[0].publication_date, "2001");
    assert_true(got->set->nearest[0].citation_count == 9 && got->set->nearest[0].missing == 1);
    assert_true(got->set->step_count == 1 && got->set->steps[0].value == 1);
    assert_string_equal(got->set->steps[0].day, "1999-01-01");
    expect_scope(&got->scope);
    hirsch_free(got);
    struct base_arena arena;
    const Hirsch__V1__ExplainMetricRequest *sent =
        SEEN(explain_metric, CLIENT_EXPLAIN_METRIC, &arena);
    assert_int_equal(sent->metric, HIRSCH__V1__EXPLAINED_METRIC__EXPLAINED_METRIC_G);
    assert_int_equal(sent->limit, 17);
    base_arena_fini(&arena);

    Hirsch__V1__ExplainMetricResponse of_paper = HIRSCH__V1__EXPLAIN_METRIC_RESPONSE__INIT;
    of_paper.paper = indicators();
    server.reply = &of_paper.base;
    request.metric = HIRSCH_EXPLAIN_CD;
    assert_int_equal(hirsch_explain_metric(client, &request, NULL, &got, NULL), HIRSCH_OK);
    assert_null(got->set);
    expect_indicators(got->paper);
    /* An answer without a scope has an empty one. */
    assert_string_equal(got->scope.day, "");
    assert_string_equal(got->scope.switches.as_of, "");
    hirsch_free(got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_papers),
        cmocka_unit_test(test_explanations),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
