/* The command line of hirsch: one table of options, one parser, flags before and after the
 * subcommand. Pure. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/status.h"

enum cli_colour { CLI_COLOUR_AUTO, CLI_COLOUR_ALWAYS, CLI_COLOUR_NEVER };

/* Values of the options of `hirsch bench`; NULL and 0: not given. Texts that src/bench takes apart
 * are checked there. */
struct cli_bench_options {
    double rate;
    bool uniform;
    bool closed;
    uint32_t connections;
    uint32_t depth;
    uint64_t duration_ns;
    bool has_warmup;
    uint64_t warmup_ns;
    bool libhirsch;
    uint32_t processes;
    const char *workload;
    const char *keys;
    const char *ids;
    uint32_t sample;
    bool has_verify;
    double verify;
    uint64_t max_lag_ns;
    uint32_t repeat;
    const char *sweep;
    const char *find_knee;
    const char *slo;
    const char *html;
    const char *hgrm;
    bool has_tolerance;
    double tolerance;
};

/* Values of all options; texts are borrowed from the command line or the environment. */
struct cli_options {
    const char *server;   /* NULL: the library's default */
    uint32_t timeout_ms;  /* 0: the library's default */
    const char *key_file; /* NULL: the environment variable HIRSCH_KEY, or no key */
    enum cli_colour colour;
    bool json;
    bool csv;
    bool help;
    bool version; /* in place of a command */
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
    bool quiet;
    const char *resume; /* put: file that keeps how far it came; NULL: none */
    uint32_t parallel;  /* put, delete: requests under way; 0: the default */
    const char *kind;   /* delete: author, paper, citation, merge or suppress; NULL: not said */
    const char *as_of;  /* metrics; NULL: everything stored */
    int self_citations; /* numbers as on the wire; 0: not given */
    int counting;
    int position;
    const char *years;   /* NULL: all */
    const char *groups;  /* NULL: not given */
    const char *days;    /* NULL: not given */
    const char *explain; /* NULL: not given */
    bool timeline;
    bool compare;
    bool metrics; /* paper: its computed numbers */
    struct cli_bench_options bench;
    uint64_t given; /* a bit for each option that stood on the command line, for the check */
};

struct cli_arguments {
    const char *command; /* NULL: none was given */
    int count;           /* of the command's own arguments */
    char **values;       /* in place: a part of argv, reordered */
};

/* One row of a table of options. */
struct cli_option {
    const char *name;
    char letter;          /* 0: none */
    const char *argument; /* NULL: a switch */
    const char *variable; /* NULL: not from the environment */
    const char *text;     /* for --help, in lines */
    const char *expected; /* what a right value looks like */
    bool (*set)(struct cli_options *options, const char *value);
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
