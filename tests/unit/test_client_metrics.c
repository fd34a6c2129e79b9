/* Numbers of sets and timelines against canned answers: what is asked, and how every part of the
 * answer arrives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "support/metric_scopes.h"

static void test_set_numbers(void **state)
{
    (void)state;
    Hirsch__V1__HistogramYear year = HIRSCH__V1__HISTOGRAM_YEAR__INIT;
    year.year = 1999;
    year.refereed_papers = 1;
    year.other_papers = 2;
    year.normalized_refereed_papers = 3;
    year.normalized_other_papers = 4;
    year.citations_refereed_to_refereed = 5;
    year.citations_refereed_to_other = 6;
    year.citations_other_to_refereed = 7;
    year.citations_other_to_other = 8;
    year.normalized_citations_refereed_to_refereed = 9;
    year.normalized_citations_refereed_to_other = 10;
    year.normalized_citations_other_to_refereed = 11;
    year.normalized_citations_other_to_other = 12;
    Hirsch__V1__HistogramYear *years[] = {&year};
    Hirsch__V1__SetHistograms histograms = HIRSCH__V1__SET_HISTOGRAMS__INIT;
    histograms.n_years = 1;
    histograms.years = years;
    Hirsch__V1__CitationBucket bucket = HIRSCH__V1__CITATION_BUCKET__INIT;
    Hirsch__V1__CitationBucket last = HIRSCH__V1__CITATION_BUCKET__INIT;
    bucket.least = 1;
    bucket.paper_count = 4;
    PRESENT(bucket, CITATION_BUCKET, MOST, most, 9);
    last.least = 500;
    Hirsch__V1__CitationBucket *buckets[] = {&bucket, &last};
    Hirsch__V1__TimelineRow row = HIRSCH__V1__TIMELINE_ROW__INIT;
    row.year = 2001;
    row.day = TEXT("2001-12-31");
    row.papers_added = 1.5;
    row.citations_added = 2.5;
    PRESENT(row, TIMELINE_ROW, PAPER_COUNT, paper_count, 3);
    PRESENT(row, TIMELINE_ROW, H_INDEX, h_index, 2);
    row.riq_undefined = TEXT("NO_DATE");
    Hirsch__V1__TimelineRow *rows[] = {&row};
    char *unknown[] = {TEXT("local:nobody")};
    Hirsch__V1__SetMetrics metrics = HIRSCH__V1__SET_METRICS__INIT;
    PRESENT(metrics, SET_METRICS, PAPER_COUNT, paper_count, 2.5);
    PRESENT(metrics, SET_METRICS, H_INDEX, h_index, 27);
    PRESENT(metrics, SET_METRICS, S_INDEX, s_index, 0.25);
    metrics.recent5_undefined = TEXT("NO_DAY");
    metrics.m_quotient_undefined = TEXT("NO_PAPERS");
    metrics.histograms = &histograms;
    metrics.n_buckets = 2;
    metrics.buckets = buckets;
    metrics.n_timeline = 1;
    metrics.timeline = rows;
    metrics.scope = used_scope();
    metrics.n_unknown_ids = 1;
    metrics.unknown_ids = unknown;
    Hirsch__V1__ComputeMetricsResponse response = HIRSCH__V1__COMPUTE_METRICS_RESPONSE__INIT;
    response.metrics = &metrics;
    server.reply = &response.base;

    static const char *const papers[] = {"local:p", "local:q"};
    const struct hirsch_set_term terms[] = {
        hirsch_author_term("local:a"),
        hirsch_paper_term("local:p"),
        hirsch_operator_term(HIRSCH_SET_UNION),
        hirsch_papers_term(papers, 2),
        hirsch_operator_term(HIRSCH_SET_EXCEPT),
        hirsch_field_term("cs.LG"),
        hirsch_operator_term(HIRSCH_SET_INTERSECT),
        hirsch_years_term(1990, 0),
        hirsch_operator_term(HIRSCH_SET_INTERSECT),
        hirsch_kind_term(HIRSCH_PAPER_KIND_BOOK),
        hirsch_operator_term(HIRSCH_SET_INTERSECT),
    };
    enum { TERMS = sizeof terms / sizeof terms[0] };
    const struct hirsch_metric_scope scope = asked_scope();
    struct hirsch_compute_metrics request = HIRSCH_COMPUTE_METRICS_INIT;
    request.term_count = TERMS;
    request.terms = terms;
    request.scope = &scope;
    request.groups = HIRSCH_METRICS_BASIC | HIRSCH_METRICS_BUCKETS;
    const struct hirsch_set_metrics *got = NULL;
    assert_int_equal(hirsch_compute_metrics(client, &request, NULL, &got, NULL), HIRSCH_OK);
    expect(got->paper_count, 2.5);
    expect(got->h_index, 27);
    expect(got->s_index, 0.25);
    expect_undefined(got->h_recent5, "NO_DAY");
    expect_undefined(got->citations_recent5, "NO_DAY");
    expect_undefined(got->m_quotient, "NO_PAPERS");
    expect_undefined(got->g_index, "");
    assert_int_equal(got->histogram_count, 1);
    const struct hirsch_histogram_year *h = got->histogram;
    assert_true(h->year == 1999 && h->refereed_papers == 1 && h->other_papers == 2);
    assert_true(h->normalized_refereed_papers == 3 && h->normalized_other_papers == 4);
    assert_true(h->citations_refereed_to_refereed == 5 && h->citations_refereed_to_other == 6);
    assert_true(h->citations_other_to_refereed == 7 && h->citations_other_to_other == 8);
    assert_true(h->normalized_citations_refereed_to_refereed == 9 &&
                h->normalized_citations_refereed_to_other == 10 &&
                h->normalized_citations_other_to_refereed == 11 &&
                h->normalized_citations_other_to_other == 12);
    assert_int_equal(got->bucket_count, 2);
    assert_true(got->buckets[0].has_most && got->buckets[0].most == 9 &&
                got->buckets[0].least == 1 && got->buckets[0].paper_count == 4);
    assert_true(!got->buckets[1].has_most && got->buckets[1].most == 0);
    assert_int_equal(got->timeline_count, 1);
    assert_string_equal(got->timeline[0].day, "2001-12-31");
    expect(got->timeline[0].h_index, 2);
    expect_scope(&got->scope);
    assert_int_equal(got->unknown_id_count, 1);
    assert_string_equal(got->unknown_ids[0], "local:nobody");
    hirsch_free(got);

    struct base_arena arena;
    const Hirsch__V1__ComputeMetricsRequest *sent =
        SEEN(compute_metrics, CLIENT_COMPUTE_METRICS, &arena);
    expect_asked(sent->scope);
    assert_int_equal(sent->n_groups, 2);
    assert_int_equal(sent->groups[0], HIRSCH__V1__METRIC_GROUP__METRIC_GROUP_BASIC);
    assert_int_equal(sent->groups[1], HIRSCH__V1__METRIC_GROUP__METRIC_GROUP_BUCKETS);
    assert_int_equal(sent->n_set, TERMS);
    for (size_t i = 0; i < TERMS; i++) {
        assert_int_equal(sent->set[i]->term_case, terms[i].kind);
    }
    assert_string_equal(sent->set[0]->author, "local:a");
    assert_string_equal(sent->set[1]->paper, "local:p");
    assert_int_equal(sent->set[2]->operator_, HIRSCH__V1__SET_OPERATOR__SET_OPERATOR_UNION);
    assert_int_equal(sent->set[3]->papers->n_ids, 2);
    assert_string_equal(sent->set[3]->papers->ids[1], "local:q");
    assert_string_equal(sent->set[5]->field, "cs.LG");
    assert_true(sent->set[7]->years->first == 1990 && sent->set[7]->years->last == 0);
    assert_int_equal(sent->set[9]->kind, HIRSCH__V1__PAPER_KIND__PAPER_KIND_BOOK);
    base_arena_fini(&arena);
}

static void test_refusals(void **state)
{
    (void)state;
    const struct hirsch_set_metrics *got = NULL;
    struct hirsch_compute_metrics request = HIRSCH_COMPUTE_METRICS_INIT;
    struct hirsch_set_term terms[65];
    for (size_t i = 0; i < 65; i++) {
        terms[i] = hirsch_author_term("local:a");
    }
    assert_int_equal(hirsch_compute_metrics(client, NULL, NULL, &got, NULL),
                     HIRSCH_INVALID_ARGUMENT);
    assert_int_equal(hirsch_compute_metrics(client, &request, NULL, &got, NULL),
                     HIRSCH_INVALID_ARGUMENT);
    request.terms = terms;
    request.term_count = 65;
    assert_int_equal(hirsch_compute_metrics(client, &request, NULL, &got, NULL),
                     HIRSCH_INVALID_ARGUMENT);
    request.term_count = 1;
    request.groups = 64;
    assert_int_equal(hirsch_compute_metrics(client, &request, NULL, &got, NULL),
                     HIRSCH_INVALID_ARGUMENT);
    request.groups = 0;
    struct hirsch_metric_scope scope = {.size = 0};
    request.scope = &scope;
    assert_int_equal(hirsch_compute_metrics(client, &request, NULL, &got, NULL),
                     HIRSCH_INVALID_ARGUMENT);
    request.scope = NULL;
    const char *const ids[] = {"local:p", ""};
    terms[0] = hirsch_papers_term(ids, 2);
    assert_int_equal(hirsch_compute_metrics(client, &request, NULL, &got, NULL),
                     HIRSCH_INVALID_ARGUMENT);
    terms[0] = hirsch_term(HIRSCH_TERM_NONE, NULL);
    hirsch_error *error = NULL;
    assert_int_equal(hirsch_compute_metrics(client, &request, NULL, &got, &error),
                     HIRSCH_INVALID_ARGUMENT);
    assert_non_null(strstr(error->text, "term 1"));
    hirsch_free(error);
    assert_null(got);
}

static void test_timeline(void **state)
{
    (void)state;
    Hirsch__V1__TimelineRow row = HIRSCH__V1__TIMELINE_ROW__INIT;
    row.year = 2001;
    row.day = TEXT("2001-06-01");
    row.papers_added = 1.5;
    row.citations_added = 2.5;
    PRESENT(row, TIMELINE_ROW, PAPER_COUNT, paper_count, 1.25);
    PRESENT(row, TIMELINE_ROW, CITATION_COUNT, citation_count, 2);
    PRESENT(row, TIMELINE_ROW, CITING_PAPER_COUNT, citing_paper_count, 3);
    PRESENT(row, TIMELINE_ROW, H_INDEX, h_index, 4);
    PRESENT(row, TIMELINE_ROW, G_INDEX, g_index, 5);
    PRESENT(row, TIMELINE_ROW, I10_INDEX, i10_index, 6);
    PRESENT(row, TIMELINE_ROW, I100_INDEX, i100_index, 7);
    PRESENT(row, TIMELINE_ROW, M_QUOTIENT, m_quotient, 8.5);
    PRESENT(row, TIMELINE_ROW, TORI, tori, 9.5);
    row.riq_undefined = TEXT("NO_DATE");
    Hirsch__V1__TimelineRow *rows[] = {&row, &row};
    char *unknown[] = {TEXT("local:nobody")};
    Hirsch__V1__GetTimelineResponse response = HIRSCH__V1__GET_TIMELINE_RESPONSE__INIT;
    response.n_timeline = 2;
    response.timeline = rows;
    response.scope = used_scope();
    response.n_unknown_ids = 1;
    response.unknown_ids = unknown;
    server.reply = &response.base;
    const struct hirsch_set_term term = hirsch_author_term("local:a");
    const struct hirsch_metric_scope scope = asked_scope();
    static const char *const days[] = {"2001-06-01", "2002-06-01"};
    struct hirsch_get_timeline request = HIRSCH_GET_TIMELINE_INIT;
    request.term_count = 1;
    request.terms = &term;
    request.scope = &scope;
    request.day_count = 2;
    request.days = days;
    const struct hirsch_timeline *got = NULL;
    assert_int_equal(hirsch_get_timeline(client, &request, NULL, &got, NULL), HIRSCH_OK);
    assert_int_equal(got->count, 2);
    const struct hirsch_timeline_row *second = &got->rows[1];
    assert_int_equal(second->year, 2001);
    assert_string_equal(second->day, "2001-06-01");
    assert_true(second->papers_added == 1.5 && second->citations_added == 2.5);
    expect(second->paper_count, 1.25);
    expect(second->citation_count, 2);
    expect(second->citing_paper_count, 3);
    expect(second->h_index, 4);
    expect(second->g_index, 5);
    expect(second->i10_index, 6);
    expect(second->i100_index, 7);
    expect(second->m_quotient, 8.5);
    expect(second->tori, 9.5);
    expect_undefined(second->riq, "NO_DATE");
    expect_scope(&got->scope);
    assert_int_equal(got->unknown_id_count, 1);
    hirsch_free(got);
    struct base_arena arena;
    const Hirsch__V1__GetTimelineRequest *sent = SEEN(get_timeline, CLIENT_GET_TIMELINE, &arena);
    expect_asked(sent->scope);
    assert_int_equal(sent->n_days, 2);
    assert_string_equal(sent->days[1], "2002-06-01");
    assert_string_equal(sent->set[0]->author, "local:a");
    base_arena_fini(&arena);
    request.size = 0;
    assert_int_equal(hirsch_get_timeline(client, &request, NULL, &got, NULL),
                     HIRSCH_INVALID_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_numbers),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_timeline),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
