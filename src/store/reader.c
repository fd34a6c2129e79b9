#include "store/reader.h"

#include <stdlib.h>

#include "base/limits.h"
#include "model/record.h"
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
    /* Whoever does not read yet holds no snapshot: a loop without connections would keep every page
     * that is freed from being used again. */
    store_reader_rest(made);
    *reader = made;
    return BASE_OK;
}

void store_reader_free(struct store_reader *reader)
{
    if (reader != NULL) {
        if (reader->citers != NULL) {
            mdb_cursor_close(reader->citers);
        }
        if (reader->cited != NULL) {
            mdb_cursor_close(reader->cited);
        }
        mdb_txn_abort(reader->txn);
        base_decompressor_free(reader->decompressor);
        store_recall_fini(&reader->recall);
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
        reader->citers_stale = true;
        reader->cited_stale = true;
        store_recall_snapshot(&reader->recall, mdb_txn_id(reader->txn));
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
    struct store_xid xid;
    if (!store_get_xid(row, &xid)) {
        return base_fail(error, BASE_DATA_LOSS, "table xid: a row of %zu bytes; run hirschd verify",
                         row.size);
    }
    *ref = (struct store_ref){
        .number = xid.number,
        .disputed = (xid.flags & STORE_XID_DISPUTED) != 0,
        .merged = (xid.flags & STORE_XID_MERGED) != 0,
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
        base_decompressor_use(reader->decompressor, reader->store->env.dictionary);
    }
    code = base_decompress(reader->decompressor, bytes, LIMIT_ABSTRACT, arena, abstract, error);
    if (code != BASE_OK) {
        base_error_prefix(error, "table abstract, row %u", number);
    }
    return code;
}

enum base_code store_read_last(struct store_reader *reader, enum model_entity entity,
                               uint32_t *last, struct base_error *error)
{
    enum base_code status = store_reader_wake(reader, error);
    if (status != BASE_OK) {
        return status;
    }
    enum store_table table = entity == MODEL_AUTHOR ? STORE_AUTHOR : STORE_PAPER;
    MDB_cursor *cursor;
    int code = mdb_cursor_open(reader->txn, reader->store->env.tables[table], &cursor);
    if (code != MDB_SUCCESS) {
        return store_env_fail(error, code, store_table_name(table));
    }
    MDB_val key;
    MDB_val value;
    code = mdb_cursor_get(cursor, &key, &value, MDB_LAST);
    if (code == MDB_NOTFOUND) {
        *last = 0;
    } else if (code != MDB_SUCCESS) {
        status = store_env_fail(error, code, store_table_name(table));
    } else if (key.mv_size != 4) {
        status =
            base_fail(error, BASE_DATA_LOSS, "table %s: a key of %zu bytes; run hirschd verify",
                      store_table_name(table), key.mv_size);
    } else {
        *last = base_get_be32(key.mv_data);
    }
    mdb_cursor_close(cursor);
    return status;
}

enum base_code store_find_suppressed(struct store_reader *reader, enum model_entity entity,
                                     const struct model_id *id, bool *suppressed,
                                     struct base_error *error)
{
    /* A line names one kind of thing, or, where the id could name both, may leave it open. */
    const uint8_t kinds[] = {(uint8_t)entity, 0};
    bool found = false;
    struct base_buffer key = BASE_BUFFER_EMPTY;
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && !found && i < sizeof kinds; i++) {
        struct model_record line = {.type = MODEL_RECORD_SUPPRESS, .id = *id, .entity = kinds[i]};
        struct base_slice row;
        base_buffer_clear(&key);
        model_record_append_key(&line, &key);
        code = key.failed ? base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory")
                          : read_row(reader, STORE_SOURCE, base_buffer_slice(&key), &row, error);
        found = code == BASE_OK;
        code = code == BASE_NOT_FOUND ? BASE_OK : code;
    }
    base_buffer_fini(&key);
    if (code == BASE_OK) {
        *suppressed = found;
    }
    return code;
}

enum base_code store_read_sources(struct store_reader *reader,
                                  struct store_source sources[STORE_SOURCES_MOST], size_t *count,
                                  struct base_error *error)
{
    struct base_slice row;
    enum base_code code =
        read_row(reader, STORE_META, base_slice_text(STORE_META_SOURCES), &row, error);
    if (code != BASE_OK && code != BASE_NOT_FOUND) {
        return code;
    }
    if (code == BASE_NOT_FOUND || !store_decode_sources(row, sources, count)) {
        return base_fail(error, BASE_DATA_LOSS,
                         "table meta, row %s is missing or malformed; run hirschd verify",
                         STORE_META_SOURCES);
    }
    return BASE_OK;
}
