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

/* A list under way. */
struct chunks {
    struct store_reader *reader;
    enum store_table table;
    MDB_cursor *cursor;
    uint8_t owner[4];
    size_t entry_size;
    MDB_val key;
    MDB_val value;
    int code; /* MDB_SUCCESS: key and value are there, whosever they are */
};

static bool is_owned(const struct chunks *chunks)
{
    return chunks->code == MDB_SUCCESS && chunks->key.mv_size >= sizeof chunks->owner &&
           memcmp(chunks->key.mv_data, chunks->owner, sizeof chunks->owner) == 0;
}

static enum base_code find_chunks(struct store_reader *reader, enum store_table table,
                                  struct kept_cursor kept, uint32_t owner, size_t entry_size,
                                  struct chunks *chunks, struct base_error *error)
{
    enum base_code status = store_reader_wake(reader, error);
    if (status != BASE_OK) {
        return status;
    }
    int code = use_cursor(reader, table, kept);
    if (code != MDB_SUCCESS) {
        return store_env_fail(error, code, store_table_name(table));
    }
    *chunks = (struct chunks){
        .reader = reader, .table = table, .cursor = *kept.cursor, .entry_size = entry_size};
    base_put_be32(chunks->owner, owner);
    chunks->key = (MDB_val){sizeof chunks->owner, chunks->owner};
    chunks->code = mdb_cursor_get(chunks->cursor, &chunks->key, &chunks->value, MDB_SET_RANGE);
    return BASE_OK;
}

/* The owner's chunk that was found, checked, after the cursor went on to the next one: its lines
 * are on their way meanwhile. */
static enum base_code take_chunk(struct chunks *chunks, struct base_slice *chunk,
                                 struct base_error *error)
{
    struct base_slice key = store_slice(chunks->key);
    struct base_slice value = store_slice(chunks->value);
    store_ahead(value);
    chunks->code = mdb_cursor_get(chunks->cursor, &chunks->key, &chunks->value, MDB_NEXT);
    enum base_code status = store_env_check(chunks->table, key, value, chunk, error);
    if (status == BASE_OK && chunk->size % chunks->entry_size != 0) {
        status = base_fail(
            error, BASE_DATA_LOSS, "table %s, owner %u: a chunk of %zu bytes; run hirschd verify",
            store_table_name(chunks->table), base_get_be32(chunks->owner), chunk->size);
    }
    return status;
}

/* Appends the chunks of the owner's list, which lie one behind the other; with `alone` one that is
 * all of the list stays where it is, and nothing is appended. */
static enum base_code append_list(struct chunks *chunks, struct base_buffer *entries,
                                  struct base_slice *alone, struct base_error *error)
{
    const char *name = store_table_name(chunks->table);
    enum base_code status = BASE_OK;
    for (size_t taken = 0; status == BASE_OK && is_owned(chunks); taken++) {
        struct base_slice chunk;
        status = take_chunk(chunks, &chunk, error);
        if (status == BASE_OK && alone != NULL && taken == 0 && !is_owned(chunks)) {
            *alone = chunk;
        } else if (status == BASE_OK) {
            base_buffer_append_slice(entries, chunk);
        }
    }
    if (status == BASE_OK && chunks->code != MDB_SUCCESS && chunks->code != MDB_NOTFOUND) {
        status = store_env_fail(error, chunks->code, name);
    }
    if (status == BASE_OK && entries->failed) {
        status =
            base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the list of table %s", name);
    }
    return status;
}

static enum base_code find_citers(struct store_reader *reader, uint32_t paper,
                                  struct chunks *chunks, struct base_error *error)
{
    _Static_assert(sizeof(struct engine_citer) == STORE_CITER_SIZE, "read in place");
    return find_chunks(reader, STORE_CITED_BY,
                       (struct kept_cursor){&reader->citers, &reader->citers_stale}, paper,
                       STORE_CITER_SIZE, chunks, error);
}

enum base_code store_append_citers(struct store_reader *reader, uint32_t paper,
                                   struct base_buffer *citers, struct base_error *error)
{
    struct chunks chunks;
    enum base_code code = find_citers(reader, paper, &chunks, error);
    return code == BASE_OK ? append_list(&chunks, citers, NULL, error) : code;
}

enum base_code store_read_citers(struct store_reader *reader, uint32_t paper,
                                 struct base_buffer *room, const struct engine_citer **citers,
                                 size_t *count, struct base_error *error)
{
    struct chunks chunks;
    struct base_slice list = {NULL, 0};
    base_buffer_clear(room);
    enum base_code code = find_citers(reader, paper, &chunks, error);
    if (code == BASE_OK) {
        code = append_list(&chunks, room, &list, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    /* Rows lie at even addresses; those of this table at multiples of 4, as long as all are. */
    if ((uintptr_t)list.data % _Alignof(struct engine_citer) != 0) {
        base_buffer_append_slice(room, list);
        list = base_slice(NULL, 0);
    }
    if (room->failed) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the citations of a paper");
    }
    list = list.data == NULL ? base_buffer_slice(room) : list;
    *citers = list.size == 0 ? NULL : (const void *)list.data;
    *count = list.size / sizeof **citers;
    return BASE_OK;
}

enum base_code store_append_cited(struct store_reader *reader, uint32_t paper,
                                  struct base_buffer *cited, struct base_error *error)
{
    struct chunks chunks;
    enum base_code code =
        find_chunks(reader, STORE_CITES, (struct kept_cursor){&reader->cited, &reader->cited_stale},
                    paper, sizeof(uint32_t), &chunks, error);
    return code == BASE_OK ? append_list(&chunks, cited, NULL, error) : code;
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
