#include "bench/report.h"

#include <math.h>

#include "bench/quantity.h"

/* Right-aligned. */
static void put_percentile(struct base_buffer *out, int width,
                           const struct bench_histogram *histogram, double share)
{
    struct base_buffer cell = BASE_BUFFER_EMPTY;
    bench_put_percentile(&cell, histogram, share);
    base_buffer_append_format(out, "%*.*s", width, BASE_PRINT(cell));
    base_buffer_fini(&cell);
}

static void put_line(struct base_buffer *out, const char *name,
                     const struct bench_histogram *histogram)
{
    base_buffer_append_format(out, "  %-20s", name);
    for (size_t i = 0; i < BENCH_SHARES; i++) {
        put_percentile(out, 10, histogram, bench_shares[i]);
    }
    put_percentile(out, 10, histogram, 1);
    struct base_buffer mean = BASE_BUFFER_EMPTY;
    if (histogram->count == 0) {
        base_buffer_append_byte(&mean, '-');
    } else {
        bench_put_duration(&mean, (uint64_t)bench_histogram_mean(histogram));
    }
    base_buffer_append_format(out, "%10.*s\n", BASE_PRINT(mean));
    base_buffer_fini(&mean);
}

static void put_latencies(struct base_buffer *out, const struct bench_tally *tally)
{
    base_buffer_append_format(out, "  %-20s", "latency");
    for (size_t i = 0; i < BENCH_SHARES; i++) {
        base_buffer_append_format(out, "%10s", bench_share_names[i]);
    }
    base_buffer_append_format(out, "%10s%10s\n", "max", "mean");
    put_line(out, "from intended send", &tally->intended);
    put_line(out, "from actual send", &tally->actual);
    put_line(out, "schedule lag", &tally->lag);
}

static void put_field(struct base_buffer *out, const char *name, uint64_t count)
{
    base_buffer_append_format(out, "  %s ", name);
    bench_put_count(out, count);
}

static void put_counts(struct base_buffer *out, const struct bench_result *result)
{
    const struct bench_counts *counts = &result->tally->counts;
    base_buffer_append_text(out, "  rate ");
    bench_put_count(out, (uint64_t)(bench_result_rate(result) + 0.5));
    base_buffer_append_text(out, "/s");
    if (result->rate_wanted > 0) {
        base_buffer_append_text(out, " of ");
        bench_put_count(out, (uint64_t)(result->rate_wanted + 0.5));
        base_buffer_append_text(out, "/s wanted");
    }
    if (counts->items > counts->answered) {
        base_buffer_append_text(out, ", ids ");
        bench_put_count(out, (uint64_t)((double)counts->items / bench_result_seconds(result)));
        base_buffer_append_text(out, "/s");
    }
    base_buffer_append_format(out, ", failed %.4g %%, generator %.0f %% of a processor\n",
                              bench_result_failed_share(result) * 100,
                              (double)result->tally->busiest / 10);
    put_field(out, "scheduled", counts->scheduled);
    put_field(out, "answered", counts->answered);
    put_field(out, "errors", counts->errors);
    put_field(out, "wrong", counts->wrong);
    put_field(out, "lost", counts->lost);
    put_field(out, "timed out", counts->timed_out);
    put_field(out, "dropped", counts->dropped);
    put_field(out, "late", counts->late);
    put_field(out, "verified", counts->verified);
    base_buffer_append_byte(out, '\n');
    if (result->tally->reason[0] != '\0') {
        base_buffer_append_format(out, "  first fault: %s\n", result->tally->reason);
    }
}

static void put_operations(struct base_buffer *out, const struct bench_plan *plan,
                           const struct bench_tally *tally)
{
    for (size_t i = 0; plan->workload.count > 1 && i < plan->workload.count; i++) {
        const struct bench_histogram *histogram = &tally->operations[i].intended;
        base_buffer_append_format(out, "  %-32s", plan->workload.operations[i].label);
        put_field(out, "answered", tally->operations[i].answered);
        put_field(out, "failed", tally->operations[i].failed);
        base_buffer_append_text(out, "  p50 ");
        bench_put_percentile(out, histogram, 0.5);
        base_buffer_append_text(out, "  p99 ");
        bench_put_percentile(out, histogram, 0.99);
        base_buffer_append_byte(out, '\n');
    }
}

static void put_steps(struct base_buffer *out, const struct bench_series *series)
{
    base_buffer_append_text(out,
                            "    target/s   answered/s   failed        late  p50 intended  p99 "
                            "intended    p99 actual\n");
    for (size_t i = 0; i < series->step_count; i++) {
        const struct bench_result *result = bench_step_result(&series->steps[i]);
        base_buffer_append_format(out, "%12.0f %12.0f %7.3f%% %11llu", series->steps[i].rate,
                                  bench_result_rate(result),
                                  bench_result_failed_share(result) * 100,
                                  (unsigned long long)result->tally->counts.late);
        put_percentile(out, 14, &result->tally->intended, 0.5);
        put_percentile(out, 14, &result->tally->intended, 0.99);
        put_percentile(out, 14, &result->tally->actual, 0.99);
        base_buffer_append_format(out, "%s%s\n",
                                  series->knee && series->steps[i].kept ? "  kept" : "",
                                  result->invalid != 0 ? "  INVALID" : "");
    }
}

static void put_verdict(const struct bench_report *report, struct base_buffer *out)
{
    const struct bench_series *series = report->series;
    const struct bench_result *result = bench_step_result(&series->steps[series->best]);
    unsigned invalid = bench_report_invalid(report);
    if (series->knee && series->knee_found) {
        base_buffer_append_text(out, "knee: ");
        bench_put_count(out, (uint64_t)(series->steps[series->best].rate + 0.5));
        base_buffer_append_text(out, "/s is the greatest rate found that keeps the condition");
        base_buffer_append_text(out, series->knee_end != NULL && series->knee_end->invalid != 0
                                         ? "; above it the generator was the limit, the server's "
                                           "own may be greater\n"
                                         : "\n");
    } else if (series->knee) {
        base_buffer_append_text(out, "knee: no rate that was tried keeps the condition\n");
    }
    for (size_t i = 0; i < report->slo->count; i++) {
        const struct bench_objective *objective = &report->slo->objectives[i];
        double value =
            bench_objective_value(objective, result->tally, bench_result_seconds(result));
        base_buffer_append_format(out, "slo %s: %s (", objective->text,
                                  bench_objective_kept(objective, value) ? "kept" : "MISSED");
        if (isnan(value)) {
            base_buffer_append_text(out, "no latency was measured");
        } else if (objective->measure == BENCH_FAILED_SHARE) {
            base_buffer_append_format(out, "%.4g %%", value * 100);
        } else if (objective->measure == BENCH_RATE) {
            base_buffer_append_format(out, "%.0f/s", value);
        } else {
            bench_put_duration(out, (uint64_t)value);
        }
        base_buffer_append_text(out, ")\n");
    }
    for (unsigned bit = 1; bit <= BENCH_INVALID_NONE; bit *= 2) {
        if ((invalid & bit) != 0) {
            base_buffer_append_format(out, "INVALID: %s\n",
                                      bench_invalid_text((enum bench_invalid)bit));
        }
    }
}

void bench_report_text(const struct bench_report *report, struct base_buffer *out)
{
    const struct bench_series *series = report->series;
    const struct bench_plan *plan = &series->plan;
    const struct bench_result *result = bench_step_result(&series->steps[series->best]);
    char keys[64];
    base_buffer_append_format(out, "%s, %s loop, %u connections x %u, %u process%s, %s\n",
                              plan->urls, plan->closed ? "closed" : "open", plan->connections,
                              plan->depth, plan->processes, plan->processes > 1 ? "es" : "",
                              plan->client == BENCH_CLIENT_LIBHIRSCH ? "libhirsch"
                                                                     : "own SP sender");
    base_buffer_append_format(out, "%s, %u cores, %s; %.3g s measured after %.3g s, seed %llu\n",
                              report->machine.cpu, report->machine.cores, report->machine.kernel,
                              bench_result_seconds(result), (double)plan->warmup_ns / 1e9,
                              (unsigned long long)plan->seed);
    bench_spread_name(&plan->keys, keys, sizeof keys);
    base_buffer_append_text(out, "ids: ");
    bench_put_key_counts(out, plan);
    base_buffer_append_format(out, "; %s%s, spread %s\n",
                              report->ids_path != NULL ? "of " : "drawn from the served records",
                              report->ids_path != NULL ? report->ids_path : "", keys);
    if (series->sweep || series->knee || series->repeats > 1) {
        put_steps(out, series);
    }
    if (!series->sweep) {
        put_counts(out, result);
        put_latencies(out, result->tally);
        put_operations(out, plan, result->tally);
    }
    if (series->interrupted) {
        base_buffer_append_text(out, "interrupted: this is what was measured until then\n");
    }
    put_verdict(report, out);
}
