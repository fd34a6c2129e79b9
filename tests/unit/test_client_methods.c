/* Each typed method against canned answers: what is asked, and how every part of the answer
 * arrives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "client/methods.h"
#include "support/canned_server.h"

static void test_author(void **state)
{
    (void)state;
    Hirsch__V1__AuthorYear year = HIRSCH__V1__AUTHOR_YEAR__INIT;
    year.year = 2020;
    year.paper_count = 2;
    year.citation_count = 7;
    Hirsch__V1__AuthorYear *years[] = {&year};
    Hirsch__V1__AuthorMetrics metrics = HIRSCH__V1__AUTHOR_METRICS__INIT;
    metrics.paper_count = 3;
    metrics.citation_count = 50;
    metrics.citing_paper_count = 40;
    metrics.h_index = 2;
    metrics.g_index = 3;
    metrics.i10_index = 1;
    metrics.i100_index = 5;
    metrics.self_citation_count = 6;
    metrics.m_quotient_presence_case = HIRSCH__V1__AUTHOR_METRICS__M_QUOTIENT_PRESENCE_M_QUOTIENT;
    metrics.m_quotient = 0.5;
    metrics.first_year_presence_case = HIRSCH__V1__AUTHOR_METRICS__FIRST_YEAR_PRESENCE_FIRST_YEAR;
    metrics.first_year = 2017;
    metrics.last_year_presence_case = HIRSCH__V1__AUTHOR_METRICS__LAST_YEAR_PRESENCE_LAST_YEAR;
    metrics.last_year = 2025;
    metrics.n_counts_by_year = 1;
    metrics.counts_by_year = years;
    Hirsch__V1__ReportedIssue issue = HIRSCH__V1__REPORTED_ISSUE__INIT;
    issue.code = TEXT("H_INDEX_ABOVE_PAPERS");
    issue.message = TEXT("why");
    Hirsch__V1__ReportedIssue *issues[] = {&issue};
    Hirsch__V1__ReportedYear reported_year = HIRSCH__V1__REPORTED_YEAR__INIT;
    reported_year.year = 2024;
    reported_year.citation_count_presence_case =
        HIRSCH__V1__REPORTED_YEAR__CITATION_COUNT_PRESENCE_CITATION_COUNT;
    reported_year.citation_count = 3;
    Hirsch__V1__ReportedYear *reported_years[] = {&reported_year};
    Hirsch__V1__ReportedMetrics reported = HIRSCH__V1__REPORTED_METRICS__INIT;
    reported.source = TEXT("page");
    reported.h_index_presence_case = HIRSCH__V1__REPORTED_METRICS__H_INDEX_PRESENCE_H_INDEX;
    reported.h_index = 27;
    reported.novelty_presence_case = HIRSCH__V1__REPORTED_METRICS__NOVELTY_PRESENCE_NOVELTY;
    reported.novelty = 0.42;
    reported.citation_basis = HIRSCH__V1__CITATION_BASIS__CITATION_BASIS_CITING_PAPERS;
    reported.n_issues = 1;
    reported.issues = issues;
    reported.n_counts_by_year = 1;
    reported.counts_by_year = reported_years;
    Hirsch__V1__ReportedMetrics *all_reported[] = {&reported};
    Hirsch__V1__Field field = HIRSCH__V1__FIELD__INIT;
    field.id = TEXT("arxiv/cs.LG");
    field.display_name = TEXT("LG");
    Hirsch__V1__Affiliation affiliation = HIRSCH__V1__AFFILIATION__INIT;
    affiliation.name = TEXT("CMU");
    Hirsch__V1__Affiliation *affiliations[] = {&affiliation};
    char *ids[] = {TEXT("local:a"), TEXT("orcid:b")};
    Hirsch__V1__Author author = HIRSCH__V1__AUTHOR__INIT;
    author.id = ids[0];
    author.n_ids = 2;
    author.ids = ids;
    author.display_name = TEXT("Ada");
    author.primary_field = &field;
    author.n_affiliations = 1;
    author.affiliations = affiliations;
    author.metrics = &metrics;
    author.n_reported = 1;
    author.reported = all_reported;
    author.name_only = 1;
    Hirsch__V1__GetAuthorResponse response = HIRSCH__V1__GET_AUTHOR_RESPONSE__INIT;
    response.author = &author;
    server.reply = &response.base;

    const struct hirsch_author *got = NULL;
    assert_int_equal(hirsch_get_author(client, "local:a", NULL, &got, NULL), HIRSCH_OK);
    assert_int_equal(got->id_count, 2);
    assert_string_equal(got->ids[1], "orcid:b");
    assert_string_equal(got->primary_field.display_name, "LG");
    assert_string_equal(got->affiliations[0].name, "CMU");
    assert_string_equal(got->affiliations[0].ror, "");
    assert_true(got->name_only);
    assert_null(got->alternative_names);
    const struct hirsch_author_metrics *m = &got->metrics;
    assert_int_equal(m->paper_count, 3);
    assert_int_equal(m->citation_count, 50);
    assert_int_equal(m->citing_paper_count, 40);
    assert_int_equal(m->h_index, 2);
    assert_int_equal(m->g_index, 3);
    assert_int_equal(m->i10_index, 1);
    assert_int_equal(m->i100_index, 5);
    assert_int_equal(m->self_citation_count, 6);
    assert_true(m->has_m_quotient && m->m_quotient > 0.49 && m->m_quotient < 0.51);
    assert_true(m->has_years);
    assert_int_equal(m->first_year, 2017);
    assert_int_equal(m->last_year, 2025);
    assert_int_equal(m->counts_by_year_count, 1);
    assert_int_equal(m->counts_by_year[0].citation_count, 7);
    const struct hirsch_reported_metrics *r = &got->reported[0];
    assert_true(r->has_h_index && r->has_novelty);
    assert_int_equal(r->h_index, 27);
    assert_false(r->has_paper_count || r->has_citation_count || r->has_ai_score ||
                 r->has_i10_index);
    assert_int_equal(r->citation_basis, HIRSCH_CITATION_BASIS_CITING_PAPERS);
    assert_string_equal(r->as_of, "");
    assert_string_equal(r->issues[0].code, "H_INDEX_ABOVE_PAPERS");
    assert_false(r->counts_by_year[0].has_paper_count);
    assert_int_equal(r->counts_by_year[0].citation_count, 3);
    hirsch_free(got);
    struct base_arena arena;
    const Hirsch__V1__GetAuthorRequest *request =
        seen(&hirsch__v1__get_author_request__descriptor, CLIENT_GET_AUTHOR, &arena);
    assert_string_equal(request->id, "local:a");
    base_arena_fini(&arena);
}

static void test_author_batch(void **state)
{
    (void)state;
    Hirsch__V1__Author author = HIRSCH__V1__AUTHOR__INIT;
    author.display_name = TEXT("Ada");
    Hirsch__V1__ItemError error = HIRSCH__V1__ITEM_ERROR__INIT;
    error.code = HIRSCH_NOT_FOUND;
    error.message = TEXT("nobody");
    Hirsch__V1__AuthorResult results[4];
    Hirsch__V1__AuthorResult *list[4];
    for (int i = 0; i < 4; i++) {
        hirsch__v1__author_result__init(&results[i]);
        list[i] = &results[i];
    }
    results[0].id = TEXT("a:1");
    results[0].result_case = HIRSCH__V1__AUTHOR_RESULT__RESULT_AUTHOR;
    results[0].author = &author;
    results[1].id = TEXT("a:2");
    results[1].result_case = HIRSCH__V1__AUTHOR_RESULT__RESULT_ERROR;
    results[1].error = &error;
    results[2].id = TEXT("a:3"); /* neither */
    Hirsch__V1__BatchGetAuthorsResponse response = HIRSCH__V1__BATCH_GET_AUTHORS_RESPONSE__INIT;
    response.n_results = 3;
    response.results = list;
    server.reply = &response.base;
    static const char *const ids[] = {"a:1", "a:2", "a:3"};
    const struct hirsch_author_batch *batch = NULL;
    assert_int_equal(hirsch_batch_get_authors(client, ids, 3, NULL, &batch, NULL), HIRSCH_OK);
    assert_int_equal(batch->count, 3);
    assert_string_equal(batch->items[0].author->display_name, "Ada");
    assert_int_equal(batch->items[0].code, HIRSCH_OK);
    assert_null(batch->items[1].author);
    assert_int_equal(batch->items[1].code, HIRSCH_NOT_FOUND);
    assert_string_equal(batch->items[1].message, "nobody");
    assert_int_equal(batch->items[2].code, HIRSCH_INTERNAL);
    hirsch_free(batch);
    /* An answer with another number of items is no answer. */
    response.n_results = 4;
    batch = NULL;
    assert_int_equal(hirsch_batch_get_authors(client, ids, 3, NULL, &batch, NULL), HIRSCH_INTERNAL);
    assert_null(batch);
    /* A failure without a code is not taken for success. */
    error.code = 0;
    response.n_results = 3;
    assert_int_equal(hirsch_batch_get_authors(client, ids, 3, NULL, &batch, NULL), HIRSCH_OK);
    assert_int_equal(batch->items[1].code, HIRSCH_UNKNOWN);
    hirsch_free(batch);
}

static void fill_paper(Hirsch__V1__Paper *paper, Hirsch__V1__Authorship *author,
                       Hirsch__V1__Authorship **authors, Hirsch__V1__PaperMetrics *metrics)
{
    hirsch__v1__paper__init(paper);
    hirsch__v1__authorship__init(author);
    hirsch__v1__paper_metrics__init(metrics);
    author->name = TEXT("Ada");
    author->position = 1;
    author->corresponding = 1;
    authors[0] = author;
    metrics->citation_count = 4;
    metrics->reference_count = 5;
    paper->id = TEXT("doi:10.1/x");
    paper->title = TEXT("On it");
    paper->abstract = TEXT("Short.");
    paper->publication_date = TEXT("2020-02");
    paper->kind = HIRSCH__V1__PAPER_KIND__PAPER_KIND_REVIEW;
    paper->n_authors = 1;
    paper->authors = authors;
    paper->authors_truncated = 1;
    paper->metrics = metrics;
    paper->refereed_presence_case = HIRSCH__V1__PAPER__REFEREED_PRESENCE_REFEREED;
    paper->refereed = 0;
    paper->retracted_presence_case = HIRSCH__V1__PAPER__RETRACTED_PRESENCE_RETRACTED;
    paper->retracted = 1;
}

static void expect_paper(const struct hirsch_paper *paper)
{
    assert_string_equal(paper->title, "On it");
    assert_string_equal(paper->abstract_text, "Short.");
    assert_string_equal(paper->publication_date, "2020-02");
    assert_int_equal(paper->kind, HIRSCH_PAPER_KIND_REVIEW);
    assert_int_equal(paper->author_count, 1);
    assert_string_equal(paper->authors[0].name, "Ada");
    assert_true(paper->authors[0].corresponding);
    assert_true(paper->authors_truncated);
    assert_int_equal(paper->metrics.citation_count, 4);
    assert_int_equal(paper->metrics.reference_count, 5);
    assert_int_equal(paper->refereed, HIRSCH_KNOWN_FALSE);
    assert_int_equal(paper->retracted, HIRSCH_KNOWN_TRUE);
    assert_string_equal(paper->venue, "");
}

static void test_papers(void **state)
{
    (void)state;
    Hirsch__V1__Paper paper;
    Hirsch__V1__Authorship author;
    Hirsch__V1__Authorship *authors[1];
    Hirsch__V1__PaperMetrics metrics;
    fill_paper(&paper, &author, authors, &metrics);
    Hirsch__V1__GetPaperResponse response = HIRSCH__V1__GET_PAPER_RESPONSE__INIT;
    response.paper = &paper;
    server.reply = &response.base;
    const struct hirsch_paper *got = NULL;
    assert_int_equal(
        hirsch_get_paper(client, "doi:10.1/x", HIRSCH_PAPER_VIEW_BASIC, NULL, &got, NULL),
        HIRSCH_OK);
    expect_paper(got);
    hirsch_free(got);
    struct base_arena arena;
    const Hirsch__V1__GetPaperRequest *request =
        seen(&hirsch__v1__get_paper_request__descriptor, CLIENT_GET_PAPER, &arena);
    assert_int_equal(request->view, HIRSCH__V1__PAPER_VIEW__PAPER_VIEW_BASIC);
    base_arena_fini(&arena);

    Hirsch__V1__PaperResult result = HIRSCH__V1__PAPER_RESULT__INIT;
    Hirsch__V1__PaperResult *results[] = {&result};
    result.id = TEXT("doi:10.1/x");
    result.result_case = HIRSCH__V1__PAPER_RESULT__RESULT_PAPER;
    result.paper = &paper;
    Hirsch__V1__BatchGetPapersResponse many = HIRSCH__V1__BATCH_GET_PAPERS_RESPONSE__INIT;
    many.n_results = 1;
    many.results = results;
    server.reply = &many.base;
    static const char *const ids[] = {"doi:10.1/x"};
    const struct hirsch_paper_batch *batch = NULL;
    assert_int_equal(
        hirsch_batch_get_papers(client, ids, 1, HIRSCH_PAPER_VIEW_FULL, NULL, &batch, NULL),
        HIRSCH_OK);
    expect_paper(batch->items[0].paper);
    hirsch_free(batch);

    Hirsch__V1__Paper *papers[] = {&paper, &paper};
    Hirsch__V1__ListAuthorPapersResponse page = HIRSCH__V1__LIST_AUTHOR_PAPERS_RESPONSE__INIT;
    page.n_papers = 2;
    page.papers = papers;
    page.next_page_token = TEXT("next");
    page.total_size = 12;
    server.reply = &page.base;
    struct hirsch_list_author_papers list = HIRSCH_LIST_AUTHOR_PAPERS_INIT;
    list.id = "local:a";
    list.page_size = 2;
    list.page_token = "here";
    list.view = HIRSCH_PAPER_VIEW_FULL;
    const struct hirsch_paper_page *listed = NULL;
    assert_int_equal(hirsch_list_author_papers(client, &list, NULL, &listed, NULL), HIRSCH_OK);
    assert_int_equal(listed->count, 2);
    expect_paper(&listed->papers[1]);
    assert_string_equal(listed->next_page_token, "next");
    assert_int_equal(listed->total_size, 12);
    hirsch_free(listed);
    const Hirsch__V1__ListAuthorPapersRequest *asked = seen(
        &hirsch__v1__list_author_papers_request__descriptor, CLIENT_LIST_AUTHOR_PAPERS, &arena);
    assert_string_equal(asked->page_token, "here");
    assert_int_equal(asked->page_size, 2);
    base_arena_fini(&arena);
}

/* A server that fills nothing in: no pointer of the result is NULL that may not be. */
static void test_empty_answers(void **state)
{
    (void)state;
    Hirsch__V1__GetPaperResponse none = HIRSCH__V1__GET_PAPER_RESPONSE__INIT;
    server.reply = &none.base;
    const struct hirsch_paper *paper = NULL;
    assert_int_equal(
        hirsch_get_paper(client, "a:1", HIRSCH_PAPER_VIEW_UNSPECIFIED, NULL, &paper, NULL),
        HIRSCH_OK);
    assert_string_equal(paper->title, "");
    assert_string_equal(paper->primary_field.id, "");
    assert_int_equal(paper->refereed, HIRSCH_NOT_KNOWN);
    hirsch_free(paper);
    const struct hirsch_author *author = NULL;
    assert_int_equal(hirsch_get_author(client, "a:1", NULL, &author, NULL), HIRSCH_OK);
    assert_string_equal(author->display_name, "");
    assert_false(author->metrics.has_years || author->metrics.has_m_quotient);
    hirsch_free(author);
    struct hirsch_list_author_papers list = HIRSCH_LIST_AUTHOR_PAPERS_INIT;
    list.id = "a:1";
    const struct hirsch_paper_page *page = NULL;
    assert_int_equal(hirsch_list_author_papers(client, &list, NULL, &page, NULL), HIRSCH_OK);
    assert_int_equal(page->count, 0);
    assert_string_equal(page->next_page_token, "");
    hirsch_free(page);
}

static void test_health_and_call(void **state)
{
    (void)state;
    Grpc__Health__V1__HealthCheckResponse response = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;
    response.status = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__NOT_SERVING;
    server.reply = &response.base;
    enum hirsch_serving_status status = HIRSCH_SERVING_UNKNOWN;
    assert_int_equal(hirsch_health_check(client, NULL, NULL, &status, NULL), HIRSCH_OK);
    assert_int_equal(status, HIRSCH_NOT_SERVING);
    const struct hirsch_bytes *reply = NULL;
    assert_int_equal(hirsch_call(client, "x.Y/Z",
                                 "\x0a\x01"
                                 "a",
                                 3, NULL, &reply, NULL),
                     HIRSCH_OK);
    assert_int_equal(reply->size, 2);
    assert_memory_equal(reply->data, "\x08\x02", 2);
    assert_string_equal(server.method, "x.Y/Z");
    assert_int_equal(server.payload.size, 3);
    hirsch_free(reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_author, start, stop),
        cmocka_unit_test_setup_teardown(test_author_batch, start, stop),
        cmocka_unit_test_setup_teardown(test_papers, start, stop),
        cmocka_unit_test_setup_teardown(test_empty_answers, start, stop),
        cmocka_unit_test_setup_teardown(test_health_and_call, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
