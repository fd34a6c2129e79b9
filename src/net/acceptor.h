/* The one thread that owns the listening sockets: accepts, keeps the caps, deals connections to
 * the loops in turn. */
#ifndef NET_ACCEPTOR_H
#define NET_ACCEPTOR_H

#include "net/listener.h"
#include "net/loop.h"

struct net_acceptor {
    uv_loop_t uv;
    uv_async_t wake;
    uv_timer_t retry; /* while files have run out */
    uv_thread_t thread;
    struct net_shared *shared;
    struct net_loop *loops; /* borrowed */
    unsigned loop_count;
    unsigned turn;                                      /* who gets the next connection */
    struct net_listener listeners[NET_LISTEN_MOST + 1]; /* own_ipc is the last one */
    uv_poll_t polls[NET_LISTEN_MOST + 1];
    size_t listener_count;
    struct net_counter_cells counters;
    uint64_t reported_ms; /* when a shortage of files was last reported; 0: never */
    bool initialised;
    bool started;
    bool paused; /* for want of files */
    bool closed; /* no listening socket is left */

    pthread_mutex_t mutex; /* guards what follows */
    bool drain_ordered;
    bool stop_ordered;
    bool end_ordered;
    uint32_t drain_timeout_ms;
};

/* Opens the listeners; serves from start on. */
enum base_code net_acceptor_init(struct net_acceptor *acceptor, struct net_shared *shared,
                                 struct net_loop *loops, struct base_error *error);
enum base_code net_acceptor_start(struct net_acceptor *acceptor, struct base_error *error);

/* Any thread: closes the listeners and passes the order on to every loop. */
void net_acceptor_order_drain(struct net_acceptor *acceptor, uint32_t timeout_ms);
void net_acceptor_order_stop(struct net_acceptor *acceptor);

/* Ends the thread and frees. The threads of all loops have ended before. */
void net_acceptor_fini(struct net_acceptor *acceptor);

#endif
