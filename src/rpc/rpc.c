#include "rpc/rpc.h"

#include <stdlib.h>

#include "rpc/health.h"
#include "rpc/metadata.h"
#include "rpc/server.h"
#include "wire/envelope.h"
#include "wire/unpack.h"

enum {
    NS_A_MS = 1000 * 1000,
    /* Of one call: the largest request unpacked takes about 30 MiB, the largest reply's
       abstracts 17. */
    ARENA_LIMIT = 64 * 1024 * 1024,
    /* A call that took more gives its memory back; below, the arena keeps it for the next call. */
    ARENA_KEPT = 1024 * 1024,
    /* Tag and length of the payload in the response, at most. */
    PAYLOAD_HEAD = 6,
};

struct rpc_session {
    struct rpc_server *server; /* borrowed */
    void *state;               /* owned: of service.session_new */
    struct base_arena arena;
    _Atomic uint64_t requests;
    _Atomic uint64_t failed;
    _Atomic uint64_t deadline_dropped;
};

enum base_code rpc_server_new(const struct rpc_service *service, const struct rpc_limits *limits,
                              struct rpc_server **server, struct base_error *error)
{
    BASE_ASSERT(limits->default_timeout_ms > 0);
    BASE_ASSERT(limits->default_timeout_ms <= limits->max_timeout_ms);
    struct rpc_server *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the server");
    }
    made->service = *service;
    made->limits = *limits;
    atomic_init(&made->draining, false);
    enum base_code code =
        rpc_methods_new(service->methods, rpc_health_methods, &made->methods, error);
    if (code != BASE_OK) {
        free(made);
        return code;
    }
    *server = made;
    return BASE_OK;
}

void rpc_server_free(struct rpc_server *server)
{
    if (server != NULL) {
        rpc_methods_free(server->methods);
        free(server);
    }
}

void rpc_server_drain(struct rpc_server *server)
{
    atomic_store_explicit(&server->draining, true, memory_order_relaxed);
}

struct rpc_session *rpc_session_new(struct rpc_server *server, struct base_error *error)
{
    struct rpc_session *session = calloc(1, sizeof *session);
    if (session == NULL) {
        base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for a session");
        return NULL;
    }
    session->server = server;
    session->state = server->service.session_new(server->service.state, error);
    if (session->state == NULL) {
        free(session);
        return NULL;
    }
    base_arena_init(&session->arena, ARENA_LIMIT);
    atomic_init(&session->requests, 0);
    atomic_init(&session->failed, 0);
    atomic_init(&session->deadline_dropped, 0);
    return session;
}

void rpc_session_free(struct rpc_session *session)
{
    if (session != NULL) {
        session->server->service.session_free(session->state);
        base_arena_fini(&session->arena);
        free(session);
    }
}

void rpc_session_rest(struct rpc_session *session)
{
    session->server->service.session_rest(session->state);
}

/* One thread writes, so that no locked instruction is needed. */
static void count(_Atomic uint64_t *counter)
{
    uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, value + 1, memory_order_relaxed);
}

void rpc_session_counters(const struct rpc_session *session, struct rpc_counters *counters)
{
    *counters = (struct rpc_counters){
        .requests = atomic_load_explicit(&session->requests, memory_order_relaxed),
        .failed = atomic_load_explicit(&session->failed, memory_order_relaxed),
        .deadline_dropped = atomic_load_explicit(&session->deadline_dropped, memory_order_relaxed),
    };
}

enum base_code rpc_fail_reply_limit(const struct rpc_call *call, struct base_error *error)
{
    return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                     "the reply is larger than %zu bytes; ask for fewer items or the next page, or "
                     "raise the metadata hirsch-max-reply (at most %d)",
                     call->max_reply, LIMIT_REPLY_MOST);
}

/* One request on its way: what the reply needs of it, whatever comes of it. */
struct exchange {
    struct rpc_session *session;
    struct rpc_call call;
    struct wire_request request;
    struct rpc_options options;
};

static enum base_code check_deadline(struct exchange *exchange, uint64_t received_ns,
                                     uint64_t now_ns, struct base_error *error)
{
    const struct rpc_limits *limits = &exchange->session->server->limits;
    uint64_t timeout_ms = exchange->request.timeout_ms;
    if (timeout_ms == 0) {
        timeout_ms = limits->default_timeout_ms;
    } else if (timeout_ms > limits->max_timeout_ms) {
        timeout_ms = limits->max_timeout_ms;
    }
    exchange->call.deadline_ns = received_ns + timeout_ms * NS_A_MS;
    if (now_ns < exchange->call.deadline_ns) {
        return BASE_OK;
    }
    count(&exchange->session->deadline_dropped);
    return base_fail(error, BASE_DEADLINE_EXCEEDED,
                     "the request waited %llu ms for its turn, its deadline was %llu ms; try again "
                     "later or allow more time",
                     (unsigned long long)((now_ns - received_ns) / NS_A_MS),
                     (unsigned long long)timeout_ms);
}

/* Everything between the bytes of the request and the payload of the reply. */
static enum base_code run(struct exchange *exchange, const struct rpc_method *method,
                          struct base_buffer *reply, size_t start, struct base_error *error)
{
    struct rpc_call *call = &exchange->call;
    struct ProtobufCMessage *message = NULL;
    enum base_code code = wire_unpack(method->request, exchange->request.payload,
                                      &wire_request_limits, call->arena, &message, error);
    if (code != BASE_OK) {
        return code;
    }
    struct wire_mark mark =
        wire_response_begin(reply, exchange->options.echo, exchange->options.echo_count);
    BASE_ASSERT(reply->size - start + PAYLOAD_HEAD < call->max_reply);
    call->max_payload = call->max_reply - PAYLOAD_HEAD - (reply->size - start);
    code = method->handle(call, message, reply, error);
    if (code != BASE_OK) {
        return code;
    }
    wire_response_end(reply, mark);
    if (!reply->failed && reply->size - start > call->max_reply) {
        return rpc_fail_reply_limit(call, error);
    }
    return BASE_OK;
}

static enum base_code answer(struct exchange *exchange, struct base_slice bytes,
                             uint64_t received_ns, uint64_t now_ns, struct base_buffer *reply,
                             struct base_error *error)
{
    struct rpc_call *call = &exchange->call;
    if (bytes.size > LIMIT_REQUEST) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                         "the request takes %zu bytes, more than the %d allowed; send less at once",
                         bytes.size, LIMIT_REQUEST);
    }
    enum base_code code = wire_request_read(bytes, &exchange->request, error);
    if (code != BASE_OK) {
        base_error_prefix(error, "request envelope");
        return code;
    }
    code = rpc_metadata_read(&exchange->request, &exchange->options, error);
    if (code != BASE_OK) {
        return code;
    }
    const struct rpc_server *server = exchange->session->server;
    const struct rpc_method *method = NULL;
    code = rpc_methods_find(server->methods, exchange->request.method, &method, error);
    if (code != BASE_OK) {
        return code;
    }
    code = check_deadline(exchange, received_ns, now_ns, error);
    if (code != BASE_OK) {
        return code;
    }
    call->arena = &exchange->session->arena;
    call->session = exchange->session->state;
    call->server = server;
    call->max_reply = exchange->options.max_reply;
    call->has_min_sequence = exchange->options.has_min_sequence;
    call->min_sequence = exchange->options.min_sequence;
    call->epoch = exchange->options.epoch;
    return run(exchange, method, reply, reply->size, error);
}

static void release(struct base_arena *arena)
{
    if (arena->used > ARENA_KEPT) {
        base_arena_fini(arena);
    } else {
        base_arena_reset(arena);
    }
}

void rpc_session_answer(struct rpc_session *session, struct base_slice request,
                        uint64_t received_ns, uint64_t now_ns, struct base_buffer *reply)
{
    struct exchange exchange;
    exchange.session = session;
    exchange.call.detail_reason = NULL;
    exchange.call.detail_field = NULL;
    exchange.options.echo_count = 0;
    struct base_error error;
    error.text[0] = '\0';
    size_t start = reply->size;
    count(&session->requests);
    enum base_code code = answer(&exchange, request, received_ns, now_ns, reply, &error);
    if (code != BASE_OK) {
        count(&session->failed);
        reply->size = start;
        struct wire_failure failure = {
            .code = code,
            .message = error.text,
            .reason = exchange.call.detail_reason,
            .field = exchange.call.detail_field,
        };
        wire_response_fail(reply, &failure, exchange.options.echo, exchange.options.echo_count);
    }
    release(&session->arena);
}
