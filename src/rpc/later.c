#include "rpc/later.h"

#include <stdlib.h>

#include "base/clock.h"
#include "rpc/server.h"

enum { RETRY_MS = 100 };

static enum base_code no_memory(struct base_error *error)
{
    return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for a request that has to wait");
}

/* What the later reply needs of the request's bytes, which go when the handler returns. */
static bool keep_metadata(struct rpc_later *later, const struct rpc_exchange *exchange)
{
    struct base_arena *arena = &later->arena;
    const struct rpc_options *options = &exchange->options;
    later->echo_count = options->echo_count;
    for (size_t i = 0; i < options->echo_count; i++) {
        later->echo[i].key = base_arena_copy(arena, options->echo[i].key);
        later->echo[i].value = base_arena_copy(arena, options->echo[i].value);
        if (later->echo[i].key.data == NULL || later->echo[i].value.data == NULL) {
            return false;
        }
    }
    if (options->epoch.size > 0) {
        later->call.epoch = base_arena_copy(arena, options->epoch);
        return later->call.epoch.data != NULL;
    }
    return true;
}

enum base_code rpc_defer(struct rpc_call *call, struct rpc_later **later, struct base_error *error)
{
    struct rpc_exchange *exchange = call->exchange;
    BASE_ASSERT(exchange != NULL && exchange->later == NULL);
    struct rpc_session *session = exchange->session;
    struct rpc_server *server = session->server;
    unsigned most = server->limits.in_flight;
    if (most != 0 && atomic_load_explicit(&server->pending, memory_order_relaxed) >= most) {
        exchange->retry_after_ms = RETRY_MS;
        return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                         "%u requests wait for work beside the loops, and no more are taken; try "
                         "again in %d ms",
                         most, RETRY_MS);
    }
    struct rpc_later *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return no_memory(error);
    }
    made->arena = session->arena;
    made->call = *call;
    if (!keep_metadata(made, exchange)) {
        session->arena = made->arena;
        free(made);
        return no_memory(error);
    }
    made->door = exchange->door;
    made->held = exchange->door->hold(exchange->asked);
    if (made->held == NULL) {
        session->arena = made->arena;
        free(made);
        return no_memory(error);
    }
    if (!rpc_meter_enter(call->caller.meter)) {
        made->door->release(made->held);
        session->arena = made->arena;
        exchange->retry_after_ms = RETRY_MS;
        free(made);
        call->detail_reason = "KEY_IN_FLIGHT";
        return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                         "the key %s has as many requests under way as it may; wait for some of "
                         "them",
                         call->caller.key);
    }
    made->server = server;
    made->method = exchange->method;
    made->received_ns = exchange->received_ns;
    made->deferred_ns = base_clock_monotonic_ns();
    made->call.arena = &made->arena;
    made->call.session = NULL;
    made->call.exchange = NULL;
    made->call.later = made;
    made->call.payload = (struct base_slice){NULL, 0};
    base_arena_init(&session->arena, RPC_ARENA_LIMIT);
    call->arena = &made->arena;
    exchange->later = made;
    atomic_fetch_add_explicit(&made->server->pending, 1, memory_order_relaxed);
    *later = made;
    return BASE_OK;
}

void rpc_retry_after(struct rpc_call *call, uint32_t retry_ms)
{
    call->exchange->retry_after_ms = retry_ms;
}

struct rpc_call *rpc_later_call(struct rpc_later *later)
{
    return &later->call;
}

static void free_later(struct rpc_later *later)
{
    rpc_meter_leave(later->call.caller.meter);
    atomic_fetch_sub_explicit(&later->server->pending, 1, memory_order_release);
    base_arena_fini(&later->arena);
    free(later);
}

void rpc_later_drop(struct rpc_later *later)
{
    later->door->release(later->held);
    free_later(later);
}

static void note(struct rpc_later *later, enum base_code code, const struct base_error *error)
{
    struct rpc_server *server = later->server;
    uint64_t now_ns = base_clock_monotonic_ns();
    uint64_t elapsed_ns = now_ns - later->received_ns;
    size_t index = rpc_methods_index(server->methods, later->method);
    rpc_cell_add(rpc_cell_of(server->later_cells, index, code), elapsed_ns, true);
    uint64_t slow_ns = atomic_load_explicit(&server->slow_ns, memory_order_relaxed);
    if (slow_ns == 0 || elapsed_ns < slow_ns) {
        return;
    }
    struct rpc_event event = {.method = base_slice_text(later->method->name),
                              .code = code,
                              .text = code == BASE_OK ? "" : error->text,
                              .reason = later->call.detail_reason,
                              .key = later->call.caller.key,
                              .waited_ns = later->deferred_ns - later->received_ns,
                              .worked_ns = now_ns - later->deferred_ns,
                              .later = true};
    rpc_tell_echo(&event, later->echo, later->echo_count);
    server->watch.slow(server->watch.state, &event);
}

/* Sends reply, or the failure in its place. Neither later nor its server is touched once the door
 * has the reply: whoever waits for it may take both down. */
static void send(struct rpc_later *later, enum base_code code, const struct base_error *error,
                 struct base_buffer *reply)
{
    if (code != BASE_OK) {
        atomic_fetch_add_explicit(&later->server->deferred_failed, 1, memory_order_relaxed);
        reply->size = 0;
        struct wire_failure failure = {
            .code = code,
            .message = error->text,
            .reason = later->call.detail_reason,
            .field = later->call.detail_field,
        };
        wire_response_fail(reply, &failure, later->echo, later->echo_count);
    }
    note(later, code, error);
    const struct rpc_door *door = later->door;
    void *held = later->held;
    free_later(later);
    door->answer(held, reply);
}

/* A handler for a payload that is there already. */
static enum base_code put_payload(struct rpc_call *call, const void *request,
                                  struct base_buffer *payload, struct base_error *error)
{
    (void)call;
    (void)error;
    base_buffer_append_slice(payload, *(const struct base_slice *)request);
    return BASE_OK;
}

void rpc_later_finish(struct rpc_later *later, enum base_code code, const struct base_error *error,
                      struct base_slice payload)
{
    struct base_buffer reply = BASE_BUFFER_EMPTY;
    struct base_error too_large = {.code = BASE_OK};
    if (code == BASE_OK) {
        code = rpc_respond(&later->call, put_payload, &payload, later->echo, later->echo_count,
                           &reply, &too_large);
        error = &too_large;
    }
    send(later, code, error, &reply);
}

enum base_code rpc_run_later(struct rpc_call *call, rpc_work work, const void *request,
                             struct base_error *error)
{
    struct rpc_later *later;
    enum base_code code = rpc_defer(call, &later, error);
    if (code != BASE_OK) {
        return code;
    }
    struct rpc_server *server = later->server;
    later->work = work;
    later->request = request;
    code = rpc_pool_submit(&server->pool, later, error);
    if (code != BASE_OK) {
        atomic_fetch_add_explicit(&server->refused, 1, memory_order_relaxed);
        rpc_retry_after(call, RETRY_MS);
    }
    return code;
}

enum base_code rpc_call_check(const struct rpc_call *call, struct base_error *error)
{
    const struct rpc_later *later = call->later;
    if (later != NULL && atomic_load_explicit(&later->server->stopping, memory_order_relaxed)) {
        return base_fail(error, BASE_CANCELLED, "the server stops");
    }
    if (later != NULL && later->door->gone(later->held)) {
        return base_fail(error, BASE_CANCELLED, "the caller is gone");
    }
    if (base_clock_monotonic_ns() >= call->deadline_ns) {
        return base_fail(error, BASE_DEADLINE_EXCEEDED,
                         "the work was not done before its deadline; allow more time or ask for "
                         "less");
    }
    return BASE_OK;
}

void rpc_later_run(struct rpc_later *later, void *session)
{
    struct base_buffer reply = BASE_BUFFER_EMPTY;
    struct base_error error;
    error.text[0] = '\0';
    enum base_code code = rpc_call_check(&later->call, &error);
    if (code == BASE_OK) {
        later->call.session = session;
        code = rpc_respond(&later->call, later->work, later->request, later->echo,
                           later->echo_count, &reply, &error);
        /* No snapshot is kept while nothing is worked on. */
        later->server->service.session_rest(session);
    } else if (code == BASE_DEADLINE_EXCEEDED) {
        atomic_fetch_add_explicit(&later->server->expired, 1, memory_order_relaxed);
        base_fail(&error, code,
                  "the request waited for its turn until its deadline had passed; try again later "
                  "or allow more time");
    }
    send(later, code, &error, &reply);
}

void rpc_later_counters(struct rpc_server *server, struct rpc_later_counters *counters)
{
    struct rpc_pool *pool = &server->pool;
    counters->deferred = atomic_load_explicit(&server->deferred, memory_order_relaxed);
    counters->failed = atomic_load_explicit(&server->deferred_failed, memory_order_relaxed);
    counters->refused = atomic_load_explicit(&server->refused, memory_order_relaxed);
    counters->expired = atomic_load_explicit(&server->expired, memory_order_relaxed);
    counters->pending = atomic_load_explicit(&server->pending, memory_order_relaxed);
    pthread_mutex_lock(&pool->mutex);
    counters->waiting = pool->waiting;
    counters->running = pool->running;
    pthread_mutex_unlock(&pool->mutex);
}
