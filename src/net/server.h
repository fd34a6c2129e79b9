/* The SP door of a daemon: listening sockets, one acceptor, a number of loops, each a thread of
 * its own. */
#ifndef NET_SERVER_H
#define NET_SERVER_H

#include "base/status.h"
#include "net/counters.h"
#include "net/handler.h"

enum { NET_URL = 160, NET_LISTEN_MOST = 16, NET_LOOPS_MOST = 64 };

struct net_options {
    /* tcp://host:port (port 0: a free one; host *: all), tcp://[::1]:port, ipc:///path */
    const char *const *listen;
    size_t listen_count;      /* 1 to NET_LISTEN_MOST */
    const char *own_ipc;      /* one ipc URL more, for this user alone (0600); NULL: none */
    unsigned loops;           /* 1 to NET_LOOPS_MOST */
    unsigned max_connections; /* more are closed at once */
    unsigned max_outstanding; /* requests of one connection answered before their replies leave */
    size_t max_buffered;      /* bytes of replies in one go; the last one may exceed it */
    size_t max_request;       /* bytes of one SP message */
    /* Memory of requests that are half received; each loop has its part of it, and no less than
     * four of the greatest take. More closes those that are longest under way. 0: any amount. */
    size_t max_receiving;
    unsigned ipc_mode;            /* of socket files, owner included; 0: 0600 */
    uint32_t max_wait_ms;         /* how long requests may queue; 0: nothing is refused */
    uint32_t greeting_timeout_ms; /* 0: none, here and below */
    uint32_t idle_timeout_ms;     /* without any byte, between messages */
    uint32_t stall_timeout_ms;    /* without progress inside a message, in or out */
    /* A sentence for the log: files ran out, … . From the acceptor's thread; NULL: nobody
     * listens. */
    void (*report)(void *state, const char *text);
    void *report_state;
};

struct net_server;

/* Binds, listens and serves. Options and handler are copied; what they point to is borrowed
 * until close, but for the texts in listen. FAILED_PRECONDITION: an address is in use or may not
 * be bound; INVALID_ARGUMENT: not an address. */
enum base_code net_server_open(const struct net_options *options, const struct net_handler *handler,
                               struct net_server **server, struct base_error *error);

/* Where the listener really listens: the port that the kernel chose for 0. Lives as long as the
 * server. */
const char *net_server_url(const struct net_server *server, size_t index);

/* Stops accepting, answers what was received, sends it, closes; after timeout_ms whatever is
 * left is cut. Any thread; returns at once. */
void net_server_drain(struct net_server *server, uint32_t timeout_ms);

/* A file descriptor that becomes readable when the last loop has ended after a drain. Owned by
 * the server. */
int net_server_finished_fd(const struct net_server *server);

/* Cuts what is left, waits for the threads, frees. Takes NULL. */
void net_server_close(struct net_server *server);

void net_server_counters(const struct net_server *server, struct net_counters *counters);

/* Connections that are open now. */
unsigned net_server_open_connections(const struct net_server *server);

#endif
