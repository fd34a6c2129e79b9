/* The threads that run calls off the event loops: few, each with a session of its own, behind a
 * bounded queue. For rpc's own files. */
#ifndef RPC_POOL_H
#define RPC_POOL_H

#include <pthread.h>
#include <stdbool.h>

#include "rpc/rpc.h"

struct rpc_later;

struct rpc_pool {
    struct rpc_server *server; /* borrowed */
    unsigned threads_most;
    unsigned waiting_most;

    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    struct rpc_later *first; /* linked by next */
    struct rpc_later *last;
    unsigned waiting;
    unsigned running;
    unsigned threads;
    bool ending;
    pthread_t thread[LIMIT_WORKERS];
};

void rpc_pool_init(struct rpc_pool *pool, struct rpc_server *server, unsigned threads,
                   unsigned waiting);

/* Answers what waits with UNAVAILABLE, ends the threads when they are done. */
void rpc_pool_fini(struct rpc_pool *pool);

/* Its turn comes by rpc_later_run, on a thread of the pool. Threads are made when they are first
 * needed. RESOURCE_EXHAUSTED: as many wait as may, or no thread can be made. */
enum base_code rpc_pool_submit(struct rpc_pool *pool, struct rpc_later *later,
                               struct base_error *error);

#endif
