/* Authors and papers by their ids: views, rows that are remembered, ids that are announced. Over a
 * store in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/service_ask.h"

static void test_views(void **state)
{
    struct fixture *fixture = *state;
    struct double_author *author = double_add_author(&fixture->store, "local:a", "A");
    author->years = (struct double_years){2020, 1, {{1, 2}}};
    author->author.citation_count = 2;
    /* reported{source: "s"} */
    base_buffer_append(&author->view, "\x42\x03\x0a\x01s", 5);
    Hirsch__V1__GetAuthorRequest request = HIRSCH__V1__GET_AUTHOR_REQUEST__INIT;
    request.id = text("local:a");
    struct base_buffer plain = BASE_BUFFER_EMPTY;
    for (int view = 0; view <= 2; view++) {
        request.view = (Hirsch__V1__AuthorView)view;
        const Hirsch__V1__GetAuthorResponse *response =
            ask(fixture, "hirsch.v1.AuthorService/GetAuthor", &request.base,
                &hirsch__v1__get_author_response__descriptor);
        size_t more = view == 1 ? 0 : 1;
        assert_int_equal(response->author->n_reported, more);
        assert_int_equal(response->author->metrics->n_counts_by_year, more);
        assert_int_equal(response->author->metrics->citation_count, 2);
        assert_string_equal(response->author->display_name, "A");
        if (view == 0) {
            base_buffer_append_slice(&plain, fixture->response.payload);
        }
    }
    /* A request with nothing but an id is read on another way, to the same answer. */
    assert_true(base_slice_equal(base_buffer_slice(&plain), fixture->response.payload));
    base_buffer_fini(&plain);
    request.view = (Hirsch__V1__AuthorView)3;
    ask(fixture, "hirsch.v1.AuthorService/GetAuthor", &request.base,
        &hirsch__v1__get_author_response__descriptor);
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "field view: 3 is no view", "VIEW_INVALID");

    struct double_paper *paper = double_add_paper(&fixture->store, "doi:10.1/x", "T", "Abstract.");
    paper->years = (struct double_years){2020, 1, {{0, 2}}};
    /* reported{source: "s"} */
    base_buffer_append(&paper->view, "\x62\x03\x0a\x01s", 5);
    Hirsch__V1__GetPaperRequest asked = HIRSCH__V1__GET_PAPER_REQUEST__INIT;
    asked.id = text("doi:10.1/x");
    for (int view = 0; view <= 3; view++) {
        asked.view = (Hirsch__V1__PaperView)view;
        const Hirsch__V1__GetPaperResponse *response =
            ask(fixture, "hirsch.v1.PaperService/GetPaper", &asked.base,
                &hirsch__v1__get_paper_response__descriptor);
        size_t more = view == 3 ? 0 : 1;
        assert_int_equal(response->paper->n_reported, more);
        assert_int_equal(response->paper->metrics->n_counts_by_year, more);
        assert_string_equal(response->paper->abstract, view == 0 || view == 2 ? "Abstract." : "");
    }
}

static const char *author_id(struct fixture *fixture, const char *id)
{
    Hirsch__V1__GetAuthorRequest request = HIRSCH__V1__GET_AUTHOR_REQUEST__INIT;
    request.id = text(id);
    const Hirsch__V1__GetAuthorResponse *response =
        ask(fixture, "hirsch.v1.AuthorService/GetAuthor", &request.base,
            &hirsch__v1__get_author_response__descriptor);
    return response == NULL ? NULL : response->author->id;
}

/* A row that is remembered under the key of another id is not its answer. */
static void test_recalled(void **state)
{
    struct fixture *fixture = *state;
    double_add_author(&fixture->store, "local:a", "A");
    double_add_author(&fixture->store, "local:b", "B");
    for (uint32_t recalled = 0; recalled <= 2; recalled++) {
        fixture->store.recalled = recalled;
        assert_string_equal(author_id(fixture, "local:a"), "local:a");
        assert_string_equal(author_id(fixture, "local:b"), "local:b");
        assert_string_equal(author_id(fixture, "LOCAL:b"), "local:b");
        assert_null(author_id(fixture, "local:"));
        expect_failure(fixture, BASE_INVALID_ARGUMENT, "field id: ", "ID_INVALID");
        assert_null(author_id(fixture, ""));
        expect_failure(fixture, BASE_INVALID_ARGUMENT, "field id: ", "ID_INVALID");
        assert_null(author_id(fixture, "local:aa"));
        expect_failure(fixture, BASE_NOT_FOUND, "local:aa", NULL);
    }
    /* The damaged row is not remembered: asking again says so again. */
    fixture->store.authors[0].damaged = true;
    fixture->store.recalled = 1;
    assert_null(author_id(fixture, "local:a"));
    expect_failure(fixture, BASE_DATA_LOSS, "author 1 is damaged", NULL);
}

static void announce(struct fixture *fixture, const char *const *ids, size_t count)
{
    enum { MOST = 100 };
    struct base_buffer envelopes[MOST];
    struct base_slice requests[MOST];
    assert_true(count <= MOST);
    for (size_t i = 0; i < count; i++) {
        Hirsch__V1__GetAuthorRequest request = HIRSCH__V1__GET_AUTHOR_REQUEST__INIT;
        struct base_buffer payload = BASE_BUFFER_EMPTY;
        request.id = text(ids[i]);
        wire_pack(&request.base, &payload);
        base_buffer_init(&envelopes[i]);
        wire_request_write(&envelopes[i], BASE_SLICE("hirsch.v1.AuthorService/GetAuthor"), 0, NULL,
                           0, base_buffer_slice(&payload));
        requests[i] = base_buffer_slice(&envelopes[i]);
        base_buffer_fini(&payload);
    }
    rpc_session_ahead(fixture->session, requests, count);
    for (size_t i = 0; i < count; i++) {
        base_buffer_fini(&envelopes[i]);
    }
}

/* Ids that were announced, in whatever spelling, mean what they mean unannounced; wrong ones are
 * told when they come. */
static void test_announced(void **state)
{
    struct fixture *fixture = *state;
    const char *const ids[] = {
        "local:a",    "LOCAL:a", "local:b", "", "local:", "local:aa", "https://openalex.org/A7",
        "doi:10.1/1", "local:b"};
    double_add_author(&fixture->store, "local:a", "A");
    double_add_author(&fixture->store, "local:b", "B");
    double_add_author(&fixture->store, "openalex:A7", "C");
    announce(fixture, ids, sizeof ids / sizeof ids[0]);
    assert_int_equal(fixture->store.sent_for, 8);
    assert_string_equal(author_id(fixture, "local:b"), "local:b");
    assert_string_equal(author_id(fixture, "local:a"), "local:a");
    assert_string_equal(author_id(fixture, "LOCAL:a"), "local:a");
    assert_string_equal(author_id(fixture, "https://openalex.org/A7"), "openalex:A7");
    assert_null(author_id(fixture, ""));
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "field id: ", "ID_INVALID");
    assert_null(author_id(fixture, "doi:10.1/1"));
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "cannot name an author", "ID_INVALID");
    assert_null(author_id(fixture, "local:aa"));
    expect_failure(fixture, BASE_NOT_FOUND, "local:aa", NULL);
    /* As a paper the same text is another id. */
    Hirsch__V1__GetPaperRequest request = HIRSCH__V1__GET_PAPER_REQUEST__INIT;
    request.id = text("local:a");
    ask(fixture, "hirsch.v1.PaperService/GetPaper", &request.base,
        &hirsch__v1__get_paper_response__descriptor);
    expect_failure(fixture, BASE_NOT_FOUND, "local:a", NULL);
}

/* More than are sent for at once are only answered without. */
static void test_much_announced(void **state)
{
    struct fixture *fixture = *state;
    enum { COUNT = 99 };
    static char texts[COUNT][80];
    const char *ids[COUNT];
    for (int i = 0; i < COUNT; i++) {
        snprintf(texts[i], sizeof texts[i], "local:%0*d", i % 3 == 0 ? 60 : 8, i);
        double_add_author(&fixture->store, texts[i], "A");
        ids[i] = texts[i];
    }
    announce(fixture, ids, COUNT);
    assert_int_equal(fixture->store.sent_for, 64);
    for (int i = 0; i < COUNT; i++) {
        assert_string_equal(author_id(fixture, texts[i]), texts[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_views),
        TEST(test_recalled),
        TEST(test_announced),
        TEST(test_much_announced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
