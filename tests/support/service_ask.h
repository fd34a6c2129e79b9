/* The methods over a store in memory, asked through rpc as a door asks them. Include it in one
 * source file of an executable, behind cmocka.h. */
#ifndef SUPPORT_SERVICE_ASK_H
#define SUPPORT_SERVICE_ASK_H

#include "support/store_double.h"

#include "service/service.h"
#include "wire/envelope.h"
#include "wire/messages.h"
#include "wire/unpack.h"

struct fixture {
    struct store store;
    struct store_writes writes;
    struct service_state state;
    struct rpc_server *server;
    struct rpc_session *session;
    struct base_arena arena;
    struct base_buffer reply;
    struct wire_response response;
    const struct wire_metadata *metadata;
    size_t metadata_count;
};

/* 2026-01-31T00:00:00Z */
static inline int64_t ask_clock(void)
{
    return INT64_C(1769817600) * 1000000;
}

static inline int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    fixture->store.info = (struct store_info){
        .coverage_end = model_day_of(2024, 6, 30), .sequence = 41, .epoch = {0xab, 0x01}};
    fixture->writes =
        (struct store_writes){.store = &fixture->store, .outcome = STORE_OUTCOME_STORED};
    fixture->state = (struct service_state){
        .store = &fixture->store, .writes = &fixture->writes, .unix_us = ask_clock};
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

static inline int teardown(void **state)
{
    struct fixture *fixture = *state;
    rpc_session_free(fixture->session);
    assert_int_equal(fixture->store.readers, 0);
    rpc_server_free(fixture->server);
    base_arena_fini(&fixture->arena);
    base_buffer_fini(&fixture->reply);
    double_fini(&fixture->store);
    free(fixture);
    return 0;
}

/* Asks, and unpacks the payload when the code is OK. */
static inline const void *ask(struct fixture *fixture, const char *method,
                              const ProtobufCMessage *request,
                              const ProtobufCMessageDescriptor *type)
{
    struct base_buffer payload = BASE_BUFFER_EMPTY;
    struct base_buffer envelope = BASE_BUFFER_EMPTY;
    wire_pack(request, &payload);
    wire_request_write(&envelope, base_slice_text(method), 0, fixture->metadata,
                       fixture->metadata_count, base_buffer_slice(&payload));
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
        wire_unpack(type, fixture->response.payload, &wire_reply_limits, &fixture->arena, &message,
                    &error) != BASE_OK) {
        fail_msg("%s", error.text);
    }
    return message;
}

static inline void expect_failure(struct fixture *fixture, enum base_code code, const char *part,
                                  const char *reason)
{
    const struct wire_response *response = &fixture->response;
    if (response->code != code ||
        memmem(response->message.data, response->message.size, part, strlen(part)) == NULL) {
        fail_msg("code %u, text: %.*s", response->code, BASE_PRINT(response->message));
    }
    if (reason == NULL) {
        assert_int_equal(response->detail_count, 0);
    } else {
        assert_int_equal(response->detail_count, 1);
        assert_true(base_slice_equal(response->details[0].reason, base_slice_text(reason)));
    }
}

static inline char *text(const char *literal)
{
    return (char *)(uintptr_t)literal;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
