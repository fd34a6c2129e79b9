/* "Did you mean": distances and what is near enough. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "server/suggest.h"

static void distances_count_letters(void **state)
{
    (void)state;
    assert_int_equal(server_edit_distance("", ""), 0);
    assert_int_equal(server_edit_distance("serve", "serve"), 0);
    assert_int_equal(server_edit_distance("", "abc"), 3);
    assert_int_equal(server_edit_distance("srve", "serve"), 1);
    assert_int_equal(server_edit_distance("servve", "serve"), 1);
    assert_int_equal(server_edit_distance("serbe", "serve"), 1);
    assert_int_equal(server_edit_distance("sevre", "serve"), 1);
    assert_int_equal(server_edit_distance("kitten", "sitting"), 3);
}

static void long_words_stay_within_their_rows(void **state)
{
    (void)state;
    char long_word[500];
    for (size_t i = 0; i < sizeof long_word - 1; i++) {
        long_word[i] = 'x';
    }
    long_word[sizeof long_word - 1] = '\0';
    assert_int_equal(server_edit_distance(long_word, ""), 63);
    assert_int_equal(server_edit_distance(long_word, long_word), 0);
}

static void only_near_words_are_suggested(void **state)
{
    (void)state;
    const char *best = NULL;
    unsigned distance = 0;
    server_suggest("exprot", "import", &best, &distance);
    server_suggest("exprot", "export", &best, &distance);
    server_suggest("exprot", "verify", &best, &distance);
    assert_string_equal(best, "export");
    best = NULL;
    server_suggest("ab", "stat", &best, &distance);
    assert_null(best);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_count_letters),
        cmocka_unit_test(long_words_stay_within_their_rows),
        cmocka_unit_test(only_near_words_are_suggested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
