/* A comparator: answers every SP request with the same bytes, on bare epoll, one thread. Nothing
 * can do less. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "frame.h"
#include "echo.h"

enum { CONNECTIONS = 4096, ROOM = 1 << 20, REQUEST_MOST = 4096 };

struct connection {
    char *in;
    char *out;
    size_t in_size;
    size_t out_size;
    size_t out_sent;
    bool greeted;
};

static struct connection connections[CONNECTIONS];

static int listen_on(uint16_t *port)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(*port)};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) != 0 ||
        listen(listener, 128) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
        perror("epoll-echo");
        exit(1);
    }
    *port = ntohs(address.sin_port);
    return listener;
}

static void accept_one(int listener, int poll)
{
    int peer = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    int on = 1;
    if (peer < 0 || peer >= CONNECTIONS) {
        if (peer >= 0) {
            close(peer);
        }
        return;
    }
    setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct connection *connection = &connections[peer];
    connection->in = malloc(ROOM);
    connection->out = malloc(ROOM);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.fd = peer};
    if (connection->in == NULL || connection->out == NULL ||
        epoll_ctl(poll, EPOLL_CTL_ADD, peer, &event) != 0) {
        exit(1);
    }
    memcpy(connection->out, bench_greeting_reply, BENCH_GREETING);
    connection->out_size = BENCH_GREETING;
}

static void drop(int peer)
{
    free(connections[peer].in);
    free(connections[peer].out);
    memset(&connections[peer], 0, sizeof connections[peer]);
    close(peer);
}

/* True while there may be more to do. */
static bool flush(int peer, struct connection *connection)
{
    while (connection->out_sent < connection->out_size) {
        ssize_t sent = send(peer, connection->out + connection->out_sent,
                            connection->out_size - connection->out_sent, MSG_NOSIGNAL);
        if (sent < 0) {
            return false;
        }
        connection->out_sent += (size_t)sent;
    }
    connection->out_size = 0;
    connection->out_sent = 0;
    return true;
}

/* Appends replies while they fit; the rest of the requests waits in `in`. False when the peer does
 * not speak SP. */
static bool answer(struct connection *connection, const struct echo_reply *reply)
{
    struct base_slice input = base_slice(connection->in, connection->in_size);
    if (!connection->greeted) {
        if (input.size < BENCH_GREETING) {
            return true;
        }
        input = base_slice(input.data + BENCH_GREETING, input.size - BENCH_GREETING);
        connection->greeted = true;
    }
    uint32_t id;
    struct base_slice body;
    int taken = 0;
    while (ROOM - connection->out_size >= 8 + BENCH_REQUEST_ID + reply->size &&
           (taken = bench_frame_take(&input, false, REQUEST_MOST, &id, &body)) > 0) {
        char *to = connection->out + connection->out_size;
        base_put_be64(to, BENCH_REQUEST_ID + reply->size);
        base_put_be32(to + 8, id);
        memcpy(to + 8 + BENCH_REQUEST_ID, reply->bytes, reply->size);
        connection->out_size += 8 + BENCH_REQUEST_ID + reply->size;
    }
    memmove(connection->in, input.data, input.size);
    connection->in_size = input.size;
    return taken >= 0;
}

static void serve(int peer, const struct echo_reply *reply)
{
    struct connection *connection = &connections[peer];
    for (;;) {
        if (!flush(peer, connection)) {
            if (errno != EAGAIN) {
                drop(peer);
            }
            return;
        }
        size_t room = ROOM - connection->in_size;
        ssize_t size = recv(peer, connection->in + connection->in_size, room, 0);
        if (size < 0 && errno == EAGAIN) {
            return;
        }
        if (size <= 0) {
            drop(peer);
            return;
        }
        bool whole = (size_t)size < room;
        connection->in_size += (size_t)size;
        if (!answer(connection, reply)) {
            drop(peer);
            return;
        }
        /* A read that left room has emptied the socket: the edge of the next bytes will wake us. */
        if (whole && flush(peer, connection)) {
            return;
        }
    }
}

int main(int argc, char **argv)
{
    struct echo_reply reply = echo_options(argc, argv, "epoll-echo");
    int listener = listen_on(&reply.port);
    int poll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    if (poll < 0 || epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event) != 0) {
        perror("epoll-echo");
        return 1;
    }
    echo_ready(reply.port);
    for (;;) {
        struct epoll_event events[256];
        int count = epoll_wait(poll, events, 256, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == listener) {
                accept_one(listener, poll);
            } else {
                serve(events[i].data.fd, &reply);
            }
        }
    }
}
