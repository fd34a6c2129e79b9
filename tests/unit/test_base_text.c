/* Strict numbers and sizes, UTF-8, status texts, exit codes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/exit.h"
#include "base/parse.h"
#include "base/status.h"
#include "base/utf8.h"

static void numbers(void **state)
{
    (void)state;
    uint64_t value;
    assert_true(base_parse_u64(BASE_SLICE("0"), UINT64_MAX, &value) && value == 0);
    assert_true(base_parse_u64(BASE_SLICE("007"), 7, &value) && value == 7);
    assert_true(base_parse_u64(BASE_SLICE("18446744073709551615"), UINT64_MAX, &value) &&
                value == UINT64_MAX);
    static const char *const wrong[] = {"",
                                        " ",
                                        "-1",
                                        "+1",
                                        "1 ",
                                        " 1",
                                        "1.0",
                                        "0x1",
                                        "1e3",
                                        "18446744073709551616",
                                        "99999999999999999999",
                                        "184467440737095516150"};
    value = 7;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (base_parse_u64(base_slice_text(wrong[i]), UINT64_MAX, &value)) {
            fail_msg("\"%s\" was taken", wrong[i]);
        }
    }
    assert_false(base_parse_u64(BASE_SLICE("8"), 7, &value));
    assert_true(value == 7);
}

static void sizes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes;
    } rows[] = {
        {"0", 0},
        {"512", 512},
        {"1KiB", 1024},
        {"64MiB", UINT64_C(64) << 20},
        {"2GiB", UINT64_C(2) << 30},
        {"1TiB", UINT64_C(1) << 40},
        {"18446744073709551615", UINT64_MAX},
        {"16777215TiB", UINT64_C(16777215) << 40},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t bytes = 7;
        assert_true(base_parse_size(base_slice_text(rows[i].text), &bytes));
        assert_true(bytes == rows[i].bytes);
    }
    static const char *const wrong[] = {"",       "MiB",   "1MB",   "1M",          "1 MiB",  "1mib",
                                        "1.5GiB", "-1KiB", "1KiB ", "16777216TiB", "1KiBKiB"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint64_t bytes = 7;
        if (base_parse_size(base_slice_text(wrong[i]), &bytes)) {
            fail_msg("\"%s\" was taken", wrong[i]);
        }
    }
}

/* RFC 3629, section 4: each row's first byte that is wrong, at every place in a longer text. */
static void utf8(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        bool valid;
    } rows[] = {
        {"a", true},
        {"\x7f", true},
        {"\xc2\x80", true},
        {"\xdf\xbf", true},
        {"\xe0\xa0\x80", true},
        {"\xed\x9f\xbf", true},
        {"\xee\x80\x80", true},
        {"\xef\xbf\xbf", true},
        {"\xf0\x90\x80\x80", true},
        {"\xf4\x8f\xbf\xbf", true},
        {"\x80", false},
        {"\xbf", false},
        {"\xc0\x80", false},         /* NUL in two bytes */
        {"\xc1\xbf", false},         /* overlong */
        {"\xe0\x9f\xbf", false},     /* overlong */
        {"\xf0\x8f\xbf\xbf", false}, /* overlong */
        {"\xed\xa0\x80", false},     /* first surrogate */
        {"\xed\xbf\xbf", false},     /* last surrogate */
        {"\xf4\x90\x80\x80", false}, /* over U+10FFFF */
        {"\xf5\x80\x80\x80", false},
        {"\xff", false},
        {"\xc2", false},
        {"\xc2"
         "a",
         false},
        {"\xe2\x82", false},
        {"\xe2\x82"
         "a",
         false},
        {"\xf0\x9f\x98", false},
        {"\xf0\x9f\x98"
         "a",
         false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[64];
        struct base_slice bytes = base_slice_text(rows[i].bytes);
        for (size_t before = 0; before < 20; before++) {
            for (size_t after = 0; after < 20; after++) {
                memset(text, 'x', sizeof text);
                memcpy(text + before, bytes.data, bytes.size);
                struct base_slice whole = base_slice(text, before + bytes.size + after);
                /* A cut sequence with letters behind it is wrong as well. */
                assert_int_equal(base_utf8_prefix(whole), rows[i].valid ? whole.size : before);
                assert_int_equal(base_utf8_valid(whole), rows[i].valid);
                assert_int_equal(base_utf8_is_text(whole), rows[i].valid);
            }
        }
    }
    assert_true(base_utf8_valid((struct base_slice){NULL, 0}));
    assert_true(base_utf8_valid(BASE_SLICE("a\0b")));
}

/* Of any length, with any byte at any place. */
static void text_has_no_nul(void **state)
{
    (void)state;
    for (size_t size = 1; size <= 33; size++) {
        for (size_t at = 0; at < size; at++) {
            char text[33];
            memset(text, 'x', sizeof text);
            for (int byte = 0; byte < 256; byte++) {
                text[at] = (char)byte;
                assert_int_equal(base_utf8_is_text(base_slice(text, size)),
                                 byte > 0 && byte < 0x80);
            }
        }
    }
    assert_true(base_utf8_is_text((struct base_slice){NULL, 0}));
    assert_false(base_utf8_is_text(BASE_SLICE("\xc3\xa9\0\xc3\xa9")));
    assert_false(base_utf8_is_text(BASE_SLICE("\1\0\1\0\1\0\1\0")));
}

static void control_characters(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        char text[3] = {'a', (char)byte, 'b'};
        assert_int_equal(base_utf8_has_control(base_slice(text, 3)), byte < 0x20 || byte == 0x7f);
    }
    assert_false(base_utf8_has_control((struct base_slice){NULL, 0}));
}

static void text_is_cut_at_a_character(void **state)
{
    (void)state;
    struct base_slice text = BASE_SLICE("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    static const size_t wanted[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
    for (size_t limit = 0; limit < 12; limit++) {
        assert_int_equal(base_utf8_cut(text, limit).size, wanted[limit]);
    }
}

static void codes_have_names(void **state)
{
    (void)state;
    assert_string_equal(base_code_name(BASE_OK), "OK");
    assert_string_equal(base_code_name(BASE_NOT_FOUND), "NOT_FOUND");
    assert_string_equal(base_code_name(BASE_UNAUTHENTICATED), "UNAUTHENTICATED");
    assert_string_equal(base_code_name((enum base_code)17), "UNKNOWN");
    assert_int_equal(base_exit_of(BASE_OK), 0);
    assert_int_equal(base_exit_of(BASE_NOT_FOUND), 4);
    assert_int_equal(base_exit_of(BASE_INVALID_ARGUMENT), 65);
    assert_int_equal(base_exit_of(BASE_UNAVAILABLE), 69);
    for (int code = 1; code <= 16; code++) {
        assert_int_not_equal(base_exit_of((enum base_code)code), 0);
    }
}

static void errors_grow_prefixes(void **state)
{
    (void)state;
    struct base_error error;
    assert_int_equal(base_fail(&error, BASE_OUT_OF_RANGE, "year %d is out of range", 20255),
                     BASE_OUT_OF_RANGE);
    base_error_prefix(&error, "column %d", 12);
    base_error_prefix(&error, "line %d", 71);
    base_error_prefix(&error, "import %s", "works.jsonl");
    assert_string_equal(error.text,
                        "import works.jsonl: line 71: column 12: year 20255 is out of range");
    assert_int_equal(error.code, BASE_OUT_OF_RANGE);
    assert_int_equal(base_fail(NULL, BASE_INTERNAL, "x"), BASE_INTERNAL);
    base_error_prefix(NULL, "x");
}

static void long_errors_are_cut(void **state)
{
    (void)state;
    struct base_error error;
    char text[2 * BASE_ERROR_TEXT];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    base_fail(&error, BASE_INTERNAL, "%s", text);
    assert_int_equal(strlen(error.text), BASE_ERROR_TEXT - 1);
    base_error_prefix(&error, "line 1");
    assert_int_equal(strlen(error.text), BASE_ERROR_TEXT - 1);
    assert_memory_equal(error.text, "line 1: xxx", 11);
    /* A prefix that leaves no room for what went wrong is left out. */
    base_error_prefix(&error, "%s", text);
    assert_memory_equal(error.text, "line 1: xxx", 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(sizes),
        cmocka_unit_test(utf8),
        cmocka_unit_test(text_has_no_nul),
        cmocka_unit_test(control_characters),
        cmocka_unit_test(text_is_cut_at_a_character),
        cmocka_unit_test(codes_have_names),
        cmocka_unit_test(errors_grow_prefixes),
        cmocka_unit_test(long_errors_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
