/* What a session knows of requests that come soon: which rows are on their way into the cache. A
 * request that nobody announced is answered all the same. */
#ifndef SERVICE_AHEAD_H
#define SERVICE_AHEAD_H

#include "base/bytes.h"

/* Ids whose rows are sent for at once. */
enum { SERVICE_AHEAD = 64 };

struct service_ahead {
    uint64_t keys[SERVICE_AHEAD]; /* of store_recall_key; their rows are not sent for yet */
    unsigned count;
};

/* For struct rpc_method: a request that is nothing but an id comes soon. */
void service_expect_author(void *session, struct base_slice payload);
void service_expect_paper(void *session, struct base_slice payload);
/* For struct rpc_service: sends for the rows of all that was announced. */
void service_session_fetch(void *session);

#endif
