#include "bench/method.h"

#include "base/suggest.h"
#include "wire/messages.h"

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
    {"hirsch.v1.MetricsService/ComputeMetrics", BENCH_SET, BENCH_KEY_AUTHOR, 0, 0, 0,
     DESCRIPTOR(compute_metrics)},
    {"hirsch.v1.MetricsService/GetTimeline", BENCH_SET, BENCH_KEY_AUTHOR, 0, 0, 0,
     DESCRIPTOR(get_timeline)},
    {"hirsch.v1.MetricsService/GetPaperMetrics", BENCH_ONE, BENCH_KEY_PAPER, 0, 0, 0,
     DESCRIPTOR(get_paper_metrics)},
    {"hirsch.v1.MetricsService/BatchGetPaperMetrics", BENCH_BATCH, BENCH_KEY_PAPER, 0, 0, 0,
     DESCRIPTOR(batch_get_paper_metrics)},
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

const char *bench_method_suggest(const char *name)
{
    const char *names[METHODS + 1] = {NULL};
    for (size_t i = 0; i < METHODS; i++) {
        names[i] = bench_method_short_name(&methods[i]);
    }
    return base_suggest(name, names);
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

/* set: [SetTerm{author: key}] */
static void put_author_term(struct base_buffer *out, struct base_slice key)
{
    struct base_buffer term = BASE_BUFFER_EMPTY;
    put_bytes(&term, 1, key);
    put_message(out, 1, &term);
    base_buffer_fini(&term);
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
    if (method->shape == BENCH_SET) {
        put_author_term(out, ask->keys[0]);
        return;
    }
    for (size_t i = 0; i < ask->key_count; i++) {
        put_bytes(out, 1, ask->keys[i]);
    }
    put_number(out, method->view, ask->view);
    put_number(out, method->page_size, ask->page_size);
    if (ask->page_token.size > 0) {
        put_bytes(out, method->page_token, ask->page_token);
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
