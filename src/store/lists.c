/* Reading lists: the papers of an author, the citations and references of a paper, its authors. */
#include "store/reader.h"
#include "store/table.h"

/* A list from some place on. */
struct list {
    enum store_table table;
    size_t key_size;
    uint8_t wanted[12]; /* owner, then the suffix of the entry behind which it begins, or zeros */
    /* Takes the entries it wants off one chunk; false when it has enough. */
    bool (*take)(void *context, struct base_slice chunk);
    void *context;
};

/* The chunk in which the wanted key would lie: the last one that begins at or before it, else the
 * first of the owner. */
static int seek_chunk(MDB_cursor *cursor, const struct list *list, MDB_val *key, MDB_val *value)
{
    *key = (MDB_val){list->key_size, (void *)(uintptr_t)list->wanted};
    int code = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
    if (code == MDB_SUCCESS && key->mv_size == list->key_size &&
        memcmp(key->mv_data, list->wanted, list->key_size) == 0) {
        return code;
    }
    MDB_val back_key;
    MDB_val back_value;
    int back =
        mdb_cursor_get(cursor, &back_key, &back_value, code == MDB_SUCCESS ? MDB_PREV : MDB_LAST);
    if (back == MDB_SUCCESS && back_key.mv_size == list->key_size &&
        memcmp(back_key.mv_data, list->wanted, 4) == 0) {
        *key = back_key;
        *value = back_value;
        return MDB_SUCCESS;
    }
    if (code != MDB_SUCCESS) {
        return code;
    }
    *key = (MDB_val){list->key_size, (void *)(uintptr_t)list->wanted};
    return mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
}

static enum base_code walk(struct store_reader *reader, const struct list *list,
                           struct base_error *error)
{
    enum base_code status = store_reader_wake(reader, error);
    if (status != BASE_OK) {
        return status;
    }
    const char *name = store_table_name(list->table);
    MDB_cursor *cursor;
    int code = mdb_cursor_open(reader->txn, reader->store->env.tables[list->table], &cursor);
    if (code != MDB_SUCCESS) {
        return store_env_fail(error, code, name);
    }
    MDB_val key;
    MDB_val value;
    bool more = true;
    code = seek_chunk(cursor, list, &key, &value);
    while (code == MDB_SUCCESS && more && key.mv_size == list->key_size &&
           memcmp(key.mv_data, list->wanted, 4) == 0) {
        struct base_slice chunk;
        status = store_env_check(list->table, store_slice(key), store_slice(value), &chunk, error);
        if (status != BASE_OK) {
            goto close;
        }
        more = list->take(list->context, chunk);
        code = more ? mdb_cursor_get(cursor, &key, &value, MDB_NEXT) : MDB_SUCCESS;
    }
    if (code != MDB_SUCCESS && code != MDB_NOTFOUND) {
        status = store_env_fail(error, code, name);
    }
close:
    mdb_cursor_close(cursor);
    return status;
}

struct authored {
    const struct store_authored *after;
    struct store_authored *papers;
    size_t room;
    size_t count;
};

static bool take_authored(void *context, struct base_slice chunk)
{
    struct authored *authored = context;
    const struct store_authored *after = authored->after;
    for (size_t at = 0; at + STORE_AUTHORED_SIZE <= chunk.size && authored->count < authored->room;
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
        authored->papers[authored->count++] = (struct store_authored){
            entry.day, entry.paper, entry.position, entry.author_count, entry.flags};
    }
    return authored->count < authored->room;
}

enum base_code store_read_author_papers(struct store_reader *reader, uint32_t author,
                                        const struct store_authored *after,
                                        struct store_authored *papers, size_t room, size_t *count,
                                        struct base_error *error)
{
    struct authored authored = {after, papers, room, 0};
    struct list list = {
        .table = STORE_AUTHOR_PAPERS, .key_size = 12, .take = take_authored, .context = &authored};
    base_put_be32(list.wanted, author);
    if (after != NULL) {
        base_put_be32(list.wanted + 4, store_day_complement(after->day));
        base_put_be32(list.wanted + 8, after->paper);
    }
    enum base_code code = walk(reader, &list, error);
    if (code == BASE_OK) {
        *count = authored.count;
    }
    return code;
}

struct citations {
    const struct store_citation *after;
    struct store_citation *citations;
    size_t room;
    size_t count;
};

static bool take_citations(void *context, struct base_slice chunk)
{
    struct citations *taken = context;
    const struct store_citation *after = taken->after;
    for (size_t at = 0; at + STORE_CITER_SIZE <= chunk.size && taken->count < taken->room;
         at += STORE_CITER_SIZE) {
        struct engine_citer citer;
        memcpy(&citer, chunk.data + at, sizeof citer);
        if (after != NULL &&
            (citer.day < after->day || (citer.day == after->day && citer.paper <= after->paper))) {
            continue;
        }
        taken->citations[taken->count++] = (struct store_citation){
            citer.day, citer.paper, (citer.flags & ENGINE_EDGE_SHARES_AUTHOR) != 0};
    }
    return taken->count < taken->room;
}

enum base_code store_read_citations(struct store_reader *reader, uint32_t paper,
                                    const struct store_citation *after,
                                    struct store_citation *citations, size_t room, size_t *count,
                                    struct base_error *error)
{
    struct citations taken = {after, citations, room, 0};
    struct list list = {
        .table = STORE_CITED_BY, .key_size = 12, .take = take_citations, .context = &taken};
    base_put_be32(list.wanted, paper);
    if (after != NULL) {
        base_put_be32(list.wanted + 4, after->day);
        base_put_be32(list.wanted + 8, after->paper);
    }
    enum base_code code = walk(reader, &list, error);
    if (code == BASE_OK) {
        *count = taken.count;
    }
    return code;
}

struct references {
    uint32_t after;
    uint32_t *papers;
    size_t room;
    size_t count;
};

static bool take_references(void *context, struct base_slice chunk)
{
    struct references *taken = context;
    for (size_t at = 0; at + 4 <= chunk.size && taken->count < taken->room; at += 4) {
        uint32_t paper = base_get_le32(chunk.data + at);
        if (paper > taken->after) {
            taken->papers[taken->count++] = paper;
        }
    }
    return taken->count < taken->room;
}

enum base_code store_read_references(struct store_reader *reader, uint32_t paper, uint32_t after,
                                     uint32_t *papers, size_t room, size_t *count,
                                     struct base_error *error)
{
    struct references taken = {after, papers, room, 0};
    struct list list = {
        .table = STORE_CITES, .key_size = 8, .take = take_references, .context = &taken};
    base_put_be32(list.wanted, paper);
    base_put_be32(list.wanted + 4, after);
    enum base_code code = walk(reader, &list, error);
    if (code == BASE_OK) {
        *count = taken.count;
    }
    return code;
}

enum base_code store_read_paper_authors(struct store_reader *reader, uint32_t paper,
                                        uint32_t *authors, size_t room, size_t *count,
                                        struct base_error *error)
{
    enum base_code code = store_reader_wake(reader, error);
    if (code != BASE_OK) {
        return code;
    }
    uint8_t key[4];
    base_put_be32(key, paper);
    struct base_slice row = {NULL, 0};
    code = store_env_get(&reader->store->env, reader->txn, STORE_PAPER_AUTHORS,
                         base_slice(key, sizeof key), &row, error);
    if (code != BASE_OK && code != BASE_NOT_FOUND) {
        return code;
    }
    size_t listed = row.size / STORE_PAPER_AUTHOR_SIZE;
    for (size_t i = 0; i < listed && i < room; i++) {
        authors[i] = base_get_le32(row.data + i * STORE_PAPER_AUTHOR_SIZE);
    }
    *count = listed;
    return BASE_OK;
}
