#include "bench/method.h"

#include "wire/messages.h"
#include "wire/unpack.h"

#define DESCRIPTOR(name) &hirsch__v1__##name##_response__descriptor

static const struct bench_method methods[] = {
    {"hirsch.v1.AuthorService/GetAuthor", BENCH_ONE, BENCH_KEY_AUTHOR, 2, 0, 0,
     DESCRIPTOR(get_author)},
    {"hirsch.v1.AuthorService/BatchGetAuthors", BENCH_BATCH, BENCH_KEY_AUTHOR, 2, 0, 0,
     DESCRIPTOR(batch_get_authors)},
    {"hirsch.v1.AuthorService/ListAuthorPapers", BENCH_LIST, BENCH_KEY_AUTHOR, 4, 2, 3,
     DESCRIPTOR(list_author_papers)},
    {"hirsch.v1.AuthorService/ListCoauthors", BENCH_LIST, BENCH_KEY_AUTHOR, 0, 2, 3,
     DESCRIPTOR(list_coauthors)},
    {"hirsch.v1.AuthorService/SearchAuthors", BENCH_LIST, BENCH_KEY_NAME, 0, 3, 4,
     DESCRIPTOR(search_authors)},
    {"hirsch.v1.PaperService/GetPaper", BENCH_ONE, BENCH_KEY_PAPER, 2, 0, 0, DESCRIPTOR(get_paper)},
    {"hirsch.v1.PaperService/BatchGetPapers", BENCH_BATCH, BENCH_KEY_PAPER, 2, 0, 0,
     DESCRIPTOR(batch_get_papers)},
    {"hirsch.v1.PaperService/ListCitations", BENCH_LIST, BENCH_KEY_PAPER, 4, 2, 3,
     DESCRIPTOR(list_citations)},
    {"hirsch.v1.PaperService/ListReferences", BENCH_LIST, BENCH_KEY_PAPER, 4, 2, 3,
     DESCRIPTOR(list_references)},
    {"hirsch.v1.PaperService/SearchPapers", BENCH_LIST, BENCH_KEY_TITLE, 5, 3, 4,
     DESCRIPTOR(search_papers)},
    {"hirsch.v1.DatasetService/GetDataset", BENCH_PLAIN, BENCH_KEY_NONE, 0, 0, 0,
     DESCRIPTOR(get_dataset)},
    {"hirsch.v1.DatasetService/ResolveIds", BENCH_BATCH, BENCH_KEY_AUTHOR, 0, 0, 0,
     DESCRIPTOR(resolve_ids)},
    {"hirsch.v1.RecordService/PutRecords", BENCH_PUT, BENCH_KEY_PAPER, 0, 0, 0,
     DESCRIPTOR(put_records)},
    {"grpc.health.v1.Health/Check", BENCH_PLAIN, BENCH_KEY_NONE, 0, 0, 0,
     &grpc__health__v1__health_check_response__descriptor},
};

enum {
    METHODS = sizeof methods / sizeof methods[0],
    WIRE_VARINT = 0,
    WIRE_BYTES = 2,
    BENCH_MADE_AUTHORS = 20000
};

const char *bench_method_short_name(const struct bench_method *method)
{
    return strchr(method->name, '/') + 1;
}

const struct bench_method *bench_method_find(const char *name)
{
    for (size_t i = 0; i < METHODS; i++) {
        const char *slash = strchr(methods[i].name, '/');
        const char *service = slash;
        while (service[-1] != '.') {
            service--;
        }
        if (strcmp(name, methods[i].name) == 0 || strcmp(name, service) == 0 ||
            strcmp(name, slash + 1) == 0) {
            return &methods[i];
        }
    }
    return NULL;
}

void bench_method_names(struct base_buffer *out)
{
    for (size_t i = 0; i < METHODS; i++) {
        base_buffer_append_format(out, "%s%s", i > 0 ? " " : "",
                                  bench_method_short_name(&methods[i]));
    }
}

static void put_bytes(struct base_buffer *out, unsigned field, struct base_slice value)
{
    base_buffer_append_varint(out, field << 3 | WIRE_BYTES);
    base_buffer_append_varint(out, value.size);
    base_buffer_append_slice(out, value);
}

static void put_number(struct base_buffer *out, unsigned field, uint64_t value)
{
    if (field != 0 && value != 0) {
        base_buffer_append_varint(out, field << 3 | WIRE_VARINT);
        base_buffer_append_varint(out, value);
    }
}

static void put_message(struct base_buffer *out, unsigned field, const struct base_buffer *message)
{
    put_bytes(out, field, base_buffer_slice(message));
    out->failed = out->failed || message->failed;
}

/* Record{paper: PaperRecord}, field numbers of record.proto. Its text says that it is made up. */
static void put_paper(const struct bench_ask *ask, size_t number, struct base_buffer *out)
{
    struct base_buffer paper = BASE_BUFFER_EMPTY;
    struct base_buffer part = BASE_BUFFER_EMPTY;
    size_t cited = ask->key_count / ask->record_count;
    base_buffer_append_format(&part, "local:bench-%016llx-%zu", (unsigned long long)ask->number,
                              number);
    put_bytes(&paper, 1, base_buffer_slice(&part));
    put_bytes(&paper, 3, BASE_SLICE("A paper made by a load test"));
    put_bytes(&paper, 5, BASE_SLICE("2026-01-15"));
    for (unsigned i = 0; i < ask->author_count; i++) {
        struct base_buffer author = BASE_BUFFER_EMPTY;
        base_buffer_clear(&part);
        base_buffer_append_format(&part, "local:bench-author-%llu",
                                  (unsigned long long)(ask->number * 31 + number * 7 + i) %
                                      BENCH_MADE_AUTHORS);
        put_bytes(&author, 1, base_buffer_slice(&part));
        put_bytes(&author, 3, BASE_SLICE("Made Author"));
        put_message(&paper, 11, &author);
        base_buffer_fini(&author);
    }
    for (size_t i = 0; i < cited; i++) {
        put_bytes(&paper, 14, ask->keys[number * cited + i]);
    }
    put_bytes(&paper, 15, BASE_SLICE("made"));
    base_buffer_clear(&part);
    put_message(&part, 2, &paper);
    put_message(out, 1, &part);
    base_buffer_fini(&part);
    base_buffer_fini(&paper);
}

void bench_ask_write(const struct bench_ask *ask, struct base_buffer *out)
{
    if (ask->method->shape == BENCH_PUT) {
        for (size_t i = 0; i < ask->record_count; i++) {
            put_paper(ask, i, out);
        }
        return;
    }
    const struct bench_method *method = ask->method;
    for (size_t i = 0; i < ask->key_count; i++) {
        put_bytes(out, 1, ask->keys[i]);
    }
    put_number(out, method->view, ask->view);
    put_number(out, method->page_size, ask->page_size);
    if (ask->page_token.size > 0) {
        put_bytes(out, method->page_token, ask->page_token);
    }
}

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

static enum base_code differs(const struct bench_ask *ask, const char *what, const char *got,
                              struct base_error *error)
{
    struct base_slice key = ask->key_count > 0 ? ask->keys[0] : BASE_SLICE("");
    return base_fail(error, BASE_DATA_LOSS, "%s of %.*s: %s '%.100s'", ask->method->name,
                     (int)(key.size < 100 ? key.size : 100), key.data, what, got);
}

static enum base_code verify_one(const struct bench_ask *ask, const void *message,
                                 struct base_error *error)
{
    if (ask->method->key == BENCH_KEY_AUTHOR) {
        const Hirsch__V1__Author *author = ((const Hirsch__V1__GetAuthorResponse *)message)->author;
        return author != NULL && named(author->id, author->ids, author->n_ids, ask->keys[0])
                   ? BASE_OK
                   : differs(ask, "the answer speaks of", author == NULL ? "" : author->id, error);
    }
    const Hirsch__V1__Paper *paper = ((const Hirsch__V1__GetPaperResponse *)message)->paper;
    return paper != NULL && named(paper->id, paper->ids, paper->n_ids, ask->keys[0])
               ? BASE_OK
               : differs(ask, "the answer speaks of", paper == NULL ? "" : paper->id, error);
}

/* Results in the order of the request, each of its own id. Members `id` of the two result types lie
 * at their own places, so each type has its loop. */
static enum base_code verify_batch(const struct bench_ask *ask, const void *message, size_t missing,
                                   struct base_error *error)
{
    size_t failed = 0;
    if (ask->method->response == &hirsch__v1__batch_get_authors_response__descriptor) {
        const Hirsch__V1__BatchGetAuthorsResponse *batch = message;
        bool right = batch->n_results == ask->key_count;
        for (size_t i = 0; right && i < ask->key_count; i++) {
            right = text_is(batch->results[i]->id, ask->keys[i]);
            failed += batch->results[i]->result_case != HIRSCH__V1__AUTHOR_RESULT__RESULT_AUTHOR;
        }
        return right && failed == missing
                   ? BASE_OK
                   : differs(ask, "results are not those asked for", "", error);
    }
    if (ask->method->response == &hirsch__v1__batch_get_papers_response__descriptor) {
        const Hirsch__V1__BatchGetPapersResponse *batch = message;
        bool right = batch->n_results == ask->key_count;
        for (size_t i = 0; right && i < ask->key_count; i++) {
            right = text_is(batch->results[i]->id, ask->keys[i]);
            failed += batch->results[i]->result_case != HIRSCH__V1__PAPER_RESULT__RESULT_PAPER;
        }
        return right && failed == missing
                   ? BASE_OK
                   : differs(ask, "results are not those asked for", "", error);
    }
    const Hirsch__V1__ResolveIdsResponse *resolved = message;
    return resolved->n_results >= ask->key_count
               ? BASE_OK
               : differs(ask, "fewer results than ids", "", error);
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
        return verify_one(ask, message, error);
    case BENCH_BATCH:
        return verify_batch(ask, message, missing, error);
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

/* In all lists it is field 2. */
struct base_slice bench_method_next_page(const struct bench_method *method,
                                         struct base_slice payload)
{
    struct base_slice token = {NULL, 0};
    uint64_t tag;
    uint64_t number;
    struct base_slice value;
    while (method->page_token != 0 && base_take_varint(&payload, &tag)) {
        if ((tag & 7) == WIRE_VARINT) {
            if (!base_take_varint(&payload, &number)) {
                break;
            }
        } else if ((tag & 7) == WIRE_BYTES) {
            if (!base_take_varint(&payload, &number) ||
                !base_take_bytes(&payload, (size_t)number, &value)) {
                break;
            }
            if (tag == (2 << 3 | WIRE_BYTES)) {
                token = value;
            }
        } else {
            break;
        }
    }
    return token;
}
