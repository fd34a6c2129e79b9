/* What each method means: hirsch.v1.AuthorService and PaperService over a store. Knows no socket
 * and no LMDB. */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include "rpc/rpc.h"
#include "store/store.h"

struct store_writes;

/* What the methods work on; all borrowed. */
struct service_state {
    struct store *store;
    struct store_writes *writes; /* NULL: this server only reads */
    int64_t (*unix_us)(void);    /* the clock: microseconds since 1970 */
};

/* The methods over that state, for rpc_server_new. The state outlives every session; a session
 * holds one reader of the store. Nothing is allocated here. */
struct rpc_service service_open(struct service_state *state);

#endif
