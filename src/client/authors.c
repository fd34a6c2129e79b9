#include "client/convert.h"
#include "client/exchange.h"
#include "client/lists.h"
#include "client/methods.h"

static enum base_code convert_author(const ProtobufCMessage *response, size_t expected,
                                     void *result, struct client_failure *failure)
{
    (void)expected;
    const Hirsch__V1__GetAuthorResponse *answer = (const void *)response;
    return client_convert_author(answer->author, client_result_arena(result), result)
               ? BASE_OK
               : client_memory_out(failure);
}

enum hirsch_code hirsch_get_author(hirsch_client *client, const char *id,
                                   const struct hirsch_call_options *call,
                                   const struct hirsch_author **author, hirsch_error **error)
{
    static const struct client_method method = {CLIENT_GET_AUTHOR,
                                                &hirsch__v1__get_author_response__descriptor,
                                                sizeof(struct hirsch_author), convert_author};
    struct client_failure failure = CLIENT_FAILURE_NONE;
    if (client_check_id(id, &failure) != BASE_OK) {
        return client_refuse(client, error, &failure);
    }
    Hirsch__V1__GetAuthorRequest request = HIRSCH__V1__GET_AUTHOR_REQUEST__INIT;
    request.id = client_text(id);
    return client_ask(client, &method, &request.base, 0, call, author, error);
}

static enum base_code convert_batch(const ProtobufCMessage *response, size_t expected, void *result,
                                    struct client_failure *failure)
{
    const Hirsch__V1__BatchGetAuthorsResponse *answer = (const void *)response;
    struct hirsch_author_batch *made = result;
    struct base_arena *arena = client_result_arena(made);
    if (answer->n_results != expected) {
        return client_wrong_count(answer->n_results, expected, failure);
    }
    struct hirsch_author_item *items = base_arena_array(arena, answer->n_results, sizeof *items);
    if (items == NULL) {
        return client_memory_out(failure);
    }
    for (size_t i = 0; i < answer->n_results; i++) {
        const Hirsch__V1__AuthorResult *from = answer->results[i];
        items[i].id = from->id;
        if (from->result_case != HIRSCH__V1__AUTHOR_RESULT__RESULT_AUTHOR) {
            const Hirsch__V1__ItemError *why =
                from->result_case == HIRSCH__V1__AUTHOR_RESULT__RESULT_ERROR ? from->error : NULL;
            items[i].code = client_item_code(why);
            items[i].message = client_item_message(why);
            continue;
        }
        struct hirsch_author *author = base_arena_zalloc(arena, sizeof *author);
        if (author == NULL || !client_convert_author(from->author, arena, author)) {
            return client_memory_out(failure);
        }
        items[i].author = author;
        items[i].code = HIRSCH_OK;
        items[i].message = "";
    }
    made->count = answer->n_results;
    made->items = items;
    return BASE_OK;
}

enum hirsch_code hirsch_batch_get_authors(hirsch_client *client, const char *const *ids,
                                          size_t count, const struct hirsch_call_options *call,
                                          const struct hirsch_author_batch **batch,
                                          hirsch_error **error)
{
    static const struct client_method method = {CLIENT_BATCH_GET_AUTHORS,
                                                &hirsch__v1__batch_get_authors_response__descriptor,
                                                sizeof(struct hirsch_author_batch), convert_batch};
    struct client_failure failure = CLIENT_FAILURE_NONE;
    if (client_check_batch(ids, count, &failure) != BASE_OK) {
        return client_refuse(client, error, &failure);
    }
    Hirsch__V1__BatchGetAuthorsRequest request = HIRSCH__V1__BATCH_GET_AUTHORS_REQUEST__INIT;
    request.n_ids = count;
    request.ids = (char **)(uintptr_t)ids;
    return client_ask(client, &method, &request.base, count, call, batch, error);
}

static enum base_code convert_papers(const ProtobufCMessage *response, size_t expected,
                                     void *result, struct client_failure *failure)
{
    (void)expected;
    const Hirsch__V1__ListAuthorPapersResponse *answer = (const void *)response;
    struct hirsch_paper_page *made = result;
    made->next_page_token = answer->next_page_token;
    made->total_size = answer->total_size;
    made->count = answer->n_papers;
    return client_convert_papers(answer->papers, answer->n_papers, client_result_arena(made),
                                 &made->papers)
               ? BASE_OK
               : client_memory_out(failure);
}

enum hirsch_code hirsch_list_author_papers(hirsch_client *client,
                                           const struct hirsch_list_author_papers *request,
                                           const struct hirsch_call_options *call,
                                           const struct hirsch_paper_page **page,
                                           hirsch_error **error)
{
    static const struct client_method method = {
        CLIENT_LIST_AUTHOR_PAPERS, &hirsch__v1__list_author_papers_response__descriptor,
        sizeof(struct hirsch_paper_page), convert_papers};
    struct client_failure failure = CLIENT_FAILURE_NONE;
    struct hirsch_list_author_papers asked = HIRSCH_LIST_AUTHOR_PAPERS_INIT;
    if (client_read_request(request, "hirsch_list_author_papers", &asked, sizeof asked, &failure) !=
            BASE_OK ||
        client_check_id(asked.id, &failure) != BASE_OK) {
        return client_refuse(client, error, &failure);
    }
    Hirsch__V1__ListAuthorPapersRequest sent = HIRSCH__V1__LIST_AUTHOR_PAPERS_REQUEST__INIT;
    sent.id = client_text(asked.id);
    sent.page_size = asked.page_size;
    sent.page_token = client_text(asked.page_token);
    sent.view = (Hirsch__V1__PaperView)asked.view;
    return client_ask(client, &method, &sent.base, 0, call, page, error);
}

static enum base_code convert_coauthors(const ProtobufCMessage *response, size_t expected,
                                        void *result, struct client_failure *failure)
{
    (void)expected;
    const Hirsch__V1__ListCoauthorsResponse *answer = (const void *)response;
    struct hirsch_coauthor_page *made = result;
    made->next_page_token = answer->next_page_token;
    made->total_size = answer->total_size;
    made->skipped_papers = answer->skipped_papers;
    if (answer->n_coauthors == 0) {
        return BASE_OK;
    }
    struct hirsch_coauthor *list =
        base_arena_array(client_result_arena(made), answer->n_coauthors, sizeof *list);
    if (list == NULL) {
        return client_memory_out(failure);
    }
    for (size_t i = 0; i < answer->n_coauthors; i++) {
        const Hirsch__V1__Coauthor *from = answer->coauthors[i];
        list[i].id = from->id;
        list[i].display_name = from->display_name;
        list[i].joint_paper_count = from->joint_paper_count;
        list[i].name_only = from->name_only;
        list[i].has_years =
            from->first_year_presence_case ==
                HIRSCH__V1__COAUTHOR__FIRST_YEAR_PRESENCE_FIRST_YEAR &&
            from->last_year_presence_case == HIRSCH__V1__COAUTHOR__LAST_YEAR_PRESENCE_LAST_YEAR;
        list[i].first_year = list[i].has_years ? from->first_year : 0;
        list[i].last_year = list[i].has_years ? from->last_year : 0;
    }
    made->count = answer->n_coauthors;
    made->coauthors = list;
    return BASE_OK;
}

enum hirsch_code hirsch_list_coauthors(hirsch_client *client, const struct hirsch_list *request,
                                       const struct hirsch_call_options *call,
                                       const struct hirsch_coauthor_page **page,
                                       hirsch_error **error)
{
    static const struct client_method method = {
        CLIENT_LIST_COAUTHORS, &hirsch__v1__list_coauthors_response__descriptor,
        sizeof(struct hirsch_coauthor_page), convert_coauthors};
    struct client_failure failure = CLIENT_FAILURE_NONE;
    struct hirsch_list asked = HIRSCH_LIST_INIT;
    if (client_read_list(request, &asked, &failure) != BASE_OK) {
        return client_refuse(client, error, &failure);
    }
    Hirsch__V1__ListCoauthorsRequest sent = HIRSCH__V1__LIST_COAUTHORS_REQUEST__INIT;
    sent.id = client_text(asked.id);
    sent.page_size = asked.page_size;
    sent.page_token = client_text(asked.page_token);
    return client_ask(client, &method, &sent.base, 0, call, page, error);
}
