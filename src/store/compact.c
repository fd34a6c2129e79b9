#include "store/compact.h"

#include <sys/stat.h>

#include "store/directory.h"
#include "store/reader.h"
#include "store/rows.h"

struct compact {
    struct store_rows_writer writer;
    uint64_t rows;
};

static enum base_code on_row(void *context, enum store_table table, struct base_slice key,
                             struct base_slice value, struct base_error *error)
{
    struct compact *compact = context;
    compact->rows++;
    return store_rows_put(&compact->writer, table, key, value, error);
}

static enum base_code copy(struct store *store, MDB_txn *txn, const struct store_env *to,
                           const volatile int *stop, uint64_t *rows, struct base_error *error)
{
    struct compact compact = {.rows = 0};
    enum base_code code = store_rows_writer_init(&compact.writer, to, error);
    if (code != BASE_OK) {
        return code;
    }
    const struct store_rows_sink sink = {&compact, on_row};
    code = store_rows_read(&store->env, txn, &sink, stop, error);
    if (code == BASE_OK) {
        code = store_rows_commit(&compact.writer, error);
    }
    store_rows_writer_fini(&compact.writer);
    *rows = compact.rows;
    return code;
}

static uint64_t size_of(const char *generation)
{
    char path[STORE_PATH];
    struct stat info;
    return store_directory_path(generation, "data.mdb", path, NULL) == BASE_OK &&
                   stat(path, &info) == 0
               ? (uint64_t)info.st_size
               : 0;
}

static enum base_code rewrite(const char *directory, uint64_t map_size, struct store *store,
                              MDB_txn *txn, const volatile int *stop,
                              struct store_compact_report *report, struct base_error *error)
{
    char name[32] = "";
    char path[STORE_PATH];
    uint64_t used;
    uint64_t ignored;
    struct store_env env;
    enum base_code code = store_env_used(&store->env, txn, &used, &ignored, error);
    if (code == BASE_OK) {
        code = store_directory_next(directory, name, path, error);
    }
    if (code == BASE_OK) {
        code = store_env_open(path, store_rows_map_size(map_size, used), STORE_ENV_CREATE, &env,
                              error);
    }
    if (code == BASE_OK) {
        code = copy(store, txn, &env, stop, &report->rows, error);
        if (code == BASE_OK) {
            code = store_env_sync(&env, error);
        }
        store_env_close(&env);
    }
    code = store_directory_end(directory, name, code, error);
    if (code == BASE_OK) {
        report->after = size_of(path);
    }
    return code;
}

enum base_code store_compact(const char *directory, uint64_t map_size, const volatile int *stop,
                             struct store_compact_report *report, struct base_error *error)
{
    struct store_compact_report counted = {0};
    struct store *store;
    char present[STORE_PATH];
    enum base_code code = store_directory_current(directory, present, error);
    if (code == BASE_OK) {
        code = store_open(directory, map_size, &store, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    counted.before = size_of(present);
    MDB_txn *txn;
    int failed = mdb_txn_begin(store->env.env, NULL, MDB_RDONLY, &txn);
    if (failed != MDB_SUCCESS) {
        code = store_env_fail(error, failed, "begin");
    } else {
        code = rewrite(directory, map_size, store, txn, stop, &counted, error);
        mdb_txn_abort(txn);
    }
    store_close(store);
    if (code == BASE_OK) {
        *report = counted;
    }
    return code;
}
