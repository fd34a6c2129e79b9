/* "Did you mean": what is near enough to be suggested. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/suggest.h"

static const char *const jobs[] = {"serve", "import", "export", "verify", "stat", NULL};

static void test_near_words(void **state)
{
    (void)state;
    assert_string_equal(base_suggest("exprot", jobs), "export");
    assert_string_equal(base_suggest("srve", jobs), "serve");
    assert_string_equal(base_suggest("servve", jobs), "serve");
    assert_string_equal(base_suggest("sevre", jobs), "serve");
    assert_string_equal(base_suggest("ver", jobs), "verify");
    assert_string_equal(base_suggest("verify", jobs), "verify");
}

static void test_no_likeness(void **state)
{
    (void)state;
    assert_null(base_suggest("ab", jobs));
    assert_null(base_suggest("", jobs));
    assert_null(base_suggest("frobnicate", jobs));
}

static void test_long_words(void **state)
{
    char word[500];
    (void)state;
    memset(word, 'x', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    const char *const words[] = {word, "y", NULL};
    assert_ptr_equal(base_suggest(word, words), word);
    assert_null(base_suggest(word, jobs));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_near_words),
        cmocka_unit_test(test_no_likeness),
        cmocka_unit_test(test_long_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
