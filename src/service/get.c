#include "service/get.h"

#include "rpc/later.h"
#include "service/metrics.h"
#include "service/paper_metrics.h"
#include "service/resource.h"
#include "store/recall.h"
#include "wire/fields.h"
#include "wire/messages.h"
#include "wire/read.h"
#include "wire/write.h"

/* The message as field `computed` behind what the payload holds. */
static enum base_code put_computed(const struct rpc_call *call, uint32_t number,
                                   const struct ProtobufCMessage *message,
                                   struct base_buffer *payload, struct base_error *error)
{
    struct wire_mark mark = wire_begin(payload, number, 1000);
    enum base_code code = service_put_message(call, message, payload, error);
    wire_end(payload, mark);
    return code;
}

static enum base_code get_author_computed(struct rpc_call *call, struct service_session *session,
                                          const Hirsch__V1__GetAuthorRequest *request,
                                          const struct store_author *author,
                                          const struct service_view *view,
                                          struct base_buffer *payload, struct base_error *error)
{
    unsigned groups;
    struct service_scope scope;
    struct service_set set;
    Hirsch__V1__SetMetrics *metrics = NULL;
    enum base_code code =
        service_groups_read(call, request->groups, request->n_groups, 0, &groups, error);
    if (code == BASE_OK) {
        code = service_scope_read(call, session, NULL, &scope, error);
    }
    if (code == BASE_OK) {
        code = service_set_of(call, session, MODEL_AUTHOR, author->number, &set, error);
    }
    if (code == BASE_OK && call->later == NULL && !service_is_small(&set)) {
        return rpc_run_later(call, service_get_author, request, error);
    }
    if (code == BASE_OK) {
        code = service_put_author(session, WIRE_GET_AUTHOR_RESPONSE_AUTHOR, author, view, payload,
                                  error);
    }
    if (code == BASE_OK) {
        code = service_measure(call, session, &set, NULL, &scope, groups, &metrics, error);
    }
    return code == BASE_OK ? put_computed(call, WIRE_GET_AUTHOR_RESPONSE_COMPUTED, &metrics->base,
                                          payload, error)
                           : code;
}

static enum base_code get_paper_computed(struct rpc_call *call, struct service_session *session,
                                         const Hirsch__V1__GetPaperRequest *request,
                                         const struct store_paper *paper,
                                         const struct service_view *view,
                                         struct base_buffer *payload, struct base_error *error)
{
    Hirsch__V1__PaperIndicators *indicators = NULL;
    uint64_t weight;
    enum base_code code = service_paper_weight(session, paper->number, &weight, error);
    if (code == BASE_OK && call->later == NULL && weight > LIMIT_LOOP_SET) {
        return rpc_run_later(call, service_get_paper, request, error);
    }
    if (code == BASE_OK) {
        code = service_put_read_paper(call, session, WIRE_GET_PAPER_RESPONSE_PAPER, paper, view,
                                      payload, error);
    }
    if (code == BASE_OK) {
        code =
            service_paper_indicators(call, session, paper->number, NULL, NULL, &indicators, error);
    }
    return code == BASE_OK ? put_computed(call, WIRE_GET_PAPER_RESPONSE_COMPUTED, &indicators->base,
                                          payload, error)
                           : code;
}

static enum base_code find_author(struct rpc_call *call, struct service_session *session,
                                  struct base_slice text, struct store_author *author,
                                  struct base_error *error)
{
    const struct service_asked asked = {"id", text,
                                        store_recall_key(session->reader, MODEL_AUTHOR, text)};
    return service_read_author(call, session, &asked, author, error);
}

static enum base_code find_paper(struct rpc_call *call, struct service_session *session,
                                 struct base_slice text, struct store_paper *paper,
                                 struct base_error *error)
{
    const struct service_asked asked = {"id", text,
                                        store_recall_key(session->reader, MODEL_PAPER, text)};
    return service_read_paper(call, session, &asked, paper, error);
}

bool service_get_author_plain(struct rpc_call *call, struct base_buffer *payload,
                              enum base_code *code, struct base_error *error)
{
    struct service_session *session;
    struct store_author author;
    struct base_slice id;
    if (!wire_only_string(call->payload, WIRE_GET_AUTHOR_REQUEST_ID, &id)) {
        return false;
    }
    *code = service_begin(call, &session, error);
    if (*code == BASE_OK) {
        *code = find_author(call, session, id, &author, error);
    }
    if (*code == BASE_OK) {
        *code = service_put_author(session, WIRE_GET_AUTHOR_RESPONSE_AUTHOR, &author, &service_full,
                                   payload, error);
    }
    return true;
}

enum base_code service_get_author(struct rpc_call *call, const void *message,
                                  struct base_buffer *payload, struct base_error *error)
{
    const Hirsch__V1__GetAuthorRequest *request = message;
    struct service_session *session;
    struct store_author author;
    struct service_view view = service_full;
    enum base_code code = service_begin(call, &session, error);
    if (code == BASE_OK) {
        code = service_author_view(call, (int)request->view, &view, error);
    }
    if (code == BASE_OK) {
        code = find_author(call, session, base_slice_text(request->id), &author, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    if (request->n_groups > 0) {
        return get_author_computed(call, session, request, &author, &view, payload, error);
    }
    return service_put_author(session, WIRE_GET_AUTHOR_RESPONSE_AUTHOR, &author, &view, payload,
                              error);
}

bool service_get_paper_plain(struct rpc_call *call, struct base_buffer *payload,
                             enum base_code *code, struct base_error *error)
{
    struct service_session *session;
    struct store_paper paper;
    struct base_slice id;
    if (!wire_only_string(call->payload, WIRE_GET_PAPER_REQUEST_ID, &id)) {
        return false;
    }
    *code = service_begin(call, &session, error);
    if (*code == BASE_OK) {
        *code = find_paper(call, session, id, &paper, error);
    }
    if (*code == BASE_OK) {
        *code = service_put_read_paper(call, session, WIRE_GET_PAPER_RESPONSE_PAPER, &paper,
                                       &service_full, payload, error);
    }
    return true;
}

enum base_code service_get_paper(struct rpc_call *call, const void *message,
                                 struct base_buffer *payload, struct base_error *error)
{
    const Hirsch__V1__GetPaperRequest *request = message;
    struct service_session *session;
    struct store_paper paper;
    struct service_view view = service_full;
    enum base_code code = service_begin(call, &session, error);
    if (code == BASE_OK) {
        code = service_paper_view(call, (int)request->view, &view, error);
    }
    if (code == BASE_OK) {
        code = find_paper(call, session, base_slice_text(request->id), &paper, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    if (request->indicators) {
        return get_paper_computed(call, session, request, &paper, &view, payload, error);
    }
    return service_put_read_paper(call, session, WIRE_GET_PAPER_RESPONSE_PAPER, &paper, &view,
                                  payload, error);
}

/* Both batches; their messages have one shape. */
struct batch {
    enum model_entity entity;
    struct service_view view;
    size_t count;
    char *const *ids;
};

static enum base_code put_entity(struct rpc_call *call, struct service_session *session,
                                 const struct batch *batch, const struct service_asked *asked,
                                 struct base_buffer *payload, struct base_error *error)
{
    if (batch->entity == MODEL_AUTHOR) {
        struct store_author author;
        enum base_code code = service_read_author(call, session, asked, &author, error);
        return code == BASE_OK ? service_put_author(session, WIRE_RESULT_ENTITY, &author,
                                                    &batch->view, payload, error)
                               : code;
    }
    struct store_paper paper;
    enum base_code code = service_read_paper(call, session, asked, &paper, error);
    return code == BASE_OK ? service_put_read_paper(call, session, WIRE_RESULT_ENTITY, &paper,
                                                    &batch->view, payload, error)
                           : code;
}

/* One item, found or not. What fails here fails this item alone. */
static void put_result(struct rpc_call *call, struct service_session *session,
                       const struct batch *batch, const struct service_asked *asked,
                       struct base_buffer *payload)
{
    struct wire_mark mark = wire_begin(payload, WIRE_BATCH_RESPONSE_RESULTS, 1000);
    wire_put_bytes(payload, WIRE_RESULT_ID, asked->text);
    size_t before = payload->size;
    struct base_error error;
    error.text[0] = '\0';
    enum base_code code = put_entity(call, session, batch, asked, payload, &error);
    if (code != BASE_OK) {
        /* Of the item, not of the call. */
        call->detail_reason = NULL;
        call->detail_field = NULL;
        payload->size = before;
        struct wire_mark inner = wire_begin(payload, WIRE_RESULT_ERROR, 100);
        wire_put_uint(payload, WIRE_ITEM_ERROR_CODE, (uint64_t)code);
        wire_put_text(payload, WIRE_ITEM_ERROR_MESSAGE, error.text);
        wire_end(payload, inner);
    }
    wire_end(payload, mark);
}

/* Rows lie anywhere in memory: while one answer is written, those of the next ones are fetched. */
static enum base_code answer_batch(struct rpc_call *call, const struct batch *batch,
                                   struct base_buffer *payload, struct base_error *error)
{
    enum { AHEAD = 8 };
    struct service_session *session;
    enum base_code code = service_begin(call, &session, error);
    if (code != BASE_OK) {
        return code;
    }
    code = service_check_batch(call, batch->count, error);
    if (code != BASE_OK) {
        return code;
    }
    struct service_asked *asked = base_arena_array(call->arena, batch->count, sizeof *asked);
    if (asked == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the batch");
    }
    size_t start = payload->size;
    for (size_t step = 0; step < batch->count + 2 * AHEAD; step++) {
        if (step < batch->count) {
            struct base_slice text = base_slice_text(batch->ids[step]);
            asked[step] = (struct service_asked){
                "ids", text, store_recall_key(session->reader, batch->entity, text)};
        }
        size_t ahead = step - AHEAD; /* below 0: more than there are */
        if (ahead < batch->count) {
            store_recall_ahead(session->reader, asked[ahead].key);
        }
        size_t now = step - 2 * AHEAD;
        if (now >= batch->count) {
            continue;
        }
        put_result(call, session, batch, &asked[now], payload);
        if (payload->failed || payload->size - start > call->max_payload) {
            return rpc_fail_reply_limit(call, error);
        }
    }
    return BASE_OK;
}

enum base_code service_batch_get_authors(struct rpc_call *call, const void *message,
                                         struct base_buffer *payload, struct base_error *error)
{
    const Hirsch__V1__BatchGetAuthorsRequest *request = message;
    struct batch batch = {
        .entity = MODEL_AUTHOR, .view = service_full, .count = request->n_ids, .ids = request->ids};
    enum base_code code = service_author_view(call, (int)request->view, &batch.view, error);
    return code == BASE_OK ? answer_batch(call, &batch, payload, error) : code;
}

enum base_code service_batch_get_papers(struct rpc_call *call, const void *message,
                                        struct base_buffer *payload, struct base_error *error)
{
    const Hirsch__V1__BatchGetPapersRequest *request = message;
    struct batch batch = {
        .entity = MODEL_PAPER, .view = service_basic, .count = request->n_ids, .ids = request->ids};
    enum base_code code = service_paper_view(call, (int)request->view, &batch.view, error);
    return code == BASE_OK ? answer_batch(call, &batch, payload, error) : code;
}
