#include "net/acceptor.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/sp_connection.h"

enum {
    /* Connections taken from one listener before the others are looked at. */
    ACCEPT_BURST = 64,
    /* How long a shortage of files is waited out when no connection of ours closes. */
    RETRY_MS = 500,
    REPORT_EVERY_MS = 10000,
};

static void on_ready(uv_poll_t *poll, int status, int events);

static void watch(struct net_acceptor *acceptor)
{
    for (size_t i = 0; i < acceptor->listener_count; i++) {
        uv_poll_start(&acceptor->polls[i], UV_READABLE, on_ready);
    }
}

static void resume(struct net_acceptor *acceptor)
{
    if (!acceptor->paused || acceptor->closed) {
        return;
    }
    acceptor->paused = false;
    atomic_store(&acceptor->shared->files_ran_out, false);
    uv_timer_stop(&acceptor->retry);
    watch(acceptor);
}

static void on_retry(uv_timer_t *timer)
{
    resume(timer->data);
}

/* The sockets stay readable, so polling on would only burn time. */
static void pause_accepting(struct net_acceptor *acceptor, int number)
{
    const struct net_options *options = &acceptor->shared->options;
    uint64_t now_ms = uv_now(&acceptor->uv);
    for (size_t i = 0; i < acceptor->listener_count; i++) {
        uv_poll_stop(&acceptor->polls[i]);
    }
    acceptor->paused = true;
    atomic_store(&acceptor->shared->files_ran_out, true);
    uv_timer_start(&acceptor->retry, on_retry, RETRY_MS, 0);
    net_counter_add(&acceptor->counters.accept_pauses, 1);
    if (options->report != NULL &&
        (acceptor->reported_ms == 0 || now_ms - acceptor->reported_ms >= REPORT_EVERY_MS)) {
        char text[256];
        snprintf(text, sizeof text,
                 "new connections wait: %s, with %u connections open; raise the limit of open "
                 "files (ulimit -n, LimitNOFILE=)",
                 number == ENFILE   ? "the system is out of files"
                 : number == EMFILE ? "this process is out of files"
                                    : "the kernel is out of memory for sockets",
                 atomic_load(&acceptor->shared->open));
        options->report(options->report_state, text);
        acceptor->reported_ms = now_ms == 0 ? 1 : now_ms;
    }
}

static void deal(struct net_acceptor *acceptor, int fd, const struct net_listener *listener,
                 const union net_peer_address *peer)
{
    struct net_shared *shared = acceptor->shared;
    struct net_sp_connection *connection = NULL;
    if (atomic_load_explicit(&shared->open, memory_order_relaxed) <
        shared->options.max_connections) {
        connection = net_sp_connection_new(fd, listener->ipc, shared->options.max_request);
    }
    if (connection == NULL) {
        net_counter_add(&acceptor->counters.refused, 1);
        close(fd);
        return;
    }
    connection->own = listener->own;
    connection->peer = *peer;
    if (!listener->ipc) {
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    }
    atomic_fetch_add_explicit(&shared->open, 1, memory_order_relaxed);
    net_counter_add(&acceptor->counters.accepted, 1);
    net_loop_deal(&acceptor->loops[acceptor->turn], connection);
    acceptor->turn = (acceptor->turn + 1) % acceptor->loop_count;
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct net_acceptor *acceptor = poll->data;
    (void)events;
    if (acceptor->closed || acceptor->paused) {
        return;
    }
    const struct net_listener *listener = &acceptor->listeners[poll - acceptor->polls];
    if (status < 0) {
        /* libuv has stopped polling it after an error on the socket: accept says which, and
         * polling goes on. */
        uv_poll_start(poll, UV_READABLE, on_ready);
    }
    for (int i = 0; i < ACCEPT_BURST; i++) {
        union net_peer_address peer = {.six = {.sin6_family = AF_UNSPEC}};
        socklen_t size = sizeof peer;
        int fd = accept4(listener->fd, &peer.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            deal(acceptor, fd, listener, &peer);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            pause_accepting(acceptor, errno);
            return;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return;
        }
        /* Whatever else belongs to the connection that was lost while it waited: the next one. */
    }
}

static void close_listeners(struct net_acceptor *acceptor)
{
    if (acceptor->closed) {
        return;
    }
    acceptor->closed = true;
    for (size_t i = 0; i < acceptor->listener_count; i++) {
        uv_close((uv_handle_t *)&acceptor->polls[i], NULL);
        net_listener_close(&acceptor->listeners[i]);
    }
    atomic_store(&acceptor->shared->files_ran_out, false);
    uv_timer_stop(&acceptor->retry);
}

static void on_wake(uv_async_t *async)
{
    struct net_acceptor *acceptor = async->data;
    pthread_mutex_lock(&acceptor->mutex);
    bool drain = acceptor->drain_ordered;
    bool stop = acceptor->stop_ordered;
    bool end = acceptor->end_ordered;
    uint32_t timeout_ms = acceptor->drain_timeout_ms;
    acceptor->drain_ordered = false;
    acceptor->stop_ordered = false;
    pthread_mutex_unlock(&acceptor->mutex);

    if (drain || stop) {
        /* Before the orders go out, so that no connection is dealt to a loop that has ended. */
        close_listeners(acceptor);
    }
    for (unsigned i = 0; i < acceptor->loop_count && stop; i++) {
        net_loop_order_stop(&acceptor->loops[i]);
    }
    for (unsigned i = 0; i < acceptor->loop_count && drain && !stop; i++) {
        net_loop_order_drain(&acceptor->loops[i], timeout_ms);
    }
    if (end) {
        close_listeners(acceptor);
        uv_close((uv_handle_t *)&acceptor->retry, NULL);
        uv_close((uv_handle_t *)&acceptor->wake, NULL);
        return;
    }
    resume(acceptor);
}

static void run(void *argument)
{
    struct net_acceptor *acceptor = argument;
    uv_run(&acceptor->uv, UV_RUN_DEFAULT);
}

static enum base_code open_listener(struct net_acceptor *acceptor, const char *url, mode_t mode,
                                    struct base_error *error)
{
    size_t i = acceptor->listener_count;
    struct net_listener *listener = &acceptor->listeners[i];
    enum base_code code = net_listener_open(url, mode, listener, error);
    if (code != BASE_OK) {
        return code;
    }
    int failed = uv_poll_init(&acceptor->uv, &acceptor->polls[i], listener->fd);
    if (failed != 0) {
        net_listener_close(listener);
        return base_fail(error, BASE_INTERNAL, "%s: cannot be polled: %s", listener->url,
                         uv_strerror(failed));
    }
    acceptor->polls[i].data = acceptor;
    acceptor->listener_count++;
    return BASE_OK;
}

static enum base_code open_listeners(struct net_acceptor *acceptor, struct base_error *error)
{
    const struct net_options *options = &acceptor->shared->options;
    const mode_t own = S_IRUSR | S_IWUSR;
    mode_t mode = options->ipc_mode != 0 ? (mode_t)options->ipc_mode : own;
    enum base_code code = BASE_OK;
    for (size_t i = 0; i < options->listen_count && code == BASE_OK; i++) {
        code = open_listener(acceptor, options->listen[i], mode, error);
    }
    if (code == BASE_OK && options->own_ipc != NULL) {
        code = open_listener(acceptor, options->own_ipc, own, error);
        if (code == BASE_OK) {
            acceptor->listeners[acceptor->listener_count - 1].own = true;
        }
    }
    return code;
}

enum base_code net_acceptor_init(struct net_acceptor *acceptor, struct net_shared *shared,
                                 struct net_loop *loops, struct base_error *error)
{
    *acceptor = (struct net_acceptor){
        .shared = shared, .loops = loops, .loop_count = shared->options.loops};
    int failed = uv_loop_init(&acceptor->uv);
    if (failed != 0) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "the acceptor cannot be made: %s",
                         uv_strerror(failed));
    }
    failed = uv_async_init(&acceptor->uv, &acceptor->wake, on_wake);
    if (failed != 0) {
        uv_loop_close(&acceptor->uv);
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "the acceptor cannot be made: %s",
                         uv_strerror(failed));
    }
    uv_timer_init(&acceptor->uv, &acceptor->retry);
    acceptor->wake.data = acceptor;
    acceptor->retry.data = acceptor;
    pthread_mutex_init(&acceptor->mutex, NULL);
    acceptor->initialised = true;
    shared->acceptor_wake = &acceptor->wake;
    enum base_code code = open_listeners(acceptor, error);
    if (code != BASE_OK) {
        net_acceptor_fini(acceptor);
    }
    return code;
}

enum base_code net_acceptor_start(struct net_acceptor *acceptor, struct base_error *error)
{
    watch(acceptor);
    int failed = uv_thread_create(&acceptor->thread, run, acceptor);
    if (failed != 0) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "a thread cannot be started: %s",
                         uv_strerror(failed));
    }
    acceptor->started = true;
    return BASE_OK;
}

static void order(struct net_acceptor *acceptor, bool *which)
{
    pthread_mutex_lock(&acceptor->mutex);
    *which = true;
    pthread_mutex_unlock(&acceptor->mutex);
    uv_async_send(&acceptor->wake);
}

void net_acceptor_order_drain(struct net_acceptor *acceptor, uint32_t timeout_ms)
{
    pthread_mutex_lock(&acceptor->mutex);
    acceptor->drain_timeout_ms = timeout_ms;
    pthread_mutex_unlock(&acceptor->mutex);
    order(acceptor, &acceptor->drain_ordered);
}

void net_acceptor_order_stop(struct net_acceptor *acceptor)
{
    order(acceptor, &acceptor->stop_ordered);
}

void net_acceptor_fini(struct net_acceptor *acceptor)
{
    if (!acceptor->initialised) {
        return;
    }
    order(acceptor, &acceptor->end_ordered);
    if (acceptor->started) {
        uv_thread_join(&acceptor->thread);
    } else {
        uv_run(&acceptor->uv, UV_RUN_DEFAULT);
    }
    int failed = uv_loop_close(&acceptor->uv);
    BASE_ASSERT(failed == 0);
    pthread_mutex_destroy(&acceptor->mutex);
    acceptor->initialised = false;
}
