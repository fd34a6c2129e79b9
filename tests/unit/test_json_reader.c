#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/limits.h"
#include "json/json.h"

static int set_up(void **state)
{
    *state = json_reader_new();
    return *state == NULL;
}

static int tear_down(void **state)
{
    json_reader_free(*state);
    return 0;
}

static struct json_value parse(struct json_reader *reader, const char *text)
{
    struct json_value value = {NULL, 0};
    struct base_error error;
    assert_int_equal(json_parse(reader, base_slice_text(text), false, &value, NULL, &error),
                     BASE_OK);
    return value;
}

static struct json_value member(struct json_value object, const char *key)
{
    struct json_value value = {NULL, 0};
    assert_true(json_find(object, base_slice_text(key), &value));
    return value;
}

static void assert_text(struct base_slice text, const char *wanted)
{
    assert_int_equal(text.size, strlen(wanted));
    assert_memory_equal(text.data, wanted, text.size);
}

static void every_type_is_read(void **state)
{
    struct json_value root =
        parse(*state, " {\"s\":\"a\\u00e9\\ud83d\\ude00\\n\\\"\", \"i\":-5, \"n\":0,"
                      "\"u\":18446744073709551615, \"d\":0.1, \"e\":1e3, \"t\":true,"
                      "\"f\":false, \"z\":null, \"a\":[1,[2],{}], \"o\":{\"k\":1}}\n");
    struct base_slice text = {NULL, 0};
    int64_t integer = 0;
    uint64_t natural = 0;
    double number = 0;
    bool truth = false;
    assert_true(json_string(member(root, "s"), &text));
    assert_text(text, "a\u00e9\U0001f600\n\"");
    assert_true(json_i64(member(root, "i"), &integer));
    assert_int_equal(integer, -5);
    assert_false(json_u64(member(root, "i"), &natural));
    assert_true(json_double(member(root, "i"), &number));
    assert_true(number == -5.0);
    assert_true(json_u64(member(root, "n"), &natural));
    assert_int_equal(natural, 0);
    assert_true(json_u64(member(root, "u"), &natural));
    assert_true(natural == UINT64_MAX);
    assert_false(json_i64(member(root, "u"), &integer));
    assert_true(json_double(member(root, "d"), &number));
    assert_true(number == 0.1);
    assert_int_equal(json_type(member(root, "e")), JSON_DOUBLE);
    assert_false(json_u64(member(root, "e"), &natural));
    assert_true(json_bool(member(root, "t"), &truth) && truth);
    assert_true(json_bool(member(root, "f"), &truth) && !truth);
    assert_int_equal(json_type(member(root, "z")), JSON_NULL);
    assert_int_equal(json_count(member(root, "a")), 3);
    assert_int_equal(json_count(root), 11);
    assert_int_equal(json_count(member(root, "s")), 0);
    assert_false(json_find(root, BASE_SLICE("absent"), &root));
}

static void iteration_keeps_order_and_duplicates(void **state)
{
    struct json_value root = parse(*state, "{\"a\":[1,2],\"b\":{\"x\":3},\"a\":4}");
    struct json_iterator iterator = json_iterate(root);
    struct base_slice key;
    struct json_value value;
    char keys[4] = "";
    size_t count = 0;
    while (json_next_member(&iterator, &key, &value)) {
        keys[count++] = key.data[0];
    }
    assert_string_equal(keys, "aba");
    iterator = json_iterate(parse(*state, "[]"));
    assert_false(json_next(&iterator, &value));
    iterator = json_iterate(parse(*state, "17"));
    assert_false(json_next(&iterator, &value));
}

static void a_reader_is_used_again_after_a_fault(void **state)
{
    struct json_value value;
    struct json_fault fault;
    assert_int_equal(json_parse(*state, BASE_SLICE("{\"a\":"), false, &value, &fault, NULL),
                     BASE_INVALID_ARGUMENT);
    uint64_t number = 0;
    assert_true(json_u64(parse(*state, "7"), &number));
    assert_int_equal(number, 7);
}

static void faults_say_where_and_why(void **state)
{
    static const struct {
        const char *text;
        enum json_fault_kind kind;
        size_t line;
        size_t column;
        const char *reason;
    } cases[] = {
        {"", JSON_FAULT_SYNTAX, 1, 1, "a value expected, but the text ends"},
        {"{\"a\":1,\n \"b\":tru}", JSON_FAULT_SYNTAX, 2, 6, "unknown word; \"true\" expected"},
        {"{} {}", JSON_FAULT_SYNTAX, 1, 4, "the end of the text expected, not '{'"},
        {"[1,]", JSON_FAULT_SYNTAX, 1, 4, "a value expected, not ']'"},
        {"[1 2]", JSON_FAULT_SYNTAX, 1, 4, "',' or ']' expected, not '2'"},
        {"{\"a\" 1}", JSON_FAULT_SYNTAX, 1, 6, "':' expected, not '1'"},
        {"{\"a\":1,}", JSON_FAULT_SYNTAX, 1, 8, "a key in double quotes expected, not '}'"},
        {"{\"a\":1", JSON_FAULT_SYNTAX, 1, 7, "',' or '}' expected, but the text ends"},
        {"[\"abc", JSON_FAULT_SYNTAX, 1, 2, "the string that starts here does not end"},
        {"\"a\tb\"", JSON_FAULT_SYNTAX, 1, 3, "control character 0x09 in a string must be escaped"},
        {"\"\\x\"", JSON_FAULT_SYNTAX, 1, 2, "unknown escape in a string"},
        {"\"\\u12\"", JSON_FAULT_SYNTAX, 1, 2, "\\u without four hexadecimal digits"},
        {"\"\\ud800\"", JSON_FAULT_ENCODING, 1, 2, "half of a surrogate pair"},
        {"\"\\udc00\"", JSON_FAULT_ENCODING, 1, 2, "half of a surrogate pair"},
        {"[\"\xff\"]", JSON_FAULT_ENCODING, 1, 3, "byte 0xff is not UTF-8"},
        {"[\"\xed\xa0\x80\"]", JSON_FAULT_ENCODING, 1, 3, "byte 0xed is not UTF-8"},
        {"01", JSON_FAULT_SYNTAX, 1, 1, "not a number"},
        {"[-]", JSON_FAULT_SYNTAX, 1, 2, "not a number"},
        {"1.", JSON_FAULT_SYNTAX, 1, 1, "a number needs digits behind its point"},
        {"1e", JSON_FAULT_SYNTAX, 1, 1, "a number needs digits in its exponent"},
        {"1e999", JSON_FAULT_SYNTAX, 1, 1, "number out of range"},
        {"18446744073709551616", JSON_FAULT_SYNTAX, 1, 1, "number out of range"},
        {"-9223372036854775809", JSON_FAULT_SYNTAX, 1, 1, "number out of range"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct json_value value;
        struct json_fault fault;
        struct base_error error;
        assert_int_equal(
            json_parse(*state, base_slice_text(cases[i].text), false, &value, &fault, &error),
            BASE_INVALID_ARGUMENT);
        assert_string_equal(fault.text, cases[i].reason);
        assert_int_equal(fault.kind, cases[i].kind);
        assert_int_equal(fault.line, cases[i].line);
        assert_int_equal(fault.column, cases[i].column);
        assert_non_null(strstr(error.text, cases[i].reason));
    }
}

static void depth_is_limited(void **state)
{
    char text[2 * JSON_DEPTH + 4];
    struct json_value value;
    struct json_fault fault;
    memset(text, '[', JSON_DEPTH);
    text[JSON_DEPTH] = '1';
    memset(text + JSON_DEPTH + 1, ']', JSON_DEPTH);
    struct base_slice deep = base_slice(text, 2 * JSON_DEPTH + 1);
    assert_int_equal(json_parse(*state, deep, false, &value, &fault, NULL), BASE_OK);
    memset(text, '[', JSON_DEPTH + 1);
    text[JSON_DEPTH + 1] = '1';
    memset(text + JSON_DEPTH + 2, ']', JSON_DEPTH + 1);
    deep = base_slice(text, 2 * JSON_DEPTH + 3);
    assert_int_equal(json_parse(*state, deep, false, &value, &fault, NULL), BASE_INVALID_ARGUMENT);
    assert_int_equal(fault.kind, JSON_FAULT_LIMIT);
    assert_int_equal(fault.column, JSON_DEPTH + 1);
}

/* Every value of a text is found again at the byte where it starts. */
static void check_places(struct base_slice text, struct json_value value, size_t *seen)
{
    struct json_fault place;
    json_locate(text, value, &place);
    char first = text.data[place.offset];
    switch (json_type(value)) {
    case JSON_OBJECT:
        assert_int_equal(first, '{');
        break;
    case JSON_ARRAY:
        assert_int_equal(first, '[');
        break;
    case JSON_STRING:
        assert_int_equal(first, '"');
        break;
    case JSON_INTEGER:
        assert_true(first >= '0' && first <= '9');
        break;
    default:
        assert_true(strchr("tfn-", first) != NULL);
        break;
    }
    *seen += 1;
    struct json_iterator iterator = json_iterate(value);
    struct json_value element;
    while (json_next(&iterator, &element)) {
        check_places(text, element, seen);
    }
}

static void values_are_located(void **state)
{
    const char *text = "{ \"a\" : [ 1 , [ ] , { } , { \"b\" : -1.5e3 } , \"x\\\"]\" ] ,\n"
                       "\"c\" : true, \"d\":[[[2]],null,false], \"\":{\"e\":{}} }";
    size_t seen = 0;
    struct json_value root = parse(*state, text);
    check_places(base_slice_text(text), root, &seen);
    assert_int_equal(seen, 23);
    struct json_fault place;
    json_locate(base_slice_text(text), member(root, "c"), &place);
    assert_int_equal(place.line, 2);
    assert_int_equal(place.column, 7);
}

static void padding_may_hold_anything(void **state)
{
    char text[2 + JSON_PADDING];
    memset(text, '"', sizeof text);
    memcpy(text, "12", 2);
    struct json_value value;
    uint64_t number = 0;
    assert_int_equal(json_parse(*state, base_slice(text, 2), true, &value, NULL, NULL), BASE_OK);
    assert_true(json_u64(value, &number));
    assert_int_equal(number, 12);
}

static void long_texts_are_read(void **state)
{
    size_t size = 20u * 1024 * 1024;
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, 'x', size);
    text[0] = '"';
    text[size - 1] = '"';
    struct json_value value;
    struct base_slice string = {NULL, 0};
    assert_int_equal(json_parse(*state, base_slice(text, size), false, &value, NULL, NULL),
                     BASE_OK);
    assert_true(json_string(value, &string));
    assert_int_equal(string.size, size - 2);
    /* And a small one afterwards, when the memory has been given back. */
    assert_int_equal(json_parse(*state, base_slice(text, 1), false, &value, NULL, NULL),
                     BASE_INVALID_ARGUMENT);
    free(text);
}

static void too_long_a_text_is_refused(void **state)
{
    static const char nothing[1] = " ";
    struct json_value value;
    struct json_fault fault;
    assert_int_equal(
        json_parse(*state, base_slice(nothing, (size_t)LIMIT_LINE + 1), true, &value, &fault, NULL),
        BASE_INVALID_ARGUMENT);
    assert_int_equal(fault.kind, JSON_FAULT_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_type_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(iteration_keeps_order_and_duplicates, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reader_is_used_again_after_a_fault, set_up, tear_down),
        cmocka_unit_test_setup_teardown(faults_say_where_and_why, set_up, tear_down),
        cmocka_unit_test_setup_teardown(depth_is_limited, set_up, tear_down),
        cmocka_unit_test_setup_teardown(values_are_located, set_up, tear_down),
        cmocka_unit_test_setup_teardown(padding_may_hold_anything, set_up, tear_down),
        cmocka_unit_test_setup_teardown(long_texts_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(too_long_a_text_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("json reader", tests, NULL, NULL);
}
