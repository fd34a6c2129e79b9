#include "bench/report.h"

#include <math.h>
#include <stdio.h>

#include "json/json.h"

static void put_text(struct json_writer *writer, const char *key, const char *text)
{
    json_write_key(writer, key);
    if (text == NULL) {
        json_write_null(writer);
    } else {
        json_write_text(writer, text);
    }
}

static void put_count(struct json_writer *writer, const char *key, uint64_t count)
{
    json_write_key(writer, key);
    json_write_u64(writer, count);
}

static void put_number(struct json_writer *writer, const char *key, double number)
{
    json_write_key(writer, key);
    json_write_double(writer, number);
}

static void put_truth(struct json_writer *writer, const char *key, bool truth)
{
    json_write_key(writer, key);
    json_write_bool(writer, truth);
}

static void put_latency(struct json_writer *writer, const char *key,
                        const struct bench_histogram *histogram)
{
    static const char *const keys[BENCH_SHARES] = {"p50Us",  "p90Us",   "p95Us",   "p99Us",
                                                   "p999Us", "p9999Us", "p99999Us"};
    json_write_key(writer, key);
    json_begin_object(writer);
    put_count(writer, "count", histogram->count);
    put_number(writer, "minUs", histogram->count == 0 ? 0 : (double)histogram->minimum / 1e3);
    put_number(writer, "meanUs", bench_histogram_mean(histogram) / 1e3);
    for (size_t i = 0; i < BENCH_SHARES; i++) {
        put_number(writer, keys[i], (double)bench_histogram_at(histogram, bench_shares[i]) / 1e3);
    }
    put_number(writer, "maxUs", (double)histogram->maximum / 1e3);
    json_end_object(writer);
}

static void put_codes(struct json_writer *writer, const struct bench_tally *tally)
{
    json_write_key(writer, "errorCodes");
    json_begin_object(writer);
    for (unsigned i = 0; i < BENCH_CODES; i++) {
        if (tally->codes[i] > 0) {
            put_count(writer, base_code_name((enum base_code)i), tally->codes[i]);
        }
    }
    json_end_object(writer);
}

static void put_invalid(struct json_writer *writer, unsigned invalid)
{
    put_truth(writer, "valid", invalid == 0);
    json_write_key(writer, "invalidReasons");
    json_begin_array(writer);
    for (unsigned bit = 1; bit <= BENCH_INVALID_NONE; bit *= 2) {
        if ((invalid & bit) != 0) {
            json_write_text(writer, bench_invalid_text((enum bench_invalid)bit));
        }
    }
    json_end_array(writer);
}

/* The members that a run and the result share. */
static void put_figures(struct json_writer *writer, const struct bench_result *result)
{
    const struct bench_tally *tally = result->tally;
    const struct bench_counts *counts = &tally->counts;
    double seconds = bench_result_seconds(result);
    put_invalid(writer, result->invalid);
    json_write_key(writer, "targetRate");
    if (result->rate_wanted > 0) {
        json_write_double(writer, result->rate_wanted);
    } else {
        json_write_null(writer);
    }
    put_number(writer, "seconds", seconds);
    put_number(writer, "rate", bench_result_rate(result));
    put_number(writer, "itemRate", seconds > 0 ? (double)counts->items / seconds : 0);
    put_number(writer, "failedShare", bench_result_failed_share(result));
    put_count(writer, "scheduled", counts->scheduled);
    put_count(writer, "sent", counts->sent);
    put_count(writer, "answered", counts->answered);
    put_count(writer, "errors", counts->errors);
    put_count(writer, "wrong", counts->wrong);
    put_count(writer, "lost", counts->lost);
    put_count(writer, "timedOut", counts->timed_out);
    put_count(writer, "dropped", counts->dropped);
    put_count(writer, "late", counts->late);
    put_count(writer, "misses", counts->misses);
    put_count(writer, "verified", counts->verified);
    put_count(writer, "strays", counts->strays);
    put_codes(writer, tally);
    put_text(writer, "firstFault", tally->reason[0] != '\0' ? tally->reason : NULL);
    put_count(writer, "inFlightMost", tally->in_flight_most);
    put_count(writer, "reconnects", tally->reconnects);
    put_count(writer, "bytesSent", tally->bytes_sent);
    put_count(writer, "bytesReceived", tally->bytes_received);
    put_number(writer, "generatorCpu", (double)tally->busiest / 1000);
    json_write_key(writer, "latency");
    json_begin_object(writer);
    put_latency(writer, "fromIntendedSend", &tally->intended);
    put_latency(writer, "fromActualSend", &tally->actual);
    json_end_object(writer);
    put_latency(writer, "scheduleLag", &tally->lag);
}

static void put_operations(struct json_writer *writer, const struct bench_plan *plan,
                           const struct bench_tally *tally)
{
    json_write_key(writer, "operations");
    json_begin_array(writer);
    for (size_t i = 0; i < plan->workload.count; i++) {
        json_begin_object(writer);
        put_text(writer, "label", plan->workload.operations[i].label);
        put_text(writer, "method", plan->workload.operations[i].method->name);
        put_count(writer, "answered", tally->operations[i].answered);
        put_count(writer, "failed", tally->operations[i].failed);
        put_latency(writer, "fromIntendedSend", &tally->operations[i].intended);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void put_seconds(struct json_writer *writer, const struct bench_plan *plan,
                        const struct bench_result *result)
{
    uint32_t seconds = bench_result_whole_seconds(plan, result);
    json_write_key(writer, "series");
    json_begin_array(writer);
    for (uint32_t i = 0; i < seconds; i++) {
        const struct bench_second *second = &result->tally->seconds[i];
        json_begin_object(writer);
        put_count(writer, "second", i);
        put_truth(writer, "warmup", bench_plan_is_warm(plan, i));
        put_count(writer, "sent", second->sent);
        put_count(writer, "answered", second->answered);
        put_count(writer, "failed", second->failed);
        put_count(writer, "inFlight", second->in_flight);
        put_number(writer, "intendedP50Us", (double)bench_coarse_at(&second->intended, 0.5) / 1e3);
        put_number(writer, "intendedP99Us", (double)bench_coarse_at(&second->intended, 0.99) / 1e3);
        put_number(writer, "actualP50Us", (double)bench_coarse_at(&second->actual, 0.5) / 1e3);
        put_number(writer, "actualP99Us", (double)bench_coarse_at(&second->actual, 0.99) / 1e3);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void put_steps(struct json_writer *writer, const struct bench_series *series)
{
    json_write_key(writer, "steps");
    json_begin_array(writer);
    for (size_t i = 0; i < series->step_count; i++) {
        const struct bench_step *step = &series->steps[i];
        json_begin_object(writer);
        json_write_key(writer, "targetRate");
        if (step->rate > 0) {
            json_write_double(writer, step->rate);
        } else {
            json_write_null(writer);
        }
        put_count(writer, "medianRun", step->median);
        if (series->knee) {
            put_truth(writer, "kept", step->kept);
        }
        json_write_key(writer, "runs");
        json_begin_array(writer);
        for (unsigned k = 0; k < step->run_count; k++) {
            json_begin_object(writer);
            put_figures(writer, &step->runs[k]);
            put_operations(writer, &series->plan, step->runs[k].tally);
            put_seconds(writer, &series->plan, &step->runs[k]);
            json_end_object(writer);
        }
        json_end_array(writer);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void put_environment(struct json_writer *writer, const struct bench_report *report)
{
    json_write_key(writer, "environment");
    json_begin_object(writer);
    put_text(writer, "hirsch", report->version);
    put_text(writer, "libhirsch", report->library);
    put_text(writer, "cpu", report->machine.cpu);
    put_count(writer, "cores", report->machine.cores);
    put_text(writer, "kernel", report->machine.kernel);
    json_end_object(writer);
    json_write_key(writer, "dataset");
    if (!report->dataset.known) {
        json_write_null(writer);
        return;
    }
    json_begin_object(writer);
    put_text(writer, "id", report->dataset.id);
    put_text(writer, "epoch", report->dataset.epoch);
    put_count(writer, "sequence", report->dataset.sequence);
    put_count(writer, "papers", report->dataset.papers);
    put_count(writer, "authors", report->dataset.authors);
    put_count(writer, "citations", report->dataset.citations);
    json_end_object(writer);
}

static void put_workload(struct json_writer *writer, const struct bench_plan *plan)
{
    static const char *const views[] = {"default", "basic", "full", "compact"};
    char keys[64];
    json_write_key(writer, "workload");
    json_begin_array(writer);
    for (size_t i = 0; i < plan->workload.count; i++) {
        const struct bench_operation *operation = &plan->workload.operations[i];
        bench_spread_name(operation->has_keys ? &operation->keys : &plan->keys, keys, sizeof keys);
        json_begin_object(writer);
        put_text(writer, "label", operation->label);
        put_text(writer, "method", operation->method->name);
        put_number(writer, "weight", operation->weight);
        put_count(writer, "batch", operation->batch);
        put_count(writer, "references", operation->references);
        put_count(writer, "authors", operation->authors);
        put_text(writer, "view", views[operation->view]);
        put_count(writer, "pages", operation->pages);
        put_count(writer, "pageSize", operation->page_size);
        put_number(writer, "miss", operation->miss);
        put_text(writer, "keys", keys);
        put_count(writer, "keyCount", plan->lists[operation->method->key].count);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void put_options(struct json_writer *writer, const struct bench_report *report)
{
    const struct bench_plan *plan = &report->series->plan;
    json_write_key(writer, "options");
    json_begin_object(writer);
    put_text(writer, "server", plan->urls);
    put_text(writer, "transport", strncmp(plan->urls, "ipc:", 4) == 0 ? "ipc" : "tcp");
    put_text(writer, "client", plan->client == BENCH_CLIENT_LIBHIRSCH ? "libhirsch" : "sp");
    put_text(writer, "loop", plan->closed ? "closed" : "open");
    put_text(writer, "arrivals",
             plan->closed                      ? NULL
             : plan->arrivals == BENCH_POISSON ? "poisson"
                                               : "uniform");
    json_write_key(writer, "rate");
    if (plan->closed || report->series->sweep) {
        json_write_null(writer);
    } else {
        json_write_double(writer, plan->rate);
    }
    put_count(writer, "connections", plan->connections);
    put_count(writer, "depth", plan->depth);
    put_count(writer, "processes", plan->processes);
    put_number(writer, "warmupSeconds", (double)plan->warmup_ns / 1e9);
    put_number(writer, "durationSeconds", (double)plan->duration_ns / 1e9);
    put_number(writer, "timeoutSeconds", (double)plan->timeout_ns / 1e9);
    put_number(writer, "maxLagSeconds", (double)plan->max_lag_ns / 1e9);
    put_number(writer, "verifyShare", plan->verify);
    put_count(writer, "repeat", report->series->repeats);
    put_count(writer, "seed", plan->seed);
    put_text(writer, "idsFile", report->ids_path);
    put_workload(writer, plan);
    json_end_object(writer);
}

static void put_objectives(struct json_writer *writer, const char *key, const struct bench_slo *slo,
                           const struct bench_result *result)
{
    json_write_key(writer, key);
    json_begin_array(writer);
    for (size_t i = 0; i < slo->count; i++) {
        const struct bench_objective *objective = &slo->objectives[i];
        double value =
            bench_objective_value(objective, result->tally, bench_result_seconds(result));
        bool time = objective->measure == BENCH_PERCENTILE || objective->measure == BENCH_MEAN ||
                    objective->measure == BENCH_MAXIMUM;
        json_begin_object(writer);
        put_text(writer, "objective", objective->text);
        if (!isnan(value)) {
            put_number(writer, time ? "valueUs" : "value", time ? value / 1e3 : value);
        }
        put_truth(writer, "kept", bench_objective_kept(objective, value));
        json_end_object(writer);
    }
    json_end_array(writer);
}

void bench_report_json(const struct bench_report *report, struct base_buffer *out)
{
    const struct bench_series *series = report->series;
    const struct bench_result *result = bench_step_result(&series->steps[series->best]);
    struct json_writer writer;
    json_writer_init(&writer, out, 0);
    json_begin_object(&writer);
    put_text(&writer, "schema", BENCH_SCHEMA);
    put_text(&writer, "made", report->machine.made);
    put_invalid(&writer, bench_report_invalid(report));
    put_truth(&writer, "interrupted", series->interrupted);
    put_text(&writer, "kind", series->knee ? "knee" : series->sweep ? "sweep" : "run");
    put_environment(&writer, report);
    put_options(&writer, report);
    json_write_key(&writer, "result");
    json_begin_object(&writer);
    put_figures(&writer, result);
    put_operations(&writer, &series->plan, result->tally);
    json_end_object(&writer);
    if (series->knee) {
        json_write_key(&writer, "knee");
        json_begin_object(&writer);
        put_truth(&writer, "found", series->knee_found);
        put_number(&writer, "rate", series->knee_found ? series->steps[series->best].rate : 0);
        put_truth(&writer, "boundedByGenerator",
                  series->knee_end != NULL && series->knee_end->invalid != 0);
        put_objectives(&writer, "condition", &series->condition, result);
        json_end_object(&writer);
    }
    if (report->slo->count > 0) {
        put_truth(&writer, "sloKept", bench_report_slo_kept(report));
        put_objectives(&writer, "slo", report->slo, result);
    }
    put_steps(&writer, series);
    json_end_object(&writer);
    base_buffer_append_byte(out, '\n');
}
