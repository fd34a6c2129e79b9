#include "bench/report.h"

#include <math.h>
#include <stdio.h>

#include "bench/quantity.h"

const double bench_shares[BENCH_SHARES] = {0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999};
const char *const bench_share_names[BENCH_SHARES] = {"p50",   "p90",    "p95",    "p99",
                                                     "p99.9", "p99.99", "p99.999"};

void bench_put_key_counts(struct base_buffer *out, const struct bench_plan *plan)
{
    static const char *const kinds[BENCH_KEY_KINDS] = {[BENCH_KEY_AUTHOR] = "authors",
                                                       [BENCH_KEY_PAPER] = "papers",
                                                       [BENCH_KEY_NAME] = "names",
                                                       [BENCH_KEY_TITLE] = "titles"};
    bool more = false;
    for (size_t i = BENCH_KEY_NONE + 1; i < BENCH_KEY_KINDS; i++) {
        if (plan->lists[i].count > 0) {
            base_buffer_append_text(out, more ? ", " : "");
            bench_put_count(out, plan->lists[i].count);
            base_buffer_append_format(out, " %s", kinds[i]);
            more = true;
        }
    }
    base_buffer_append_text(out, more ? "" : "none");
}

void bench_put_percentile(struct base_buffer *out, const struct bench_histogram *histogram,
                          double share)
{
    if (histogram->count == 0) {
        base_buffer_append_byte(out, '-');
    } else {
        bench_put_duration(out, bench_histogram_at(histogram, share));
    }
}

unsigned bench_report_invalid(const struct bench_report *report)
{
    const struct bench_series *series = report->series;
    unsigned invalid = series->steps[series->best].invalid;
    for (size_t i = 0; series->sweep && i < series->step_count; i++) {
        invalid |= series->steps[i].invalid;
    }
    if (series->knee_end != NULL) {
        invalid |= series->knee_end->invalid;
    }
    return invalid;
}

bool bench_report_slo_kept(const struct bench_report *report)
{
    const struct bench_result *result =
        bench_step_result(&report->series->steps[report->series->best]);
    return bench_slo_kept(report->slo, result->tally, bench_result_seconds(result));
}

static void put_csv_step(const struct bench_step *step, struct base_buffer *out)
{
    static const double shares[] = {0.5, 0.99, 0.999};
    const struct bench_result *result = bench_step_result(step);
    const struct bench_tally *tally = result->tally;
    base_buffer_append_format(
        out, "%.0f,%.1f,%.6f,%llu,%llu,%llu", step->rate, bench_result_rate(result),
        bench_result_failed_share(result), (unsigned long long)tally->counts.late,
        (unsigned long long)tally->counts.timed_out, (unsigned long long)tally->counts.dropped);
    for (size_t k = 0; k < 6; k++) {
        const struct bench_histogram *histogram = k < 3 ? &tally->intended : &tally->actual;
        base_buffer_append_format(out, ",%.1f",
                                  (double)bench_histogram_at(histogram, shares[k % 3]) / 1e3);
    }
    base_buffer_append_format(out, ",%s\r\n", result->invalid == 0 ? "true" : "false");
}

static void put_csv_second(const struct bench_plan *plan, uint32_t number,
                           const struct bench_second *second, struct base_buffer *out)
{
    base_buffer_append_format(
        out, "%u,%s,%llu,%llu,%llu,%llu,%.1f,%.1f,%.1f,%.1f\r\n", number,
        bench_plan_is_warm(plan, number) ? "true" : "false", (unsigned long long)second->sent,
        (unsigned long long)second->answered, (unsigned long long)second->failed,
        (unsigned long long)second->in_flight,
        (double)bench_coarse_at(&second->intended, 0.5) / 1e3,
        (double)bench_coarse_at(&second->intended, 0.99) / 1e3,
        (double)bench_coarse_at(&second->actual, 0.5) / 1e3,
        (double)bench_coarse_at(&second->actual, 0.99) / 1e3);
}

void bench_report_csv(const struct bench_report *report, struct base_buffer *out)
{
    const struct bench_series *series = report->series;
    if (series->sweep || series->knee) {
        base_buffer_append_text(out, "target_rate,rate,failed_share,late,timed_out,dropped,"
                                     "intended_p50_us,intended_p99_us,intended_p999_us,"
                                     "actual_p50_us,actual_p99_us,actual_p999_us,valid\r\n");
        for (size_t i = 0; i < series->step_count; i++) {
            put_csv_step(&series->steps[i], out);
        }
        return;
    }
    const struct bench_result *result = bench_step_result(&series->steps[0]);
    uint32_t seconds = bench_result_whole_seconds(&series->plan, result);
    base_buffer_append_text(out, "second,warmup,sent,answered,failed,in_flight,intended_p50_us,"
                                 "intended_p99_us,actual_p50_us,actual_p99_us\r\n");
    for (uint32_t i = 0; i < seconds; i++) {
        put_csv_second(&series->plan, i, &result->tally->seconds[i], out);
    }
}

/* Rows at the ends of buckets, five to each halving of what is left, as HdrHistogram writes them.
 */
void bench_report_hgrm(const struct bench_histogram *histogram, struct base_buffer *out)
{
    enum { TICKS = 5 };
    double next = 0;
    uint64_t seen = 0;
    base_buffer_append_text(out, "       Value     Percentile TotalCount 1/(1-Percentile)\n\n");
    for (unsigned i = 0; i < BENCH_HISTOGRAM_BUCKETS && histogram->count > 0; i++) {
        if (histogram->buckets[i] == 0) {
            continue;
        }
        seen += histogram->buckets[i];
        double share = (double)seen / (double)histogram->count;
        uint64_t end = bench_histogram_bucket_end(i);
        double value = (double)(end < histogram->maximum ? end : histogram->maximum) / 1e6;
        while (seen < histogram->count && next <= share) {
            base_buffer_append_format(out, "%12.3f %2.12f %10llu %14.2f\n", value, next,
                                      (unsigned long long)seen, 1 / (1 - next));
            next += 1 / (TICKS * pow(2, floor(log2(1 / (1 - next))) + 1));
        }
        if (seen == histogram->count) {
            base_buffer_append_format(out, "%12.3f %2.12f %10llu\n", value, 1.0,
                                      (unsigned long long)seen);
        }
    }
    base_buffer_append_format(
        out,
        "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n"
        "#[Max     = %12.3f, Total count    = %12llu]\n"
        "#[Buckets = %12d, SubBuckets     = %12d]\n",
        bench_histogram_mean(histogram) / 1e6, bench_histogram_deviation(histogram) / 1e6,
        (double)histogram->maximum / 1e6, (unsigned long long)histogram->count,
        BENCH_HISTOGRAM_POWERS + 1, 1 << BENCH_HISTOGRAM_BITS);
}
