#include "net/sp_connection.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/socket.h"
#include "net/sp_output.h"
#include "net/sp_turn.h"

struct net_sp_connection *net_sp_connection_new(int fd, bool ipc, size_t max_request)
{
    struct net_sp_connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) {
        return NULL;
    }
    connection->fd = fd;
    net_sp_frame_init(&connection->frame, ipc, max_request);
    base_buffer_init(&connection->backlog);
    base_buffer_init(&connection->unsent);
    return connection;
}

void net_sp_connection_free(struct net_sp_connection *connection)
{
    if (connection == NULL) {
        return;
    }
    if (connection->fd >= 0) {
        close(connection->fd);
    }
    net_sp_frame_fini(&connection->frame);
    base_buffer_fini(&connection->backlog);
    base_buffer_fini(&connection->unsent);
    free(connection);
}

static void on_closed(uv_handle_t *handle)
{
    net_sp_connection_free(handle->data);
}

void net_sp_connection_set_left(struct net_sp_connection *connection, size_t left)
{
    connection->loop->left += left - connection->left;
    connection->left = left;
}

static void set_receiving(struct net_sp_connection *connection, size_t receiving)
{
    connection->loop->receiving += receiving - connection->receiving;
    connection->receiving = receiving;
}

void net_sp_connection_note_receiving(struct net_sp_connection *connection)
{
    size_t receiving = net_sp_frame_memory(&connection->frame);
    if (connection->closing || receiving == connection->receiving) {
        return;
    }
    if (connection->receiving == 0) {
        connection->began_ns = connection->loop->now_ns;
    }
    set_receiving(connection, receiving);
    net_loop_make_room(connection->loop);
}

void net_sp_connection_close(struct net_sp_connection *connection)
{
    if (connection->closing) {
        return;
    }
    struct net_loop *loop = connection->loop;
    connection->closing = true;
    net_held_abandon_all(connection);
    net_sp_connection_set_left(connection, 0);
    set_receiving(connection, 0);
    net_loop_remove(loop, connection);
    /* libuv lets go of the descriptor in here, its callback only gives the memory back. */
    uv_close((uv_handle_t *)&connection->poll, on_closed);
    close(connection->fd);
    connection->fd = -1;
    net_counter_add(&loop->counters.closed, 1);
    net_shared_connection_gone(loop->shared);
}

void net_sp_connection_fail(struct net_sp_connection *connection, _Atomic uint64_t *cell)
{
    net_counter_add(cell, 1);
    net_sp_connection_close(connection);
}

static void on_poll(uv_poll_t *handle, int status, int events);

void net_sp_connection_watch(struct net_sp_connection *connection, int events)
{
    if (connection->watched == events) {
        return;
    }
    connection->watched = events;
    if (uv_poll_start(&connection->poll, events, on_poll) != 0) {
        net_sp_connection_fail(connection, &connection->loop->counters.resets);
    }
}

void net_sp_connection_go_on(struct net_sp_connection *connection)
{
    struct net_loop *loop = connection->loop;
    if (connection->held_count >= loop->shared->options.max_outstanding) {
        net_sp_connection_watch(connection, UV_DISCONNECT);
        return;
    }
    net_sp_connection_watch(connection, UV_READABLE);
    if (!connection->closing && (connection->backlog.size > 0 || loop->draining)) {
        net_loop_run_soon(loop, connection);
    }
}

void net_sp_connection_linger(struct net_sp_connection *connection)
{
    connection->lingering = true;
    connection->progress_ms = uv_now(&connection->loop->uv);
    shutdown(connection->fd, SHUT_WR);
}

static void discard_input(struct net_sp_connection *connection)
{
    char *memory = net_intake_room(&connection->loop->intake);
    ssize_t got = net_socket_read(connection->fd, memory, NET_INPUT);
    if (got == 0 || (got < 0 && errno != EAGAIN)) {
        net_sp_connection_close(connection);
    }
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
    struct net_sp_connection *connection = handle->data;
    if (connection->closing) {
        return;
    }
    if (status < 0) {
        net_sp_connection_fail(connection, &connection->loop->counters.resets);
        return;
    }
    if (connection->lingering) {
        discard_input(connection);
        return;
    }
    if ((events & UV_DISCONNECT) != 0) {
        net_sp_connection_close(connection);
        return;
    }
    if ((events & UV_WRITABLE) != 0 && connection->unsent.size > 0) {
        net_sp_output_continue(connection);
        return;
    }
    /* One that has its turn anyway does not get a second one by being readable, nor does one whose
     * bytes of this poll wait for theirs: libuv may ask the kernel several times in one poll. */
    if ((events & UV_READABLE) != 0 && !connection->runnable && !connection->taken &&
        net_sp_turn_may_begin(connection)) {
        net_intake_read(connection->loop, connection);
    }
}

void net_sp_connection_open(struct net_sp_connection *connection, struct net_loop *loop)
{
    connection->loop = loop;
    if (uv_poll_init(&loop->uv, &connection->poll, connection->fd) != 0) {
        net_sp_connection_free(connection);
        net_counter_add(&loop->counters.resets, 1);
        net_counter_add(&loop->counters.closed, 1);
        net_shared_connection_gone(loop->shared);
        return;
    }
    connection->poll.data = connection;
    connection->progress_ms = uv_now(&loop->uv);
    net_loop_add(loop, connection);
    net_sp_connection_watch(connection, UV_READABLE);
    if (connection->closing ||
        !net_sp_output_send(connection, base_slice(net_sp_greeting, NET_SP_GREETING))) {
        return;
    }
    if (loop->draining) {
        net_loop_run_soon(loop, connection);
    }
}

void net_sp_connection_sweep(struct net_sp_connection *connection, uint64_t now_ms)
{
    struct net_loop *loop = connection->loop;
    const struct net_options *options = &loop->shared->options;
    uint64_t still_ms = now_ms - connection->progress_ms;
    if (connection->lingering) {
        if (still_ms >= NET_LINGER_MS) {
            net_sp_connection_close(connection);
        }
    } else if (!connection->frame.greeted) {
        if (options->greeting_timeout_ms != 0 && still_ms >= options->greeting_timeout_ms) {
            net_sp_connection_fail(connection, &loop->counters.greeting_timeouts);
        }
    } else if (connection->unsent.size > 0 || !net_sp_frame_between(&connection->frame)) {
        if (options->stall_timeout_ms != 0 && still_ms >= options->stall_timeout_ms) {
            net_sp_connection_fail(connection, &loop->counters.stall_timeouts);
        }
    } else if (options->idle_timeout_ms != 0 && connection->backlog.size == 0 &&
               connection->held == NULL && still_ms >= options->idle_timeout_ms) {
        net_sp_connection_fail(connection, &loop->counters.idle_timeouts);
    }
}
