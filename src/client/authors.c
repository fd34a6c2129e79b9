#include "hirsch/client.h"

#include "client/convert.h"
#include "client/exchange.h"
#include "client/methods.h"

static enum base_code get_author(struct hirsch_client *client, const char *id,
                                 const struct hirsch_call_options *call, struct hirsch_author *made,
                                 struct client_failure *failure)
{
    enum base_code code = client_check_id(id, failure);
    if (made == NULL) {
        return client_memory_out(failure);
    }
    if (code != BASE_OK) {
        return code;
    }
    Hirsch__V1__GetAuthorRequest request = HIRSCH__V1__GET_AUTHOR_REQUEST__INIT;
    request.id = client_text(id);
    ProtobufCMessage *response = NULL;
    struct base_arena *arena = client_result_arena(made);
    code = client_exchange(client, CLIENT_GET_AUTHOR, &request.base, call,
                           &hirsch__v1__get_author_response__descriptor, arena, &response, failure);
    if (code != BASE_OK) {
        return code;
    }
    const Hirsch__V1__GetAuthorResponse *answer = (const void *)response;
    return client_convert_author(answer->author, arena, made) ? BASE_OK
                                                              : client_memory_out(failure);
}

enum hirsch_code hirsch_get_author(hirsch_client *client, const char *id,
                                   const struct hirsch_call_options *call,
                                   const struct hirsch_author **author, hirsch_error **error)
{
    struct client_failure failure = CLIENT_FAILURE_NONE;
    struct hirsch_author *made = client_result_new(sizeof *made);
    enum base_code code = get_author(client, id, call, made, &failure);
    CLIENT_FINISH(code, made, author, error, failure);
}

static enum base_code convert_author_batch(const Hirsch__V1__BatchGetAuthorsResponse *answer,
                                           struct hirsch_author_batch *made,
                                           struct client_failure *failure)
{
    struct base_arena *arena = client_result_arena(made);
    struct hirsch_author_item *items = base_arena_array(arena, answer->n_results, sizeof *items);
    if (items == NULL) {
        return client_memory_out(failure);
    }
    for (size_t i = 0; i < answer->n_results; i++) {
        const Hirsch__V1__AuthorResult *result = answer->results[i];
        items[i].id = result->id;
        if (result->result_case != HIRSCH__V1__AUTHOR_RESULT__RESULT_AUTHOR) {
            const Hirsch__V1__ItemError *why =
                result->result_case == HIRSCH__V1__AUTHOR_RESULT__RESULT_ERROR ? result->error
                                                                               : NULL;
            items[i].code = client_item_code(why);
            items[i].message = client_item_message(why);
            continue;
        }
        struct hirsch_author *author = base_arena_zalloc(arena, sizeof *author);
        if (author == NULL || !client_convert_author(result->author, arena, author)) {
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

static enum base_code batch_get_authors(struct hirsch_client *client, const char *const *ids,
                                        size_t count, const struct hirsch_call_options *call,
                                        struct hirsch_author_batch *made,
                                        struct client_failure *failure)
{
    enum base_code code = client_check_batch(ids, count, failure);
    if (made == NULL) {
        return client_memory_out(failure);
    }
    if (code != BASE_OK) {
        return code;
    }
    Hirsch__V1__BatchGetAuthorsRequest request = HIRSCH__V1__BATCH_GET_AUTHORS_REQUEST__INIT;
    request.n_ids = count;
    request.ids = (char **)(uintptr_t)ids;
    ProtobufCMessage *response = NULL;
    code = client_exchange(client, CLIENT_BATCH_GET_AUTHORS, &request.base, call,
                           &hirsch__v1__batch_get_authors_response__descriptor,
                           client_result_arena(made), &response, failure);
    if (code != BASE_OK) {
        return code;
    }
    const Hirsch__V1__BatchGetAuthorsResponse *answer = (const void *)response;
    if (answer->n_results != count) {
        return client_wrong_count(answer->n_results, count, failure);
    }
    return convert_author_batch(answer, made, failure);
}

enum hirsch_code hirsch_batch_get_authors(hirsch_client *client, const char *const *ids,
                                          size_t count, const struct hirsch_call_options *call,
                                          const struct hirsch_author_batch **batch,
                                          hirsch_error **error)
{
    struct client_failure failure = CLIENT_FAILURE_NONE;
    struct hirsch_author_batch *made = client_result_new(sizeof *made);
    enum base_code code = batch_get_authors(client, ids, count, call, made, &failure);
    CLIENT_FINISH(code, made, batch, error, failure);
}
