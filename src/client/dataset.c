#include "client/exchange.h"
#include "client/methods.h"

_Static_assert((int)HIRSCH_ENTITY_KIND_PAPER == (int)HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_PAPER,
               "kinds of the header and of the schema are the same numbers");

static enum base_code convert_dataset(const ProtobufCMessage *response, size_t expected,
                                      void *result, struct client_failure *failure)
{
    (void)expected;
    static const Hirsch__V1__Dataset empty = HIRSCH__V1__DATASET__INIT;
    const Hirsch__V1__GetDatasetResponse *answer = (const void *)response;
    const Hirsch__V1__Dataset *from = answer->dataset == NULL ? &empty : answer->dataset;
    struct hirsch_dataset *made = result;
    *made = (struct hirsch_dataset){
        .id = from->id,
        .epoch = from->epoch,
        .sequence = from->sequence,
        .coverage_end = from->coverage_end,
        .paper_count = from->paper_count,
        .stub_count = from->stub_count,
        .author_count = from->author_count,
        .citation_count = from->citation_count,
        .source_record_count = from->source_record_count,
        .merged_record_count = from->merged_record_count,
        .disputed_id_count = from->disputed_id_count,
    };
    if (from->n_sources == 0) {
        return BASE_OK;
    }
    struct hirsch_source_count *list =
        base_arena_array(client_result_arena(made), from->n_sources, sizeof *list);
    if (list == NULL) {
        return client_memory_out(failure);
    }
    for (size_t i = 0; i < from->n_sources; i++) {
        list[i] =
            (struct hirsch_source_count){from->sources[i]->source, from->sources[i]->author_records,
                                         from->sources[i]->paper_records};
    }
    made->source_count = from->n_sources;
    made->sources = list;
    return BASE_OK;
}

enum hirsch_code hirsch_get_dataset(hirsch_client *client, const struct hirsch_call_options *call,
                                    const struct hirsch_dataset **dataset, hirsch_error **error)
{
    static const struct client_method method = {CLIENT_GET_DATASET,
                                                &hirsch__v1__get_dataset_response__descriptor,
                                                sizeof(struct hirsch_dataset), convert_dataset};
    Hirsch__V1__GetDatasetRequest request = HIRSCH__V1__GET_DATASET_REQUEST__INIT;
    return client_ask(client, &method, &request.base, 0, call, dataset, error);
}

static enum base_code convert_sample(const ProtobufCMessage *response, size_t expected,
                                     void *result, struct client_failure *failure)
{
    (void)expected;
    (void)failure;
    const Hirsch__V1__SampleIdsResponse *answer = (const void *)response;
    struct hirsch_id_list *made = result;
    made->count = answer->n_ids;
    made->ids = (const char *const *)answer->ids;
    return BASE_OK;
}

enum hirsch_code hirsch_sample_ids(hirsch_client *client, const struct hirsch_sample *request,
                                   const struct hirsch_call_options *call,
                                   const struct hirsch_id_list **ids, hirsch_error **error)
{
    static const struct client_method method = {CLIENT_SAMPLE_IDS,
                                                &hirsch__v1__sample_ids_response__descriptor,
                                                sizeof(struct hirsch_id_list), convert_sample};
    struct client_failure failure = CLIENT_FAILURE_NONE;
    struct hirsch_sample asked = HIRSCH_SAMPLE_INIT;
    if (client_read_request(request, "hirsch_sample", &asked, sizeof asked, &failure) != BASE_OK) {
        return client_refuse(client, error, &failure);
    }
    Hirsch__V1__SampleIdsRequest sent = HIRSCH__V1__SAMPLE_IDS_REQUEST__INIT;
    sent.kind = (Hirsch__V1__EntityKind)asked.kind;
    sent.count = asked.count;
    sent.seed = asked.seed;
    sent.include_stubs = asked.include_stubs;
    return client_ask(client, &method, &sent.base, 0, call, ids, error);
}

static enum base_code convert_resolution(const ProtobufCMessage *response, size_t expected,
                                         void *result, struct client_failure *failure)
{
    const Hirsch__V1__ResolveIdsResponse *answer = (const void *)response;
    struct hirsch_resolution *made = result;
    /* An id may name an author and a paper. */
    if (answer->n_results < expected || answer->n_results > 2 * expected) {
        return client_wrong_count(answer->n_results, expected, failure);
    }
    struct hirsch_resolved_id *list =
        base_arena_array(client_result_arena(made), answer->n_results, sizeof *list);
    if (list == NULL) {
        return client_memory_out(failure);
    }
    for (size_t i = 0; i < answer->n_results; i++) {
        const Hirsch__V1__ResolvedId *from = answer->results[i];
        list[i] = (struct hirsch_resolved_id){
            .id = from->id,
            .kind = (enum hirsch_entity_kind)from->kind,
            .resolved_id = from->resolved_id,
            .merged = from->merged,
            .disputed = from->disputed,
            .suppressed = from->suppressed,
            .stub = from->stub,
            .code = from->error_code,
            .message = from->error_message,
        };
    }
    made->count = answer->n_results;
    made->ids = list;
    return BASE_OK;
}

enum hirsch_code hirsch_resolve_ids(hirsch_client *client, const char *const *ids, size_t count,
                                    const struct hirsch_call_options *call,
                                    const struct hirsch_resolution **resolution,
                                    hirsch_error **error)
{
    static const struct client_method method = {
        CLIENT_RESOLVE_IDS, &hirsch__v1__resolve_ids_response__descriptor,
        sizeof(struct hirsch_resolution), convert_resolution};
    struct client_failure failure = CLIENT_FAILURE_NONE;
    if (client_check_batch(ids, count, &failure) != BASE_OK) {
        return client_refuse(client, error, &failure);
    }
    Hirsch__V1__ResolveIdsRequest request = HIRSCH__V1__RESOLVE_IDS_REQUEST__INIT;
    request.n_ids = count;
    request.ids = (char **)(uintptr_t)ids;
    return client_ask(client, &method, &request.base, count, call, resolution, error);
}

static enum base_code convert_refresh(const ProtobufCMessage *response, size_t expected,
                                      void *result, struct client_failure *failure)
{
    (void)expected;
    (void)failure;
    const Hirsch__V1__RefreshCohortsResponse *answer = (const void *)response;
    struct hirsch_refresh *made = result;
    *made = (struct hirsch_refresh){answer->sequence, answer->cohort_count, answer->paper_count};
    return BASE_OK;
}

enum hirsch_code hirsch_refresh_cohorts(hirsch_client *client,
                                        const struct hirsch_call_options *call,
                                        const struct hirsch_refresh **refresh, hirsch_error **error)
{
    static const struct client_method method = {CLIENT_REFRESH_COHORTS,
                                                &hirsch__v1__refresh_cohorts_response__descriptor,
                                                sizeof(struct hirsch_refresh), convert_refresh};
    Hirsch__V1__RefreshCohortsRequest request = HIRSCH__V1__REFRESH_COHORTS_REQUEST__INIT;
    struct hirsch_call_options options;
    return client_ask(client, &method, &request.base, 0, client_to_writer(call, &options), refresh,
                      error);
}
