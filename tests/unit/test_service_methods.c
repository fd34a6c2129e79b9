/* The methods over a store in memory, asked through rpc as a door asks them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/service_ask.h"

static const Hirsch__V1__Author *get_author(struct fixture *fixture, const char *id)
{
    Hirsch__V1__GetAuthorRequest request = HIRSCH__V1__GET_AUTHOR_REQUEST__INIT;
    request.id = text(id);
    const Hirsch__V1__GetAuthorResponse *response =
        ask(fixture, "hirsch.v1.AuthorService/GetAuthor", &request.base,
            &hirsch__v1__get_author_response__descriptor);
    return response == NULL ? NULL : response->author;
}

static const Hirsch__V1__Paper *get_paper(struct fixture *fixture, const char *id, int view)
{
    Hirsch__V1__GetPaperRequest request = HIRSCH__V1__GET_PAPER_REQUEST__INIT;
    request.id = text(id);
    request.view = (Hirsch__V1__PaperView)view;
    const Hirsch__V1__GetPaperResponse *response =
        ask(fixture, "hirsch.v1.PaperService/GetPaper", &request.base,
            &hirsch__v1__get_paper_response__descriptor);
    return response == NULL ? NULL : response->paper;
}

static void test_get_author(void **state)
{
    struct fixture *fixture = *state;
    struct double_author *stored = double_add_author(&fixture->store, "local:a", "A. Author");
    stored->author = (struct store_author){
        .number = 1,
        .paper_count = 5,
        .citation_count = 60,
        .citing_paper_count = 50,
        .self_citation_count = 6,
        .h_index = 4,
        .g_index = 5,
        .i10_index = 2,
        .i100_index = 1,
        .first_year = 2017,
        .last_year = 2023,
    };
    stored->years =
        (struct double_years){.first_year = 2017, .count = 3, .years = {{1, 0}, {0, 0}, {4, 60}}};
    const Hirsch__V1__Author *author = get_author(fixture, "local:a");
    assert_non_null(author);
    assert_string_equal(author->id, "local:a");
    assert_string_equal(author->display_name, "A. Author");
    const Hirsch__V1__AuthorMetrics *metrics = author->metrics;
    assert_int_equal(metrics->paper_count, 5);
    assert_int_equal(metrics->citation_count, 60);
    assert_int_equal(metrics->citing_paper_count, 50);
    assert_int_equal(metrics->self_citation_count, 6);
    assert_int_equal(metrics->h_index, 4);
    assert_int_equal(metrics->g_index, 5);
    assert_int_equal(metrics->i10_index, 2);
    assert_int_equal(metrics->i100_index, 1);
    assert_int_equal(metrics->first_year, 2017);
    assert_int_equal(metrics->last_year, 2023);
    /* 2017 to 2024, the year of coverage_end: 8 years. */
    assert_int_equal(metrics->m_quotient_presence_case, 8);
    assert_true(metrics->m_quotient == 0.5);
    assert_int_equal(metrics->n_counts_by_year, 3);
    assert_int_equal(metrics->counts_by_year[1]->year, 2018);
    assert_int_equal(metrics->counts_by_year[1]->paper_count, 0);
    assert_int_equal(metrics->counts_by_year[2]->year, 2019);
    assert_int_equal(metrics->counts_by_year[2]->citation_count, 60);
}

static void test_author_without_dates(void **state)
{
    struct fixture *fixture = *state;
    double_add_author(&fixture->store, "local:a", "A")->author.paper_count = 1;
    const Hirsch__V1__Author *author = get_author(fixture, "local:a");
    assert_int_equal(author->metrics->m_quotient_presence_case, 0);
    assert_int_equal(author->metrics->first_year_presence_case, 0);
    assert_int_equal(author->metrics->last_year_presence_case, 0);
    assert_int_equal(author->metrics->n_counts_by_year, 0);
    /* An author without anything still has metrics: zeros, not absence. */
    fixture->store.authors[0].author.paper_count = 0;
    author = get_author(fixture, "local:a");
    assert_non_null(author->metrics);
    assert_int_equal(author->metrics->paper_count, 0);
}

static void test_info_once_a_snapshot(void **state)
{
    struct fixture *fixture = *state;
    double_add_author(&fixture->store, "local:a", "A")->author.first_year = 2015;
    fixture->store.authors[0].author.h_index = 10;
    assert_true(get_author(fixture, "local:a")->metrics->m_quotient == 1.0);
    get_author(fixture, "local:a");
    assert_int_equal(fixture->store.info_reads, 1);
    fixture->store.info.coverage_end = model_day_of(2034, 1, 1);
    rpc_session_rest(fixture->session);
    assert_int_equal(fixture->store.rests, 1);
    assert_true(get_author(fixture, "local:a")->metrics->m_quotient == 0.5);
    assert_int_equal(fixture->store.info_reads, 2);
}

static void test_bad_ids(void **state)
{
    struct fixture *fixture = *state;
    double_add_author(&fixture->store, "local:a", "A");
    get_author(fixture, "");
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "field id: it is empty", "ID_INVALID");
    get_author(fixture, "no-scheme");
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "field id: ", "ID_INVALID");
    get_author(fixture, "doi:10.1/x");
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "doi:10.1/x cannot name an author",
                   "ID_INVALID");
    get_author(fixture, "local:b");
    expect_failure(fixture, BASE_NOT_FOUND, "local:b", NULL);
    get_paper(fixture, "orcid:0000-0001-6187-6610", 0);
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "cannot name a paper", "ID_INVALID");
    get_paper(fixture, "doi:10.1/x", 0);
    expect_failure(fixture, BASE_NOT_FOUND, "doi:10.1/x", NULL);
    get_paper(fixture, "doi:10.1/x", 4);
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "field view: 4", "VIEW_INVALID");
    fixture->store.authors[0].damaged = true;
    get_author(fixture, "local:a");
    expect_failure(fixture, BASE_DATA_LOSS, "author 1 is damaged", NULL);
}

static void test_position(void **state)
{
    struct fixture *fixture = *state;
    double_add_author(&fixture->store, "local:a", "A");
    struct wire_metadata metadata[2] = {
        {BASE_SLICE("hirsch-min-sequence"), BASE_SLICE("41")},
        {BASE_SLICE("hirsch-epoch"), BASE_SLICE("ab010000000000000000000000000000")},
    };
    fixture->metadata = metadata;
    fixture->metadata_count = 2;
    assert_non_null(get_author(fixture, "local:a"));
    metadata[0].value = BASE_SLICE("42");
    get_author(fixture, "local:a");
    expect_failure(fixture, BASE_UNAVAILABLE, "42 is not reached here yet", NULL);
    metadata[1].value = BASE_SLICE("bb010000000000000000000000000000");
    get_author(fixture, "local:a");
    expect_failure(fixture, BASE_FAILED_PRECONDITION, "bb01", NULL);
}

static void test_get_paper(void **state)
{
    struct fixture *fixture = *state;
    struct double_paper *stored =
        double_add_paper(&fixture->store, "doi:10.1/x", "A title", "An abstract.");
    stored->paper.citation_count = 7;
    stored->paper.reference_count = 8;
    stored->paper.self_citation_count = 2;
    stored->years =
        (struct double_years){.first_year = 2020, .count = 2, .years = {{0, 3}, {0, 4}}};
    const Hirsch__V1__Paper *paper = get_paper(fixture, "doi:10.1/X", 0);
    assert_non_null(paper);
    assert_string_equal(paper->id, "doi:10.1/x");
    assert_string_equal(paper->title, "A title");
    assert_string_equal(paper->abstract, "An abstract.");
    assert_int_equal(paper->metrics->citation_count, 7);
    assert_int_equal(paper->metrics->reference_count, 8);
    assert_int_equal(paper->metrics->self_citation_count, 2);
    assert_int_equal(paper->metrics->n_counts_by_year, 2);
    assert_int_equal(paper->metrics->counts_by_year[1]->year, 2021);
    assert_int_equal(paper->metrics->counts_by_year[1]->citation_count, 4);
    assert_string_equal(get_paper(fixture, "doi:10.1/x", 1)->abstract, "");
    assert_string_equal(get_paper(fixture, "doi:10.1/x", 2)->abstract, "An abstract.");
}

static void test_batch_authors(void **state)
{
    struct fixture *fixture = *state;
    double_add_author(&fixture->store, "local:a", "A");
    double_add_author(&fixture->store, "local:b", "B");
    double_add_author(&fixture->store, "local:c", "C")->damaged = true;
    char *ids[] = {text("local:b"), text("local:none"), text("?"),      text("local:a"),
                   text("local:c"), text(""),           text("local:b")};
    Hirsch__V1__BatchGetAuthorsRequest request = HIRSCH__V1__BATCH_GET_AUTHORS_REQUEST__INIT;
    request.n_ids = 7;
    request.ids = ids;
    const Hirsch__V1__BatchGetAuthorsResponse *response =
        ask(fixture, "hirsch.v1.AuthorService/BatchGetAuthors", &request.base,
            &hirsch__v1__batch_get_authors_response__descriptor);
    assert_non_null(response);
    assert_int_equal(response->n_results, 7);
    static const uint32_t codes[] = {0, 5, 3, 0, 15, 3, 0};
    for (size_t i = 0; i < 7; i++) {
        const Hirsch__V1__AuthorResult *result = response->results[i];
        assert_string_equal(result->id, ids[i]);
        if (codes[i] == 0) {
            assert_int_equal(result->result_case, HIRSCH__V1__AUTHOR_RESULT__RESULT_AUTHOR);
            assert_string_equal(result->author->id, ids[i]);
            assert_non_null(result->author->metrics);
        } else {
            assert_int_equal(result->result_case, HIRSCH__V1__AUTHOR_RESULT__RESULT_ERROR);
            assert_int_equal(result->error->code, codes[i]);
            assert_true(result->error->message[0] != '\0');
        }
    }
    assert_non_null(strstr(response->results[1]->error->message, "local:none"));
}

static void test_batch_sizes(void **state)
{
    struct fixture *fixture = *state;
    double_add_paper(&fixture->store, "doi:10.1/x", "T", "An abstract.");
    static char *ids[LIMIT_BATCH + 1];
    for (size_t i = 0; i <= LIMIT_BATCH; i++) {
        ids[i] = text("doi:10.1/x");
    }
    Hirsch__V1__BatchGetPapersRequest request = HIRSCH__V1__BATCH_GET_PAPERS_REQUEST__INIT;
    request.ids = ids;
    static const char method[] = "hirsch.v1.PaperService/BatchGetPapers";
    const ProtobufCMessageDescriptor *type = &hirsch__v1__batch_get_papers_response__descriptor;
    request.n_ids = 0;
    ask(fixture, method, &request.base, type);
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "0 ids", "BATCH_SIZE");
    request.n_ids = LIMIT_BATCH + 1;
    ask(fixture, method, &request.base, type);
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "1001 ids", "BATCH_SIZE");
    request.n_ids = LIMIT_BATCH;
    const Hirsch__V1__BatchGetPapersResponse *response = ask(fixture, method, &request.base, type);
    assert_int_equal(response->n_results, LIMIT_BATCH);
    assert_string_equal(response->results[0]->paper->abstract, "");
    assert_string_equal(response->results[999]->paper->title, "T");
    request.view = HIRSCH__V1__PAPER_VIEW__PAPER_VIEW_FULL;
    response = ask(fixture, method, &request.base, type);
    assert_string_equal(response->results[0]->paper->abstract, "An abstract.");
}

static void test_batch_reply_limit(void **state)
{
    struct fixture *fixture = *state;
    static char abstract[4000];
    memset(abstract, 'x', sizeof abstract - 1);
    double_add_paper(&fixture->store, "doi:10.1/x", "T", abstract);
    char *ids[] = {text("doi:10.1/x"), text("doi:10.1/none"), text("doi:10.1/x")};
    struct wire_metadata metadata = {BASE_SLICE("hirsch-max-reply"), BASE_SLICE("5000")};
    fixture->metadata = &metadata;
    fixture->metadata_count = 1;
    Hirsch__V1__BatchGetPapersRequest request = HIRSCH__V1__BATCH_GET_PAPERS_REQUEST__INIT;
    request.ids = ids;
    request.n_ids = 3;
    request.view = HIRSCH__V1__PAPER_VIEW__PAPER_VIEW_FULL;
    ask(fixture, "hirsch.v1.PaperService/BatchGetPapers", &request.base,
        &hirsch__v1__batch_get_papers_response__descriptor);
    expect_failure(fixture, BASE_RESOURCE_EXHAUSTED, "5000 bytes; ask for fewer", NULL);
    request.n_ids = 2;
    assert_non_null(ask(fixture, "hirsch.v1.PaperService/BatchGetPapers", &request.base,
                        &hirsch__v1__batch_get_papers_response__descriptor));
}

static void test_no_reader(void **state)
{
    struct fixture *fixture = *state;
    fixture->store.no_readers = true;
    struct base_error error = {0};
    assert_null(rpc_session_new(fixture->server, &error));
    assert_int_equal(error.code, BASE_RESOURCE_EXHAUSTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_get_author),
        TEST(test_author_without_dates),
        TEST(test_info_once_a_snapshot),
        TEST(test_bad_ids),
        TEST(test_position),
        TEST(test_get_paper),
        TEST(test_batch_authors),
        TEST(test_batch_sizes),
        TEST(test_batch_reply_limit),
        TEST(test_no_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
