#include "store/rows.h"

#include <string.h>

/* Dirty pages are memory until they are committed. */
enum { COMMIT_EVERY = 64 * 1024 * 1024, LOOK_AT_STOP_EVERY = 1024 };

static enum base_code read_table(const struct store_env *env, MDB_txn *txn, enum store_table table,
                                 const struct store_rows_sink *sink, const volatile int *stop,
                                 struct base_error *error)
{
    MDB_cursor *cursor;
    int found = mdb_cursor_open(txn, env->tables[table], &cursor);
    if (found != MDB_SUCCESS) {
        return store_env_fail(error, found, store_table_name(table));
    }
    enum base_code code = BASE_OK;
    size_t rows = 0;
    MDB_val key;
    MDB_val value;
    while (code == BASE_OK &&
           (found = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == MDB_SUCCESS) {
        struct base_slice ignored;
        code = store_env_check(table, store_slice(key), store_slice(value), &ignored, error);
        if (code == BASE_OK) {
            code = sink->row(sink->context, table, store_slice(key), store_slice(value), error);
        }
        if (code == BASE_OK && ++rows % LOOK_AT_STOP_EVERY == 0 && stop != NULL && *stop) {
            code = base_fail(error, BASE_CANCELLED, "stopped by a signal");
        }
    }
    mdb_cursor_close(cursor);
    if (code != BASE_OK) {
        return code;
    }
    if (found != MDB_NOTFOUND) {
        return store_env_fail(error, found, store_table_name(table));
    }
    MDB_stat stat;
    mdb_stat(txn, env->tables[table], &stat);
    if (stat.ms_entries != rows) {
        return base_fail(error, BASE_DATA_LOSS,
                         "table %s says that it has %zu rows, but %zu were found; run hirschd "
                         "verify",
                         store_table_name(table), stat.ms_entries, rows);
    }
    return BASE_OK;
}

enum base_code store_rows_read(const struct store_env *env, MDB_txn *txn,
                               const struct store_rows_sink *sink, const volatile int *stop,
                               struct base_error *error)
{
    for (int table = 0; table < STORE_TABLE_END; table++) {
        enum base_code code = read_table(env, txn, (enum store_table)table, sink, stop, error);
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}

static enum base_code begin(struct store_rows_writer *writer, struct base_error *error)
{
    int code = mdb_txn_begin(writer->env->env, NULL, 0, &writer->txn);
    if (code != MDB_SUCCESS) {
        writer->txn = NULL;
        return store_env_fail(error, code, "begin");
    }
    return BASE_OK;
}

enum base_code store_rows_writer_init(struct store_rows_writer *writer, const struct store_env *env,
                                      struct base_error *error)
{
    *writer = (struct store_rows_writer){.env = env};
    return begin(writer, error);
}

void store_rows_writer_fini(struct store_rows_writer *writer)
{
    if (writer->txn != NULL) {
        mdb_txn_abort(writer->txn);
        writer->txn = NULL;
    }
}

enum base_code store_rows_commit(struct store_rows_writer *writer, struct base_error *error)
{
    int code = mdb_txn_commit(writer->txn);
    writer->txn = NULL;
    writer->pending = 0;
    return code == MDB_SUCCESS ? BASE_OK : store_env_fail(error, code, "commit");
}

enum base_code store_rows_put(struct store_rows_writer *writer, enum store_table table,
                              struct base_slice key, struct base_slice value,
                              struct base_error *error)
{
    MDB_val where = store_val(key);
    MDB_val what = store_val(value);
    int failed = key.size == 0 || key.size > STORE_KEY_MOST
                     ? MDB_BAD_VALSIZE
                     : mdb_put(writer->txn, writer->env->tables[table], &where, &what, MDB_APPEND);
    if (failed == MDB_KEYEXIST || failed == MDB_BAD_VALSIZE) {
        return base_fail(error, BASE_DATA_LOSS,
                         "table %s: a key of %zu bytes is none or is not in order",
                         store_table_name(table), key.size);
    }
    if (failed != MDB_SUCCESS) {
        enum base_code code = store_env_fail(error, failed, "write");
        base_error_prefix(error, "table %s", store_table_name(table));
        return code;
    }
    writer->pending += key.size + value.size;
    if (writer->pending < COMMIT_EVERY) {
        return BASE_OK;
    }
    enum base_code code = store_rows_commit(writer, error);
    return code == BASE_OK ? begin(writer, error) : code;
}
