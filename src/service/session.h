/* One loop's view of the store: a reader and what was read once a snapshot. */
#ifndef SERVICE_SESSION_H
#define SERVICE_SESSION_H

#include "rpc/rpc.h"
#include "service/ahead.h"
#include "service/service.h"
#include "store/store.h"

struct service_graph;

/* One thread at a time. */
struct service_session {
    const struct service_state *state; /* borrowed */
    struct store_reader *reader;       /* owned */
    /* What was committed before the snapshot was taken. When more is, the snapshot is renewed. */
    uint64_t committed;
    bool info_known; /* info is that of the reader's snapshot */
    struct store_info info;
    struct service_ahead ahead;
    struct service_graph *graph; /* owned; made by the first question about metrics */
};

/* For struct rpc_service; state is the struct service_state. */
void *service_session_new(void *state, struct base_error *error);
void service_session_free(void *session);
void service_session_rest(void *session);

/* Each handler begins here. Renews a snapshot that is older than the last committed change, so that
 * a read that begins after a write was acknowledged sees it on every loop. Checks hirsch-epoch and
 * hirsch-min-sequence against the snapshot: FAILED_PRECONDITION for another epoch, UNAVAILABLE for
 * a sequence that is not reached. */
enum base_code service_begin(struct rpc_call *call, struct service_session **session,
                             struct base_error *error);

/* What the store says of itself in this snapshot. Borrowed until the session rests. */
enum base_code service_info(struct service_session *session, const struct store_info **info,
                            struct base_error *error);

/* In lower-case hex digits. */
void service_epoch_text(const uint8_t epoch[STORE_EPOCH], char text[2 * STORE_EPOCH]);

/* Parses `scheme:value` of the request's field. INVALID_ARGUMENT, with the field named: empty, not
 * an id, or of a scheme that never names such an entity. The id lives in the call's arena. */
enum base_code service_parse_id(struct rpc_call *call, enum model_entity entity, const char *field,
                                struct base_slice text, struct model_id *id,
                                struct base_error *error);

/* The same, and finds the entity: NOT_FOUND as store_find. */
enum base_code service_find(struct rpc_call *call, struct service_session *session,
                            enum model_entity entity, const char *field, const char *text,
                            struct model_id *id, uint32_t *number, struct base_error *error);

/* INVALID_ARGUMENT unless that many ids make a batch. */
enum base_code service_check_batch(struct rpc_call *call, size_t count, struct base_error *error);

#endif
