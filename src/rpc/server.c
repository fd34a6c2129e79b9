#include "rpc/server.h"

#include <stdlib.h>

#include "rpc/health.h"
#include "rpc/rpc.h"

/* One a method and code; the last row is for methods that do not exist. */
static struct rpc_cell *new_cells(const struct rpc_server *server)
{
    return calloc((rpc_methods_count(server->methods) + 1) * RPC_CODES, sizeof(struct rpc_cell));
}

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
    atomic_init(&made->unready, false);
    atomic_init(&made->refusing, false);
    atomic_init(&made->slow_ns, 0);
    atomic_init(&made->default_timeout_ms, limits->default_timeout_ms);
    atomic_init(&made->max_timeout_ms, limits->max_timeout_ms);
    enum base_code code =
        rpc_methods_new(service->methods, rpc_health_methods, &made->methods, error);
    if (code == BASE_OK) {
        code = rpc_access_new(&made->access, error);
    }
    if (code == BASE_OK && (made->later_cells = new_cells(made)) == NULL) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the server");
    }
    if (code != BASE_OK) {
        rpc_access_free(made->access);
        rpc_methods_free(made->methods);
        free(made);
        return code;
    }
    pthread_mutex_init(&made->sessions_mutex, NULL);
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
        rpc_access_free(server->access);
        pthread_mutex_destroy(&server->sessions_mutex);
        free(server->later_cells);
        free(server);
    }
}

void rpc_server_drain(struct rpc_server *server)
{
    atomic_store_explicit(&server->draining, true, memory_order_relaxed);
}

void rpc_server_refuse(struct rpc_server *server)
{
    atomic_store_explicit(&server->refusing, true, memory_order_relaxed);
}

void rpc_server_ready(struct rpc_server *server, bool ready)
{
    atomic_store_explicit(&server->unready, !ready, memory_order_relaxed);
}

void rpc_server_set_timeouts(struct rpc_server *server, uint32_t default_ms, uint32_t max_ms)
{
    atomic_store_explicit(&server->max_timeout_ms, max_ms, memory_order_relaxed);
    atomic_store_explicit(&server->default_timeout_ms, default_ms, memory_order_relaxed);
}

void rpc_server_set_slow(struct rpc_server *server, uint64_t slow_ns)
{
    atomic_store_explicit(&server->slow_ns, server->watch.slow == NULL ? 0 : slow_ns,
                          memory_order_relaxed);
}

struct rpc_access *rpc_server_access(struct rpc_server *server)
{
    return server->access;
}

void rpc_server_watch(struct rpc_server *server, const struct rpc_watch *watch)
{
    server->watch = *watch;
}

void rpc_server_stats(struct rpc_server *server,
                      void (*visit)(void *state, const char *method, enum base_code code,
                                    const struct rpc_sum *sum),
                      void *state)
{
    pthread_mutex_lock(&server->sessions_mutex);
    for (size_t i = 0; i <= rpc_methods_count(server->methods); i++) {
        const struct rpc_method *method = rpc_methods_at(server->methods, i);
        for (unsigned code = 0; code < RPC_CODES; code++) {
            struct rpc_sum sum = {.count = 0};
            rpc_cell_sum(rpc_cell_of(server->later_cells, i, code), &sum);
            for (struct rpc_session *one = server->sessions; one != NULL; one = one->next) {
                rpc_cell_sum(rpc_cell_of(one->cells, i, code), &sum);
            }
            if (sum.count > 0) {
                visit(state, method == NULL ? "" : method->name, (enum base_code)code, &sum);
            }
        }
    }
    pthread_mutex_unlock(&server->sessions_mutex);
}

static void add_counters(struct rpc_counters *sum, const struct rpc_counters *more)
{
    sum->requests += more->requests;
    sum->failed += more->failed;
    sum->deadline_dropped += more->deadline_dropped;
    sum->shed += more->shed;
}

void rpc_server_counters(struct rpc_server *server, struct rpc_counters *counters)
{
    pthread_mutex_lock(&server->sessions_mutex);
    *counters = server->ended;
    for (struct rpc_session *one = server->sessions; one != NULL; one = one->next) {
        struct rpc_counters more;
        rpc_session_counters(one, &more);
        add_counters(counters, &more);
    }
    pthread_mutex_unlock(&server->sessions_mutex);
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
    session->cells = new_cells(server);
    if (session->cells == NULL) {
        base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for a session");
        server->service.session_free(session->state);
        free(session);
        return NULL;
    }
    base_arena_init(&session->arena, RPC_ARENA_LIMIT);
    atomic_init(&session->shed, 0);
    atomic_init(&session->requests, 0);
    atomic_init(&session->failed, 0);
    atomic_init(&session->deadline_dropped, 0);
    pthread_mutex_lock(&server->sessions_mutex);
    session->next = server->sessions;
    server->sessions = session;
    pthread_mutex_unlock(&server->sessions_mutex);
    return session;
}

void rpc_session_free(struct rpc_session *session)
{
    if (session != NULL) {
        struct rpc_server *server = session->server;
        struct rpc_counters counters;
        rpc_session_counters(session, &counters);
        pthread_mutex_lock(&server->sessions_mutex);
        struct rpc_session **at = &server->sessions;
        while (*at != session) {
            at = &(*at)->next;
        }
        *at = session->next;
        add_counters(&server->ended, &counters);
        pthread_mutex_unlock(&server->sessions_mutex);
        rpc_access_view_close(server->access, &session->view);
        server->service.session_free(session->state);
        free(session->cells);
        base_arena_fini(&session->arena);
        free(session);
    }
}

void rpc_session_rest(struct rpc_session *session)
{
    session->server->service.session_rest(session->state);
}

void rpc_session_counters(const struct rpc_session *session, struct rpc_counters *counters)
{
    *counters = (struct rpc_counters){
        .requests = atomic_load_explicit(&session->requests, memory_order_relaxed),
        .failed = atomic_load_explicit(&session->failed, memory_order_relaxed),
        .deadline_dropped = atomic_load_explicit(&session->deadline_dropped, memory_order_relaxed),
        .shed = atomic_load_explicit(&session->shed, memory_order_relaxed),
    };
}

void rpc_session_next(struct rpc_session *session, bool owner, uint32_t retry_ms)
{
    session->owner = owner;
    session->retry_ms = retry_ms;
}
