/* The options that only `hirsch bench` takes. */
#ifndef CLI_BENCH_OPTIONS_H
#define CLI_BENCH_OPTIONS_H

#include "cli/options.h"

enum { CLI_BENCH_OPTIONS = 22 };

extern const struct cli_option cli_bench_option_table[CLI_BENCH_OPTIONS];

/* Their names and those of the common options that bench takes, for struct cli_command. */
extern const char cli_bench_option_names[];

#endif
