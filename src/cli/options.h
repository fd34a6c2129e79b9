/* The command line of hirsch: one table of options, one parser, flags before and after the
 * subcommand. Pure. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/status.h"

enum cli_colour { CLI_COLOUR_AUTO, CLI_COLOUR_ALWAYS, CLI_COLOUR_NEVER };

/* Values of all options; texts are borrowed from the command line or the environment. */
struct cli_options {
    const char *server;  /* NULL: the library's default */
    uint32_t timeout_ms; /* 0: the library's default */
    enum cli_colour colour;
    bool json;
    bool csv;
    bool help;
    bool papers; /* search: titles rather than names */
    bool stubs;
    const char *field;
    uint32_t year; /* 0: all */
    bool has_count;
    uint32_t count;
    uint64_t seed;
    bool has_limit;
    uint64_t limit;
    bool has_wait;
    uint32_t wait_s;
    uint32_t given; /* a bit for each option that stood on the command line, for the check */
};

struct cli_arguments {
    const char *command; /* NULL: none was given */
    int count;           /* of the command's own arguments */
    char **values;       /* in place: a part of argv, reordered */
};

/* Environment as a function, so that tests have their own. */
typedef const char *cli_getenv(const char *name);

/* Takes argv apart: options anywhere, `--` ends them, `-` is an argument. argv is reordered.
 * INVALID_ARGUMENT with a sentence, a suggestion included. */
enum base_code cli_options_parse(int argc, char **argv, cli_getenv *environment,
                                 struct cli_options *options, struct cli_arguments *arguments,
                                 struct base_error *error);

/* INVALID_ARGUMENT when an option was given on the command line that the command does not take, or
 * two that exclude each other. names: names of options separated by blanks; every command takes
 * server, timeout, color and help. */
enum base_code cli_options_check(const struct cli_options *options, const char *command,
                                 const char *names, struct base_error *error);

/* The table of options as text for --help. names as above, NULL: all. */
void cli_options_help(struct base_buffer *out, const char *names);

#endif
