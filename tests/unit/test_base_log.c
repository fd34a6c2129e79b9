/* Log lines in both forms: what is quoted, what is left out, and that a line always ends as it has
 * to, whatever room there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/log.h"
#include "base/utf8.h"

#define TIME "2026-01-31T12:00:00.000Z"

static void expect(enum base_log_format format, const char *message,
                   const struct base_log_pair *pairs, size_t count, const char *wanted)
{
    char line[1024];
    size_t size =
        base_log_line(format, TIME, BASE_LOG_WARN, message, pairs, count, line, sizeof line);
    assert_string_equal(line, wanted);
    assert_int_equal(size, strlen(line));
}

static void test_forms(void **state)
{
    const struct base_log_pair pairs[] = {
        {"method", BASE_SLICE("hirsch.v1.AuthorService/GetAuthor"), 0},
        {"key", BASE_SLICE(""), 0}, /* nothing to say */
        {"waited_us", {NULL, 0}, 1234},
        {"peer", BASE_SLICE("a b"), 0},
    };
    (void)state;
    expect(BASE_LOG_LOGFMT, "call refused", pairs, 4,
           "time=" TIME " level=warn msg=\"call refused\" "
           "method=hirsch.v1.AuthorService/GetAuthor waited_us=1234 peer=\"a b\"\n");
    expect(BASE_LOG_JSON, "call refused", pairs, 4,
           "{\"time\":\"" TIME "\",\"level\":\"warn\",\"msg\":\"call refused\","
           "\"method\":\"hirsch.v1.AuthorService/GetAuthor\",\"waited_us\":1234,"
           "\"peer\":\"a b\"}\n");
    expect(BASE_LOG_LOGFMT, "word", NULL, 0, "time=" TIME " level=warn msg=word\n");
}

/* What a caller sends cannot begin a line or a key of its own. */
static void test_hostile_values(void **state)
{
    const struct base_log_pair pairs[] = {
        {"a", BASE_SLICE("x\nlevel=error"), 0},
        {"b", BASE_SLICE("say \"so\" \\"), 0},
        {"c", BASE_SLICE("k=v"), 0},
        {"d", BASE_SLICE("\xff\xfe"), 0},
        {"e", BASE_SLICE("M\xc3\xbcller"), 0},
    };
    (void)state;
    expect(BASE_LOG_LOGFMT, "m", pairs, 5,
           "time=" TIME " level=warn msg=m a=\"x?level=error\" b=\"say \\\"so\\\" \\\\\" c=\"k=v\" "
           "d=\"?\?\" e=\"M\xc3\xbcller\"\n");
    expect(BASE_LOG_JSON, "m", pairs + 1, 1,
           "{\"time\":\"" TIME "\",\"level\":\"warn\",\"msg\":\"m\",\"b\":\"say \\\"so\\\" "
           "\\\\\"}\n");
}

/* Pairs are whole or not there, sentences are cut between characters. */
static void test_room(void **state)
{
    char message[2000];
    (void)state;
    for (size_t i = 0; i + 1 < sizeof message; i += 2) {
        memcpy(message + i, "\xc3\xa9", 2);
    }
    message[sizeof message - 2] = '\0';
    for (size_t room = 256; room < 1200; room++) {
        char line[1200];
        const struct base_log_pair pairs[] = {
            {"long", base_slice(message, 300), 0},
            {"number", {NULL, 0}, UINT64_MAX},
        };
        size_t size =
            base_log_line(BASE_LOG_JSON, TIME, BASE_LOG_INFO, message, pairs, 2, line, room);
        assert_true(size < room);
        assert_int_equal(line[size], '\0');
        assert_memory_equal(line + size - 2, "}\n", 2);
        assert_true(base_utf8_valid(base_slice(line, size)));
        const char *number = strstr(line, "\"number\":");
        assert_true(number == NULL || strstr(number, "18446744073709551615}") != NULL);
        size_t quotes = 0;
        for (size_t i = 0; i < size; i++) {
            quotes += line[i] == '"' ? 1 : 0;
        }
        assert_int_equal(quotes % 2, 0);
    }
}

static void test_names(void **state)
{
    (void)state;
    assert_true(base_log_level_named("debug"));
    assert_false(base_log_level_named("loud"));
    assert_true(base_log_format_named("json"));
    assert_false(base_log_format_named("xml"));
    assert_true(base_log_format_named("logfmt"));
    assert_true(base_log_level_named("info"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_hostile_values),
        cmocka_unit_test(test_room),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
