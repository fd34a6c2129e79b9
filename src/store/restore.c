#include "store/restore.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/compress.h"
#include "base/hash.h"
#include "store/backup.h"
#include "store/directory.h"
#include "store/meta.h"
#include "store/rows.h"

/* The row of the store's own facts begins alike in all formats: format u32, epoch, dataset. */
enum { INFO_EPOCH = 4, INFO_DATASET = INFO_EPOCH + STORE_EPOCH };

struct restore {
    const struct store_restore_options *options;
    struct store_manifest manifest;
    struct base_decompressor *decompressor;
    struct base_arena arena; /* one block at a time */
    struct base_buffer stored;
    struct store_rows_writer *writer; /* NULL: only looks */
    uint8_t epoch[STORE_EPOCH];       /* the new one */
    bool has_info;
};

/* Fills all of to, or says that the backup ends here. *ended, which may be NULL: nothing came at
 * all. */
static enum base_code read_all(struct restore *restore, void *to, size_t size, bool *ended,
                               struct base_error *error)
{
    size_t have = 0;
    while (have < size) {
        size_t got = 0;
        enum base_code code = restore->options->read(restore->options->context, (char *)to + have,
                                                     size - have, &got, error);
        if (code != BASE_OK) {
            return code;
        }
        if (got == 0 && have == 0 && ended != NULL) {
            *ended = true;
            return BASE_OK;
        }
        if (got == 0) {
            return base_fail(error, BASE_DATA_LOSS,
                             "the backup is cut behind block %llu; take another one",
                             (unsigned long long)restore->manifest.blocks);
        }
        have += got;
    }
    return BASE_OK;
}

static enum base_code damaged(struct restore *restore, struct base_error *error, const char *what)
{
    return base_fail(error, BASE_DATA_LOSS,
                     "the backup is damaged: block %llu %s; take another one",
                     (unsigned long long)restore->manifest.blocks, what);
}

/* The row of the store's own facts gets the new epoch. */
static enum base_code put_info(struct restore *restore, struct base_slice key,
                               struct base_slice value, struct base_error *error)
{
    if (value.size < INFO_EPOCH + STORE_EPOCH + STORE_CHECKSUM) {
        return damaged(restore, error, "has no facts of the store");
    }
    char *row = base_arena_alloc(&restore->arena, value.size);
    if (row == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    memcpy(row, value.data, value.size);
    memcpy(row + INFO_EPOCH, restore->epoch, STORE_EPOCH);
    size_t size = value.size - STORE_CHECKSUM;
    base_put_le64(row + size, store_checksum(STORE_META, key, base_slice(row, size)));
    return store_rows_put(restore->writer, STORE_META, key, base_slice(row, value.size), error);
}

static enum base_code take_row(struct restore *restore, struct base_slice *rows,
                               struct base_error *error)
{
    struct base_slice row = *rows;
    struct base_slice number;
    struct base_slice key;
    struct base_slice value;
    struct base_slice checked;
    uint64_t size;
    if (!base_take_bytes(rows, 1, &number) || (uint8_t)number.data[0] >= STORE_TABLE_END ||
        !base_take_varint(rows, &size) || size > rows->size ||
        !base_take_bytes(rows, (size_t)size, &key) || !base_take_varint(rows, &size) ||
        size > rows->size || !base_take_bytes(rows, (size_t)size, &value)) {
        return damaged(restore, error, "holds a row that is none");
    }
    enum store_table table = (enum store_table)number.data[0];
    enum base_code code = store_env_check(table, key, value, &checked, error);
    if (code != BASE_OK) {
        base_error_prefix(error, "the backup is damaged: block %llu",
                          (unsigned long long)restore->manifest.blocks);
        return code;
    }
    store_manifest_count(&restore->manifest, table, base_slice(row.data, row.size - rows->size));
    bool is_info = table == STORE_META && base_slice_equal(key, store_meta_info_key());
    restore->has_info = restore->has_info || is_info;
    if (restore->writer == NULL) {
        return BASE_OK;
    }
    return is_info ? put_info(restore, key, value, error)
                   : store_rows_put(restore->writer, table, key, value, error);
}

static enum base_code take_rows(struct restore *restore, struct base_slice rows, uint32_t count,
                                struct base_error *error)
{
    while (rows.size > 0) {
        if (count-- == 0) {
            return damaged(restore, error, "holds more rows than it says");
        }
        enum base_code code = take_row(restore, &rows, error);
        if (code != BASE_OK) {
            return code;
        }
    }
    return count == 0 ? BASE_OK : damaged(restore, error, "holds fewer rows than it says");
}

/* The manifest says what was read, and nothing comes behind it. */
static enum base_code check_manifest(struct restore *restore, struct base_slice text,
                                     struct base_error *error)
{
    struct base_buffer counted;
    base_buffer_init(&counted);
    store_manifest_text(&restore->manifest, &counted);
    enum base_code code = BASE_OK;
    char more;
    bool ended = false;
    if (counted.failed) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    } else if (!restore->has_info || !base_slice_equal(base_buffer_slice(&counted), text)) {
        code = damaged(restore, error, "is a manifest that does not fit what stands before it");
    } else if (restore->options->manifest.size > 0 &&
               !base_slice_equal(restore->options->manifest, text)) {
        code = base_fail(error, BASE_DATA_LOSS,
                         "MANIFEST is not that of the rows beside it; take another backup");
    } else {
        code = read_all(restore, &more, 1, &ended, error);
        if (code == BASE_OK && !ended) {
            code = damaged(restore, error, "is the last one, but more bytes follow");
        }
    }
    base_buffer_fini(&counted);
    return code;
}

static enum base_code take_block(struct restore *restore, bool *last, struct base_error *error)
{
    uint8_t head[STORE_BLOCK_HEAD];
    enum base_code code = read_all(restore, head, sizeof head, NULL, error);
    if (code != BASE_OK) {
        return code;
    }
    uint32_t stored_size = base_get_le32(head + 5);
    uint32_t plain_size = base_get_le32(head + 9);
    if (stored_size > STORE_BLOCK_MOST + STORE_BLOCK_FULL || plain_size > STORE_BLOCK_MOST) {
        return damaged(restore, error, "has a size that no block has");
    }
    base_buffer_clear(&restore->stored);
    char *stored = base_buffer_reserve(&restore->stored, stored_size);
    if (stored == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    code = read_all(restore, stored, stored_size, NULL, error);
    if (code != BASE_OK) {
        return code;
    }
    const struct base_slice parts[] = {base_slice(head, STORE_BLOCK_HEAD - 8),
                                       base_slice(stored, stored_size)};
    if (base_hash64_parts(parts, 2) != base_get_le64(head + STORE_BLOCK_HEAD - 8) ||
        base_get_le32(head + 1) != (uint32_t)restore->manifest.blocks) {
        return damaged(restore, error, "does not match its checksum");
    }
    struct base_slice plain;
    base_arena_reset(&restore->arena);
    code = base_decompress(restore->decompressor, parts[1], plain_size, &restore->arena, &plain,
                           error);
    if (code != BASE_OK) {
        return code == BASE_DATA_LOSS ? damaged(restore, error, "is no zstd frame") : code;
    }
    if (head[0] == STORE_BLOCK_MANIFEST) {
        *last = true;
        return check_manifest(restore, plain, error);
    }
    if (head[0] != STORE_BLOCK_ROWS) {
        return damaged(restore, error, "is of no known kind");
    }
    code = take_rows(restore, plain, base_get_le32(head + 13), error);
    restore->manifest.blocks++;
    return code;
}

static enum base_code take_blocks(struct restore *restore, struct base_error *error)
{
    bool last = false;
    while (!last) {
        const volatile int *stop = restore->options->stop;
        if (stop != NULL && *stop) {
            return base_fail(error, BASE_CANCELLED, "stopped by a signal; nothing has changed");
        }
        enum base_code code = take_block(restore, &last, error);
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}

/* The dataset of the store that is there, of whatever format; false: nothing can be read. */
static bool read_dataset(const char *directory, uint8_t dataset[STORE_EPOCH])
{
    char path[STORE_PATH];
    struct store_env env;
    MDB_txn *txn;
    struct base_slice row = {NULL, 0};
    if (store_directory_current(directory, path, NULL) != BASE_OK ||
        store_env_open(path, 0, STORE_ENV_RECORDS, &env, NULL) != BASE_OK) {
        return false;
    }
    bool found = false;
    if (mdb_txn_begin(env.env, NULL, MDB_RDONLY, &txn) == MDB_SUCCESS) {
        found =
            store_env_get(&env, txn, STORE_META, store_meta_info_key(), &row, NULL) == BASE_OK &&
            row.size >= INFO_DATASET + STORE_EPOCH;
        if (found) {
            memcpy(dataset, row.data + INFO_DATASET, STORE_EPOCH);
        }
        mdb_txn_abort(txn);
    }
    store_env_close(&env);
    return found;
}

/* A directory that holds another dataset is not the one that was meant. One whose store cannot be
 * read is what restoring is for. */
static enum base_code check_dataset(struct restore *restore, struct base_error *error)
{
    uint8_t dataset[STORE_EPOCH];
    if (read_dataset(restore->options->directory, dataset) &&
        memcmp(dataset, restore->manifest.info.dataset, sizeof dataset) != 0) {
        return base_fail(error, BASE_FAILED_PRECONDITION,
                         "%s holds another dataset than the backup; restore into an empty "
                         "directory, or remove what is there first",
                         restore->options->directory);
    }
    return BASE_OK;
}

static enum base_code fill(struct restore *restore, struct base_error *error)
{
    const struct store_restore_options *options = restore->options;
    char name[32] = "";
    char path[STORE_PATH];
    struct store_env env;
    enum base_code code = check_dataset(restore, error);
    if (code == BASE_OK && getrandom(restore->epoch, STORE_EPOCH, 0) != STORE_EPOCH) {
        code = base_fail(error, BASE_INTERNAL, "the system gives no random bytes");
    }
    if (code == BASE_OK) {
        code = store_directory_next(options->directory, name, path, error);
    }
    if (code == BASE_OK) {
        uint64_t map_size = store_rows_map_size(options->map_size, restore->manifest.store_bytes);
        code = store_env_open(path, map_size, STORE_ENV_CREATE, &env, error);
    }
    if (code != BASE_OK) {
        return store_directory_end(options->directory, name, code, error);
    }
    struct store_rows_writer writer;
    code = store_rows_writer_init(&writer, &env, error);
    if (code == BASE_OK) {
        restore->writer = &writer;
        code = take_blocks(restore, error);
        if (code == BASE_OK) {
            code = store_rows_commit(&writer, error);
        }
        if (code == BASE_OK) {
            code = store_env_sync(&env, error);
        }
        store_rows_writer_fini(&writer);
    }
    store_env_close(&env);
    return store_directory_end(options->directory, name, code, error);
}

enum base_code store_restore(const struct store_restore_options *options,
                             struct store_manifest *manifest, struct base_error *error)
{
    struct restore restore = {.options = options};
    uint8_t head[STORE_MANIFEST_HEAD];
    bool ended = false;
    enum base_code code = read_all(&restore, head, 16, &ended, error);
    if (code == BASE_OK && ended) {
        return base_fail(error, BASE_DATA_LOSS, "the backup is empty; take another one");
    }
    if (code == BASE_OK && memcmp(head, STORE_MANIFEST_MAGIC, 16) == 0) {
        code = read_all(&restore, head + 16, sizeof head - 16, NULL, error);
    }
    if (code == BASE_OK) {
        code = store_manifest_get_head(head, &restore.manifest, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    restore.decompressor = base_decompressor_new();
    if (restore.decompressor == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    base_arena_init(&restore.arena, 2 * (size_t)STORE_BLOCK_MOST);
    code = options->directory == NULL ? take_blocks(&restore, error) : fill(&restore, error);
    if (code == BASE_OK) {
        *manifest = restore.manifest;
    }
    base_arena_fini(&restore.arena);
    base_buffer_fini(&restore.stored);
    base_decompressor_free(restore.decompressor);
    return code;
}
