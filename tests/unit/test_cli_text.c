/* Text on its way to a terminal: harmless, measured, cut, wrapped; numbers, dates and bars. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "cli/text.h"
#include "cli/width.h"

static const struct cli_screen narrow = {48, false, true};
static struct base_buffer out;

static int setup(void **state)
{
    (void)state;
    base_buffer_init(&out);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    base_buffer_fini(&out);
    return 0;
}

static void expect(const char *expected)
{
    base_buffer_append_byte(&out, '\0');
    assert_false(out.failed);
    assert_string_equal(out.data, expected);
    base_buffer_clear(&out);
}

static void test_clean(void **state)
{
    (void)state;
    static const struct {
        struct base_slice given;
        const char *clean;
    } cases[] = {
        {BASE_SLICE("plain"), "plain"},
        {BASE_SLICE("  a \t\r\n b  "), "a b"},
        {BASE_SLICE("a\x1b[2Jb"), "a\xef\xbf\xbd[2Jb"},
        {BASE_SLICE("a\0b\x7f"
                    "c\x07"),
         "a\xef\xbf\xbd"
         "b\xef\xbf\xbd"
         "c\xef\xbf\xbd"},
        /* CSI and NEL as C1 controls, in UTF-8 */
        {BASE_SLICE("a\xc2\x9b"
                    "31mb\xc2\x85"
                    "c"),
         "a\xef\xbf\xbd"
         "31mb c"},
        /* the same as a bare byte, a cut character, an overlong slash, a surrogate */
        {BASE_SLICE("\x9b"
                    "31m"),
         "\xef\xbf\xbd"
         "31m"},
        {BASE_SLICE("a\xe6\x9d"), "a\xef\xbf\xbd\xef\xbf\xbd"},
        {BASE_SLICE("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd"},
        {BASE_SLICE("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        /* right-to-left override, isolates, line separator */
        {BASE_SLICE("x\xe2\x80\xaey\xe2\x81\xa6z\xe2\x81\xa9"), "xyz"},
        {BASE_SLICE("x\xe2\x80\xa8y"), "x y"},
        {BASE_SLICE("\xf0\x9f\x98\x80 \xe6\x9d\x8e"), "\xf0\x9f\x98\x80 \xe6\x9d\x8e"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cli_clean(cases[i].given, &out);
        expect(cases[i].clean);
    }
}

static void test_columns(void **state)
{
    (void)state;
    assert_int_equal(cli_columns_of('a'), 1);
    assert_int_equal(cli_columns_of(0xe9), 1);
    assert_int_equal(cli_columns_of(0x301), 0);   /* combining acute */
    assert_int_equal(cli_columns_of(0x200d), 0);  /* joiner */
    assert_int_equal(cli_columns_of(0x674e), 2);  /* Han */
    assert_int_equal(cli_columns_of(0xac00), 2);  /* Hangul */
    assert_int_equal(cli_columns_of(0xff21), 2);  /* full-width A */
    assert_int_equal(cli_columns_of(0xff71), 1);  /* half-width kana */
    assert_int_equal(cli_columns_of(0x1f600), 2); /* emoji */
    assert_int_equal(cli_columns_of(0x20001), 2);
    assert_int_equal(cli_columns_of(0x10ffff), 1);
    assert_int_equal(cli_columns(BASE_SLICE("M\xc3\xbcller \xe6\x9d\x8e e\xcc\x81")), 11);
}

static void test_cut(void **state)
{
    (void)state;
    assert_int_equal(cli_put_cut(&out, "abcdef", 6, &narrow), 6);
    expect("abcdef");
    assert_int_equal(cli_put_cut(&out, "abcdef", 5, &narrow), 5);
    expect("abcd\xe2\x80\xa6");
    /* A wide character is never halved. */
    assert_int_equal(cli_put_cut(&out, "\xe6\x9d\x8e\xe6\x9d\x8e\xe6\x9d\x8e", 4, &narrow), 3);
    expect("\xe6\x9d\x8e\xe2\x80\xa6");
    const struct cli_screen ascii = {48, false, false};
    assert_int_equal(cli_put_cut(&out, "abcdef", 5, &ascii), 5);
    expect("ab...");
}

static void test_wrap(void **state)
{
    (void)state;
    const struct cli_wrap plain = {.indent = 2};
    cli_put_wrapped(&out,
                    BASE_SLICE("one two three four five six seven eight nine ten eleven twelve"),
                    &plain, &narrow);
    expect("  one two three four five six seven eight nine\n  ten eleven twelve\n");
    /* 46 columns fit exactly. */
    cli_put_wrapped(&out, BASE_SLICE("0123456789012345678901234567890123456789abcdef g"), &plain,
                    &narrow);
    expect("  0123456789012345678901234567890123456789abcdef\n  g\n");
    cli_put_wrapped(&out, BASE_SLICE("0123456789012345678901234567890123456789abcdefg"), &plain,
                    &narrow);
    expect("  0123456789012345678901234567890123456789abcdef\n  g\n");
    const struct cli_wrap two = {.indent = 30, .first_used = 30, .lines_most = 2};
    cli_put_wrapped(&out, BASE_SLICE("the quick brown fox jumps over the lazy dog again"), &two,
                    &narrow);
    expect("the quick brown\n                              fox jumps over\xe2\x80\xa6\n");
    cli_put_wrapped(&out, BASE_SLICE(" \n "), &plain, &narrow);
    expect("");
    cli_put_wrapped(&out, BASE_SLICE(""), &two, &narrow);
    expect("\n");
}

/* A screen that holds not even one wide character beside the indent must not loop for ever. */
static void test_wrap_in_no_room(void **state)
{
    (void)state;
    const struct cli_wrap wide = {.indent = 60};
    cli_put_wrapped(&out, BASE_SLICE("\xe6\x9d\x8e\xe6\x9d\x8e"), &wide, &narrow);
    assert_false(out.failed);
    assert_int_equal(out.size, 2 * (60 + 3 + 1));
    base_buffer_clear(&out);
}

static void test_numbers(void **state)
{
    (void)state;
    cli_put_number(&out, 0);
    expect("0");
    cli_put_number(&out, 999);
    expect("999");
    cli_put_number(&out, 1000);
    expect("1,000");
    cli_put_number(&out, UINT64_MAX);
    expect("18,446,744,073,709,551,615");
}

static void test_dates(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"2025-07-17", "Jul 17, 2025"},
        {"2020-03-05", "Mar 5, 2020"},
        {"2020-03", "Mar 2020"},
        {"2017", "2017"},
        {"", "no date"},
        {"2020-13", "2020-13"},
        {"2020-00-01", "2020-00-01"},
        {"soon\x1b[1m", "soon\xef\xbf\xbd[1m"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cli_put_date(&out, cases[i][0], "no date");
        expect(cases[i][1]);
    }
}

static void test_bars(void **state)
{
    (void)state;
    const struct cli_screen ascii = {48, false, false};
    const uint32_t numbers[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    cli_put_bars(&out, numbers, 9, &ascii);
    expect(" .:-=+*#@");
    cli_put_bars(&out, numbers + 7, 2, &narrow);
    expect("\xe2\x96\x87\xe2\x96\x88");
    const uint32_t steep[] = {1, UINT32_MAX, 0};
    cli_put_bars(&out, steep, 3, &ascii);
    expect(".@ ");
    const uint32_t none[] = {0, 0};
    cli_put_bars(&out, none, 2, &ascii);
    expect("  ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_clean, setup, teardown),
        cmocka_unit_test_setup_teardown(test_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrap, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrap_in_no_room, setup, teardown),
        cmocka_unit_test_setup_teardown(test_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_dates, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bars, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
