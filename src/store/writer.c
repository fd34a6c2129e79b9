#include "store/writer.h"

#include <fcntl.h>

/* Dirty pages are memory until they are committed, and a few MB of it that are used again and again
 * stay in the cache. */
enum { COMMIT_EVERY = 4 * 1024 * 1024 };

void store_writer_init(struct store_writer *writer, const struct store_env *env)
{
    *writer = (struct store_writer){.env = env};
}

void store_writer_fini(struct store_writer *writer)
{
    store_writer_abort(writer);
}

enum base_code store_writer_begin(struct store_writer *writer, struct base_error *error)
{
    if (writer->txn != NULL) {
        return BASE_OK;
    }
    int code = mdb_txn_begin(writer->env->env, NULL, 0, &writer->txn);
    if (code != MDB_SUCCESS) {
        writer->txn = NULL;
        return store_env_fail(error, code, "begin");
    }
    return BASE_OK;
}

/* The cursors go with the transaction. */
static MDB_txn *take_txn(struct store_writer *writer)
{
    MDB_txn *txn = writer->txn;
    writer->txn = NULL;
    writer->pending = 0;
    memset(writer->cursors, 0, sizeof writer->cursors);
    return txn;
}

void store_writer_abort(struct store_writer *writer)
{
    if (writer->txn != NULL) {
        mdb_txn_abort(take_txn(writer));
    }
}

enum base_code store_writer_commit(struct store_writer *writer, struct base_error *error)
{
    mdb_filehandle_t file;
    if (writer->txn == NULL) {
        return BASE_OK;
    }
    int code = mdb_txn_commit(take_txn(writer));
    if (code != MDB_SUCCESS) {
        return store_env_fail(error, code, "commit");
    }
    /* The disk begins at once, so that the sync at the end has little left to wait for. What goes
     * wrong here goes wrong there. */
    if (mdb_env_get_fd(writer->env->env, &file) == MDB_SUCCESS) {
        sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE);
    }
    return BASE_OK;
}

static enum base_code put(struct store_writer *writer, enum store_table table,
                          struct base_slice key, struct base_slice bytes, struct base_error *error)
{
    enum base_code code = store_writer_begin(writer, error);
    MDB_cursor **cursor = &writer->cursors[table];
    if (code == BASE_OK && *cursor == NULL) {
        int failed = mdb_cursor_open(writer->txn, writer->env->tables[table], cursor);
        code = failed == MDB_SUCCESS ? BASE_OK
                                     : store_env_fail(error, failed, store_table_name(table));
    }
    if (code == BASE_OK) {
        code = store_env_append(*cursor, table, key, bytes, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    writer->rows[table]++;
    writer->pending += key.size + bytes.size;
    return writer->pending >= COMMIT_EVERY ? store_writer_commit(writer, error) : BASE_OK;
}

static enum base_code write_row(void *context, enum store_table table, struct base_slice key,
                                struct base_slice bytes, struct base_error *error)
{
    return put(context, table, key, bytes, error);
}

static enum base_code write_list(void *context, enum store_table table, struct base_slice owner,
                                 struct base_slice entries, struct base_error *error)
{
    const struct store_list_format *format = store_list_format(table);
    size_t most = store_chunk_most(format, owner.size);
    uint8_t key[STORE_KEY_MOST];
    BASE_ASSERT(owner.size + format->suffix_size <= sizeof key);
    memcpy(key, owner.data, owner.size);
    size_t count = entries.size / format->entry_size;
    for (size_t from = 0; from < count; from += most) {
        size_t taken = count - from < most ? count - from : most;
        const char *chunk = entries.data + from * format->entry_size;
        format->suffix(chunk, key + owner.size);
        enum base_code code = put(context, table, base_slice(key, owner.size + format->suffix_size),
                                  base_slice(chunk, taken * format->entry_size), error);
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}

struct store_sink store_writer_sink(struct store_writer *writer)
{
    return (struct store_sink){.context = writer, .row = write_row, .list = write_list};
}
