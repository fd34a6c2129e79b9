/* hirschd export: every source record and curation line in the native format. */
#include <stdio.h>
#include <string.h>

#include "base/exit.h"
#include "ingest/native.h"
#include "server/export_metrics.h"
#include "server/job.h"
#include "server/output.h"
#include "store/scan.h"

enum { WRITE_AT = 1024 * 1024 };

struct export_run {
    struct server_output output;
    struct base_buffer text;
};

static enum base_code flush(struct export_run *run, struct base_error *error)
{
    if (run->text.failed) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    enum base_code code = server_output_write(&run->output, base_buffer_slice(&run->text), error);
    base_buffer_clear(&run->text);
    return code;
}

static enum base_code on_record(void *context, const struct model_record *record,
                                struct base_error *error)
{
    struct export_run *run = context;
    if (server_stop_requested) {
        return base_fail(error, BASE_CANCELLED, "stopped by a signal; the output is not whole");
    }
    ingest_native_write(record, &run->text);
    return run->text.size >= WRITE_AT || run->text.failed ? flush(run, error) : BASE_OK;
}

static enum base_code export_store(const struct server_settings *settings, struct store *store,
                                   struct base_error *error)
{
    struct export_run run = {0};
    struct store_reader *reader;
    enum base_code code = store_reader_new(store, &reader, error);
    if (code != BASE_OK) {
        return code;
    }
    code = server_output_open(settings->output, &run.output, error);
    if (code == BASE_OK) {
        code = store_scan_records(reader, MODEL_RECORD_SUPPRESS, MODEL_RECORD_CITATION, on_record,
                                  &run, error);
        if (code == BASE_OK) {
            code = flush(&run, error);
        }
        struct base_error closing;
        enum base_code closed = server_output_close(&run.output, code == BASE_OK, &closing);
        if (code == BASE_OK && closed != BASE_OK) {
            code = closed;
            *error = closing;
        }
    }
    base_buffer_fini(&run.text);
    store_reader_free(reader);
    return code;
}

static int run(const struct server_settings *settings, int argument_count, char **arguments)
{
    (void)argument_count;
    (void)arguments;
    struct store *store;
    struct base_error error;
    enum base_code code = store_open(settings->data, settings->map_size, &store, &error);
    if (code == BASE_OK) {
        code = strcmp(settings->metrics, "none") != 0
                   ? server_export_metrics(settings, store, &error)
                   : export_store(settings, store, &error);
        store_close(store);
    }
    if (code != BASE_OK) {
        fprintf(stderr, "hirschd: export: %s\n", error.text);
    }
    return base_exit_of(code);
}

const struct server_job server_job_export = {
    .name = "export",
    .arguments = "",
    .summary = "Writes all records and curation lines in the native format",
    .help =
        "One JSON object a line, sorted: suppress and merge lines, authors, papers, citations,\n"
        "each by id. The same records give the same bytes, in whatever order they came. Runs\n"
        "beside a daemon, on one snapshot. Importing an export gives the same export.\n"
        "\n"
        "With --metrics every computed number with its scope in place of records: a row an author, "
        "or\n"
        "a paper, as CSV or as JSON lines, which also have what goes by years (histograms, "
        "timeline);\n"
        "with --since only those whose records, citations or counts a later change touched "
        "(cohorts of\n"
        "others may have moved).\n"
        "\n"
        "Examples:\n"
        "  hirschd export --data DIR --metrics csv --papers --output papers.csv\n"
        "  hirschd export --data DIR | zstd > records.jsonl.zst\n"
        "  hirschd export --data DIR --output records.jsonl\n",
    .options = "data map-size output metrics authors papers since",
    .takes_arguments = false,
    .run = run,
};
