/* The daemon's refresh of cohorts, from time to time, on a thread of its own. */
#ifndef SERVER_BACKGROUND_H
#define SERVER_BACKGROUND_H

#include <pthread.h>
#include <stdatomic.h>

#include "server/job.h"
#include "store/store.h"

struct server_background {
    const struct server_settings *settings; /* borrowed, like the store */
    struct store *store;
    pthread_t thread;
    bool running;
    atomic_bool stop;
};

/* The first refresh begins at once, others when something has changed, a minute or ten times the
 * last one's duration apart. */
enum base_code server_background_begin(struct server_background *background,
                                       const struct server_settings *settings, struct store *store,
                                       struct base_error *error);
/* Stops between two transactions. Before the store is closed; nothing when it does not run. */
void server_background_end(struct server_background *background);

#endif
