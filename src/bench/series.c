#include "bench/series.h"

#include <stdlib.h>
#include <string.h>

#include "bench/quantity.h"

/* The share of the wanted rate that has to be answered for a step to count. */
static const double reached = 0.98;
static const double knee_gap = 1.05;

enum base_code bench_sweep_parse(const char *text, struct bench_sweep *sweep,
                                 struct base_error *error)
{
    char part[3][32];
    struct bench_sweep made;
    size_t count = 0;
    const char *at = text;
    for (; at != NULL && count < 3; count++) {
        size_t size = strcspn(at, ":");
        if (size >= sizeof part[0]) {
            break;
        }
        memcpy(part[count], at, size);
        part[count][size] = '\0';
        at = at[size] == ':' ? at + size + 1 : NULL;
    }
    if (count != 3 || at != NULL || !bench_parse_rate(part[0], &made.first) ||
        !bench_parse_rate(part[1], &made.last) || !bench_parse_rate(part[2], &made.by) ||
        made.last < made.first) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "'%.60s' is not FIRST:LAST:BY, three rates as in 10k:200k:10k", text);
    }
    if ((made.last - made.first) / made.by >= BENCH_STEPS) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "'%.60s' has more than %d steps", text,
                         BENCH_STEPS);
    }
    *sweep = made;
    return BASE_OK;
}

/* The run in the middle by p99; of an even number the worse one. */
static unsigned median_run(const struct bench_step *step)
{
    for (unsigned i = 0; i < step->run_count; i++) {
        uint64_t mine = bench_histogram_at(&step->runs[i].tally->intended, 0.99);
        unsigned below = 0;
        unsigned equal = 0;
        for (unsigned k = 0; k < step->run_count; k++) {
            uint64_t other = bench_histogram_at(&step->runs[k].tally->intended, 0.99);
            below += other < mine;
            equal += other == mine;
        }
        if (below <= step->run_count / 2 && below + equal > step->run_count / 2) {
            return i;
        }
    }
    return 0;
}

static void judge_step(const struct bench_series *series, struct bench_step *step)
{
    step->median = median_run(step);
    const struct bench_result *result = bench_step_result(step);
    step->invalid = result->invalid;
    step->kept = result->invalid == 0 &&
                 (step->rate == 0 || bench_result_rate(result) >= reached * step->rate) &&
                 bench_slo_kept(&series->condition, result->tally, bench_result_seconds(result));
}

/* On failure the step has the runs that were whole; without any there is no step. */
static enum base_code run_step(struct bench_series *series, double rate,
                               const struct bench_progress *progress, struct base_error *error)
{
    enum base_code code = BASE_OK;
    struct bench_step *step = &series->steps[series->step_count];
    struct bench_plan plan = series->plan;
    plan.rate = rate;
    *step = (struct bench_step){.rate = plan.closed ? 0 : rate};
    step->runs = calloc(series->repeats, sizeof *step->runs);
    if (step->runs == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for results");
    }
    while (code == BASE_OK && step->run_count < series->repeats && !series->interrupted) {
        plan.put_base = series->plan.put_base + series->runs_begun++;
        progress->run(progress->state, &plan, step->run_count, series->repeats);
        struct bench_result *result = &step->runs[step->run_count];
        code = bench_run(&plan, progress->watch, progress->state, result, error);
        if (code == BASE_OK) {
            series->interrupted = result->interrupted;
            step->run_count++;
            plan.seed++;
        }
    }
    if (step->run_count == 0) {
        free(step->runs);
        return code;
    }
    series->step_count++;
    judge_step(series, step);
    progress->step(progress->state, series, step);
    return code;
}

enum base_code bench_series_once(struct bench_series *series, const struct bench_progress *progress,
                                 struct base_error *error)
{
    return run_step(series, series->plan.rate, progress, error);
}

enum base_code bench_series_sweep(struct bench_series *series, const struct bench_sweep *sweep,
                                  const struct bench_progress *progress, struct base_error *error)
{
    enum base_code code = BASE_OK;
    series->sweep = true;
    for (unsigned i = 0; i < BENCH_STEPS && code == BASE_OK && !series->interrupted; i++) {
        double rate = sweep->first + i * sweep->by;
        if (rate > sweep->last * 1.000001) {
            break;
        }
        code = run_step(series, rate, progress, error);
        series->best = series->step_count > 0 ? series->step_count - 1 : 0;
    }
    return code;
}

/* Above that rate. */
static const struct bench_step *lowest_failure(const struct bench_series *series, double rate)
{
    const struct bench_step *lowest = NULL;
    for (size_t i = 0; i < series->step_count; i++) {
        const struct bench_step *step = &series->steps[i];
        if (!step->kept && step->rate > rate && (lowest == NULL || step->rate < lowest->rate)) {
            lowest = step;
        }
    }
    return lowest;
}

enum base_code bench_series_knee(struct bench_series *series, const struct bench_progress *progress,
                                 struct base_error *error)
{
    double good = 0;
    double bad = 0;
    double rate = series->plan.rate;
    enum base_code code = BASE_OK;
    series->knee = true;
    while (code == BASE_OK && !series->interrupted && series->step_count < BENCH_STEPS) {
        code = run_step(series, rate, progress, error);
        if (code != BASE_OK || series->interrupted) {
            break;
        }
        if (series->steps[series->step_count - 1].kept) {
            good = rate;
            series->best = series->step_count - 1;
        } else {
            bad = rate;
        }
        if (good > 0 && bad > 0 && bad <= good * knee_gap) {
            break;
        }
        if (good == 0 && bad < 2) {
            break; /* not even one request a second */
        }
        rate = bad == 0 ? good * 2 : good == 0 ? bad / 4 : (good + bad) / 2;
    }
    series->knee_found = good > 0;
    series->knee_end = lowest_failure(series, good);
    return code;
}

void bench_series_fini(struct bench_series *series)
{
    for (size_t i = 0; i < series->step_count; i++) {
        for (unsigned k = 0; k < series->steps[i].run_count; k++) {
            bench_result_fini(&series->steps[i].runs[k]);
        }
        free(series->steps[i].runs);
    }
    series->step_count = 0;
}
