/* A server of src/net with a handler of the test's own, and raw peers that speak SP byte by
 * byte. For tests of net only. */
#ifndef SUPPORT_NET_PEER_H
#define SUPPORT_NET_PEER_H

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/server.h"

enum { PEER_DEADLINE_MS = 60000, PEER_FRAME = 8 + 4 + 8 };

/* Answers a body of two big-endian words (size, tag) with the tag and bytes up to size, any
 * other body with itself. */
struct peer_handler {
    atomic_ulong answered;
    atomic_ulong rests;
    atomic_int sessions;
    int sessions_allowed; /* 0: any number */
    void (*before)(struct peer_handler *handler, struct base_slice request);
    /* Takes over requests of two words: keeps what is held, and answers it. */
    void (*later)(struct peer_handler *handler, struct net_held *held, struct base_slice request);
    /* Looks at the request as a handler sees it. */
    void (*look)(struct peer_handler *handler, const struct net_request *asked);
    /* Hears of requests to come. */
    void (*ahead)(struct peer_handler *handler, const struct base_slice *requests, size_t count);
    void *test; /* for before, look, later and ahead */
};

static inline void *peer_session_new(void *state, struct base_error *error)
{
    struct peer_handler *handler = state;
    int made = atomic_fetch_add(&handler->sessions, 1) + 1;
    if (handler->sessions_allowed != 0 && made > handler->sessions_allowed) {
        atomic_fetch_sub(&handler->sessions, 1);
        base_fail(error, BASE_RESOURCE_EXHAUSTED, "no more sessions");
        return NULL;
    }
    return handler;
}

static inline void peer_session_free(void *session)
{
    struct peer_handler *handler = session;
    atomic_fetch_sub(&handler->sessions, 1);
}

static inline void peer_session_rest(void *session)
{
    struct peer_handler *handler = session;
    atomic_fetch_add(&handler->rests, 1);
}

static inline bool peer_answer(void *session, struct base_slice request, uint64_t received_ns,
                               uint64_t *now_ns, struct net_request *asked,
                               struct base_buffer *reply)
{
    struct peer_handler *handler = session;
    assert_true(received_ns <= *now_ns);
    if (handler->before != NULL) {
        handler->before(handler, request);
    }
    if (handler->look != NULL) {
        handler->look(handler, asked);
    }
    *now_ns = base_clock_monotonic_ns();
    if (handler->later != NULL && request.size == 8) {
        handler->later(handler, net_request_hold(asked), request);
        return false;
    }
    atomic_fetch_add(&handler->answered, 1);
    if (request.size == 4 && memcmp(request.data, "fail", 4) == 0) {
        reply->failed = true;
    } else if (request.size == 8) {
        size_t size = base_get_be32(request.data);
        char *to = base_buffer_reserve(reply, size);
        assert_non_null(to);
        memset(to, request.data[7], size);
        memcpy(to, request.data + 4, 4);
        reply->size += size;
    } else {
        base_buffer_append_slice(reply, request);
    }
    return true;
}

static inline void peer_ahead(void *session, const struct base_slice *requests, size_t count)
{
    struct peer_handler *handler = session;
    handler->ahead(handler, requests, count);
}

static inline struct net_options peer_options(const char *const *listen, size_t count)
{
    return (struct net_options){.listen = listen,
                                .listen_count = count,
                                .loops = 2,
                                .max_connections = 1000,
                                .max_outstanding = 1000,
                                .max_buffered = 1024 * 1024,
                                .max_request = 1000};
}

static inline struct net_server *peer_server(const struct net_options *options,
                                             struct peer_handler *handler)
{
    const struct net_handler functions = {.state = handler,
                                          .session_new = peer_session_new,
                                          .session_free = peer_session_free,
                                          .session_rest = peer_session_rest,
                                          .ahead = handler->ahead != NULL ? peer_ahead : NULL,
                                          .answer = peer_answer};
    struct net_server *server = NULL;
    struct base_error error;
    if (net_server_open(options, &functions, &server, &error) != BASE_OK) {
        fail_msg("%s", error.text);
    }
    return server;
}

/* One on tcp://127.0.0.1 with a free port. */
static inline struct net_server *peer_tcp_server(struct peer_handler *handler)
{
    static const char *const listen[] = {"tcp://127.0.0.1:0"};
    struct net_options options = peer_options(listen, 1);
    return peer_server(&options, handler);
}

static inline int peer_socket(const char *url)
{
    struct timeval deadline = {.tv_sec = PEER_DEADLINE_MS / 1000};
    int fd = socket(strncmp(url, "ipc", 3) == 0       ? AF_UNIX
                    : strncmp(url, "tcp://[", 7) == 0 ? AF_INET6
                                                      : AF_INET,
                    SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline);
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static inline int peer_try_connect(int fd, const char *url)
{
    const char *colon = strrchr(url, ':');
    if (strncmp(url, "ipc://", 6) == 0) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        assert_true(strlen(url + 6) < sizeof address.sun_path);
        memcpy(address.sun_path, url + 6, strlen(url + 6));
        return connect(fd, (struct sockaddr *)&address, sizeof address);
    }
    in_port_t port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    if (strncmp(url, "tcp://[", 7) == 0) {
        struct sockaddr_in6 address = {
            .sin6_family = AF_INET6, .sin6_port = port, .sin6_addr = in6addr_loopback};
        return connect(fd, (struct sockaddr *)&address, sizeof address);
    }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = port};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connect(fd, (struct sockaddr *)&address, sizeof address);
}

static inline int peer_connect(const char *url)
{
    int fd = peer_socket(url);
    assert_int_equal(peer_try_connect(fd, url), 0);
    return fd;
}

static inline void peer_send(int fd, const void *bytes, size_t size)
{
    for (size_t sent = 0; sent < size;) {
        ssize_t now = send(fd, (const char *)bytes + sent, size - sent, MSG_NOSIGNAL);
        if (now <= 0) {
            fail_msg("send: %s", strerror(errno));
        }
        sent += (size_t)now;
    }
}

/* False when the connection ended first; a deadline that passes fails the test. */
static inline bool peer_receive(int fd, void *bytes, size_t size)
{
    for (size_t got = 0; got < size;) {
        ssize_t now = recv(fd, (char *)bytes + got, size - got, 0);
        if (now < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            fail_msg("nothing came before the deadline");
        }
        if (now <= 0) {
            return false;
        }
        got += (size_t)now;
    }
    return true;
}

static inline void peer_greet(int fd)
{
    char greeting[8];
    peer_send(fd, "\0SP\0\0\x30\0\0", 8);
    assert_true(peer_receive(fd, greeting, sizeof greeting));
    assert_memory_equal(greeting, "\0SP\0\0\x31\0\0", 8);
}

static inline int peer_open(const char *url)
{
    int fd = peer_connect(url);
    peer_greet(fd);
    return fd;
}

/* A whole message: head, request id, body. Returns its size; room is 32 bytes more than the
 * body. */
static inline size_t peer_message(bool ipc, uint32_t id, const void *body, size_t body_size,
                                  char *to)
{
    size_t at = 0;
    if (ipc) {
        to[at++] = 1;
    }
    base_put_be64(to + at, body_size + 4);
    base_put_be32(to + at + 8, id | 0x80000000u);
    memcpy(to + at + 12, body, body_size);
    return at + 12 + body_size;
}

static inline void peer_ask(int fd, bool ipc, uint32_t id, uint32_t reply_size)
{
    char body[8];
    char message[64];
    base_put_be32(body, reply_size);
    base_put_be32(body + 4, id);
    peer_send(fd, message, peer_message(ipc, id, body, sizeof body, message));
}

/* Many peer_ask in one run of bytes for tcp, ids from 0; PEER_FRAME bytes each. */
static inline size_t peer_pipeline(uint32_t count, uint32_t reply_size, char *to)
{
    size_t size = 0;
    for (uint32_t id = 0; id < count; id++) {
        char body[8];
        base_put_be32(body, reply_size);
        base_put_be32(body + 4, id);
        size += peer_message(false, id, body, sizeof body, to + size);
    }
    return size;
}

/* The reply to peer_ask, whole and right. False when the connection ended instead. */
static inline bool peer_reply(int fd, bool ipc, uint32_t id, uint32_t reply_size)
{
    char head[13];
    size_t head_size = ipc ? 13 : 12;
    if (!peer_receive(fd, head, head_size)) {
        return false;
    }
    if (ipc) {
        assert_int_equal(head[0], 1);
    }
    assert_int_equal(base_get_be64(head + head_size - 12), reply_size + 4);
    assert_int_equal(base_get_be32(head + head_size - 4), id | 0x80000000u);
    char *body = malloc(reply_size);
    assert_non_null(body);
    bool whole = peer_receive(fd, body, reply_size);
    if (whole) {
        assert_int_equal(base_get_be32(body), id);
        for (size_t i = 4; i < reply_size; i++) {
            if (body[i] != (char)id) {
                fail_msg("byte %zu of reply %u is wrong", i, id);
            }
        }
    }
    free(body);
    return whole;
}

/* One question, one answer. */
static inline void peer_round_trip(int fd, bool ipc, uint32_t id)
{
    peer_ask(fd, ipc, id, 600);
    assert_true(peer_reply(fd, ipc, id, 600));
}

static inline void peer_expect_end(int fd)
{
    char byte;
    assert_false(peer_receive(fd, &byte, 1));
}

/* Waits until the condition holds; the test fails when the deadline passes first. */
#define PEER_WAIT(condition)                                                                       \
    do {                                                                                           \
        uint64_t peer_end = base_clock_monotonic_ns() + PEER_DEADLINE_MS * UINT64_C(1000000);      \
        while (!(condition)) {                                                                     \
            if (base_clock_monotonic_ns() > peer_end) {                                            \
                fail_msg("not before the deadline: %s", #condition);                               \
            }                                                                                      \
            poll(NULL, 0, 1);                                                                      \
        }                                                                                          \
    } while (0)

/* Bytes that the other side's kernel has not confirmed yet: TIOCOUTQ says so for TCP. */
static inline int peer_unconfirmed(int fd)
{
    int bytes = 0;
    assert_int_equal(ioctl(fd, TIOCOUTQ, &bytes), 0);
    return bytes;
}

static inline struct net_counters peer_counters(const struct net_server *server)
{
    struct net_counters counters;
    net_server_counters(server, &counters);
    return counters;
}

static inline int peer_count_files(void)
{
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    while (readdir(folder) != NULL) {
        count++;
    }
    closedir(folder);
    return count;
}

#endif
