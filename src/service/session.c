#include "service/session.h"

#include <stdlib.h>

#include "service/graph.h"
#include "store/write.h"

void *service_session_new(void *state, struct base_error *error)
{
    struct service_session *session = calloc(1, sizeof *session);
    if (session == NULL) {
        base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for a session");
        return NULL;
    }
    session->state = state;
    if (store_reader_new(session->state->store, &session->reader, error) != BASE_OK) {
        free(session);
        return NULL;
    }
    return session;
}

void service_session_free(void *opaque)
{
    struct service_session *session = opaque;
    if (session != NULL) {
        service_graph_free(session->graph);
        store_reader_free(session->reader);
        free(session);
    }
}

void service_session_rest(void *opaque)
{
    struct service_session *session = opaque;
    session->info_known = false;
    store_reader_rest(session->reader);
}

enum base_code service_info(struct service_session *session, const struct store_info **info,
                            struct base_error *error)
{
    if (!session->info_known) {
        enum base_code code = store_read_info(session->reader, &session->info, error);
        if (code != BASE_OK) {
            return code;
        }
        session->info_known = true;
    }
    *info = &session->info;
    return BASE_OK;
}

void service_epoch_text(const uint8_t epoch[STORE_EPOCH], char text[2 * STORE_EPOCH])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < STORE_EPOCH; i++) {
        text[2 * i] = digits[epoch[i] >> 4];
        text[2 * i + 1] = digits[epoch[i] & 15];
    }
}

static bool is_epoch(struct base_slice hex, const uint8_t epoch[STORE_EPOCH])
{
    char text[2 * STORE_EPOCH];
    service_epoch_text(epoch, text);
    return base_slice_equal(hex, base_slice(text, sizeof text));
}

static enum base_code check_position(const struct rpc_call *call, struct service_session *session,
                                     struct base_error *error)
{
    const struct store_info *info;
    enum base_code code = service_info(session, &info, error);
    if (code != BASE_OK) {
        return code;
    }
    if (call->epoch.size > 0 && !is_epoch(call->epoch, info->epoch)) {
        return base_fail(error, BASE_FAILED_PRECONDITION,
                         "the data was loaded anew since: hirsch-epoch %.*s is not that of this "
                         "store; read again without hirsch-epoch and hirsch-min-sequence",
                         BASE_PRINT(call->epoch));
    }
    if (call->has_min_sequence && info->sequence < call->min_sequence) {
        return base_fail(error, BASE_UNAVAILABLE,
                         "sequence %llu is not reached here yet, this store is at %llu; try again "
                         "or ask another server",
                         (unsigned long long)call->min_sequence,
                         (unsigned long long)info->sequence);
    }
    return BASE_OK;
}

enum base_code service_begin(struct rpc_call *call, struct service_session **session,
                             struct base_error *error)
{
    struct service_session *made = call->session;
    uint64_t committed = store_committed(made->state->store);
    if (committed != made->committed) {
        service_session_rest(made);
        made->committed = committed;
    }
    *session = made;
    if (call->epoch.size == 0 && !call->has_min_sequence) {
        return BASE_OK;
    }
    return check_position(call, made, error);
}

enum base_code service_parse_id(struct rpc_call *call, enum model_entity entity, const char *field,
                                struct base_slice text, struct model_id *id,
                                struct base_error *error)
{
    enum base_code code = BASE_OK;
    struct model_id parsed = {MODEL_NO_SCHEME, {NULL, 0}};
    if (text.size == 0) {
        code =
            base_fail(error, BASE_INVALID_ARGUMENT,
                      "it is empty; an id has the form scheme:value, for example %s",
                      entity == MODEL_AUTHOR ? "openalex:A5023888391" : "doi:10.7717/peerj.4375");
    } else {
        code = model_id_parse(text, call->arena, &parsed, error);
    }
    if (code == BASE_OK && !model_id_fits(&parsed, entity)) {
        char shown[MODEL_ID_TEXT];
        model_id_text(&parsed, shown);
        code = base_fail(error, BASE_INVALID_ARGUMENT, "%s cannot name %s", shown,
                         entity == MODEL_AUTHOR ? "an author" : "a paper");
    }
    if (code != BASE_OK) {
        base_error_prefix(error, "field %s", field);
        call->detail_reason = code == BASE_INVALID_ARGUMENT ? "ID_INVALID" : NULL;
        call->detail_field = field;
        return code;
    }
    *id = parsed;
    return BASE_OK;
}

enum base_code service_find(struct rpc_call *call, struct service_session *session,
                            enum model_entity entity, const char *field, const char *text,
                            struct model_id *id, uint32_t *number, struct base_error *error)
{
    struct model_id parsed;
    struct store_ref ref;
    enum base_code code =
        service_parse_id(call, entity, field, base_slice_text(text), &parsed, error);
    if (code == BASE_OK) {
        code = store_find(session->reader, entity, &parsed, &ref, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    *id = parsed;
    *number = ref.number;
    return BASE_OK;
}

enum base_code service_check_batch(struct rpc_call *call, size_t count, struct base_error *error)
{
    if (count > 0 && count <= LIMIT_BATCH) {
        return BASE_OK;
    }
    call->detail_reason = "BATCH_SIZE";
    call->detail_field = "ids";
    return base_fail(error, BASE_INVALID_ARGUMENT,
                     "field ids: %zu ids were given; a batch holds 1 to %d", count, LIMIT_BATCH);
}
