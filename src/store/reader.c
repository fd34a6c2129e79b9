#include "store/reader.h"

#include <stdlib.h>

#include "base/limits.h"
#include "store/value.h"

enum base_code store_reader_new(struct store *store, struct store_reader **reader,
                                struct base_error *error)
{
    struct store_reader *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    made->store = store;
    int code = mdb_txn_begin(store->env.env, NULL, MDB_RDONLY, &made->txn);
    if (code != MDB_SUCCESS) {
        free(made);
        return store_env_fail(error, code, "begin");
    }
    *reader = made;
    return BASE_OK;
}

void store_reader_free(struct store_reader *reader)
{
    if (reader != NULL) {
        mdb_txn_abort(reader->txn);
        base_decompressor_free(reader->decompressor);
        free(reader);
    }
}

void store_reader_rest(struct store_reader *reader)
{
    if (!reader->resting) {
        mdb_txn_reset(reader->txn);
        reader->resting = true;
    }
}

enum base_code store_reader_wake(struct store_reader *reader, struct base_error *error)
{
    if (reader->resting) {
        int code = mdb_txn_renew(reader->txn);
        if (code != MDB_SUCCESS) {
            return store_env_fail(error, code, "renew");
        }
        reader->resting = false;
    }
    return BASE_OK;
}

/* The value of a row, its checksum checked. */
static enum base_code read_row(struct store_reader *reader, enum store_table table,
                               struct base_slice key, struct base_slice *bytes,
                               struct base_error *error)
{
    enum base_code code = store_reader_wake(reader, error);
    if (code != BASE_OK) {
        return code;
    }
    return store_env_get(&reader->store->env, reader->txn, table, key, bytes, error);
}

static enum base_code read_numbered(struct store_reader *reader, enum store_table table,
                                    uint32_t number, struct base_slice *bytes,
                                    struct base_error *error)
{
    uint8_t key[4];
    base_put_be32(key, number);
    enum base_code code = read_row(reader, table, base_slice(key, sizeof key), bytes, error);
    if (code == BASE_NOT_FOUND) {
        return base_fail(error, code, "table %s has no row %u", store_table_name(table), number);
    }
    return code;
}

enum base_code store_read_info(struct store_reader *reader, struct store_info *info,
                               struct base_error *error)
{
    enum base_code code = store_reader_wake(reader, error);
    if (code != BASE_OK) {
        return code;
    }
    size_t snapshot = mdb_txn_id(reader->txn);
    if (reader->meta_snapshot != snapshot) {
        code = store_meta_read(&reader->store->env, reader->txn, &reader->meta, error);
        if (code != BASE_OK) {
            return code;
        }
        reader->meta_snapshot = snapshot;
    }
    *info = reader->meta.info;
    return BASE_OK;
}

enum base_code store_read_usage(struct store_reader *reader, struct store_usage *usage,
                                struct base_error *error)
{
    enum base_code code = store_reader_wake(reader, error);
    if (code != BASE_OK) {
        return code;
    }
    return store_env_used(&reader->store->env, reader->txn, &usage->map_used, &usage->map_size,
                          error);
}

enum base_code store_find(struct store_reader *reader, enum model_entity entity,
                          const struct model_id *id, struct store_ref *ref,
                          struct base_error *error)
{
    uint8_t key[1 + MODEL_ID_KEY];
    BASE_ASSERT(id->value.size <= LIMIT_ID_VALUE);
    key[0] = (uint8_t)entity;
    key[1] = (uint8_t)id->scheme;
    memcpy(key + 2, id->value.data, id->value.size);
    struct base_slice row;
    enum base_code code =
        read_row(reader, STORE_XID, base_slice(key, 2 + id->value.size), &row, error);
    if (code == BASE_NOT_FOUND) {
        char text[MODEL_ID_TEXT];
        model_id_text(id, text);
        return base_fail(error, code, "no %s has the id %s",
                         entity == MODEL_AUTHOR ? "author" : "paper", text);
    }
    if (code != BASE_OK) {
        return code;
    }
    if (row.size != 5) {
        return base_fail(error, BASE_DATA_LOSS, "table xid: a row of %zu bytes; run hirschd verify",
                         row.size);
    }
    *ref = (struct store_ref){
        .number = base_get_le32(row.data),
        .disputed = ((uint8_t)row.data[4] & STORE_XID_DISPUTED) != 0,
        .merged = ((uint8_t)row.data[4] & STORE_XID_MERGED) != 0,
    };
    return BASE_OK;
}

bool store_years_next(struct store_years *years, unsigned *year, struct store_year *counts)
{
    uint64_t papers = 0;
    uint64_t citations = 0;
    if (years->count == 0) {
        return false;
    }
    if (years->paired && !base_take_varint(&years->packed, &papers)) {
        return false;
    }
    if (!base_take_varint(&years->packed, &citations)) {
        return false;
    }
    *year = years->first_year++;
    years->count--;
    *counts = (struct store_year){(uint32_t)papers, (uint32_t)citations};
    return true;
}

static enum base_code bad_value(const char *table, uint32_t number, struct base_error *error)
{
    return base_fail(error, BASE_DATA_LOSS, "table %s, row %u is malformed; run hirschd verify",
                     table, number);
}

enum base_code store_read_author(struct store_reader *reader, uint32_t number,
                                 struct store_author *author, struct base_error *error)
{
    struct base_slice bytes;
    enum base_code code = read_numbered(reader, STORE_AUTHOR, number, &bytes, error);
    if (code != BASE_OK) {
        return code;
    }
    struct store_author found;
    if (!store_decode_author(bytes, &found, NULL)) {
        return bad_value("author", number, error);
    }
    found.number = number;
    *author = found;
    return BASE_OK;
}

enum base_code store_read_paper(struct store_reader *reader, uint32_t number,
                                struct store_paper *paper, struct base_error *error)
{
    struct base_slice bytes;
    enum base_code code = read_numbered(reader, STORE_PAPER, number, &bytes, error);
    if (code != BASE_OK) {
        return code;
    }
    struct store_paper found;
    if (!store_decode_paper(bytes, &found, NULL)) {
        return bad_value("paper", number, error);
    }
    found.number = number;
    *paper = found;
    return BASE_OK;
}

enum base_code store_read_abstract(struct store_reader *reader, uint32_t number,
                                   struct base_arena *arena, struct base_slice *abstract,
                                   struct base_error *error)
{
    uint8_t key[4];
    base_put_be32(key, number);
    struct base_slice bytes;
    enum base_code code =
        read_row(reader, STORE_ABSTRACT, base_slice(key, sizeof key), &bytes, error);
    if (code == BASE_NOT_FOUND) {
        *abstract = base_slice(NULL, 0);
        return BASE_OK;
    }
    if (code != BASE_OK) {
        return code;
    }
    if (reader->decompressor == NULL) {
        reader->decompressor = base_decompressor_new();
        if (reader->decompressor == NULL) {
            return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
        }
    }
    code = base_decompress(reader->decompressor, bytes, LIMIT_ABSTRACT, arena, abstract, error);
    if (code != BASE_OK) {
        base_error_prefix(error, "table abstract, row %u", number);
    }
    return code;
}

/* Entries of one chunk behind `after`. */
static size_t take_authored(struct base_slice chunk, const struct store_authored *after,
                            struct store_authored *papers, size_t room)
{
    size_t count = 0;
    for (size_t at = 0; at + STORE_AUTHORED_SIZE <= chunk.size && count < room;
         at += STORE_AUTHORED_SIZE) {
        struct engine_authored entry;
        store_get_authored(chunk.data + at, &entry);
        if (after != NULL) {
            uint32_t day = store_day_complement(entry.day);
            uint32_t last = store_day_complement(after->day);
            if (day < last || (day == last && entry.paper <= after->paper)) {
                continue;
            }
        }
        papers[count++] = (struct store_authored){entry.day, entry.paper, entry.position,
                                                  entry.author_count, entry.flags};
    }
    return count;
}

/* The chunk in which `key` would lie: the last one that begins at or before it, else the first of
 * the author. */
static int seek_chunk(MDB_cursor *cursor, const uint8_t wanted[12], MDB_val *key, MDB_val *value)
{
    *key = (MDB_val){12, (void *)(uintptr_t)wanted};
    int code = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
    if (code == MDB_SUCCESS && key->mv_size == 12 && memcmp(key->mv_data, wanted, 12) == 0) {
        return code;
    }
    MDB_val back_key;
    MDB_val back_value;
    int back =
        mdb_cursor_get(cursor, &back_key, &back_value, code == MDB_SUCCESS ? MDB_PREV : MDB_LAST);
    if (back == MDB_SUCCESS && back_key.mv_size == 12 && memcmp(back_key.mv_data, wanted, 4) == 0) {
        *key = back_key;
        *value = back_value;
        return MDB_SUCCESS;
    }
    if (code != MDB_SUCCESS) {
        return code;
    }
    *key = (MDB_val){12, (void *)(uintptr_t)wanted};
    return mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
}

enum base_code store_read_author_papers(struct store_reader *reader, uint32_t author,
                                        const struct store_authored *after,
                                        struct store_authored *papers, size_t room, size_t *count,
                                        struct base_error *error)
{
    enum base_code status = store_reader_wake(reader, error);
    if (status != BASE_OK) {
        return status;
    }
    MDB_cursor *cursor;
    int code =
        mdb_cursor_open(reader->txn, reader->store->env.tables[STORE_AUTHOR_PAPERS], &cursor);
    if (code != MDB_SUCCESS) {
        return store_env_fail(error, code, "author_papers");
    }
    uint8_t wanted[12] = {0};
    base_put_be32(wanted, author);
    if (after != NULL) {
        base_put_be32(wanted + 4, store_day_complement(after->day));
        base_put_be32(wanted + 8, after->paper);
    }
    size_t found = 0;
    MDB_val key;
    MDB_val value;
    code = seek_chunk(cursor, wanted, &key, &value);
    while (code == MDB_SUCCESS && found < room && key.mv_size == 12 &&
           memcmp(key.mv_data, wanted, 4) == 0) {
        struct base_slice chunk;
        status = store_env_check(STORE_AUTHOR_PAPERS, store_slice(key), store_slice(value), &chunk,
                                 error);
        if (status != BASE_OK) {
            goto close;
        }
        found += take_authored(chunk, after, papers + found, room - found);
        code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    if (code != MDB_SUCCESS && code != MDB_NOTFOUND) {
        status = store_env_fail(error, code, "author_papers");
        goto close;
    }
    *count = found;
close:
    mdb_cursor_close(cursor);
    return status;
}
