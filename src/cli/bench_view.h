/* What is seen while a load test runs: a live view on a terminal, a plain line a second elsewhere.
 * All of it goes to stderr. */
#ifndef CLI_BENCH_VIEW_H
#define CLI_BENCH_VIEW_H

#include "bench/series.h"
#include "cli/text.h"

enum { CLI_BENCH_HISTORY = 120 };

struct cli_bench_view {
    const struct cli_screen *screen;
    bool terminal;
    bool shown; /* the live lines stand on the screen */
    uint32_t rates[CLI_BENCH_HISTORY];
    size_t count;
};

void cli_bench_view_init(struct cli_bench_view *view, const struct cli_screen *screen);
/* The functions of struct bench_progress, state is the view. */
void cli_bench_view_progress(struct cli_bench_view *view, struct bench_progress *progress);

/* One second as a line, or as the lines of the live view. Pure. */
void cli_bench_put_moment(struct base_buffer *out, const struct cli_bench_view *view,
                          const struct bench_plan *plan, const struct bench_moment *moment);

/* Catches SIGINT from now on: the run ends early and is reported. */
void cli_bench_catch_interrupt(void);
bool cli_bench_interrupted(void);

#endif
