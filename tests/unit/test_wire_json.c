/* Messages as proto3 JSON against texts written by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#include "wire/json.h"
#include "wire/messages.h"

static void expect(const ProtobufCMessage *message, const char *text)
{
    struct base_buffer buffer = BASE_BUFFER_EMPTY;
    struct json_writer writer;
    json_writer_init(&writer, &buffer, 0);
    wire_json_write(message, &writer);
    base_buffer_append_byte(&buffer, '\0');
    assert_false(buffer.failed);
    assert_string_equal(buffer.data, text);
    base_buffer_fini(&buffer);
}

static void test_zeros_are_shown(void **state)
{
    (void)state;
    Hirsch__V1__Author author = HIRSCH__V1__AUTHOR__INIT;
    expect(&author.base, "{\"id\":\"\",\"ids\":[],\"displayName\":\"\",\"alternativeNames\":[],"
                         "\"affiliations\":[],\"reported\":[],\"disputedIds\":[],"
                         "\"nameOnly\":false}");
    Hirsch__V1__AuthorMetrics metrics = HIRSCH__V1__AUTHOR_METRICS__INIT;
    expect(&metrics.base, "{\"paperCount\":0,\"citationCount\":0,\"citingPaperCount\":0,"
                          "\"hIndex\":0,\"gIndex\":0,\"i10Index\":0,\"i100Index\":0,"
                          "\"selfCitationCount\":0,\"countsByYear\":[]}");
}

static void test_oneof_members(void **state)
{
    (void)state;
    Hirsch__V1__AuthorMetrics metrics = HIRSCH__V1__AUTHOR_METRICS__INIT;
    metrics.m_quotient_presence_case = HIRSCH__V1__AUTHOR_METRICS__M_QUOTIENT_PRESENCE_M_QUOTIENT;
    metrics.m_quotient = 0.0;
    metrics.first_year_presence_case = HIRSCH__V1__AUTHOR_METRICS__FIRST_YEAR_PRESENCE_FIRST_YEAR;
    metrics.first_year = 1999;
    expect(&metrics.base, "{\"paperCount\":0,\"citationCount\":0,\"citingPaperCount\":0,"
                          "\"hIndex\":0,\"gIndex\":0,\"i10Index\":0,\"i100Index\":0,"
                          "\"mQuotient\":0,\"selfCitationCount\":0,\"firstYear\":1999,"
                          "\"countsByYear\":[]}");
    Hirsch__V1__ItemError error = HIRSCH__V1__ITEM_ERROR__INIT;
    error.code = 5;
    error.message = (char *)(uintptr_t) "no \"such\" id";
    Hirsch__V1__AuthorResult result = HIRSCH__V1__AUTHOR_RESULT__INIT;
    result.id = (char *)(uintptr_t) "local:x";
    expect(&result.base, "{\"id\":\"local:x\"}");
    result.result_case = HIRSCH__V1__AUTHOR_RESULT__RESULT_ERROR;
    result.error = &error;
    expect(&result.base, "{\"id\":\"local:x\",\"error\":{\"code\":5,"
                         "\"message\":\"no \\\"such\\\" id\"}}");
}

static void test_lists_enums_doubles(void **state)
{
    (void)state;
    Hirsch__V1__PaperYear years[2] = {HIRSCH__V1__PAPER_YEAR__INIT, HIRSCH__V1__PAPER_YEAR__INIT};
    years[0].year = 2019;
    years[1].year = 2020;
    years[1].citation_count = UINT32_MAX;
    Hirsch__V1__PaperYear *list[2] = {&years[0], &years[1]};
    Hirsch__V1__PaperMetrics metrics = HIRSCH__V1__PAPER_METRICS__INIT;
    metrics.n_counts_by_year = 2;
    metrics.counts_by_year = list;
    expect(&metrics.base, "{\"citationCount\":0,\"referenceCount\":0,\"selfCitationCount\":0,"
                          "\"countsByYear\":[{\"year\":2019,\"citationCount\":0},"
                          "{\"year\":2020,\"citationCount\":4294967295}]}");

    Hirsch__V1__ReportedMetrics reported = HIRSCH__V1__REPORTED_METRICS__INIT;
    reported.novelty_presence_case = HIRSCH__V1__REPORTED_METRICS__NOVELTY_PRESENCE_NOVELTY;
    reported.novelty = 0.42;
    reported.citation_basis = HIRSCH__V1__CITATION_BASIS__CITATION_BASIS_CITING_PAPERS;
    expect(&reported.base, "{\"source\":\"\",\"asOf\":\"\",\"novelty\":0.42,\"countsByYear\":[],"
                           "\"issues\":[],\"citationBasis\":\"CITATION_BASIS_CITING_PAPERS\"}");
    reported.citation_basis = (Hirsch__V1__CitationBasis)77;
    reported.novelty = NAN;
    expect(&reported.base, "{\"source\":\"\",\"asOf\":\"\",\"novelty\":\"NaN\","
                           "\"countsByYear\":[],\"issues\":[],\"citationBasis\":77}");
}

static void test_bytes_and_strings(void **state)
{
    (void)state;
    char first[] = "a";
    char second[] = "b";
    char *ids[] = {first, second};
    Hirsch__V1__BatchGetAuthorsRequest batch = HIRSCH__V1__BATCH_GET_AUTHORS_REQUEST__INIT;
    batch.n_ids = 2;
    batch.ids = ids;
    expect(&batch.base, "{\"ids\":[\"a\",\"b\"],\"view\":\"AUTHOR_VIEW_UNSPECIFIED\"}");
    uint8_t payload[] = {0xfb, 0xff};
    Hirsch__Rpc__V1__Request request = HIRSCH__RPC__V1__REQUEST__INIT;
    request.payload.len = 2;
    request.payload.data = payload;
    expect(&request.base, "{\"method\":\"\",\"timeoutMs\":0,\"metadata\":[],"
                          "\"payload\":\"+/8=\"}");
}

/* Types that the schema does not use yet, over a descriptor made by hand. */
struct every {
    ProtobufCMessage base;
    int64_t signed_wide;
    uint64_t wide;
    int32_t narrow;
    float single;
    size_t n_numbers;
    uint64_t *numbers;
    size_t n_flags;
    protobuf_c_boolean *flags;
};

#define MEMBER(text, number, kind, member)                                                         \
    {                                                                                              \
        .name = text, .id = number, .label = PROTOBUF_C_LABEL_NONE,                                \
        .type = PROTOBUF_C_TYPE_##kind, .offset = offsetof(struct every, member)                   \
    }
#define MEMBERS(text, number, kind, member)                                                        \
    {                                                                                              \
        .name = text, .id = number, .label = PROTOBUF_C_LABEL_REPEATED,                            \
        .type = PROTOBUF_C_TYPE_##kind, .offset = offsetof(struct every, member),                  \
        .quantifier_offset = offsetof(struct every, n_##member)                                    \
    }

static void test_other_types(void **state)
{
    (void)state;
    static const ProtobufCFieldDescriptor fields[] = {
        MEMBER("signed_wide", 1, INT64, signed_wide), MEMBER("wide", 2, UINT64, wide),
        MEMBER("narrow", 3, SINT32, narrow),          MEMBER("single", 4, FLOAT, single),
        MEMBERS("numbers", 5, FIXED64, numbers),      MEMBERS("flags", 6, BOOL, flags),
    };
    static const ProtobufCMessageDescriptor type = {
        .magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC, .n_fields = 6, .fields = fields};
    uint64_t numbers[] = {0, UINT64_MAX};
    protobuf_c_boolean flags[] = {1, 0};
    struct every every = {
        .base = {.descriptor = &type},
        .signed_wide = INT64_MIN,
        .wide = UINT64_MAX,
        .narrow = -7,
        .single = 0.1f,
        .n_numbers = 2,
        .numbers = numbers,
        .n_flags = 2,
        .flags = flags,
    };
    expect(&every.base, "{\"signedWide\":\"-9223372036854775808\","
                        "\"wide\":\"18446744073709551615\",\"narrow\":-7,\"single\":0.1,"
                        "\"numbers\":[\"0\",\"18446744073709551615\"],\"flags\":[true,false]}");
    every.single = -INFINITY;
    every.n_numbers = 0;
    every.n_flags = 0;
    expect(&every.base, "{\"signedWide\":\"-9223372036854775808\","
                        "\"wide\":\"18446744073709551615\",\"narrow\":-7,"
                        "\"single\":\"-Infinity\",\"numbers\":[],\"flags\":[]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zeros_are_shown),     cmocka_unit_test(test_oneof_members),
        cmocka_unit_test(test_lists_enums_doubles), cmocka_unit_test(test_bytes_and_strings),
        cmocka_unit_test(test_other_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
