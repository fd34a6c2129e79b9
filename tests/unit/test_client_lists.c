/* Lists, searches and the dataset's methods against canned answers: what is asked, and how every
 * part of the answer arrives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "client/methods.h"
#include "support/canned_server.h"

#define SEEN(type, method, arena)                                                                  \
    (const void *)seen(&hirsch__v1__##type##_request__descriptor, method, arena)

static void test_coauthors(void **state)
{
    (void)state;
    Hirsch__V1__Coauthor one = HIRSCH__V1__COAUTHOR__INIT;
    one.id = TEXT("local:b");
    one.display_name = TEXT("Bob");
    one.joint_paper_count = 7;
    one.first_year_presence_case = HIRSCH__V1__COAUTHOR__FIRST_YEAR_PRESENCE_FIRST_YEAR;
    one.first_year = 1999;
    one.last_year_presence_case = HIRSCH__V1__COAUTHOR__LAST_YEAR_PRESENCE_LAST_YEAR;
    one.last_year = 2003;
    one.name_only = 1;
    Hirsch__V1__Coauthor *list[] = {&one};
    Hirsch__V1__ListCoauthorsResponse response = HIRSCH__V1__LIST_COAUTHORS_RESPONSE__INIT;
    response.n_coauthors = 1;
    response.coauthors = list;
    response.next_page_token = TEXT("next");
    response.total_size = 9;
    response.skipped_papers = 2;
    server.reply = &response.base;
    struct hirsch_list request = HIRSCH_LIST_INIT;
    request.id = "local:a";
    request.page_size = 5;
    request.page_token = "token";
    const struct hirsch_coauthor_page *page = NULL;
    assert_int_equal(hirsch_list_coauthors(client, &request, NULL, &page, NULL), HIRSCH_OK);
    assert_int_equal(page->count, 1);
    assert_string_equal(page->coauthors[0].id, "local:b");
    assert_string_equal(page->coauthors[0].display_name, "Bob");
    assert_int_equal(page->coauthors[0].joint_paper_count, 7);
    assert_true(page->coauthors[0].has_years && page->coauthors[0].name_only);
    assert_int_equal(page->coauthors[0].first_year, 1999);
    assert_int_equal(page->coauthors[0].last_year, 2003);
    assert_string_equal(page->next_page_token, "next");
    assert_int_equal(page->total_size, 9);
    assert_int_equal(page->skipped_papers, 2);
    hirsch_free(page);
    struct base_arena arena;
    const Hirsch__V1__ListCoauthorsRequest *sent =
        SEEN(list_coauthors, CLIENT_LIST_COAUTHORS, &arena);
    assert_string_equal(sent->id, "local:a");
    assert_int_equal(sent->page_size, 5);
    assert_string_equal(sent->page_token, "token");
    base_arena_fini(&arena);
    request.id = "";
    assert_int_equal(hirsch_list_coauthors(client, &request, NULL, &page, NULL),
                     HIRSCH_INVALID_ARGUMENT);
    assert_int_equal(hirsch_list_coauthors(client, NULL, NULL, &page, NULL),
                     HIRSCH_INVALID_ARGUMENT);
}

static void test_citations_and_references(void **state)
{
    (void)state;
    Hirsch__V1__Paper paper = HIRSCH__V1__PAPER__INIT;
    paper.id = TEXT("doi:10.1/x");
    Hirsch__V1__Citation citation = HIRSCH__V1__CITATION__INIT;
    citation.paper = &paper;
    citation.shares_author = 1;
    Hirsch__V1__Citation *citations[] = {&citation};
    Hirsch__V1__ListCitationsResponse cites = HIRSCH__V1__LIST_CITATIONS_RESPONSE__INIT;
    cites.n_citations = 1;
    cites.citations = citations;
    cites.total_size = 4;
    server.reply = &cites.base;
    struct hirsch_list request = HIRSCH_LIST_INIT;
    request.id = "doi:10.1/y";
    request.view = HIRSCH_PAPER_VIEW_FULL;
    const struct hirsch_citation_page *page = NULL;
    assert_int_equal(hirsch_list_citations(client, &request, NULL, &page, NULL), HIRSCH_OK);
    assert_int_equal(page->count, 1);
    assert_string_equal(page->citations[0].paper.id, "doi:10.1/x");
    assert_true(page->citations[0].shares_author);
    assert_int_equal(page->total_size, 4);
    assert_string_equal(page->next_page_token, "");
    hirsch_free(page);
    struct base_arena arena;
    const Hirsch__V1__ListCitationsRequest *sent =
        SEEN(list_citations, CLIENT_LIST_CITATIONS, &arena);
    assert_string_equal(sent->id, "doi:10.1/y");
    assert_int_equal(sent->view, HIRSCH_PAPER_VIEW_FULL);
    base_arena_fini(&arena);

    Hirsch__V1__Paper *papers[] = {&paper, &paper};
    Hirsch__V1__ListReferencesResponse refers = HIRSCH__V1__LIST_REFERENCES_RESPONSE__INIT;
    refers.n_papers = 2;
    refers.papers = papers;
    refers.total_size = 2;
    server.reply = &refers.base;
    const struct hirsch_paper_page *references = NULL;
    assert_int_equal(hirsch_list_references(client, &request, NULL, &references, NULL), HIRSCH_OK);
    assert_int_equal(references->count, 2);
    assert_string_equal(references->papers[1].id, "doi:10.1/x");
    assert_int_equal(references->total_size, 2);
    hirsch_free(references);
    SEEN(list_references, CLIENT_LIST_REFERENCES, &arena);
    base_arena_fini(&arena);
}

static void test_searches(void **state)
{
    (void)state;
    Hirsch__V1__AuthorHit hit = HIRSCH__V1__AUTHOR_HIT__INIT;
    hit.id = TEXT("local:a");
    hit.paper_count = 3;
    hit.citation_count = 4;
    hit.h_index = 2;
    Hirsch__V1__AuthorHit *hits[] = {&hit};
    Hirsch__V1__SearchAuthorsResponse authors = HIRSCH__V1__SEARCH_AUTHORS_RESPONSE__INIT;
    authors.n_authors = 1;
    authors.authors = hits;
    authors.truncated = 1;
    server.reply = &authors.base;
    struct hirsch_search request = HIRSCH_SEARCH_INIT;
    request.query = "ada love";
    request.field = "cs.LG";
    request.year = 1843;
    const struct hirsch_author_hits *found = NULL;
    assert_int_equal(hirsch_search_authors(client, &request, NULL, &found, NULL), HIRSCH_OK);
    assert_int_equal(found->count, 1);
    assert_true(found->truncated);
    assert_string_equal(found->authors[0].id, "local:a");
    assert_string_equal(found->authors[0].primary_field.id, "");
    assert_int_equal(found->authors[0].paper_count, 3);
    assert_int_equal(found->authors[0].citation_count, 4);
    assert_int_equal(found->authors[0].h_index, 2);
    hirsch_free(found);
    struct base_arena arena;
    const Hirsch__V1__SearchAuthorsRequest *sent =
        SEEN(search_authors, CLIENT_SEARCH_AUTHORS, &arena);
    assert_string_equal(sent->query, "ada love");
    assert_string_equal(sent->field, "cs.LG");
    base_arena_fini(&arena);

    Hirsch__V1__SearchPapersResponse none = HIRSCH__V1__SEARCH_PAPERS_RESPONSE__INIT;
    server.reply = &none.base;
    const struct hirsch_paper_hits *papers = NULL;
    assert_int_equal(hirsch_search_papers(client, &request, NULL, &papers, NULL), HIRSCH_OK);
    assert_int_equal(papers->count, 0);
    assert_null(papers->papers);
    hirsch_free(papers);
    const Hirsch__V1__SearchPapersRequest *asked =
        SEEN(search_papers, CLIENT_SEARCH_PAPERS, &arena);
    assert_int_equal(asked->year, 1843);
    base_arena_fini(&arena);
    request.query = "";
    assert_int_equal(hirsch_search_papers(client, &request, NULL, &papers, NULL),
                     HIRSCH_INVALID_ARGUMENT);
}

static void test_dataset(void **state)
{
    (void)state;
    Hirsch__V1__SourceCount source = HIRSCH__V1__SOURCE_COUNT__INIT;
    source.source = TEXT("openalex");
    source.author_records = 5;
    source.paper_records = 6;
    Hirsch__V1__SourceCount *sources[] = {&source};
    Hirsch__V1__Dataset dataset = HIRSCH__V1__DATASET__INIT;
    dataset.epoch = TEXT("00ff");
    dataset.sequence = 12345678901;
    dataset.paper_count = 3;
    dataset.citation_count = 5000000000;
    dataset.n_sources = 1;
    dataset.sources = sources;
    Hirsch__V1__GetDatasetResponse response = HIRSCH__V1__GET_DATASET_RESPONSE__INIT;
    response.dataset = &dataset;
    server.reply = &response.base;
    const struct hirsch_dataset *got = NULL;
    assert_int_equal(hirsch_get_dataset(client, NULL, &got, NULL), HIRSCH_OK);
    assert_string_equal(got->epoch, "00ff");
    assert_true(got->sequence == 12345678901 && got->citation_count == 5000000000);
    assert_int_equal(got->paper_count, 3);
    assert_int_equal(got->source_count, 1);
    assert_string_equal(got->sources[0].source, "openalex");
    assert_true(got->sources[0].author_records == 5 && got->sources[0].paper_records == 6);
    hirsch_free(got);

    char *ids[] = {TEXT("local:a"), TEXT("local:b")};
    Hirsch__V1__SampleIdsResponse sample = HIRSCH__V1__SAMPLE_IDS_RESPONSE__INIT;
    sample.n_ids = 2;
    sample.ids = ids;
    server.reply = &sample.base;
    struct hirsch_sample request = HIRSCH_SAMPLE_INIT;
    request.kind = HIRSCH_ENTITY_KIND_PAPER;
    request.count = 2;
    request.seed = 42;
    request.include_stubs = true;
    const struct hirsch_id_list *list = NULL;
    assert_int_equal(hirsch_sample_ids(client, &request, NULL, &list, NULL), HIRSCH_OK);
    assert_int_equal(list->count, 2);
    assert_string_equal(list->ids[1], "local:b");
    hirsch_free(list);
    struct base_arena arena;
    const Hirsch__V1__SampleIdsRequest *sent = SEEN(sample_ids, CLIENT_SAMPLE_IDS, &arena);
    assert_int_equal(sent->kind, HIRSCH_ENTITY_KIND_PAPER);
    assert_true(sent->count == 2 && sent->seed == 42 && sent->include_stubs);
    base_arena_fini(&arena);
}

static void on_refresh(const struct hirsch_completion *completion)
{
    const struct hirsch_refresh **got = completion->context;
    *got = completion->result;
    hirsch_free(completion->error);
}

static void test_refresh(void **state)
{
    (void)state;
    Hirsch__V1__RefreshCohortsResponse answer = HIRSCH__V1__REFRESH_COHORTS_RESPONSE__INIT;
    answer.sequence = 12345678901;
    answer.cohort_count = 7;
    answer.paper_count = 99;
    server.reply = &answer.base;
    const struct hirsch_refresh *got = NULL;
    assert_int_equal(hirsch_refresh_cohorts(client, NULL, &got, NULL), HIRSCH_OK);
    assert_true(got->sequence == 12345678901);
    assert_true(got->cohort_count == 7 && got->paper_count == 99);
    hirsch_free(got);
    struct base_arena arena;
    (void)seen(&hirsch__v1__refresh_cohorts_request__descriptor, CLIENT_REFRESH_COHORTS, &arena);
    base_arena_fini(&arena);

    struct hirsch_call_options call = HIRSCH_CALL_OPTIONS_INIT;
    call.done = on_refresh;
    call.context = &got;
    got = NULL;
    assert_int_equal(hirsch_refresh_cohorts(client, &call, NULL, NULL), HIRSCH_OK);
    while (got == NULL) {
        hirsch_poll(client, 1000);
    }
    assert_true(got->sequence == 12345678901);
    hirsch_free(got);

    /* It changes the store, so it goes to the writer alone. */
    struct hirsch_options options = HIRSCH_OPTIONS_INIT;
    hirsch_client *readers = NULL;
    options.endpoints = "tcp://127.0.0.1:1,tcp://127.0.0.1:2";
    assert_int_equal(hirsch_open(&options, &readers, NULL), HIRSCH_OK);
    assert_int_equal(hirsch_refresh_cohorts(readers, NULL, &got, NULL), HIRSCH_FAILED_PRECONDITION);
    hirsch_close(readers);
    options.writer = server.url;
    options.timeout_ms = 60000;
    assert_int_equal(hirsch_open(&options, &readers, NULL), HIRSCH_OK);
    assert_int_equal(hirsch_refresh_cohorts(readers, NULL, &got, NULL), HIRSCH_OK);
    hirsch_free(got);
    hirsch_close(readers);
}

static void test_resolution(void **state)
{
    (void)state;
    Hirsch__V1__ResolvedId results[3];
    Hirsch__V1__ResolvedId *list[3];
    for (int i = 0; i < 3; i++) {
        hirsch__v1__resolved_id__init(&results[i]);
        list[i] = &results[i];
    }
    results[0].id = TEXT("s2:1");
    results[0].kind = HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_PAPER;
    results[0].resolved_id = TEXT("doi:10.1/x");
    results[0].merged = results[0].disputed = results[0].suppressed = results[0].stub = 1;
    results[1].error_code = HIRSCH_INVALID_ARGUMENT;
    results[1].error_message = TEXT("no id");
    Hirsch__V1__ResolveIdsResponse response = HIRSCH__V1__RESOLVE_IDS_RESPONSE__INIT;
    response.n_results = 2;
    response.results = list;
    server.reply = &response.base;
    const char *ids[] = {"s2:1", "x"};
    const struct hirsch_resolution *got = NULL;
    assert_int_equal(hirsch_resolve_ids(client, ids, 2, NULL, &got, NULL), HIRSCH_OK);
    assert_int_equal(got->count, 2);
    assert_string_equal(got->ids[0].resolved_id, "doi:10.1/x");
    assert_int_equal(got->ids[0].kind, HIRSCH_ENTITY_KIND_PAPER);
    assert_true(got->ids[0].merged && got->ids[0].disputed && got->ids[0].suppressed &&
                got->ids[0].stub);
    assert_int_equal(got->ids[1].code, HIRSCH_INVALID_ARGUMENT);
    assert_string_equal(got->ids[1].message, "no id");
    hirsch_free(got);
    got = NULL;
    /* One id cannot have three answers. */
    response.n_results = 3;
    assert_int_equal(hirsch_resolve_ids(client, ids, 1, NULL, &got, NULL), HIRSCH_INTERNAL);
    assert_null(got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_coauthors), cmocka_unit_test(test_citations_and_references),
        cmocka_unit_test(test_searches),  cmocka_unit_test(test_dataset),
        cmocka_unit_test(test_refresh),   cmocka_unit_test(test_resolution),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
