#include "store/list.h"

enum { SUFFIX_MOST = 8 };

struct edit {
    const struct store_env *env;
    MDB_txn *txn;
    enum store_table table;
    const struct store_list_format *format;
    struct base_slice owner;
    struct base_slice removed; /* what is left to do */
    struct base_slice added;
    struct base_buffer old;    /* entries of the chunk that is changed */
    struct base_buffer merged; /* and what becomes of them */
    uint8_t key[STORE_KEY_MOST];
    struct base_error *error;
};

static bool is_owners(struct base_slice owner, const struct store_list_format *format, MDB_val key)
{
    return key.mv_size == owner.size + format->suffix_size &&
           memcmp(key.mv_data, owner.data, owner.size) == 0;
}

enum base_code store_list_read(const struct store_env *env, MDB_txn *txn, enum store_table table,
                               struct base_slice owner, struct base_buffer *entries,
                               struct base_error *error)
{
    const struct store_list_format *format = store_list_format(table);
    MDB_cursor *cursor;
    int code = mdb_cursor_open(txn, env->tables[table], &cursor);
    if (code != MDB_SUCCESS) {
        return store_env_fail(error, code, store_table_name(table));
    }
    MDB_val key = store_val(owner);
    MDB_val value;
    enum base_code status = BASE_OK;
    code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    while (code == MDB_SUCCESS && status == BASE_OK && is_owners(owner, format, key)) {
        struct base_slice chunk;
        status = store_env_check(table, store_slice(key), store_slice(value), &chunk, error);
        if (status == BASE_OK && chunk.size % format->entry_size != 0) {
            status = base_fail(error, BASE_DATA_LOSS,
                               "table %s: a chunk is malformed; run hirschd verify",
                               store_table_name(table));
        }
        if (status == BASE_OK) {
            base_buffer_append_slice(entries, chunk);
            code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
        }
    }
    mdb_cursor_close(cursor);
    if (status == BASE_OK && code != MDB_SUCCESS && code != MDB_NOTFOUND) {
        return store_env_fail(error, code, store_table_name(table));
    }
    if (status == BASE_OK && entries->failed) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    return status;
}

/* Stands the cursor on the chunk in which the entry belongs: the last one that begins at or before
 * it, else the first of the list. MDB_NOTFOUND: the list is empty. */
static int seek_chunk(struct edit *edit, MDB_cursor *cursor, const char *entry, MDB_val *key,
                      MDB_val *value)
{
    memcpy(edit->key, edit->owner.data, edit->owner.size);
    edit->format->suffix(entry, edit->key + edit->owner.size);
    size_t size = edit->owner.size + edit->format->suffix_size;
    MDB_val found = {size, edit->key};
    int code = mdb_cursor_get(cursor, &found, value, MDB_SET_RANGE);
    bool behind = code == MDB_SUCCESS && is_owners(edit->owner, edit->format, found);
    *key = found;
    if (behind && memcmp(found.mv_data, edit->key, size) == 0) {
        return MDB_SUCCESS;
    }
    if (code != MDB_SUCCESS && code != MDB_NOTFOUND) {
        return code;
    }
    MDB_val before;
    MDB_val before_value;
    int back =
        mdb_cursor_get(cursor, &before, &before_value, code == MDB_SUCCESS ? MDB_PREV : MDB_LAST);
    if (back == MDB_SUCCESS && is_owners(edit->owner, edit->format, before)) {
        *key = before;
        *value = before_value;
        return MDB_SUCCESS;
    }
    if (!behind) {
        return back == MDB_SUCCESS ? MDB_NOTFOUND : back;
    }
    *key = (MDB_val){size, edit->key};
    return mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
}

/* Is there a next chunk of the list? Then `upper` is the suffix of its key. */
static int next_suffix(const struct edit *edit, MDB_cursor *cursor, uint8_t upper[SUFFIX_MOST],
                       bool *bounded)
{
    MDB_val key;
    MDB_val value;
    int code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    *bounded = code == MDB_SUCCESS && is_owners(edit->owner, edit->format, key);
    if (*bounded) {
        memcpy(upper, (const uint8_t *)key.mv_data + edit->owner.size, edit->format->suffix_size);
    }
    return code == MDB_NOTFOUND ? MDB_SUCCESS : code;
}

/* Does the next of the entries lie in the chunk that ends before `upper`? */
static bool lies_below(const struct edit *edit, struct base_slice entries, const uint8_t *upper,
                       bool bounded)
{
    uint8_t suffix[SUFFIX_MOST];
    if (entries.size == 0) {
        return false;
    }
    edit->format->suffix(entries.data, suffix);
    return !bounded || memcmp(suffix, upper, edit->format->suffix_size) < 0;
}

static void drop_front(struct base_slice *slice, size_t size)
{
    *slice = base_slice(slice->data + size, slice->size - size);
}

/* Moves the entries that stand before this one, all in one. */
static void pass_before(struct edit *edit, struct base_slice *old, const char *entry)
{
    size_t size = edit->format->entry_size;
    size_t low = 0;
    size_t high = old->size / size;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (edit->format->compare(old->data + middle * size, entry) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    base_buffer_append(&edit->merged, old->data, low * size);
    drop_front(old, low * size);
}

static bool is_first(const struct edit *edit, struct base_slice old, const char *entry)
{
    return old.size > 0 && edit->format->compare(old.data, entry) == 0;
}

/* Old entries and the changes that fall into the chunk become `merged`. */
static enum base_code merge_chunk(struct edit *edit, const uint8_t *upper, bool bounded)
{
    size_t size = edit->format->entry_size;
    struct base_slice old = base_buffer_slice(&edit->old);
    base_buffer_clear(&edit->merged);
    for (;;) {
        bool adds = lies_below(edit, edit->added, upper, bounded);
        bool removes = lies_below(edit, edit->removed, upper, bounded);
        if (!adds && !removes) {
            break;
        }
        /* What goes before what comes: at one place the old entry makes room for the new one. */
        removes =
            removes && (!adds || edit->format->compare(edit->removed.data, edit->added.data) <= 0);
        const char *entry = removes ? edit->removed.data : edit->added.data;
        pass_before(edit, &old, entry);
        bool stands = is_first(edit, old, entry);
        if (removes && !stands) {
            return base_fail(edit->error, BASE_DATA_LOSS,
                             "table %s: a list lacks an entry that it should hold; run hirschd "
                             "verify",
                             store_table_name(edit->table));
        }
        if (stands) {
            drop_front(&old, size);
        }
        if (!removes) {
            base_buffer_append(&edit->merged, entry, size);
        }
        drop_front(removes ? &edit->removed : &edit->added, size);
    }
    base_buffer_append_slice(&edit->merged, old);
    return edit->merged.failed ? base_fail(edit->error, BASE_RESOURCE_EXHAUSTED, "out of memory")
                               : BASE_OK;
}

static enum base_code put_chunks(struct edit *edit)
{
    size_t size = edit->format->entry_size;
    size_t count = edit->merged.size / size;
    size_t most = store_chunk_most(edit->format, edit->owner.size);
    size_t pieces = (count + most - 1) / most;
    size_t from = 0;
    for (size_t i = 0; i < pieces; i++) {
        size_t end = count * (i + 1) / pieces;
        const char *entries = edit->merged.data + from * size;
        memcpy(edit->key, edit->owner.data, edit->owner.size);
        edit->format->suffix(entries, edit->key + edit->owner.size);
        enum base_code code = store_env_put(
            edit->env, edit->txn, edit->table,
            base_slice((const char *)edit->key, edit->owner.size + edit->format->suffix_size),
            base_slice(entries, (end - from) * size), 0, edit->error);
        if (code != BASE_OK) {
            return code;
        }
        from = end;
    }
    return BASE_OK;
}

/* The key of a chunk names its first entry: it goes when another one comes first. */
static enum base_code drop_chunk(struct edit *edit)
{
    size_t size = edit->format->entry_size;
    if (edit->merged.size >= size &&
        edit->format->compare(edit->merged.data, edit->old.data) == 0) {
        return BASE_OK;
    }
    memcpy(edit->key, edit->owner.data, edit->owner.size);
    edit->format->suffix(edit->old.data, edit->key + edit->owner.size);
    MDB_val key = {edit->owner.size + edit->format->suffix_size, edit->key};
    int code = mdb_del(edit->txn, edit->env->tables[edit->table], &key, NULL);
    return code == MDB_SUCCESS ? BASE_OK
                               : store_env_fail(edit->error, code, store_table_name(edit->table));
}

static enum base_code edit_chunk(struct edit *edit, MDB_cursor *cursor)
{
    const char *first = edit->added.size == 0 ? edit->removed.data : edit->added.data;
    if (edit->added.size > 0 && edit->removed.size > 0 &&
        edit->format->compare(edit->removed.data, edit->added.data) < 0) {
        first = edit->removed.data;
    }
    MDB_val key;
    MDB_val value;
    uint8_t upper[SUFFIX_MOST];
    bool bounded = false;
    base_buffer_clear(&edit->old);
    int found = seek_chunk(edit, cursor, first, &key, &value);
    if (found == MDB_SUCCESS) {
        struct base_slice chunk;
        enum base_code code =
            store_env_check(edit->table, store_slice(key), store_slice(value), &chunk, edit->error);
        if (code != BASE_OK) {
            return code;
        }
        base_buffer_append_slice(&edit->old, chunk);
        if (edit->old.failed) {
            return base_fail(edit->error, BASE_RESOURCE_EXHAUSTED, "out of memory");
        }
        found = next_suffix(edit, cursor, upper, &bounded);
    }
    if (found != MDB_SUCCESS && found != MDB_NOTFOUND) {
        return store_env_fail(edit->error, found, store_table_name(edit->table));
    }
    enum base_code code = merge_chunk(edit, upper, bounded);
    if (code == BASE_OK && edit->old.size > 0) {
        code = drop_chunk(edit);
    }
    return code == BASE_OK ? put_chunks(edit) : code;
}

enum base_code store_list_edit(const struct store_env *env, MDB_txn *txn, enum store_table table,
                               struct base_slice owner, struct base_slice removed,
                               struct base_slice added, struct base_error *error)
{
    struct edit edit = {
        .env = env,
        .txn = txn,
        .table = table,
        .format = store_list_format(table),
        .owner = owner,
        .removed = removed,
        .added = added,
        .error = error,
    };
    BASE_ASSERT(edit.format->suffix_size <= SUFFIX_MOST &&
                owner.size + edit.format->suffix_size <= sizeof edit.key);
    if (removed.size == 0 && added.size == 0) {
        return BASE_OK;
    }
    MDB_cursor *cursor;
    int code = mdb_cursor_open(txn, env->tables[table], &cursor);
    if (code != MDB_SUCCESS) {
        return store_env_fail(error, code, store_table_name(table));
    }
    enum base_code status = BASE_OK;
    while (status == BASE_OK && edit.removed.size + edit.added.size > 0) {
        status = edit_chunk(&edit, cursor);
    }
    mdb_cursor_close(cursor);
    base_buffer_fini(&edit.old);
    base_buffer_fini(&edit.merged);
    return status;
}
