#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "json/json.h"

static void assert_written(const struct base_buffer *buffer, const char *wanted)
{
    assert_false(buffer->failed);
    assert_int_equal(buffer->size, strlen(wanted));
    assert_memory_equal(buffer->data, wanted, buffer->size);
}

static void write_sample(struct json_writer *writer)
{
    json_begin_object(writer);
    json_write_key(writer, "a");
    json_begin_array(writer);
    json_write_u64(writer, 1);
    json_write_i64(writer, -2);
    json_begin_object(writer);
    json_end_object(writer);
    json_begin_array(writer);
    json_end_array(writer);
    json_end_array(writer);
    json_write_key_slice(writer, BASE_SLICE("b\""));
    json_write_bool(writer, true);
    json_write_key(writer, "c");
    json_write_null(writer);
    json_write_key(writer, "d");
    json_begin_object(writer);
    json_write_key(writer, "e");
    json_write_text(writer, "x");
    json_end_object(writer);
    json_end_object(writer);
}

static void commas_and_colons_come_by_themselves(void **state)
{
    (void)state;
    struct base_buffer buffer = BASE_BUFFER_EMPTY;
    struct json_writer writer;
    json_writer_init(&writer, &buffer, 0);
    write_sample(&writer);
    assert_written(&buffer, "{\"a\":[1,-2,{},[]],\"b\\\"\":true,\"c\":null,\"d\":{\"e\":\"x\"}}");
    base_buffer_fini(&buffer);
}

static void indented_text_is_laid_out(void **state)
{
    (void)state;
    struct base_buffer buffer = BASE_BUFFER_EMPTY;
    struct json_writer writer;
    json_writer_init(&writer, &buffer, 2);
    write_sample(&writer);
    assert_written(&buffer,
                   "{\n  \"a\": [\n    1,\n    -2,\n    {},\n    []\n  ],\n  \"b\\\"\": true,\n"
                   "  \"c\": null,\n  \"d\": {\n    \"e\": \"x\"\n  }\n}");
    base_buffer_fini(&buffer);
}

static void strings_are_escaped(void **state)
{
    (void)state;
    struct base_buffer buffer = BASE_BUFFER_EMPTY;
    struct json_writer writer;
    json_writer_init(&writer, &buffer, 0);
    json_write_string(&writer, BASE_SLICE("\"\\/\b\f\n\r\t\x01\x1f\x7f\0\u00e9\U0001f600"));
    assert_written(&buffer,
                   "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\\u0000\u00e9\U0001f600\"");
    base_buffer_fini(&buffer);
}

static void bad_bytes_become_replacement_characters(void **state)
{
    (void)state;
    struct base_buffer buffer = BASE_BUFFER_EMPTY;
    struct json_writer writer;
    json_writer_init(&writer, &buffer, 0);
    json_begin_array(&writer);
    json_write_string(&writer, BASE_SLICE("a\xff"
                                          "b\xc3"));
    json_write_string(&writer, base_slice(NULL, 0));
    json_end_array(&writer);
    assert_written(&buffer, "[\"a\ufffd"
                            "b\ufffd\",\"\"]");
    base_buffer_fini(&buffer);
}

static void doubles_are_shortest_and_read_back(void **state)
{
    static const struct {
        double number;
        const char *text;
    } cases[] = {
        {0, "0"},
        {0.42, "0.42"},
        {35, "35"},
        {0.1, "0.1"},
        {1.0 / 3, "0.3333333333333333"},
        {-1.5, "-1.5"},
        {1e300, "1e+300"},
        {500, "500"},
        {-3000, "-3000"},
        {9007199254740991.0, "9007199254740991"},
        {0.00002, "2e-05"},
        {5e-324, "5e-324"},
        {NAN, "null"},
        {INFINITY, "null"},
        {-0.0, "-0.0"},
        {123456789012345680.0, "1.2345678901234568e+17"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct base_buffer buffer = BASE_BUFFER_EMPTY;
        struct json_writer writer;
        json_writer_init(&writer, &buffer, 0);
        json_write_double(&writer, cases[i].number);
        assert_written(&buffer, cases[i].text);
        base_buffer_fini(&buffer);
    }
    struct json_reader *reader = json_reader_new();
    uint64_t seed = 1;
    for (int i = 0; i < 2000; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        double number;
        memcpy(&number, &seed, sizeof number);
        if (!isfinite(number)) {
            continue;
        }
        struct base_buffer buffer = BASE_BUFFER_EMPTY;
        struct json_writer writer;
        struct json_value value;
        double again = 0;
        json_writer_init(&writer, &buffer, 0);
        json_write_double(&writer, number);
        assert_int_equal(json_parse(reader, base_buffer_slice(&buffer), false, &value, NULL, NULL),
                         BASE_OK);
        assert_true(json_double(value, &again));
        assert_memory_equal(&again, &number, sizeof number);
        base_buffer_fini(&buffer);
    }
    json_reader_free(reader);
}

static void integers_are_exact(void **state)
{
    (void)state;
    struct base_buffer buffer = BASE_BUFFER_EMPTY;
    struct json_writer writer;
    json_writer_init(&writer, &buffer, 0);
    json_begin_array(&writer);
    json_write_u64(&writer, 0);
    json_write_u64(&writer, UINT64_MAX);
    json_write_i64(&writer, INT64_MIN);
    json_end_array(&writer);
    assert_written(&buffer, "[0,18446744073709551615,-9223372036854775808]");
    base_buffer_fini(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_and_colons_come_by_themselves),
        cmocka_unit_test(indented_text_is_laid_out),
        cmocka_unit_test(strings_are_escaped),
        cmocka_unit_test(bad_bytes_become_replacement_characters),
        cmocka_unit_test(doubles_are_shortest_and_read_back),
        cmocka_unit_test(integers_are_exact),
    };
    return cmocka_run_group_tests_name("json writer", tests, NULL, NULL);
}
