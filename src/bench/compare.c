#include "bench/compare.h"

#include <math.h>
#include <stdlib.h>

#include "bench/quantity.h"
#include "bench/random.h"
#include "bench/report.h"
#include "json/json.h"

enum {
    RESAMPLES = 4000,
    SAMPLES = 20000,
    /* With fewer runs than that, the seconds of the runs are the samples. */
    RUNS_ENOUGH = 5,
};

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
        interval->ratio = median(scratch, after_count) / old;
        for (size_t i = 0; i < RESAMPLES; i++) {
            double divisor = resampled(before, before_count, scratch, &state);
            ratios[i] = resampled(after, after_count, scratch, &state) / divisor;
        }
        qsort(ratios, RESAMPLES, sizeof *ratios, by_value);
        interval->low = ratios[RESAMPLES / 40];
        interval->high = ratios[RESAMPLES - 1 - RESAMPLES / 40];
    }
    free(scratch);
    free(ratios);
}

static bool find_path(struct json_value value, const char *path, struct json_value *found)
{
    for (const char *at = path; at != NULL;) {
        size_t size = strcspn(at, ".");
        if (!json_find(value, base_slice(at, size), &value)) {
            return false;
        }
        at = at[size] == '.' ? at + size + 1 : NULL;
    }
    *found = value;
    return true;
}

static double number_at(struct json_value value, const char *path)
{
    struct json_value found;
    double number = NAN;
    return find_path(value, path, &found) && json_double(found, &number) ? number : NAN;
}

struct samples {
    double *values;
    size_t count;
};

static void add(struct samples *samples, double value)
{
    if (isfinite(value) && value > 0 && samples->count < SAMPLES) {
        samples->values[samples->count++] = value;
    }
}

/* One measure of one step: a sample a run, or a sample a second. */
static void collect(struct json_value step, const char *in_run, const char *in_second,
                    struct samples *samples)
{
    struct json_value runs;
    struct json_value run;
    struct json_value second;
    samples->count = 0;
    if (!json_find(step, BASE_SLICE("runs"), &runs)) {
        return;
    }
    bool by_run = json_count(runs) >= RUNS_ENOUGH;
    struct json_iterator each = json_iterate(runs);
    while (json_next(&each, &run)) {
        struct json_value series;
        if (by_run) {
            add(samples, number_at(run, in_run));
        } else if (json_find(run, BASE_SLICE("series"), &series)) {
            struct json_iterator seconds = json_iterate(series);
            while (json_next(&seconds, &second)) {
                struct json_value warm;
                bool is_warm = false;
                if (json_find(second, BASE_SLICE("warmup"), &warm)) {
                    json_bool(warm, &is_warm);
                }
                if (!is_warm) {
                    add(samples, number_at(second, in_second));
                }
            }
        }
    }
}

static const struct measure {
    const char *name;
    const char *in_run;
    const char *in_second;
    bool more_is_better;
    bool time;
} measures[] = {
    {"rate", "rate", "answered", true, false},
    {"p50 from intended send", "latency.fromIntendedSend.p50Us", "intendedP50Us", false, true},
    {"p99 from intended send", "latency.fromIntendedSend.p99Us", "intendedP99Us", false, true},
    {"p50 from actual send", "latency.fromActualSend.p50Us", "actualP50Us", false, true},
    {"p99 from actual send", "latency.fromActualSend.p99Us", "actualP99Us", false, true},
};

enum { MEASURES = sizeof measures / sizeof measures[0] };

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
    bench_ratio_interval(before->values, before->count, after->values, after->count, &interval);
    double worse = measure->more_is_better ? 1 / interval.ratio : interval.ratio;
    bool moved_up = interval.low > 1;
    bool moved_down = interval.high < 1;
    bool regressed = (measure->more_is_better ? moved_down : moved_up) && worse > 1 + tolerance;
    bool improved = (measure->more_is_better ? moved_up : moved_down) && 1 / worse > 1 + tolerance;
    base_buffer_append_format(out, "  %-24s", measure->name);
    put_value(out, median(before->values, before->count), measure->time);
    put_value(out, median(after->values, after->count), measure->time);
    base_buffer_append_format(out, "%+9.1f %%   %+.1f to %+.1f %%%s\n", (interval.ratio - 1) * 100,
                              (interval.low - 1) * 100, (interval.high - 1) * 100,
                              regressed  ? "   REGRESSION"
                              : improved ? "   better"
                                         : "");
    comparison->regressed = comparison->regressed || regressed;
    comparison->improved = comparison->improved || improved;
}

/* Failed requests: two proportions, the interval of their difference by the normal approximation.
 */
static void compare_failures(struct json_value before, struct json_value after,
                             struct base_buffer *out, struct bench_comparison *comparison)
{
    double old = number_at(before, "failedShare");
    double new = number_at(after, "failedShare");
    double old_count = number_at(before, "scheduled");
    double new_count = number_at(after, "scheduled");
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
    comparison->regressed = comparison->regressed || regressed;
}

static bool text_at(struct json_value value, const char *path, struct base_slice *text)
{
    struct json_value found;
    return find_path(value, path, &found) && json_string(found, text);
}

/* What should be the same for the numbers to be comparable. */
static void put_differences(struct json_value before, struct json_value after,
                            struct base_buffer *out)
{
    static const char *const texts[] = {
        "environment.cpu", "environment.kernel", "options.transport", "options.client",
        "options.loop",    "options.arrivals",   "dataset.id",        "dataset.epoch"};
    static const char *const numbers[] = {"options.connections", "options.depth",
                                          "options.processes", "result.targetRate",
                                          "environment.cores"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct base_slice old = {NULL, 0};
        struct base_slice new = {NULL, 0};
        text_at(before, texts[i], &old);
        text_at(after, texts[i], &new);
        if (!base_slice_equal(old, new)) {
            base_buffer_append_format(out, "  differs: %s: %.*s, %.*s\n", texts[i], BASE_PRINT(old),
                                      BASE_PRINT(new));
        }
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        double old = number_at(before, numbers[i]);
        double new = number_at(after, numbers[i]);
        if (old != new && (isfinite(old) || isfinite(new))) {
            base_buffer_append_format(out, "  differs: %s: %g, %g\n", numbers[i], old, new);
        }
    }
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
    if (!text_at(*value, "schema", &schema) ||
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

/* The step of that rate, or simply the first. */
static bool find_step(struct json_value steps, double rate, bool any, struct json_value *found)
{
    struct json_iterator each = json_iterate(steps);
    while (json_next(&each, found)) {
        double other = number_at(*found, "targetRate");
        if (any || other == rate || (isnan(other) && isnan(rate))) {
            return true;
        }
    }
    return false;
}

static void compare_steps(struct json_value before, struct json_value after, double tolerance,
                          struct samples *samples, struct base_buffer *out,
                          struct bench_comparison *comparison)
{
    struct json_value old_steps;
    struct json_value new_steps;
    struct json_value old;
    struct json_value new;
    if (!json_find(before, BASE_SLICE("steps"), &old_steps) ||
        !json_find(after, BASE_SLICE("steps"), &new_steps)) {
        return;
    }
    bool alone = json_count(old_steps) == 1 && json_count(new_steps) == 1;
    struct json_iterator each = json_iterate(old_steps);
    while (json_next(&each, &old)) {
        double rate = number_at(old, "targetRate");
        if (!find_step(new_steps, rate, alone, &new)) {
            base_buffer_append_format(out, "%.0f/s: not among the steps of the second result\n",
                                      rate);
            continue;
        }
        if (!alone) {
            base_buffer_append_format(out, "at %.0f/s\n", rate);
        }
        for (size_t i = 0; i < MEASURES; i++) {
            collect(old, measures[i].in_run, measures[i].in_second, &samples[0]);
            collect(new, measures[i].in_run, measures[i].in_second, &samples[1]);
            compare_measure(&measures[i], &samples[0], &samples[1], tolerance, out, comparison);
        }
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
    put_differences(old, new, out);
    base_buffer_append_format(out, "  %-24s%14s%14s%11s   95 %% interval\n", "", "before", "after",
                              "change");
    compare_steps(old, new, tolerance, samples, out, comparison);
    if (json_find(old, BASE_SLICE("result"), &result[0]) &&
        json_find(new, BASE_SLICE("result"), &result[1])) {
        compare_failures(result[0], result[1], out, comparison);
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
