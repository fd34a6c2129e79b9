#include "rpc/rpc.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "rpc/server.h"
#include "wire/unpack.h"

enum {
    NS_A_MS = 1000 * 1000,
    /* A call that took more gives its memory back; below, the arena keeps it for the next call. */
    ARENA_KEPT = 1024 * 1024,
    /* Tag and length of the payload in the response, at most. */
    PAYLOAD_HEAD = 6,
};

/* One thread writes, so that no locked instruction is needed. */
static void count(_Atomic uint64_t *counter)
{
    uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, value + 1, memory_order_relaxed);
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
    struct rpc_server *server = exchange->session->server;
    uint64_t most_ms = atomic_load_explicit(&server->max_timeout_ms, memory_order_relaxed);
    uint64_t timeout_ms = exchange->request.timeout_ms;
    if (timeout_ms == 0) {
        timeout_ms = atomic_load_explicit(&server->default_timeout_ms, memory_order_relaxed);
    }
    timeout_ms = timeout_ms > most_ms ? most_ms : timeout_ms;
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

static size_t begin_response(struct rpc_call *call, const struct wire_metadata *echo,
                             size_t echo_count, struct base_buffer *reply, struct wire_mark *mark)
{
    size_t start = reply->size;
    *mark = wire_response_begin(reply, echo, echo_count);
    BASE_ASSERT(reply->size - start + PAYLOAD_HEAD < call->max_reply);
    call->max_payload = call->max_reply - PAYLOAD_HEAD - (reply->size - start);
    return start;
}

static enum base_code end_response(struct rpc_call *call, size_t start, struct wire_mark mark,
                                   struct base_buffer *reply, struct base_error *error)
{
    wire_response_end(reply, mark);
    if (!reply->failed && reply->size - start > call->max_reply) {
        return rpc_fail_reply_limit(call, error);
    }
    return BASE_OK;
}

enum base_code rpc_respond(struct rpc_call *call, rpc_work handle, const void *request,
                           const struct wire_metadata *echo, size_t echo_count,
                           struct base_buffer *reply, struct base_error *error)
{
    struct wire_mark mark;
    size_t start = begin_response(call, echo, echo_count, reply, &mark);
    enum base_code code = handle(call, request, reply, error);
    bool deferred = call->exchange != NULL && call->exchange->later != NULL;
    if (code != BASE_OK || deferred) {
        return code;
    }
    return end_response(call, start, mark, reply, error);
}

/* True: it was a plain request, and *code what came of it. */
static bool respond_plain(struct rpc_exchange *exchange, const struct rpc_method *method,
                          struct base_buffer *reply, enum base_code *code, struct base_error *error)
{
    struct rpc_call *call = &exchange->call;
    struct wire_mark mark;
    size_t before = reply->size;
    size_t start =
        begin_response(call, exchange->options.echo, exchange->options.echo_count, reply, &mark);
    if (!method->handle_plain(call, reply, code, error)) {
        reply->size = before;
        return false;
    }
    if (*code == BASE_OK) {
        *code = end_response(call, start, mark, reply, error);
    }
    return true;
}

/* Everything between the bytes of the request and the payload of the reply. */
static enum base_code run(struct rpc_exchange *exchange, const struct rpc_method *method,
                          struct base_buffer *reply, struct base_error *error)
{
    struct rpc_call *call = &exchange->call;
    struct ProtobufCMessage *message = NULL;
    const struct wire_limits *limits =
        method->limits != NULL ? method->limits : &wire_request_limits;
    enum base_code code;
    if (method->handle_plain != NULL && respond_plain(exchange, method, reply, &code, error)) {
        return code;
    }
    code = wire_unpack(method->request, exchange->request.payload, limits, call->arena, &message,
                       error);
    if (code != BASE_OK) {
        return code;
    }
    return rpc_respond(call, method->handle, message, exchange->options.echo,
                       exchange->options.echo_count, reply, error);
}

static enum base_code refuse_overload(struct rpc_exchange *exchange, struct base_error *error)
{
    struct rpc_session *session = exchange->session;
    struct rpc_overload *overload = &session->overload;
    if (overload->retry_ms != session->retry_ms) {
        overload->retry_ms = session->retry_ms;
        snprintf(overload->sentence, sizeof overload->sentence,
                 "the server has more to do than it can; try again in %u ms, or ask another one",
                 session->retry_ms);
    }
    count(&session->shed);
    exchange->retry_after_ms = session->retry_ms;
    exchange->call.detail_reason = "OVERLOADED";
    error->code = BASE_RESOURCE_EXHAUSTED;
    memcpy(error->text, overload->sentence, sizeof overload->sentence);
    return BASE_RESOURCE_EXHAUSTED;
}

/* Whether the call may be looked at now, by this caller. found_none: error holds already that there
 * is no such method, which is for callers with a key to know. */
static enum base_code admit(struct rpc_exchange *exchange, uint64_t now_ns, bool found_none,
                            struct base_error *error)
{
    struct rpc_session *session = exchange->session;
    struct rpc_server *server = session->server;
    struct rpc_call *call = &exchange->call;
    enum rpc_role needed = found_none ? RPC_READER : exchange->method->role;
    if (needed == RPC_ANYONE) {
        return BASE_OK;
    }
    if (atomic_load_explicit(&server->refusing, memory_order_relaxed)) {
        call->detail_reason = "DRAINING";
        return base_fail(error, BASE_UNAVAILABLE, "the server stops; ask another one");
    }
    if (needed == RPC_NOBODY) {
        return base_fail(error, BASE_PERMISSION_DENIED, "the method is for nobody");
    }
    if (session->owner) {
        call->caller.role = RPC_ADMIN;
    } else if (rpc_access_keyed(server->access)) {
        struct base_error refusal;
        enum base_code code = rpc_access_check(
            server->access, &session->view, exchange->options.authorization, needed,
            model_time_of_unix(base_clock_unix_us()), now_ns, &call->caller,
            &exchange->retry_after_ms, &call->detail_reason, &refusal);
        if (code != BASE_OK) {
            *error = refusal;
            return code;
        }
    } else {
        call->caller.role = RPC_ADMIN;
    }
    if (session->retry_ms != 0 && !session->owner) {
        return refuse_overload(exchange, error);
    }
    return BASE_OK;
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
    struct rpc_server *server = exchange->session->server;
    code = rpc_methods_find(server->methods, exchange->request.method, &exchange->method, error);
    enum base_code allowed = admit(exchange, now_ns, code != BASE_OK, error);
    if (allowed != BASE_OK || code != BASE_OK) {
        return allowed != BASE_OK ? allowed : code;
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
    return run(exchange, exchange->method, reply, error);
}

static void release(struct base_arena *arena)
{
    if (arena->used > ARENA_KEPT) {
        base_arena_fini(arena);
    } else {
        base_arena_reset(arena);
    }
}

/* Decimal digits, at the end of space. */
static struct base_slice write_digits(uint32_t number, char space[10])
{
    size_t start = 10;
    do {
        space[--start] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    return base_slice(space + start, 10 - start);
}

/* What goes back with the failure: what the caller sent to be echoed, and when to come again. */
static void fail(struct base_buffer *reply, const struct wire_failure *failure,
                 const struct rpc_exchange *exchange)
{
    struct wire_metadata metadata[RPC_ECHO_MOST + 1];
    char digits[10];
    size_t metadata_count = exchange->options.echo_count;
    memcpy(metadata, exchange->options.echo, metadata_count * sizeof metadata[0]);
    if (exchange->retry_after_ms != 0) {
        metadata[metadata_count++] = (struct wire_metadata){
            BASE_SLICE("retry-after-ms"), write_digits(exchange->retry_after_ms, digits)};
    }
    wire_response_fail(reply, failure, metadata, metadata_count);
}

void rpc_tell_echo(struct rpc_event *event, const struct wire_metadata *echo, size_t echo_count)
{
    for (size_t i = 0; i < echo_count; i++) {
        if (base_slice_equal(echo[i].key, BASE_SLICE("x-request-id"))) {
            event->request_id = echo[i].value;
        } else {
            event->traceparent = echo[i].value;
        }
    }
}

/* Counts the call, and tells of those that were refused or slow. */
static void note(const struct rpc_exchange *exchange, enum base_code code,
                 const struct base_error *error, uint64_t now_ns, uint64_t end_ns)
{
    const struct rpc_session *session = exchange->session;
    const struct rpc_server *server = session->server;
    uint64_t elapsed_ns = end_ns - exchange->received_ns;
    size_t index = rpc_methods_index(server->methods, exchange->method);
    rpc_cell_add(rpc_cell_of(session->cells, index, code), elapsed_ns, false);
    uint64_t slow_ns = atomic_load_explicit(&server->slow_ns, memory_order_relaxed);
    bool slow = slow_ns != 0 && elapsed_ns >= slow_ns;
    bool refused = server->watch.refused != NULL &&
                   (code == BASE_UNAUTHENTICATED || code == BASE_PERMISSION_DENIED);
    if (!slow && !refused) {
        return;
    }
    struct rpc_event event = {.method = base_utf8_cut(exchange->request.method, LIMIT_METHOD),
                              .code = code,
                              .text = code == BASE_OK ? "" : error->text,
                              .reason = code == BASE_OK ? NULL : exchange->call.detail_reason,
                              .key = exchange->call.caller.key,
                              .waited_ns = now_ns - exchange->received_ns,
                              .worked_ns = end_ns - now_ns,
                              .asked = exchange->asked};
    rpc_tell_echo(&event, exchange->options.echo, exchange->options.echo_count);
    if (refused) {
        server->watch.refused(server->watch.state, &event);
    }
    if (slow) {
        server->watch.slow(server->watch.state, &event);
    }
}

void rpc_session_ahead(struct rpc_session *session, const struct base_slice *requests, size_t count)
{
    const struct rpc_server *server = session->server;
    bool expected = false;
    if (server->service.session_fetch == NULL) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct wire_request request;
        const struct rpc_method *method;
        struct base_error error;
        if (wire_request_read(requests[i], &request, &error) == BASE_OK &&
            rpc_methods_find(server->methods, request.method, &method, &error) == BASE_OK &&
            method->expect != NULL) {
            method->expect(session->state, request.payload);
            expected = true;
        }
    }
    if (expected) {
        server->service.session_fetch(session->state);
    }
}

bool rpc_session_ask(struct rpc_session *session, struct base_slice request, uint64_t received_ns,
                     uint64_t *now_ns, const struct rpc_door *door, void *asked,
                     struct base_buffer *reply)
{
    uint64_t begin_ns = *now_ns;
    struct rpc_exchange exchange;
    exchange.session = session;
    exchange.door = door;
    exchange.asked = asked;
    exchange.method = NULL;
    exchange.retry_after_ms = 0;
    exchange.received_ns = received_ns;
    exchange.request.method = (struct base_slice){NULL, 0};
    exchange.call.caller = (struct rpc_caller){.role = RPC_ANYONE};
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
    enum base_code code = answer(&exchange, request, received_ns, begin_ns, reply, &error);
    *now_ns = base_clock_monotonic_ns();
    if (exchange.later != NULL && code == BASE_OK) {
        /* Given away: it may be answered and freed by now. */
        atomic_fetch_add_explicit(&session->server->deferred, 1, memory_order_relaxed);
        session->owner = false;
        session->retry_ms = 0;
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
        fail(reply, &failure, &exchange);
    }
    note(&exchange, code, &error, begin_ns, *now_ns);
    session->owner = false;
    session->retry_ms = 0;
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
    if (rpc_session_ask(session, request, received_ns, &now_ns, &waiting_door, &waiter, reply)) {
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
