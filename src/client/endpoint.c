#include "client/endpoint.h"

#include <errno.h>
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <nanomsg/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    REQUEST_ID = 4, /* bytes */
    RECONNECT_FIRST_MS = 25,
    RECONNECT_MOST_MS = 400,
    /* Between two connections made from scratch. */
    RENEW_MS = 100,
};

struct client_endpoint {
    char *url; /* owned */
    int socket;
    int receive_fd;
    int send_fd;
    uint64_t failures_seen; /* failed connection attempts when a request last went out */
    int connection;         /* what nn_connect() gave */
    uint64_t breaks_seen;   /* broken connections at the last renewal */
    uint64_t renewed_ns;
    uint64_t renewals;
};

static uint64_t statistic(const struct client_endpoint *endpoint, int which)
{
    return nn_get_statistic(endpoint->socket, which);
}

bool client_endpoint_connected(const struct client_endpoint *endpoint)
{
    return statistic(endpoint, NN_STAT_CURRENT_CONNECTIONS) > 0;
}

bool client_endpoint_refused(const struct client_endpoint *endpoint)
{
    return !client_endpoint_connected(endpoint) &&
           statistic(endpoint, NN_STAT_CONNECT_ERRORS) > endpoint->failures_seen;
}

uint64_t client_endpoint_breaks(const struct client_endpoint *endpoint)
{
    return statistic(endpoint, NN_STAT_BROKEN_CONNECTIONS) + endpoint->renewals;
}

int client_endpoint_receive_fd(const struct client_endpoint *endpoint)
{
    return endpoint->receive_fd;
}

int client_endpoint_send_fd(const struct client_endpoint *endpoint)
{
    return endpoint->send_fd;
}

const char *client_endpoint_url(const struct client_endpoint *endpoint)
{
    return endpoint->url;
}

static bool set_option(int socket, int level, int option, int value)
{
    return nn_setsockopt(socket, level, option, &value, sizeof value) == 0;
}

static bool get_fd(int socket, int option, int *fd)
{
    size_t size = sizeof *fd;
    return nn_getsockopt(socket, NN_SOL_SOCKET, option, fd, &size) == 0;
}

static enum base_code configure(struct client_endpoint *endpoint, size_t max_reply,
                                struct base_error *error)
{
    int socket = endpoint->socket;
    bool tcp = strncmp(endpoint->url, "tcp://", 6) == 0;
    /* Only a literal IPv6 address turns IPv6 on: a host name would resolve to its IPv6 address
     * alone, and a daemon that listens on 127.0.0.1 could not be called "localhost". */
    bool six = tcp && endpoint->url[6] == '[';
    if (!set_option(socket, NN_SOL_SOCKET, NN_RCVMAXSIZE, (int)(max_reply + REQUEST_ID)) ||
        !set_option(socket, NN_SOL_SOCKET, NN_RECONNECT_IVL, RECONNECT_FIRST_MS) ||
        !set_option(socket, NN_SOL_SOCKET, NN_RECONNECT_IVL_MAX, RECONNECT_MOST_MS) ||
        !set_option(socket, NN_SOL_SOCKET, NN_IPV4ONLY, six ? 0 : 1) ||
        (tcp && !set_option(socket, NN_TCP, NN_TCP_NODELAY, 1)) ||
        !get_fd(socket, NN_RCVFD, &endpoint->receive_fd) ||
        !get_fd(socket, NN_SNDFD, &endpoint->send_fd)) {
        return base_fail(error, BASE_INTERNAL, "%s: cannot set up the socket: %s", endpoint->url,
                         nn_strerror(nn_errno()));
    }
    endpoint->connection = nn_connect(socket, endpoint->url);
    if (endpoint->connection < 0) {
        int reason = nn_errno();
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "%s: not an address that can be connected to (%s); write tcp://HOST:PORT "
                         "or ipc://PATH",
                         endpoint->url, nn_strerror(reason));
    }
    return BASE_OK;
}

/* libnanomsg 1.1.5 asserts, or waits for ever, where its thread finds no descriptors: that is two
 * for its first socket of a process, two for every one, and one for the connection. */
static bool has_descriptors(void)
{
    enum { NEEDED = 5 };
    int taken[NEEDED];
    int count = 0;
    while (count < NEEDED && (taken[count] = eventfd(0, EFD_CLOEXEC)) >= 0) {
        count++;
    }
    for (int i = 0; i < count; i++) {
        close(taken[i]);
    }
    return count == NEEDED;
}

enum base_code client_endpoint_open(const char *url, size_t max_reply,
                                    struct client_endpoint **endpoint, struct base_error *error)
{
    enum base_code code;
    struct client_endpoint *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return base_fail(error, BASE_INTERNAL, "%s: memory is out", url);
    }
    made->url = strdup(url);
    if (made->url == NULL) {
        code = base_fail(error, BASE_INTERNAL, "%s: memory is out", url);
        goto free_endpoint;
    }
    made->socket = has_descriptors() ? nn_socket(AF_SP_RAW, NN_REQ) : -1;
    if (made->socket < 0) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED,
                         "%s: no room for another socket in this process (%s); close clients that "
                         "are no longer needed, or raise the limit of open files",
                         url, nn_strerror(nn_errno()));
        goto free_url;
    }
    code = configure(made, max_reply, error);
    if (code != BASE_OK) {
        goto close_socket;
    }
    *endpoint = made;
    return BASE_OK;

close_socket:
    nn_close(made->socket);
free_url:
    free(made->url);
free_endpoint:
    free(made);
    return code;
}

void client_endpoint_close(struct client_endpoint *endpoint)
{
    if (endpoint == NULL) {
        return;
    }
    while (nn_close(endpoint->socket) < 0 && nn_errno() == EINTR) {
        /* A signal came while libnanomsg's thread let go of the socket. */
    }
    free(endpoint->url);
    free(endpoint);
}

void client_reply_release(struct client_reply *reply)
{
    if (reply->message != NULL) {
        nn_freemsg(reply->message);
    }
    *reply = (struct client_reply){NULL, {NULL, 0}};
}

/* After a message over NN_RCVMAXSIZE libnanomsg 1.1.5 connects again and again but breaks every new
 * connection at once, for ever; only an endpoint made from scratch gets through. So a connection
 * that broke is made from scratch unless it stands again by itself. */
bool client_endpoint_renew(struct client_endpoint *endpoint, uint64_t now_ns)
{
    uint64_t broken = statistic(endpoint, NN_STAT_BROKEN_CONNECTIONS);
    if (broken == endpoint->breaks_seen || client_endpoint_connected(endpoint) ||
        now_ns - endpoint->renewed_ns < (uint64_t)RENEW_MS * 1000000) {
        return false;
    }
    endpoint->breaks_seen = broken;
    endpoint->renewed_ns = now_ns;
    endpoint->renewals++;
    if (endpoint->connection >= 0) {
        (void)nn_shutdown(endpoint->socket, endpoint->connection);
    }
    /* Fails only when memory or descriptors are out; breaks_seen then lets the next look try. */
    endpoint->connection = nn_connect(endpoint->socket, endpoint->url);
    if (endpoint->connection < 0) {
        endpoint->breaks_seen = broken - 1;
    }
    return true;
}

enum client_sent client_endpoint_send(struct client_endpoint *endpoint, uint32_t id,
                                      struct base_slice body)
{
    BASE_ASSERT((id & UINT32_C(0x80000000)) != 0 && body.size > 0);
    if (body.size > SIZE_MAX - REQUEST_ID) {
        return CLIENT_SEND_NO_MEMORY;
    }
    char *message = nn_allocmsg(REQUEST_ID + body.size, 0);
    if (message == NULL) {
        return CLIENT_SEND_NO_MEMORY;
    }
    base_put_be32(message, id);
    memcpy(message + REQUEST_ID, body.data, body.size);
    if (nn_send(endpoint->socket, &message, NN_MSG, NN_DONTWAIT) >= 0) {
        endpoint->failures_seen = statistic(endpoint, NN_STAT_CONNECT_ERRORS);
        return CLIENT_SENT;
    }
    nn_freemsg(message);
    return CLIENT_SEND_LATER;
}

bool client_endpoint_take(struct client_endpoint *endpoint, uint32_t *id,
                          struct client_reply *reply)
{
    union {
        char bytes[64];
        struct nn_cmsghdr align;
    } control;
    void *message = NULL;
    struct nn_iovec vector = {.iov_base = (void *)&message, .iov_len = NN_MSG};
    struct nn_msghdr header = {.msg_iov = &vector,
                               .msg_iovlen = 1,
                               .msg_control = control.bytes,
                               .msg_controllen = sizeof control.bytes};
    memset(&control, 0, sizeof control);
    int size = nn_recvmsg(endpoint->socket, &header, NN_DONTWAIT);
    if (size < 0) {
        return false;
    }
    *reply = (struct client_reply){message, base_slice(message, (size_t)size)};
    *id = 0; /* no request has it: the top bit is clear */
    const struct nn_cmsghdr *property = &control.align;
    size_t length = 0;
    const char *data = control.bytes + sizeof *property;
    if (property->cmsg_level == PROTO_SP && property->cmsg_type == SP_HDR) {
        memcpy(&length, data, sizeof length);
        if (length == REQUEST_ID) {
            *id = base_get_be32(data + sizeof length);
        }
    }
    return true;
}
