/* The daemon's refresh of cohorts, from time to time and on request, on a thread of its own. */
#ifndef SERVER_BACKGROUND_H
#define SERVER_BACKGROUND_H

#include <pthread.h>
#include <stdatomic.h>

#include "server/job.h"
#include "service/refresh.h"
#include "store/store.h"

struct server_background {
    const struct server_settings *settings; /* borrowed, like the store */
    struct store *store;
    pthread_t thread;
    bool running;
    atomic_bool stop;
    pthread_mutex_t lock; /* of what stands below */
    pthread_cond_t woken;
    struct service_refresh *asked; /* waiting for a refresh that has not begun */
    bool ended;                    /* nobody refreshes any more */
};

void server_background_init(struct server_background *background);
/* After server_background_end, or instead of it. */
void server_background_fini(struct server_background *background);

/* The first refresh begins at once, others when something has changed, a minute or ten times the
 * last one's duration apart. */
enum base_code server_background_begin(struct server_background *background,
                                       const struct server_settings *settings, struct store *store,
                                       struct base_error *error);

/* For service_state.refresh, from server_background_init on: the request is answered by a refresh
 * that begins after it, or with UNAVAILABLE when the daemon stops. Any thread. */
void server_background_ask(void *background, struct service_refresh *refresh);

/* Stops within a thousand papers or between two transactions, and answers who waits or comes later.
 * Before the store is closed and before rpc ends; may be called again. */
void server_background_end(struct server_background *background);

#endif
