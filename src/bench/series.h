/* Several runs that belong together: a run and its repetitions, a sweep over rates, or the search
 * for the knee. */
#ifndef BENCH_SERIES_H
#define BENCH_SERIES_H

#include "bench/run.h"
#include "bench/slo.h"

enum { BENCH_STEPS = 200, BENCH_REPEATS = 50 };

/* One rate, run several times. */
struct bench_step {
    double rate; /* 0: closed loop */
    struct bench_result *runs;
    unsigned run_count;
    unsigned median;  /* the run whose p99 from the intended send is the median one */
    bool kept;        /* the objectives, and the rate was reached; knee search only */
    unsigned invalid; /* bits of the median run */
};

struct bench_series {
    struct bench_plan plan;
    unsigned repeats;
    unsigned runs_begun;
    struct bench_step steps[BENCH_STEPS];
    size_t step_count;
    size_t best; /* the step that the result speaks of */
    bool sweep;
    bool knee;
    bool knee_found;
    const struct bench_step *knee_end; /* lowest rate above the knee that failed; NULL: none did */
    struct bench_slo condition;        /* of the knee search */
    bool interrupted;
};

/* What to tell on the way: before each run. */
struct bench_progress {
    void *state;
    bench_watch *watch;
    void (*run)(void *state, const struct bench_plan *plan, unsigned repeat, unsigned repeats);
    void (*step)(void *state, const struct bench_series *series, const struct bench_step *step);
};

/* "10k:200k:10k" as first, last and distance: at most BENCH_STEPS rates. */
struct bench_sweep {
    double first;
    double last;
    double by;
};

enum base_code bench_sweep_parse(const char *text, struct bench_sweep *sweep,
                                 struct base_error *error);

/* series->plan and repeats are set. Fini in either case. A failure leaves the steps before it: they
 * may be reported, as those of an interrupted series. */
enum base_code bench_series_once(struct bench_series *series, const struct bench_progress *progress,
                                 struct base_error *error);
enum base_code bench_series_sweep(struct bench_series *series, const struct bench_sweep *sweep,
                                  const struct bench_progress *progress, struct base_error *error);
/* The greatest rate that keeps the condition: doubled from plan.rate on until it fails, then halved
 * in between until 5 % are left. */
enum base_code bench_series_knee(struct bench_series *series, const struct bench_progress *progress,
                                 struct base_error *error);
void bench_series_fini(struct bench_series *series);

static inline const struct bench_result *bench_step_result(const struct bench_step *step)
{
    return &step->runs[step->median];
}

#endif
