/* Any bytes as a request give exactly one well-formed response within the limit. */
#include "base/hash.h"
#include "base/status.h"
#include "rpc/rpc.h"
#include "wire/envelope.h"
#include "wire/messages.h"

/* Answers with the id it was given, many times over, or fails half way. */
static enum base_code handle(struct rpc_call *call, const void *message,
                             struct base_buffer *payload, struct base_error *error)
{
    const Hirsch__V1__GetAuthorRequest *request = message;
    size_t start = payload->size;
    for (int i = 0; i < 100; i++) {
        base_buffer_append_text(payload, request->id);
    }
    if (request->id[0] == 'f') {
        call->detail_reason = "FUZZ";
        return base_fail(error, BASE_NOT_FOUND, "%s is not here", request->id);
    }
    if (payload->size - start > call->max_payload) {
        return rpc_fail_reply_limit(call, error);
    }
    return BASE_OK;
}

/* Reads each byte. */
static void expect(void *session, struct base_slice payload)
{
    *(uint64_t *)session += base_hash64(payload);
}

static void fetch(void *session)
{
    (void)session;
}

static const struct rpc_method methods[] = {
    {"t.S/M", &hirsch__v1__get_author_request__descriptor, handle, true, RPC_READER, NULL, NULL,
     expect},
    {.name = NULL},
};

static void *session_new(void *state, struct base_error *error)
{
    (void)error;
    return state;
}

static void session_free(void *session)
{
    (void)session;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint64_t hashes;
    const struct rpc_service service = {&hashes,      session_new, session_free,
                                        session_free, methods,     fetch};
    const struct rpc_limits limits = {.default_timeout_ms = 2000, .max_timeout_ms = 60000};
    struct rpc_server *server;
    struct base_error error;
    BASE_ASSERT(rpc_server_new(&service, &limits, &server, &error) == BASE_OK);
    struct rpc_session *session = rpc_session_new(server, &error);
    BASE_ASSERT(session != NULL);
    struct base_buffer reply = BASE_BUFFER_EMPTY;
    base_buffer_append_byte(&reply, 0xff);
    const struct base_slice twice[] = {base_slice(data, size), base_slice(data, size)};
    rpc_session_ahead(session, twice, 2);
    rpc_session_answer(session, base_slice(data, size), 0, 1000 * 1000, &reply);
    BASE_ASSERT(!reply.failed && (uint8_t)reply.data[0] == 0xff);
    BASE_ASSERT(reply.size - 1 <= LIMIT_REPLY_MOST);
    struct wire_response response;
    BASE_ASSERT(wire_response_read(base_slice(reply.data + 1, reply.size - 1), &response, &error) ==
                BASE_OK);
    BASE_ASSERT(response.code <= BASE_UNAUTHENTICATED);
    BASE_ASSERT(response.code == BASE_OK ||
                (response.payload.size == 0 && response.message.size > 0));
    struct rpc_counters counters;
    rpc_session_counters(session, &counters);
    BASE_ASSERT(counters.requests == 1 && counters.failed == (response.code != BASE_OK));
    base_buffer_fini(&reply);
    rpc_session_free(session);
    rpc_server_free(server);
    return 0;
}
