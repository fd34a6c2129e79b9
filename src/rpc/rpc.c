#include "rpc/rpc.h"

#include <stdlib.h>

#include "rpc/health.h"
#include "rpc/server.h"
#include "wire/unpack.h"

enum {
    NS_A_MS = 1000 * 1000,
    /* A call that took more gives its memory back; below, the arena keeps it for the next call. */
    ARENA_KEPT = 1024 * 1024,
    /* Tag and length of the payload in the response, at most. */
    PAYLOAD_HEAD = 6,
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
    atomic_init(&made->stopping, false);
    atomic_init(&made->deferred, 0);
    atomic_init(&made->deferred_failed, 0);
    atomic_init(&made->refused, 0);
    atomic_init(&made->expired, 0);
    atomic_init(&made->pending, 0);
    enum base_code code =
        rpc_methods_new(service->methods, rpc_health_methods, &made->methods, error);
    if (code != BASE_OK) {
        free(made);
        return code;
    }
    rpc_pool_init(&made->pool, made, limits->workers != 0 ? limits->workers : LIMIT_WORKERS,
                  limits->work_waiting != 0 ? limits->work_waiting : LIMIT_WORK_WAITING);
    *server = made;
    return BASE_OK;
}

void rpc_server_free(struct rpc_server *server)
{
    if (server != NULL) {
        atomic_store_explicit(&server->stopping, true, memory_order_relaxed);
        rpc_pool_fini(&server->pool);
        BASE_ASSERT(atomic_load_explicit(&server->pending, memory_order_acquire) == 0);
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
    base_arena_init(&session->arena, RPC_ARENA_LIMIT);
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

static enum base_code check_deadline(struct rpc_exchange *exchange, uint64_t received_ns,
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

enum base_code rpc_respond(struct rpc_call *call, rpc_work handle, const void *request,
                           const struct wire_metadata *echo, size_t echo_count,
                           struct base_buffer *reply, struct base_error *error)
{
    size_t start = reply->size;
    struct wire_mark mark = wire_response_begin(reply, echo, echo_count);
    BASE_ASSERT(reply->size - start + PAYLOAD_HEAD < call->max_reply);
    call->max_payload = call->max_reply - PAYLOAD_HEAD - (reply->size - start);
    enum base_code code = handle(call, request, reply, error);
    bool deferred = call->exchange != NULL && call->exchange->later != NULL;
    if (code != BASE_OK || deferred) {
        return code;
    }
    wire_response_end(reply, mark);
    if (!reply->failed && reply->size - start > call->max_reply) {
        return rpc_fail_reply_limit(call, error);
    }
    return BASE_OK;
}

/* Everything between the bytes of the request and the payload of the reply. */
static enum base_code run(struct rpc_exchange *exchange, const struct rpc_method *method,
                          struct base_buffer *reply, struct base_error *error)
{
    struct rpc_call *call = &exchange->call;
    struct ProtobufCMessage *message = NULL;
    const struct wire_limits *limits =
        method->limits != NULL ? method->limits : &wire_request_limits;
    enum base_code code = wire_unpack(method->request, exchange->request.payload, limits,
                                      call->arena, &message, error);
    if (code != BASE_OK) {
        return code;
    }
    return rpc_respond(call, method->handle, message, exchange->options.echo,
                       exchange->options.echo_count, reply, error);
}

static enum base_code answer(struct rpc_exchange *exchange, struct base_slice bytes,
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
    call->payload = exchange->request.payload;
    return run(exchange, method, reply, error);
}

static void release(struct base_arena *arena)
{
    if (arena->used > ARENA_KEPT) {
        base_arena_fini(arena);
    } else {
        base_arena_reset(arena);
    }
}

bool rpc_session_ask(struct rpc_session *session, struct base_slice request, uint64_t received_ns,
                     uint64_t now_ns, const struct rpc_door *door, void *asked,
                     struct base_buffer *reply)
{
    struct rpc_exchange exchange;
    exchange.session = session;
    exchange.door = door;
    exchange.asked = asked;
    exchange.later = NULL;
    exchange.call.exchange = &exchange;
    exchange.call.later = NULL;
    exchange.call.detail_reason = NULL;
    exchange.call.detail_field = NULL;
    exchange.options.echo_count = 0;
    struct base_error error;
    error.text[0] = '\0';
    size_t start = reply->size;
    count(&session->requests);
    enum base_code code = answer(&exchange, request, received_ns, now_ns, reply, &error);
    if (exchange.later != NULL && code == BASE_OK) {
        /* Given away: it may be answered and freed by now. */
        atomic_fetch_add_explicit(&session->server->deferred, 1, memory_order_relaxed);
        reply->size = start;
        return false;
    }
    if (exchange.later != NULL) {
        rpc_later_drop(exchange.later);
    }
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
    return true;
}

/* A door with one visitor, who waits. */
struct waiter {
    pthread_mutex_t mutex;
    pthread_cond_t answered;
    bool done;
    struct base_buffer reply;
};

static void *waiter_hold(void *asked)
{
    return asked;
}

static void waiter_release(void *held)
{
    (void)held;
}

static void waiter_answer(void *held, struct base_buffer *reply)
{
    struct waiter *waiter = held;
    pthread_mutex_lock(&waiter->mutex);
    waiter->reply = *reply;
    base_buffer_init(reply);
    waiter->done = true;
    pthread_cond_signal(&waiter->answered);
    pthread_mutex_unlock(&waiter->mutex);
}

static bool waiter_gone(void *held)
{
    (void)held;
    return false;
}

static const struct rpc_door waiting_door = {
    .hold = waiter_hold,
    .release = waiter_release,
    .answer = waiter_answer,
    .gone = waiter_gone,
};

void rpc_session_answer(struct rpc_session *session, struct base_slice request,
                        uint64_t received_ns, uint64_t now_ns, struct base_buffer *reply)
{
    struct waiter waiter = {.mutex = PTHREAD_MUTEX_INITIALIZER,
                            .answered = PTHREAD_COND_INITIALIZER};
    if (rpc_session_ask(session, request, received_ns, now_ns, &waiting_door, &waiter, reply)) {
        return;
    }
    pthread_mutex_lock(&waiter.mutex);
    while (!waiter.done) {
        pthread_cond_wait(&waiter.answered, &waiter.mutex);
    }
    pthread_mutex_unlock(&waiter.mutex);
    base_buffer_append_slice(reply, base_buffer_slice(&waiter.reply));
    reply->failed = reply->failed || waiter.reply.failed;
    base_buffer_fini(&waiter.reply);
}
