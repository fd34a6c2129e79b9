#include "cli/bench_options.h"
#include "cli/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/exit.h"
#include "bench/compare.h"
#include "bench/report.h"
#include "cli/bench_input.h"
#include "cli/bench_view.h"
#include "cli/report.h"

enum { SAMPLE = 20000, REPEATS = 3 };

static const double tolerance_default = 0.05;

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

/* Before anything is measured: a run is not to be lost for a folder that is not there. */
static bool can_write(const char *path)
{
    struct stat there;
    bool existed = stat(path, &there) == 0;
    if (existed && !S_ISREG(there.st_mode) && !S_ISDIR(there.st_mode)) {
        return true; /* a pipe or a terminal is not opened before its time */
    }
    FILE *file = fopen(path, "ab");
    if (file == NULL) {
        cli_complain("%s: cannot be written: %s", path, strerror(errno));
        return false;
    }
    fclose(file);
    if (!existed) {
        remove(path);
    }
    return true;
}

static int compare(const struct cli_options *options, char **paths)
{
    struct base_buffer texts[2] = {BASE_BUFFER_EMPTY, BASE_BUFFER_EMPTY};
    struct base_buffer out = BASE_BUFFER_EMPTY;
    struct bench_comparison comparison;
    struct base_error error;
    int exit_code = BASE_EXIT_NO_INPUT;
    if (!cli_bench_read_file(paths[0], &texts[0]) || !cli_bench_read_file(paths[1], &texts[1])) {
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

static enum base_code run_series(const struct cli_bench_options *bench,
                                 const struct cli_bench_orders *orders, struct bench_series *series,
                                 const struct bench_progress *progress, struct base_error *error)
{
    if (bench->sweep != NULL) {
        return bench_series_sweep(series, &orders->sweep, progress, error);
    }
    if (bench->find_knee != NULL) {
        return bench_series_knee(series, progress, error);
    }
    return bench_series_once(series, progress, error);
}

/* The histogram from actual send stands beside that from intended send. */
static void name_actual(const char *path, struct base_buffer *name)
{
    base_buffer_append_format(name, "%s.actual", path);
    base_buffer_append_byte(name, 0);
}

static bool can_write_outputs(const struct cli_bench_options *bench)
{
    struct base_buffer name = BASE_BUFFER_EMPTY;
    bool can = bench->html == NULL || can_write(bench->html);
    if (bench->hgrm != NULL) {
        name_actual(bench->hgrm, &name);
        can = can && can_write(bench->hgrm) && !name.failed && can_write(name.data);
    }
    base_buffer_fini(&name);
    return can;
}

static bool write_histograms(const char *path, const struct bench_result *result)
{
    struct base_buffer out = BASE_BUFFER_EMPTY;
    struct base_buffer name = BASE_BUFFER_EMPTY;
    bench_report_hgrm(&result->tally->intended, &out);
    bool written = write_file(path, &out);
    base_buffer_clear(&out);
    bench_report_hgrm(&result->tally->actual, &out);
    name_actual(path, &name);
    written = written && !name.failed && write_file(name.data, &out);
    base_buffer_fini(&name);
    base_buffer_fini(&out);
    return written;
}

/* All that can be written is, whatever cannot. Returns an exit code. */
static int write_outputs(const struct cli_options *options, const struct bench_report *report)
{
    const struct bench_series *series = report->series;
    struct base_buffer out = BASE_BUFFER_EMPTY;
    bool made = true;
    if (options->json) {
        bench_report_json(report, &out);
    } else if (options->csv) {
        bench_report_csv(report, &out);
    } else {
        bench_report_text(report, &out);
    }
    bool printed = cli_print(&out);
    if (options->bench.html != NULL) {
        bench_report_html(report, &out);
        made = write_file(options->bench.html, &out);
    }
    base_buffer_fini(&out);
    if (options->bench.hgrm != NULL) {
        made = write_histograms(options->bench.hgrm,
                                bench_step_result(&series->steps[series->best])) &&
               made;
    }
    return !printed ? BASE_EXIT_IO : !made ? BASE_EXIT_CANT_CREATE : BASE_EXIT_OK;
}

/* Of every run: a sample that finds one wrong answer stands for many. */
static void count_wrong(const struct bench_series *series, uint64_t *wrong, uint64_t *verified,
                        const char **reason)
{
    *wrong = *verified = 0;
    for (size_t i = 0; i < series->step_count; i++) {
        for (unsigned k = 0; k < series->steps[i].run_count; k++) {
            const struct bench_tally *tally = series->steps[i].runs[k].tally;
            if (*wrong == 0 && tally->counts.wrong > 0) {
                *reason = tally->reason;
            }
            *wrong += tally->counts.wrong;
            *verified += tally->counts.verified;
        }
    }
}

/* What the whole command comes to, said on stderr where it is not well. */
static int judge(const struct bench_report *report)
{
    const struct bench_series *series = report->series;
    const struct bench_tally *tally = bench_step_result(&series->steps[series->best])->tally;
    unsigned invalid = bench_report_invalid(report);
    if (series->interrupted) {
        return BASE_EXIT_INTERRUPTED;
    }
    if (invalid != 0) {
        cli_complain("INVALID: %s", bench_invalid_text((enum bench_invalid)(invalid & -invalid)));
        return BASE_EXIT_INVALID;
    }
    uint64_t wrong;
    uint64_t verified;
    const char *reason = "";
    count_wrong(series, &wrong, &verified, &reason);
    if (wrong > 0) {
        cli_complain("%llu of %llu verified answers were wrong; first fault: %s",
                     (unsigned long long)wrong, (unsigned long long)verified, reason);
        return BASE_EXIT_FAILED;
    }
    if (tally->counts.answered == 0) {
        cli_complain("nothing was answered: %s", tally->reason);
        return BASE_EXIT_FAILED;
    }
    bool kept = bench_report_slo_kept(report) && (!series->knee || series->knee_found);
    return kept ? BASE_EXIT_OK : BASE_EXIT_FAILED;
}

static int report_series(const struct cli_options *options, const struct bench_series *series,
                         const struct bench_slo *slo, const struct bench_dataset *dataset)
{
    struct bench_report report = {.series = series,
                                  .slo = slo,
                                  .dataset = *dataset,
                                  .version = HIRSCH_VERSION,
                                  .library = hirsch_version(),
                                  .ids_path = options->bench.ids};
    bench_machine_look(&report.machine);
    int exit_code = write_outputs(options, &report);
    return exit_code == BASE_EXIT_OK ? judge(&report) : exit_code;
}

/* The server's address and the key, as every command has them, are looked at with a client that
 * asks nothing. */
static int check_server(const struct cli_options *options)
{
    hirsch_client *client = NULL;
    int exit_code = cli_open_client(options, &client);
    hirsch_close(client);
    return exit_code;
}

static int measure(const struct cli_context *context)
{
    const struct cli_options *options = context->options;
    struct bench_series *series = calloc(1, sizeof *series);
    struct cli_bench_orders orders;
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
    exit_code = cli_bench_read_input(options, series, &orders);
    if (exit_code == BASE_EXIT_OK) {
        exit_code = check_server(options);
    }
    if (exit_code == BASE_EXIT_OK && !can_write_outputs(&options->bench)) {
        exit_code = BASE_EXIT_CANT_CREATE;
    }
    if (exit_code != BASE_EXIT_OK) {
        goto fini;
    }
    const struct bench_preparation preparation = {
        .urls = series->plan.urls,
        .timeout_ms = options->timeout_ms,
        .ids_path = options->bench.ids,
        .sample = options->bench.sample > 0 ? options->bench.sample : SAMPLE,
        .seed = options->seed};
    cli_bench_view_init(&view, &context->screen);
    cli_bench_view_progress(&view, &progress);
    enum base_code code = bench_prepare(&preparation, &arena, &series->plan, &dataset, &error);
    if (code == BASE_OK) {
        cli_bench_catch_interrupt();
        code = run_series(&options->bench, &orders, series, &progress, &error);
    }
    if (code != BASE_OK) {
        cli_complain("%s: %s", base_code_name(code), error.text);
        series->interrupted = true;
    }
    if (series->step_count > 0) {
        exit_code = report_series(options, series, &orders.slo, &dataset);
    }
    exit_code = code != BASE_OK ? base_exit_of(code) : exit_code;

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
        struct base_error error;
        if (cli_options_check(context->options, "bench compare", "tolerance", &error) != BASE_OK) {
            cli_complain("%s", error.text);
            return BASE_EXIT_USAGE;
        }
        return compare(context->options, arguments + 1);
    }
    const char *wrong = cli_bench_contradiction(context->options);
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
        "generator was the limit is INVALID, and so is a search that it ended. Ids are drawn from\n"
        "the served records. Ctrl-C ends a run early, waits up to 2 s for what is under way and\n"
        "shows what was measured until then.\n"
        "\n"
        "While it runs a line a second goes to stderr. The result goes to stdout: text, --json\n"
        "(schema hirsch-bench/1: share/hirsch/hirsch-bench-1.schema.json) or --csv.\n"
        "\n"
        "A workload file has an operation a line: WEIGHT METHOD [name=value...]. Methods are "
        "those\n"
        "of hirsch call without ExplainMetric, SampleIds, RefreshCohorts and DeleteRecords; names\n"
        "are batch, view, pages (a walk from page to page: those behind the first come on top of\n"
        "--rate), page-size, miss (share of ids that name nothing), keys, label; PutRecords, "
        "which\n"
        "writes made papers, other ones in each run, has batch, references and authors; # begins\n"
        "a comment:\n"
        "  80 GetAuthor         miss=1% keys=zipf:0.99\n"
        "  15 BatchGetAuthors   batch=100\n"
        "   5 ListAuthorPapers  page-size=50 pages=3 view=compact\n"
        "   1 PutRecords        references=35 authors=4\n"
        "\n"
        "compare sets two JSON results side by side, with intervals of 95 % over their seconds,\n"
        "or over their runs where both have five or more (--repeat 5). Fewer than three are too\n"
        "few.\n"
        "\n"
        "Exit codes of its own: 1 nothing was answered, verification found a wrong answer, an\n"
        "objective of --slo is missed, no rate keeps --find-knee, or compare found a regression;\n"
        "3 INVALID; 65 the results have nothing in common that could be compared.\n"
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
