/* Folding of names and the words in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/utf8.h"
#include "model/fold.h"

static struct base_arena arena;

static void worked_examples(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *folded;
    } rows[] = {
        {"Max Lam", "max lam"},
        {"  Max \t\n  Lam  ", "max lam"},
        {"", ""},
        {" \t ", ""},
        {"Jos\xc3\xa9 Garc\xc3\xad"
         "a",
         "jose garcia"},
        {"Jose\xcc\x81", "jose"}, /* a mark of its own */
        {"\xcc\x81", ""},         /* nothing but a mark */
        {"STRA\xc3\x9f"
         "E",
         "strasse"},                                                              /* ß */
        {"\xce\xa3\xce\x99\xce\xa3\xcf\x82", "\xcf\x83\xce\xb9\xcf\x83\xcf\x83"}, /* final sigma */
        {"\xc3\x98"
         "degaard",
         "odegaard"},              /* Ø */
        {"Pawe\xc5\x82", "pawel"}, /* ł */
        {"\xc4\x90"
         "orde",
         "dorde"},                                              /* Đ */
        {"Diyarbak\xc4\xb1r \xc4\xb0zmir", "diyarbakir izmir"}, /* ı İ */
        {"\xc3\x86"
         "thelred \xc5\x92uvre",
         "aethelred oeuvre"},
        {"\xc3\x9e\xc3\xb3r \xc3\xb0", "thor d"}, /* Þ ð */
        {"\xef\xac\x81ne", "fine"},               /* ligature fi */
        {"\xef\xbc\xa1\xef\xbc\xa2", "ab"},       /* full width */
        {"\xf0\x9d\x90\x80", "a"},                /* mathematical bold A */
        {"a\xc2\xa0"
         "b\xe3\x80\x80"
         "c",
         "a b c"}, /* no-break and ideographic space */
        {"a\xc2\xad"
         "b\xe2\x80\x8d"
         "c",
         "abc"}, /* soft hyphen, joiner */
        {"J.-P. O'Neil", "j.-p. o'neil"},
        {"\xe5\xbc\xa0\xe4\xbc\x9f", "\xe5\xbc\xa0\xe4\xbc\x9f"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct base_slice folded = model_fold(base_slice_text(rows[i].text), &arena);
        assert_non_null(folded.data);
        if (!base_slice_equal(folded, base_slice_text(rows[i].folded))) {
            fail_msg("\"%s\" is \"%.*s\", not \"%s\"", rows[i].text, BASE_PRINT(folded),
                     rows[i].folded);
        }
    }
}

static size_t encode(uint32_t point, char *to)
{
    if (point < 0x80) {
        to[0] = (char)point;
        return 1;
    }
    size_t size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = size; i-- > 1; point >>= 6) {
        to[i] = (char)(0x80 | (point & 0x3f));
    }
    to[0] = (char)((0xf00 >> size) | point);
    return size;
}

/* Each character folds by itself, so what holds for each holds for every text but for blanks. */
static void every_character_folds_once(void **state)
{
    (void)state;
    char text[4];
    for (uint32_t point = 1; point <= 0x10ffff; point++) {
        if (point >= 0xd800 && point <= 0xdfff) {
            continue;
        }
        size_t size = encode(point, text);
        struct base_slice once = model_fold(base_slice(text, size), &arena);
        struct base_slice twice = model_fold(once, &arena);
        /* 33 bytes are the most, of U+FDFA: folding makes room for 48 a character. */
        if (!base_slice_equal(once, twice) || once.size > 33 || !base_utf8_valid(once) ||
            base_utf8_has_control(once)) {
            fail_msg("U+%04X is folded to \"%.*s\", then \"%.*s\"", point, BASE_PRINT(once),
                     BASE_PRINT(twice));
        }
        base_arena_reset(&arena);
    }
}

static void long_texts(void **state)
{
    (void)state;
    size_t size = 3 * 5000;
    char *text = base_arena_alloc(&arena, size);
    for (size_t i = 0; i < size; i += 3) {
        memcpy(text + i, "\xef\xb7\xba", 3); /* U+FDFA, the longest */
    }
    struct base_slice folded = model_fold(base_slice(text, size), &arena);
    assert_int_equal(folded.size, 33 * 5000);
    memset(text, 'X', size);
    folded = model_fold(base_slice(text, size), &arena);
    assert_int_equal(folded.size, size);
}

static void bytes_that_are_no_text(void **state)
{
    (void)state;
    struct base_slice folded = model_fold(BASE_SLICE("a\xff\xc3 b\xf0\x9f"), &arena);
    assert_true(base_slice_equal(folded, BASE_SLICE("a b")));
    struct base_slice rest = BASE_SLICE("a\xff\xc3");
    struct base_slice token;
    assert_true(model_fold_token(&rest, &token));
    assert_true(base_slice_equal(token, BASE_SLICE("a")));
    assert_false(model_fold_token(&rest, &token));
}

static void tokens(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *tokens; /* joined by | */
    } rows[] = {
        {"max lam", "max|lam"},
        {"j.-p. o'neil 3rd", "j|p|o|neil|3rd"},
        {"", ""},
        {" .,-' ", ""},
        {"van der waals", "van|der|waals"},
        {"\xe5\xbc\xa0 \xe4\xbc\x9f", "\xe5\xbc\xa0|\xe4\xbc\x9f"},
        {"a\xe2\x80\x90z", "a|z"},  /* a hyphen of its own */
        {"\xd9\xa3x", "\xd9\xa3x"}, /* a digit of another script */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char joined[256] = "";
        struct base_slice rest = base_slice_text(rows[i].text);
        struct base_slice token;
        while (model_fold_token(&rest, &token)) {
            size_t used = strlen(joined);
            snprintf(joined + used, sizeof joined - used, "%s%.*s", used == 0 ? "" : "|",
                     BASE_PRINT(token));
        }
        assert_int_equal(rest.size, 0);
        assert_string_equal(joined, rows[i].tokens);
    }
}

static void long_tokens_are_cut_at_a_character(void **state)
{
    (void)state;
    char text[303];
    for (int i = 0; i < 100; i++) {
        memcpy(text + 3 * i, "\xe5\xae\x8b", 3);
    }
    memcpy(text + 300, " ab", 3);
    struct base_slice rest = base_slice(text, sizeof text);
    struct base_slice token;
    assert_true(model_fold_token(&rest, &token));
    assert_int_equal(token.size, 63);
    /* The rest of the long word is gone with it. */
    assert_true(model_fold_token(&rest, &token));
    assert_true(base_slice_equal(token, BASE_SLICE("ab")));
    assert_false(model_fold_token(&rest, &token));
}

static void memory_runs_out(void **state)
{
    (void)state;
    struct base_arena full;
    base_arena_init(&full, 8);
    assert_null(model_fold(BASE_SLICE("a name that needs more"), &full).data);
    base_arena_fini(&full);
}

static int set_up(void **state)
{
    (void)state;
    base_arena_init(&arena, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    base_arena_fini(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worked_examples), cmocka_unit_test(every_character_folds_once),
        cmocka_unit_test(long_texts),      cmocka_unit_test(bytes_that_are_no_text),
        cmocka_unit_test(tokens),          cmocka_unit_test(long_tokens_are_cut_at_a_character),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
