/* Calls that are answered later: what they own, when they are refused, how they end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "rpc/later.h"
#include "wire/envelope.h"
#include "wire/messages.h"
#include "wire/unpack.h"

enum { WORKERS = 2, WAITING = 3, DEADLINE_MS = 60000, ASKED_MOST = 64 };

/* One question and what came back. */
struct question {
    atomic_bool answered;
    atomic_bool gone;
    bool held;
    bool released;
    struct base_buffer reply;
    struct wire_response response;
};

static struct {
    atomic_int sessions;
    atomic_int begun;
    atomic_int rests;
    atomic_bool open;        /* work may go on */
    struct rpc_later *later; /* of defer */
    const char *id;          /* of defer: the message's, in the arena of later */
} seen;

#define WAIT(condition)                                                                            \
    do {                                                                                           \
        uint64_t wait_end = base_clock_monotonic_ns() + DEADLINE_MS * UINT64_C(1000000);           \
        while (!(condition)) {                                                                     \
            if (base_clock_monotonic_ns() > wait_end) {                                            \
                fail_msg("not before the deadline: %s", #condition);                               \
            }                                                                                      \
            poll(NULL, 0, 1);                                                                      \
        }                                                                                          \
    } while (0)

/* Waits for the test, and answers with the id and the session's kind. */
static enum base_code compute(struct rpc_call *call, const void *message,
                              struct base_buffer *payload, struct base_error *error)
{
    const Hirsch__V1__GetAuthorRequest *request = message;
    assert_non_null(call->session);
    base_buffer_append_text(payload, "half an answer");
    atomic_fetch_add(&seen.begun, 1);
    while (!atomic_load(&seen.open)) {
        enum base_code code = rpc_call_check(call, error);
        if (code != BASE_OK) {
            return code;
        }
        poll(NULL, 0, 1);
    }
    if (strcmp(request->id, "local:fail") == 0) {
        call->detail_reason = "TEST_REASON";
        call->detail_field = "id";
        return base_fail(error, BASE_NOT_FOUND, "nothing of that name");
    }
    base_buffer_append_text(payload, request->id);
    base_buffer_append_slice(payload, call->epoch);
    return BASE_OK;
}

static enum base_code heavy(struct rpc_call *call, const void *message, struct base_buffer *payload,
                            struct base_error *error)
{
    base_buffer_append_text(payload, "not to be sent");
    return rpc_run_later(call, compute, message, error);
}

static enum base_code defer(struct rpc_call *call, const void *message, struct base_buffer *payload,
                            struct base_error *error)
{
    (void)payload;
    const Hirsch__V1__GetAuthorRequest *request = message;
    assert_non_null(call->payload.data);
    enum base_code code = rpc_defer(call, &seen.later, error);
    if (code == BASE_OK && strcmp(request->id, "local:refused") == 0) {
        call->detail_reason = "TEST_REFUSED";
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "refused after all");
    }
    assert_ptr_equal(call->arena, rpc_later_call(seen.later)->arena);
    seen.id = request->id;
    return code;
}

static const struct rpc_method methods[] = {
    {"test.Later/Heavy", &hirsch__v1__get_author_request__descriptor, heavy, true, RPC_READER, NULL,
     NULL, NULL},
    {"test.Later/Defer", &hirsch__v1__get_author_request__descriptor, defer, false, RPC_READER,
     NULL, NULL, NULL},
    {.name = NULL},
};

static void *session_new(void *state, struct base_error *error)
{
    if (state == NULL) {
        base_fail(error, BASE_UNAVAILABLE, "no session today");
        return NULL;
    }
    atomic_fetch_add(&seen.sessions, 1);
    return state;
}

static void *session_new_once(void *state, struct base_error *error)
{
    return session_new(atomic_load(&seen.sessions) == 0 ? state : NULL, error);
}

static void session_free(void *session)
{
    assert_non_null(session);
    atomic_fetch_sub(&seen.sessions, 1);
}

static void session_rest(void *session)
{
    assert_non_null(session);
    atomic_fetch_add(&seen.rests, 1);
}

static void *hold(void *asked)
{
    struct question *question = asked;
    assert_false(question->held);
    question->held = true;
    return question;
}

static void *hold_nothing(void *asked)
{
    (void)asked;
    return NULL;
}

static void release(void *held)
{
    struct question *question = held;
    question->released = true;
}

static void answer(void *held, struct base_buffer *reply)
{
    struct question *question = held;
    assert_false(atomic_load(&question->answered));
    question->reply = *reply;
    base_buffer_init(reply);
    atomic_store(&question->answered, true);
}

static bool gone(void *held)
{
    struct question *question = held;
    return atomic_load(&question->gone);
}

static const struct rpc_door door = {hold, release, answer, gone};
static const struct rpc_door door_without_memory = {hold_nothing, release, answer, gone};

struct fixture {
    struct rpc_server *server;
    struct rpc_session *session;
    struct base_buffer envelope;
    struct question questions[ASKED_MOST];
};

static struct rpc_service service = {&seen, session_new, session_free, session_rest, methods, NULL};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    memset(&seen, 0, sizeof seen);
    struct rpc_limits limits = {.default_timeout_ms = DEADLINE_MS,
                                .max_timeout_ms = 60000,
                                .workers = WORKERS,
                                .work_waiting = WAITING};
    struct base_error error;
    assert_int_equal(rpc_server_new(&service, &limits, &fixture->server, &error), BASE_OK);
    fixture->session = rpc_session_new(fixture->server, &error);
    assert_non_null(fixture->session);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    rpc_session_free(fixture->session);
    rpc_server_free(fixture->server);
    assert_int_equal(atomic_load(&seen.sessions), 0);
    for (size_t i = 0; i < ASKED_MOST; i++) {
        base_buffer_fini(&fixture->questions[i].reply);
    }
    base_buffer_fini(&fixture->envelope);
    free(fixture);
    return 0;
}

/* True: answered at once. The bytes of the request are overwritten when this returns. */
static bool ask_through(struct fixture *fixture, const struct rpc_door *through, size_t i,
                        const char *method, const char *id, uint32_t timeout_ms)
{
    Hirsch__V1__GetAuthorRequest request = HIRSCH__V1__GET_AUTHOR_REQUEST__INIT;
    struct base_buffer payload = BASE_BUFFER_EMPTY;
    const struct wire_metadata metadata[] = {
        {BASE_SLICE("x-request-id"), BASE_SLICE("r-17")},
        {BASE_SLICE("hirsch-epoch"), BASE_SLICE("0123456789abcdef0123456789abcdef")}};
    request.id = (char *)(uintptr_t)id;
    wire_pack(&request.base, &payload);
    base_buffer_clear(&fixture->envelope);
    wire_request_write(&fixture->envelope, base_slice_text(method), timeout_ms, metadata, 2,
                       base_buffer_slice(&payload));
    base_buffer_fini(&payload);
    uint64_t now = base_clock_monotonic_ns();
    struct question *question = &fixture->questions[i];
    struct base_buffer reply = BASE_BUFFER_EMPTY;
    base_buffer_append_text(&reply, "before");
    uint64_t received = now;
    bool answered = rpc_session_ask(fixture->session, base_buffer_slice(&fixture->envelope),
                                    received, &now, through, question, &reply);
    assert_true(now >= received);
    memset(fixture->envelope.data, 'X', fixture->envelope.size);
    if (answered) {
        base_buffer_append(&question->reply, reply.data + 6, reply.size - 6);
        atomic_store(&question->answered, true);
    } else {
        assert_int_equal(reply.size, 6);
    }
    base_buffer_fini(&reply);
    return answered;
}

static bool ask(struct fixture *fixture, size_t i, const char *method, const char *id)
{
    return ask_through(fixture, &door, i, method, id, 0);
}

static void expect_with(struct fixture *fixture, size_t i, enum base_code code, const char *text,
                        size_t metadata_count)
{
    struct question *question = &fixture->questions[i];
    struct base_error error;
    WAIT(atomic_load(&question->answered));
    struct wire_response *response = &question->response;
    assert_int_equal(wire_response_read(base_buffer_slice(&question->reply), response, &error),
                     BASE_OK);
    struct base_slice told = code == BASE_OK ? response->payload : response->message;
    if (response->code != code || memmem(told.data, told.size, text, strlen(text)) == NULL) {
        fail_msg("code %u, %.*s%.*s", response->code, BASE_PRINT(response->message),
                 BASE_PRINT(response->payload));
    }
    assert_int_equal(response->metadata_count, metadata_count);
    assert_true(base_slice_equal(response->metadata[0].value, BASE_SLICE("r-17")));
}

static void expect(struct fixture *fixture, size_t i, enum base_code code, const char *text)
{
    expect_with(fixture, i, code, text, 1);
}

static struct rpc_later_counters counters(struct fixture *fixture)
{
    struct rpc_later_counters now;
    rpc_later_counters(fixture->server, &now);
    return now;
}

static void work_runs_off_the_loop(void **state)
{
    struct fixture *fixture = *state;
    assert_false(ask(fixture, 0, "test.Later/Heavy", "local:x"));
    assert_false(ask(fixture, 1, "test.Later/Heavy", "local:fail"));
    WAIT(atomic_load(&seen.begun) == 2);
    assert_int_equal(counters(fixture).running, 2);
    assert_int_equal(counters(fixture).pending, 2);
    assert_false(atomic_load(&fixture->questions[0].answered));
    atomic_store(&seen.open, true);
    expect(fixture, 0, BASE_OK, "half an answerlocal:x0123456789abcdef0123456789abcdef");
    expect(fixture, 1, BASE_NOT_FOUND, "nothing of that name");
    const struct wire_response *failed = &fixture->questions[1].response;
    assert_int_equal(failed->detail_count, 1);
    assert_true(base_slice_equal(failed->details[0].reason, BASE_SLICE("TEST_REASON")));
    assert_int_equal(counters(fixture).deferred, 2);
    assert_int_equal(counters(fixture).failed, 1);
    assert_int_equal(counters(fixture).pending, 0);
    assert_int_equal(atomic_load(&seen.rests), 2);
}

static void at_most_so_many_run_and_wait(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < WORKERS; i++) {
        assert_false(ask(fixture, i, "test.Later/Heavy", "local:x"));
    }
    WAIT(atomic_load(&seen.begun) == WORKERS);
    for (size_t i = WORKERS; i < WORKERS + WAITING; i++) {
        assert_false(ask(fixture, i, "test.Later/Heavy", "local:x"));
    }
    assert_true(ask(fixture, WORKERS + WAITING, "test.Later/Heavy", "local:x"));
    expect_with(fixture, WORKERS + WAITING, BASE_RESOURCE_EXHAUSTED, "try again later", 2);
    const struct wire_metadata *hint = &fixture->questions[WORKERS + WAITING].response.metadata[1];
    assert_true(base_slice_equal(hint->key, BASE_SLICE("retry-after-ms")));
    assert_true(base_slice_equal(hint->value, BASE_SLICE("100")));
    assert_true(fixture->questions[WORKERS + WAITING].released);
    assert_int_equal(counters(fixture).refused, 1);
    assert_int_equal(counters(fixture).waiting, WAITING);
    assert_int_equal(atomic_load(&seen.begun), WORKERS);
    atomic_store(&seen.open, true);
    for (size_t i = 0; i < WORKERS + WAITING; i++) {
        expect(fixture, i, BASE_OK, "local:x");
    }
    /* Those on the loop went on meanwhile, and the sessions of the pool are few. */
    assert_true(atomic_load(&seen.sessions) <= 1 + WORKERS);
    assert_false(ask(fixture, 10, "test.Later/Heavy", "local:x"));
    expect(fixture, 10, BASE_OK, "local:x");
}

static void what_waits_too_long_is_not_begun(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < WORKERS; i++) {
        assert_false(ask(fixture, i, "test.Later/Heavy", "local:x"));
    }
    WAIT(atomic_load(&seen.begun) == WORKERS);
    assert_false(ask_through(fixture, &door, 5, "test.Later/Heavy", "local:x", 1));
    uint64_t late = base_clock_monotonic_ns() + 2 * 1000 * 1000;
    WAIT(base_clock_monotonic_ns() > late);
    atomic_store(&seen.open, true);
    expect(fixture, 5, BASE_DEADLINE_EXCEEDED, "waited for its turn");
    assert_int_equal(atomic_load(&seen.begun), WORKERS);
    assert_int_equal(counters(fixture).expired, 1);
}

static void work_sees_that_it_is_in_vain(void **state)
{
    struct fixture *fixture = *state;
    assert_false(ask(fixture, 0, "test.Later/Heavy", "local:x"));
    WAIT(atomic_load(&seen.begun) == 1);
    /* Longer and longer, until there is time to begin it. */
    size_t last = 0;
    for (uint32_t timeout_ms = 30; atomic_load(&seen.begun) == 1; timeout_ms *= 2) {
        last++;
        assert_false(ask_through(fixture, &door, last, "test.Later/Heavy", "local:x", timeout_ms));
        WAIT(atomic_load(&seen.begun) == 2 || atomic_load(&fixture->questions[last].answered));
    }
    expect(fixture, last, BASE_DEADLINE_EXCEEDED, "not done before its deadline");
    atomic_store(&fixture->questions[0].gone, true);
    expect(fixture, 0, BASE_CANCELLED, "caller is gone");
}

static void a_stop_cancels_and_answers(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < WORKERS + WAITING; i++) {
        assert_false(ask(fixture, i, "test.Later/Heavy", "local:x"));
    }
    WAIT(atomic_load(&seen.begun) == WORKERS);
    rpc_session_free(fixture->session);
    rpc_server_free(fixture->server);
    for (size_t i = 0; i < WORKERS + WAITING; i++) {
        assert_true(atomic_load(&fixture->questions[i].answered));
        expect(fixture, i, i < WORKERS ? BASE_CANCELLED : BASE_UNAVAILABLE, "the server stops");
    }
    fixture->session = NULL;
    fixture->server = NULL;
}

/* The message, its arena and the metadata live until the end, whatever the loop does next. */
static void a_deferred_call_keeps_what_it_needs(void **state)
{
    struct fixture *fixture = *state;
    assert_false(ask(fixture, 0, "test.Later/Defer", "local:kept"));
    struct rpc_later *later = seen.later;
    const char *id = seen.id;
    for (size_t i = 1; i < 20; i++) {
        assert_false(ask(fixture, i, "test.Later/Defer", "local:other"));
        struct base_error error;
        base_fail(&error, BASE_ABORTED, "not this time");
        rpc_later_call(seen.later)->detail_reason = "TEST_ABORTED";
        rpc_later_finish(seen.later, BASE_ABORTED, &error, (struct base_slice){NULL, 0});
        expect(fixture, i, BASE_ABORTED, "not this time");
        assert_int_equal(fixture->questions[i].response.detail_count, 1);
    }
    assert_string_equal(id, "local:kept");
    assert_true(base_slice_equal(rpc_later_call(later)->epoch,
                                 BASE_SLICE("0123456789abcdef0123456789abcdef")));
    assert_non_null(base_arena_alloc(rpc_later_call(later)->arena, 100000));
    rpc_later_finish(later, BASE_OK, NULL, base_slice_text(id));
    expect(fixture, 0, BASE_OK, "local:kept");
}

static void *finish_soon(void *argument)
{
    rpc_later_finish(argument, BASE_OK, NULL, BASE_SLICE("from elsewhere"));
    return NULL;
}

static void another_thread_finishes(void **state)
{
    struct fixture *fixture = *state;
    assert_false(ask(fixture, 0, "test.Later/Defer", "local:x"));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, finish_soon, seen.later), 0);
    expect(fixture, 0, BASE_OK, "from elsewhere");
    pthread_join(thread, NULL);
}

static void a_handler_may_keep_it_after_all(void **state)
{
    struct fixture *fixture = *state;
    assert_true(ask(fixture, 0, "test.Later/Defer", "local:refused"));
    expect(fixture, 0, BASE_RESOURCE_EXHAUSTED, "refused after all");
    assert_true(fixture->questions[0].released);
    assert_true(ask_through(fixture, &door_without_memory, 1, "test.Later/Heavy", "local:x", 0));
    expect(fixture, 1, BASE_RESOURCE_EXHAUSTED, "no memory");
    assert_int_equal(counters(fixture).pending, 0);
    assert_int_equal(counters(fixture).deferred, 0);
}

static void a_late_reply_has_its_limit(void **state)
{
    struct fixture *fixture = *state;
    assert_false(ask(fixture, 0, "test.Later/Defer", "local:x"));
    char *large = calloc(1, LIMIT_REPLY);
    assert_non_null(large);
    rpc_later_finish(seen.later, BASE_OK, NULL, base_slice(large, LIMIT_REPLY));
    expect(fixture, 0, BASE_RESOURCE_EXHAUSTED, "the reply is larger");
    assert_false(ask(fixture, 1, "test.Later/Defer", "local:x"));
    size_t most = LIMIT_REPLY - 100;
    rpc_later_finish(seen.later, BASE_OK, NULL, base_slice(large, most));
    expect(fixture, 1, BASE_OK, "");
    assert_int_equal(fixture->questions[1].response.payload.size, most);
    free(large);
}

static void a_pool_without_sessions_says_so(void **state)
{
    (void)state;
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    memset(&seen, 0, sizeof seen);
    struct rpc_service once = {&seen, session_new_once, session_free, session_rest, methods, NULL};
    struct rpc_limits limits = {.default_timeout_ms = DEADLINE_MS, .max_timeout_ms = 60000};
    struct base_error error;
    assert_int_equal(rpc_server_new(&once, &limits, &fixture->server, &error), BASE_OK);
    fixture->session = rpc_session_new(fixture->server, &error);
    assert_non_null(fixture->session);
    assert_false(ask(fixture, 0, "test.Later/Heavy", "local:x"));
    expect(fixture, 0, BASE_UNAVAILABLE, "no session today");
    *state = fixture;
}

/* For callers without a door: the reply is waited for. */
static void a_caller_may_wait(void **state)
{
    struct fixture *fixture = *state;
    atomic_store(&seen.open, true);
    for (int round = 0; round < 200; round++) {
        struct base_buffer reply = BASE_BUFFER_EMPTY;
        struct wire_response response;
        struct base_error error;
        base_buffer_clear(&fixture->envelope);
        wire_request_write(&fixture->envelope, BASE_SLICE("test.Later/Heavy"), 0, NULL, 0,
                           BASE_SLICE("\x0a\x07local:x"));
        uint64_t now = base_clock_monotonic_ns();
        rpc_session_answer(fixture->session, base_buffer_slice(&fixture->envelope), now, now,
                           &reply);
        assert_int_equal(wire_response_read(base_buffer_slice(&reply), &response, &error), BASE_OK);
        assert_int_equal(response.code, BASE_OK);
        assert_true(base_slice_equal(response.payload, BASE_SLICE("half an answerlocal:x")));
        base_buffer_fini(&reply);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(work_runs_off_the_loop),
        TEST(at_most_so_many_run_and_wait),
        TEST(what_waits_too_long_is_not_begun),
        TEST(work_sees_that_it_is_in_vain),
        TEST(a_stop_cancels_and_answers),
        TEST(a_deferred_call_keeps_what_it_needs),
        TEST(another_thread_finishes),
        TEST(a_handler_may_keep_it_after_all),
        TEST(a_late_reply_has_its_limit),
        cmocka_unit_test_teardown(a_pool_without_sessions_says_so, teardown),
        TEST(a_caller_may_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
