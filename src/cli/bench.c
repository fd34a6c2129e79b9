#include "cli/bench_options.h"
#include "cli/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/exit.h"
#include "bench/compare.h"
#include "bench/report.h"
#include "cli/bench_view.h"
#include "cli/report.h"

enum {
    FILE_MOST = 256 * 1024 * 1024,
    CONNECTIONS = 16,
    OPEN_DEPTH = 256,
    SAMPLE = 20000,
    REPEATS = 3,
    TIMEOUT_MS = 2000,
};

static const double rate_default = 1000;
static const double late_most = 0.01;
static const double verify_default = 0.01;
static const double tolerance_default = 0.05;

static bool read_file(const char *path, struct base_buffer *text)
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
    bool whole = !ferror(file) && feof(file) && !text->failed;
    fclose(file);
    if (!whole) {
        cli_complain("%s: cannot be read, or is over 256 MiB", path);
    }
    return whole;
}

static bool write_file(const char *path, struct base_buffer *text)
{
    FILE *file = text->failed ? NULL : fopen(path, "wb");
    bool written = file != NULL && fwrite(text->data, 1, text->size, file) == text->size;
    if (file != NULL && fclose(file) != 0) {
        written = false;
    }
    if (!written) {
        cli_complain("%s: cannot be written: %s", path,
                     text->failed ? "memory is out" : strerror(errno));
    }
    return written;
}

static int compare(const struct cli_options *options, char **paths)
{
    struct base_buffer texts[2] = {BASE_BUFFER_EMPTY, BASE_BUFFER_EMPTY};
    struct base_buffer out = BASE_BUFFER_EMPTY;
    struct bench_comparison comparison;
    struct base_error error;
    int exit_code = BASE_EXIT_NO_INPUT;
    if (!read_file(paths[0], &texts[0]) || !read_file(paths[1], &texts[1])) {
        goto fini;
    }
    double tolerance = options->bench.has_tolerance ? options->bench.tolerance : tolerance_default;
    if (bench_compare(base_buffer_slice(&texts[0]), base_buffer_slice(&texts[1]), tolerance, &out,
                      &comparison, &error) != BASE_OK) {
        cli_complain("%s", error.text);
        exit_code = base_exit_of(error.code);
        goto fini;
    }
    base_buffer_append_text(&out, comparison.regressed ? "regression\n" : "no regression\n");
    exit_code = !cli_print(&out)       ? BASE_EXIT_IO
                : comparison.invalid   ? BASE_EXIT_INVALID
                : comparison.regressed ? BASE_EXIT_FAILED
                                       : BASE_EXIT_OK;

fini:
    base_buffer_fini(&texts[0]);
    base_buffer_fini(&texts[1]);
    base_buffer_fini(&out);
    return exit_code;
}

static enum base_code read_workload(const char *path, struct bench_workload *workload,
                                    struct base_error *error)
{
    struct base_buffer text = BASE_BUFFER_EMPTY;
    enum base_code code;
    if (read_file(path, &text)) {
        code = bench_workload_parse(base_buffer_slice(&text), workload, error);
        base_error_prefix(code == BASE_OK ? NULL : error, "%s", path);
    } else {
        code = base_fail(error, BASE_INVALID_ARGUMENT, "no workload");
    }
    base_buffer_fini(&text);
    return code;
}

static enum base_code make_plan(const struct cli_options *options, struct bench_plan *plan,
                                struct base_error *error)
{
    const struct cli_bench_options *bench = &options->bench;
    const uint64_t second_ns = UINT64_C(1000000000);
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
        bench_spread_parse(bench->keys, &plan->keys, NULL); /* checked with the option */
    }
    if (bench->workload != NULL) {
        return read_workload(bench->workload, &plan->workload, error);
    }
    bench_workload_default(&plan->workload);
    return BASE_OK;
}

static const char *contradiction(const struct cli_options *options)
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
    return NULL;
}

static enum base_code run_series(const struct cli_options *options, struct bench_series *series,
                                 const struct bench_progress *progress, struct base_error *error)
{
    const struct cli_bench_options *bench = &options->bench;
    struct bench_sweep sweep;
    if (bench->sweep != NULL) {
        bench_sweep_parse(bench->sweep, &sweep, NULL); /* checked with the option */
        return bench_series_sweep(series, &sweep, progress, error);
    }
    if (bench->find_knee != NULL) {
        bench_slo_parse(bench->find_knee, &series->condition, NULL);
        return bench_series_knee(series, progress, error);
    }
    return bench_series_once(series, progress, error);
}

static bool write_histograms(const char *path, const struct bench_result *result)
{
    struct base_buffer out = BASE_BUFFER_EMPTY;
    struct base_buffer name = BASE_BUFFER_EMPTY;
    bench_report_hgrm(&result->tally->intended, &out);
    bool written = write_file(path, &out);
    base_buffer_clear(&out);
    bench_report_hgrm(&result->tally->actual, &out);
    base_buffer_append_format(&name, "%s.actual", path);
    base_buffer_append_byte(&name, 0);
    written = written && !name.failed && write_file(name.data, &out);
    base_buffer_fini(&name);
    base_buffer_fini(&out);
    return written;
}

static bool write_outputs(const struct cli_options *options, const struct bench_report *report)
{
    struct base_buffer out = BASE_BUFFER_EMPTY;
    bool written = true;
    if (options->json) {
        bench_report_json(report, &out);
    } else if (options->csv) {
        bench_report_csv(report, &out);
    } else {
        bench_report_text(report, &out);
    }
    written = cli_print(&out);
    if (options->bench.html != NULL) {
        base_buffer_clear(&out);
        bench_report_html(report, &out);
        written = write_file(options->bench.html, &out) && written;
    }
    base_buffer_fini(&out);
    if (options->bench.hgrm != NULL) {
        const struct bench_series *series = report->series;
        written = write_histograms(options->bench.hgrm,
                                   bench_step_result(&series->steps[series->best])) &&
                  written;
    }
    return written;
}

static int report_series(const struct cli_options *options, const struct bench_series *series,
                         const struct bench_dataset *dataset)
{
    struct bench_slo slo = {.count = 0};
    struct bench_report report = {.series = series,
                                  .slo = &slo,
                                  .dataset = *dataset,
                                  .version = HIRSCH_VERSION,
                                  .library = hirsch_version(),
                                  .ids_path = options->bench.ids};
    if (options->bench.slo != NULL) {
        bench_slo_parse(options->bench.slo, &slo, NULL); /* checked with the option */
    }
    bench_machine_look(&report.machine);
    if (!write_outputs(options, &report)) {
        return BASE_EXIT_CANT_CREATE;
    }
    if (series->interrupted) {
        return BASE_EXIT_INTERRUPTED;
    }
    if (bench_report_invalid(&report) != 0) {
        cli_complain("INVALID: the generator was the limit; the figures say nothing about the "
                     "server");
        return BASE_EXIT_INVALID;
    }
    bool kept = bench_report_slo_kept(&report) && (!series->knee || series->knee_found);
    return kept ? BASE_EXIT_OK : BASE_EXIT_FAILED;
}

static int measure(const struct cli_context *context)
{
    const struct cli_options *options = context->options;
    struct bench_series *series = calloc(1, sizeof *series);
    struct bench_dataset dataset;
    struct bench_progress progress;
    struct cli_bench_view view;
    struct base_arena arena;
    struct base_error error;
    int exit_code = BASE_EXIT_FAILED;
    base_arena_init(&arena, 0);
    if (series == NULL) {
        cli_complain("memory is out");
        goto fini;
    }
    bool sweeping = options->bench.sweep != NULL || options->bench.find_knee != NULL;
    series->repeats = options->bench.repeat > 0 ? options->bench.repeat : sweeping ? REPEATS : 1;
    enum base_code code = make_plan(options, &series->plan, &error);
    if (code != BASE_OK) {
        cli_complain("%s", error.text);
        exit_code = BASE_EXIT_USAGE;
        goto fini;
    }
    const struct bench_preparation preparation = {
        .urls = series->plan.urls,
        .timeout_ms = options->timeout_ms,
        .ids_path = options->bench.ids,
        .sample = options->bench.sample > 0 ? options->bench.sample : SAMPLE,
        .seed = options->seed};
    cli_bench_catch_interrupt();
    cli_bench_view_init(&view, &context->screen);
    cli_bench_view_progress(&view, &progress);
    code = bench_prepare(&preparation, &arena, &series->plan, &dataset, &error);
    if (code == BASE_OK) {
        code = run_series(options, series, &progress, &error);
    }
    if (code != BASE_OK) {
        cli_complain("%s: %s", base_code_name(code), error.text);
        exit_code = base_exit_of(code);
        goto fini;
    }
    exit_code = report_series(options, series, &dataset);

fini:
    if (series != NULL) {
        bench_series_fini(series);
    }
    free(series);
    base_arena_fini(&arena);
    return exit_code;
}

static int run(const struct cli_context *context, int count, char **arguments)
{
    if (count > 0) {
        if (count != 3 || strcmp(arguments[0], "compare") != 0) {
            cli_complain("bench takes no argument, or 'compare A.json B.json'");
            return BASE_EXIT_USAGE;
        }
        return compare(context->options, arguments + 1);
    }
    const char *wrong = contradiction(context->options);
    if (wrong != NULL) {
        cli_complain("%s", wrong);
        return BASE_EXIT_USAGE;
    }
    return measure(context);
}

const struct cli_command cli_command_bench = {
    .name = "bench",
    .arguments = "[compare A B]",
    .summary = "puts a daemon under load and says how it bore it",
    .help =
        "Sends requests at a rate that does not depend on the answers (open loop) and counts the\n"
        "latency of each from the moment it should have been sent: a daemon that stands still for\n"
        "a second is seen by all requests of that second. The time from the actual sending stands\n"
        "beside it. A request without an answer within --timeout counts with the time until it "
        "was\n"
        "given up. Late (sent late by the generator itself), dropped (never sent: no place was\n"
        "free in time), timed-out and lost requests are counted apart. A run in which the\n"
        "generator was the limit is INVALID. Ids are drawn from the served records.\n"
        "\n"
        "While it runs a line a second goes to stderr. The result goes to stdout: text, --json\n"
        "(schema hirsch-bench/1: share/hirsch/hirsch-bench-1.schema.json) or --csv.\n"
        "\n"
        "A workload file has an operation a line: WEIGHT METHOD [name=value...]. Methods are "
        "those\n"
        "of hirsch call, names batch, view, pages (a walk from page to page), page-size, miss\n"
        "(share of ids that name nothing), keys, label; PutRecords, which writes made papers, has\n"
        "batch, references and authors; # begins a comment:\n"
        "  80 GetAuthor         miss=1% keys=zipf:0.99\n"
        "  15 BatchGetAuthors   batch=100\n"
        "   5 ListAuthorPapers  page-size=50 pages=3 view=compact\n"
        "   1 PutRecords        references=35 authors=4\n"
        "\n"
        "compare sets two JSON results side by side, with intervals of 95 %.\n"
        "\n"
        "Exit codes of its own: 1 an objective of --slo is missed, no rate keeps --find-knee, or\n"
        "compare found a regression; 3 INVALID.\n"
        "\n"
        "Examples:\n"
        "  hirsch bench --rate 5k --duration 30s --slo 'p99<5ms,errors<0.1%'\n"
        "  hirsch bench --closed -c 64 --depth 16 --json > closed.json\n"
        "  hirsch bench --sweep 10k:200k:10k --html sweep.html\n"
        "  hirsch bench --find-knee 'p99<2ms' --processes 2\n"
        "  hirsch bench --workload mixed.txt --rate 20k --client libhirsch\n"
        "  hirsch bench compare before.json after.json --tolerance 3%\n",
    .options = cli_bench_option_names,
    .takes = "no argument, or 'compare A.json B.json'",
    .least = 0,
    .most = 3,
    .needs_client = false,
    .run = run,
};
