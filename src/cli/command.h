/* What a subcommand is, and what all of them are given. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/options.h"
#include "cli/text.h"
#include "hirsch/client.h"

struct cli_context {
    const struct cli_options *options;
    struct cli_screen screen;
    hirsch_client *client; /* NULL for commands that need none */
};

struct cli_command {
    const char *name;
    const char *arguments; /* "ID..." */
    const char *summary;   /* one line */
    const char *help;      /* what it does, exit codes of its own, examples */
    const char *options;   /* names of the options it takes, separated by blanks */
    const char *takes;     /* "one id", for a wrong number of arguments; NULL: no argument */
    int least;             /* arguments */
    int most;              /* -1: any number */
    bool needs_client;
    /* Returns an exit code of base/exit.h; has said why on stderr when it is not 0. */
    int (*run)(const struct cli_context *context, int count, char **arguments);
};

extern const struct cli_command cli_command_author;
extern const struct cli_command cli_command_papers;
extern const struct cli_command cli_command_paper;
extern const struct cli_command cli_command_metrics;
extern const struct cli_command cli_command_search;
extern const struct cli_command cli_command_coauthors;
extern const struct cli_command cli_command_citations;
extern const struct cli_command cli_command_references;
extern const struct cli_command cli_command_resolve;
extern const struct cli_command cli_command_sample;
extern const struct cli_command cli_command_put;
extern const struct cli_command cli_command_delete;
extern const struct cli_command cli_command_call;
extern const struct cli_command cli_command_health;
extern const struct cli_command cli_command_bench;
extern const struct cli_command cli_command_version;

/* Ends with NULL. */
extern const struct cli_command *const cli_commands[];

/* A client for --server, --timeout and --key-file. Returns an exit code; has said why when it is
 * not 0. */
int cli_open_client(const struct cli_options *options, hirsch_client **client);

/* The whole program: an exit code. */
int cli_run(int argc, char **argv);

#endif
