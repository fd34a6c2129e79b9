/* One libuv loop with its thread, its session and its connections; shared state of all loops and
 * the acceptor. */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <pthread.h>
#include <stdatomic.h>
#include <uv.h>

#include "net/held.h"
#include "net/intake.h"
#include "net/server.h"
#include "net/shed.h"

enum {
    /* Requests of one connection answered before others have their turn. */
    NET_TURN_REQUESTS = 256,
    /* After this long a turn ends too, whatever its requests cost. */
    NET_TURN_NS = 2 * 1000 * 1000,
    /* Output memory that a loop keeps between turns. */
    NET_OUTPUT_KEPT = 1024 * 1024,
    /* After the last reply of a drained connection: how long the peer may take to close. */
    NET_LINGER_MS = 250,
};

struct net_sp_connection;

/* Shared by acceptor and loops; lives as long as the server. */
struct net_shared {
    struct net_options options;
    struct net_handler handler;
    atomic_uint open;          /* connections that exist, dealt or not yet */
    atomic_uint loops_running; /* threads that have not ended */
    atomic_bool files_ran_out; /* the acceptor waits for a connection to close */
    uv_async_t *acceptor_wake; /* to be sent then */
    int finished_fd;           /* eventfd, written by the last loop */
};

struct net_loop {
    uv_loop_t uv;
    uv_async_t wake;
    uv_prepare_t before_poll;
    uv_check_t after_poll;
    uv_idle_t runner;    /* active while a turn is pending: the loop does not block then */
    uv_timer_t sweep;    /* active while there are connections */
    uv_timer_t deadline; /* of a drain */
    uv_thread_t thread;
    struct net_shared *shared;
    void *session;
    struct net_intake intake;    /* of the poll that runs */
    struct base_buffer output;   /* of the turn that runs */
    struct net_mailbox *mailbox; /* of replies that come later; NULL once the handles are closed */
    struct net_sp_connection *connections;
    struct net_sp_connection *runnable_first;
    struct net_sp_connection *runnable_last;
    size_t runnable_count;
    struct net_counter_cells counters;
    struct net_shed shed;
    uint64_t now_ns;    /* last reading of the clock in this round, before or between requests */
    uint64_t taken;     /* bytes of requests answered since the last poll */
    uint64_t left;      /* bytes of requests that were seen to wait, on all connections */
    uint64_t receiving; /* memory of requests that are half received, on all connections */
    uint64_t receiving_most;
    bool initialised;
    bool started;      /* has a thread */
    bool session_used; /* since the last rest */
    bool draining;
    bool ending; /* handles are closed */

    pthread_mutex_t mutex; /* guards what follows: orders to the loop */
    struct net_sp_connection *dealt;
    bool ended; /* takes no orders any more */
    bool drain_ordered;
    bool stop_ordered;
    uint32_t drain_timeout_ms;
};

enum base_code net_loop_init(struct net_loop *loop, struct net_shared *shared,
                             struct base_error *error);
enum base_code net_loop_start(struct net_loop *loop, struct base_error *error);

/* Waits for the thread to end, if there is one; the loop was told to stop before. */
void net_loop_join(struct net_loop *loop);

/* After join, and when the acceptor has ended: nobody orders or deals any more. */
void net_loop_fini(struct net_loop *loop);

/* From the acceptor's thread. The loop owns the connection from here on. */
void net_loop_deal(struct net_loop *loop, struct net_sp_connection *connection);
void net_loop_order_drain(struct net_loop *loop, uint32_t timeout_ms);
void net_loop_order_stop(struct net_loop *loop);

/* For connections, on the loop's thread. */
void net_loop_add(struct net_loop *loop, struct net_sp_connection *connection);
void net_loop_remove(struct net_loop *loop, struct net_sp_connection *connection);
/* Gives it a turn in the next round without waiting for its socket. */
void net_loop_run_soon(struct net_loop *loop, struct net_sp_connection *connection);
/* Closes connections inside a request, those that began it first, while half requests take more
 * memory than they may. */
void net_loop_make_room(struct net_loop *loop);
/* For what reads: tells the handler of requests to come. */
void net_loop_ahead(struct net_loop *loop, const struct base_slice *requests, unsigned count);
/* One connection less, on any thread: counts, wakes an acceptor that waits for files. */
void net_shared_connection_gone(struct net_shared *shared);

#endif
