#include "bench/compare.h"

#include <math.h>
#include <stdlib.h>

#include "bench/conditions.h"
#include "bench/member.h"
#include "bench/quantity.h"
#include "bench/random.h"
#include "bench/report.h"
#include "json/json.h"

enum {
    RESAMPLES = 4000,
    SAMPLES = 20000,
    /* With fewer runs than that in one of the results, the seconds of the runs are the samples. */
    RUNS_ENOUGH = 5,
    /* From fewer samples no interval is made, and nothing is judged. */
    SAMPLES_LEAST = 3,
};

/* A search for the knee ends within so much of it. */
static const double knee_gap = 0.05;

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_value);
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static double resampled(const double *from, size_t count, double *scratch, uint64_t *state)
{
    for (size_t i = 0; i < count; i++) {
        scratch[i] = from[bench_random_below(state, (uint32_t)count)];
    }
    return median(scratch, count);
}

static double quotient(double after, double before)
{
    return after == before ? 1 : after / before;
}

void bench_ratio_interval(const double *before, size_t before_count, const double *after,
                          size_t after_count, struct bench_interval *interval)
{
    size_t most = before_count > after_count ? before_count : after_count;
    double *scratch = malloc(most * sizeof *scratch);
    double *ratios = malloc(RESAMPLES * sizeof *ratios);
    uint64_t state = 1;
    *interval = (struct bench_interval){1, 0, INFINITY};
    if (scratch != NULL && ratios != NULL) {
        memcpy(scratch, before, before_count * sizeof *scratch);
        double old = median(scratch, before_count);
        memcpy(scratch, after, after_count * sizeof *scratch);
        interval->ratio = quotient(median(scratch, after_count), old);
        for (size_t i = 0; i < RESAMPLES; i++) {
            double divisor = resampled(before, before_count, scratch, &state);
            ratios[i] = quotient(resampled(after, after_count, scratch, &state), divisor);
        }
        qsort(ratios, RESAMPLES, sizeof *ratios, by_value);
        interval->low = ratios[RESAMPLES / 40];
        interval->high = ratios[RESAMPLES - 1 - RESAMPLES / 40];
    }
    free(scratch);
    free(ratios);
}

static const struct measure {
    const char *name;
    const char *in_run;
    const char *in_second; /* NULL: no figure of one second */
    bool time; /* less is better, 0: nothing was recorded; else a rate: more is better, 0 counts */
} measures[] = {
    {"rate", "rate", "answered", false},
    {"p50 from intended send", "latency.fromIntendedSend.p50Us", "intendedP50Us", true},
    {"p99 from intended send", "latency.fromIntendedSend.p99Us", "intendedP99Us", true},
    {"p99.9 from intended send", "latency.fromIntendedSend.p999Us", NULL, true},
    {"p50 from actual send", "latency.fromActualSend.p50Us", "actualP50Us", true},
    {"p99 from actual send", "latency.fromActualSend.p99Us", "actualP99Us", true},
};

enum { MEASURES = sizeof measures / sizeof measures[0] };

struct samples {
    double *values;
    size_t count;
};

static void add(struct samples *samples, const struct measure *measure, double value)
{
    bool recorded = measure->time ? value > 0 : value >= 0;
    if (isfinite(value) && recorded && samples->count < SAMPLES) {
        samples->values[samples->count++] = value;
    }
}

static void collect_seconds(struct json_value run, const struct measure *measure,
                            struct samples *samples)
{
    struct json_value series;
    struct json_value second;
    if (!json_find(run, BASE_SLICE("series"), &series)) {
        return;
    }
    struct json_iterator each = json_iterate(series);
    while (json_next(&each, &second)) {
        struct json_value warm;
        bool is_warm = false;
        if (json_find(second, BASE_SLICE("warmup"), &warm)) {
            json_bool(warm, &is_warm);
        }
        if (!is_warm) {
            add(samples, measure, bench_member_number(second, measure->in_second));
        }
    }
}

/* One measure of one step: a sample a run, or a sample a second. */
static void collect(struct json_value runs, const struct measure *measure, bool by_run,
                    struct samples *samples)
{
    struct json_value run;
    struct json_iterator each = json_iterate(runs);
    samples->count = 0;
    while (json_next(&each, &run)) {
        if (by_run || measure->in_second == NULL) {
            add(samples, measure, bench_member_number(run, measure->in_run));
        } else {
            collect_seconds(run, measure, samples);
        }
    }
}

/* Takes a verdict into the whole; the word that says so behind the figures. */
static const char *judge(struct bench_comparison *comparison, bool regressed, bool improved)
{
    comparison->judged = true;
    comparison->regressed = comparison->regressed || regressed;
    comparison->improved = comparison->improved || improved;
    return regressed ? "   REGRESSION" : improved ? "   better" : "";
}

static void put_value(struct base_buffer *out, double value, bool time)
{
    struct base_buffer cell = BASE_BUFFER_EMPTY;
    if (time) {
        bench_put_duration(&cell, (uint64_t)(value * 1e3));
    } else {
        bench_put_count(&cell, (uint64_t)(value + 0.5));
        base_buffer_append_text(&cell, "/s");
    }
    base_buffer_append_format(out, "%14.*s", BASE_PRINT(cell));
    base_buffer_fini(&cell);
}

static void compare_measure(const struct measure *measure, struct samples *before,
                            struct samples *after, double tolerance, struct base_buffer *out,
                            struct bench_comparison *comparison)
{
    struct bench_interval interval;
    if (before->count == 0 || after->count == 0) {
        base_buffer_append_format(out, "  %-24s no samples in one of the results\n", measure->name);
        return;
    }
    double old = median(before->values, before->count);
    double new = median(after->values, after->count);
    base_buffer_append_format(out, "  %-24s", measure->name);
    put_value(out, old, measure->time);
    put_value(out, new, measure->time);
    base_buffer_append_format(out, " %+8.1f %%   ", (quotient(new, old) - 1) * 100);
    if (before->count < SAMPLES_LEAST || after->count < SAMPLES_LEAST) {
        base_buffer_append_text(out, "too few samples\n");
        return;
    }
    bench_ratio_interval(before->values, before->count, after->values, after->count, &interval);
    double worse = measure->time ? interval.ratio : 1 / interval.ratio;
    bool moved_up = interval.low > 1;
    bool moved_down = interval.high < 1;
    bool regressed = (measure->time ? moved_up : moved_down) && worse > 1 + tolerance;
    bool improved = (measure->time ? moved_down : moved_up) && 1 / worse > 1 + tolerance;
    base_buffer_append_format(out, "%+.1f to %+.1f %%%s\n", (interval.low - 1) * 100,
                              (interval.high - 1) * 100, judge(comparison, regressed, improved));
}

/* Failed requests: two proportions, the interval of their difference by the normal approximation.
 */
static void compare_failures(struct json_value before, struct json_value after,
                             struct base_buffer *out, struct bench_comparison *comparison)
{
    double old = bench_member_number(before, "failedShare");
    double new = bench_member_number(after, "failedShare");
    double old_count = bench_member_number(before, "scheduled");
    double new_count = bench_member_number(after, "scheduled");
    if (!(old_count > 0 && new_count > 0)) {
        return;
    }
    double half =
        1.96 * sqrt(old * (1 - old) / old_count + new *(1 - new) / new_count) + 0.5 / new_count;
    bool regressed = new - old > half &&new - old > 0.001;
    base_buffer_append_format(out, "  %-24s%12.4f %%%12.4f %%%+9.4f points, %+.4f to %+.4f%s\n",
                              "failed", old * 100, new * 100, (new - old) * 100,
                              (new - old - half) * 100, (new - old + half) * 100,
                              regressed ? "   REGRESSION" : "");
    comparison->judged = comparison->judged || regressed;
    comparison->regressed = comparison->regressed || regressed;
}

/* Of two searches. */
static void compare_knees(struct json_value before, struct json_value after, double tolerance,
                          struct base_buffer *out, struct bench_comparison *comparison)
{
    double old = bench_member_number(before, "knee.rate");
    double new = bench_member_number(after, "knee.rate");
    if (!isfinite(old) || !isfinite(new)) {
        return;
    }
    double least = 1 - fmax(tolerance, knee_gap);
    bool regressed = new < old *least;
    bool improved = old < new *least;
    base_buffer_append_format(out, "  %-24s", "knee");
    put_value(out, old, false);
    put_value(out, new, false);
    base_buffer_append_format(out, " %+8.1f %%   found within %.0f %%%s\n",
                              (quotient(new, old) - 1) * 100, knee_gap * 100,
                              judge(comparison, regressed, improved));
}

static enum base_code open_result(struct json_reader *reader, struct base_slice text,
                                  const char *which, struct json_value *value, bool *valid,
                                  struct base_error *error)
{
    struct base_slice schema = {NULL, 0};
    struct json_value found;
    enum base_code code = json_parse(reader, text, false, value, NULL, error);
    if (code != BASE_OK) {
        base_error_prefix(error, "the %s result", which);
        return code;
    }
    if (!bench_member_text(*value, "schema", &schema) ||
        !base_slice_equal(schema, base_slice_text(BENCH_SCHEMA))) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "the %s result is not of schema %s; make it with hirsch bench --json",
                         which, BENCH_SCHEMA);
    }
    *valid = true;
    if (json_find(*value, BASE_SLICE("valid"), &found)) {
        json_bool(found, valid);
    }
    return BASE_OK;
}

/* The runs of the step of that rate, or simply those of the first. */
static bool find_runs(struct json_value steps, double rate, bool any, struct json_value *runs)
{
    struct json_value step;
    struct json_iterator each = json_iterate(steps);
    while (json_next(&each, &step)) {
        double other = bench_member_number(step, "targetRate");
        if (any || other == rate || (isnan(other) && isnan(rate))) {
            return json_find(step, BASE_SLICE("runs"), runs);
        }
    }
    return false;
}

/* Steps of one result that the other does not have. */
static void put_lone_steps(struct json_value steps, struct json_value others, const char *which,
                           struct base_buffer *out)
{
    struct json_value step;
    struct json_value runs;
    struct json_iterator each = json_iterate(steps);
    while (json_next(&each, &step)) {
        double rate = bench_member_number(step, "targetRate");
        if (!find_runs(others, rate, false, &runs)) {
            base_buffer_append_format(out, "at %.0f/s: only in the %s result\n", rate, which);
        }
    }
}

static void compare_steps(struct json_value before, struct json_value after, double tolerance,
                          struct samples *samples, struct base_buffer *out,
                          struct bench_comparison *comparison)
{
    struct json_value old_steps;
    struct json_value new_steps;
    struct json_value step;
    struct json_value old;
    struct json_value new;
    if (!json_find(before, BASE_SLICE("steps"), &old_steps) ||
        !json_find(after, BASE_SLICE("steps"), &new_steps)) {
        return;
    }
    bool alone = json_count(old_steps) == 1 && json_count(new_steps) == 1;
    struct json_iterator each = json_iterate(old_steps);
    while (json_next(&each, &step)) {
        double rate = bench_member_number(step, "targetRate");
        if (!find_runs(new_steps, rate, alone, &new) ||
            !json_find(step, BASE_SLICE("runs"), &old)) {
            continue;
        }
        if (!alone) {
            base_buffer_append_format(out, "at %.0f/s\n", rate);
        }
        bool by_run = json_count(old) >= RUNS_ENOUGH && json_count(new) >= RUNS_ENOUGH;
        for (size_t i = 0; i < MEASURES; i++) {
            collect(old, &measures[i], by_run, &samples[0]);
            collect(new, &measures[i], by_run, &samples[1]);
            compare_measure(&measures[i], &samples[0], &samples[1], tolerance, out, comparison);
        }
    }
    if (!alone) {
        put_lone_steps(old_steps, new_steps, "first", out);
        put_lone_steps(new_steps, old_steps, "second", out);
    }
}

enum base_code bench_compare(struct base_slice before, struct base_slice after, double tolerance,
                             struct base_buffer *out, struct bench_comparison *comparison,
                             struct base_error *error)
{
    struct json_reader *readers[2] = {json_reader_new(), json_reader_new()};
    struct samples samples[2] = {{malloc(SAMPLES * sizeof(double)), 0},
                                 {malloc(SAMPLES * sizeof(double)), 0}};
    struct json_value old;
    struct json_value new;
    struct json_value result[2];
    bool valid[2] = {true, true};
    enum base_code code = BASE_OK;
    *comparison = (struct bench_comparison){.regressed = false};
    if (readers[0] == NULL || readers[1] == NULL || samples[0].values == NULL ||
        samples[1].values == NULL) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for a comparison");
        goto free_all;
    }
    code = open_result(readers[0], before, "first", &old, &valid[0], error);
    if (code == BASE_OK) {
        code = open_result(readers[1], after, "second", &new, &valid[1], error);
    }
    if (code != BASE_OK) {
        goto free_all;
    }
    bench_conditions_put(old, new, out);
    base_buffer_append_format(out, "  %-24s%14s%14s%11s   95 %% interval\n", "", "before", "after",
                              "change");
    compare_steps(old, new, tolerance, samples, out, comparison);
    if (json_find(old, BASE_SLICE("result"), &result[0]) &&
        json_find(new, BASE_SLICE("result"), &result[1])) {
        compare_failures(result[0], result[1], out, comparison);
    }
    compare_knees(old, new, tolerance, out, comparison);
    if (!comparison->judged) {
        code = base_fail(error, BASE_INVALID_ARGUMENT,
                         "nothing can be compared: the results have no rate in common, or fewer "
                         "than %d whole seconds after the warm-up; measure for longer, or with "
                         "--repeat %d",
                         SAMPLES_LEAST, RUNS_ENOUGH);
        goto free_all;
    }
    comparison->invalid = !valid[0] || !valid[1];
    if (comparison->invalid) {
        base_buffer_append_format(out, "INVALID: the generator was the limit of the %s result\n",
                                  valid[0] ? "second" : "first");
    }

free_all:
    for (size_t i = 0; i < 2; i++) {
        json_reader_free(readers[i]);
        free(samples[i].values);
    }
    return code;
}
