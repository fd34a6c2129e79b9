#include "net/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/signals.h"
#include "net/acceptor.h"
#include "net/loop.h"

struct net_server {
    struct net_shared shared;
    struct net_acceptor acceptor;
    unsigned loops_made;
    struct net_loop loops[]; /* shared.options.loops of them */
};

static enum base_code start_threads(struct net_server *server, struct base_error *error)
{
    sigset_t before;
    base_signals_block(&before);
    enum base_code code = BASE_OK;
    for (unsigned i = 0; i < server->loops_made && code == BASE_OK; i++) {
        code = net_loop_start(&server->loops[i], error);
    }
    if (code == BASE_OK) {
        code = net_acceptor_start(&server->acceptor, error);
    }
    base_signals_restore(&before);
    return code;
}

static void fini_loops(struct net_server *server)
{
    for (unsigned i = 0; i < server->loops_made; i++) {
        net_loop_fini(&server->loops[i]);
    }
}

enum base_code net_server_open(const struct net_options *options, const struct net_handler *handler,
                               struct net_server **server, struct base_error *error)
{
    BASE_ASSERT(options->listen_count >= 1 && options->listen_count <= NET_LISTEN_MOST);
    BASE_ASSERT(options->loops >= 1 && options->loops <= NET_LOOPS_MOST);
    BASE_ASSERT(options->max_outstanding >= 1 && options->max_buffered >= 1);
    enum base_code code = BASE_OK;
    struct net_server *made = calloc(1, sizeof *made + options->loops * sizeof(struct net_loop));
    if (made == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the server");
    }
    made->shared.options = *options;
    made->shared.handler = *handler;
    made->shared.finished_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (made->shared.finished_fd < 0) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "an event cannot be made: %s",
                         strerror(errno));
        goto free_server;
    }
    for (; made->loops_made < options->loops; made->loops_made++) {
        code = net_loop_init(&made->loops[made->loops_made], &made->shared, error);
        if (code != BASE_OK) {
            goto free_loops;
        }
    }
    code = net_acceptor_init(&made->acceptor, &made->shared, made->loops, error);
    if (code != BASE_OK) {
        goto free_loops;
    }
    code = start_threads(made, error);
    if (code != BASE_OK) {
        net_server_close(made);
        return code;
    }
    *server = made;
    return BASE_OK;
free_loops:
    fini_loops(made);
    close(made->shared.finished_fd);
free_server:
    free(made);
    return code;
}

const char *net_server_url(const struct net_server *server, size_t index)
{
    BASE_ASSERT(index < server->acceptor.listener_count);
    return server->acceptor.listeners[index].url;
}

void net_server_drain(struct net_server *server, uint32_t timeout_ms)
{
    net_acceptor_order_drain(&server->acceptor, timeout_ms);
}

int net_server_finished_fd(const struct net_server *server)
{
    return server->shared.finished_fd;
}

void net_server_close(struct net_server *server)
{
    if (server == NULL) {
        return;
    }
    if (server->acceptor.started) {
        net_acceptor_order_stop(&server->acceptor);
    } else {
        for (unsigned i = 0; i < server->loops_made; i++) {
            net_loop_order_stop(&server->loops[i]);
        }
    }
    /* The loops may wake the acceptor until they end, the acceptor may order the loops until it
     * ends. */
    for (unsigned i = 0; i < server->loops_made; i++) {
        net_loop_join(&server->loops[i]);
    }
    net_acceptor_fini(&server->acceptor);
    fini_loops(server);
    close(server->shared.finished_fd);
    free(server);
}

void net_server_counters(const struct net_server *server, struct net_counters *counters)
{
    *counters = (struct net_counters){0};
    net_counters_sum(counters, &server->acceptor.counters);
    for (unsigned i = 0; i < server->loops_made; i++) {
        net_counters_sum(counters, &server->loops[i].counters);
    }
}

unsigned net_server_open_connections(const struct net_server *server)
{
    return atomic_load_explicit(&server->shared.open, memory_order_relaxed);
}
