/* Proto3 JSON read back: every type of request and answer there and back, and each way in which a
 * text can be wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "wire/json.h"
#include "wire/json_read.h"
#include "wire/messages.h"
#include "wire/unpack.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const ProtobufCMessageDescriptor *const types[] = {
    &grpc__health__v1__health_check_request__descriptor,
    &grpc__health__v1__health_check_response__descriptor,
    &hirsch__rpc__v1__request__descriptor,
    &hirsch__rpc__v1__response__descriptor,
    &hirsch__v1__get_author_request__descriptor,
    &hirsch__v1__get_author_response__descriptor,
    &hirsch__v1__batch_get_authors_request__descriptor,
    &hirsch__v1__batch_get_authors_response__descriptor,
    &hirsch__v1__list_author_papers_request__descriptor,
    &hirsch__v1__list_author_papers_response__descriptor,
    &hirsch__v1__list_coauthors_request__descriptor,
    &hirsch__v1__list_coauthors_response__descriptor,
    &hirsch__v1__search_authors_request__descriptor,
    &hirsch__v1__search_authors_response__descriptor,
    &hirsch__v1__get_paper_request__descriptor,
    &hirsch__v1__get_paper_response__descriptor,
    &hirsch__v1__batch_get_papers_request__descriptor,
    &hirsch__v1__batch_get_papers_response__descriptor,
    &hirsch__v1__list_citations_request__descriptor,
    &hirsch__v1__list_citations_response__descriptor,
    &hirsch__v1__list_references_request__descriptor,
    &hirsch__v1__list_references_response__descriptor,
    &hirsch__v1__search_papers_request__descriptor,
    &hirsch__v1__search_papers_response__descriptor,
    &hirsch__v1__get_dataset_request__descriptor,
    &hirsch__v1__get_dataset_response__descriptor,
    &hirsch__v1__sample_ids_request__descriptor,
    &hirsch__v1__sample_ids_response__descriptor,
    &hirsch__v1__resolve_ids_request__descriptor,
    &hirsch__v1__resolve_ids_response__descriptor,
    &hirsch__v1__put_records_request__descriptor,
    &hirsch__v1__put_records_response__descriptor,
    &hirsch__v1__delete_records_request__descriptor,
    &hirsch__v1__delete_records_response__descriptor,
};

static struct json_reader *reader;
static struct base_error error;

static enum base_code read_text(const ProtobufCMessageDescriptor *type, const char *text,
                                struct base_buffer *bytes)
{
    return wire_json_read(reader, type, base_slice_text(text), bytes, &error);
}

static void write_text(const ProtobufCMessage *message, struct base_buffer *text)
{
    struct json_writer writer;
    json_writer_init(&writer, text, 0);
    wire_json_write(message, &writer);
    assert_false(text->failed);
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 24;
}

static bool stands_in_oneof_before(const ProtobufCMessageDescriptor *type, unsigned index)
{
    const ProtobufCFieldDescriptor *field = &type->fields[index];
    for (unsigned i = 0; i < index; i++) {
        if ((type->fields[i].flags & field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
            type->fields[i].quantifier_offset == field->quantifier_offset) {
            return true;
        }
    }
    return false;
}

static void write_random(const ProtobufCMessageDescriptor *type, uint64_t *state,
                         struct json_writer *writer);

static void write_random_value(const ProtobufCFieldDescriptor *field, uint64_t *state,
                               struct json_writer *writer)
{
    static const char *const texts[] = {"",
                                        "a",
                                        "\xc3\xa9t\xc3\xa9 \"\\\n\t",
                                        "\xe5\xbc\x80\xe6\x94\xbe",
                                        "\x01\x7f",
                                        "\xf0\x9f\x93\x84"};
    static const char *const bytes[] = {"", "AA==", "AAEC", "//8=", "+/+/"};
    static const double numbers[] = {0, 0.42, -1e300, 5e-324, 1.0 / 3};
    uint64_t random = next_random(state);
    char quoted[24];
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        json_write_text(writer, texts[random % COUNT(texts)]);
        break;
    case PROTOBUF_C_TYPE_BYTES:
        json_write_text(writer, bytes[random % COUNT(bytes)]);
        break;
    case PROTOBUF_C_TYPE_BOOL:
        json_write_bool(writer, random % 2 == 1);
        break;
    case PROTOBUF_C_TYPE_UINT32:
        json_write_u64(writer, random % 3 == 0 ? UINT32_MAX : random % 3000);
        break;
    case PROTOBUF_C_TYPE_UINT64:
        snprintf(quoted, sizeof quoted, "%llu",
                 random % 3 == 0 ? (unsigned long long)UINT64_MAX : (unsigned long long)random);
        json_write_text(writer, quoted);
        break;
    case PROTOBUF_C_TYPE_DOUBLE:
        json_write_double(writer, numbers[random % COUNT(numbers)]);
        break;
    case PROTOBUF_C_TYPE_ENUM: {
        const ProtobufCEnumDescriptor *values = field->descriptor;
        json_write_text(writer, values->values[random % values->n_values].name);
        break;
    }
    case PROTOBUF_C_TYPE_MESSAGE:
        write_random(field->descriptor, state, writer);
        break;
    default:
        fail_msg("%s: write_random knows no such type", field->name);
    }
}

/* The message as wire_json_write writes it, with values of every sort. */
static void write_random(const ProtobufCMessageDescriptor *type, uint64_t *state,
                         struct json_writer *writer)
{
    json_begin_object(writer);
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        char name[WIRE_JSON_NAME];
        wire_json_name(field->name, name);
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            json_write_key(writer, name);
            json_begin_array(writer);
            for (uint64_t left = next_random(state) % 3; left > 0; left--) {
                write_random_value(field, state, writer);
            }
            json_end_array(writer);
        } else if (!stands_in_oneof_before(type, i)) {
            json_write_key(writer, name);
            write_random_value(field, state, writer);
        }
    }
    json_end_object(writer);
}

static void round_trip(const ProtobufCMessageDescriptor *type, uint64_t seed)
{
    struct base_buffer text = BASE_BUFFER_EMPTY;
    struct base_buffer bytes = BASE_BUFFER_EMPTY;
    struct base_buffer packed = BASE_BUFFER_EMPTY;
    struct base_buffer again = BASE_BUFFER_EMPTY;
    struct base_arena arena;
    struct json_writer writer;
    ProtobufCMessage *message = NULL;
    base_arena_init(&arena, 0);
    json_writer_init(&writer, &text, 0);
    write_random(type, &seed, &writer);
    if (wire_json_read(reader, type, base_buffer_slice(&text), &bytes, &error) != BASE_OK ||
        wire_unpack(type, base_buffer_slice(&bytes), &wire_reply_limits, &arena, &message,
                    &error) != BASE_OK) {
        fail_msg("%s: %s: %.*s", type->name, error.text, BASE_PRINT(base_buffer_slice(&text)));
    }
    write_text(message, &again);
    wire_pack(message, &packed);
    if (!base_slice_equal(base_buffer_slice(&text), base_buffer_slice(&again)) ||
        !base_slice_equal(base_buffer_slice(&bytes), base_buffer_slice(&packed))) {
        fail_msg("%s: %.*s\nbecame %.*s", type->name, BASE_PRINT(base_buffer_slice(&text)),
                 BASE_PRINT(base_buffer_slice(&again)));
    }
    base_buffer_fini(&again);
    base_buffer_fini(&packed);
    base_buffer_fini(&bytes);
    base_buffer_fini(&text);
    base_arena_fini(&arena);
}

static void test_round_trips(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        for (uint64_t seed = 0; seed < 40; seed++) {
            round_trip(types[i], seed * 7919 + i);
        }
    }
}

/* text gives a message that is written as expected. */
static void expect(const ProtobufCMessageDescriptor *type, const char *text, const char *expected)
{
    struct base_buffer bytes = BASE_BUFFER_EMPTY;
    struct base_buffer again = BASE_BUFFER_EMPTY;
    struct base_arena arena;
    ProtobufCMessage *message = NULL;
    base_arena_init(&arena, 0);
    if (read_text(type, text, &bytes) != BASE_OK) {
        fail_msg("%s: %s", text, error.text);
    }
    assert_int_equal(
        wire_unpack(type, base_buffer_slice(&bytes), &wire_reply_limits, &arena, &message, &error),
        BASE_OK);
    write_text(message, &again);
    base_buffer_append_byte(&again, '\0');
    assert_string_equal(again.data, expected);
    base_buffer_fini(&again);
    base_buffer_fini(&bytes);
    base_arena_fini(&arena);
}

static void test_ways_to_write_it(void **state)
{
    (void)state;
    const ProtobufCMessageDescriptor *list = &hirsch__v1__list_author_papers_request__descriptor;
    static const char full[] = "{\"id\":\"a:1\",\"pageSize\":7,\"pageToken\":\"\","
                               "\"view\":\"PAPER_VIEW_FULL\"}";
    expect(list, "{\"id\":\"a:1\",\"pageSize\":7,\"view\":\"PAPER_VIEW_FULL\"}", full);
    expect(list, "{\"view\":2,\"page_size\":\"7\",\"id\":\"a:1\"}", full);
    expect(list, " {\"id\":\"a:1\",\"page_token\":null,\"pageSize\":7.0,\"view\":2}\n", full);
    expect(list, "{\"view\":77}", "{\"id\":\"\",\"pageSize\":0,\"pageToken\":\"\",\"view\":77}");
    const ProtobufCMessageDescriptor *sample = &hirsch__v1__sample_ids_request__descriptor;
    static const char most[] = "{\"kind\":\"ENTITY_KIND_UNSPECIFIED\",\"count\":0,"
                               "\"seed\":\"18446744073709551615\",\"includeStubs\":false}";
    expect(sample, "{\"seed\":18446744073709551615}", most);
    expect(sample, "{\"seed\":\"18446744073709551615\",\"kind\":null}", most);
    const ProtobufCMessageDescriptor *reported = &hirsch__v1__reported_metrics__descriptor;
    static const char zero[] = "{\"source\":\"\",\"asOf\":\"\",\"hIndex\":0,\"novelty\":0.5,"
                               "\"countsByYear\":[],\"issues\":[],\"citationBasis\":"
                               "\"CITATION_BASIS_UNSPECIFIED\"}";
    expect(reported, "{\"hIndex\":0,\"novelty\":\"0.5\",\"paperCount\":null,\"issues\":null}",
           zero);
    const ProtobufCMessageDescriptor *request = &hirsch__rpc__v1__request__descriptor;
    static const char bytes[] = "{\"method\":\"\",\"timeoutMs\":0,\"metadata\":[],"
                                "\"payload\":\"+/8=\"}";
    expect(request, "{\"payload\":\"+/8=\"}", bytes);
    expect(request, "{\"payload\":\"-_8\"}", bytes);
    expect(&hirsch__v1__get_dataset_request__descriptor, "{}", "{}");
}

static const struct {
    const ProtobufCMessageDescriptor *type;
    const char *text;
    const char *complaint;
} wrong[] = {
    {&hirsch__v1__get_author_request__descriptor, "{\"ids\":\"a:1\"}",
     "line 1: column 8: unknown field ids: hirsch.v1.GetAuthorRequest has none of that name; did "
     "you mean id?"},
    {&hirsch__v1__reported_issue__descriptor, "{\"zebra\":1}",
     "line 1: column 10: unknown field zebra: hirsch.v1.ReportedIssue has code, message"},
    {&hirsch__v1__get_dataset_request__descriptor, "{\"id\":1}",
     "line 1: column 7: unknown field id: hirsch.v1.GetDatasetRequest has no fields"},
    {&hirsch__v1__get_author_request__descriptor, "[]",
     "line 1: column 1: hirsch.v1.GetAuthorRequest takes an object, not an array"},
    {&hirsch__v1__get_author_request__descriptor, "{\"id\":7}",
     "line 1: column 7: field id takes a string, not 7"},
    {&hirsch__v1__get_author_request__descriptor, "{\"id\":[\"a:1\"]}",
     "line 1: column 7: field id takes a string, not an array"},
    {&hirsch__v1__get_author_request__descriptor, "{\"id\":\"a\\u0000b\"}",
     "line 1: column 7: field id holds a NUL"},
    {&hirsch__v1__get_author_request__descriptor, "{\n \"id\":\"a\",\n \"id\":\"b\"}",
     "line 3: column 7: field id stands twice"},
    {&hirsch__v1__get_author_request__descriptor, "{\"id\":null,\"id\":\"b\"}",
     "line 1: column 17: field id stands twice"},
    {&hirsch__v1__list_author_papers_request__descriptor, "{\"pageSize\":1,\"page_size\":1}",
     "line 1: column 27: field page_size stands twice"},
    {&hirsch__v1__list_author_papers_request__descriptor, "{\"pageSize\":-1}",
     "line 1: column 13: field pageSize takes a whole number from 0 to 4294967295, not -1"},
    {&hirsch__v1__list_author_papers_request__descriptor, "{\"pageSize\":4294967296}",
     "line 1: column 13: field pageSize takes a whole number from 0 to 4294967295, not "
     "4294967296"},
    {&hirsch__v1__list_author_papers_request__descriptor, "{\"pageSize\":1.5}",
     "line 1: column 13: field pageSize takes a whole number from 0 to 4294967295, not 1.5"},
    {&hirsch__v1__list_author_papers_request__descriptor, "{\"pageSize\":\"0x7\"}",
     "line 1: column 13: field pageSize takes a whole number from 0 to 4294967295, not the string "
     "'0x7'"},
    {&hirsch__v1__list_author_papers_request__descriptor, "{\"view\":\"PAPER_VIEW_FUL\"}",
     "line 1: column 9: field view: hirsch.v1.PaperView has no value 'PAPER_VIEW_FUL'; did you "
     "mean 'PAPER_VIEW_FULL'?"},
    {&hirsch__v1__list_author_papers_request__descriptor, "{\"view\":2147483648}",
     "line 1: column 9: field view takes the name or number of an enum value, not 2147483648"},
    {&hirsch__v1__batch_get_authors_request__descriptor, "{\"ids\":\"a:1\"}",
     "line 1: column 8: field ids takes a list, not a string"},
    {&hirsch__v1__batch_get_authors_request__descriptor, "{\"ids\":[\"a:1\",null]}",
     "line 1: column 15: field ids[1] takes a string, not null"},
    {&hirsch__v1__sample_ids_request__descriptor, "{\"includeStubs\":1}",
     "line 1: column 17: field includeStubs takes true or false, not 1"},
    {&hirsch__v1__batch_get_authors_response__descriptor,
     "{\"results\":[{},{\"author\":{},\"error\":{}}]}",
     "line 1: column 37: field results[1].error stands beside author: only one of them may be "
     "given"},
    {&hirsch__v1__get_author_response__descriptor,
     "{\"author\":{\"reported\":[{\"issues\":[{\"cod\":\"X\"}]}]}}",
     "line 1: column 42: unknown field author.reported[0].issues[0].cod: hirsch.v1.ReportedIssue "
     "has none of that name; did you mean code?"},
    {&hirsch__v1__reported_metrics__descriptor, "{\"novelty\":\"0x1\"}",
     "line 1: column 12: field novelty takes a number, not the string '0x1'"},
    {&hirsch__rpc__v1__request__descriptor, "{\"payload\":\"=A==\"}",
     "line 1: column 12: field payload is not base64"},
};

static void test_wrong_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct base_buffer bytes = BASE_BUFFER_EMPTY;
        base_buffer_append_text(&bytes, "before");
        assert_int_equal(read_text(wrong[i].type, wrong[i].text, &bytes), BASE_INVALID_ARGUMENT);
        assert_string_equal(error.text, wrong[i].complaint);
        assert_int_equal(bytes.size, 6);
        base_buffer_fini(&bytes);
    }
}

static void test_no_json(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "{", "{\"id\":}", "{\"id\":\"\xff\"}", "{} {}", "nul"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct base_buffer bytes = BASE_BUFFER_EMPTY;
        assert_int_equal(read_text(&hirsch__v1__get_author_request__descriptor, texts[i], &bytes),
                         BASE_INVALID_ARGUMENT);
        assert_non_null(strstr(error.text, "line 1: column "));
        assert_int_equal(bytes.size, 0);
        base_buffer_fini(&bytes);
    }
}

static int set_up(void **state)
{
    (void)state;
    reader = json_reader_new();
    return reader == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    json_reader_free(reader);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_ways_to_write_it),
        cmocka_unit_test(test_wrong_texts),
        cmocka_unit_test(test_no_json),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
