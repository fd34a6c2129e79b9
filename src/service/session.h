/* One loop's view of the store: a reader and what was read once a snapshot. */
#ifndef SERVICE_SESSION_H
#define SERVICE_SESSION_H

#include "rpc/rpc.h"
#include "store/store.h"

/* One thread at a time. */
struct service_session {
    struct store_reader *reader; /* owned */
    bool info_known;             /* info is that of the reader's snapshot */
    struct store_info info;
};

/* For struct rpc_service; state is the struct store. */
void *service_session_new(void *state, struct base_error *error);
void service_session_free(void *session);
void service_session_rest(void *session);

/* Each handler begins here. Checks hirsch-epoch and hirsch-min-sequence against the snapshot:
 * FAILED_PRECONDITION for another epoch, UNAVAILABLE for a sequence that is not reached. */
enum base_code service_begin(struct rpc_call *call, struct service_session **session,
                             struct base_error *error);

/* What the store says of itself in this snapshot. Borrowed until the session rests. */
enum base_code service_info(struct service_session *session, const struct store_info **info,
                            struct base_error *error);

/* Parses `scheme:value` of the request's field and finds the entity. INVALID_ARGUMENT, with the
 * field named: empty, not an id, or of a scheme that never names such an entity. NOT_FOUND as
 * store_find. The id lives in the call's arena. */
enum base_code service_find(struct rpc_call *call, struct service_session *session,
                            enum model_entity entity, const char *field, const char *text,
                            struct model_id *id, uint32_t *number, struct base_error *error);

/* INVALID_ARGUMENT unless that many ids make a batch. */
enum base_code service_check_batch(struct rpc_call *call, size_t count, struct base_error *error);

#endif
