#include "hirsch/client.h"

#include "client/convert.h"
#include "client/exchange.h"
#include "client/methods.h"

static enum base_code convert_page(const Hirsch__V1__ListAuthorPapersResponse *answer,
                                   struct hirsch_paper_page *made, struct client_failure *failure)
{
    struct base_arena *arena = client_result_arena(made);
    made->next_page_token = answer->next_page_token;
    made->total_size = answer->total_size;
    if (answer->n_papers == 0) {
        return BASE_OK;
    }
    struct hirsch_paper *papers = base_arena_array(arena, answer->n_papers, sizeof *papers);
    if (papers == NULL) {
        return client_memory_out(failure);
    }
    for (size_t i = 0; i < answer->n_papers; i++) {
        if (!client_convert_paper(answer->papers[i], arena, &papers[i])) {
            return client_memory_out(failure);
        }
    }
    made->count = answer->n_papers;
    made->papers = papers;
    return BASE_OK;
}

static enum base_code list_author_papers(struct hirsch_client *client,
                                         const struct hirsch_list_author_papers *asked,
                                         const struct hirsch_call_options *call,
                                         struct hirsch_paper_page *made,
                                         struct client_failure *failure)
{
    if (made == NULL) {
        return client_memory_out(failure);
    }
    if (asked == NULL || asked->size == 0) {
        return base_fail(&failure->error, BASE_INVALID_ARGUMENT,
                         "hirsch_list_author_papers.size is 0; start from "
                         "HIRSCH_LIST_AUTHOR_PAPERS_INIT");
    }
    struct hirsch_list_author_papers filled = HIRSCH_LIST_AUTHOR_PAPERS_INIT;
    memcpy(&filled, asked, asked->size < sizeof filled ? asked->size : sizeof filled);
    enum base_code code = client_check_id(filled.id, failure);
    if (code != BASE_OK) {
        return code;
    }
    Hirsch__V1__ListAuthorPapersRequest request = HIRSCH__V1__LIST_AUTHOR_PAPERS_REQUEST__INIT;
    request.id = client_text(filled.id);
    request.page_size = filled.page_size;
    request.page_token = client_text(filled.page_token == NULL ? "" : filled.page_token);
    request.view = (Hirsch__V1__PaperView)filled.view;
    ProtobufCMessage *response = NULL;
    code = client_exchange(client, CLIENT_LIST_AUTHOR_PAPERS, &request.base, call,
                           &hirsch__v1__list_author_papers_response__descriptor,
                           client_result_arena(made), &response, failure);
    return code != BASE_OK ? code : convert_page((const void *)response, made, failure);
}

enum hirsch_code hirsch_list_author_papers(hirsch_client *client,
                                           const struct hirsch_list_author_papers *request,
                                           const struct hirsch_call_options *call,
                                           const struct hirsch_paper_page **page,
                                           hirsch_error **error)
{
    struct client_failure failure = CLIENT_FAILURE_NONE;
    struct hirsch_paper_page *made = client_result_new(sizeof *made);
    enum base_code code = list_author_papers(client, request, call, made, &failure);
    CLIENT_FINISH(code, made, page, error, failure);
}

static enum base_code get_paper(struct hirsch_client *client, const char *id,
                                enum hirsch_paper_view view, const struct hirsch_call_options *call,
                                struct hirsch_paper *made, struct client_failure *failure)
{
    enum base_code code = client_check_id(id, failure);
    if (made == NULL) {
        return client_memory_out(failure);
    }
    if (code != BASE_OK) {
        return code;
    }
    Hirsch__V1__GetPaperRequest request = HIRSCH__V1__GET_PAPER_REQUEST__INIT;
    request.id = client_text(id);
    request.view = (Hirsch__V1__PaperView)view;
    ProtobufCMessage *response = NULL;
    struct base_arena *arena = client_result_arena(made);
    code = client_exchange(client, CLIENT_GET_PAPER, &request.base, call,
                           &hirsch__v1__get_paper_response__descriptor, arena, &response, failure);
    if (code != BASE_OK) {
        return code;
    }
    const Hirsch__V1__GetPaperResponse *answer = (const void *)response;
    return client_convert_paper(answer->paper, arena, made) ? BASE_OK : client_memory_out(failure);
}

enum hirsch_code hirsch_get_paper(hirsch_client *client, const char *id,
                                  enum hirsch_paper_view view,
                                  const struct hirsch_call_options *call,
                                  const struct hirsch_paper **paper, hirsch_error **error)
{
    struct client_failure failure = CLIENT_FAILURE_NONE;
    struct hirsch_paper *made = client_result_new(sizeof *made);
    enum base_code code = get_paper(client, id, view, call, made, &failure);
    CLIENT_FINISH(code, made, paper, error, failure);
}

static enum base_code convert_paper_batch(const Hirsch__V1__BatchGetPapersResponse *answer,
                                          struct hirsch_paper_batch *made,
                                          struct client_failure *failure)
{
    struct base_arena *arena = client_result_arena(made);
    struct hirsch_paper_item *items = base_arena_array(arena, answer->n_results, sizeof *items);
    if (items == NULL) {
        return client_memory_out(failure);
    }
    for (size_t i = 0; i < answer->n_results; i++) {
        const Hirsch__V1__PaperResult *result = answer->results[i];
        items[i].id = result->id;
        if (result->result_case != HIRSCH__V1__PAPER_RESULT__RESULT_PAPER) {
            const Hirsch__V1__ItemError *why =
                result->result_case == HIRSCH__V1__PAPER_RESULT__RESULT_ERROR ? result->error
                                                                              : NULL;
            items[i].code = client_item_code(why);
            items[i].message = client_item_message(why);
            continue;
        }
        struct hirsch_paper *paper = base_arena_zalloc(arena, sizeof *paper);
        if (paper == NULL || !client_convert_paper(result->paper, arena, paper)) {
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

static enum base_code batch_get_papers(struct hirsch_client *client, const char *const *ids,
                                       size_t count, enum hirsch_paper_view view,
                                       const struct hirsch_call_options *call,
                                       struct hirsch_paper_batch *made,
                                       struct client_failure *failure)
{
    enum base_code code = client_check_batch(ids, count, failure);
    if (made == NULL) {
        return client_memory_out(failure);
    }
    if (code != BASE_OK) {
        return code;
    }
    Hirsch__V1__BatchGetPapersRequest request = HIRSCH__V1__BATCH_GET_PAPERS_REQUEST__INIT;
    request.n_ids = count;
    request.ids = (char **)(uintptr_t)ids;
    request.view = (Hirsch__V1__PaperView)view;
    ProtobufCMessage *response = NULL;
    code = client_exchange(client, CLIENT_BATCH_GET_PAPERS, &request.base, call,
                           &hirsch__v1__batch_get_papers_response__descriptor,
                           client_result_arena(made), &response, failure);
    if (code != BASE_OK) {
        return code;
    }
    const Hirsch__V1__BatchGetPapersResponse *answer = (const void *)response;
    if (answer->n_results != count) {
        return client_wrong_count(answer->n_results, count, failure);
    }
    return convert_paper_batch(answer, made, failure);
}

enum hirsch_code hirsch_batch_get_papers(hirsch_client *client, const char *const *ids,
                                         size_t count, enum hirsch_paper_view view,
                                         const struct hirsch_call_options *call,
                                         const struct hirsch_paper_batch **batch,
                                         hirsch_error **error)
{
    struct client_failure failure = CLIENT_FAILURE_NONE;
    struct hirsch_paper_batch *made = client_result_new(sizeof *made);
    enum base_code code = batch_get_papers(client, ids, count, view, call, made, &failure);
    CLIENT_FINISH(code, made, batch, error, failure);
}
