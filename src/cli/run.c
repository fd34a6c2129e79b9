#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/exit.h"
#include "base/suggest.h"
#include "cli/report.h"

const struct cli_command *const cli_commands[] = {
    &cli_command_author,
    &cli_command_papers,
    &cli_command_paper,
    &cli_command_metrics,
    &cli_command_search,
    &cli_command_coauthors,
    &cli_command_citations,
    &cli_command_references,
    &cli_command_resolve,
    &cli_command_sample,
    &cli_command_put,
    &cli_command_delete,
    &cli_command_call,
    &cli_command_health,
    &cli_command_bench,
    &cli_command_version,
    NULL,
};

static const char exit_codes[] =
    "Exit codes:\n"
    "  0 success            64 wrong option or argument     73 output cannot be made\n"
    "  1 failed             65 bad data: an id, a request   74 read or write error\n"
    "  2 some ids failed    66 input cannot be opened       75 at a limit for now, try again\n"
    "  4 not found          69 no answer from the daemon    78 configuration does not fit\n"
    "  130 interrupted      3 measured, but INVALID (bench)\n"
    "  77 key is missing, wrong, or may not do this\n";

static const struct cli_command *find(const char *name)
{
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        if (strcmp(cli_commands[i]->name, name) == 0) {
            return cli_commands[i];
        }
    }
    return NULL;
}

static int print_help(const struct cli_command *command)
{
    struct base_buffer out = BASE_BUFFER_EMPTY;
    if (command != NULL) {
        base_buffer_append_format(&out, "hirsch %s%s%s [OPTION...]\n%s.\n\n%s\nOptions:\n",
                                  command->name, command->arguments[0] != '\0' ? " " : "",
                                  command->arguments, command->summary, command->help);
        cli_options_help(&out, command->options);
    } else {
        base_buffer_append_text(&out, "hirsch COMMAND [ARGUMENT...] [OPTION...]\n"
                                      "asks a Hirsch daemon about authors and papers.\n\n"
                                      "Commands:\n");
        for (size_t i = 0; cli_commands[i] != NULL; i++) {
            const struct cli_command *one = cli_commands[i];
            char left[32];
            snprintf(left, sizeof left, "%s %s", one->name, one->arguments);
            base_buffer_append_format(&out, "  %-22s %s\n", left, one->summary);
        }
        base_buffer_append_text(&out, "\nOptions, before or after the command:\n");
        cli_options_help(&out, NULL);
        base_buffer_append_text(&out,
                                "\nExamples:\n"
                                "  hirsch author orcid:0000-0001-6187-6610\n"
                                "  hirsch search jason priem\n"
                                "  hirsch -s tcp://10.0.0.5:7700 paper doi:10.7717/peerj.4375\n"
                                "  hirsch author --help\n");
    }
    base_buffer_append_byte(&out, '\n');
    base_buffer_append_text(&out, exit_codes);
    bool printed = cli_print(&out);
    base_buffer_fini(&out);
    return printed ? BASE_EXIT_OK : BASE_EXIT_IO;
}

static int unknown_command(const char *name)
{
    const char *names[sizeof cli_commands / sizeof cli_commands[0]] = {NULL};
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        names[i] = cli_commands[i]->name;
    }
    const char *meant = base_suggest(name, names);
    if (meant != NULL) {
        cli_complain("unknown command '%.64s'; did you mean '%s'?", name, meant);
    } else {
        cli_complain("unknown command '%.64s'; hirsch --help lists all", name);
    }
    return BASE_EXIT_USAGE;
}

int cli_open_client(const struct cli_options *options, hirsch_client **client)
{
    struct hirsch_options opening = HIRSCH_OPTIONS_INIT;
    hirsch_error *error = NULL;
    opening.endpoints = options->server;
    opening.timeout_ms = options->timeout_ms;
    opening.key_file = options->key_file;
    opening.fail_fast = true;
    if (hirsch_open(&opening, client, &error) == HIRSCH_OK) {
        return BASE_EXIT_OK;
    }
    bool wrong_url = error->code == HIRSCH_INVALID_ARGUMENT;
    int exit_code = cli_report(error, NULL);
    return wrong_url ? BASE_EXIT_USAGE : exit_code;
}

static int run_command(const struct cli_command *command, const struct cli_options *options,
                       const struct cli_arguments *arguments)
{
    struct cli_context context = {.options = options};
    cli_screen_look(options, &context.screen);
    int exit_code =
        command->needs_client ? cli_open_client(options, &context.client) : BASE_EXIT_OK;
    if (exit_code != BASE_EXIT_OK) {
        return exit_code;
    }
    exit_code = command->run(&context, arguments->count, arguments->values);
    hirsch_close(context.client);
    return exit_code;
}

static const char *from_environment(const char *name)
{
    return getenv(name);
}

int cli_run(int argc, char **argv)
{
    struct cli_options options;
    struct cli_arguments arguments;
    struct base_error error;
    if (cli_options_parse(argc, argv, from_environment, &options, &arguments, &error) != BASE_OK) {
        cli_complain("%s", error.text);
        return BASE_EXIT_USAGE;
    }
    const char *name = arguments.command;
    if (name != NULL && strcmp(name, "help") == 0) {
        options.help = true;
        name = arguments.count > 0 ? arguments.values[0] : NULL;
    }
    if (name == NULL && options.version) {
        name = "version";
    }
    if (name == NULL) {
        if (options.help) {
            return print_help(NULL);
        }
        cli_complain("no command was given; hirsch --help lists all");
        return BASE_EXIT_USAGE;
    }
    const struct cli_command *command = find(name);
    if (command == NULL) {
        return unknown_command(name);
    }
    if (options.help) {
        return print_help(command);
    }
    if (cli_options_check(&options, command->name, command->options, &error) != BASE_OK) {
        cli_complain("%s", error.text);
        return BASE_EXIT_USAGE;
    }
    if (arguments.count < command->least ||
        (command->most >= 0 && arguments.count > command->most)) {
        cli_complain("%s takes %s; hirsch %s --help shows examples", command->name,
                     command->takes == NULL ? "no argument" : command->takes, command->name);
        return BASE_EXIT_USAGE;
    }
    return run_command(command, &options, &arguments);
}
