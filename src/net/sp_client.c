#include "net/sp_client.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "net/address.h"
#include "net/socket.h"
#include "net/sp_frame.h"

enum {
    ENDPOINTS = 16,
    INPUT = 256 * 1024,
    /* Output memory that a connection keeps once it is sent. */
    OUTPUT_KEPT = 256 * 1024,
    ID = 4,
    LONGEST_WAIT_MS = 100,
};

enum state { IDLE, CONNECTING, GREETING, READY };

struct connection {
    uv_poll_t poll;
    struct net_client *client;
    struct net_sp_frame frame;
    struct base_buffer out;
    size_t out_start;
    uint64_t retry_ns; /* IDLE: not before */
    unsigned index;
    int fd;
    enum state state;
    bool dirty;   /* holds output of this turn */
    bool writing; /* waits for the kernel to take output */
    bool polled;  /* the handle is initialised */
};

struct net_client {
    uv_loop_t loop;
    uv_prepare_t before_poll;
    uv_poll_t alarm;
    int alarm_fd;
    uint64_t alarm_ns; /* what it is set to; 0: not set */
    struct net_client_handler handler;
    struct net_client_counters counters;
    struct connection **connections;
    struct connection **dirty;
    unsigned dirty_count;
    unsigned count;
    unsigned idle; /* connections that wait to be tried again */
    size_t max_reply;
    uint64_t retry_ns;
    struct net_address addresses[ENDPOINTS];
    size_t address_count;
    char *input;
    bool handles; /* before_poll and alarm are initialised */
};

static void on_poll(uv_poll_t *handle, int status, int events);

static void free_connection(uv_handle_t *handle)
{
    struct connection *connection = handle->data;
    net_sp_frame_fini(&connection->frame);
    base_buffer_fini(&connection->out);
    free(connection);
}

static struct connection *connection_new(struct net_client *client, unsigned index)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection != NULL) {
        connection->client = client;
        connection->index = index;
        connection->fd = -1;
        base_buffer_init(&connection->out);
        net_sp_frame_init_client(&connection->frame, false, client->max_reply);
    }
    return connection;
}

static void dispose(struct connection *connection)
{
    if (connection->polled) {
        uv_close((uv_handle_t *)&connection->poll, free_connection);
    }
    if (connection->fd >= 0) {
        close(connection->fd);
        connection->fd = -1;
    }
    if (!connection->polled) {
        connection->poll.data = connection;
        free_connection((uv_handle_t *)&connection->poll);
    }
}

/* Its handle goes with it, so that nothing of the old socket can arrive at the new one. */
static void lose(struct connection *connection, const char *why)
{
    struct net_client *client = connection->client;
    unsigned index = connection->index;
    struct connection *fresh = connection_new(client, index);
    client->counters.losses++;
    if (connection->dirty) {
        for (unsigned i = 0; i < client->dirty_count; i++) {
            if (client->dirty[i] == connection) {
                client->dirty[i] = client->dirty[--client->dirty_count];
                break;
            }
        }
    }
    client->connections[index] = fresh;
    dispose(connection);
    if (fresh != NULL) {
        fresh->retry_ns = base_clock_monotonic_ns() + client->retry_ns;
        client->idle++;
    }
    client->handler.lost(client->handler.state, index, why);
}

static void watch(struct connection *connection, int events)
{
    if (uv_poll_start(&connection->poll, events, on_poll) != 0) {
        lose(connection, "the event loop takes no more descriptors");
    }
}

/* False: the connection is gone. */
static bool flush(struct connection *connection)
{
    struct net_client *client = connection->client;
    struct base_buffer *out = &connection->out;
    while (connection->out_start < out->size) {
        ssize_t sent = net_socket_write(connection->fd, out->data + connection->out_start,
                                        out->size - connection->out_start);
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)) {
            if (!connection->writing) {
                connection->writing = true;
                watch(connection, UV_READABLE | UV_WRITABLE);
            }
            return true;
        }
        if (sent < 0) {
            lose(connection, strerror(errno));
            return false;
        }
        connection->out_start += (size_t)sent;
        client->counters.bytes_sent += (uint64_t)sent;
    }
    connection->out_start = 0;
    if (out->capacity > OUTPUT_KEPT) {
        base_buffer_fini(out);
        base_buffer_init(out);
    }
    base_buffer_clear(out);
    if (connection->writing) {
        connection->writing = false;
        watch(connection, UV_READABLE);
    }
    return true;
}

/* Takes the input apart. False: the connection is gone. */
static bool take_input(struct connection *connection, struct base_slice input, uint64_t now_ns)
{
    struct net_client *client = connection->client;
    for (;;) {
        struct base_slice trace = {NULL, 0};
        struct base_slice body = {NULL, 0};
        switch (net_sp_frame_next(&connection->frame, &input, &trace, &body)) {
        case NET_SP_MORE:
            return true;
        case NET_SP_GREETED:
            connection->state = READY;
            client->counters.connects++;
            client->handler.ready(client->handler.state, connection->index);
            break;
        case NET_SP_REQUEST:
            if (trace.size == ID) {
                client->handler.reply(client->handler.state, connection->index,
                                      base_get_be32(trace.data) & INT32_MAX, body, now_ns);
            }
            break;
        case NET_SP_MALFORMED:
            break;
        case NET_SP_BAD_GREETING:
            lose(connection, "the peer is not an SP REP socket");
            return false;
        case NET_SP_TOO_LONG:
            lose(connection, "a reply is longer than this side takes");
            return false;
        case NET_SP_NO_MEMORY:
            lose(connection, "memory is out");
            return false;
        default:
            lose(connection, "the peer does not speak SP");
            return false;
        }
    }
}

static bool receive(struct connection *connection)
{
    struct net_client *client = connection->client;
    ssize_t size = net_socket_read(connection->fd, client->input, INPUT);
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        return true;
    }
    if (size <= 0) {
        lose(connection, size < 0 ? strerror(errno) : "the peer closed the connection");
        return false;
    }
    client->counters.bytes_received += (uint64_t)size;
    return take_input(connection, base_slice(client->input, (size_t)size),
                      base_clock_monotonic_ns());
}

/* What the kernel holds against the socket; 0: nothing. */
static int failure_of(const struct connection *connection)
{
    int failure = 0;
    socklen_t size = sizeof failure;
    getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &failure, &size);
    return failure;
}

static bool greet(struct connection *connection)
{
    int failure = failure_of(connection);
    if (failure != 0) {
        lose(connection, strerror(failure));
        return false;
    }
    connection->state = GREETING;
    base_buffer_append(&connection->out, net_sp_greeting_client, NET_SP_GREETING);
    connection->writing = true; /* as it is watched now */
    return flush(connection);
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
    struct connection *connection = handle->data;
    if (connection->state == CONNECTING) {
        greet(connection);
        return;
    }
    if (status < 0) {
        /* libuv says EBADF whatever it is. */
        int failure = failure_of(connection);
        lose(connection, failure != 0 ? strerror(failure) : "the peer closed the connection");
        return;
    }
    if ((events & UV_WRITABLE) != 0 && !flush(connection)) {
        return;
    }
    if ((events & UV_READABLE) != 0) {
        receive(connection);
    }
}

static void start_connecting(struct connection *connection)
{
    struct net_client *client = connection->client;
    const struct net_address *address =
        &client->addresses[connection->index % client->address_count];
    int on = 1;
    client->idle--;
    connection->frame.ipc = address->ipc;
    connection->fd =
        socket(address->socket.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (connection->fd < 0) {
        lose(connection, strerror(errno));
        return;
    }
    if (!address->ipc) {
        setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    if (connect(connection->fd, (const struct sockaddr *)&address->socket, address->size) != 0 &&
        errno != EINPROGRESS) {
        lose(connection, strerror(errno));
        return;
    }
    connection->state = CONNECTING;
    if (uv_poll_init(&client->loop, &connection->poll, connection->fd) != 0) {
        lose(connection, "the event loop takes no more descriptors");
        return;
    }
    connection->polled = true;
    connection->poll.data = connection;
    watch(connection, UV_WRITABLE);
}

static void connect_idle(struct net_client *client, uint64_t now_ns)
{
    for (unsigned i = 0; i < client->count && client->idle > 0; i++) {
        struct connection *connection = client->connections[i];
        if (connection != NULL && connection->state == IDLE && connection->retry_ns <= now_ns) {
            start_connecting(connection);
        }
    }
}

/* A descriptor of its own, since libuv's timers count milliseconds. */
static void set_alarm(struct net_client *client, uint64_t at_ns)
{
    if (client->alarm_ns == at_ns) {
        return;
    }
    struct itimerspec when = {.it_value = {.tv_sec = (time_t)(at_ns / 1000000000),
                                           .tv_nsec = (long)(at_ns % 1000000000)}};
    timerfd_settime(client->alarm_fd, TFD_TIMER_ABSTIME, &when, NULL);
    client->alarm_ns = at_ns;
}

static void on_alarm(uv_poll_t *handle, int status, int events)
{
    struct net_client *client = handle->data;
    uint64_t expirations;
    (void)status;
    (void)events;
    if (read(client->alarm_fd, &expirations, sizeof expirations) > 0) {
        client->alarm_ns = 0;
    }
}

static void on_before_poll(uv_prepare_t *handle)
{
    struct net_client *client = handle->data;
    uint64_t now_ns = base_clock_monotonic_ns();
    if (client->idle > 0) {
        connect_idle(client, now_ns);
    }
    uint64_t wake_ns = client->handler.turn(client->handler.state, now_ns);
    while (client->dirty_count > 0) {
        struct connection *connection = client->dirty[--client->dirty_count];
        connection->dirty = false;
        if (!connection->writing) {
            flush(connection);
        }
    }
    uint64_t latest_ns = now_ns + LONGEST_WAIT_MS * UINT64_C(1000000);
    set_alarm(client, wake_ns < latest_ns ? wake_ns : latest_ns);
}

bool net_client_send(struct net_client *client, unsigned index, uint32_t id, struct base_slice body)
{
    struct connection *connection = client->connections[index];
    char head[NET_SP_HEAD_MOST + ID];
    if (connection == NULL || connection->state != READY) {
        return false;
    }
    size_t size = net_sp_frame_head(connection->frame.ipc, ID + body.size, head);
    base_put_be32(head + size, id | UINT32_C(0x80000000));
    if (base_buffer_reserve(&connection->out, size + ID + body.size) == NULL) {
        base_buffer_clear(&connection->out);
        lose(connection, "memory is out");
        return false;
    }
    base_buffer_append(&connection->out, head, size + ID);
    base_buffer_append_slice(&connection->out, body);
    if (!connection->dirty) {
        connection->dirty = true;
        client->dirty[client->dirty_count++] = connection;
    }
    return true;
}

size_t net_client_unsent(const struct net_client *client, unsigned index)
{
    const struct connection *connection = client->connections[index];
    return connection == NULL ? 0 : connection->out.size - connection->out_start;
}

static enum base_code resolve(struct net_client *client, const char *urls, struct base_error *error)
{
    for (const char *at = urls; at != NULL && client->address_count < ENDPOINTS;) {
        size_t size = strcspn(at, ",");
        enum base_code code = net_address_resolve(base_slice(at, size),
                                                  &client->addresses[client->address_count], error);
        if (code != BASE_OK) {
            return code;
        }
        client->address_count++;
        at = at[size] == ',' ? at + size + 1 : NULL;
    }
    return BASE_OK;
}

static enum base_code init_handles(struct net_client *client, struct base_error *error)
{
    client->alarm_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (client->alarm_fd < 0 ||
        uv_poll_init(&client->loop, &client->alarm, client->alarm_fd) != 0) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no descriptor for a timer: %s",
                         strerror(errno));
    }
    uv_prepare_init(&client->loop, &client->before_poll);
    client->handles = true;
    client->alarm.data = client;
    client->before_poll.data = client;
    uv_poll_start(&client->alarm, UV_READABLE, on_alarm);
    uv_prepare_start(&client->before_poll, on_before_poll);
    return BASE_OK;
}

enum base_code net_client_open(const struct net_client_options *options,
                               const struct net_client_handler *handler, struct net_client **client,
                               struct base_error *error)
{
    BASE_ASSERT(options->connections > 0);
    struct net_client *made = calloc(1, sizeof *made);
    if (made == NULL || uv_loop_init(&made->loop) != 0) {
        free(made);
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for an event loop");
    }
    made->alarm_fd = -1;
    made->handler = *handler;
    made->max_reply = options->max_reply;
    made->retry_ns = options->retry_ms * UINT64_C(1000000);
    made->input = malloc(INPUT);
    made->connections = calloc(options->connections, sizeof *made->connections);
    made->dirty = calloc(options->connections, sizeof *made->dirty);
    enum base_code code = BASE_OK;
    if (made->input == NULL || made->connections == NULL || made->dirty == NULL) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for connections");
    }
    if (code == BASE_OK) {
        code = resolve(made, options->urls, error);
    }
    for (; code == BASE_OK && made->count < options->connections; made->count++) {
        made->connections[made->count] = connection_new(made, made->count);
        if (made->connections[made->count] == NULL) {
            code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for connections");
            break;
        }
        made->idle++;
    }
    if (code == BASE_OK) {
        code = init_handles(made, error);
    }
    if (code != BASE_OK) {
        net_client_close(made);
        return code;
    }
    *client = made;
    return BASE_OK;
}

void net_client_run(struct net_client *client)
{
    uv_run(&client->loop, UV_RUN_DEFAULT);
}

void net_client_stop(struct net_client *client)
{
    uv_stop(&client->loop);
}

void net_client_counters(const struct net_client *client, struct net_client_counters *counters)
{
    *counters = client->counters;
}

void net_client_close(struct net_client *client)
{
    if (client == NULL) {
        return;
    }
    for (unsigned i = 0; i < client->count; i++) {
        if (client->connections[i] != NULL) {
            dispose(client->connections[i]);
        }
    }
    if (client->handles) {
        uv_close((uv_handle_t *)&client->alarm, NULL);
        uv_close((uv_handle_t *)&client->before_poll, NULL);
    }
    uv_run(&client->loop, UV_RUN_DEFAULT);
    uv_loop_close(&client->loop);
    if (client->alarm_fd >= 0) {
        close(client->alarm_fd);
    }
    free(client->input);
    free(client->connections);
    free(client->dirty);
    free(client);
}
