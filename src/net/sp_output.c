#include "net/sp_output.h"

#include <errno.h>

#include "net/socket.h"

bool net_sp_output_some(struct net_sp_connection *connection, struct base_slice bytes, size_t *sent)
{
    ssize_t written = net_socket_write(connection->fd, bytes.data, bytes.size);
    if (written < 0) {
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS && errno != ENOMEM) {
            net_sp_connection_fail(connection, &connection->loop->counters.resets);
            return false;
        }
        written = 0;
    }
    if (written > 0) {
        connection->progress_ms = uv_now(&connection->loop->uv);
        net_counter_add(&connection->loop->counters.bytes_sent, (uint64_t)written);
    }
    *sent = (size_t)written;
    return true;
}

bool net_sp_output_send(struct net_sp_connection *connection, struct base_slice output)
{
    struct net_loop *loop = connection->loop;
    size_t sent;
    if (output.size == 0) {
        return true;
    }
    if (!net_sp_output_some(connection, output, &sent)) {
        return false;
    }
    if (sent == output.size) {
        return true;
    }
    base_buffer_append(&connection->unsent, output.data + sent, output.size - sent);
    if (connection->unsent.failed) {
        net_sp_connection_fail(connection, &loop->counters.no_memory);
        return false;
    }
    connection->unsent_start = 0;
    net_counter_add(&loop->counters.read_pauses, 1);
    net_sp_connection_watch(connection, UV_WRITABLE);
    return !connection->closing;
}

void net_sp_output_continue(struct net_sp_connection *connection)
{
    struct base_buffer *unsent = &connection->unsent;
    size_t sent;
    struct base_slice rest = base_slice(unsent->data + connection->unsent_start,
                                        unsent->size - connection->unsent_start);
    if (!net_sp_output_some(connection, rest, &sent)) {
        return;
    }
    connection->unsent_start += sent;
    if (sent < rest.size) {
        if (connection->watched != UV_WRITABLE) {
            net_counter_add(&connection->loop->counters.read_pauses, 1);
            net_sp_connection_watch(connection, UV_WRITABLE);
        }
        return;
    }
    base_buffer_fini(unsent);
    net_sp_connection_go_on(connection);
}

bool net_sp_output_deliver(struct net_sp_connection *connection, struct net_held *held)
{
    struct base_buffer *unsent = &connection->unsent;
    char head[NET_SP_HEAD_MOST];
    size_t head_size =
        net_sp_frame_head(connection->frame.ipc, held->backtrace_size + held->reply.size, head);
    if (unsent->size == 0) {
        connection->unsent_start = 0;
        connection->progress_ms = uv_now(&connection->loop->uv);
    }
    base_buffer_append(unsent, head, head_size);
    base_buffer_append(unsent, held->backtrace, held->backtrace_size);
    base_buffer_append_slice(unsent, base_buffer_slice(&held->reply));
    if (held->reply.failed || unsent->failed) {
        net_sp_connection_fail(connection, &connection->loop->counters.no_memory);
        return false;
    }
    bool owed = !connection->touched;
    connection->touched = true;
    return owed;
}

void net_sp_output_flush(struct net_sp_connection *connection)
{
    connection->touched = false;
    if (!connection->closing && connection->watched != UV_WRITABLE) {
        net_sp_output_continue(connection);
    }
}
