/* Every n-th allocation of a call fails once: the caller gets an error or no reply at all, nothing
 * leaks, and the session goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/failing_memory.h"
#include "support/service_calls.h"

enum { ALLOCATIONS_MOST = 10000 };

struct fixture {
    struct store store;
    struct store_writes writes;
    struct service_state state;
    struct rpc_service service;
    struct rpc_server *server;
};

static const struct rpc_limits limits = {.default_timeout_ms = 2000, .max_timeout_ms = 60000};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    service_calls_fill(&fixture->store);
    fixture->writes =
        (struct store_writes){.store = &fixture->store, .outcome = STORE_OUTCOME_STORED};
    fixture->state = (struct service_state){
        .store = &fixture->store,
        .writes = &fixture->writes,
        .unix_us = service_calls_clock,
        .refresh = service_calls_refresh,
    };
    fixture->service = service_open(&fixture->state);
    struct base_error error;
    assert_int_equal(rpc_server_new(&fixture->service, &limits, &fixture->server, &error), BASE_OK);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    rpc_server_free(fixture->server);
    assert_int_equal(fixture->store.readers, 0);
    double_fini(&fixture->store);
    free(fixture);
    return 0;
}

static void ask(struct rpc_session *session, struct base_slice envelope, struct base_buffer *reply)
{
    base_buffer_init(reply);
    rpc_session_ahead(session, &envelope, 1);
    rpc_session_answer(session, envelope, 0, 0, reply);
    until_failure = -1;
}

/* A reply that says that memory was out, of the call or of one item; or none: the door closes. */
static void check_reply(const char *method, struct base_slice reply, struct base_slice good)
{
    struct wire_response response;
    struct base_error error;
    assert_int_equal(wire_response_read(reply, &response, &error), BASE_OK);
    if (response.code == BASE_OK) {
        /* A batch says it of the item. */
        static const char words[] = "memory";
        if (!base_slice_equal(reply, good) &&
            memmem(response.payload.data, response.payload.size, words, sizeof words - 1) == NULL) {
            fail_msg("%s: another answer although memory was out", method);
        }
        return;
    }
    if (response.code != BASE_RESOURCE_EXHAUSTED || response.message.size == 0) {
        fail_msg("%s: code %u: %.*s", method, response.code, BASE_PRINT(response.message));
    }
}

static void each_allocation_fails(struct fixture *fixture, const struct service_call *call)
{
    struct base_buffer envelope = BASE_BUFFER_EMPTY;
    struct base_buffer good;
    struct base_buffer reply;
    struct base_error error;
    wire_request_write(&envelope, base_slice_text(call->method), 0, NULL, 0, call->payload);
    for (long n = -1; n < ALLOCATIONS_MOST; n++) {
        /* A fresh one, so that no memory of the call before is at hand. */
        struct rpc_session *session = rpc_session_new(fixture->server, &error);
        assert_non_null(session);
        unsigned long before = failures;
        if (n < 0) {
            ask(session, base_buffer_slice(&envelope), &good);
            struct wire_response response;
            assert_int_equal(wire_response_read(base_buffer_slice(&good), &response, &error),
                             BASE_OK);
            if (response.code != BASE_OK) {
                fail_msg("%s: code %u: %.*s", call->method, response.code,
                         BASE_PRINT(response.message));
            }
            rpc_session_free(session);
            continue;
        }
        until_failure = n;
        ask(session, base_buffer_slice(&envelope), &reply);
        bool failed = failures > before;
        if (!failed) {
            assert_true(base_slice_equal(base_buffer_slice(&reply), base_buffer_slice(&good)));
        } else if (!reply.failed) {
            check_reply(call->method, base_buffer_slice(&reply), base_buffer_slice(&good));
        }
        base_buffer_fini(&reply);
        /* The same session answers as ever afterwards. */
        ask(session, base_buffer_slice(&envelope), &reply);
        assert_true(base_slice_equal(base_buffer_slice(&reply), base_buffer_slice(&good)));
        base_buffer_fini(&reply);
        rpc_session_free(session);
        if (!failed) {
            break;
        }
    }
    base_buffer_fini(&good);
    base_buffer_fini(&envelope);
}

static void every_call_survives_every_failure(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < SERVICE_CALLS; i++) {
        unsigned long before = failures;
        each_allocation_fails(fixture, &service_calls[i]);
        assert_true(failures > before);
    }
}

static void every_method_has_a_row(void **state)
{
    struct fixture *fixture = *state;
    for (const struct rpc_method *method = fixture->service.methods; method->name != NULL;
         method++) {
        size_t found = 0;
        for (size_t i = 0; i < SERVICE_CALLS; i++) {
            found += strcmp(service_calls[i].method, method->name) == 0;
        }
        if (found != 1) {
            fail_msg("%s has %zu rows in service_calls.h", method->name, found);
        }
    }
}

static void servers_and_sessions_are_made_whole_or_not(void **state)
{
    struct fixture *fixture = *state;
    struct base_error error;
    for (long n = 0;; n++) {
        assert_true(n < ALLOCATIONS_MOST);
        struct rpc_server *server = NULL;
        unsigned long before = failures;
        until_failure = n;
        enum base_code code = rpc_server_new(&fixture->service, &limits, &server, &error);
        struct rpc_session *session = code == BASE_OK ? rpc_session_new(server, &error) : NULL;
        until_failure = -1;
        assert_true((session == NULL) == (failures > before));
        assert_true((code == BASE_OK) == (server != NULL));
        assert_true(session != NULL || strstr(error.text, "memory") != NULL);
        rpc_session_free(session);
        rpc_server_free(server);
        if (failures == before) {
            assert_true(n >= 3);
            return;
        }
    }
}

int main(void)
{
#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_SERVER(every_call_survives_every_failure),
        WITH_SERVER(every_method_has_a_row),
        WITH_SERVER(servers_and_sessions_are_made_whole_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
