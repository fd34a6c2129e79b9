#include "store/writer.h"

/* Dirty pages are memory until they are committed. */
enum { COMMIT_EVERY = 64 * 1024 * 1024, ABSTRACT_LEVEL = 3 };

enum base_code store_writer_init(struct store_writer *writer, const struct store_env *env,
                                 struct base_error *error)
{
    *writer = (struct store_writer){.env = env};
    writer->compressor = base_compressor_new(ABSTRACT_LEVEL);
    if (writer->compressor == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    int code = mdb_txn_begin(env->env, NULL, 0, &writer->txn);
    if (code != MDB_SUCCESS) {
        base_compressor_free(writer->compressor);
        writer->compressor = NULL;
        return store_env_fail(error, code, "begin");
    }
    return BASE_OK;
}

void store_writer_fini(struct store_writer *writer)
{
    if (writer->txn != NULL) {
        mdb_txn_abort(writer->txn);
    }
    base_compressor_free(writer->compressor);
    base_buffer_fini(&writer->compressed);
    *writer = (struct store_writer){0};
}

enum base_code store_writer_commit(struct store_writer *writer, struct base_error *error)
{
    int code = mdb_txn_commit(writer->txn);
    writer->txn = NULL;
    writer->pending = 0;
    if (code != MDB_SUCCESS) {
        return store_env_fail(error, code, "commit");
    }
    code = mdb_txn_begin(writer->env->env, NULL, 0, &writer->txn);
    if (code != MDB_SUCCESS) {
        writer->txn = NULL;
        return store_env_fail(error, code, "begin");
    }
    return BASE_OK;
}

static enum base_code put(struct store_writer *writer, enum store_table table,
                          struct base_slice key, struct base_slice bytes, struct base_error *error)
{
    enum base_code code =
        store_env_put(writer->env, writer->txn, table, key, bytes, MDB_APPEND, error);
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
    struct store_writer *writer = context;
    if (table == STORE_ABSTRACT) {
        base_buffer_clear(&writer->compressed);
        enum base_code code = base_compress(writer->compressor, bytes, &writer->compressed, error);
        if (code != BASE_OK) {
            return code;
        }
        bytes = base_buffer_slice(&writer->compressed);
    }
    return put(writer, table, key, bytes, error);
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
    return (struct store_sink){writer, write_row, write_list};
}
