#include "client/convert.h"
#include "client/exchange.h"
#include "client/methods.h"

static enum base_code read_search(const struct hirsch_search *request, struct hirsch_search *filled,
                                  struct client_failure *failure)
{
    enum base_code code =
        client_read_request(request, "hirsch_search", filled, sizeof *filled, failure);
    if (code == BASE_OK && (filled->query == NULL || filled->query[0] == '\0')) {
        code = base_fail(&failure->error, BASE_INVALID_ARGUMENT,
                         "the query is empty; write 1 to 16 words");
    }
    return code;
}

static enum base_code convert_authors(const ProtobufCMessage *response, size_t expected,
                                      void *result, struct client_failure *failure)
{
    (void)expected;
    const Hirsch__V1__SearchAuthorsResponse *answer = (const void *)response;
    struct hirsch_author_hits *made = result;
    struct base_arena *arena = client_result_arena(made);
    made->next_page_token = answer->next_page_token;
    made->truncated = answer->truncated;
    if (answer->n_authors == 0) {
        return BASE_OK;
    }
    struct hirsch_author_hit *list = base_arena_array(arena, answer->n_authors, sizeof *list);
    if (list == NULL) {
        return client_memory_out(failure);
    }
    for (size_t i = 0; i < answer->n_authors; i++) {
        const Hirsch__V1__AuthorHit *from = answer->authors[i];
        list[i] = (struct hirsch_author_hit){
            .id = from->id,
            .display_name = from->display_name,
            .primary_field = client_convert_field(from->primary_field),
            .affiliation_count = from->n_affiliations,
            .paper_count = from->paper_count,
            .citation_count = from->citation_count,
            .h_index = from->h_index,
            .name_only = from->name_only,
        };
        if (!client_convert_affiliations(from->affiliations, from->n_affiliations, arena,
                                         &list[i].affiliations)) {
            return client_memory_out(failure);
        }
    }
    made->count = answer->n_authors;
    made->authors = list;
    return BASE_OK;
}

enum hirsch_code hirsch_search_authors(hirsch_client *client, const struct hirsch_search *request,
                                       const struct hirsch_call_options *call,
                                       const struct hirsch_author_hits **hits, hirsch_error **error)
{
    static const struct client_method method = {CLIENT_SEARCH_AUTHORS,
                                                &hirsch__v1__search_authors_response__descriptor,
                                                sizeof(struct hirsch_author_hits), convert_authors};
    struct client_failure failure = CLIENT_FAILURE_NONE;
    struct hirsch_search asked = HIRSCH_SEARCH_INIT;
    if (read_search(request, &asked, &failure) != BASE_OK) {
        return client_refuse(client, error, &failure);
    }
    Hirsch__V1__SearchAuthorsRequest sent = HIRSCH__V1__SEARCH_AUTHORS_REQUEST__INIT;
    sent.query = client_text(asked.query);
    sent.field = client_text(asked.field);
    sent.page_size = asked.page_size;
    sent.page_token = client_text(asked.page_token);
    return client_ask(client, &method, &sent.base, 0, call, hits, error);
}

static enum base_code convert_papers(const ProtobufCMessage *response, size_t expected,
                                     void *result, struct client_failure *failure)
{
    (void)expected;
    const Hirsch__V1__SearchPapersResponse *answer = (const void *)response;
    struct hirsch_paper_hits *made = result;
    made->next_page_token = answer->next_page_token;
    made->truncated = answer->truncated;
    made->count = answer->n_papers;
    return client_convert_papers(answer->papers, answer->n_papers, client_result_arena(made),
                                 &made->papers)
               ? BASE_OK
               : client_memory_out(failure);
}

enum hirsch_code hirsch_search_papers(hirsch_client *client, const struct hirsch_search *request,
                                      const struct hirsch_call_options *call,
                                      const struct hirsch_paper_hits **hits, hirsch_error **error)
{
    static const struct client_method method = {CLIENT_SEARCH_PAPERS,
                                                &hirsch__v1__search_papers_response__descriptor,
                                                sizeof(struct hirsch_paper_hits), convert_papers};
    struct client_failure failure = CLIENT_FAILURE_NONE;
    struct hirsch_search asked = HIRSCH_SEARCH_INIT;
    if (read_search(request, &asked, &failure) != BASE_OK) {
        return client_refuse(client, error, &failure);
    }
    Hirsch__V1__SearchPapersRequest sent = HIRSCH__V1__SEARCH_PAPERS_REQUEST__INIT;
    sent.query = client_text(asked.query);
    sent.year = asked.year;
    sent.page_size = asked.page_size;
    sent.page_token = client_text(asked.page_token);
    sent.view = (Hirsch__V1__PaperView)asked.view;
    return client_ask(client, &method, &sent.base, 0, call, hits, error);
}
