#include "store/scan.h"

#include "store/reader.h"

static enum base_code scan_source(struct store_reader *reader, MDB_cursor *cursor,
                                  enum model_record_type first, enum model_record_type last,
                                  store_on_record on_record, void *context,
                                  struct base_arena *arena, struct base_error *error)
{
    uint8_t from = (uint8_t)first;
    MDB_val key = {1, &from};
    MDB_val value;
    (void)reader;
    int found = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    for (; found == MDB_SUCCESS; found = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
        if (*(const uint8_t *)key.mv_data > (uint8_t)last) {
            return BASE_OK;
        }
        struct base_slice row;
        struct model_record record;
        enum base_code code =
            store_env_check(STORE_SOURCE, store_slice(key), store_slice(value), &row, error);
        if (code == BASE_OK && row.size < 4) {
            code =
                base_fail(error, BASE_DATA_LOSS, "table source: a row is cut; run hirschd verify");
        }
        base_arena_reset(arena);
        if (code == BASE_OK) {
            code =
                model_record_decode(base_slice(row.data + 4, row.size - 4), arena, &record, error);
        }
        if (code == BASE_OK) {
            code = on_record(context, &record, error);
        }
        if (code != BASE_OK) {
            return code;
        }
    }
    return found == MDB_NOTFOUND ? BASE_OK : store_env_fail(error, found, "source");
}

enum base_code store_scan_records(struct store_reader *reader, enum model_record_type first,
                                  enum model_record_type last, store_on_record on_record,
                                  void *context, struct base_error *error)
{
    enum base_code code = store_reader_wake(reader, error);
    if (code != BASE_OK) {
        return code;
    }
    MDB_cursor *cursor;
    int opened = mdb_cursor_open(reader->txn, reader->store->env.tables[STORE_SOURCE], &cursor);
    if (opened != MDB_SUCCESS) {
        return store_env_fail(error, opened, "source");
    }
    struct base_arena arena;
    base_arena_init(&arena, 0);
    code = scan_source(reader, cursor, first, last, on_record, context, &arena, error);
    base_arena_fini(&arena);
    mdb_cursor_close(cursor);
    return code;
}

enum base_code store_scan_disputed(struct store_reader *reader, store_on_disputed on_disputed,
                                   void *context, struct base_error *error)
{
    enum base_code code = store_reader_wake(reader, error);
    if (code != BASE_OK) {
        return code;
    }
    MDB_cursor *cursor;
    int found = mdb_cursor_open(reader->txn, reader->store->env.tables[STORE_XID], &cursor);
    if (found != MDB_SUCCESS) {
        return store_env_fail(error, found, "xid");
    }
    MDB_val key;
    MDB_val value;
    while (code == BASE_OK &&
           (found = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == MDB_SUCCESS) {
        struct base_slice row;
        struct base_slice id_key = base_slice((char *)key.mv_data + 1, key.mv_size - 1);
        struct model_id id;
        code = store_env_check(STORE_XID, store_slice(key), store_slice(value), &row, error);
        struct store_xid xid;
        if (code == BASE_OK && store_get_xid(row, &xid) && (xid.flags & STORE_XID_DISPUTED) != 0 &&
            model_id_from_key(id_key, &id)) {
            code = on_disputed(context, (enum model_entity) * (const uint8_t *)key.mv_data, &id,
                               xid.number, error);
        }
    }
    mdb_cursor_close(cursor);
    if (code == BASE_OK && found != MDB_NOTFOUND) {
        code = store_env_fail(error, found, "xid");
    }
    return code;
}
