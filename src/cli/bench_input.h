/* What `hirsch bench` is told: its options and the files they name, made into a plan. */
#ifndef CLI_BENCH_INPUT_H
#define CLI_BENCH_INPUT_H

#include "bench/series.h"
#include "cli/options.h"

/* Options that make no part of the plan and whose texts have a grammar of their own. */
struct cli_bench_orders {
    struct bench_sweep sweep;
    struct bench_slo slo; /* count 0: none */
};

/* Appends a whole file; false when it cannot be read, which has been said on stderr then. */
bool cli_bench_read_file(const char *path, struct base_buffer *text);

/* A sentence about options that exclude each other; NULL: there are none. */
const char *cli_bench_contradiction(const struct cli_options *options);

/* Fills series->plan, series->condition and orders. Returns an exit code; has said why on stderr
 * when it is not 0. */
int cli_bench_read_input(const struct cli_options *options, struct bench_series *series,
                         struct cli_bench_orders *orders);

#endif
