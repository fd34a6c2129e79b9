/* Writes of libhirsch against a small server: what is sent, what is refused before, and keys over
 * retries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/record_server.h"

/* The last request, in an arena that the caller ends. */
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
        TEST(every_field_is_sent),         TEST(every_type_is_sent),
        TEST(wrong_arguments_are_refused), TEST(a_key_is_kept_over_retries),
        TEST(a_put_may_be_asynchronous),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
