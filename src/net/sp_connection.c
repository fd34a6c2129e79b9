#include "net/sp_connection.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/sp_output.h"

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

static void set_left(struct net_sp_connection *connection, size_t left)
{
    connection->loop->left += left - connection->left;
    connection->left = left;
}

void net_sp_connection_close(struct net_sp_connection *connection)
{
    if (connection->closing) {
        return;
    }
    struct net_loop *loop = connection->loop;
    connection->closing = true;
    net_held_abandon_all(connection);
    set_left(connection, 0);
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

/* All that a draining loop owed to this peer is sent: say so, and let the peer close, since
 * closing over bytes that arrived meanwhile would reset the connection and with it the last
 * replies. */
static void linger(struct net_sp_connection *connection)
{
    connection->lingering = true;
    connection->progress_ms = uv_now(&connection->loop->uv);
    shutdown(connection->fd, SHUT_WR);
}

bool net_request_own(const struct net_request *asked)
{
    return asked->connection->own;
}

uint32_t net_request_retry_ms(const struct net_request *asked)
{
    return asked->retry_ms;
}

void net_request_peer(const struct net_request *asked, char peer[NET_PEER])
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    char host[48];
    char port[8];
    if (asked->connection->frame.ipc ||
        getpeername(asked->connection->fd, (struct sockaddr *)&address, &size) != 0 ||
        getnameinfo((struct sockaddr *)&address, size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        snprintf(peer, NET_PEER, "ipc");
        return;
    }
    snprintf(peer, NET_PEER, address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

static void answer(struct net_sp_connection *connection, struct base_slice backtrace,
                   struct base_slice body, const struct net_shed_place *place, uint64_t now_ns)
{
    struct net_loop *loop = connection->loop;
    struct base_buffer *output = &loop->output;
    char head[NET_SP_HEAD_MOST];
    size_t start = output->size;
    size_t head_size = net_sp_frame_head(connection->frame.ipc, 0, head);
    base_buffer_append(output, head, head_size);
    base_buffer_append_slice(output, backtrace);
    loop->session_used = true;
    bool taken = net_shed_admit(&loop->shed, place, now_ns);
    struct net_request asked = {.connection = connection,
                                .backtrace = backtrace,
                                .retry_ms = taken ? 0 : net_shed_retry_ms(&loop->shed)};
    if (!loop->shared->handler.answer(loop->session, body, place->received_ns, now_ns, &asked,
                                      output)) {
        output->size = start;
        net_counter_add(&loop->counters.held, 1);
    } else if (!output->failed) {
        net_sp_frame_head(connection->frame.ipc, output->size - start - head_size,
                          output->data + start);
    }
}

/* Parses and answers until the input is used up or the turn is over. False: the connection is
 * gone. */
static bool answer_input(struct net_sp_connection *connection, struct base_slice *input,
                         size_t whole, uint64_t received_ns)
{
    struct net_loop *loop = connection->loop;
    const struct net_options *options = &loop->shared->options;
    unsigned most = options->max_outstanding < NET_TURN_REQUESTS ? options->max_outstanding
                                                                 : (unsigned)NET_TURN_REQUESTS;
    uint64_t now_ns = received_ns;
    uint64_t turn_end_ns = 0;
    unsigned answered = 0;
    _Atomic uint64_t *failure = NULL;
    while (failure == NULL) {
        struct base_slice backtrace;
        struct base_slice body;
        size_t before = input->size;
        switch (net_sp_frame_next(&connection->frame, input, &backtrace, &body)) {
        case NET_SP_MORE:
            goto done;
        case NET_SP_GREETED:
            break;
        case NET_SP_REQUEST:
            if (turn_end_ns != 0 || connection->backlog.size > 0) {
                now_ns = base_clock_monotonic_ns();
            }
            turn_end_ns = turn_end_ns != 0 ? turn_end_ns : now_ns + NET_TURN_NS;
            answer(connection, backtrace, body,
                   &(struct net_shed_place){.received_ns = received_ns,
                                            .whole = whole,
                                            .size = before - input->size,
                                            .behind = input->size},
                   now_ns);
            answered++;
            if (loop->output.failed) {
                failure = &loop->counters.no_memory;
            } else if (answered >= most || loop->output.size >= options->max_buffered ||
                       connection->held_count >= options->max_outstanding ||
                       now_ns >= turn_end_ns) {
                goto done;
            }
            break;
        case NET_SP_MALFORMED:
            net_counter_add(&loop->counters.malformed, 1);
            break;
        case NET_SP_BAD_GREETING:
            failure = &loop->counters.bad_greeting;
            break;
        case NET_SP_BAD_TYPE:
            failure = &loop->counters.bad_type;
            break;
        case NET_SP_TOO_LONG:
            failure = &loop->counters.too_long;
            break;
        case NET_SP_NO_MEMORY:
            failure = &loop->counters.no_memory;
            break;
        }
    }
done:
    net_counter_add(&loop->counters.requests, answered);
    if (failure == NULL) {
        return true;
    }
    /* What was right before the mistake is answered, if the kernel takes it. */
    size_t sent;
    if (loop->output.failed || loop->output.size == 0 ||
        net_sp_output_some(connection, base_buffer_slice(&loop->output), &sent)) {
        net_sp_connection_fail(connection, failure);
    }
    return false;
}

/* Keeps what a turn left of the input. False: the connection is gone. */
static bool keep_backlog(struct net_sp_connection *connection, struct base_slice left,
                         bool from_backlog, size_t whole, uint64_t received_ns)
{
    struct base_buffer *backlog = &connection->backlog;
    if (from_backlog) {
        connection->backlog_start = backlog->size - left.size;
        if (left.size == 0) {
            base_buffer_fini(backlog);
        }
        return true;
    }
    if (left.size == 0) {
        return true;
    }
    base_buffer_append_slice(backlog, left);
    if (backlog->failed) {
        net_sp_connection_fail(connection, &connection->loop->counters.no_memory);
        return false;
    }
    connection->backlog_start = 0;
    connection->received_ns = received_ns;
    connection->received_size = whole;
    return true;
}

/* What still waits on this connection, for the loop to know how much it has to do: nothing while it
 * waits for the peer to take its replies, and nothing in the socket when the last read got all. */
static void note_left(struct net_sp_connection *connection, bool filled)
{
    const struct base_buffer *backlog = &connection->backlog;
    bool held_back = connection->unsent.size > 0;
    size_t left = backlog->size > 0 && !held_back ? backlog->size - connection->backlog_start : 0;
    int waiting = 0;
    if ((filled || left > 0) && !held_back && ioctl(connection->fd, FIONREAD, &waiting) == 0 &&
        waiting > 0) {
        left += (size_t)waiting;
    }
    set_left(connection, left);
}

/* Reads into the loop's buffer. False: nothing to parse now. */
static bool read_input(struct net_sp_connection *connection, struct base_slice *input)
{
    struct net_loop *loop = connection->loop;
    ssize_t got;
    do {
        /* Plain recv: descriptors that a local peer passes along are dropped by the kernel. */
        got = recv(connection->fd, loop->input, NET_INPUT, 0);
    } while (got < 0 && errno == EINTR);
    if (got > 0) {
        if (connection->frame.greeted) {
            /* A greeting has its time from the start on, however its bytes trickle. */
            connection->progress_ms = uv_now(&loop->uv);
        }
        net_counter_add(&loop->counters.bytes_received, (uint64_t)got);
        *input = base_slice(loop->input, (size_t)got);
        return true;
    }
    if (got == 0) {
        net_sp_connection_close(connection);
    } else if (errno != EAGAIN && errno != EWOULDBLOCK) {
        net_sp_connection_fail(connection, &loop->counters.resets);
    } else if (loop->draining && connection->held == NULL) {
        linger(connection);
    }
    return false;
}

static void discard_input(struct net_sp_connection *connection)
{
    ssize_t got = recv(connection->fd, connection->loop->input, NET_INPUT, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        net_sp_connection_close(connection);
    }
}

void net_sp_connection_turn(struct net_sp_connection *connection)
{
    struct net_loop *loop = connection->loop;
    if (connection->closing || connection->lingering || connection->unsent.size > 0 ||
        connection->held_count >= loop->shared->options.max_outstanding) {
        return;
    }
    struct base_slice input;
    uint64_t received_ns;
    size_t whole;
    bool from_backlog = connection->backlog.size > 0;
    if (from_backlog) {
        input = base_slice(connection->backlog.data + connection->backlog_start,
                           connection->backlog.size - connection->backlog_start);
        received_ns = connection->received_ns;
        whole = connection->received_size;
    } else {
        if (!read_input(connection, &input)) {
            return;
        }
        received_ns = base_clock_monotonic_ns();
        whole = input.size;
    }
    base_buffer_clear(&loop->output);
    size_t got = input.size;
    if (answer_input(connection, &input, whole, received_ns) &&
        keep_backlog(connection, input, from_backlog, whole, received_ns) &&
        net_sp_output_send(connection, base_buffer_slice(&loop->output))) {
        loop->taken += got - input.size;
        note_left(connection, got == NET_INPUT);
        if (connection->unsent.size == 0) {
            net_sp_connection_go_on(connection);
        }
    }
    if (loop->output.capacity > NET_OUTPUT_KEPT) {
        base_buffer_fini(&loop->output);
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
    /* One that has its turn anyway does not get a second one by being readable. */
    if ((events & UV_READABLE) != 0 && !connection->runnable) {
        net_sp_connection_turn(connection);
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
