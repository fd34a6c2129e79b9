/* The methods of MetricsService against canned answers: what is asked, and how every part of the
 * answer arrives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "client/methods.h"
#include "hirsch/metrics.h"
#include "support/canned_server.h"

#define SEEN(type, method, arena)                                                                  \
    (const void *)seen(&hirsch__v1__##type##_request__descriptor, method, arena)

/* The member of a one-member oneof, and that it is there. */
#define PRESENT(message, TYPE, MEMBER, member, value_)                                             \
    ((message).member##_presence_case = HIRSCH__V1__##TYPE##__##MEMBER##_PRESENCE_##MEMBER,        \
     (message).member = (value_))

static void expect(struct hirsch_number number, double value)
{
    assert_true(number.has_value);
    assert_true(number.value == value);
    assert_string_equal(number.undefined, "");
}

static void expect_undefined(struct hirsch_number number, const char *reason)
{
    assert_false(number.has_value);
    assert_true(number.value == 0);
    assert_string_equal(number.undefined, reason);
}

/* A scope as every answer carries one. */
static Hirsch__V1__UsedScope *used_scope(void)
{
    static Hirsch__V1__ScopeNote note;
    static Hirsch__V1__ScopeNote *notes[] = {&note};
    static Hirsch__V1__YearRange years;
    static Hirsch__V1__PaperKind kinds[] = {HIRSCH__V1__PAPER_KIND__PAPER_KIND_REVIEW};
    static char *fields[] = {TEXT("arxiv/cs.LG")};
    static Hirsch__V1__MetricScope switches;
    static Hirsch__V1__UsedScope used;
    hirsch__v1__scope_note__init(&note);
    note.code = TEXT("COARSE_DATES");
    note.count = 7;
    note.message = TEXT("one sentence");
    hirsch__v1__year_range__init(&years);
    years.first = 1990;
    years.last = 1999;
    hirsch__v1__metric_scope__init(&switches);
    switches.as_of = TEXT("2001-02-03");
    switches.self_citations = HIRSCH__V1__SELF_CITATIONS__SELF_CITATIONS_EXCLUDE_OWN;
    switches.counting = HIRSCH__V1__COUNTING__COUNTING_FRACTIONAL;
    switches.position = HIRSCH__V1__AUTHOR_POSITION__AUTHOR_POSITION_LAST;
    switches.refereed = HIRSCH__V1__REFEREED_FILTER__REFEREED_FILTER_REFEREED;
    switches.citing_refereed = HIRSCH__V1__REFEREED_FILTER__REFEREED_FILTER_NOT_REFEREED;
    switches.retracted = HIRSCH__V1__RETRACTED_RULE__RETRACTED_RULE_EXCLUDE_BOTH;
    switches.g_rule = HIRSCH__V1__GRULE__G_RULE_CITED_ONLY;
    switches.years = &years;
    switches.n_kinds = 1;
    switches.kinds = kinds;
    switches.n_fields = 1;
    switches.fields = fields;
    hirsch__v1__used_scope__init(&used);
    used.switches = &switches;
    used.tori_self_citations = HIRSCH__V1__SELF_CITATIONS__SELF_CITATIONS_EXCLUDE_SET;
    used.day = TEXT("2001-02-04");
    used.sequence = 12345678901;
    used.epoch = TEXT("00ff");
    used.set_size = 9;
    used.counted_papers = 8;
    used.undated_papers = 2;
    used.undated_citations = 3;
    used.n_notes = 1;
    used.notes = notes;
    return &used;
}

static void expect_scope(const struct hirsch_used_scope *scope)
{
    const struct hirsch_metric_scope *switches = &scope->switches;
    assert_string_equal(switches->as_of, "2001-02-03");
    assert_int_equal(switches->self_citations, HIRSCH_SELF_CITATIONS_EXCLUDE_OWN);
    assert_int_equal(switches->counting, HIRSCH_COUNTING_FRACTIONAL);
    assert_int_equal(switches->position, HIRSCH_AUTHOR_POSITION_LAST);
    assert_int_equal(switches->refereed, HIRSCH_REFEREED_FILTER_REFEREED);
    assert_int_equal(switches->citing_refereed, HIRSCH_REFEREED_FILTER_NOT_REFEREED);
    assert_int_equal(switches->retracted, HIRSCH_RETRACTED_RULE_EXCLUDE_BOTH);
    assert_int_equal(switches->g_rule, HIRSCH_G_RULE_CITED_ONLY);
    assert_true(switches->first_year == 1990 && switches->last_year == 1999);
    assert_true(switches->kind_count == 1 && switches->kinds[0] == HIRSCH_PAPER_KIND_REVIEW);
    assert_int_equal(switches->field_count, 1);
    assert_string_equal(switches->fields[0], "arxiv/cs.LG");
    assert_int_equal(scope->tori_self_citations, HIRSCH_SELF_CITATIONS_EXCLUDE_SET);
    assert_string_equal(scope->day, "2001-02-04");
    assert_true(scope->sequence == 12345678901);
    assert_string_equal(scope->epoch, "00ff");
    assert_true(scope->set_size == 9 && scope->counted_papers == 8);
    assert_true(scope->undated_papers == 2 && scope->undated_citations == 3);
    assert_int_equal(scope->note_count, 1);
    assert_string_equal(scope->notes[0].code, "COARSE_DATES");
    assert_string_equal(scope->notes[0].message, "one sentence");
    assert_int_equal(scope->notes[0].count, 7);
}

/* The used scope of above, as a request. */
static struct hirsch_metric_scope asked_scope(void)
{
    static const enum hirsch_paper_kind kinds[] = {HIRSCH_PAPER_KIND_REVIEW};
    static const char *const fields[] = {"cs.LG"};
    struct hirsch_metric_scope scope = HIRSCH_METRIC_SCOPE_INIT;
    scope.as_of = "2001-02-03";
    scope.self_citations = HIRSCH_SELF_CITATIONS_EXCLUDE_COAUTHOR;
    scope.counting = HIRSCH_COUNTING_FULL;
    scope.position = HIRSCH_AUTHOR_POSITION_SINGLE;
    scope.refereed = HIRSCH_REFEREED_FILTER_REFEREED;
    scope.citing_refereed = HIRSCH_REFEREED_FILTER_NOT_REFEREED;
    scope.retracted = HIRSCH_RETRACTED_RULE_EXCLUDE_CITING;
    scope.g_rule = HIRSCH_G_RULE_ALL_PAPERS;
    scope.first_year = 1990;
    scope.last_year = 1999;
    scope.kind_count = 1;
    scope.kinds = kinds;
    scope.field_count = 1;
    scope.fields = fields;
    return scope;
}

static void expect_asked(const Hirsch__V1__MetricScope *scope)
{
    assert_non_null(scope);
    assert_string_equal(scope->as_of, "2001-02-03");
    assert_int_equal(scope->self_citations, HIRSCH_SELF_CITATIONS_EXCLUDE_COAUTHOR);
    assert_int_equal(scope->counting, HIRSCH_COUNTING_FULL);
    assert_int_equal(scope->position, HIRSCH_AUTHOR_POSITION_SINGLE);
    assert_int_equal(scope->refereed, HIRSCH_REFEREED_FILTER_REFEREED);
    assert_int_equal(scope->citing_refereed, HIRSCH_REFEREED_FILTER_NOT_REFEREED);
    assert_int_equal(scope->retracted, HIRSCH_RETRACTED_RULE_EXCLUDE_CITING);
    assert_int_equal(scope->g_rule, HIRSCH_G_RULE_ALL_PAPERS);
    assert_true(scope->years != NULL && scope->years->first == 1990 && scope->years->last == 1999);
    assert_true(scope->n_kinds == 1 &&
                scope->kinds[0] == HIRSCH__V1__PAPER_KIND__PAPER_KIND_REVIEW);
    assert_int_equal(scope->n_fields, 1);
    assert_string_equal(scope->fields[0], "cs.LG");
}

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
        cmocka_unit_test(test_set_numbers),  cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_timeline),     cmocka_unit_test(test_papers),
        cmocka_unit_test(test_explanations),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
