#include "store/verify.h"

#include "store/compare.h"
#include "store/directory.h"
#include "store/log.h"
#include "store/meta.h"
#include "store/pages.h"
#include "store/pipe.h"
#include "store/scratch.h"

/* A writer may commit twice before the pages of a snapshot are found. */
enum { SNAPSHOT_TRIES = 100 };

struct verify {
    const struct store_verify_options *options;
    struct store_verify_report *report;
    struct store_compare compare;
    MDB_txn *numbers; /* the same snapshot, for the thread that derives */
    struct store_meta meta;
    bool has_meta;
    uint32_t
        last[3]; /* greatest number in the tables of authors and papers, by enum model_entity */
    uint64_t table_faults[STORE_TABLE_END];
    struct store_log log;    /* as counted by the scan */
    uint64_t log_last;       /* sequence of its newest entry */
    struct base_arena arena; /* one entry of the log */
    struct base_error *error;
};

static void forward_fault(void *context, const char *text)
{
    struct verify *verify = context;
    verify->options->on_fault(verify->options->context, text);
}

/* Entries in order, each place once, and the key the one of the first entry. */
static void scan_chunk(struct verify *verify, enum store_table table, struct base_slice key,
                       struct base_slice bytes)
{
    const struct store_list_format *format = store_list_format(table);
    char text[MODEL_ID_TEXT + 64];
    store_key_text(table, key, text);
    size_t count = bytes.size / format->entry_size;
    if (key.size <= format->suffix_size || count == 0 || bytes.size % format->entry_size != 0) {
        store_compare_fault(&verify->compare, "table %s: chunk %s is malformed",
                            store_table_name(table), text);
        return;
    }
    if (STORE_NODE_HEADER + key.size + bytes.size + STORE_CHECKSUM > STORE_NODE_MOST) {
        store_compare_fault(&verify->compare, "table %s: chunk %s is too large",
                            store_table_name(table), text);
    }
    uint8_t suffix[16];
    format->suffix(bytes.data, suffix);
    if (memcmp(key.data + key.size - format->suffix_size, suffix, format->suffix_size) != 0) {
        store_compare_fault(&verify->compare,
                            "table %s: chunk %s does not begin with the entry its "
                            "key names",
                            store_table_name(table), text);
    }
    for (size_t i = 1; i < count; i++) {
        const char *entry = bytes.data + i * format->entry_size;
        if (format->compare(entry - format->entry_size, entry) >= 0) {
            store_compare_fault(&verify->compare, "table %s: chunk %s is out of order at entry %zu",
                                store_table_name(table), text, i + 1);
            return;
        }
    }
}

/* Every change from the oldest that is kept to the newest, each readable to its last record. */
static void scan_entry(struct verify *verify, struct base_slice key, struct base_slice bytes)
{
    struct base_error error;
    uint64_t sequence = key.size == 8 ? base_get_be64(key.data) : 0;
    if (verify->log.rows > 0 && sequence != verify->log_last + 1) {
        store_compare_fault(&verify->compare, "table log: %llu follows upon %llu",
                            (unsigned long long)sequence, (unsigned long long)verify->log_last);
    }
    if (store_log_check(bytes, &verify->arena, &error) != BASE_OK) {
        store_compare_fault(&verify->compare, "table log, sequence %llu: %s",
                            (unsigned long long)sequence, error.text);
    }
    verify->log_last = sequence;
    store_log_count(&verify->log, bytes.size);
}

static void check_log(struct verify *verify)
{
    struct store_log stored;
    struct base_error error;
    if (store_log_read(verify->compare.env, verify->compare.txn, &stored, &error) != BASE_OK) {
        store_compare_fault(&verify->compare, "%s", error.text);
    } else if (stored.bytes != verify->log.bytes || stored.rows != verify->log.rows) {
        store_compare_fault(
            &verify->compare, "table log takes %llu bytes in %llu rows, meta says %llu in %llu",
            (unsigned long long)verify->log.bytes, (unsigned long long)verify->log.rows,
            (unsigned long long)stored.bytes, (unsigned long long)stored.rows);
    }
    if (verify->has_meta && verify->log_last != verify->meta.info.sequence) {
        store_compare_fault(&verify->compare, "table log ends at %llu, meta says %llu",
                            (unsigned long long)verify->log_last,
                            (unsigned long long)verify->meta.info.sequence);
    }
}

static void scan_row(struct verify *verify, enum store_table table, MDB_val key, MDB_val value)
{
    struct base_error error;
    struct base_slice bytes;
    if (store_env_check(table, store_slice(key), store_slice(value), &bytes, &error) != BASE_OK) {
        store_compare_fault(&verify->compare, "%s", error.text);
    } else if (store_list_format(table) != NULL) {
        scan_chunk(verify, table, store_slice(key), bytes);
    } else if (table == STORE_LOG) {
        scan_entry(verify, store_slice(key), bytes);
    }
}

static enum base_code scan_table(struct verify *verify, enum store_table table)
{
    MDB_cursor *cursor;
    const struct store_env *env = verify->compare.env;
    int code = mdb_cursor_open(verify->compare.txn, env->tables[table], &cursor);
    if (code != MDB_SUCCESS) {
        return store_env_fail(verify->error, code, store_table_name(table));
    }
    uint64_t faults = verify->compare.faults;
    uint64_t rows = 0;
    MDB_val key;
    MDB_val value;
    struct base_slice last = {NULL, 0};
    while ((code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == MDB_SUCCESS) {
        if (last.data != NULL && base_slice_compare(last, store_slice(key)) >= 0) {
            store_compare_fault(&verify->compare, "table %s: keys are out of order",
                                store_table_name(table));
        }
        last = store_slice(key);
        rows++;
        scan_row(verify, table, key, value);
    }
    mdb_cursor_close(cursor);
    if (code != MDB_NOTFOUND) {
        store_compare_fault(&verify->compare, "table %s cannot be read on: %s",
                            store_table_name(table), mdb_strerror(code));
    }
    if (last.size == 4) {
        verify->last[MODEL_AUTHOR] =
            table == STORE_AUTHOR ? base_get_be32(last.data) : verify->last[MODEL_AUTHOR];
        verify->last[MODEL_PAPER] =
            table == STORE_PAPER ? base_get_be32(last.data) : verify->last[MODEL_PAPER];
    }
    if (verify->has_meta && table != STORE_META && !store_table_is_refreshed(table) &&
        rows != verify->meta.rows[table]) {
        store_compare_fault(&verify->compare, "table %s holds %llu rows, meta says %llu",
                            store_table_name(table), (unsigned long long)rows,
                            (unsigned long long)verify->meta.rows[table]);
    }
    verify->report->rows += rows;
    verify->table_faults[table] = verify->compare.faults - faults;
    return BASE_OK;
}

static enum base_code scan(struct verify *verify)
{
    struct base_error error;
    verify->has_meta =
        store_meta_read(verify->compare.env, verify->compare.txn, &verify->meta, &error) == BASE_OK;
    if (!verify->has_meta) {
        store_compare_fault(&verify->compare, "%s", error.text);
    }
    enum base_code code = BASE_OK;
    for (int table = 0; code == BASE_OK && table < STORE_TABLE_END; table++) {
        code = scan_table(verify, (enum store_table)table);
    }
    if (code == BASE_OK) {
        check_log(verify);
    }
    return code;
}

/* Numbers as the store has given them. One beyond the tables is no number: the difference shows. */
static uint32_t stored_number(void *context, struct base_slice key)
{
    struct verify *verify = context;
    MDB_val wanted = store_val(key);
    MDB_val found;
    if (mdb_get(verify->numbers, verify->compare.env->tables[STORE_XID], &wanted, &found) !=
            MDB_SUCCESS ||
        found.mv_size < 4) {
        return 0;
    }
    uint32_t number = base_get_le32(found.mv_data);
    return number <= verify->last[(uint8_t)key.data[0]] ? number : 0;
}

static enum base_code collect_records(struct verify *verify, struct store_array *records)
{
    MDB_cursor *cursor;
    int code =
        mdb_cursor_open(verify->compare.txn, verify->compare.env->tables[STORE_SOURCE], &cursor);
    if (code != MDB_SUCCESS) {
        return store_env_fail(verify->error, code, "source");
    }
    enum base_code status = BASE_OK;
    MDB_val key;
    MDB_val value;
    while (status == BASE_OK &&
           (code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == MDB_SUCCESS) {
        struct store_record *record = store_array_extend(records, sizeof *record, verify->error);
        if (record == NULL) {
            status = BASE_RESOURCE_EXHAUSTED;
        } else if (value.mv_size < STORE_CHECKSUM + 4) {
            status = base_fail(verify->error, BASE_DATA_LOSS, "table source: a row is cut");
        } else {
            *record = (struct store_record){
                store_slice(key),
                base_slice((char *)value.mv_data + 4, value.mv_size - STORE_CHECKSUM - 4)};
        }
    }
    mdb_cursor_close(cursor);
    return status;
}

static void compare_meta(struct verify *verify)
{
    const struct store_derive_report *derived = &verify->report->derived;
    const struct store_info *info = &verify->meta.info;
    const struct {
        const char *name;
        uint64_t stored;
        uint64_t counted;
    } counters[] = {
        {"papers", info->paper_count, derived->papers},
        {"stubs", info->stub_count, derived->stubs},
        {"authors", info->author_count, derived->authors},
        {"citations", info->citation_count, derived->edges},
        {"source records", info->source_count, derived->sources},
        {"merged records", info->merged_count, derived->merged},
        {"disputed ids", info->disputed_count, derived->disputed},
    };
    for (size_t i = 0; verify->has_meta && i < sizeof counters / sizeof counters[0]; i++) {
        if (counters[i].stored != counters[i].counted) {
            store_compare_fault(&verify->compare, "meta: %s is %llu, a recount gives %llu",
                                counters[i].name, (unsigned long long)counters[i].stored,
                                (unsigned long long)counters[i].counted);
        }
    }
}

static enum base_code derive_and_compare(struct verify *verify)
{
    struct store_scratch scratch = {verify->options->directory, verify->options->memory / 4, 0};
    struct store_array records;
    store_array_init(&records, &scratch);
    enum base_code code = collect_records(verify, &records);
    if (code == BASE_OK) {
        struct store_derive_options options = {
            .directory = verify->options->directory,
            .memory = verify->options->memory,
            .today = MODEL_NO_DAY,
            .threads = verify->options->threads,
            .packer = verify->options->packer,
            .numbering = {verify, stored_number},
            .stop = verify->options->stop,
        };
        struct store_pipe *pipe;
        const struct store_pipe_work work = {.sink = store_compare_sink(&verify->compare)};
        code = store_pipe_open(&work, options.threads > 1, &pipe, verify->error);
        if (code == BASE_OK) {
            struct store_sink sink = store_pipe_sink(pipe);
            code = store_derive(records.data, records.size / sizeof(struct store_record), &options,
                                &sink, &verify->report->derived, verify->error);
            enum base_code compared =
                store_pipe_close(pipe, code == BASE_OK, code == BASE_OK ? verify->error : NULL);
            code = code == BASE_OK ? compared : code;
        }
    }
    if (code == BASE_OK) {
        store_compare_finish(&verify->compare);
        compare_meta(verify);
        verify->report->compared = true;
    } else if (code == BASE_DATA_LOSS && verify->error != NULL) {
        store_compare_fault(&verify->compare, "%s", verify->error->text);
        code = BASE_OK;
    }
    store_array_fini(&records);
    return code;
}

/* Two transactions of one snapshot: a writer may come between. NULL, both, on failure. */
static enum base_code begin_twice(const struct store_env *env, MDB_txn **first, MDB_txn **second,
                                  struct base_error *error)
{
    for (;;) {
        int code = mdb_txn_begin(env->env, NULL, MDB_RDONLY, first);
        if (code == MDB_SUCCESS) {
            code = mdb_txn_begin(env->env, NULL, MDB_RDONLY, second);
            if (code == MDB_SUCCESS && mdb_txn_id(*first) == mdb_txn_id(*second)) {
                return BASE_OK;
            }
            if (code == MDB_SUCCESS) {
                mdb_txn_abort(*second);
            }
            mdb_txn_abort(*first);
        }
        *first = NULL;
        *second = NULL;
        if (code != MDB_SUCCESS) {
            return store_env_fail(error, code, "begin");
        }
    }
}

/* On a snapshot whose meta page is still there. */
static enum base_code check_pages(struct verify *verify, const struct store_env *env,
                                  const char *path, MDB_txn **txn)
{
    for (int tries = 0; tries < SNAPSHOT_TRIES; tries++) {
        const struct store_pages_look look = {
            .path = path,
            .transaction = mdb_txn_id(*txn),
            .on_fault = forward_fault,
            .context = verify,
        };
        enum base_code code = store_pages_check(&look, &verify->report->faults,
                                                &verify->report->pages, verify->error);
        if (code != BASE_NOT_FOUND) {
            return code;
        }
        mdb_txn_abort(verify->numbers);
        mdb_txn_abort(*txn);
        code = begin_twice(env, txn, &verify->numbers, verify->error);
        if (code != BASE_OK) {
            return code;
        }
    }
    return base_fail(verify->error, BASE_UNAVAILABLE,
                     "a writer commits faster than a snapshot can be looked at; run again");
}

static enum base_code check_rows(struct verify *verify)
{
    verify->report->read = true;
    enum base_code code = scan(verify);
    if (code == BASE_OK && verify->table_faults[STORE_SOURCE] == 0) {
        code = derive_and_compare(verify);
    }
    verify->report->faults = verify->compare.faults;
    return code;
}

enum base_code store_verify(const struct store_verify_options *options,
                            struct store_verify_report *report, struct base_error *error)
{
    struct store_verify_report counted = {0};
    struct verify verify = {.options = options, .report = &counted, .error = error};
    char path[STORE_PATH];
    struct store_env env;
    enum base_code code = store_directory_current(options->directory, path, error);
    if (code == BASE_OK) {
        code = store_env_open(path, options->map_size, STORE_ENV_READ, &env, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    MDB_txn *txn;
    code = begin_twice(&env, &txn, &verify.numbers, error);
    if (code != BASE_OK) {
        goto close_env;
    }
    code = check_pages(&verify, &env, path, &txn);
    if (code == BASE_OK && counted.faults == 0) {
        code = store_compare_init(&verify.compare, &env, txn, forward_fault, &verify, error);
        if (code != BASE_OK) {
            goto abort_txn;
        }
        base_arena_init(&verify.arena, 0);
        code = check_rows(&verify);
        base_arena_fini(&verify.arena);
        store_compare_fini(&verify.compare);
    }
    if (code == BASE_OK) {
        *report = counted;
    }
abort_txn:
    mdb_txn_abort(verify.numbers);
    mdb_txn_abort(txn);
close_env:
    store_env_close(&env);
    return code;
}
