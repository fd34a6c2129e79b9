/* hirschd import: files into the store: all at once by a new generation, or, when the directory is
 * in use or the input small beside it, in chunks. */
#include <inttypes.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/exit.h"
#include "ingest/ingest.h"
#include "server/import_report.h"
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

/* Below this share of the records that are there already, chunks are faster than a new
 * generation. */
enum { REBUILD_SHARE = 10 };

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

/* The directory's lock, or the door of the daemon that has it. */
static enum base_code enter(struct import *import, struct store_lock **lock,
                            struct import_door **door, struct base_error *error)
{
    struct base_error connecting;
    enum base_code code = store_lock_take(import->settings->data, "import", lock, error);
    if (code != BASE_RESOURCE_EXHAUSTED) {
        return code;
    }
    enum base_code connected = import_daemon_open(import->settings->data, door, &connecting);
    if (connected == BASE_NOT_FOUND) {
        return code; /* held by a job: whose is said */
    }
    if (connected == BASE_OK && import->settings->coverage_end != NULL) {
        import_door_close(*door);
        *door = NULL;
        return base_fail(error, BASE_FAILED_PRECONDITION,
                         "--coverage-end needs the data directory for itself; stop the daemon "
                         "first");
    }
    if (connected != BASE_OK) {
        *error = connecting;
    }
    return connected;
}

static enum base_code apply_chunks(struct import *import, struct import_door *door,
                                   struct import_report *report, struct base_error *error)
{
    const struct store_record *records;
    size_t count;
    enum base_code code =
        store_build_gather(import->build, &records, &count, &report->superseded, error);
    if (code == BASE_OK && door == NULL) {
        code = import_writer_open(import->settings->data, import->settings->map_size, &door, error);
    }
    if (code != BASE_OK) {
        import_door_close(door);
        return code;
    }
    door->progress = &import->progress;
    code = import_apply(import->settings->data, records, count, door, error);
    report->way = door->way->name;
    report->applied = door->counts;
    import_door_close(door);
    return code;
}

static enum base_code import_all(struct import *import, struct ingest_job *job,
                                 struct store_build_options *options, struct import_report *report,
                                 struct base_error *error)
{
    struct store_lock *lock = NULL;
    struct import_door *door = NULL;
    uint64_t received;
    uint64_t before;
    enum base_code code = enter(import, &lock, &door, error);
    if (code != BASE_OK) {
        return code;
    }
    job->sink = import;
    options->workers = ingest_workers(job);
    code = store_build_new(options, &import->build, error);
    if (code == BASE_OK) {
        code = ingest_run(job, &report->read, error);
        server_progress_clear(&import->progress);
    }
    if (code != BASE_OK) {
        import_door_close(door);
        goto free_build;
    }
    store_build_counts(import->build, &received, &before);
    bool small =
        before > 0 && received < before / REBUILD_SHARE && options->coverage_end == MODEL_NO_DAY;
    if (door != NULL || small) {
        code = apply_chunks(import, door, report, error);
    } else {
        code = store_build_finish(import->build, &report->built, error);
        report->way = "rebuild";
        report->superseded = report->built.superseded;
    }
free_build:
    store_build_free(import->build);
    store_lock_release(lock);
    return code;
}

/* Several threads that take memory in small steps wait for each other in the kernel. */
static void take_memory_in_large_steps(void)
{
#ifdef __GLIBC__
    enum { STEP = 4 * 1024 * 1024, KEPT = 64 * 1024 * 1024 };
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_TOP_PAD, STEP);
    mallopt(M_TRIM_THRESHOLD, KEPT);
#endif
}

static int run(const struct server_settings *settings, int argument_count, char **arguments)
{
    struct import import = {.settings = settings};
    struct import_report report = {0};
    struct ingest_job job;
    struct store_build_options options;
    struct base_error error;
    uint64_t started = base_clock_monotonic_ns();
    take_memory_in_large_steps();
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
    code = import_all(&import, &job, &options, &report, &error);
    if (code != BASE_OK) {
        return fail(&import, code, &error);
    }
    report.seconds = (double)(base_clock_monotonic_ns() - started) / 1e9;
    if (settings->json) {
        import_report_print_json(&report);
    } else {
        import_report_print(&report);
    }
    if (report.read.totals.records == 0) {
        fprintf(stderr, "hirschd: import: the input holds no record; is --format %s right?\n",
                settings->format);
    }
    bool rejected = report.read.totals.rejected > 0 || report.applied.failed > 0;
    return rejected ? BASE_EXIT_PARTIAL : BASE_EXIT_OK;
}

const struct server_job server_job_import = {
    .name = "import",
    .arguments = "FILE…",
    .summary = "Reads records into the store",
    .help =
        "FILE is a file (plain, gzip or zstd), a folder, or - for standard input. A folder is\n"
        "searched for such files; an OpenAlex snapshot may be given as its top folder.\n"
        "Everything is read before anything is applied: a bad line stops the import, and\n"
        "nothing is changed, unless --max-errors allows it. Records that are there already are\n"
        "kept and merged with the new ones, in one of three ways:\n"
        "  a new generation   in an empty directory, or with a tenth or more of the records that\n"
        "                     are there; a kill at any moment leaves the store before or after\n"
        "  chunks             with fewer than a tenth: up to 500 records a transaction\n"
        "  the daemon         when one holds the directory it is given the chunks, through\n"
        "                     DIR/hirschd.sock, and goes on answering\n"
        "Chunks that were interrupted, by a kill of either side too, go on where they were when\n"
        "the same input is imported again.\n"
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
