/* The command line: options anywhere, environment behind flags, wrong ones with a suggestion; ids
 * and batches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/exit.h"
#include "base/suggest.h"
#include "cli/batch.h"
#include "cli/ids.h"
#include "cli/options.h"

enum { WORDS = 12 };

static struct cli_options options;
static struct cli_arguments arguments;
static struct base_error error;
static const char *environment_server;

static const char *environment(const char *name)
{
    return strcmp(name, "HIRSCH_SERVER") == 0 ? environment_server : NULL;
}

/* The words of line, split at blanks. */
static enum base_code parse(const char *line)
{
    static char words[256];
    static char *argv[WORDS];
    int argc = 0;
    snprintf(words, sizeof words, "%s", line);
    for (char *word = strtok(words, " "); word != NULL; word = strtok(NULL, " ")) {
        assert_true(argc < WORDS);
        argv[argc++] = word;
    }
    return cli_options_parse(argc, argv, environment, &options, &arguments, &error);
}

static void test_flags_before_and_after(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "hirsch -s ipc:///x --json --timeout 50 author a:1 b:2",
        "hirsch author a:1 -s ipc:///x b:2 --timeout=50 --json",
        "hirsch --server=ipc:///x author --json a:1 --timeout 50 b:2",
        "hirsch -sipc:///x author --json --timeout 50 -- a:1 b:2",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        assert_int_equal(parse(lines[i]), BASE_OK);
        assert_string_equal(options.server, "ipc:///x");
        assert_true(options.json);
        assert_int_equal(options.timeout_ms, 50);
        assert_string_equal(arguments.command, "author");
        assert_int_equal(arguments.count, 2);
        assert_string_equal(arguments.values[0], "a:1");
        assert_string_equal(arguments.values[1], "b:2");
    }
    assert_int_equal(parse("hirsch author -"), BASE_OK);
    assert_string_equal(arguments.values[0], "-");
    assert_int_equal(parse("hirsch author -- --json"), BASE_OK);
    assert_string_equal(arguments.values[0], "--json");
    assert_false(options.json);
    assert_int_equal(parse("hirsch"), BASE_OK);
    assert_null(arguments.command);
}

static void test_environment(void **state)
{
    (void)state;
    environment_server = "tcp://e:1";
    assert_int_equal(parse("hirsch health"), BASE_OK);
    assert_string_equal(options.server, "tcp://e:1");
    assert_int_equal(parse("hirsch health -s tcp://f:2"), BASE_OK);
    assert_string_equal(options.server, "tcp://f:2");
    environment_server = NULL;
    assert_int_equal(parse("hirsch health"), BASE_OK);
    assert_null(options.server);
}

static void test_values(void **state)
{
    (void)state;
    assert_int_equal(parse("hirsch papers a:1 --limit 0 --color never"), BASE_OK);
    assert_true(options.has_limit);
    assert_int_equal(options.limit, 0);
    assert_int_equal(options.colour, CLI_COLOUR_NEVER);
    assert_int_equal(parse("hirsch health --wait 30"), BASE_OK);
    assert_true(options.has_wait);
    assert_int_equal(options.wait_s, 30);
    static const char *const wrong[] = {
        "hirsch --timeout 0 health",  "hirsch --timeout -1 health",
        "hirsch --timeout 1s health", "hirsch --limit x papers a:1",
        "hirsch --color red health",  "hirsch --wait 1.5 health",
        "hirsch --json=yes health",   "hirsch health --server",
        "hirsch -j health",           "hirsch -hs health",
        "hirsch health --server=",    "hirsch search x --year 1399",
        "hirsch search x --field=",   "hirsch sample papers --count 0",
        "hirsch sample x --seed -1",  "hirsch sample x --count 10001",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (parse(wrong[i]) != BASE_INVALID_ARGUMENT) {
            fail_msg("%s was taken", wrong[i]);
        }
    }
}

static void test_suggestions(void **state)
{
    (void)state;
    static const char *const commands[] = {"author", "papers", "paper", "health", NULL};
    assert_string_equal(base_suggest("athor", commands), "author");
    assert_string_equal(base_suggest("auhtor", commands), "author");
    assert_string_equal(base_suggest("papr", commands), "paper");
    assert_string_equal(base_suggest("he", commands), "health");
    assert_null(base_suggest("import", commands));
    assert_null(base_suggest("", commands));
    assert_int_equal(parse("hirsch author x --jsno"), BASE_INVALID_ARGUMENT);
    assert_string_equal(error.text, "unknown option '--jsno'; did you mean --json?");
    assert_int_equal(parse("hirsch author x --frobnicate"), BASE_INVALID_ARGUMENT);
    assert_string_equal(error.text, "unknown option '--frobnicate'; hirsch --help lists all");
}

static void test_options_of_a_command(void **state)
{
    (void)state;
    assert_int_equal(parse("hirsch health --limit 3"), BASE_OK);
    assert_int_equal(cli_options_check(&options, "health", "server wait", &error),
                     BASE_INVALID_ARGUMENT);
    assert_int_equal(cli_options_check(&options, "papers", "server limit", &error), BASE_OK);
    assert_int_equal(parse("hirsch sample authors --json"), BASE_OK);
    assert_int_equal(cli_options_check(&options, "sample", "server count", &error),
                     BASE_INVALID_ARGUMENT);
    assert_string_equal(error.text, "--json does not go with 'sample'; hirsch sample --help lists "
                                    "its options");
    static const char search[] = "server json csv limit papers field year";
    static const struct {
        const char *line;
        const char *complaint; /* NULL: right */
    } lines[] = {
        {"hirsch search x --csv --color never -s ipc:///x", NULL},
        {"hirsch search x --papers --year 2018 --limit 3", NULL},
        {"hirsch search x --field cs.LG --json", NULL},
        {"hirsch search x --json --csv", "--csv does not go with --json"},
        {"hirsch search x --papers --field cs.LG", "--field does not go with --papers"},
        {"hirsch search x --year 2018", "--year goes with --papers only"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        assert_int_equal(parse(lines[i].line), BASE_OK);
        enum base_code code = cli_options_check(&options, "search", search, &error);
        assert_int_equal(code, lines[i].complaint == NULL ? BASE_OK : BASE_INVALID_ARGUMENT);
        if (lines[i].complaint != NULL) {
            assert_string_equal(error.text, lines[i].complaint);
        }
    }
    static const char *const beside_days[] = {"--as-of 2001-01-01", "--timeline", "--explain h",
                                              "--groups basic", "--compare"};
    for (size_t i = 0; i < sizeof beside_days / sizeof beside_days[0]; i++) {
        char line[128];
        snprintf(line, sizeof line, "hirsch metrics x --days 2001-01-01,2002-01-01 %s",
                 beside_days[i]);
        assert_int_equal(parse(line), BASE_OK);
        assert_string_equal(options.days, "2001-01-01,2002-01-01");
        assert_int_equal(cli_options_check(&options, "metrics",
                                           "days as-of timeline explain groups compare", &error),
                         BASE_INVALID_ARGUMENT);
        assert_non_null(strstr(error.text, "--days"));
    }
    static const char *const beside_explain[] = {"--timeline", "--groups basic", "--compare"};
    for (size_t i = 0; i < sizeof beside_explain / sizeof beside_explain[0]; i++) {
        char line[128];
        snprintf(line, sizeof line, "hirsch metrics x --explain h %s", beside_explain[i]);
        assert_int_equal(parse(line), BASE_OK);
        assert_int_equal(
            cli_options_check(&options, "metrics", "timeline explain groups compare", &error),
            BASE_INVALID_ARGUMENT);
        assert_non_null(strstr(error.text, "--explain"));
    }
    static const struct {
        const char *line;
        const char *names;
        const char *complaint;
    } alone[] = {
        {"hirsch metrics x --limit 3", "limit explain", "--limit goes with --explain only"},
        {"hirsch paper x --as-of 2001-01-01", "as-of metrics", "--as-of goes with --metrics only"},
        {"hirsch paper x --self-citations own", "self-citations metrics",
         "--self-citations goes with --metrics only"},
        {"hirsch paper x --metrics --self-citations own", "self-citations metrics",
         "--self-citations of a paper is include or coauthor; own and set are for sets"},
        {"hirsch paper x --metrics --self-citations set", "self-citations metrics",
         "--self-citations of a paper is include or coauthor; own and set are for sets"},
    };
    for (size_t i = 0; i < sizeof alone / sizeof alone[0]; i++) {
        assert_int_equal(parse(alone[i].line), BASE_OK);
        assert_int_equal(cli_options_check(&options, "", alone[i].names, &error),
                         BASE_INVALID_ARGUMENT);
        assert_string_equal(error.text, alone[i].complaint);
    }
    assert_int_equal(parse("hirsch paper x --metrics --as-of 2001-01-01 --self-citations coauthor"),
                     BASE_OK);
    assert_int_equal(cli_options_check(&options, "paper", "as-of metrics self-citations", &error),
                     BASE_OK);
    assert_int_equal(parse("hirsch sample papers --count 10000 --seed 18446744073709551615"),
                     BASE_OK);
    assert_int_equal(options.count, 10000);
    assert_true(options.seed == UINT64_MAX);
}

static void test_ids_from_stdin(void **state)
{
    (void)state;
    static char lines[] = "a:1\n\n  b:2 \r\nc:3";
    char *given[] = {"x:0", "-", "y:9"};
    FILE *input = fmemopen(lines, sizeof lines - 1, "r");
    assert_non_null(input);
    struct cli_ids ids;
    assert_int_equal(cli_ids_read(&ids, 3, given, input, &error), BASE_OK);
    static const char *const expected[] = {"x:0", "a:1", "b:2", "c:3", "y:9"};
    assert_int_equal(ids.count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(ids.values[i], expected[i]);
    }
    cli_ids_fini(&ids);
    fclose(input);
    static char nul[] = "a:1\nb\0c\n";
    input = fmemopen(nul, sizeof nul - 1, "r");
    assert_int_equal(cli_ids_read(&ids, 2, given, input, &error), BASE_INVALID_ARGUMENT);
    assert_string_equal(error.text, "stdin: line 2 holds a NUL");
    cli_ids_fini(&ids);
    fclose(input);
}

/* A server that answers at most `fits` ids a call; ids that start with '!' fail. */
struct fake {
    size_t fits;
    size_t calls;
    char seen[64];
    enum hirsch_code whole; /* what every call fails with, or HIRSCH_OK */
};

static enum hirsch_code fake_ask(void *state, const char *const *ids, size_t count,
                                 struct cli_tally *tally, bool *stop, hirsch_error **out)
{
    struct fake *fake = state;
    (void)stop;
    fake->calls++;
    *out = NULL;
    if (fake->whole != HIRSCH_OK) {
        return fake->whole;
    }
    if (count > fake->fits) {
        return HIRSCH_RESOURCE_EXHAUSTED;
    }
    for (size_t i = 0; i < count; i++) {
        if (ids[i][0] == '!') {
            cli_item_failed(tally, ids[i], HIRSCH_NOT_FOUND, "expected by this test");
        } else {
            strncat(fake->seen, ids[i], 1);
        }
    }
    return HIRSCH_OK;
}

static int run_batch(struct fake *fake, const char *const *ids, size_t count, size_t chunk)
{
    const struct cli_batch batch = {fake_ask, fake, chunk};
    return cli_batch_run(&batch, ids, count);
}

static void test_batches(void **state)
{
    (void)state;
    static const char *const ids[] = {"a", "b", "c", "d", "e", "f", "g"};
    struct fake fake = {.fits = 100};
    assert_int_equal(run_batch(&fake, ids, 7, 3), BASE_EXIT_OK);
    assert_int_equal(fake.calls, 3);
    assert_string_equal(fake.seen, "abcdefg");
    /* Too long an answer: halves, in the same order. */
    fake = (struct fake){.fits = 2};
    assert_int_equal(run_batch(&fake, ids, 7, 1000), BASE_EXIT_OK);
    assert_string_equal(fake.seen, "abcdefg");
    /* Not even one fits. */
    fake = (struct fake){.fits = 0};
    assert_int_not_equal(run_batch(&fake, ids, 7, 1000), BASE_EXIT_OK);
    static const char *const some[] = {"a", "!x", "c"};
    fake = (struct fake){.fits = 100};
    assert_int_equal(run_batch(&fake, some, 3, 2), BASE_EXIT_PARTIAL);
    assert_string_equal(fake.seen, "ac");
    static const char *const all[] = {"!x", "!y"};
    fake = (struct fake){.fits = 100};
    assert_int_equal(run_batch(&fake, all, 2, 2), BASE_EXIT_NOT_FOUND);
}

/* Whoever asks a server may need a key, and the help of the command says so. */
static void test_help_names_the_key(void **state)
{
    (void)state;
    struct base_buffer out = BASE_BUFFER_EMPTY;
    cli_options_help(&out, "server timeout json");
    base_buffer_append_byte(&out, 0);
    assert_non_null(strstr(out.data, "--key-file FILE"));
    assert_non_null(strstr(out.data, "--color WHEN"));
    assert_null(strstr(out.data, "--limit"));
    base_buffer_clear(&out);
    cli_options_help(&out, "json");
    base_buffer_append_byte(&out, 0);
    assert_null(strstr(out.data, "--key-file FILE"));
    base_buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flags_before_and_after),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_suggestions),
        cmocka_unit_test(test_options_of_a_command),
        cmocka_unit_test(test_help_names_the_key),
        cmocka_unit_test(test_ids_from_stdin),
        cmocka_unit_test(test_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
