/* Last steps: the records themselves, how many each source has, and what the store says of itself.
 * Writes `source`, `sources` and `meta`. */
#include <stdlib.h>

#include "store/application.h"

static enum base_code write_record(struct apply *apply, struct base_slice key, uint32_t number,
                                   struct base_slice bytes)
{
    uint8_t head[4];
    base_put_le32(head, number);
    base_buffer_clear(&apply->value);
    base_buffer_append(&apply->value, head, sizeof head);
    base_buffer_append_slice(&apply->value, bytes);
    return apply->value.failed ? apply_out_of_memory(apply)
                               : store_env_put(apply->env, apply->txn, STORE_SOURCE, key,
                                               base_buffer_slice(&apply->value), 0, apply->error);
}

static bool is_entity(struct base_slice key)
{
    return key.data[0] == MODEL_RECORD_AUTHOR || key.data[0] == MODEL_RECORD_PAPER;
}

/* Number of the entity that the record under a key belongs to. */
static enum base_code number_of(struct apply *apply, struct base_slice key, uint32_t *number)
{
    struct apply_node *node;
    *number = 0;
    if (!is_entity(key)) {
        return BASE_OK;
    }
    enum model_entity kind = key.data[0] == MODEL_RECORD_AUTHOR ? MODEL_AUTHOR : MODEL_PAPER;
    enum base_code code = apply_node(apply, kind, base_slice(key.data + 1, key.size - 1), &node);
    if (code == BASE_OK) {
        *number = node->number;
    }
    return code;
}

static enum base_code write_changes(struct apply *apply)
{
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < apply->changes.size / sizeof(struct apply_change);
         i++) {
        struct apply_change change = ((const struct apply_change *)apply->changes.data)[i];
        uint32_t number;
        if (apply_is_same(&change)) {
            continue;
        }
        if (change.after.data == NULL) {
            apply->meta.info.source_count--;
            code = apply_drop(apply, STORE_SOURCE, change.key);
            continue;
        }
        apply->meta.info.source_count += change.before.data == NULL ? 1 : 0;
        code = number_of(apply, change.key, &number);
        if (code == BASE_OK) {
            code = write_record(apply, change.key, number, change.after);
        }
    }
    return code;
}

/* Records that stay as they are and belong to another number now. */
static enum base_code renumber_records(struct apply *apply)
{
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < apply->dirty.size / sizeof(struct apply_node *);
         i++) {
        const struct apply_node *node = ((struct apply_node **)apply->dirty.data)[i];
        char bytes[1 + MODEL_ID_KEY];
        struct base_slice key = apply_record_key(node, bytes);
        struct base_slice record;
        const struct apply_change *change = apply_change_of(apply, key);
        if ((node->facts & MODEL_NODE_RECORD) == 0 || node->number == node->before.number ||
            (change != NULL && !apply_is_same(change))) {
            continue;
        }
        code = apply_find_record(apply, key, &record);
        if (code == BASE_OK) {
            record = base_arena_copy(&apply->arena, record);
            code = record.data == NULL ? apply_out_of_memory(apply)
                                       : write_record(apply, key, node->number, record);
        }
    }
    return code;
}

/* One record more or less of a source. */
static enum base_code count_source(struct apply *apply, struct base_slice key,
                                   struct base_slice bytes, uint64_t more)
{
    struct model_record record;
    struct base_slice row;
    struct store_source counts = {0};
    if (bytes.data == NULL || !is_entity(key)) {
        return BASE_OK;
    }
    base_arena_reset(&apply->work);
    enum base_code code = model_record_decode(bytes, &apply->work, &record, apply->error);
    if (code != BASE_OK) {
        return code;
    }
    code = store_env_get(apply->env, apply->txn, STORE_SOURCES, record.source, &row, apply->error);
    if (code == BASE_OK && !store_get_source_counts(row, &counts)) {
        return base_fail(apply->error, BASE_DATA_LOSS,
                         "table sources: a row is malformed; run hirschd verify");
    }
    if (code != BASE_OK && code != BASE_NOT_FOUND) {
        return code;
    }
    *(key.data[0] == MODEL_RECORD_AUTHOR ? &counts.authors : &counts.papers) += more;
    if (counts.authors + counts.papers == 0) {
        return apply_drop(apply, STORE_SOURCES, record.source);
    }
    uint8_t value[STORE_SOURCE_COUNTS];
    store_put_source_counts(value, &counts);
    return store_env_put(apply->env, apply->txn, STORE_SOURCES, record.source,
                         base_slice(value, sizeof value), 0, apply->error);
}

/* Row "sources" of meta: those with most records. */
static enum base_code write_most(struct apply *apply)
{
    MDB_stat stat;
    MDB_cursor *cursor;
    MDB_dbi table = apply->env->tables[STORE_SOURCES];
    base_arena_reset(&apply->work);
    int found = mdb_stat(apply->txn, table, &stat);
    if (found == MDB_SUCCESS) {
        found = mdb_cursor_open(apply->txn, table, &cursor);
    }
    if (found != MDB_SUCCESS) {
        return store_env_fail(apply->error, found, "sources");
    }
    struct store_source *sources = base_arena_array(&apply->work, stat.ms_entries, sizeof *sources);
    enum base_code code = sources == NULL ? apply_out_of_memory(apply) : BASE_OK;
    size_t count = 0;
    MDB_val key;
    MDB_val value;
    while (code == BASE_OK && count < stat.ms_entries &&
           mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == MDB_SUCCESS) {
        struct base_slice row;
        code = store_env_check(STORE_SOURCES, store_slice(key), store_slice(value), &row,
                               apply->error);
        if (code == BASE_OK && store_get_source_counts(row, &sources[count])) {
            sources[count++].name = store_slice(key);
        }
    }
    mdb_cursor_close(cursor);
    base_buffer_clear(&apply->value);
    if (code == BASE_OK) {
        store_encode_sources(&apply->value, sources, count);
        code = apply->value.failed
                   ? apply_out_of_memory(apply)
                   : store_env_put(apply->env, apply->txn, STORE_META,
                                   base_slice_text(STORE_META_SOURCES),
                                   base_buffer_slice(&apply->value), 0, apply->error);
    }
    return code;
}

enum base_code apply_sources(struct apply *apply)
{
    enum base_code code = write_changes(apply);
    if (code == BASE_OK) {
        code = renumber_records(apply);
    }
    bool counted = false;
    for (size_t i = 0; code == BASE_OK && i < apply->changes.size / sizeof(struct apply_change);
         i++) {
        struct apply_change change = ((const struct apply_change *)apply->changes.data)[i];
        if (apply_is_same(&change) || !is_entity(change.key)) {
            continue;
        }
        counted = true;
        code = count_source(apply, change.key, change.before, UINT64_MAX);
        if (code == BASE_OK) {
            code = count_source(apply, change.key, change.after, 1);
        }
    }
    return code == BASE_OK && counted ? write_most(apply) : code;
}

/* The newest day that a paper has, not after today. */
static enum base_code find_coverage(struct apply *apply, uint32_t *day)
{
    MDB_cursor *cursor;
    uint8_t behind[4];
    base_put_be32(behind, apply->today == UINT32_MAX ? UINT32_MAX : apply->today + 1);
    MDB_val key = {sizeof behind, behind};
    MDB_val value;
    int found = mdb_cursor_open(apply->txn, apply->env->tables[STORE_DAYS], &cursor);
    if (found != MDB_SUCCESS) {
        return store_env_fail(apply->error, found, "days");
    }
    found = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    if (found == MDB_SUCCESS || found == MDB_NOTFOUND) {
        found = mdb_cursor_get(cursor, &key, &value, found == MDB_SUCCESS ? MDB_PREV : MDB_LAST);
    }
    *day = found == MDB_SUCCESS && key.mv_size == 4 ? base_get_be32(key.mv_data) : MODEL_NO_DAY;
    mdb_cursor_close(cursor);
    return found == MDB_SUCCESS || found == MDB_NOTFOUND
               ? BASE_OK
               : store_env_fail(apply->error, found, "days");
}

enum base_code apply_meta(struct apply *apply)
{
    struct store_meta *meta = &apply->meta;
    enum base_code code =
        meta->coverage_given ? BASE_OK : find_coverage(apply, &meta->info.coverage_end);
    for (int table = 0; code == BASE_OK && table < STORE_TABLE_END; table++) {
        MDB_stat stat;
        int found = mdb_stat(apply->txn, apply->env->tables[table], &stat);
        if (found != MDB_SUCCESS) {
            return store_env_fail(apply->error, found, "meta");
        }
        meta->rows[table] = stat.ms_entries;
    }
    meta->info.sequence = apply->sequence;
    return code == BASE_OK ? store_meta_write(apply->env, apply->txn, meta, apply->error) : code;
}
