#include "store/graph.h"

#include "store/reader.h"
#include "store/value.h"

/* A cursor that stays with the reader: opening one takes as long as reading a short list. */
struct kept_cursor {
    MDB_cursor **cursor;
    bool *stale;
};

static int use_cursor(struct store_reader *reader, enum store_table table, struct kept_cursor kept)
{
    int code = MDB_SUCCESS;
    if (*kept.cursor == NULL) {
        code = mdb_cursor_open(reader->txn, reader->store->env.tables[table], kept.cursor);
    } else if (*kept.stale) {
        code = mdb_cursor_renew(reader->txn, *kept.cursor);
    }
    *kept.stale = *kept.stale && code != MDB_SUCCESS;
    return code;
}

/* Appends the chunks of the owner's list, which lie one behind the other. */
static enum base_code append_list(struct store_reader *reader, enum store_table table,
                                  struct kept_cursor kept, size_t entry_size, uint32_t owner,
                                  struct base_buffer *entries, struct base_error *error)
{
    const char *name = store_table_name(table);
    enum base_code status = store_reader_wake(reader, error);
    if (status != BASE_OK) {
        return status;
    }
    int code = use_cursor(reader, table, kept);
    if (code != MDB_SUCCESS) {
        return store_env_fail(error, code, name);
    }
    uint8_t wanted[4];
    base_put_be32(wanted, owner);
    MDB_val key = {sizeof wanted, wanted};
    MDB_val value;
    code = mdb_cursor_get(*kept.cursor, &key, &value, MDB_SET_RANGE);
    while (code == MDB_SUCCESS && status == BASE_OK && key.mv_size >= sizeof wanted &&
           memcmp(key.mv_data, wanted, sizeof wanted) == 0) {
        struct base_slice chunk;
        status = store_env_check(table, store_slice(key), store_slice(value), &chunk, error);
        if (status == BASE_OK && chunk.size % entry_size != 0) {
            status = base_fail(error, BASE_DATA_LOSS,
                               "table %s, owner %u: a chunk of %zu bytes; run hirschd verify", name,
                               owner, chunk.size);
        }
        if (status == BASE_OK) {
            base_buffer_append_slice(entries, chunk);
            code = mdb_cursor_get(*kept.cursor, &key, &value, MDB_NEXT);
        }
    }
    if (status == BASE_OK && code != MDB_SUCCESS && code != MDB_NOTFOUND) {
        status = store_env_fail(error, code, name);
    }
    if (status == BASE_OK && entries->failed) {
        status =
            base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the list of table %s", name);
    }
    return status;
}

enum base_code store_append_citers(struct store_reader *reader, uint32_t paper,
                                   struct base_buffer *citers, struct base_error *error)
{
    _Static_assert(sizeof(struct engine_citer) == STORE_CITER_SIZE, "read in place");
    return append_list(reader, STORE_CITED_BY,
                       (struct kept_cursor){&reader->citers, &reader->citers_stale},
                       STORE_CITER_SIZE, paper, citers, error);
}

enum base_code store_append_cited(struct store_reader *reader, uint32_t paper,
                                  struct base_buffer *cited, struct base_error *error)
{
    return append_list(reader, STORE_CITES,
                       (struct kept_cursor){&reader->cited, &reader->cited_stale}, sizeof(uint32_t),
                       paper, cited, error);
}

/* Each row of a table whose keys are numbers. */
struct scan {
    enum store_table table;
    store_on_paper on_paper;
    store_on_author on_author;
    void *context;
};

static enum base_code scan_row(const struct scan *scan, MDB_val key, MDB_val value,
                               struct base_error *error)
{
    struct base_slice row;
    enum base_code code =
        store_env_check(scan->table, store_slice(key), store_slice(value), &row, error);
    if (code != BASE_OK) {
        return code;
    }
    uint32_t number = key.mv_size == 4 ? base_get_be32(key.mv_data) : 0;
    if (scan->table == STORE_PAPER) {
        struct store_paper paper;
        if (number != 0 && store_decode_paper(row, &paper, NULL)) {
            paper.number = number;
            return scan->on_paper(scan->context, &paper, error);
        }
    } else {
        struct store_author author;
        if (number != 0 && store_decode_author(row, &author, NULL)) {
            author.number = number;
            return scan->on_author(scan->context, &author, error);
        }
    }
    return base_fail(error, BASE_DATA_LOSS, "table %s, row %u is malformed; run hirschd verify",
                     store_table_name(scan->table), number);
}

static enum base_code scan_rows(struct store_reader *reader, uint32_t first,
                                const struct scan *scan, struct base_error *error)
{
    enum base_code status = store_reader_wake(reader, error);
    if (status != BASE_OK) {
        return status;
    }
    const char *name = store_table_name(scan->table);
    MDB_cursor *cursor;
    int code = mdb_cursor_open(reader->txn, reader->store->env.tables[scan->table], &cursor);
    if (code != MDB_SUCCESS) {
        return store_env_fail(error, code, name);
    }
    uint8_t from[4];
    base_put_be32(from, first);
    MDB_val key = {sizeof from, from};
    MDB_val value;
    code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    while (code == MDB_SUCCESS && status == BASE_OK) {
        status = scan_row(scan, key, value, error);
        if (status == BASE_OK) {
            code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
        }
    }
    mdb_cursor_close(cursor);
    if (status == BASE_OK && code != MDB_NOTFOUND) {
        status = store_env_fail(error, code, name);
    }
    return status;
}

enum base_code store_scan_papers(struct store_reader *reader, uint32_t first,
                                 store_on_paper on_paper, void *context, struct base_error *error)
{
    const struct scan scan = {.table = STORE_PAPER, .on_paper = on_paper, .context = context};
    return scan_rows(reader, first, &scan, error);
}

enum base_code store_scan_authors(struct store_reader *reader, uint32_t first,
                                  store_on_author on_author, void *context,
                                  struct base_error *error)
{
    const struct scan scan = {.table = STORE_AUTHOR, .on_author = on_author, .context = context};
    return scan_rows(reader, first, &scan, error);
}
