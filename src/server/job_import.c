/* hirschd import: files into the store, all or nothing. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/exit.h"
#include "ingest/ingest.h"
#include "json/json.h"
#include "server/job.h"
#include "server/packer.h"
#include "server/progress.h"
#include "store/build.h"
#include "store/lock.h"

/* Bad lines that are told one by one; the summary counts all of them. */
enum { FAULTS_TOLD = 20 };

struct import {
    const struct server_settings *settings;
    struct store_build *build;
    struct server_progress progress;
    uint64_t faults;
};

struct import_result {
    struct ingest_report read;
    struct store_build_report built;
    double seconds;
};

static enum base_code on_record(void *sink, unsigned worker, const struct model_record *record,
                                struct base_error *error)
{
    struct import *import = sink;
    return store_build_add(import->build, worker, record, error);
}

static void on_fault(void *sink, const struct ingest_fault *fault)
{
    struct import *import = sink;
    server_progress_clear(&import->progress);
    if (import->faults++ >= FAULTS_TOLD) {
        return;
    }
    fprintf(stderr, "hirschd: %s", fault->file);
    if (fault->line > 0) {
        fprintf(stderr, ":%" PRIu64, fault->line);
    }
    if (fault->column > 0) {
        fprintf(stderr, ":%" PRIu64, fault->column);
    }
    fprintf(stderr, ": %s\n", fault->text);
}

static void on_notice(void *sink, const char *text)
{
    (void)sink;
    fprintf(stderr, "hirschd: %s\n", text);
}

static void on_progress(void *sink, const struct ingest_progress *counts)
{
    struct import *import = sink;
    server_progress_show(&import->progress, counts, base_clock_monotonic_ns());
}

static void print_count(const char *name, uint64_t count, const char *remark)
{
    printf("%-18s %12" PRIu64 "%s%s\n", name, count, remark[0] == '\0' ? "" : "  ", remark);
}

static void print_summary(const struct import_result *result)
{
    const struct ingest_report *read = &result->read;
    const struct store_derive_report *derived = &result->built.derived;
    print_count("records read", read->totals.records, "");
    print_count("rejected", read->totals.rejected, "");
    for (int reason = 0; reason < INGEST_REASON_END; reason++) {
        if (read->rejected_by_reason[reason] > 0) {
            printf("  %-16s %12" PRIu64 "\n", ingest_reason_text((enum ingest_reason)reason),
                   read->rejected_by_reason[reason]);
        }
    }
    print_count("superseded", result->built.superseded, "by a newer record of the same id");
    if (result->built.suppressed > 0) {
        print_count("suppressed", result->built.suppressed, "left out because of suppress lines");
    }
    if (read->skipped_entities > 0) {
        print_count("skipped", read->skipped_entities, "objects that are neither author nor paper");
    }
    if (read->ids_dropped > 0) {
        print_count("ids dropped", read->ids_dropped, "that are not what they claim to be");
    }
    if (read->authors_dropped > 0) {
        print_count("authors dropped", read->authors_dropped, "with neither id nor name");
    }
    if (read->texts_cut > 0) {
        print_count("abstracts cut", read->texts_cut, "at the limit");
    }
    printf("the store now holds\n");
    print_count("  source records", derived->sources, "");
    print_count("  merged", derived->merged, "beyond the first of their author or paper");
    print_count("  disputed ids", derived->disputed, "claimed by two records of one source");
    print_count("  papers", derived->papers, "");
    print_count("  stubs", derived->stubs, "cited ids without a record");
    print_count("  authors", derived->authors, "");
    print_count("  citations", derived->edges, "");
    print_count("  self-loops", derived->self_loops, "dropped");
    print_count("  repeats", derived->repeats, "dropped");
    double megabytes = (double)read->totals.bytes_text / 1e6;
    printf("%.2f s, %.1f MB of text, %.1f MB/s, %.1f MB on disk\n", result->seconds, megabytes,
           result->seconds > 0 ? megabytes / result->seconds : 0,
           (double)result->built.bytes / 1e6);
}

static void write_counts(struct json_writer *json, const struct import_result *result)
{
    const struct ingest_report *read = &result->read;
    const struct store_derive_report *derived = &result->built.derived;
    const struct {
        const char *name;
        uint64_t count;
    } counts[] = {
        {"records", read->totals.records},
        {"superseded", result->built.superseded},
        {"suppressed", result->built.suppressed},
        {"skipped", read->skipped_entities},
        {"idsDropped", read->ids_dropped},
        {"authorsDropped", read->authors_dropped},
        {"sources", derived->sources},
        {"merged", derived->merged},
        {"disputed", derived->disputed},
        {"papers", derived->papers},
        {"stubs", derived->stubs},
        {"authors", derived->authors},
        {"citations", derived->edges},
        {"selfLoops", derived->self_loops},
        {"repeats", derived->repeats},
        {"bytesText", read->totals.bytes_text},
        {"bytesStore", result->built.bytes},
        {"rejected", read->totals.rejected},
    };
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        json_write_key(json, counts[i].name);
        json_write_u64(json, counts[i].count);
    }
}

static void print_json(const struct import_result *result)
{
    struct base_buffer text;
    struct json_writer json;
    base_buffer_init(&text);
    json_writer_init(&json, &text, 0);
    json_begin_object(&json);
    write_counts(&json, result);
    json_write_key(&json, "rejectedByReason");
    json_begin_object(&json);
    for (int reason = 0; reason < INGEST_REASON_END; reason++) {
        if (result->read.rejected_by_reason[reason] > 0) {
            json_write_key(&json, ingest_reason_text((enum ingest_reason)reason));
            json_write_u64(&json, result->read.rejected_by_reason[reason]);
        }
    }
    json_end_object(&json);
    json_write_key(&json, "seconds");
    json_write_double(&json, result->seconds);
    json_end_object(&json);
    if (!text.failed) {
        printf("%.*s\n", (int)text.size, text.data);
    }
    base_buffer_fini(&text);
}

static int fail(const struct import *import, enum base_code code, const struct base_error *error)
{
    if (import->faults > FAULTS_TOLD) {
        fprintf(stderr, "hirschd: … and %" PRIu64 " more bad lines\n",
                import->faults - FAULTS_TOLD);
    }
    fprintf(stderr, "hirschd: import: %s\n", error->text);
    return code == BASE_NOT_FOUND ? BASE_EXIT_NO_INPUT : base_exit_of(code);
}

static enum base_code read_settings(const struct server_settings *settings, int argument_count,
                                    char **arguments, struct ingest_job *job,
                                    struct store_build_options *options, struct base_error *error)
{
    *job = (struct ingest_job){
        .format = ingest_format_named(settings->format),
        .paths = (const char *const *)arguments,
        .path_count = (size_t)argument_count,
        .threads = settings->threads,
        .max_errors = settings->max_errors,
        .on_record = on_record,
        .on_fault = on_fault,
        .on_notice = on_notice,
        .on_progress = on_progress,
        .stop = &server_stop_requested,
    };
    if (job->format == NULL) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "there is no format \"%s\"; --format is openalex or hirsch",
                         settings->format);
    }
    model_time now = model_time_of_unix(base_clock_unix_us());
    *options = (struct store_build_options){
        .directory = settings->data,
        .memory = (size_t)settings->memory,
        .map_size = settings->map_size,
        .today = model_time_day(now),
        .coverage_end = MODEL_NO_DAY,
        .time = now,
        .packer = server_packer(),
        .stop = &server_stop_requested,
    };
    if (settings->coverage_end != NULL) {
        struct model_date date;
        enum base_code code =
            model_date_parse(base_slice_text(settings->coverage_end), &date, error);
        if (code != BASE_OK) {
            base_error_prefix(error, "--coverage-end");
            return code;
        }
        options->coverage_end = date.day;
    }
    return BASE_OK;
}

static enum base_code import_all(struct import *import, struct ingest_job *job,
                                 struct store_build_options *options, struct import_result *result,
                                 struct base_error *error)
{
    struct store_lock *lock;
    enum base_code code = store_lock_take(import->settings->data, "import", &lock, error);
    if (code != BASE_OK) {
        return code;
    }
    job->sink = import;
    options->workers = ingest_workers(job);
    code = store_build_new(options, &import->build, error);
    if (code == BASE_OK) {
        code = ingest_run(job, &result->read, error);
        server_progress_clear(&import->progress);
    }
    if (code == BASE_OK) {
        code = store_build_finish(import->build, &result->built, error);
    }
    store_build_free(import->build);
    store_lock_release(lock);
    return code;
}

static int run(const struct server_settings *settings, int argument_count, char **arguments)
{
    struct import import = {.settings = settings};
    struct import_result result = {0};
    struct ingest_job job;
    struct store_build_options options;
    struct base_error error;
    uint64_t started = base_clock_monotonic_ns();
    if (argument_count == 0) {
        fprintf(stderr, "hirschd: import needs files to read, or - for standard input; see hirschd "
                        "help import\n");
        return BASE_EXIT_USAGE;
    }
    server_progress_init(&import.progress, settings->quiet, started);
    enum base_code code =
        read_settings(settings, argument_count, arguments, &job, &options, &error);
    if (code != BASE_OK) {
        fprintf(stderr, "hirschd: import: %s\n", error.text);
        return BASE_EXIT_USAGE;
    }
    code = import_all(&import, &job, &options, &result, &error);
    if (code != BASE_OK) {
        return fail(&import, code, &error);
    }
    result.seconds = (double)(base_clock_monotonic_ns() - started) / 1e9;
    if (settings->json) {
        print_json(&result);
    } else {
        print_summary(&result);
    }
    if (result.read.totals.records == 0) {
        fprintf(stderr, "hirschd: import: the input holds no record; is --format %s right?\n",
                settings->format);
    }
    return result.read.totals.rejected > 0 ? BASE_EXIT_PARTIAL : BASE_EXIT_OK;
}

const struct server_job server_job_import = {
    .name = "import",
    .arguments = "FILE…",
    .summary = "Reads records into the store, all or nothing",
    .help =
        "FILE is a file (plain, gzip or zstd), a folder, or - for standard input. A folder is\n"
        "searched for such files; an OpenAlex snapshot may be given as its top folder.\n"
        "Records of a data directory that is in use already are kept and merged with the new\n"
        "ones. A bad line stops the import, and nothing is applied, unless --max-errors allows\n"
        "it. An import may be killed at any moment: the store is then the one before it.\n"
        "\n"
        "Exit codes: 0 done, 2 done with rejected lines, 65 bad input, 66 no such file,\n"
        "73 to 75 no room or in use, 130 interrupted.\n"
        "\n"
        "Examples:\n"
        "  hirschd import --data DIR --format openalex works-*.jsonl.gz\n"
        "  hirschd import --data DIR --format openalex /dumps/openalex-snapshot/data\n"
        "  zcat records.jsonl.gz | hirschd import --data DIR --format hirsch -\n",
    .options = "data map-size format max-errors threads memory coverage-end json quiet",
    .takes_arguments = true,
    .run = run,
};
