#include "net/sp_turn.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "net/socket.h"
#include "net/sp_output.h"

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
    const union net_peer_address *address = &asked->connection->peer;
    bool six = address->any.sa_family == AF_INET6;
    char host[48];
    char port[8];
    if (asked->connection->frame.ipc) {
        snprintf(peer, NET_PEER, "ipc");
    } else if (getnameinfo(&address->any, six ? sizeof address->six : sizeof address->four, host,
                           sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        snprintf(peer, NET_PEER, "tcp");
    } else {
        snprintf(peer, NET_PEER, six ? "[%s]:%s" : "%s:%s", host, port);
    }
}

static void answer(struct net_sp_connection *connection, struct base_slice backtrace,
                   struct base_slice body, const struct net_shed_place *place)
{
    struct net_loop *loop = connection->loop;
    struct base_buffer *output = &loop->output;
    char head[NET_SP_HEAD_MOST];
    size_t start = output->size;
    size_t head_size = net_sp_frame_head(connection->frame.ipc, 0, head);
    base_buffer_append(output, head, head_size);
    base_buffer_append_slice(output, backtrace);
    loop->session_used = true;
    bool taken = net_shed_admit(&loop->shed, place, loop->now_ns);
    struct net_request asked = {.connection = connection,
                                .backtrace = backtrace,
                                .retry_ms = taken ? 0 : net_shed_retry_ms(&loop->shed)};
    if (!loop->shared->handler.answer(loop->session, body, place->received_ns, &loop->now_ns,
                                      &asked, output)) {
        output->size = start;
        net_counter_add(&loop->counters.held, 1);
    } else if (!output->failed) {
        net_sp_frame_head(connection->frame.ipc, output->size - start - head_size,
                          output->data + start);
    }
}

/* Of the requests in input those that come next, for what they need to be sent for while the first
 * of them is answered. Returns how many they are. */
static unsigned look_ahead(struct net_sp_connection *connection, struct base_slice input)
{
    struct base_slice requests[NET_AHEAD];
    unsigned count = net_sp_turn_peek(connection, input, requests, NET_AHEAD);
    if (count > 1) {
        net_loop_ahead(connection->loop, requests, count);
    }
    return count;
}

/* Parses and answers until the input is used up or the turn is over. Of the first looked_at
 * requests the session knows already. False: the connection is gone. */
static bool answer_input(struct net_sp_connection *connection, struct base_slice *input,
                         size_t whole, uint64_t received_ns, unsigned looked_at)
{
    struct net_loop *loop = connection->loop;
    const struct net_options *options = &loop->shared->options;
    unsigned most = options->max_outstanding < NET_TURN_REQUESTS ? options->max_outstanding
                                                                 : (unsigned)NET_TURN_REQUESTS;
    uint64_t turn_end_ns = loop->now_ns + NET_TURN_NS;
    unsigned answered = 0;
    _Atomic uint64_t *failure = NULL;
    while (failure == NULL) {
        struct base_slice backtrace;
        struct base_slice body;
        size_t before = input->size;
        if (answered == looked_at) {
            looked_at += look_ahead(connection, *input);
        }
        switch (net_sp_frame_next(&connection->frame, input, &backtrace, &body)) {
        case NET_SP_MORE:
            goto done;
        case NET_SP_GREETED:
            break;
        case NET_SP_REQUEST:
            answer(connection, backtrace, body,
                   &(struct net_shed_place){.received_ns = received_ns,
                                            .whole = whole,
                                            .size = before - input->size,
                                            .behind = input->size});
            answered++;
            if (loop->output.failed) {
                failure = &loop->counters.no_memory;
            } else if (answered >= most || loop->output.size >= options->max_buffered ||
                       connection->held_count >= options->max_outstanding ||
                       loop->now_ns >= turn_end_ns) {
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
    net_sp_frame_rest(&connection->frame);
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
    net_sp_connection_set_left(connection, left);
}

bool net_sp_turn_read(struct net_sp_connection *connection, char *memory, struct base_slice *input)
{
    struct net_loop *loop = connection->loop;
    ssize_t got = net_socket_read(connection->fd, memory, NET_INPUT);
    if (got > 0) {
        if (connection->frame.greeted) {
            /* A greeting has its time from the start on, however its bytes trickle. */
            connection->progress_ms = uv_now(&loop->uv);
        }
        net_counter_add(&loop->counters.bytes_received, (uint64_t)got);
        *input = base_slice(memory, (size_t)got);
        return true;
    }
    if (got == 0) {
        net_sp_connection_close(connection);
    } else if (errno != EAGAIN && errno != EWOULDBLOCK) {
        net_sp_connection_fail(connection, &loop->counters.resets);
    } else if (loop->draining && connection->held == NULL) {
        net_sp_connection_linger(connection);
    }
    return false;
}

unsigned net_sp_turn_peek(const struct net_sp_connection *connection, struct base_slice input,
                          struct base_slice *requests, unsigned most)
{
    unsigned count = 0;
    if (connection->loop->shared->handler.ahead != NULL) {
        while (count < most && net_sp_frame_peek(&connection->frame, &input, &requests[count])) {
            count++;
        }
    }
    return count;
}

bool net_sp_turn_may_begin(const struct net_sp_connection *connection)
{
    return !connection->closing && !connection->lingering && connection->unsent.size == 0 &&
           connection->held_count < connection->loop->shared->options.max_outstanding;
}

static void answer_and_send(struct net_sp_connection *connection, struct base_slice input,
                            bool from_backlog, uint64_t received_ns, unsigned looked_at)
{
    struct net_loop *loop = connection->loop;
    size_t whole = from_backlog ? connection->received_size : input.size;
    size_t got = input.size;
    base_buffer_clear(&loop->output);
    if (answer_input(connection, &input, whole, received_ns, looked_at) &&
        keep_backlog(connection, input, from_backlog, whole, received_ns) &&
        net_sp_output_send(connection, base_buffer_slice(&loop->output))) {
        loop->taken += got - input.size;
        note_left(connection, got == NET_INPUT);
        if (connection->unsent.size == 0) {
            net_sp_connection_go_on(connection);
        }
        net_sp_connection_note_receiving(connection);
    }
    if (loop->output.capacity > NET_OUTPUT_KEPT) {
        base_buffer_fini(&loop->output);
    }
}

void net_sp_turn_take(struct net_sp_connection *connection, struct base_slice input,
                      uint64_t received_ns, unsigned looked_at)
{
    if (net_sp_turn_may_begin(connection)) {
        answer_and_send(connection, input, false, received_ns, looked_at);
    } else if (!connection->closing &&
               keep_backlog(connection, input, false, input.size, received_ns)) {
        /* Something else had to be sent meanwhile and did not go: these wait as well. */
        note_left(connection, false);
    }
}

void net_sp_turn_run(struct net_sp_connection *connection)
{
    struct net_loop *loop = connection->loop;
    struct base_slice input;
    if (!net_sp_turn_may_begin(connection)) {
        return;
    }
    if (connection->backlog.size > 0) {
        input = base_slice(connection->backlog.data + connection->backlog_start,
                           connection->backlog.size - connection->backlog_start);
        loop->now_ns = base_clock_monotonic_ns();
        answer_and_send(connection, input, true, connection->received_ns, 0);
    } else if (net_sp_turn_read(connection, net_intake_room(&loop->intake), &input)) {
        loop->now_ns = base_clock_monotonic_ns();
        answer_and_send(connection, input, false, loop->now_ns, 0);
    }
}
