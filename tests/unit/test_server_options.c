/* Options of hirschd: precedence, every kind of value, errors that name the place and suggest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/option_file.h"
#include "server/options.h"

static const char *variables[8][2];

static const char *environment(const char *name)
{
    for (size_t i = 0; i < 8 && variables[i][0] != NULL; i++) {
        if (strcmp(variables[i][0], name) == 0) {
            return variables[i][1];
        }
    }
    return NULL;
}

static int clear(void **state)
{
    (void)state;
    memset(variables, 0, sizeof variables);
    return 0;
}

enum { ARGUMENTS_MOST = 24 };

/* Parses and settles a line of words separated by blanks; "_" stands for an empty argument. */
struct line {
    char text[512];
    char *arguments[ARGUMENTS_MOST];
    int count;
    struct server_options *options;
    struct server_settings settings;
    struct base_error error;
    enum base_code code;
};

static void read_line(struct line *line, const char *text, const char *allowed)
{
    memset(line, 0, sizeof *line);
    strcpy(line->text, text);
    for (char *word = strtok(line->text, " "); word != NULL; word = strtok(NULL, " ")) {
        assert_true(line->count < ARGUMENTS_MOST);
        word[0] = strcmp(word, "_") == 0 ? '\0' : word[0];
        line->arguments[line->count++] = word;
    }
    line->code = server_options_parse(line->count, line->arguments, &line->options, &line->error);
    if (line->code == BASE_OK) {
        line->code = server_options_settle(line->options, "serve", allowed, environment,
                                           &line->settings, &line->error);
    }
}

static void good(struct line *line, const char *text)
{
    read_line(line, text, NULL);
    if (line->code != BASE_OK) {
        fail_msg("%s: %s", text, line->error.text);
    }
}

static void bad(const char *text, const char *allowed, enum base_code code, const char *words)
{
    struct line line;
    read_line(&line, text, allowed);
    assert_int_equal(line.code, code);
    if (strstr(line.error.text, words) == NULL) {
        fail_msg("%s: \"%s\" does not say \"%s\"", text, line.error.text, words);
    }
    server_options_free(line.options);
}

static void make_file(char path[32], const char *text)
{
    strcpy(path, "/tmp/hirsch-conf-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void defaults_are_those_of_the_table(void **state)
{
    (void)state;
    struct line line;
    good(&line, "serve");
    assert_string_equal(line.settings.data, "hirsch-data");
    assert_int_equal(line.settings.listen_count, 1);
    assert_string_equal(line.settings.listen[0], "tcp://127.0.0.1:7700");
    assert_int_equal(line.settings.max_request, 8 * 1024 * 1024);
    assert_int_equal(line.settings.default_timeout_ms, 2000);
    assert_int_equal(line.settings.idle_timeout_ms, 0);
    assert_null(line.settings.coverage_end);
    assert_false(line.settings.json);
    server_options_free(line.options);
}

static void flags_stand_before_and_behind_the_job(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "--loops 3 --json serve file --data d",
        "serve --loops=3 file --json --data d",
        "--data d serve --json=true --loops 3 -- file",
        "serve file --loops 7 --json=false --json --data x --data=d --loops 3",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct line line;
        char **words;
        good(&line, lines[i]);
        assert_int_equal(server_options_words(line.options, &words), 2);
        assert_string_equal(words[0], "serve");
        assert_string_equal(words[1], "file");
        assert_int_equal(line.settings.loops, 3);
        assert_true(line.settings.json);
        assert_string_equal(line.settings.data, "d");
        server_options_free(line.options);
    }
    struct line line;
    char **words;
    good(&line, "import - -- --data");
    assert_int_equal(server_options_words(line.options, &words), 3);
    assert_string_equal(words[1], "-");
    assert_string_equal(words[2], "--data");
    server_options_free(line.options);
}

static void flag_beats_environment_beats_file_beats_default(void **state)
{
    (void)state;
    char path[32];
    char text[128];
    make_file(path, "loops = 1\nthreads = 1 # why\n\n# a comment\n  data=/a b/c#d\t\r\n"
                    "listen = tcp://127.0.0.1:1\nlisten = ipc:///x\n");
    variables[0][0] = "HIRSCH_LOOPS";
    variables[0][1] = "2";
    variables[1][0] = "HIRSCH_MAX_REQUEST";
    variables[1][1] = "64KiB";
    struct line line;
    snprintf(text, sizeof text, "serve --config %s", path);
    good(&line, text);
    assert_int_equal(line.settings.loops, 2);
    assert_int_equal(line.settings.threads, 1);
    assert_int_equal(line.settings.max_request, 65536);
    assert_string_equal(line.settings.data, "/a b/c#d");
    assert_int_equal(line.settings.listen_count, 2);
    assert_string_equal(line.settings.listen[1], "ipc:///x");
    server_options_free(line.options);

    /* A list of a higher rank replaces the whole list. The file may be named by the environment. */
    variables[2][0] = "HIRSCH_CONFIG";
    variables[2][1] = path;
    variables[3][0] = "HIRSCH_LISTEN";
    variables[3][1] = "tcp://127.0.0.1:2, ipc:///y";
    good(&line, "serve --loops 3");
    assert_int_equal(line.settings.loops, 3);
    assert_int_equal(line.settings.listen_count, 2);
    assert_string_equal(line.settings.listen[0], "tcp://127.0.0.1:2");
    assert_string_equal(line.settings.listen[1], "ipc:///y");
    server_options_free(line.options);

    good(&line, "serve --listen tcp://127.0.0.1:3");
    assert_int_equal(line.settings.listen_count, 1);
    assert_string_equal(line.settings.listen[0], "tcp://127.0.0.1:3");
    server_options_free(line.options);
    unlink(path);
}

static void values_are_strict(void **state)
{
    (void)state;
    struct line line;
    good(&line, "serve --drain-timeout 5m --idle-timeout 1h --greeting-timeout 250ms "
                "--stall-timeout 0 --max-errors 18446744073709551615");
    assert_int_equal(line.settings.drain_timeout_ms, 300000);
    assert_int_equal(line.settings.idle_timeout_ms, 3600000);
    assert_int_equal(line.settings.greeting_timeout_ms, 250);
    assert_int_equal(line.settings.stall_timeout_ms, 0);
    assert_true(line.settings.max_errors == UINT64_MAX);
    server_options_free(line.options);
    bad("serve --loops 65", NULL, BASE_INVALID_ARGUMENT, "--loops");
    bad("serve --loops -1", NULL, BASE_INVALID_ARGUMENT, "whole number from 0 to 64");
    bad("serve --loops 3x", NULL, BASE_INVALID_ARGUMENT, "\"3x\"");
    bad("serve --loops _", NULL, BASE_INVALID_ARGUMENT, "whole number");
    bad("serve --max-connections 0", NULL, BASE_INVALID_ARGUMENT, "from 1");
    bad("serve --max-request 9MiB", NULL, BASE_INVALID_ARGUMENT, "like 64MiB");
    bad("serve --drain-timeout 10", NULL, BASE_INVALID_ARGUMENT, "like 500ms");
    bad("serve --drain-timeout 10d", NULL, BASE_INVALID_ARGUMENT, "like 500ms");
    bad("serve --default-timeout 0", NULL, BASE_INVALID_ARGUMENT, "from 1ms");
    bad("serve --ipc-mode 0060", NULL, BASE_INVALID_ARGUMENT, "from 600 to 777");
    bad("serve --ipc-mode 0680", NULL, BASE_INVALID_ARGUMENT, "octal");
    bad("serve --ipc-mode 1777", NULL, BASE_INVALID_ARGUMENT, "octal");
    bad("serve --ipc-mode _", NULL, BASE_INVALID_ARGUMENT, "octal");
    good(&line, "serve --ipc-mode 0660");
    assert_int_equal(line.settings.ipc_mode, 0660);
    server_options_free(line.options);
    bad("serve --json=yes", NULL, BASE_INVALID_ARGUMENT, "neither true nor false");
    bad("serve --log-level inf", NULL, BASE_INVALID_ARGUMENT, "error|warn|info|debug");
    bad("serve --log-level _", NULL, BASE_INVALID_ARGUMENT, "none of");
    good(&line, "serve --log-level debug");
    assert_string_equal(line.settings.log_level, "debug");
    server_options_free(line.options);
    bad("serve --data _", NULL, BASE_INVALID_ARGUMENT, "empty");
}

static void wrong_flags_are_named_and_others_suggested(void **state)
{
    (void)state;
    bad("serve --dta x", NULL, BASE_INVALID_ARGUMENT, "did you mean --data?");
    bad("serve --max-conections=3", NULL, BASE_INVALID_ARGUMENT, "did you mean --max-connections?");
    bad("serve --hlep", NULL, BASE_INVALID_ARGUMENT, "did you mean --help?");
    bad("serve --frobnicate", NULL, BASE_INVALID_ARGUMENT, "hirschd help options");
    bad("serve -d x", NULL, BASE_INVALID_ARGUMENT, "there is no option -d");
    bad("serve --data", NULL, BASE_INVALID_ARGUMENT, "--data DIR");
    bad("serve --config", NULL, BASE_INVALID_ARGUMENT, "--config FILE");
    bad("serve --format hirsch", "data listen", BASE_INVALID_ARGUMENT, "serve takes no --format");
    bad("--help=x serve", NULL, BASE_INVALID_ARGUMENT, "--help");
    struct line line;
    read_line(&line, "serve --data x", "map-size data listen");
    assert_int_equal(line.code, BASE_OK);
    server_options_free(line.options);
}

static void a_list_has_an_end(void **state)
{
    (void)state;
    char text[512] = "serve";
    for (int i = 0; i < SERVER_LISTEN_MOST; i++) {
        strcat(text, " --listen=ipc:///a");
    }
    struct line line;
    good(&line, text);
    assert_int_equal(line.settings.listen_count, SERVER_LISTEN_MOST);
    server_options_free(line.options);
    strcat(text, " --listen=ipc:///b");
    bad(text, NULL, BASE_INVALID_ARGUMENT, "more than 16 times");
}

static void mistakes_of_environment_and_file_name_their_place(void **state)
{
    (void)state;
    char path[32];
    char text[128];
    char place[64];
    variables[0][0] = "HIRSCH_IDLE_TIMEOUT";
    variables[0][1] = "soon";
    bad("serve", NULL, BASE_FAILED_PRECONDITION, "HIRSCH_IDLE_TIMEOUT");
    /* What is not looked at does no harm. */
    struct line line;
    good(&line, "serve --idle-timeout 3s");
    server_options_free(line.options);
    clear(NULL);
    static const struct {
        const char *file;
        const char *words;
        unsigned line;
    } cases[] = {
        {"data = x\nlops = 3\n", "did you mean loops?", 2},
        {"\n\nloops\n", "is not `name = value`", 3},
        {"= 3", "is not `name = value`", 1},
        {"loops = \n", "whole number", 1},
        {"loops = 1\nloops = many", "\"many\"", 2},
        {"data = a\x01z", "no text", 1},
        {"data = \xff", "no text", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        make_file(path, cases[i].file);
        snprintf(text, sizeof text, "serve --config %s", path);
        snprintf(place, sizeof place, "%s:%u", path, cases[i].line);
        bad(text, NULL, BASE_FAILED_PRECONDITION, cases[i].words);
        bad(text, NULL, BASE_FAILED_PRECONDITION, place);
        unlink(path);
    }
    bad("serve --config /nonexistent/file", NULL, BASE_FAILED_PRECONDITION, "cannot be opened");
    bad("serve --config /tmp", NULL, BASE_FAILED_PRECONDITION, "cannot be read");
}

/* Options of other jobs may stand in the shared file. */
static void a_file_serves_all_jobs(void **state)
{
    (void)state;
    char path[32];
    char text[128];
    make_file(path, "format = openalex\ndata = x\n");
    snprintf(text, sizeof text, "serve --config %s", path);
    struct line line;
    read_line(&line, text, "data listen");
    assert_int_equal(line.code, BASE_OK);
    assert_string_equal(line.settings.data, "x");
    server_options_free(line.options);
    unlink(path);
}

/* What `hirschd config` prints, read again, gives the same settings. */
static void the_printed_settings_are_a_file(void **state)
{
    (void)state;
    char path[32];
    char text[128];
    struct line first;
    good(&first, "serve --listen ipc:///a --listen tcp://[::1]:0 --memory 1GiB --quiet "
                 "--data /a/b");
    char *printed = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&printed, &size);
    server_options_print(first.options, to);
    fclose(to);
    assert_non_null(strstr(printed, "# --memory\n"));
    assert_non_null(strstr(printed, "# default\n"));
    make_file(path, printed);
    snprintf(text, sizeof text, "serve --config %s", path);
    struct line second;
    good(&second, text);
    assert_string_equal(second.settings.data, "/a/b");
    assert_int_equal(second.settings.memory, 1024 * 1024 * 1024);
    assert_true(second.settings.quiet);
    assert_int_equal(second.settings.listen_count, 2);
    assert_string_equal(second.settings.listen[1], "tcp://[::1]:0");
    server_options_free(first.options);
    server_options_free(second.options);
    free(printed);
    unlink(path);
}

static void every_row_of_the_table_is_whole(void **state)
{
    (void)state;
    for (const struct server_option *one = server_option_table; one->name != NULL; one++) {
        assert_true(strlen(one->help) > 5);
        assert_true((one->value == NULL) == (one->kind == SERVER_FLAG));
        assert_true(one->offset < sizeof(struct server_settings));
        for (const struct server_option *other = one + 1; other->name != NULL; other++) {
            assert_string_not_equal(one->name, other->name);
            assert_int_not_equal(one->offset, other->offset);
        }
    }
}

int main(void)
{
#define CLEARED(test) cmocka_unit_test_setup(test, clear)
    const struct CMUnitTest tests[] = {
        CLEARED(defaults_are_those_of_the_table),
        CLEARED(flags_stand_before_and_behind_the_job),
        CLEARED(flag_beats_environment_beats_file_beats_default),
        CLEARED(values_are_strict),
        CLEARED(wrong_flags_are_named_and_others_suggested),
        CLEARED(a_list_has_an_end),
        CLEARED(mistakes_of_environment_and_file_name_their_place),
        CLEARED(a_file_serves_all_jobs),
        CLEARED(the_printed_settings_are_a_file),
        CLEARED(every_row_of_the_table_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
