#include "client/endpoint.h"

#include <errno.h>
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <nanomsg/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

enum {
    REQUEST_ID = 4, /* bytes */
    /* How often a waiting thread looks whether the connection still stands: libnanomsg tells
       nobody. */
    LOOK_MS = 20,
    RECONNECT_FIRST_MS = 25,
    RECONNECT_MOST_MS = 400,
    /* Between two connections made from scratch. */
    RENEW_MS = 100,
};

/* A caller who waits; lives on that caller's stack, linked while its request is under way. */
struct pending {
    struct pending *next;
    uint32_t id;
    bool answered;
    struct client_reply reply;
};

struct client_endpoint {
    char *url; /* owned */
    int socket;
    int receive_fd; /* readable while an answer waits; libnanomsg's own */
    int send_fd;    /* readable while a request can go out; libnanomsg's own */
    /* Failed connection attempts when a connection was last seen to stand. */
    _Atomic uint64_t failures_seen;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wake;  /* an answer was handed over, or nobody receives now */
    bool receiving;       /* one of the callers takes answers off the socket for all */
    struct pending *waiting;
    int connection;       /* what nn_connect() gave */
    uint64_t breaks_seen; /* broken connections at the last renewal */
    uint64_t renewed_ns;
    _Atomic uint64_t renewals;
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
           statistic(endpoint, NN_STAT_CONNECT_ERRORS) > atomic_load(&endpoint->failures_seen);
}

/* Changes whenever a request that was handed over before may have lost its connection. */
static uint64_t breaks(const struct client_endpoint *endpoint)
{
    return statistic(endpoint, NN_STAT_BROKEN_CONNECTIONS) + atomic_load(&endpoint->renewals);
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
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&made->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&made->lock, NULL);
    made->socket = nn_socket(AF_SP_RAW, NN_REQ);
    if (made->socket < 0) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED,
                         "%s: no room for another socket in this process (%s); close clients that "
                         "are no longer needed",
                         url, nn_strerror(nn_errno()));
        goto destroy_lock;
    }
    code = configure(made, max_reply, error);
    if (code != BASE_OK) {
        goto close_socket;
    }
    *endpoint = made;
    return BASE_OK;

close_socket:
    nn_close(made->socket);
destroy_lock:
    pthread_mutex_destroy(&made->lock);
    pthread_cond_destroy(&made->wake);
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
    BASE_ASSERT(endpoint->waiting == NULL);
    while (nn_close(endpoint->socket) < 0 && nn_errno() == EINTR) {
        /* A signal came while libnanomsg's thread let go of the socket. */
    }
    pthread_mutex_destroy(&endpoint->lock);
    pthread_cond_destroy(&endpoint->wake);
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

/* Milliseconds to wait next, rounded up, at most LOOK_MS; 0 when the time has come. */
static int slice_ms(uint64_t until_ns)
{
    uint64_t now = base_clock_monotonic_ns();
    if (now >= until_ns) {
        return 0;
    }
    uint64_t left = (until_ns - now + 999999) / 1000000;
    return left < LOOK_MS ? (int)left : LOOK_MS;
}

/* Waits until fd is readable, a slice has passed or a signal came. */
static void wait_readable(int fd, int milliseconds)
{
    struct pollfd wanted = {.fd = fd, .events = POLLIN, .revents = 0};
    (void)poll(&wanted, 1, milliseconds);
}

/* After a message over NN_RCVMAXSIZE libnanomsg 1.1.5 connects again and again but breaks every new
 * connection at once, for ever; only an endpoint made from scratch gets through. So a connection
 * that broke is made from scratch unless it stands again by itself. */
static void renew_if_broken(struct client_endpoint *endpoint)
{
    pthread_mutex_lock(&endpoint->lock);
    uint64_t broken = statistic(endpoint, NN_STAT_BROKEN_CONNECTIONS);
    uint64_t now = base_clock_monotonic_ns();
    if (broken != endpoint->breaks_seen && !client_endpoint_connected(endpoint) &&
        now - endpoint->renewed_ns >= (uint64_t)RENEW_MS * 1000000) {
        endpoint->breaks_seen = broken;
        endpoint->renewed_ns = now;
        atomic_fetch_add(&endpoint->renewals, 1);
        if (endpoint->connection >= 0) {
            (void)nn_shutdown(endpoint->socket, endpoint->connection);
        }
        /* Fails only when memory or descriptors are out; breaks_seen then lets the next caller try.
         */
        endpoint->connection = nn_connect(endpoint->socket, endpoint->url);
        if (endpoint->connection < 0) {
            endpoint->breaks_seen = broken - 1;
        }
    }
    pthread_mutex_unlock(&endpoint->lock);
}

/* Hands the message to the connection, waiting for one to stand. CLIENT_ANSWERED means: sent.
 * *broken_before: broken connections right before; a later count means that this request's
 * connection may be gone. */
static enum client_outcome send_request(struct client_endpoint *endpoint, uint32_t id,
                                        struct base_slice body, uint64_t until_ns, bool fail_fast,
                                        uint64_t *broken_before)
{
    if (body.size > SIZE_MAX - REQUEST_ID) {
        return CLIENT_NO_MEMORY;
    }
    char *message = nn_allocmsg(REQUEST_ID + body.size, 0);
    if (message == NULL) {
        return CLIENT_NO_MEMORY;
    }
    base_put_be32(message, id);
    if (body.size > 0) {
        memcpy(message + REQUEST_ID, body.data, body.size);
    }
    for (;;) {
        *broken_before = breaks(endpoint);
        if (nn_send(endpoint->socket, &message, NN_MSG, NN_DONTWAIT) >= 0) {
            return CLIENT_ANSWERED;
        }
        int reason = nn_errno();
        int left = slice_ms(until_ns);
        bool refused = fail_fast && client_endpoint_refused(endpoint);
        if (left == 0 || refused || (reason != EAGAIN && reason != EINTR)) {
            break;
        }
        renew_if_broken(endpoint);
        wait_readable(endpoint->send_fd, left);
    }
    nn_freemsg(message);
    return client_endpoint_connected(endpoint) ? CLIENT_BUSY : CLIENT_UNREACHED;
}

/* Takes one answer off the socket; false when none is there. */
static bool take_answer(struct client_endpoint *endpoint, uint32_t *id, struct client_reply *reply)
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

/* Gives an answer to the caller who waits for it, or drops it. With the lock held. */
static void hand_over(struct client_endpoint *endpoint, uint32_t id, struct client_reply *reply)
{
    for (struct pending *one = endpoint->waiting; one != NULL; one = one->next) {
        if (one->id == id && !one->answered) {
            one->reply = *reply;
            one->answered = true;
            return;
        }
    }
    client_reply_release(reply);
}

static void wait_for_receiver(struct client_endpoint *endpoint, int milliseconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)milliseconds * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&endpoint->wake, &endpoint->lock, &until);
}

/* One caller receives for all; when it has its own answer another one takes over. With the lock
 * held on entry and on return. */
static void receive_slice(struct client_endpoint *endpoint, int milliseconds)
{
    endpoint->receiving = true;
    pthread_mutex_unlock(&endpoint->lock);
    uint32_t id = 0;
    struct client_reply reply = {NULL, {NULL, 0}};
    wait_readable(endpoint->receive_fd, milliseconds);
    bool taken = take_answer(endpoint, &id, &reply);
    pthread_mutex_lock(&endpoint->lock);
    endpoint->receiving = false;
    if (taken) {
        hand_over(endpoint, id, &reply);
    }
    pthread_cond_broadcast(&endpoint->wake);
}

/* Waits for the answer of own. broken_before: broken connections when the request was handed over.
 * With the lock held. */
static enum client_outcome await_answer(struct client_endpoint *endpoint, const struct pending *own,
                                        uint64_t until_ns, uint64_t broken_before)
{
    for (;;) {
        if (own->answered) {
            return CLIENT_ANSWERED;
        }
        /* First the counter, then the socket once more: an answer that came before the break is
         * still taken. */
        bool broken = breaks(endpoint) != broken_before;
        int left = slice_ms(until_ns);
        if (endpoint->receiving) {
            if (left > 0 && !broken) {
                wait_for_receiver(endpoint, left);
                continue;
            }
        } else {
            receive_slice(endpoint, broken ? 0 : left);
            if (own->answered) {
                return CLIENT_ANSWERED;
            }
        }
        if (broken) {
            return CLIENT_BROKEN;
        }
        if (left == 0) {
            return CLIENT_TIMED_OUT;
        }
    }
}

static void unlink_pending(struct client_endpoint *endpoint, const struct pending *own)
{
    struct pending **link = &endpoint->waiting;
    while (*link != own) {
        link = &(*link)->next;
    }
    *link = own->next;
}

enum client_outcome client_endpoint_exchange(struct client_endpoint *endpoint, uint32_t id,
                                             struct base_slice body, uint64_t until_ns,
                                             bool fail_fast, struct client_reply *reply)
{
    BASE_ASSERT((id & UINT32_C(0x80000000)) != 0);
    struct pending own = {.next = NULL, .id = id};
    pthread_mutex_lock(&endpoint->lock);
    own.next = endpoint->waiting;
    endpoint->waiting = &own;
    pthread_mutex_unlock(&endpoint->lock);

    uint64_t broken = 0;
    enum client_outcome outcome = send_request(endpoint, id, body, until_ns, fail_fast, &broken);
    pthread_mutex_lock(&endpoint->lock);
    if (outcome == CLIENT_ANSWERED) {
        atomic_store(&endpoint->failures_seen, statistic(endpoint, NN_STAT_CONNECT_ERRORS));
        outcome = await_answer(endpoint, &own, until_ns, broken);
    }
    unlink_pending(endpoint, &own);
    pthread_mutex_unlock(&endpoint->lock);
    if (outcome == CLIENT_ANSWERED) {
        *reply = own.reply;
    }
    return outcome;
}
