#include "service/refresh.h"

#include "rpc/later.h"
#include "service/session.h"
#include "wire/messages.h"
#include "wire/unpack.h"

enum base_code service_refresh_cohorts(struct rpc_call *call, const void *request,
                                       struct base_buffer *payload, struct base_error *error)
{
    struct service_session *session;
    struct rpc_later *later = NULL;
    (void)request;
    (void)payload;
    enum base_code code = service_begin(call, &session, error);
    if (code != BASE_OK) {
        return code;
    }
    const struct service_state *state = session->state;
    if (state->refresh == NULL) {
        return base_fail(error, BASE_FAILED_PRECONDITION,
                         "this server only reads and computes no cohorts; ask the one that was "
                         "started without --read-only");
    }
    code = rpc_defer(call, &later, error);
    if (code != BASE_OK) {
        return code;
    }
    struct service_refresh *made = base_arena_alloc(rpc_later_call(later)->arena, sizeof *made);
    if (made == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the request");
    }
    *made = (struct service_refresh){.later = later};
    state->refresh(state->refresh_context, made);
    return BASE_OK;
}

void service_refresh_done(struct service_refresh *refresh, enum base_code code,
                          const struct base_error *error, const struct service_refreshed *refreshed)
{
    struct rpc_later *later = refresh->later;
    struct base_buffer payload = BASE_BUFFER_EMPTY;
    struct base_error no_memory;
    if (code == BASE_OK) {
        Hirsch__V1__RefreshCohortsResponse response = HIRSCH__V1__REFRESH_COHORTS_RESPONSE__INIT;
        response.sequence = refreshed->sequence;
        response.cohort_count = refreshed->cohorts;
        response.paper_count = refreshed->members;
        wire_pack(&response.base, &payload);
    }
    if (payload.failed) {
        error = &no_memory;
        code = base_fail(&no_memory, BASE_RESOURCE_EXHAUSTED, "no memory for the reply");
    }
    rpc_later_finish(later, code, error, base_buffer_slice(&payload));
    base_buffer_fini(&payload);
}
