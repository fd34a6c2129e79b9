#include "client/lists.h"

#include "client/convert.h"
#include "client/exchange.h"
#include "client/methods.h"

enum base_code client_read_list(const struct hirsch_list *request, struct hirsch_list *filled,
                                struct client_failure *failure)
{
    enum base_code code =
        client_read_request(request, "hirsch_list", filled, sizeof *filled, failure);
    return code == BASE_OK ? client_check_id(filled->id, failure) : code;
}

static enum base_code convert_citations(const ProtobufCMessage *response, size_t expected,
                                        void *result, struct client_failure *failure)
{
    (void)expected;
    const Hirsch__V1__ListCitationsResponse *answer = (const void *)response;
    struct hirsch_citation_page *made = result;
    struct base_arena *arena = client_result_arena(made);
    made->next_page_token = answer->next_page_token;
    made->total_size = answer->total_size;
    if (answer->n_citations == 0) {
        return BASE_OK;
    }
    struct hirsch_citation *list = base_arena_array(arena, answer->n_citations, sizeof *list);
    if (list == NULL) {
        return client_memory_out(failure);
    }
    for (size_t i = 0; i < answer->n_citations; i++) {
        if (!client_convert_paper(answer->citations[i]->paper, arena, &list[i].paper)) {
            return client_memory_out(failure);
        }
        list[i].shares_author = answer->citations[i]->shares_author;
    }
    made->count = answer->n_citations;
    made->citations = list;
    return BASE_OK;
}

enum hirsch_code hirsch_list_citations(hirsch_client *client, const struct hirsch_list *request,
                                       const struct hirsch_call_options *call,
                                       const struct hirsch_citation_page **page,
                                       hirsch_error **error)
{
    static const struct client_method method = {
        CLIENT_LIST_CITATIONS, &hirsch__v1__list_citations_response__descriptor,
        sizeof(struct hirsch_citation_page), convert_citations};
    struct client_failure failure = CLIENT_FAILURE_NONE;
    struct hirsch_list asked = HIRSCH_LIST_INIT;
    if (client_read_list(request, &asked, &failure) != BASE_OK) {
        return client_refuse(client, error, &failure);
    }
    Hirsch__V1__ListCitationsRequest sent = HIRSCH__V1__LIST_CITATIONS_REQUEST__INIT;
    sent.id = client_text(asked.id);
    sent.page_size = asked.page_size;
    sent.page_token = client_text(asked.page_token);
    sent.view = (Hirsch__V1__PaperView)asked.view;
    return client_ask(client, &method, &sent.base, 0, call, page, error);
}

static enum base_code convert_references(const ProtobufCMessage *response, size_t expected,
                                         void *result, struct client_failure *failure)
{
    (void)expected;
    const Hirsch__V1__ListReferencesResponse *answer = (const void *)response;
    struct hirsch_paper_page *made = result;
    made->next_page_token = answer->next_page_token;
    made->total_size = answer->total_size;
    made->count = answer->n_papers;
    return client_convert_papers(answer->papers, answer->n_papers, client_result_arena(made),
                                 &made->papers)
               ? BASE_OK
               : client_memory_out(failure);
}

enum hirsch_code hirsch_list_references(hirsch_client *client, const struct hirsch_list *request,
                                        const struct hirsch_call_options *call,
                                        const struct hirsch_paper_page **page, hirsch_error **error)
{
    static const struct client_method method = {
        CLIENT_LIST_REFERENCES, &hirsch__v1__list_references_response__descriptor,
        sizeof(struct hirsch_paper_page), convert_references};
    struct client_failure failure = CLIENT_FAILURE_NONE;
    struct hirsch_list asked = HIRSCH_LIST_INIT;
    if (client_read_list(request, &asked, &failure) != BASE_OK) {
        return client_refuse(client, error, &failure);
    }
    Hirsch__V1__ListReferencesRequest sent = HIRSCH__V1__LIST_REFERENCES_REQUEST__INIT;
    sent.id = client_text(asked.id);
    sent.page_size = asked.page_size;
    sent.page_token = client_text(asked.page_token);
    sent.view = (Hirsch__V1__PaperView)asked.view;
    return client_ask(client, &method, &sent.base, 0, call, page, error);
}
