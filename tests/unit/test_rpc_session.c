/* One request in, exactly one response out, whatever stands in the request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rpc/rpc.h"
#include "wire/envelope.h"
#include "wire/messages.h"
#include "wire/unpack.h"

enum { MS = 1000 * 1000 };

/* What the fake handlers saw last. */
static struct {
    unsigned calls;
    uint64_t deadline_ns;
    size_t max_reply;
    bool has_min_sequence;
    uint64_t min_sequence;
    char epoch[40];
    unsigned sessions;
    unsigned rests;
} seen;

static enum base_code echo(struct rpc_call *call, const void *message, struct base_buffer *payload,
                           struct base_error *error)
{
    (void)error;
    const Hirsch__V1__GetAuthorRequest *request = message;
    assert_ptr_equal(call->session, &seen);
    seen.calls++;
    seen.deadline_ns = call->deadline_ns;
    seen.max_reply = call->max_reply;
    seen.has_min_sequence = call->has_min_sequence;
    seen.min_sequence = call->min_sequence;
    assert_true(call->epoch.size < sizeof seen.epoch);
    memcpy(seen.epoch, call->epoch.size > 0 ? call->epoch.data : "", call->epoch.size);
    seen.epoch[call->epoch.size] = '\0';
    base_buffer_append_text(payload, request->id);
    return BASE_OK;
}

/* Appends before it fails. */
static enum base_code fail_late(struct rpc_call *call, const void *message,
                                struct base_buffer *payload, struct base_error *error)
{
    (void)message;
    base_buffer_append_text(payload, "half an answer");
    call->detail_reason = "TEST_REASON";
    call->detail_field = "id";
    return base_fail(error, BASE_NOT_FOUND, "nothing of that name");
}

/* As many bytes as page_size says, without looking at the limit. */
static enum base_code fill(struct rpc_call *call, const void *message, struct base_buffer *payload,
                           struct base_error *error)
{
    (void)call;
    (void)error;
    const Hirsch__V1__ListAuthorPapersRequest *request = message;
    char *to = base_buffer_reserve(payload, request->page_size);
    assert_non_null(to);
    memset(to, 'x', request->page_size);
    payload->size += request->page_size;
    return BASE_OK;
}

/* As many bytes as it may append, to the last one. */
static enum base_code fill_up(struct rpc_call *call, const void *message,
                              struct base_buffer *payload, struct base_error *error)
{
    (void)message;
    (void)error;
    char *to = base_buffer_reserve(payload, call->max_payload);
    assert_non_null(to);
    memset(to, 'x', call->max_payload);
    payload->size += call->max_payload;
    return BASE_OK;
}

/* Answers what begins with a newline, "\n\0" with a failure, and leaves the rest to echo. */
static bool answer_plain(struct rpc_call *call, struct base_buffer *payload, enum base_code *code,
                         struct base_error *error)
{
    if (call->payload.size != 2 || call->payload.data[0] != '\n') {
        return false;
    }
    base_buffer_append_text(payload, "plain");
    *code = call->payload.data[1] == '\0'
                ? base_fail(error, BASE_NOT_FOUND, "nothing of that plain name")
                : BASE_OK;
    return true;
}

static const struct rpc_method methods[] = {
    {"test.Echo/Plain", &hirsch__v1__get_author_request__descriptor, echo, true, RPC_READER, NULL,
     answer_plain, NULL},
    {"test.Echo/Get", &hirsch__v1__get_author_request__descriptor, echo, true, RPC_READER, NULL,
     NULL, NULL},
    {"test.Echo/FailLate", &hirsch__v1__get_author_request__descriptor, fail_late, true, RPC_READER,
     NULL, NULL, NULL},
    {"test.Echo/Fill", &hirsch__v1__list_author_papers_request__descriptor, fill, true, RPC_READER,
     NULL, NULL, NULL},
    {"test.Echo/FillUp", &hirsch__v1__get_author_request__descriptor, fill_up, true, RPC_READER,
     NULL, NULL, NULL},
    {.name = "test.Echo/Forgotten",
     .request = &hirsch__v1__get_author_request__descriptor,
     .handle = echo},
    {.name = NULL},
};

static void *session_new(void *state, struct base_error *error)
{
    if (state == NULL) {
        base_fail(error, BASE_UNAVAILABLE, "no session today");
        return NULL;
    }
    seen.sessions++;
    return &seen;
}

static void session_free(void *session)
{
    assert_ptr_equal(session, &seen);
    seen.sessions--;
}

static void session_rest(void *session)
{
    assert_ptr_equal(session, &seen);
    seen.rests++;
}

struct fixture {
    struct rpc_server *server;
    struct rpc_session *session;
    struct base_buffer request;
    struct base_buffer reply;
    struct wire_response response;
};

static int setup(void **state)
{
    static struct fixture fixture;
    memset(&fixture, 0, sizeof fixture);
    memset(&seen, 0, sizeof seen);
    struct rpc_service service = {&seen, session_new, session_free, session_rest, methods, NULL};
    struct rpc_limits limits = {.default_timeout_ms = 2000, .max_timeout_ms = 60000};
    struct base_error error;
    assert_int_equal(rpc_server_new(&service, &limits, &fixture.server, &error), BASE_OK);
    fixture.session = rpc_session_new(fixture.server, &error);
    assert_non_null(fixture.session);
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    rpc_session_free(fixture->session);
    rpc_server_free(fixture->server);
    base_buffer_fini(&fixture->request);
    base_buffer_fini(&fixture->reply);
    assert_int_equal(seen.sessions, 0);
    return 0;
}

/* The code of the one response to what stands in fixture->request. */
static uint32_t answer_at(struct fixture *fixture, uint64_t received_ns, uint64_t now_ns)
{
    base_buffer_clear(&fixture->reply);
    base_buffer_append_text(&fixture->reply, "before");
    rpc_session_answer(fixture->session, base_buffer_slice(&fixture->request), received_ns, now_ns,
                       &fixture->reply);
    assert_false(fixture->reply.failed);
    assert_memory_equal(fixture->reply.data, "before", 6);
    struct base_error error;
    struct base_slice bytes = base_slice(fixture->reply.data + 6, fixture->reply.size - 6);
    if (wire_response_read(bytes, &fixture->response, &error) != BASE_OK) {
        fail_msg("%s", error.text);
    }
    if (fixture->response.code != BASE_OK) {
        assert_int_equal(fixture->response.payload.size, 0);
        assert_true(fixture->response.message.size > 0);
    }
    return fixture->response.code;
}

struct pair {
    const char *key;
    const char *value;
};

static void ask(struct fixture *fixture, const char *method, uint32_t timeout_ms,
                const struct pair *pairs, size_t count, struct base_slice payload)
{
    struct wire_metadata metadata[LIMIT_METADATA];
    for (size_t i = 0; i < count; i++) {
        metadata[i].key = base_slice_text(pairs[i].key);
        metadata[i].value = base_slice_text(pairs[i].value);
    }
    base_buffer_clear(&fixture->request);
    wire_request_write(&fixture->request, base_slice_text(method), timeout_ms, metadata, count,
                       payload);
}

static const struct base_slice an_id = BASE_SLICE("\x0a\x07local:x");

static bool says(const struct fixture *fixture, const char *part)
{
    return memmem(fixture->response.message.data, fixture->response.message.size, part,
                  strlen(part)) != NULL;
}

static void test_answer(void **state)
{
    struct fixture *fixture = *state;
    ask(fixture, "test.Echo/Get", 0, NULL, 0, an_id);
    assert_int_equal(answer_at(fixture, 5 * MS, 6 * MS), BASE_OK);
    assert_true(base_slice_equal(fixture->response.payload, BASE_SLICE("local:x")));
    assert_int_equal(seen.deadline_ns, 2005 * (uint64_t)MS);
    assert_int_equal(seen.max_reply, LIMIT_REPLY);
    ask(fixture, "test.Echo/Get", 4000000000U, NULL, 0, an_id);
    assert_int_equal(answer_at(fixture, 0, 0), BASE_OK);
    assert_int_equal(seen.deadline_ns, 60000 * (uint64_t)MS);
    /* An empty payload is a message too. */
    ask(fixture, "test.Echo/Get", 0, NULL, 0, (struct base_slice){NULL, 0});
    assert_int_equal(answer_at(fixture, 0, 0), BASE_OK);
    assert_int_equal(fixture->response.payload.size, 0);
    rpc_session_rest(fixture->session);
    assert_int_equal(seen.rests, 1);
}

/* A method whose row names no role is for nobody: not where no keys are asked for, and not for the
 * owner. */
static void test_forgotten_role(void **state)
{
    struct fixture *fixture = *state;
    for (int owner = 0; owner < 2; owner++) {
        ask(fixture, "test.Echo/Forgotten", 0, NULL, 0, an_id);
        rpc_session_next(fixture->session, owner == 1, 0);
        assert_int_equal(answer_at(fixture, 0, 0), BASE_PERMISSION_DENIED);
        assert_true(says(fixture, "for nobody"));
    }
    assert_int_equal(seen.calls, 0);
}

static void test_failure_drops_payload(void **state)
{
    struct fixture *fixture = *state;
    ask(fixture, "test.Echo/FailLate", 0, NULL, 0, an_id);
    assert_int_equal(answer_at(fixture, 0, 0), BASE_NOT_FOUND);
    assert_true(base_slice_equal(fixture->response.message, BASE_SLICE("nothing of that name")));
    assert_int_equal(fixture->response.detail_count, 1);
    assert_true(base_slice_equal(fixture->response.details[0].reason, BASE_SLICE("TEST_REASON")));
    assert_true(base_slice_equal(fixture->response.details[0].field, BASE_SLICE("id")));
    assert_null(memmem(fixture->reply.data, fixture->reply.size, "half", 4));
    /* The next call knows nothing of it. */
    ask(fixture, "test.Echo/None", 0, NULL, 0, an_id);
    assert_int_equal(answer_at(fixture, 0, 0), BASE_UNIMPLEMENTED);
    assert_int_equal(fixture->response.detail_count, 0);
}

/* A method that looks at the bytes first answers, fails, or leaves it to the message's handler. */
static void test_plain(void **state)
{
    struct fixture *fixture = *state;
    unsigned calls = seen.calls;
    ask(fixture, "test.Echo/Plain", 0, NULL, 0, BASE_SLICE("\n\x01"));
    assert_int_equal(answer_at(fixture, 0, 0), BASE_OK);
    assert_true(base_slice_equal(fixture->response.payload, BASE_SLICE("plain")));
    ask(fixture, "test.Echo/Plain", 0, NULL, 0, BASE_SLICE("\n\0"));
    assert_int_equal(answer_at(fixture, 0, 0), BASE_NOT_FOUND);
    assert_true(says(fixture, "nothing of that plain name"));
    assert_int_equal(fixture->response.payload.size, 0);
    assert_int_equal(seen.calls, calls);
    ask(fixture, "test.Echo/Plain", 0, NULL, 0, an_id);
    assert_int_equal(answer_at(fixture, 0, 0), BASE_OK);
    assert_int_equal(seen.calls, calls + 1);
    assert_true(base_slice_equal(fixture->response.payload, BASE_SLICE("local:x")));
}

static void test_method_names(void **state)
{
    struct fixture *fixture = *state;
    char long_name[400];
    memset(long_name, 'a', sizeof long_name);
    long_name[100] = '/';
    long_name[sizeof long_name - 1] = '\0';
    const struct {
        const char *name;
        enum base_code code;
        const char *text;
    } rows[] = {
        {"test.Echo/None", BASE_UNIMPLEMENTED, "service test.Echo has no method None"},
        {"test.None/Get", BASE_UNIMPLEMENTED, "no service test.None"},
        {"test.Ech/Get", BASE_UNIMPLEMENTED, "no service test.Ech "},
        {"", BASE_INVALID_ARGUMENT, "package.Service/Method"},
        {"test.Echo", BASE_INVALID_ARGUMENT, "package.Service/Method"},
        {"/test.Echo/Get", BASE_INVALID_ARGUMENT, "package.Service/Method"},
        {"test.Echo/", BASE_INVALID_ARGUMENT, "package.Service/Method"},
        {"test.Echo/Get\n", BASE_INVALID_ARGUMENT, "package.Service/Method"},
        {long_name, BASE_INVALID_ARGUMENT, "399 bytes"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ask(fixture, rows[i].name, 0, NULL, 0, an_id);
        assert_int_equal(answer_at(fixture, 0, 0), rows[i].code);
        if (!says(fixture, rows[i].text)) {
            fail_msg("%s: %.*s", rows[i].name, BASE_PRINT(fixture->response.message));
        }
        /* Nothing is told of what else is here. */
        assert_false(says(fixture, "Fill"));
    }
    assert_int_equal(seen.calls, 0);
}

static void test_bad_bytes(void **state)
{
    struct fixture *fixture = *state;
    base_buffer_clear(&fixture->request);
    base_buffer_append(&fixture->request, "\xff\xff", 2);
    assert_int_equal(answer_at(fixture, 0, 0), BASE_INVALID_ARGUMENT);
    assert_true(says(fixture, "request envelope: "));
    ask(fixture, "test.Echo/Get", 0, NULL, 0, BASE_SLICE("\x0a\x05x"));
    assert_int_equal(answer_at(fixture, 0, 0), BASE_INVALID_ARGUMENT);
    ask(fixture, "test.Echo/Get", 0, NULL, 0, BASE_SLICE("\x0a\x01\xff"));
    assert_int_equal(answer_at(fixture, 0, 0), BASE_INVALID_ARGUMENT);
    assert_true(says(fixture, "field id is not UTF-8"));
    base_buffer_clear(&fixture->request);
    char *to = base_buffer_reserve(&fixture->request, LIMIT_REQUEST + 1);
    assert_non_null(to);
    memset(to, 0, LIMIT_REQUEST + 1);
    fixture->request.size = LIMIT_REQUEST + 1;
    assert_int_equal(answer_at(fixture, 0, 0), BASE_RESOURCE_EXHAUSTED);
    assert_int_equal(seen.calls, 0);
}

static void test_deadline(void **state)
{
    struct fixture *fixture = *state;
    ask(fixture, "test.Echo/Get", 10, NULL, 0, an_id);
    assert_int_equal(answer_at(fixture, 100 * MS, 110 * MS - 1), BASE_OK);
    assert_int_equal(answer_at(fixture, 100 * MS, 110 * MS), BASE_DEADLINE_EXCEEDED);
    assert_true(says(fixture, "10 ms"));
    ask(fixture, "test.Echo/Get", 0, NULL, 0, an_id);
    assert_int_equal(answer_at(fixture, 0, 2000 * (uint64_t)MS), BASE_DEADLINE_EXCEEDED);
    assert_int_equal(seen.calls, 1);
    struct rpc_counters counters;
    rpc_session_counters(fixture->session, &counters);
    assert_int_equal(counters.requests, 3);
    assert_int_equal(counters.failed, 2);
    assert_int_equal(counters.deadline_dropped, 2);
}

static void test_reply_limit(void **state)
{
    struct fixture *fixture = *state;
    struct pair four_ki = {"hirsch-max-reply", "4096"};
    ask(fixture, "test.Echo/Fill", 0, &four_ki, 1, BASE_SLICE("\x10\xfd\x1f"));
    assert_int_equal(answer_at(fixture, 0, 0), BASE_OK); /* 4,093 bytes and 3 of tag and length */
    assert_int_equal(fixture->reply.size - 6, 4096);
    ask(fixture, "test.Echo/Fill", 0, &four_ki, 1, BASE_SLICE("\x10\xfe\x1f"));
    assert_int_equal(answer_at(fixture, 0, 0), BASE_RESOURCE_EXHAUSTED);
    assert_true(says(fixture, "4096 bytes"));
    assert_true(says(fixture, "next page"));
    assert_true(says(fixture, "hirsch-max-reply"));
    /* 1 MiB when nothing is said. */
    ask(fixture, "test.Echo/Fill", 0, NULL, 0, BASE_SLICE("\x10\xfc\xff\x3f"));
    assert_int_equal(answer_at(fixture, 0, 0), BASE_OK);
    assert_int_equal(fixture->reply.size - 6, LIMIT_REPLY);
    ask(fixture, "test.Echo/Fill", 0, NULL, 0, BASE_SLICE("\x10\xfd\xff\x3f"));
    assert_int_equal(answer_at(fixture, 0, 0), BASE_RESOURCE_EXHAUSTED);
    /* What a handler is told it may append always fits, echoed metadata or not. */
    struct pair pairs[] = {{"hirsch-max-reply", "16777216"}, {"x-request-id", "abc"}};
    ask(fixture, "test.Echo/FillUp", 0, pairs, 2, an_id);
    assert_int_equal(answer_at(fixture, 0, 0), BASE_OK);
    assert_true(fixture->reply.size - 6 <= LIMIT_REPLY_MOST);
    assert_true(fixture->reply.size - 6 > LIMIT_REPLY_MOST - 8);
}

static const char trace[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

static void test_metadata(void **state)
{
    struct fixture *fixture = *state;
    struct pair pairs[] = {
        {"traceparent", trace},
        {"unknown.key_1", "anything"},
        {"x-request-id", "r-17"},
        {"hirsch-min-sequence", "18446744073709551615"},
        {"hirsch-epoch", "00112233445566778899aabbccddeeff"},
    };
    ask(fixture, "test.Echo/Get", 0, pairs, 5, an_id);
    assert_int_equal(answer_at(fixture, 0, 0), BASE_OK);
    assert_int_equal(fixture->response.metadata_count, 2);
    assert_true(base_slice_equal(fixture->response.metadata[0].key, BASE_SLICE("traceparent")));
    assert_true(base_slice_equal(fixture->response.metadata[0].value, base_slice_text(trace)));
    assert_true(base_slice_equal(fixture->response.metadata[1].value, BASE_SLICE("r-17")));
    assert_true(seen.has_min_sequence);
    assert_int_equal(seen.min_sequence, UINT64_MAX);
    assert_string_equal(seen.epoch, pairs[4].value);
    /* Failures carry them too. */
    ask(fixture, "test.Echo/FailLate", 0, pairs, 5, an_id);
    assert_int_equal(answer_at(fixture, 0, 0), BASE_NOT_FOUND);
    assert_int_equal(fixture->response.metadata_count, 2);
    ask(fixture, "test.Echo/Get", 0, NULL, 0, an_id);
    assert_int_equal(answer_at(fixture, 0, 0), BASE_OK);
    assert_false(seen.has_min_sequence);
    assert_string_equal(seen.epoch, "");
    assert_int_equal(fixture->response.metadata_count, 0);
}

static void test_bad_metadata(void **state)
{
    struct fixture *fixture = *state;
    char long_text[LIMIT_METADATA_VALUE + 2];
    memset(long_text, 'a', sizeof long_text);
    long_text[sizeof long_text - 1] = '\0';
    const struct pair refused[] = {
        {"X-Request-Id", "1"},
        {"", "1"},
        {"a b", "1"},
        {long_text, "1"},
        {"long", long_text},
        {"hirsch-max-reply", ""},
        {"hirsch-max-reply", "0"},
        {"hirsch-max-reply", "4095"},
        {"hirsch-max-reply", "1MiB"},
        {"hirsch-max-reply", "16777217"},
        {"hirsch-max-reply", "+5000"},
        {"hirsch-max-reply", "5000 "},
        {"hirsch-min-sequence", "-1"},
        {"hirsch-min-sequence", "18446744073709551616"},
        {"hirsch-epoch", "0011"},
        {"hirsch-epoch", "00112233445566778899AABBCCDDEEFF"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        ask(fixture, "test.Echo/Get", 0, &refused[i], 1, an_id);
        if (answer_at(fixture, 0, 0) != BASE_INVALID_ARGUMENT) {
            fail_msg("accepted: %s = %.20s", refused[i].key, refused[i].value);
        }
    }
    struct pair twice[] = {{"hirsch-max-reply", "5000"}, {"hirsch-max-reply", "6000"}};
    ask(fixture, "test.Echo/Get", 0, twice, 2, an_id);
    assert_int_equal(answer_at(fixture, 0, 0), BASE_INVALID_ARGUMENT);
    assert_true(says(fixture, "given twice"));
    assert_int_equal(seen.calls, 0);
    /* What is not well-formed is not echoed, and does no harm. */
    const struct pair dropped[] = {
        {"x-request-id", ""},
        {"x-request-id", "a b"},
        {"x-request-id", "\xc3\xa9"},
        {"traceparent", "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
        {"traceparent", "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
        {"traceparent", "00-00000000000000000000000000000000-b7ad6b7169203331-01"},
        {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"},
        {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-011"},
    };
    for (size_t i = 0; i < sizeof dropped / sizeof dropped[0]; i++) {
        ask(fixture, "test.Echo/Get", 0, &dropped[i], 1, an_id);
        assert_int_equal(answer_at(fixture, 0, 0), BASE_OK);
        assert_int_equal(fixture->response.metadata_count, 0);
    }
}

static void test_health(void **state)
{
    struct fixture *fixture = *state;
    static const char method[] = "grpc.health.v1.Health/Check";
    const struct {
        struct base_slice payload;
        enum base_code code;
    } rows[] = {
        {{NULL, 0}, BASE_OK},
        {BASE_SLICE("\x0a\x09test.Echo"), BASE_OK},
        {BASE_SLICE("\x0a\x15grpc.health.v1.Health"), BASE_OK},
        {BASE_SLICE("\x0a\x08test.Ech"), BASE_NOT_FOUND},
        {BASE_SLICE("\x0a\x0dtest.Echo/Get"), BASE_NOT_FOUND},
    };
    for (int draining = 0; draining < 2; draining++) {
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            ask(fixture, method, 0, NULL, 0, rows[i].payload);
            assert_int_equal(answer_at(fixture, 0, 0), rows[i].code);
            if (rows[i].code == BASE_OK) {
                assert_true(
                    base_slice_equal(fixture->response.payload,
                                     draining ? BASE_SLICE("\x08\x02") : BASE_SLICE("\x08\x01")));
            }
        }
        rpc_server_drain(fixture->server);
    }
    /* Other methods still answer while the server drains. */
    ask(fixture, "test.Echo/Get", 0, NULL, 0, an_id);
    assert_int_equal(answer_at(fixture, 0, 0), BASE_OK);
}

static void test_no_session(void **state)
{
    (void)state;
    struct rpc_service service = {NULL, session_new, session_free, session_rest, methods, NULL};
    struct rpc_limits limits = {.default_timeout_ms = 1, .max_timeout_ms = 1};
    struct rpc_server *server = NULL;
    struct base_error error = {0};
    assert_int_equal(rpc_server_new(&service, &limits, &server, &error), BASE_OK);
    assert_null(rpc_session_new(server, &error));
    assert_string_equal(error.text, "no session today");
    rpc_session_free(NULL);
    rpc_server_free(server);
    rpc_server_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_answer),       TEST(test_forgotten_role), TEST(test_failure_drops_payload),
        TEST(test_plain),        TEST(test_method_names),   TEST(test_bad_bytes),
        TEST(test_deadline),     TEST(test_reply_limit),    TEST(test_metadata),
        TEST(test_bad_metadata), TEST(test_health),         cmocka_unit_test(test_no_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
