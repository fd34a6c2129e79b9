#include "rpc/pool.h"

#include <string.h>

#include "base/signals.h"
#include "rpc/server.h"

void rpc_pool_init(struct rpc_pool *pool, struct rpc_server *server, unsigned threads,
                   unsigned waiting)
{
    BASE_ASSERT(threads >= 1 && threads <= LIMIT_WORKERS && waiting >= 1);
    *pool = (struct rpc_pool){.server = server, .threads_most = threads, .waiting_most = waiting};
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->changed, NULL);
}

void rpc_pool_fini(struct rpc_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    struct rpc_later *left = pool->first;
    pool->first = NULL;
    pool->waiting = 0;
    pool->ending = true;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
    while (left != NULL) {
        struct rpc_later *next = left->next;
        struct base_error error;
        base_fail(&error, BASE_UNAVAILABLE, "the server stops; ask again when it is back");
        rpc_later_finish(left, error.code, &error, (struct base_slice){NULL, 0});
        left = next;
    }
    for (unsigned i = 0; i < pool->threads; i++) {
        pthread_join(pool->thread[i], NULL);
    }
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->mutex);
}

/* Waits for the next one; NULL when the pool ends. */
static struct rpc_later *take(struct rpc_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    while (pool->first == NULL && !pool->ending) {
        pthread_cond_wait(&pool->changed, &pool->mutex);
    }
    struct rpc_later *later = pool->first;
    if (later != NULL) {
        pool->first = later->next;
        pool->waiting--;
        pool->running++;
    }
    pthread_mutex_unlock(&pool->mutex);
    return later;
}

static void *work(void *argument)
{
    struct rpc_pool *pool = argument;
    const struct rpc_service *service = &pool->server->service;
    void *session = NULL;
    struct rpc_later *later;
    while ((later = take(pool)) != NULL) {
        struct base_error error = {.code = BASE_INTERNAL};
        if (session == NULL) {
            session = service->session_new(service->state, &error);
        }
        if (session == NULL) {
            rpc_later_finish(later, error.code, &error, (struct base_slice){NULL, 0});
        } else {
            rpc_later_run(later, session);
        }
        pthread_mutex_lock(&pool->mutex);
        pool->running--;
        pthread_mutex_unlock(&pool->mutex);
    }
    if (session != NULL) {
        service->session_free(session);
    }
    return NULL;
}

/* Called with the mutex held. Signals are for the program's own threads. */
static int start_thread(struct rpc_pool *pool)
{
    sigset_t before;
    base_signals_block(&before);
    int failed = pthread_create(&pool->thread[pool->threads], NULL, work, pool);
    base_signals_restore(&before);
    if (failed == 0) {
        pool->threads++;
    }
    return failed;
}

enum base_code rpc_pool_submit(struct rpc_pool *pool, struct rpc_later *later,
                               struct base_error *error)
{
    enum base_code code = BASE_OK;
    pthread_mutex_lock(&pool->mutex);
    int failed = 0;
    if (pool->waiting + pool->running >= pool->threads && pool->threads < pool->threads_most) {
        failed = start_thread(pool);
    }
    if (pool->threads == 0) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "no thread can be made for this work: %s",
                         strerror(failed));
    } else if (pool->waiting + pool->running >= pool->threads_most + pool->waiting_most) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED,
                         "%u large computations run and %u wait already, which is all that may; "
                         "try again later",
                         pool->running, pool->waiting);
    } else {
        later->next = NULL;
        *(pool->first != NULL ? &pool->last->next : &pool->first) = later;
        pool->last = later;
        pool->waiting++;
        pthread_cond_signal(&pool->changed);
    }
    pthread_mutex_unlock(&pool->mutex);
    return code;
}
