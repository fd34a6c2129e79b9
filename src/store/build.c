#include "store/build.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/abstracts.h"
#include "store/directory.h"
#include "store/idem.h"
#include "store/log.h"
#include "store/meta.h"
#include "store/pipe.h"
#include "store/winners.h"
#include "store/writer.h"

struct worker {
    struct store_runs *runs;
    struct base_buffer key;
    struct base_buffer bytes;
    uint64_t received;
};

struct store_build {
    struct store_build_options options;
    struct worker *workers;
    struct store_env old; /* .env NULL: there is none */
    MDB_txn *old_txn;
    struct store_meta old_meta;
    MDB_cursor *old_cursor;
    enum base_code old_code; /* what went wrong reading it */
    struct base_error old_error;
    uint64_t before;
    bool gathered; /* the two below are in use */
    struct store_scratch scratch;
    struct store_winners winners;
};

static enum base_code open_old(struct store_build *build, struct base_error *error)
{
    char path[STORE_PATH];
    enum base_code code = store_directory_current(build->options.directory, path, error);
    if (code == BASE_NOT_FOUND) {
        return BASE_OK;
    }
    if (code == BASE_OK) {
        code = store_env_open(path, 0, build->options.upgrade ? STORE_ENV_RECORDS : STORE_ENV_READ,
                              &build->old, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    int failed = mdb_txn_begin(build->old.env, NULL, MDB_RDONLY, &build->old_txn);
    if (failed == MDB_SUCCESS) {
        failed =
            mdb_cursor_open(build->old_txn, build->old.tables[STORE_SOURCE], &build->old_cursor);
    }
    if (failed != MDB_SUCCESS) {
        return store_env_fail(error, failed, "open the present store");
    }
    if (!build->options.upgrade) {
        return store_meta_read(&build->old, build->old_txn, &build->old_meta, error);
    }
    return store_meta_read_head(&build->old, build->old_txn, &build->old_meta, error);
}

enum base_code store_build_new(const struct store_build_options *options,
                               struct store_build **build, struct base_error *error)
{
    BASE_ASSERT(options->workers > 0);
    struct store_build *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    made->options = *options;
    made->workers = calloc(options->workers, sizeof *made->workers);
    enum base_code code = BASE_OK;
    for (unsigned i = 0; made->workers != NULL && i < options->workers; i++) {
        made->workers[i].runs =
            store_runs_new(made->options.directory, options->memory / 2 / options->workers);
        if (made->workers[i].runs == NULL) {
            code = BASE_RESOURCE_EXHAUSTED;
        }
    }
    if (made->workers == NULL || code != BASE_OK) {
        store_build_free(made);
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    code = open_old(made, error);
    if (code != BASE_OK) {
        store_build_free(made);
        return code;
    }
    *build = made;
    return BASE_OK;
}

/* What winners point to. */
static void free_runs(struct store_build *build)
{
    for (unsigned i = 0; build->workers != NULL && i < build->options.workers; i++) {
        store_runs_free(build->workers[i].runs);
        build->workers[i].runs = NULL;
    }
}

static void free_workers(struct store_build *build)
{
    free_runs(build);
    for (unsigned i = 0; build->workers != NULL && i < build->options.workers; i++) {
        base_buffer_fini(&build->workers[i].key);
        base_buffer_fini(&build->workers[i].bytes);
    }
    free(build->workers);
    build->workers = NULL;
}

static void close_old(struct store_build *build)
{
    if (build->old_cursor != NULL) {
        mdb_cursor_close(build->old_cursor);
        build->old_cursor = NULL;
    }
    if (build->old_txn != NULL) {
        mdb_txn_abort(build->old_txn);
        build->old_txn = NULL;
    }
    store_env_close(&build->old);
}

void store_build_free(struct store_build *build)
{
    if (build == NULL) {
        return;
    }
    if (build->gathered) {
        store_winners_fini(&build->winners);
    }
    free_workers(build);
    close_old(build);
    free(build);
}

enum base_code store_build_add(struct store_build *build, unsigned worker,
                               const struct model_record *record, struct base_error *error)
{
    BASE_ASSERT(worker < build->options.workers);
    struct worker *to = &build->workers[worker];
    base_buffer_clear(&to->key);
    base_buffer_clear(&to->bytes);
    model_record_append_key(record, &to->key);
    model_record_encode(record, &to->bytes);
    if (to->key.failed || to->bytes.failed) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for a record");
    }
    to->received++;
    return store_runs_add(to->runs, base_buffer_slice(&to->key), base_buffer_slice(&to->bytes),
                          error);
}

/* The source records of the present store: rows begin with the number of their entity. */
static bool next_old(void *context, struct base_slice *key, struct base_slice *bytes)
{
    struct store_build *build = context;
    MDB_val found_key;
    MDB_val found;
    int code = mdb_cursor_get(build->old_cursor, &found_key, &found, MDB_NEXT);
    if (code != MDB_SUCCESS) {
        if (code != MDB_NOTFOUND) {
            build->old_code = store_env_fail(&build->old_error, code, "read the present store");
        }
        return false;
    }
    struct base_slice row;
    build->old_code = store_env_check(STORE_SOURCE, store_slice(found_key), store_slice(found),
                                      &row, &build->old_error);
    if (build->old_code == BASE_OK && row.size < 4) {
        build->old_code = base_fail(&build->old_error, BASE_DATA_LOSS,
                                    "table source: a row is cut; run hirschd verify");
    }
    if (build->old_code != BASE_OK) {
        return false;
    }
    build->before++;
    *key = store_slice(found_key);
    *bytes = base_slice(row.data + 4, row.size - 4);
    return true;
}

/* with_old: what the present store holds takes part. */
static enum base_code collect(struct store_build *build, bool with_old,
                              struct store_scratch *scratch, struct store_winners *winners,
                              struct base_error *error)
{
    unsigned count = build->options.workers;
    struct store_runs **runs = calloc(count, sizeof *runs);
    if (runs == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    enum base_code code = BASE_OK;
    for (unsigned i = 0; code == BASE_OK && i < count; i++) {
        runs[i] = build->workers[i].runs;
        code = store_runs_finish(runs[i], error);
    }
    struct store_stream old = {build, next_old};
    struct store_merge *merge = NULL;
    if (code == BASE_OK) {
        size_t streams = with_old && build->old.env != NULL ? 1 : 0;
        code = store_merge_new(runs, count, &old, streams, &merge, error);
    }
    if (code == BASE_OK) {
        code = store_winners_collect(winners, merge, scratch, error);
    }
    if (code == BASE_OK && build->old_code != BASE_OK) {
        code = build->old_code;
        if (error != NULL) {
            *error = build->old_error;
        }
    }
    store_merge_free(merge);
    free(runs);
    return code;
}

void store_build_counts(const struct store_build *build, uint64_t *received, uint64_t *before)
{
    *received = 0;
    for (unsigned i = 0; i < build->options.workers; i++) {
        *received += build->workers[i].received;
    }
    *before = build->old_meta.info.source_count;
}

enum base_code store_build_gather(struct store_build *build, const struct store_record **records,
                                  size_t *count, uint64_t *superseded, struct base_error *error)
{
    BASE_ASSERT(!build->gathered);
    close_old(build);
    build->scratch = (struct store_scratch){build->options.directory, build->options.memory / 4, 0};
    store_winners_init(&build->winners, &build->scratch);
    build->gathered = true;
    enum base_code code = collect(build, false, &build->scratch, &build->winners, error);
    if (code == BASE_OK) {
        *records = build->winners.records.data;
        *count = build->winners.records.size / sizeof **records;
        *superseded = build->winners.superseded;
    }
    return code;
}

static enum base_code random_bytes(uint8_t *to, size_t size, struct base_error *error)
{
    if (getrandom(to, size, 0) != (ssize_t)size) {
        return base_fail(error, BASE_INTERNAL, "the system gives no random bytes");
    }
    return BASE_OK;
}

/* A bulk load is one entry of the log, the only one of its generation. */
static enum base_code write_log(struct store_writer *writer, const struct store_meta *meta,
                                uint64_t time, struct base_error *error)
{
    struct store_log_entry entry = {
        .kind = STORE_LOG_BULK, .time = time, .sources = meta->info.source_count};
    struct base_buffer bytes = BASE_BUFFER_EMPTY;
    struct store_log log = {0};
    memcpy(entry.run, meta->info.epoch, STORE_LOG_RUN);
    store_log_begin(&bytes, &entry);
    enum base_code code = BASE_OK;
    if (bytes.failed) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    } else {
        code = store_log_append(&log, writer->env, writer->txn, meta->info.sequence,
                                base_buffer_slice(&bytes), error);
    }
    if (code == BASE_OK) {
        writer->rows[STORE_LOG] = log.rows;
        code = store_log_write(writer->env, writer->txn, &log, error);
    }
    base_buffer_fini(&bytes);
    return code;
}

/* The day that was given to this import, or to the one whose store is upgraded; MODEL_NO_DAY: none
 * was. Where an old format does not say, it was if the records give another one. */
static uint32_t given_coverage(const struct store_build *build, uint32_t derived)
{
    const struct store_meta *old = &build->old_meta;
    if (!build->options.upgrade) {
        return build->options.coverage_end;
    }
    bool given = old->info.format < STORE_FORMAT_COVERAGE ? old->info.coverage_end != derived
                                                          : old->coverage_given;
    return given ? old->info.coverage_end : MODEL_NO_DAY;
}

static enum base_code write_meta(struct store_build *build, struct store_writer *writer,
                                 const struct store_derive_report *derived,
                                 struct base_error *error)
{
    uint32_t given = given_coverage(build, derived->coverage_end);
    struct store_meta meta = {
        .info = {.format = STORE_FORMAT,
                 .sequence = build->old_meta.info.sequence + 1,
                 .coverage_end = given != MODEL_NO_DAY ? given : derived->coverage_end,
                 .paper_count = derived->papers,
                 .stub_count = derived->stubs,
                 .author_count = derived->authors,
                 .citation_count = derived->edges,
                 .source_count = derived->sources,
                 .merged_count = derived->merged,
                 .disputed_count = derived->disputed},
        .coverage_given = given != MODEL_NO_DAY};
    enum base_code code = random_bytes(meta.info.epoch, STORE_EPOCH, error);
    if (code == BASE_OK && build->old.env == NULL) {
        code = random_bytes(meta.info.dataset, STORE_EPOCH, error);
    } else {
        memcpy(meta.info.dataset, build->old_meta.info.dataset, STORE_EPOCH);
    }
    if (code == BASE_OK) {
        code = write_log(writer, &meta, build->options.time, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    memcpy(meta.rows, writer->rows, sizeof meta.rows);
    return store_meta_write(writer->env, writer->txn, &meta, error);
}

static enum base_code end_rows(void *context, bool well, struct base_error *error)
{
    struct store_writer *writer = context;
    if (well) {
        return store_writer_commit(writer, error);
    }
    store_writer_abort(writer);
    return BASE_OK;
}

/* Derives, compresses and writes, each on a thread of its own where there are several. */
static enum base_code write_rows(struct store_build *build, struct store_writer *writer,
                                 const struct store_winners *winners,
                                 struct base_dictionary **dictionary,
                                 struct store_derive_report *derived, struct base_error *error)
{
    const struct store_record *records = winners->records.data;
    size_t count = winners->records.size / sizeof *records;
    bool threaded = build->options.workers > 1;
    const struct store_derive_options options = {
        .directory = build->options.directory,
        .memory = build->options.memory / 2,
        .today = build->options.today,
        .sequence = build->old_meta.info.sequence + 1,
        .threads = build->options.workers,
        .packer = build->options.packer,
        .stop = build->options.stop,
    };
    const struct store_pipe_work work = {.sink = store_writer_sink(writer), .end = end_rows};
    struct store_pipe *pipe;
    struct store_abstracts *abstracts;
    enum base_code code = store_pipe_open(&work, threaded, &pipe, error);
    if (code != BASE_OK) {
        return code;
    }
    struct store_sink sink = store_pipe_sink(pipe);
    code = store_abstracts_open(records, count, &sink, threaded, &abstracts, error);
    if (code == BASE_OK) {
        sink = store_abstracts_sink(abstracts);
        code = store_derive(records, count, &options, &sink, derived, error);
        /* An upgrade opens records only: what an older version answered is let go of. */
        if (code == BASE_OK && build->old.env != NULL && !build->options.upgrade) {
            code = store_idem_carry(&build->old, build->old_txn, build->options.time, &sink, error);
        }
        bool well = code == BASE_OK;
        enum base_code closed =
            store_abstracts_close(abstracts, well, dictionary, well ? error : NULL);
        code = well ? closed : code;
    }
    bool well = code == BASE_OK;
    enum base_code closed = store_pipe_close(pipe, well, well ? error : NULL);
    return well ? closed : code;
}

static enum base_code put_dictionary(struct store_writer *writer,
                                     const struct base_dictionary *dictionary,
                                     struct base_error *error)
{
    enum base_code code = store_writer_begin(writer, error);
    return code != BASE_OK || dictionary == NULL
               ? code
               : store_env_put(writer->env, writer->txn, STORE_META,
                               base_slice_text(STORE_META_DICTIONARY),
                               base_dictionary_bytes(dictionary), 0, error);
}

static enum base_code write_generation(struct store_build *build, const struct store_env *env,
                                       const struct store_winners *winners,
                                       struct store_build_report *report, struct base_error *error)
{
    struct store_writer writer;
    struct base_dictionary *dictionary = NULL;
    store_writer_init(&writer, env);
    enum base_code code = write_rows(build, &writer, winners, &dictionary, &report->derived, error);
    if (code == BASE_OK) {
        code = put_dictionary(&writer, dictionary, error);
    }
    if (code == BASE_OK) {
        code = write_meta(build, &writer, &report->derived, error);
    }
    if (code == BASE_OK) {
        code = store_writer_commit(&writer, error);
    }
    store_writer_fini(&writer);
    base_dictionary_free(dictionary);
    /* The disk is at work meanwhile. */
    free_runs(build);
    return code == BASE_OK ? store_env_sync(env, error) : code;
}

static uint64_t size_of(const char *path)
{
    char file[STORE_PATH];
    struct stat info;
    if (store_directory_path(path, "data.mdb", file, NULL) != BASE_OK || stat(file, &info) != 0) {
        return 0;
    }
    return (uint64_t)info.st_size;
}

enum base_code store_build_finish(struct store_build *build, struct store_build_report *report,
                                  struct base_error *error)
{
    struct store_build_report counted = {0};
    struct store_scratch scratch = {build->options.directory, build->options.memory / 4, 0};
    struct store_winners winners;
    struct store_env env = {0};
    char name[32] = "";
    char path[STORE_PATH];
    store_winners_init(&winners, &scratch);
    enum base_code code = collect(build, true, &scratch, &winners, error);
    if (code == BASE_OK) {
        code = store_directory_next(build->options.directory, name, path, error);
    }
    if (code == BASE_OK) {
        code = store_env_open(path, build->options.map_size, STORE_ENV_CREATE, &env, error);
    }
    if (code == BASE_OK) {
        code = write_generation(build, &env, &winners, &counted, error);
        store_env_close(&env);
    }
    code = store_directory_end(build->options.directory, name, code, error);
    if (code == BASE_OK) {
        uint64_t present;
        store_build_counts(build, &counted.received, &present);
        counted.before = build->before;
        counted.superseded = winners.superseded;
        counted.suppressed = winners.suppressed;
        counted.bytes = size_of(path);
        *report = counted;
    }
    store_winners_fini(&winners);
    return code;
}
