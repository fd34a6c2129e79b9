/* What each method means: hirsch.v1.AuthorService and PaperService over a store. Knows no socket
 * and no LMDB. */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include "rpc/rpc.h"
#include "store/store.h"

struct store_writes;
struct service_refresh;

/* What the methods work on; all borrowed. */
struct service_state {
    struct store *store;
    struct store_writes *writes; /* NULL: this server only reads */
    int64_t (*unix_us)(void);    /* the clock: microseconds since 1970 */
    /* Takes over a request to compute cohorts: service_refresh_done answers it, from whatever
     * thread and even before this returns. NULL: this server does not compute any. */
    void (*refresh)(void *refresh_context, struct service_refresh *refresh);
    void *refresh_context;
};

/* The methods over that state, for rpc_server_new. The state outlives every session; a session
 * holds one reader of the store. Nothing is allocated here. */
struct rpc_service service_open(struct service_state *state);

#endif
