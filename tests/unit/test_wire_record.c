/* Records as messages: every field comes through, and each wrong one is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "json/json.h"
#include "wire/json_read.h"
#include "wire/messages.h"
#include "wire/record.h"
#include "wire/unpack.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct json_reader *reader;
static struct base_arena arena;
static const model_time RECEIVED = 12345678;

static int setup(void **state)
{
    (void)state;
    base_arena_init(&arena, 0);
    reader = json_reader_new();
    return reader != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    base_arena_fini(&arena);
    json_reader_free(reader);
    return 0;
}

static void *unpack(const ProtobufCMessageDescriptor *type, const char *json)
{
    struct base_buffer bytes = BASE_BUFFER_EMPTY;
    struct base_error error = {0};
    ProtobufCMessage *message = NULL;
    if (wire_json_read(reader, type, base_slice_text(json), &bytes, &error) != BASE_OK ||
        wire_unpack(type, base_buffer_slice(&bytes), &wire_put_limits, &arena, &message, &error) !=
            BASE_OK) {
        fail_msg("%s: %s", json, error.text);
    }
    base_buffer_fini(&bytes);
    return message;
}

static enum base_code read_json(const char *json, struct model_record *record,
                                struct base_error *error)
{
    return wire_record_read(unpack(&hirsch__v1__record__descriptor, json), RECEIVED, &arena, record,
                            error);
}

static void test_paper(void **state)
{
    (void)state;
    struct model_record record;
    struct base_error error = {0};
    assert_int_equal(
        read_json("{\"paper\":{\"id\":\"https://doi.org/10.1/P\",\"ids\":[\"pmid:007\"],"
                  "\"title\":\"T\",\"abstract\":\"one\\ntwo\",\"date\":\"2025-07\","
                  "\"field\":{\"id\":\"cs.LG\"},\"kind\":\"PAPER_KIND_ARTICLE\",\"venue\":\"V\","
                  "\"refereed\":true,\"retracted\":false,\"authors\":[{\"id\":\"local:a\"},"
                  "{\"name\":\"B\",\"position\":0,\"corresponding\":true,"
                  "\"affiliations\":[{\"name\":\"N\",\"ror\":\"05ppvf150\"}]},{\"name\":\"C\"}],"
                  "\"authorsTruncated\":true,\"affiliations\":[{\"name\":\"tag\"}],"
                  "\"references\":[\"doi:10.1/q\",\"doi:10.1/q\"],"
                  "\"reported\":[{\"citationCount\":0,\"asOf\":\"2026\","
                  "\"countsByYear\":[{\"year\":2024,\"citationCount\":3}]}]}}",
                  &record, &error),
        BASE_OK);
    const struct model_paper_record *paper = &record.paper;
    assert_int_equal(record.type, MODEL_RECORD_PAPER);
    assert_true(base_slice_equal(record.id.value, BASE_SLICE("10.1/p")));
    assert_int_equal(record.id_count, 1);
    assert_true(base_slice_equal(record.ids[0].value, BASE_SLICE("7")));
    assert_true(base_slice_equal(record.source, BASE_SLICE("doi")));
    assert_int_equal(record.updated, RECEIVED);
    assert_true(base_slice_equal(paper->field.id, BASE_SLICE("arxiv/cs.LG")));
    assert_true(base_slice_equal(paper->field.name, BASE_SLICE("LG")));
    assert_int_equal(paper->date.precision, MODEL_MONTH);
    assert_int_equal(paper->kind, MODEL_KIND_ARTICLE);
    assert_int_equal(paper->refereed, MODEL_TRUE);
    assert_int_equal(paper->retracted, MODEL_FALSE);
    assert_int_equal(paper->author_count, 3);
    assert_int_equal(paper->authors[0].position, 1);
    assert_int_equal(paper->authors[1].position, 0);
    assert_true(paper->authors[1].corresponding);
    assert_int_equal(paper->authors[1].affiliation_count, 1);
    assert_int_equal(paper->authors[2].position, 3);
    assert_true(paper->authors_truncated);
    assert_int_equal(paper->reference_count, 2);
    assert_true(record.reported[0].citation_count.known);
    assert_false(record.reported[0].novelty.known);
    assert_true(base_slice_equal(record.reported[0].source, BASE_SLICE("doi")));
    assert_int_equal(record.reported[0].years[0].year, 2024);
}

static void test_least(void **state)
{
    (void)state;
    struct model_record record;
    struct base_error error = {0};
    assert_int_equal(read_json("{\"paper\":{\"id\":\"local:x\"}}", &record, &error), BASE_OK);
    assert_int_equal(record.paper.date.day, MODEL_NO_DAY);
    assert_int_equal(record.paper.refereed, MODEL_UNKNOWN);
    assert_int_equal(
        read_json("{\"author\":{\"id\":\"local:x\",\"updated\":\"2026-01-31\"}}", &record, &error),
        BASE_OK);
    assert_int_equal(model_time_day(record.updated), model_day_of(2026, 1, 31));
    assert_int_equal(
        read_json("{\"citation\":{\"citing\":\"local:x\",\"cited\":\"local:y\"}}", &record, &error),
        BASE_OK);
    assert_int_equal(record.citation_date.day, MODEL_NO_DAY);
    assert_int_equal(record.updated, RECEIVED);
    assert_int_equal(read_json("{\"merge\":{\"from\":\"openalex:A2\",\"into\":\"openalex:A1\"}}",
                               &record, &error),
                     BASE_OK);
    assert_int_equal(record.entity, MODEL_AUTHOR);
    assert_int_equal(record.updated, 0);
    assert_int_equal(
        read_json("{\"suppress\":{\"id\":\"local:x\",\"entity\":\"ENTITY_KIND_PAPER\"}}", &record,
                  &error),
        BASE_OK);
    assert_int_equal(record.entity, MODEL_PAPER);
}

static void test_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        const char *text; /* how the sentence begins */
    } rows[] = {
        {"{}", "the record is neither"},
        {"{\"paper\":{}}", "id: it is missing"},
        {"{\"paper\":{\"id\":\"nonsense\"}}", "id: "},
        {"{\"paper\":{\"id\":\"orcid:0000-0002-1825-0097\"}}", "id "},
        {"{\"paper\":{\"id\":\"name:x\"}}", "id"},
        {"{\"paper\":{\"id\":\"local:x\",\"ids\":[\"pmid:1\",\"pmid:x\"]}}", "ids[1]: "},
        {"{\"paper\":{\"id\":\"local:x\",\"title\":\"a\\u0001\"}}", "title: it has a control"},
        {"{\"paper\":{\"id\":\"local:x\",\"title\":\"a\\n\"}}", "title: it has a control"},
        {"{\"paper\":{\"id\":\"local:x\",\"abstract\":\"a\\u0001\"}}", "abstract"},
        {"{\"paper\":{\"id\":\"local:x\",\"date\":\"2025-13\"}}", "date: "},
        {"{\"paper\":{\"id\":\"local:x\",\"date\":\"1399\"}}", "date: "},
        {"{\"paper\":{\"id\":\"local:x\",\"updated\":\"yesterday\"}}", "updated: "},
        {"{\"paper\":{\"id\":\"local:x\",\"field\":{\"id\":\"\"}}}", "field.id: "},
        {"{\"paper\":{\"id\":\"local:x\",\"field\":{\"id\":\"a b/c\"}}}", "field.id: "},
        {"{\"paper\":{\"id\":\"local:x\",\"field\":{\"id\":\"a/b\",\"displayName\":\"\\u0001\"}}}",
         "field.display_name: "},
        {"{\"paper\":{\"id\":\"local:x\",\"kind\":99}}", "kind: there is no such value"},
        {"{\"paper\":{\"id\":\"local:x\",\"kind\":-1}}", "kind: there is no such value"},
        {"{\"paper\":{\"id\":\"local:x\",\"authors\":[{\"name\":\"A\"},{}]}}", "authors[1].name: "},
        {"{\"paper\":{\"id\":\"local:x\",\"authors\":[{\"id\":\"doi:10.1/x\"}]}}", "author"},
        {"{\"paper\":{\"id\":\"local:x\",\"authors\":[{\"id\":\"x\"}]}}", "authors[0].id: "},
        {"{\"paper\":{\"id\":\"local:x\",\"authors\":[{\"name\":\"A\",\"ids\":[\"x\"]}]}}",
         "authors[0].ids[0]: "},
        {"{\"paper\":{\"id\":\"local:x\",\"authors\":[{\"name\":\"A\",\"position\":65536}]}}",
         "authors[0].position: 65536"},
        {"{\"paper\":{\"id\":\"local:x\",\"authors\":[{\"name\":\"A\",\"affiliations\":[{}]}]}}",
         "authors[0].affiliations[0].name: "},
        {"{\"paper\":{\"id\":\"local:x\",\"affiliations\":[{\"ror\":\"nope\"}]}}",
         "affiliations[0].ror: "},
        {"{\"paper\":{\"id\":\"local:x\",\"references\":[\"local:y\",\"\"]}}", "references[1]: "},
        {"{\"paper\":{\"id\":\"local:x\",\"reported\":[{\"asOf\":\"x\"}]}}", "reported[0].as_of: "},
        {"{\"paper\":{\"id\":\"local:x\",\"reported\":[{\"hIndex\":1}]}}", "reported block 1"},
        {"{\"author\":{\"id\":\"local:x\",\"reported\":[{},{\"citationBasis\":7}]}}",
         "reported[1].citation_basis: "},
        {"{\"author\":{\"id\":\"local:x\",\"reported\":[{\"novelty\":1.5}]}}", "reported block 1"},
        {"{\"author\":{\"id\":\"local:x\",\"reported\":[{\"novelty\":\"NaN\"}]}}",
         "reported block 1"},
        {"{\"author\":{\"id\":\"local:x\",\"reported\":[{\"aiScore\":-1}]}}", "reported block 1"},
        {"{\"author\":{\"id\":\"local:x\",\"reported\":[{\"countsByYear\":[{\"year\":70000}]}]}}",
         "reported[0].counts_by_year[0].year: 70000"},
        {"{\"author\":{\"id\":\"local:x\",\"reported\":[{\"countsByYear\":[{\"year\":2001},"
         "{\"year\":2001,\"paperCount\":1}]}]}}",
         "reported block 1"},
        {"{\"author\":{\"id\":\"local:x\",\"name\":\"\\u007f\"}}", "name: "},
        {"{\"author\":{\"id\":\"local:x\",\"aliases\":[\"a\",\"\\u0001\"]}}", "aliases[1]: "},
        {"{\"author\":{\"id\":\"local:x\",\"source\":\"\\u0001\"}}", "source: "},
        {"{\"author\":{\"id\":\"doi:10.1/x\"}}", "id"},
        {"{\"citation\":{\"cited\":\"local:x\"}}", "citing: it is missing"},
        {"{\"citation\":{\"citing\":\"local:x\"}}", "cited: it is missing"},
        {"{\"citation\":{\"citing\":\"local:x\",\"cited\":\"openalex:A1\"}}", "id"},
        {"{\"citation\":{\"citing\":\"local:x\",\"cited\":\"local:y\",\"date\":\"1\"}}", "date: "},
        {"{\"merge\":{\"from\":\"local:x\"}}", "into: it is missing"},
        {"{\"merge\":{\"from\":\"local:x\",\"into\":\"local:x\"}}", "\"from\" and \"into\""},
        {"{\"merge\":{\"from\":\"openalex:A1\",\"into\":\"openalex:W1\"}}", "the ids"},
        {"{\"merge\":{\"from\":\"local:x\",\"into\":\"local:y\",\"entity\":3}}", "entity: "},
        {"{\"suppress\":{}}", "id: it is missing"},
        {"{\"suppress\":{\"id\":\"openalex:A1\",\"entity\":2}}", "id"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct model_record record = {.updated = 77};
        struct base_error error = {0};
        enum base_code code = read_json(rows[i].json, &record, &error);
        if (code != BASE_INVALID_ARGUMENT ||
            strncmp(error.text, rows[i].text, strlen(rows[i].text)) != 0) {
            fail_msg("%s: code %d, %s", rows[i].json, code, error.text);
        }
        assert_int_equal(record.updated, 77);
        base_arena_reset(&arena);
    }
}

/* A list one longer than it may be. */
static void test_limits(void **state)
{
    (void)state;
    static const struct {
        const char *begin;
        const char *entry;
        size_t most;
        const char *text; /* NULL: taken, and cut */
    } rows[] = {
        {"{\"author\":{\"id\":\"local:x\",\"ids\":[", "\"local:y\"", LIMIT_IDS, "ids: 65"},
        {"{\"author\":{\"id\":\"local:x\",\"aliases\":[", "\"y\"", LIMIT_ALIASES, "aliases: 257"},
        {"{\"author\":{\"id\":\"local:x\",\"affiliations\":[", "{\"name\":\"y\"}",
         LIMIT_AFFILIATIONS, "affiliations: 257"},
        {"{\"author\":{\"id\":\"local:x\",\"reported\":[", "{}", LIMIT_REPORTED, "reported: 65"},
        {"{\"paper\":{\"id\":\"local:x\",\"references\":[", "\"local:y\"", LIMIT_REFERENCES,
         "references: 100001"},
        {"{\"paper\":{\"id\":\"local:x\",\"authors\":[", "{\"name\":\"y\"}", LIMIT_AUTHORS, NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct base_buffer json = BASE_BUFFER_EMPTY;
        struct model_record record;
        struct base_error error = {0};
        base_buffer_append_text(&json, rows[i].begin);
        for (size_t k = 0; k <= rows[i].most; k++) {
            base_buffer_append_text(&json, k == 0 ? "" : ",");
            base_buffer_append_text(&json, rows[i].entry);
        }
        base_buffer_append(&json, "]}}", 4);
        enum base_code code = read_json(json.data, &record, &error);
        if (rows[i].text == NULL) {
            assert_int_equal(code, BASE_OK);
            assert_int_equal(record.paper.author_count, LIMIT_AUTHORS);
            assert_true(record.paper.authors_truncated);
        } else if (code != BASE_INVALID_ARGUMENT ||
                   strncmp(error.text, rows[i].text, strlen(rows[i].text)) != 0) {
            fail_msg("%s: code %d, %s", rows[i].text, code, error.text);
        }
        base_buffer_fini(&json);
        base_arena_reset(&arena);
    }
}

static void test_keys(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        size_t count; /* 0: refused */
        enum model_record_type type;
        const char *text;
    } rows[] = {
        {"{\"entity\":{\"id\":\"openalex:A1\"}}", 1, MODEL_RECORD_AUTHOR, NULL},
        {"{\"entity\":{\"id\":\"doi:10.1/x\"}}", 1, MODEL_RECORD_PAPER, NULL},
        {"{\"entity\":{\"id\":\"local:x\"}}", 2, MODEL_RECORD_AUTHOR, NULL},
        {"{\"entity\":{\"id\":\"local:x\",\"entity\":2}}", 1, MODEL_RECORD_PAPER, NULL},
        {"{\"citation\":{\"citing\":\"local:x\",\"cited\":\"local:y\"}}", 1, MODEL_RECORD_CITATION,
         NULL},
        {"{\"merge\":{\"from\":\"name:x\",\"into\":\"orcid:0000-0002-1825-0097\"}}", 1,
         MODEL_RECORD_MERGE, NULL},
        {"{\"suppress\":{\"id\":\"local:x\"}}", 3, MODEL_RECORD_SUPPRESS, NULL},
        {"{\"suppress\":{\"id\":\"openalex:A1\"}}", 1, MODEL_RECORD_SUPPRESS, NULL},
        {"{\"suppress\":{\"id\":\"local:x\",\"entity\":2}}", 1, MODEL_RECORD_SUPPRESS, NULL},
        {"{}", 0, 0, "the key is neither"},
        {"{\"entity\":{}}", 0, 0, "id: it is missing"},
        {"{\"entity\":{\"id\":\"x\"}}", 0, 0, "id: "},
        {"{\"entity\":{\"id\":\"ror:05ppvf150\"}}", 0, 0, "id: "},
        {"{\"entity\":{\"id\":\"name:x\"}}", 0, 0, "id: "},
        {"{\"entity\":{\"id\":\"openalex:A1\",\"entity\":2}}", 0, 0, "id: openalex:A1"},
        {"{\"entity\":{\"id\":\"local:x\",\"entity\":3}}", 0, 0, "entity: "},
        {"{\"citation\":{\"citing\":\"local:x\"}}", 0, 0, "cited: it is missing"},
        {"{\"merge\":{\"into\":\"local:x\"}}", 0, 0, "from: it is missing"},
        {"{\"suppress\":{}}", 0, 0, "id: it is missing"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct model_record records[WIRE_KEY_RECORDS];
        struct base_error error = {0};
        size_t count = 0;
        enum base_code code =
            wire_record_key_read(unpack(&hirsch__v1__record_key__descriptor, rows[i].json), &arena,
                                 records, &count, &error);
        if (rows[i].count == 0) {
            if (code != BASE_INVALID_ARGUMENT ||
                strncmp(error.text, rows[i].text, strlen(rows[i].text)) != 0) {
                fail_msg("%s: code %d, %s", rows[i].json, code, error.text);
            }
            continue;
        }
        assert_int_equal(code, BASE_OK);
        assert_int_equal(count, rows[i].count);
        assert_int_equal(records[0].type, rows[i].type);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paper),  cmocka_unit_test(test_least), cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_limits), cmocka_unit_test(test_keys),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
