/* Writes of libhirsch against a small server: what is sent, keys over retries, and bulk with its
 * outcomes in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <nanomsg/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hirsch/records.h"
#include "wire/envelope.h"
#include "wire/messages.h"
#include "wire/unpack.h"

enum { REQUESTS_MOST = 4096, BULK_MOST = 20000 };

/* Answers each put and delete: papers titled "bad" fail. */
static struct {
    char url[64];
    int socket;
    pthread_t thread;
    atomic_int busy;    /* so many requests are refused first */
    enum base_code how; /* with this */
    bool miscounts;     /* deletes are answered with one result */
    atomic_int requests;
    char keys[REQUESTS_MOST][96];
    size_t counts[REQUESTS_MOST];
    struct base_buffer payload;
} server;

static hirsch_client *client;

#define TEXT(literal) ((char *)(uintptr_t)(literal))

static bool is_bad(const Hirsch__V1__Record *record)
{
    return record->record_case == HIRSCH__V1__RECORD__RECORD_PAPER &&
           strcmp(record->paper->title, "bad") == 0;
}

static void fill_result(Hirsch__V1__RecordResult *result, Hirsch__V1__ItemError *error, bool bad)
{
    hirsch__v1__record_result__init(result);
    hirsch__v1__item_error__init(error);
    error->code = BASE_INVALID_ARGUMENT;
    error->message = TEXT("title: it is bad");
    result->outcome = bad ? HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_FAILED
                          : HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_STORED;
    result->error = bad ? error : NULL;
}

static void answer_put(struct base_slice payload, struct base_arena *arena, int at,
                       struct base_buffer *reply)
{
    ProtobufCMessage *message = NULL;
    struct base_error error;
    if (wire_unpack(&hirsch__v1__put_records_request__descriptor, payload, &wire_put_limits, arena,
                    &message, &error) != BASE_OK) {
        fprintf(stderr, "%s\n", error.text);
        abort();
    }
    const Hirsch__V1__PutRecordsRequest *request = (const void *)message;
    snprintf(server.keys[at], sizeof server.keys[at], "%s", request->idempotency_key);
    server.counts[at] = request->n_records;
    if (atomic_fetch_sub(&server.busy, 1) > 0) {
        struct wire_failure failure = {server.how, "not now", NULL, NULL};
        wire_response_fail(reply, &failure, NULL, 0);
        return;
    }
    Hirsch__V1__PutRecordsResponse response = HIRSCH__V1__PUT_RECORDS_RESPONSE__INIT;
    size_t count = request->n_records;
    Hirsch__V1__RecordResult *results = calloc(count, sizeof *results);
    Hirsch__V1__ItemError *errors = calloc(count, sizeof *errors);
    response.results = calloc(count, sizeof *response.results);
    response.n_results = count;
    response.sequence = (uint64_t)at + 1;
    response.epoch = TEXT("00112233445566778899aabbccddeeff");
    for (size_t i = 0; i < count; i++) {
        fill_result(&results[i], &errors[i], is_bad(request->records[i]));
        response.results[i] = &results[i];
    }
    struct wire_mark mark = wire_response_begin(reply, NULL, 0);
    wire_pack(&response.base, reply);
    wire_response_end(reply, mark);
    free(response.results);
    free(results);
    free(errors);
}

/* Whatever its id, a record is absent when it is named "local:absent". */
static void answer_delete(struct base_slice payload, struct base_arena *arena, int at,
                          struct base_buffer *reply)
{
    ProtobufCMessage *message = NULL;
    struct base_error error;
    if (wire_unpack(&hirsch__v1__delete_records_request__descriptor, payload, &wire_put_limits,
                    arena, &message, &error) != BASE_OK) {
        fprintf(stderr, "%s\n", error.text);
        abort();
    }
    const Hirsch__V1__DeleteRecordsRequest *request = (const void *)message;
    snprintf(server.keys[at], sizeof server.keys[at], "%s", request->idempotency_key);
    server.counts[at] = request->n_keys;
    Hirsch__V1__DeleteRecordsResponse response = HIRSCH__V1__DELETE_RECORDS_RESPONSE__INIT;
    size_t count = server.miscounts ? 1 : request->n_keys;
    Hirsch__V1__RecordResult *results = calloc(count, sizeof *results);
    response.results = calloc(count, sizeof *response.results);
    response.n_results = count;
    response.sequence = (uint64_t)at + 1;
    for (size_t i = 0; i < count; i++) {
        const Hirsch__V1__RecordKey *key = request->keys[i];
        bool absent = key->key_case == HIRSCH__V1__RECORD_KEY__KEY_ENTITY &&
                      strcmp(key->entity->id, "local:absent") == 0;
        hirsch__v1__record_result__init(&results[i]);
        results[i].outcome = absent ? HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_ABSENT
                                    : HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_DELETED;
        response.results[i] = &results[i];
    }
    struct wire_mark mark = wire_response_begin(reply, NULL, 0);
    wire_pack(&response.base, reply);
    wire_response_end(reply, mark);
    free(response.results);
    free(results);
}

static void *serve(void *unused)
{
    void *bytes = NULL;
    int size;
    while ((size = nn_recv(server.socket, &bytes, NN_MSG, 0)) >= 0) {
        struct wire_request request;
        struct base_buffer reply = BASE_BUFFER_EMPTY;
        struct base_arena arena;
        base_arena_init(&arena, 0);
        int at = atomic_load(&server.requests);
        if (at >= REQUESTS_MOST ||
            wire_request_read(base_slice(bytes, (size_t)size), &request, NULL) != BASE_OK) {
            abort();
        }
        base_buffer_clear(&server.payload);
        base_buffer_append_slice(&server.payload, request.payload);
        if (base_slice_equal(request.method, BASE_SLICE("hirsch.v1.RecordService/PutRecords"))) {
            answer_put(request.payload, &arena, at, &reply);
        } else {
            answer_delete(request.payload, &arena, at, &reply);
        }
        atomic_fetch_add(&server.requests, 1);
        nn_send(server.socket, reply.data, reply.size, 0);
        base_buffer_fini(&reply);
        base_arena_fini(&arena);
        nn_freemsg(bytes);
    }
    return unused;
}

static int start(void **state)
{
    (void)state;
    int probe = socket(AF_INET, SOCK_STREAM, 0);
    int most = 16 * 1024 * 1024;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    assert_int_equal(bind(probe, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(probe, (struct sockaddr *)&address, &size), 0);
    close(probe);
    memset(&server, 0, sizeof server);
    snprintf(server.url, sizeof server.url, "tcp://127.0.0.1:%d", ntohs(address.sin_port));
    server.socket = nn_socket(AF_SP, NN_REP);
    nn_setsockopt(server.socket, NN_SOL_SOCKET, NN_RCVMAXSIZE, &most, sizeof most);
    int on = 1;
    nn_setsockopt(server.socket, NN_TCP, NN_TCP_NODELAY, &on, sizeof on);
    assert_true(nn_bind(server.socket, server.url) >= 0);
    assert_int_equal(pthread_create(&server.thread, NULL, serve, NULL), 0);
    struct hirsch_options options = HIRSCH_OPTIONS_INIT;
    options.endpoints = server.url;
    options.timeout_ms = 20000;
    assert_int_equal(hirsch_open(&options, &client, NULL), HIRSCH_OK);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    hirsch_close(client);
    nn_close(server.socket);
    pthread_join(server.thread, NULL);
    base_buffer_fini(&server.payload);
    return 0;
}

static const void *sent(const ProtobufCMessageDescriptor *type, struct base_arena *arena)
{
    ProtobufCMessage *message = NULL;
    base_arena_init(arena, 0);
    assert_int_equal(wire_unpack(type, base_buffer_slice(&server.payload), &wire_put_limits, arena,
                                 &message, NULL),
                     BASE_OK);
    return message;
}

static void every_field_is_sent(void **state)
{
    (void)state;
    const char *const ids[] = {"pmid:1", "arxiv:2401.01234"};
    struct hirsch_affiliation affiliation = {"CMU", "05x2bcf33"};
    struct hirsch_authorship_record authors[] = {
        {"local:a", 0, NULL, "A", true, 0, true, 1, &affiliation},
        {NULL, 0, NULL, "B", false, 7, false, 0, NULL}};
    struct hirsch_reported_year year = {2024, false, 9, true, 3};
    struct hirsch_reported_metrics reported = {.source = "page",
                                               .has_citation_count = true,
                                               .citation_count = 0,
                                               .has_novelty = true,
                                               .novelty = 0.5,
                                               .counts_by_year_count = 1,
                                               .counts_by_year = &year};
    struct hirsch_paper_record paper = HIRSCH_PAPER_RECORD_INIT;
    paper.id = "doi:10.1/x";
    paper.id_count = 2;
    paper.ids = ids;
    paper.title = "T";
    paper.abstract_text = "some";
    paper.date = "2025-07";
    paper.field = (struct hirsch_field){"cs.LG", NULL};
    paper.kind = HIRSCH_PAPER_KIND_PREPRINT;
    paper.refereed = HIRSCH_KNOWN_FALSE;
    paper.author_count = 2;
    paper.authors = authors;
    paper.authors_truncated = true;
    paper.affiliation_count = 1;
    paper.affiliations = &affiliation;
    paper.reference_count = 2;
    paper.references = ids;
    paper.source = "hand";
    paper.updated = "2026-01-31";
    paper.reported_count = 1;
    paper.reported = &reported;
    struct hirsch_record record = {HIRSCH_RECORD_PAPER, &paper};
    const struct hirsch_write_result *result = NULL;
    assert_int_equal(hirsch_put_records(client, &record, 1, "my-key", NULL, &result, NULL),
                     HIRSCH_OK);
    assert_int_equal(result->count, 1);
    assert_int_equal(result->items[0].outcome, HIRSCH_RECORD_STORED);
    assert_int_equal(result->sequence, 1);
    assert_string_equal(result->epoch, "00112233445566778899aabbccddeeff");
    hirsch_free(result);

    struct base_arena arena;
    const Hirsch__V1__PutRecordsRequest *got =
        sent(&hirsch__v1__put_records_request__descriptor, &arena);
    assert_string_equal(got->idempotency_key, "my-key");
    const Hirsch__V1__PaperRecord *to = got->records[0]->paper;
    assert_string_equal(to->id, "doi:10.1/x");
    assert_int_equal(to->n_ids, 2);
    assert_string_equal(to->ids[1], "arxiv:2401.01234");
    assert_string_equal(to->abstract, "some");
    assert_string_equal(to->field->id, "cs.LG");
    assert_int_equal(to->kind, HIRSCH__V1__PAPER_KIND__PAPER_KIND_PREPRINT);
    assert_int_equal(to->refereed_presence_case,
                     HIRSCH__V1__PAPER_RECORD__REFEREED_PRESENCE_REFEREED);
    assert_false(to->refereed);
    assert_int_equal(to->retracted_presence_case,
                     HIRSCH__V1__PAPER_RECORD__RETRACTED_PRESENCE__NOT_SET);
    assert_int_equal(to->n_authors, 2);
    assert_int_equal(to->authors[0]->position_presence_case,
                     HIRSCH__V1__AUTHORSHIP_RECORD__POSITION_PRESENCE_POSITION);
    assert_string_equal(to->authors[0]->affiliations[0]->ror, "05x2bcf33");
    assert_int_equal(to->authors[1]->position_presence_case,
                     HIRSCH__V1__AUTHORSHIP_RECORD__POSITION_PRESENCE__NOT_SET);
    assert_true(to->authors_truncated);
    assert_int_equal(to->n_references, 2);
    assert_string_equal(to->updated, "2026-01-31");
    assert_int_equal(to->reported[0]->citation_count_presence_case,
                     HIRSCH__V1__REPORTED_METRICS__CITATION_COUNT_PRESENCE_CITATION_COUNT);
    assert_int_equal(to->reported[0]->h_index_presence_case,
                     HIRSCH__V1__REPORTED_METRICS__H_INDEX_PRESENCE__NOT_SET);
    assert_int_equal(to->reported[0]->counts_by_year[0]->year, 2024);
    base_arena_fini(&arena);
}

static void every_type_is_sent(void **state)
{
    (void)state;
    struct hirsch_author_record author = HIRSCH_AUTHOR_RECORD_INIT;
    struct hirsch_citation_record citation = HIRSCH_CITATION_RECORD_INIT;
    struct hirsch_merge_record merge = HIRSCH_MERGE_RECORD_INIT;
    struct hirsch_suppress_record suppress = HIRSCH_SUPPRESS_RECORD_INIT;
    /* A hirsch.v1.Record: suppress {id "local:x"}. */
    struct hirsch_bytes packed = {"\x2a\x09\x0a\x07local:x", 11};
    const char *const aliases[] = {"A. B."};
    author.id = "local:a";
    author.alias_count = 1;
    author.aliases = aliases;
    citation.citing = "local:p";
    citation.cited = "local:q";
    merge.from = "local:b";
    merge.into = "local:a";
    merge.entity = HIRSCH_ENTITY_KIND_AUTHOR;
    suppress.id = "local:s";
    struct hirsch_record records[] = {{HIRSCH_RECORD_AUTHOR, &author},
                                      {HIRSCH_RECORD_CITATION, &citation},
                                      {HIRSCH_RECORD_MERGE, &merge},
                                      {HIRSCH_RECORD_SUPPRESS, &suppress},
                                      {HIRSCH_RECORD_PACKED, &packed}};
    const struct hirsch_write_result *result = NULL;
    assert_int_equal(hirsch_put_records(client, records, 5, NULL, NULL, &result, NULL), HIRSCH_OK);
    hirsch_free(result);
    struct base_arena arena;
    const Hirsch__V1__PutRecordsRequest *got =
        sent(&hirsch__v1__put_records_request__descriptor, &arena);
    assert_int_equal(strlen(got->idempotency_key), 32);
    assert_string_equal(got->records[0]->author->aliases[0], "A. B.");
    assert_string_equal(got->records[1]->citation->cited, "local:q");
    assert_int_equal(got->records[2]->merge->entity, HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_AUTHOR);
    assert_string_equal(got->records[3]->suppress->id, "local:s");
    assert_string_equal(got->records[4]->suppress->id, "local:x");
    base_arena_fini(&arena);
    const struct hirsch_record_key keys[] = {{HIRSCH_RECORD_UNSPECIFIED, "local:x", NULL, 0},
                                             {HIRSCH_RECORD_PAPER, "local:x", NULL, 0},
                                             {HIRSCH_RECORD_CITATION, "local:x", "local:y", 0},
                                             {HIRSCH_RECORD_MERGE, "local:b", "local:a", 1},
                                             {HIRSCH_RECORD_SUPPRESS, "local:s", NULL, 0}};
    /* The server answers for one key only. */
    hirsch_error *error = NULL;
    server.miscounts = true;
    assert_int_equal(hirsch_delete_records(client, keys, 5, NULL, NULL, &result, &error),
                     HIRSCH_INTERNAL);
    hirsch_free(error);
    const Hirsch__V1__DeleteRecordsRequest *deleted =
        sent(&hirsch__v1__delete_records_request__descriptor, &arena);
    assert_int_equal(deleted->n_keys, 5);
    assert_int_equal(deleted->keys[0]->entity->entity, 0);
    assert_int_equal(deleted->keys[1]->entity->entity, 2);
    assert_string_equal(deleted->keys[2]->citation->cited, "local:y");
    assert_string_equal(deleted->keys[3]->merge->into, "local:a");
    assert_string_equal(deleted->keys[4]->suppress->id, "local:s");
    base_arena_fini(&arena);
    assert_int_equal(hirsch_delete_records(client, keys, 1, NULL, NULL, &result, NULL), HIRSCH_OK);
    assert_int_equal(result->items[0].outcome, HIRSCH_RECORD_DELETED);
    hirsch_free(result);
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    struct hirsch_paper_record paper = HIRSCH_PAPER_RECORD_INIT;
    struct hirsch_paper_record unsized = {0};
    struct hirsch_record good = {HIRSCH_RECORD_PAPER, &paper};
    const struct hirsch_record wrong[] = {{HIRSCH_RECORD_UNSPECIFIED, &paper},
                                          {(enum hirsch_record_type)99, &paper},
                                          {HIRSCH_RECORD_PAPER, NULL},
                                          {HIRSCH_RECORD_PAPER, &unsized}};
    const struct hirsch_write_result *result = NULL;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(hirsch_put_records(client, &wrong[i], 1, NULL, NULL, &result, NULL),
                         HIRSCH_INVALID_ARGUMENT);
    }
    assert_int_equal(hirsch_put_records(client, &good, 0, NULL, NULL, &result, NULL),
                     HIRSCH_INVALID_ARGUMENT);
    assert_int_equal(hirsch_put_records(client, &good, 1, "a b", NULL, &result, NULL),
                     HIRSCH_INVALID_ARGUMENT);
    assert_int_equal(hirsch_put_records(client, &good, 1, "", NULL, &result, NULL),
                     HIRSCH_INVALID_ARGUMENT);
    char *large = calloc(1, HIRSCH_MAX_PUT_BYTES + 1);
    assert_non_null(large);
    memset(large, 'x', HIRSCH_MAX_PUT_BYTES);
    paper.title = large;
    assert_int_equal(hirsch_put_records(client, &good, 1, NULL, NULL, &result, NULL),
                     HIRSCH_INVALID_ARGUMENT);
    free(large);
    assert_int_equal(atomic_load(&server.requests), 0);
}

/* A write that is refused as UNAVAILABLE is sent again with its key. */
static void a_key_is_kept_over_retries(void **state)
{
    (void)state;
    struct hirsch_paper_record paper = HIRSCH_PAPER_RECORD_INIT;
    struct hirsch_record record = {HIRSCH_RECORD_PAPER, &paper};
    const struct hirsch_write_result *result = NULL;
    server.how = BASE_UNAVAILABLE;
    atomic_store(&server.busy, 1);
    assert_int_equal(hirsch_put_records(client, &record, 1, NULL, NULL, &result, NULL), HIRSCH_OK);
    hirsch_free(result);
    assert_int_equal(atomic_load(&server.requests), 2);
    assert_int_equal(strlen(server.keys[0]), 32);
    assert_string_equal(server.keys[0], server.keys[1]);
    assert_int_equal(hirsch_put_records(client, &record, 1, NULL, NULL, &result, NULL), HIRSCH_OK);
    hirsch_free(result);
    assert_string_not_equal(server.keys[1], server.keys[2]);
}

/* Outcomes as they are told. */
struct told {
    uint64_t next;
    uint64_t step;
    size_t failed;
    enum hirsch_code last;
};

static void on_item(void *context, uint64_t number, const struct hirsch_write_item *item)
{
    struct told *told = context;
    assert_int_equal(number, told->next);
    told->next += told->step;
    told->failed += item->code != HIRSCH_OK;
    told->last = item->code;
}

static hirsch_bulk *open_bulk(struct hirsch_bulk_options *options, struct told *told)
{
    hirsch_bulk *bulk = NULL;
    *told = (struct told){.next = 10, .step = 3};
    options->on_item = on_item;
    options->context = told;
    assert_int_equal(hirsch_bulk_open(client, options, &bulk, NULL), HIRSCH_OK);
    return bulk;
}

static enum hirsch_code put_one(hirsch_bulk *bulk, uint64_t i, const char *title,
                                hirsch_error **error)
{
    struct hirsch_paper_record paper = HIRSCH_PAPER_RECORD_INIT;
    struct hirsch_record record = {HIRSCH_RECORD_PAPER, &paper};
    paper.id = "local:x";
    paper.title = title;
    return hirsch_bulk_put(bulk, 10 + 3 * i, &record, error);
}

static void bulk_tells_in_order(void **state)
{
    (void)state;
    struct told told;
    struct hirsch_bulk_options options = HIRSCH_BULK_OPTIONS_INIT;
    options.in_flight = 6;
    options.records = 7;
    options.key_prefix = "run";
    hirsch_bulk *bulk = open_bulk(&options, &told);
    for (uint64_t i = 0; i < BULK_MOST; i++) {
        assert_int_equal(put_one(bulk, i, i % 100 == 99 ? "bad" : "good", NULL), HIRSCH_OK);
    }
    assert_int_equal(hirsch_bulk_flush(bulk, NULL), HIRSCH_OK);
    assert_int_equal(told.next, 10 + 3 * BULK_MOST);
    assert_int_equal(told.failed, BULK_MOST / 100);
    struct hirsch_bulk_totals totals;
    hirsch_bulk_totals(bulk, &totals);
    assert_int_equal(totals.records, BULK_MOST);
    assert_int_equal(totals.failed, BULK_MOST / 100);
    assert_int_equal(totals.stored, BULK_MOST - BULK_MOST / 100);
    int requests = atomic_load(&server.requests);
    assert_int_equal(requests, (BULK_MOST + 6) / 7);
    assert_int_equal(totals.sequence, requests);
    assert_string_equal(server.keys[0], "run-10");
    assert_int_equal(server.counts[0], 7);
    assert_int_equal(hirsch_bulk_flush(bulk, NULL), HIRSCH_OK);
    hirsch_bulk_close(bulk);
}

static void bulk_splits_by_bytes(void **state)
{
    (void)state;
    struct told told;
    struct hirsch_bulk_options options = HIRSCH_BULK_OPTIONS_INIT;
    options.bytes = 1000;
    hirsch_bulk *bulk = open_bulk(&options, &told);
    static char title[3001];
    memset(title, 't', 300);
    for (uint64_t i = 0; i < 9; i++) {
        assert_int_equal(put_one(bulk, i, title, NULL), HIRSCH_OK);
    }
    memset(title, 't', 3000); /* travels alone */
    assert_int_equal(put_one(bulk, 9, title, NULL), HIRSCH_OK);
    assert_int_equal(put_one(bulk, 10, "small", NULL), HIRSCH_OK);
    assert_int_equal(hirsch_bulk_flush(bulk, NULL), HIRSCH_OK);
    assert_int_equal(atomic_load(&server.requests), 5);
    assert_int_equal(told.next, 10 + 3 * 11);
    hirsch_bulk_close(bulk);
}

/* Puts and deletes never share a request; what became of each is told and counted. */
static void bulk_deletes(void **state)
{
    (void)state;
    struct told told;
    struct hirsch_bulk_options options = HIRSCH_BULK_OPTIONS_INIT;
    options.records = 100;
    options.key_prefix = "run";
    hirsch_bulk *bulk = open_bulk(&options, &told);
    for (uint64_t i = 0; i < 1000; i++) {
        struct hirsch_record_key key = {.type = HIRSCH_RECORD_PAPER,
                                        .id = i % 10 == 0 ? "local:absent" : "local:x"};
        if (i == 550) {
            assert_int_equal(put_one(bulk, i, "good", NULL), HIRSCH_OK);
        } else {
            assert_int_equal(hirsch_bulk_delete(bulk, 10 + 3 * i, &key, NULL), HIRSCH_OK);
        }
    }
    struct hirsch_record_key wrong = {.type = HIRSCH_RECORD_PACKED, .id = "local:x"};
    assert_int_equal(hirsch_bulk_delete(bulk, 5000, &wrong, NULL), HIRSCH_INVALID_ARGUMENT);
    assert_int_equal(hirsch_bulk_flush(bulk, NULL), HIRSCH_OK);
    assert_int_equal(told.next, 10 + 3 * 1000);
    struct hirsch_bulk_totals totals;
    hirsch_bulk_totals(bulk, &totals);
    assert_int_equal(totals.records, 1000);
    assert_int_equal(totals.stored, 1);
    assert_int_equal(totals.absent, 99);
    assert_int_equal(totals.deleted, 900);
    assert_int_equal(totals.sequence, 12);
    assert_int_equal(atomic_load(&server.requests), 12);
    assert_string_equal(server.keys[5], "run-1510");
    assert_int_equal(server.counts[5], 50);
    assert_int_equal(server.counts[6], 1);
    assert_int_equal(server.counts[7], 100);
    hirsch_bulk_close(bulk);
}

/* A full queue is waited out, with the same keys. */
static void bulk_waits_out_a_busy_server(void **state)
{
    (void)state;
    struct told told;
    struct hirsch_bulk_options options = HIRSCH_BULK_OPTIONS_INIT;
    options.records = 1;
    hirsch_bulk *bulk = open_bulk(&options, &told);
    server.how = BASE_RESOURCE_EXHAUSTED;
    atomic_store(&server.busy, 4);
    for (uint64_t i = 0; i < 8; i++) {
        assert_int_equal(put_one(bulk, i, "good", NULL), HIRSCH_OK);
    }
    assert_int_equal(hirsch_bulk_flush(bulk, NULL), HIRSCH_OK);
    assert_int_equal(told.failed, 0);
    assert_int_equal(told.next, 10 + 3 * 8);
    assert_int_equal(atomic_load(&server.requests), 12);
    hirsch_bulk_close(bulk);
}

/* What fails as a whole ends it: everything is told, nothing more is taken. */
static void bulk_ends_with_a_failure(void **state)
{
    (void)state;
    struct told told;
    struct hirsch_bulk_options options = HIRSCH_BULK_OPTIONS_INIT;
    hirsch_error *error = NULL;
    options.records = 2;
    hirsch_bulk *bulk = open_bulk(&options, &told);
    server.how = BASE_FAILED_PRECONDITION;
    atomic_store(&server.busy, 1000000);
    uint64_t taken = 0;
    while (put_one(bulk, taken, "good", &error) == HIRSCH_OK) {
        taken++;
        assert_true(taken < 1000);
    }
    assert_int_equal(error->code, HIRSCH_FAILED_PRECONDITION);
    hirsch_free(error);
    assert_int_equal(hirsch_bulk_flush(bulk, &error), HIRSCH_FAILED_PRECONDITION);
    assert_string_equal(error->text, "not now");
    hirsch_free(error);
    assert_int_equal(told.next, 10 + 3 * taken);
    assert_int_equal(told.failed, taken);
    hirsch_bulk_close(bulk);
}

static void bulk_may_be_left(void **state)
{
    (void)state;
    struct told told;
    struct hirsch_bulk_options options = HIRSCH_BULK_OPTIONS_INIT;
    options.records = 3;
    for (int round = 0; round < 20; round++) {
        hirsch_bulk *bulk = open_bulk(&options, &told);
        for (uint64_t i = 0; i < 10; i++) {
            assert_int_equal(put_one(bulk, i, "good", NULL), HIRSCH_OK);
        }
        hirsch_bulk_close(bulk);
    }
    hirsch_bulk_close(NULL);
}

static void done(const struct hirsch_completion *completion)
{
    const struct hirsch_write_result **result = completion->context;
    *result = completion->result;
    hirsch_free(completion->error);
}

static void a_put_may_be_asynchronous(void **state)
{
    (void)state;
    struct hirsch_paper_record paper = HIRSCH_PAPER_RECORD_INIT;
    struct hirsch_record record = {HIRSCH_RECORD_PAPER, &paper};
    const struct hirsch_write_result *result = NULL;
    struct hirsch_call_options call = HIRSCH_CALL_OPTIONS_INIT;
    call.done = done;
    call.context = &result;
    paper.title = "bad";
    assert_int_equal(hirsch_put_records(client, &record, 1, NULL, &call, NULL, NULL), HIRSCH_OK);
    while (result == NULL) {
        hirsch_poll(client, 1000);
    }
    assert_int_equal(result->items[0].outcome, HIRSCH_RECORD_FAILED);
    assert_int_equal(result->items[0].code, HIRSCH_INVALID_ARGUMENT);
    assert_string_equal(result->items[0].message, "title: it is bad");
    hirsch_free(result);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(every_field_is_sent),
        TEST(every_type_is_sent),
        TEST(wrong_arguments_are_refused),
        TEST(a_key_is_kept_over_retries),
        TEST(bulk_tells_in_order),
        TEST(bulk_splits_by_bytes),
        TEST(bulk_deletes),
        TEST(bulk_waits_out_a_busy_server),
        TEST(bulk_ends_with_a_failure),
        TEST(bulk_may_be_left),
        TEST(a_put_may_be_asynchronous),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
