#include "client/convert.h"
#include "client/exchange.h"
#include "client/methods.h"

static enum base_code convert_paper(const ProtobufCMessage *response, size_t expected, void *result,
                                    struct client_failure *failure)
{
    (void)expected;
    const Hirsch__V1__GetPaperResponse *answer = (const void *)response;
    return client_convert_paper(answer->paper, client_result_arena(result), result)
               ? BASE_OK
               : client_memory_out(failure);
}

enum hirsch_code hirsch_get_paper(hirsch_client *client, const char *id,
                                  enum hirsch_paper_view view,
                                  const struct hirsch_call_options *call,
                                  const struct hirsch_paper **paper, hirsch_error **error)
{
    static const struct client_method method = {CLIENT_GET_PAPER,
                                                &hirsch__v1__get_paper_response__descriptor,
                                                sizeof(struct hirsch_paper), convert_paper};
    struct client_failure failure = CLIENT_FAILURE_NONE;
    if (client_check_id(id, &failure) != BASE_OK) {
        return client_refuse(client, error, &failure);
    }
    Hirsch__V1__GetPaperRequest request = HIRSCH__V1__GET_PAPER_REQUEST__INIT;
    request.id = client_text(id);
    request.view = (Hirsch__V1__PaperView)view;
    return client_ask(client, &method, &request.base, 0, call, paper, error);
}

static enum base_code convert_batch(const ProtobufCMessage *response, size_t expected, void *result,
                                    struct client_failure *failure)
{
    const Hirsch__V1__BatchGetPapersResponse *answer = (const void *)response;
    struct hirsch_paper_batch *made = result;
    struct base_arena *arena = client_result_arena(made);
    if (answer->n_results != expected) {
        return client_wrong_count(answer->n_results, expected, failure);
    }
    struct hirsch_paper_item *items = base_arena_array(arena, answer->n_results, sizeof *items);
    if (items == NULL) {
        return client_memory_out(failure);
    }
    for (size_t i = 0; i < answer->n_results; i++) {
        const Hirsch__V1__PaperResult *from = answer->results[i];
        items[i].id = from->id;
        if (from->result_case != HIRSCH__V1__PAPER_RESULT__RESULT_PAPER) {
            const Hirsch__V1__ItemError *why =
                from->result_case == HIRSCH__V1__PAPER_RESULT__RESULT_ERROR ? from->error : NULL;
            items[i].code = client_item_code(why);
            items[i].message = client_item_message(why);
            continue;
        }
        struct hirsch_paper *paper = base_arena_zalloc(arena, sizeof *paper);
        if (paper == NULL || !client_convert_paper(from->paper, arena, paper)) {
            return client_memory_out(failure);
        }
        items[i].paper = paper;
        items[i].code = HIRSCH_OK;
        items[i].message = "";
    }
    made->count = answer->n_results;
    made->items = items;
    return BASE_OK;
}

enum hirsch_code hirsch_batch_get_papers(hirsch_client *client, const char *const *ids,
                                         size_t count, enum hirsch_paper_view view,
                                         const struct hirsch_call_options *call,
                                         const struct hirsch_paper_batch **batch,
                                         hirsch_error **error)
{
    static const struct client_method method = {CLIENT_BATCH_GET_PAPERS,
                                                &hirsch__v1__batch_get_papers_response__descriptor,
                                                sizeof(struct hirsch_paper_batch), convert_batch};
    struct client_failure failure = CLIENT_FAILURE_NONE;
    if (client_check_batch(ids, count, &failure) != BASE_OK) {
        return client_refuse(client, error, &failure);
    }
    Hirsch__V1__BatchGetPapersRequest request = HIRSCH__V1__BATCH_GET_PAPERS_REQUEST__INIT;
    request.n_ids = count;
    request.ids = (char **)(uintptr_t)ids;
    request.view = (Hirsch__V1__PaperView)view;
    return client_ask(client, &method, &request.base, count, call, batch, error);
}
