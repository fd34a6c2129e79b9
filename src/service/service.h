/* What each method means: hirsch.v1.AuthorService and PaperService over a store. Knows no socket
 * and no LMDB. */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include "rpc/rpc.h"
#include "store/store.h"

/* The methods over that store, for rpc_server_new. The store is borrowed and outlives every
 * session; a session holds one reader of it. Nothing is allocated here. */
struct rpc_service service_open(struct store *store);

#endif
