/* Requests whose replies come later, and from whatever thread: what net keeps of them, and how
 * their replies find back to their loop. */
#ifndef NET_HELD_H
#define NET_HELD_H

#include <pthread.h>
#include <stdatomic.h>
#include <uv.h>

#include "base/limits.h"
#include "net/handler.h"

enum { NET_BACKTRACE_MOST = LIMIT_SP_HOPS * 4 };

struct net_sp_connection;

/* Where other threads leave replies for one loop. Counted: by its loop and by each held request,
 * so that a reply may come after the loop and even the server are gone. */
struct net_mailbox {
    atomic_uint references;
    pthread_mutex_t mutex; /* guards what follows */
    uv_async_t *wake;      /* NULL: the loop takes no replies any more */
    struct net_held *first;
    struct net_held *last;
};

struct net_held {
    struct net_mailbox *mailbox;
    /* The loop's thread only: NULL once the connection is gone; its list. */
    struct net_sp_connection *connection;
    struct net_held *previous;
    struct net_held *next;
    struct net_held *next_replied; /* the mailbox's */
    struct base_buffer reply;      /* the holder's until it is in the mailbox, then the loop's */
    atomic_bool gone;
    uint8_t backtrace_size;
    char backtrace[NET_BACKTRACE_MOST];
};

/* A request while the handler looks at it: on the stack of the loop's thread. */
struct net_request {
    struct net_sp_connection *connection;
    struct base_slice backtrace;
    uint32_t retry_ms; /* 0: there is room */
};

/* NULL when memory is out. */
struct net_mailbox *net_mailbox_new(uv_async_t *wake);
/* The loop ends: what is in it is dropped, what comes later too. Gives the loop's reference back;
 * no connection of the loop exists any more. Takes NULL. */
void net_mailbox_close(struct net_mailbox *mailbox);
/* All replies that came since the last time, in the order in which they came; linked by
 * next_replied. */
struct net_held *net_mailbox_take(struct net_mailbox *mailbox);

/* The loop's thread: takes it out of its connection's list and frees it. */
void net_held_free(struct net_held *held);

/* The connection closes: whoever works for its held requests can see it from here on. */
void net_held_abandon_all(struct net_sp_connection *connection);

#endif
