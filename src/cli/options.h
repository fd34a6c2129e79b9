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
    bool help;
    bool has_limit;
    uint64_t limit;
    bool has_wait;
    uint32_t wait_s;
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

/* INVALID_ARGUMENT when an option was given on the command line that the command does not take.
 * names: names of options separated by blanks. */
enum base_code cli_options_check(const struct cli_options *options, const char *command,
                                 const char *names, struct base_error *error);

/* The table of options as text for --help. names as above, NULL: all. */
void cli_options_help(struct base_buffer *out, const char *names);

/* The candidate that `given` was probably meant to be, or NULL. candidates ends with NULL. */
const char *cli_suggest(const char *given, const char *const *candidates);

#endif
