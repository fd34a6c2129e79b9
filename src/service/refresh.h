/* hirsch.v1.DatasetService/RefreshCohorts: hands the request to whoever computes cohorts. */
#ifndef SERVICE_REFRESH_H
#define SERVICE_REFRESH_H

#include "service/service.h"

#define SERVICE_REFRESH_COHORTS "hirsch.v1.DatasetService/RefreshCohorts"

/* One request that waits for a refresh; lives in the arena of its deferred call. */
struct service_refresh {
    struct rpc_later *later;
    struct service_refresh *next; /* for the list of who has taken it over */
};

/* What stands after a refresh. */
struct service_refreshed {
    uint64_t sequence;
    uint32_t cohorts;
    uint32_t members;
};

enum base_code service_refresh_cohorts(struct rpc_call *call, const void *request,
                                       struct base_buffer *payload, struct base_error *error);

/* Answers a request that was taken over, once, on any thread; it is gone afterwards. refreshed:
 * with BASE_OK; error: with another code. */
void service_refresh_done(struct service_refresh *refresh, enum base_code code,
                          const struct base_error *error,
                          const struct service_refreshed *refreshed);

#endif
