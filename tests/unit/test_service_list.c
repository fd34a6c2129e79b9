/* Lists of papers: pages, their tokens, and what happens when the data changes between two pages.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/store_double.h"

#include "service/list.h"
#include "service/service.h"
#include "service/token.h"
#include "wire/base64.h"
#include "wire/envelope.h"
#include "wire/messages.h"
#include "wire/unpack.h"

struct fixture {
    struct store store;
    struct service_state state;
    struct rpc_server *server;
    struct rpc_session *session;
    struct base_arena arena;
    struct base_buffer reply;
    struct wire_response response;
    const char *max_reply;
};

/* 230 papers: three a day, the last ten without a date, newest first. */
static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    fixture->store.info.coverage_end = model_day_of(2024, 6, 30);
    double_add_author(&fixture->store, "local:a", "A")->author.paper_count = 230;
    double_add_author(&fixture->store, "local:b", "B");
    for (uint32_t i = 0; i < 230; i++) {
        char id[32];
        snprintf(id, sizeof id, "doi:10.1/%u", i);
        double_add_paper(&fixture->store, id, "Title", i == 5 ? "An abstract." : NULL);
        uint32_t day = i < 220 ? 700000 - i / 3 : MODEL_NO_DAY;
        fixture->store.listed[i] = (struct store_authored){.day = day, .paper = i + 1};
    }
    fixture->store.listed_count = 230;
    fixture->state.store = &fixture->store;
    struct rpc_service service = service_open(&fixture->state);
    struct rpc_limits limits = {.default_timeout_ms = 2000, .max_timeout_ms = 60000};
    struct base_error error;
    assert_int_equal(rpc_server_new(&service, &limits, &fixture->server, &error), BASE_OK);
    fixture->session = rpc_session_new(fixture->server, &error);
    assert_non_null(fixture->session);
    base_arena_init(&fixture->arena, 0);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    rpc_session_free(fixture->session);
    rpc_server_free(fixture->server);
    base_arena_fini(&fixture->arena);
    base_buffer_fini(&fixture->reply);
    double_fini(&fixture->store);
    free(fixture);
    return 0;
}

/* NULL when the reply is a failure, which then stands in fixture->response. */
static const Hirsch__V1__ListAuthorPapersResponse *list(struct fixture *fixture, const char *id,
                                                        uint32_t size, const char *token, int view)
{
    Hirsch__V1__ListAuthorPapersRequest request = HIRSCH__V1__LIST_AUTHOR_PAPERS_REQUEST__INIT;
    request.id = (char *)(uintptr_t)id;
    request.page_size = size;
    request.page_token = (char *)(uintptr_t)token;
    request.view = (Hirsch__V1__PaperView)view;
    struct base_buffer payload = BASE_BUFFER_EMPTY;
    struct base_buffer envelope = BASE_BUFFER_EMPTY;
    wire_pack(&request.base, &payload);
    struct wire_metadata metadata = {BASE_SLICE("hirsch-max-reply"), {NULL, 0}};
    if (fixture->max_reply != NULL) {
        metadata.value = base_slice_text(fixture->max_reply);
    }
    wire_request_write(&envelope, BASE_SLICE(SERVICE_LIST_AUTHOR_PAPERS), 0, &metadata,
                       fixture->max_reply != NULL, base_buffer_slice(&payload));
    base_buffer_clear(&fixture->reply);
    rpc_session_answer(fixture->session, base_buffer_slice(&envelope), 0, 0, &fixture->reply);
    base_buffer_fini(&payload);
    base_buffer_fini(&envelope);
    struct base_error error = {0};
    assert_int_equal(
        wire_response_read(base_buffer_slice(&fixture->reply), &fixture->response, &error),
        BASE_OK);
    ProtobufCMessage *message = NULL;
    if (fixture->response.code == BASE_OK &&
        wire_unpack(&hirsch__v1__list_author_papers_response__descriptor, fixture->response.payload,
                    &wire_reply_limits, &fixture->arena, &message, &error) != BASE_OK) {
        fail_msg("%s", error.text);
    }
    return (const void *)message;
}

static void test_sizes(void **state)
{
    struct fixture *fixture = *state;
    const Hirsch__V1__ListAuthorPapersResponse *page = list(fixture, "local:a", 0, "", 0);
    assert_int_equal(page->n_papers, LIMIT_PAGE_DEFAULT);
    assert_int_equal(page->total_size, 230);
    assert_string_equal(page->papers[0]->id, "doi:10.1/0");
    assert_non_null(page->papers[0]->metrics);
    assert_string_equal(page->papers[5]->abstract, "");
    assert_true(page->next_page_token[0] != '\0');
    page = list(fixture, "local:a", 4000000000U, "", 2);
    assert_int_equal(page->n_papers, 230);
    assert_string_equal(page->papers[5]->abstract, "An abstract.");
    assert_string_equal(page->next_page_token, "");
    page = list(fixture, "local:a", 230, "", 0);
    assert_string_equal(page->next_page_token, "");
    page = list(fixture, "local:a", 229, "", 0);
    assert_true(page->next_page_token[0] != '\0');
    page = list(fixture, "local:b", 0, "", 0);
    assert_int_equal(page->n_papers, 0);
    assert_int_equal(page->total_size, 0);
    assert_string_equal(page->next_page_token, "");
}

/* Walks all pages; the papers come each once, in order. */
static size_t walk(struct fixture *fixture, uint32_t size)
{
    const char *token = "";
    size_t shown = 0;
    size_t pages = 0;
    do {
        const Hirsch__V1__ListAuthorPapersResponse *page = list(fixture, "local:a", size, token, 0);
        assert_non_null(page);
        assert_true(page->n_papers > 0);
        for (size_t i = 0; i < page->n_papers; i++) {
            char id[32];
            snprintf(id, sizeof id, "doi:10.1/%zu", shown++);
            assert_string_equal(page->papers[i]->id, id);
        }
        token = page->next_page_token;
        pages++;
    } while (token[0] != '\0');
    assert_int_equal(shown, 230);
    return pages;
}

static void test_walk(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(walk(fixture, 1), 230);
    assert_int_equal(walk(fixture, 7), 33);
    assert_int_equal(walk(fixture, 115), 2);
    assert_int_equal(walk(fixture, 1000), 1);
}

static void test_reply_limit(void **state)
{
    struct fixture *fixture = *state;
    fixture->max_reply = "4096";
    size_t pages = walk(fixture, 1000);
    assert_true(pages > 2 && pages < 12);
    assert_true(fixture->reply.size <= 4096);
    /* One paper alone over the limit cannot be shown at all. */
    struct double_paper *paper = &fixture->store.papers[0];
    for (int i = 0; i < 4096; i++) {
        base_buffer_append(&paper->view, "\x1a\x01x", 3);
    }
    assert_null(list(fixture, "local:a", 1, "", 0));
    assert_int_equal(fixture->response.code, BASE_RESOURCE_EXHAUSTED);
    fixture->max_reply = "65536";
    assert_non_null(list(fixture, "local:a", 1, "", 0));
}

static void expect_foreign(struct fixture *fixture, const char *id, const char *token)
{
    if (list(fixture, id, 0, token, 0) != NULL) {
        fail_msg("accepted: %s", token);
    }
    assert_int_equal(fixture->response.code, BASE_INVALID_ARGUMENT);
    assert_int_equal(fixture->response.detail_count, 1);
    assert_true(
        base_slice_equal(fixture->response.details[0].reason, BASE_SLICE("PAGE_TOKEN_FOREIGN")));
    assert_true(base_slice_equal(fixture->response.details[0].field, BASE_SLICE("page_token")));
}

static void test_foreign_tokens(void **state)
{
    struct fixture *fixture = *state;
    const Hirsch__V1__ListAuthorPapersResponse *page = list(fixture, "local:a", 10, "", 0);
    char token[SERVICE_TOKEN_MOST + 1];
    snprintf(token, sizeof token, "%s", page->next_page_token);
    expect_foreign(fixture, "local:b", token);
    expect_foreign(fixture, "local:a", "x");
    expect_foreign(fixture, "local:a", "AAAA");
    expect_foreign(fixture, "local:a", "not base64!");
    /* Every change of a character and every cut is seen. */
    size_t size = strlen(token);
    for (size_t i = 0; i < size; i++) {
        char kept = token[i];
        token[i] = kept == 'A' ? 'B' : 'A';
        expect_foreign(fixture, "local:a", token);
        token[i] = '\0';
        if (i > 0) {
            expect_foreign(fixture, "local:a", token);
        }
        token[i] = kept;
    }
    char long_token[SERVICE_TOKEN_MOST + 100];
    memset(long_token, 'A', sizeof long_token);
    long_token[sizeof long_token - 1] = '\0';
    expect_foreign(fixture, "local:a", long_token);
    /* The token of another method over the same author. */
    struct service_place place = {1000, 0, BASE_SLICE("doi:10.1/3")};
    struct base_buffer other = BASE_BUFFER_EMPTY;
    service_token_write("hirsch.v1.AuthorService/Other", BASE_SLICE("local:a"), &place, &other);
    base_buffer_append_byte(&other, '\0');
    expect_foreign(fixture, "local:a", other.data);
    /* Well-made, but what it names is no id. */
    base_buffer_clear(&other);
    place.id = BASE_SLICE("nonsense");
    service_token_write(SERVICE_LIST_AUTHOR_PAPERS, BASE_SLICE("local:a"), &place, &other);
    base_buffer_append_byte(&other, '\0');
    expect_foreign(fixture, "local:a", other.data);
    base_buffer_fini(&other);
    assert_non_null(list(fixture, "local:a", 10, token, 0));
}

static void test_token_round_trip(void **state)
{
    struct fixture *fixture = *state;
    char value[LIMIT_ID_VALUE];
    memset(value, 'x', sizeof value);
    char longest[MODEL_ID_TEXT];
    struct model_id id = {MODEL_BIBCODE, {value, sizeof value}};
    size_t size = model_id_text(&id, longest);
    struct service_place place = {MODEL_NO_DAY, 7, {longest, size}};
    struct base_slice list = BASE_SLICE("any");
    struct base_buffer token = BASE_BUFFER_EMPTY;
    service_token_write("m", list, &place, &token);
    assert_true(token.size <= SERVICE_TOKEN_MOST);
    struct service_place back;
    struct base_error error = {0};
    assert_int_equal(
        service_token_read("m", list, base_buffer_slice(&token), &fixture->arena, &back, &error),
        BASE_OK);
    assert_int_equal(back.first, MODEL_NO_DAY);
    assert_int_equal(back.second, 7);
    assert_true(base_slice_equal(back.id, place.id));
    base_buffer_fini(&token);
}

/* Page 1 ends inside a day; then its last paper disappears. The day's papers come again, no paper
 * is skipped. */
static void test_paper_is_gone(void **state)
{
    struct fixture *fixture = *state;
    const Hirsch__V1__ListAuthorPapersResponse *page = list(fixture, "local:a", 5, "", 0);
    assert_string_equal(page->papers[4]->id, "doi:10.1/4");
    fixture->store.papers[4].gone = true;
    memmove(&fixture->store.listed[4], &fixture->store.listed[5],
            225 * sizeof fixture->store.listed[0]);
    fixture->store.listed_count = 229;
    page = list(fixture, "local:a", 3, page->next_page_token, 0);
    assert_string_equal(page->papers[0]->id, "doi:10.1/3");
    assert_string_equal(page->papers[1]->id, "doi:10.1/5");
    assert_string_equal(page->papers[2]->id, "doi:10.1/6");
    /* From there on as ever. */
    page = list(fixture, "local:a", 1, page->next_page_token, 0);
    assert_string_equal(page->papers[0]->id, "doi:10.1/7");
}

/* A newer paper between two pages moves nothing. */
static void test_paper_is_added(void **state)
{
    struct fixture *fixture = *state;
    const Hirsch__V1__ListAuthorPapersResponse *page = list(fixture, "local:a", 5, "", 0);
    double_add_paper(&fixture->store, "doi:10.1/new", "New", NULL);
    memmove(&fixture->store.listed[1], &fixture->store.listed[0],
            230 * sizeof fixture->store.listed[0]);
    fixture->store.listed[0] = (struct store_authored){.day = 700001, .paper = 231};
    fixture->store.listed_count = 231;
    page = list(fixture, "local:a", 5, page->next_page_token, 0);
    assert_string_equal(page->papers[0]->id, "doi:10.1/5");
}

static void test_damage(void **state)
{
    struct fixture *fixture = *state;
    fixture->store.papers[3].damaged = true;
    assert_non_null(list(fixture, "local:a", 3, "", 0));
    assert_null(list(fixture, "local:a", 4, "", 0));
    assert_int_equal(fixture->response.code, BASE_DATA_LOSS);
    fixture->store.papers[0].view.size = 0;
    assert_null(list(fixture, "local:a", 1, "", 0));
    assert_int_equal(fixture->response.code, BASE_DATA_LOSS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sizes),
        TEST(test_walk),
        TEST(test_reply_limit),
        TEST(test_foreign_tokens),
        TEST(test_token_round_trip),
        TEST(test_paper_is_gone),
        TEST(test_paper_is_added),
        TEST(test_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
