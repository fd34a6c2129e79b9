#include "store/backup.h"

#include <string.h>

#include "base/compress.h"
#include "base/hash.h"
#include "store/reader.h"
#include "store/rows.h"

enum { LEVEL = 1 };

struct backup {
    const struct store_backup_options *options;
    struct store_manifest *manifest;
    struct base_compressor *compressor;
    struct base_buffer plain;
    struct base_buffer stored;
    uint32_t rows; /* in plain */
};

/* Writes what was gathered as one block. */
static enum base_code flush(struct backup *backup, uint8_t kind, struct base_error *error)
{
    base_buffer_clear(&backup->stored);
    if (backup->plain.failed || backup->plain.size > STORE_BLOCK_MOST) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for a block of rows");
    }
    enum base_code code = base_compress(backup->compressor, base_buffer_slice(&backup->plain),
                                        &backup->stored, error);
    if (code != BASE_OK) {
        return code;
    }
    if (backup->stored.failed) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for a block of rows");
    }
    uint8_t head[STORE_BLOCK_HEAD];
    head[0] = kind;
    base_put_le32(head + 1, (uint32_t)backup->manifest->blocks);
    base_put_le32(head + 5, (uint32_t)backup->stored.size);
    base_put_le32(head + 9, (uint32_t)backup->plain.size);
    base_put_le32(head + 13, backup->rows);
    const struct base_slice parts[] = {base_slice(head, STORE_BLOCK_HEAD - 8),
                                       base_buffer_slice(&backup->stored)};
    base_put_le64(head + STORE_BLOCK_HEAD - 8, base_hash64_parts(parts, 2));
    const struct store_backup_options *options = backup->options;
    code = options->write(options->context, base_slice(head, sizeof head), error);
    if (code == BASE_OK) {
        code = options->write(options->context, base_buffer_slice(&backup->stored), error);
    }
    backup->manifest->blocks++;
    backup->rows = 0;
    base_buffer_clear(&backup->plain);
    return code;
}

static enum base_code on_row(void *context, enum store_table table, struct base_slice key,
                             struct base_slice value, struct base_error *error)
{
    struct backup *backup = context;
    size_t before = backup->plain.size;
    base_buffer_append_byte(&backup->plain, (uint8_t)table);
    base_buffer_append_varint(&backup->plain, key.size);
    base_buffer_append_slice(&backup->plain, key);
    base_buffer_append_varint(&backup->plain, value.size);
    base_buffer_append_slice(&backup->plain, value);
    if (!backup->plain.failed) {
        store_manifest_count(backup->manifest, table,
                             base_slice(backup->plain.data + before, backup->plain.size - before));
        backup->rows++;
    }
    return backup->plain.failed || backup->plain.size >= STORE_BLOCK_FULL
               ? flush(backup, STORE_BLOCK_ROWS, error)
               : BASE_OK;
}

static enum base_code write_stream(struct backup *backup, const struct store_env *env, MDB_txn *txn,
                                   struct base_error *error)
{
    struct store_manifest *manifest = backup->manifest;
    const struct store_backup_options *options = backup->options;
    struct store_meta meta;
    uint64_t map_size;
    enum base_code code = store_meta_read(env, txn, &meta, error);
    if (code == BASE_OK) {
        code = store_env_used(env, txn, &manifest->store_bytes, &map_size, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    manifest->info = meta.info;
    manifest->created = options->created;
    uint8_t head[STORE_MANIFEST_HEAD];
    store_manifest_put_head(manifest, head);
    code = options->write(options->context, base_slice(head, sizeof head), error);
    const struct store_rows_sink sink = {backup, on_row};
    if (code == BASE_OK) {
        code = store_rows_read(env, txn, &sink, options->stop, error);
    }
    if (code == BASE_OK && backup->rows > 0) {
        code = flush(backup, STORE_BLOCK_ROWS, error);
    }
    if (code == BASE_OK) {
        store_manifest_text(manifest, &backup->plain);
        code = flush(backup, STORE_BLOCK_MANIFEST, error);
        manifest->blocks--; /* those of rows */
    }
    return code;
}

enum base_code store_backup(const struct store_backup_options *options,
                            struct store_manifest *manifest, struct base_error *error)
{
    struct store *store;
    enum base_code code = store_open(options->directory, options->map_size, &store, error);
    if (code != BASE_OK) {
        return code;
    }
    struct store_manifest counted = {0};
    struct backup backup = {.options = options, .manifest = &counted};
    MDB_txn *txn;
    int failed = mdb_txn_begin(store->env.env, NULL, MDB_RDONLY, &txn);
    if (failed != MDB_SUCCESS) {
        code = store_env_fail(error, failed, "begin");
        goto close_store;
    }
    backup.compressor = base_compressor_new(LEVEL);
    if (backup.compressor == NULL) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
        goto abort;
    }
    code = write_stream(&backup, &store->env, txn, error);
    if (code == BASE_OK) {
        *manifest = counted;
    }
    base_compressor_free(backup.compressor);
    base_buffer_fini(&backup.plain);
    base_buffer_fini(&backup.stored);
abort:
    mdb_txn_abort(txn);
close_store:
    store_close(store);
    return code;
}
