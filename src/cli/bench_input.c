#include "cli/bench_input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/exit.h"
#include "cli/report.h"
#include "hirsch/client.h"

enum {
    FILE_MOST = 256 * 1024 * 1024,
    CONNECTIONS = 16,
    OPEN_DEPTH = 256,
    TIMEOUT_MS = 2000,
};

static const double rate_default = 1000;
static const double late_most = 0.01;
static const double verify_default = 0.01;

bool cli_bench_read_file(const char *path, struct base_buffer *text)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        cli_complain("%s: %s", path, strerror(errno));
        return false;
    }
    for (size_t size = 1; size > 0 && text->size < FILE_MOST;) {
        char *to = base_buffer_reserve(text, 64 * 1024);
        size = to == NULL ? 0 : fread(to, 1, 64 * 1024, file);
        text->size += size;
    }
    const char *why = ferror(file)   ? strerror(errno)
                      : text->failed ? "memory is out"
                      : !feof(file)  ? "the file is over 256 MiB"
                                     : NULL;
    fclose(file);
    if (why != NULL) {
        cli_complain("%s: cannot be read: %s", path, why);
    }
    return why == NULL;
}

static bool can_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        cli_complain("%s: %s", path, strerror(errno));
        return false;
    }
    fclose(file);
    return true;
}

static int read_workload(const char *path, struct bench_workload *workload)
{
    struct base_buffer text = BASE_BUFFER_EMPTY;
    struct base_error error;
    int exit_code = BASE_EXIT_OK;
    if (!cli_bench_read_file(path, &text)) {
        exit_code = BASE_EXIT_NO_INPUT;
    } else if (bench_workload_parse(base_buffer_slice(&text), workload, &error) != BASE_OK) {
        cli_complain("%s: %s", path, error.text);
        exit_code = BASE_EXIT_USAGE;
    }
    base_buffer_fini(&text);
    return exit_code;
}

static enum base_code make_plan(const struct cli_options *options, struct bench_plan *plan,
                                struct base_error *error)
{
    const struct cli_bench_options *bench = &options->bench;
    const uint64_t second_ns = UINT64_C(1000000000);
    enum base_code code = BASE_OK;
    *plan = (struct bench_plan){
        .urls = options->server != NULL ? options->server : HIRSCH_DEFAULT_ENDPOINT,
        .key_file = options->key_file,
        .client = bench->libhirsch ? BENCH_CLIENT_LIBHIRSCH : BENCH_CLIENT_SP,
        .closed = bench->closed,
        .rate = bench->rate > 0 ? bench->rate : rate_default,
        .arrivals = bench->uniform ? BENCH_EVEN : BENCH_POISSON,
        .connections = bench->connections > 0 ? bench->connections : CONNECTIONS,
        .depth = bench->depth > 0 ? bench->depth
                 : bench->closed  ? 1
                                  : OPEN_DEPTH,
        .processes = bench->processes > 0 ? bench->processes : 1,
        .warmup_ns = bench->has_warmup ? bench->warmup_ns : 2 * second_ns,
        .duration_ns = bench->duration_ns > 0 ? bench->duration_ns : 10 * second_ns,
        .timeout_ns =
            (options->timeout_ms > 0 ? options->timeout_ms : TIMEOUT_MS) * UINT64_C(1000000),
        .max_lag_ns = bench->max_lag_ns > 0 ? bench->max_lag_ns : 10 * UINT64_C(1000000),
        .late_most = late_most,
        .verify = bench->has_verify ? bench->verify : verify_default,
        .seed = options->seed,
    };
    if (plan->processes > plan->connections) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "%u processes need at least as many --connections", plan->processes);
    }
    uint64_t places =
        (uint64_t)plan->depth * ((plan->connections + plan->processes - 1) / plan->processes);
    if (places > BENCH_IN_FLIGHT_MOST && bench->depth == 0) {
        plan->depth =
            BENCH_IN_FLIGHT_MOST / ((plan->connections + plan->processes - 1) / plan->processes);
    } else if (places > BENCH_IN_FLIGHT_MOST) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "connections x depth is over %d a process; use fewer, or more --processes",
                         BENCH_IN_FLIGHT_MOST);
    }
    if (bench->keys != NULL) {
        code = bench_spread_parse(bench->keys, &plan->keys, error);
        base_error_prefix(code == BASE_OK ? NULL : error, "--keys");
    }
    return code;
}

static enum base_code read_orders(const struct cli_bench_options *bench,
                                  struct cli_bench_orders *orders, struct bench_slo *condition,
                                  struct base_error *error)
{
    enum base_code code = BASE_OK;
    const char *option = "--sweep";
    *orders = (struct cli_bench_orders){.slo = {.count = 0}};
    if (bench->sweep != NULL) {
        code = bench_sweep_parse(bench->sweep, &orders->sweep, error);
    }
    if (code == BASE_OK && bench->find_knee != NULL) {
        option = "--find-knee";
        code = bench_slo_parse(bench->find_knee, condition, error);
    }
    if (code == BASE_OK && bench->slo != NULL) {
        option = "--slo";
        code = bench_slo_parse(bench->slo, &orders->slo, error);
    }
    base_error_prefix(code == BASE_OK ? NULL : error, "%s", option);
    return code;
}

int cli_bench_read_input(const struct cli_options *options, struct bench_series *series,
                         struct cli_bench_orders *orders)
{
    const struct cli_bench_options *bench = &options->bench;
    struct base_error error;
    if (make_plan(options, &series->plan, &error) != BASE_OK ||
        read_orders(bench, orders, &series->condition, &error) != BASE_OK) {
        cli_complain("%s", error.text);
        return BASE_EXIT_USAGE;
    }
    if (bench->ids != NULL && !can_read(bench->ids)) {
        return BASE_EXIT_NO_INPUT;
    }
    if (bench->workload != NULL) {
        return read_workload(bench->workload, &series->plan.workload);
    }
    bench_workload_default(&series->plan.workload);
    return BASE_EXIT_OK;
}

const char *cli_bench_contradiction(const struct cli_options *options)
{
    const struct cli_bench_options *bench = &options->bench;
    if (bench->closed && bench->rate > 0) {
        return "--rate does not go with --closed: a closed loop has no rate of its own";
    }
    if (bench->closed && (bench->sweep != NULL || bench->find_knee != NULL)) {
        return "--sweep and --find-knee do not go with --closed";
    }
    if (bench->sweep != NULL && (bench->find_knee != NULL || bench->rate > 0)) {
        return "--sweep goes neither with --find-knee nor with --rate";
    }
    if (bench->has_tolerance) {
        return "--tolerance goes with 'bench compare' only";
    }
    return NULL;
}
