/* Any bytes as the request of any method: exactly one well-formed response within the limit, and a
 * decoder that keeps to the memory it was given. The first byte picks the method, the second the
 * memory. */
#include "support/service_calls.h"

#include "wire/check.h"
#include "wire/messages.h"
#include "wire/unpack.h"

static struct store store;
static struct store_writes writes = {.store = &store, .outcome = STORE_OUTCOME_STORED};
static struct service_state state = {
    .store = &store,
    .writes = &writes,
    .unix_us = service_calls_clock,
    .refresh = service_calls_refresh,
};
static struct rpc_service service;
static struct rpc_server *server;
static size_t method_count;

static void open_once(void)
{
    static const struct rpc_limits limits = {.default_timeout_ms = 2000, .max_timeout_ms = 60000};
    struct base_error error;
    if (server != NULL) {
        return;
    }
    service_calls_fill(&store);
    service = service_open(&state);
    while (service.methods[method_count].name != NULL) {
        method_count++;
    }
    BASE_ASSERT(rpc_server_new(&service, &limits, &server, &error) == BASE_OK);
}

static void unpack_within(const struct rpc_method *method, struct base_slice bytes, size_t memory)
{
    struct base_arena arena;
    struct base_error error;
    ProtobufCMessage *message = NULL;
    const struct wire_limits *limits =
        method->limits != NULL ? method->limits : &wire_request_limits;
    enum base_code checked = wire_check(method->request, bytes, limits->fields, &error);
    base_arena_init(&arena, memory);
    enum base_code code = wire_unpack(method->request, bytes, limits, &arena, &message, &error);
    BASE_ASSERT(code == checked || (checked == BASE_OK && code == BASE_RESOURCE_EXHAUSTED));
    BASE_ASSERT((code == BASE_OK) == (message != NULL));
    BASE_ASSERT(arena.used <= memory);
    base_arena_fini(&arena);
}

/* What was announced gets the answer that it gets unannounced. */
static void answer_announced(struct rpc_session *session, struct base_slice envelope,
                             struct base_slice reply)
{
    struct base_buffer again = BASE_BUFFER_EMPTY;
    rpc_session_ahead(session, &envelope, 1);
    rpc_session_answer(session, envelope, 0, 0, &again);
    BASE_ASSERT(base_slice_equal(base_buffer_slice(&again), reply));
    base_buffer_fini(&again);
}

static void answer(const struct rpc_method *method, struct base_slice bytes)
{
    struct base_error error;
    struct base_buffer envelope = BASE_BUFFER_EMPTY;
    struct base_buffer reply = BASE_BUFFER_EMPTY;
    struct rpc_session *session = rpc_session_new(server, &error);
    BASE_ASSERT(session != NULL);
    wire_request_write(&envelope, base_slice_text(method->name), 0, NULL, 0, bytes);
    rpc_session_answer(session, base_buffer_slice(&envelope), 0, 0, &reply);
    if (method->expect != NULL) {
        answer_announced(session, base_buffer_slice(&envelope), base_buffer_slice(&reply));
    }
    BASE_ASSERT(!reply.failed && reply.size <= LIMIT_REPLY);
    struct wire_response response;
    BASE_ASSERT(wire_response_read(base_buffer_slice(&reply), &response, &error) == BASE_OK);
    BASE_ASSERT(response.code <= BASE_UNAUTHENTICATED);
    BASE_ASSERT(response.code == BASE_OK ||
                (response.payload.size == 0 && response.message.size > 0));
    rpc_session_free(session);
    base_buffer_fini(&reply);
    base_buffer_fini(&envelope);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    open_once();
    const struct rpc_method *method = &service.methods[data[0] % method_count];
    struct base_slice bytes = base_slice(data + 2, size - 2);
    unpack_within(method, bytes, ((size_t)data[1] + 1) * 64);
    answer(method, bytes);
    return 0;
}
