#include "bench/verify.h"

#include "model/id.h"
#include "wire/messages.h"
#include "wire/unpack.h"

static bool text_is(const char *text, struct base_slice key)
{
    return base_slice_equal(base_slice_text(text), key);
}

static bool named(const char *id, char *const *ids, size_t count, struct base_slice key)
{
    bool found = text_is(id, key);
    for (size_t i = 0; i < count && !found; i++) {
        found = text_is(ids[i], key);
    }
    return found;
}

/* Of a key that is written in another form; the key itself when it is no id. */
static struct base_slice normal_form(struct base_slice key, struct base_arena *arena)
{
    struct model_id id;
    char *text = base_arena_alloc(arena, MODEL_ID_TEXT);
    if (text == NULL || model_id_parse(key, arena, &id, NULL) != BASE_OK) {
        return key;
    }
    return base_slice(text, model_id_text(&id, text));
}

static enum base_code differs(const struct bench_ask *ask, const char *what, const char *got,
                              struct base_error *error)
{
    struct base_slice key = ask->key_count > 0 ? ask->keys[0] : BASE_SLICE("");
    bool quoted = got[0] != '\0';
    return base_fail(error, BASE_DATA_LOSS, "%s of %.*s: %s%s%.100s%s", ask->method->name,
                     (int)(key.size < 100 ? key.size : 100), key.data, what, quoted ? " '" : "",
                     got, quoted ? "'" : "");
}

/* id and ids: of the entity that the answer speaks of. */
static enum base_code verify_entity(const struct bench_ask *ask, const char *id, char *const *ids,
                                    size_t count, struct base_arena *arena,
                                    struct base_error *error)
{
    struct base_slice key = ask->keys[0];
    return named(id, ids, count, key) || named(id, ids, count, normal_form(key, arena))
               ? BASE_OK
               : differs(ask, "the answer speaks of", id, error);
}

static enum base_code verify_one(const struct bench_ask *ask, const void *message,
                                 struct base_arena *arena, struct base_error *error)
{
    static const char nothing[] = "the answer speaks of nothing";
    if (ask->method->response == &hirsch__v1__get_author_response__descriptor) {
        const Hirsch__V1__Author *author = ((const Hirsch__V1__GetAuthorResponse *)message)->author;
        return author == NULL
                   ? differs(ask, nothing, "", error)
                   : verify_entity(ask, author->id, author->ids, author->n_ids, arena, error);
    }
    if (ask->method->response == &hirsch__v1__get_paper_response__descriptor) {
        const Hirsch__V1__Paper *paper = ((const Hirsch__V1__GetPaperResponse *)message)->paper;
        return paper == NULL
                   ? differs(ask, nothing, "", error)
                   : verify_entity(ask, paper->id, paper->ids, paper->n_ids, arena, error);
    }
    /* The numbers of a paper carry its own id alone, and may have been asked for by another. */
    const Hirsch__V1__GetPaperMetricsResponse *numbers = message;
    return numbers->metrics != NULL && numbers->metrics->id[0] != '\0'
               ? BASE_OK
               : differs(ask, nothing, "", error);
}

/* One result of a batch: whose it is, and whether there is something in it. */
struct batch_result {
    const char *id;
    bool found;
};

/* The result types lie at their own places, so each has its row. False: there are not so many. */
static bool batch_result_at(const struct bench_ask *ask, const void *message, size_t i,
                            struct batch_result *result)
{
    if (ask->method->response == &hirsch__v1__batch_get_authors_response__descriptor) {
        const Hirsch__V1__BatchGetAuthorsResponse *batch = message;
        if (i < batch->n_results) {
            const Hirsch__V1__AuthorResult *one = batch->results[i];
            *result = (struct batch_result){one->id, one->result_case ==
                                                         HIRSCH__V1__AUTHOR_RESULT__RESULT_AUTHOR};
        }
        return i < batch->n_results;
    }
    if (ask->method->response == &hirsch__v1__batch_get_papers_response__descriptor) {
        const Hirsch__V1__BatchGetPapersResponse *batch = message;
        if (i < batch->n_results) {
            const Hirsch__V1__PaperResult *one = batch->results[i];
            *result = (struct batch_result){one->id, one->result_case ==
                                                         HIRSCH__V1__PAPER_RESULT__RESULT_PAPER};
        }
        return i < batch->n_results;
    }
    const Hirsch__V1__BatchGetPaperMetricsResponse *batch = message;
    if (i < batch->n_results) {
        const Hirsch__V1__PaperMetricsResult *one = batch->results[i];
        *result = (struct batch_result){
            one->id, one->result_case == HIRSCH__V1__PAPER_METRICS_RESULT__RESULT_METRICS};
    }
    return i < batch->n_results;
}

/* Results in the order of the request, each of its own id; as many found nothing as name nothing.
 */
static enum base_code verify_batch(const struct bench_ask *ask, const void *message, size_t missing,
                                   struct base_error *error)
{
    struct batch_result result;
    size_t failed = 0;
    for (size_t i = 0; i < ask->key_count; i++) {
        if (!batch_result_at(ask, message, i, &result)) {
            return differs(ask, "fewer results than ids", "", error);
        }
        if (!text_is(result.id, ask->keys[i])) {
            return differs(ask, "a result is in the place of another:", result.id, error);
        }
        failed += !result.found;
    }
    if (batch_result_at(ask, message, ask->key_count, &result)) {
        return differs(ask, "more results than ids, the first of them is", result.id, error);
    }
    return failed == missing
               ? BASE_OK
               : differs(ask, "other ids than those that name nothing were not found", "", error);
}

/* In the order of the request; an id that names an author and a paper comes twice. */
static enum base_code verify_resolved(const struct bench_ask *ask,
                                      const Hirsch__V1__ResolveIdsResponse *resolved,
                                      struct base_error *error)
{
    size_t at = 0;
    for (size_t i = 0; i < ask->key_count; i++, at++) {
        if (at >= resolved->n_results || !text_is(resolved->results[at]->id, ask->keys[i])) {
            return differs(ask, "results are not those asked for", "", error);
        }
        bool author = resolved->results[at]->kind == HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_AUTHOR;
        bool twice = author && at + 1 < resolved->n_results &&
                     text_is(resolved->results[at + 1]->id, ask->keys[i]) &&
                     resolved->results[at + 1]->kind == HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_PAPER;
        at += twice;
    }
    return at == resolved->n_results ? BASE_OK : differs(ask, "more results than ids", "", error);
}

/* The author was known, so that the numbers are not those of an empty set. */
static enum base_code verify_set(const struct bench_ask *ask, const void *message,
                                 struct base_error *error)
{
    size_t unknown;
    if (ask->method->response == &hirsch__v1__compute_metrics_response__descriptor) {
        const Hirsch__V1__ComputeMetricsResponse *computed = message;
        if (computed->metrics == NULL) {
            return differs(ask, "the answer has no numbers", "", error);
        }
        unknown = computed->metrics->n_unknown_ids;
    } else {
        unknown = ((const Hirsch__V1__GetTimelineResponse *)message)->n_unknown_ids;
    }
    return unknown == 0 ? BASE_OK : differs(ask, "the author is not known", "", error);
}

/* A result a record, none of them a failure. */
static enum base_code verify_put(const struct bench_ask *ask, const void *message,
                                 struct base_error *error)
{
    const Hirsch__V1__PutRecordsResponse *put = message;
    if (put->n_results != ask->record_count) {
        return differs(ask, "results are not one a record", "", error);
    }
    for (size_t i = 0; i < put->n_results; i++) {
        const Hirsch__V1__RecordResult *result = put->results[i];
        if (result->outcome == HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_FAILED) {
            return differs(ask,
                           "a record failed:", result->error == NULL ? "" : result->error->message,
                           error);
        }
    }
    return BASE_OK;
}

/* Items of a page, whatever they are: the repeated field 1. */
static size_t page_items(const ProtobufCMessage *message)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(message->descriptor, 1);
    size_t count;
    BASE_ASSERT(field != NULL && field->label == PROTOBUF_C_LABEL_REPEATED);
    memcpy(&count, (const char *)message + field->quantifier_offset, sizeof count);
    return count;
}

enum base_code bench_ask_verify(const struct bench_ask *ask, struct base_slice payload,
                                size_t missing, struct base_arena *arena, struct base_error *error)
{
    ProtobufCMessage *message = NULL;
    enum base_code code =
        wire_unpack(ask->method->response, payload, &wire_reply_limits, arena, &message, error);
    if (code != BASE_OK) {
        base_error_prefix(error, "%s: the answer is not what the schema says", ask->method->name);
        return code;
    }
    switch (ask->method->shape) {
    case BENCH_ONE:
        return verify_one(ask, message, arena, error);
    case BENCH_BATCH:
        return ask->method->response == &hirsch__v1__resolve_ids_response__descriptor
                   ? verify_resolved(ask, (const Hirsch__V1__ResolveIdsResponse *)message, error)
                   : verify_batch(ask, message, missing, error);
    case BENCH_SET:
        return verify_set(ask, message, error);
    case BENCH_PUT:
        return verify_put(ask, message, error);
    case BENCH_LIST:
        return ask->page_size == 0 || page_items(message) <= ask->page_size
                   ? BASE_OK
                   : differs(ask, "a page longer than asked for", "", error);
    default:
        return BASE_OK;
    }
}
