#include "cli/bench_view.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/quantity.h"

enum { BARS_FROM = 12 }; /* columns before the bars */

_Static_assert((int)BARS_FROM < (int)CLI_WIDTH_LEAST, "room for bars on every screen");

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

void cli_bench_catch_interrupt(void)
{
    struct sigaction action = {.sa_handler = on_interrupt};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool cli_bench_interrupted(void)
{
    return interrupted != 0;
}

void cli_bench_view_init(struct cli_bench_view *view, const struct cli_screen *screen)
{
    const char *kind = getenv("TERM");
    bool moves = kind != NULL && strcmp(kind, "dumb") != 0;
    *view =
        (struct cli_bench_view){.screen = screen, .terminal = moves && isatty(STDERR_FILENO) != 0};
}

/* The newest at the right end. */
static void put_bars(struct base_buffer *out, const struct cli_bench_view *view)
{
    size_t room = view->screen->width - BARS_FROM;
    size_t from = view->count > room ? view->count - room : 0;
    cli_put_bars(out, view->rates + from, view->count - from, view->screen);
}

static void put_figure(struct base_buffer *out, const char *name, const struct bench_coarse *coarse,
                       double share)
{
    base_buffer_append_format(out, "  %s ", name);
    if (coarse->count == 0) {
        base_buffer_append_byte(out, '-');
    } else {
        bench_put_duration(out, bench_coarse_at(coarse, share));
    }
}

static void put_latencies(struct base_buffer *out, const struct bench_moment *moment)
{
    put_figure(out, "intended p50", &moment->sums.intended, 0.5);
    put_figure(out, "p99", &moment->sums.intended, 0.99);
    put_figure(out, "actual p99", &moment->sums.actual, 0.99);
}

static void put_counts(struct base_buffer *out, const struct bench_moment *moment)
{
    base_buffer_append_text(out, "  failed ");
    bench_put_count(out, moment->sums.failed);
    base_buffer_append_text(out, "  in flight ");
    bench_put_count(out, moment->sums.in_flight);
    base_buffer_append_text(out, moment->warm ? "  warm-up" : "");
}

void cli_bench_put_moment(struct base_buffer *out, const struct cli_bench_view *view,
                          const struct bench_plan *plan, const struct bench_moment *moment)
{
    uint64_t total = (plan->warmup_ns + plan->duration_ns) / 1000000000;
    base_buffer_append_format(out, "%4u/%llu s  ", moment->second + 1, (unsigned long long)total);
    bench_put_count(out, moment->sums.answered);
    base_buffer_append_text(out, "/s");
    if (view->terminal) {
        put_counts(out, moment);
        base_buffer_append_text(out, "\x1b[K\n    ");
        put_latencies(out, moment);
        base_buffer_append_text(out, "\x1b[K\n      rate  ");
        put_bars(out, view);
        base_buffer_append_text(out, "\x1b[K\n");
    } else {
        put_latencies(out, moment);
        put_counts(out, moment);
        base_buffer_append_byte(out, '\n');
    }
}

static void put_out(struct base_buffer *out)
{
    if (!out->failed && out->size > 0) {
        fwrite(out->data, 1, out->size, stderr);
        fflush(stderr);
    }
    base_buffer_fini(out);
}

static bool watch(void *state, const struct bench_plan *plan, const struct bench_moment *moment)
{
    struct cli_bench_view *view = state;
    if (moment != NULL) {
        struct base_buffer out = BASE_BUFFER_EMPTY;
        if (view->count == CLI_BENCH_HISTORY) {
            memmove(view->rates, view->rates + 1, sizeof view->rates - sizeof view->rates[0]);
            view->count--;
        }
        uint64_t answered = moment->sums.answered;
        view->rates[view->count++] = answered < UINT32_MAX ? (uint32_t)answered : UINT32_MAX;
        /* Lines that are cut off rather than broken: the next frame knows how many there are. */
        base_buffer_append_text(&out, !view->terminal ? ""
                                      : view->shown   ? "\x1b[?7l\x1b[3A\r"
                                                      : "\x1b[?7l");
        cli_bench_put_moment(&out, view, plan, moment);
        base_buffer_append_text(&out, view->terminal ? "\x1b[?7h" : "");
        view->shown = view->terminal;
        put_out(&out);
    }
    return !cli_bench_interrupted();
}

static void begin_run(void *state, const struct bench_plan *plan, unsigned repeat, unsigned repeats)
{
    struct cli_bench_view *view = state;
    struct base_buffer out = BASE_BUFFER_EMPTY;
    view->shown = false;
    view->count = 0;
    if (plan->closed) {
        base_buffer_append_format(&out, "closed loop, %u connections x %u", plan->connections,
                                  plan->depth);
    } else {
        base_buffer_append_text(&out, "open loop, ");
        bench_put_count(&out, (uint64_t)(plan->rate + 0.5));
        base_buffer_append_text(&out, " requests a second");
    }
    if (repeats > 1) {
        base_buffer_append_format(&out, ", run %u of %u", repeat + 1, repeats);
    }
    base_buffer_append_byte(&out, '\n');
    put_out(&out);
}

static void end_step(void *state, const struct bench_series *series, const struct bench_step *step)
{
    (void)state;
    struct base_buffer out = BASE_BUFFER_EMPTY;
    const struct bench_tally *tally = bench_step_result(step)->tally;
    if (!series->sweep && !series->knee) {
        return;
    }
    base_buffer_append_format(&out, "%.0f/s: p50 ", step->rate);
    bench_put_duration(&out, bench_histogram_at(&tally->intended, 0.5));
    base_buffer_append_text(&out, ", p99 ");
    bench_put_duration(&out, bench_histogram_at(&tally->intended, 0.99));
    base_buffer_append_format(&out, " from intended send%s%s\n",
                              !series->knee ? ""
                              : step->kept  ? ", kept"
                                            : ", not kept",
                              step->invalid != 0 ? ", INVALID" : "");
    put_out(&out);
}

void cli_bench_view_progress(struct cli_bench_view *view, struct bench_progress *progress)
{
    *progress = (struct bench_progress){view, watch, begin_run, end_step};
}
