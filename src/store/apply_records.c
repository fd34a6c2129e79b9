/* Step 1: what each change makes of the record under its key, and what suppress lines take out. */
#include "store/application.h"
#include "store/log.h"

/* The row of a record without its checksum: number of the entity, canonical bytes. */
enum { ROW_NUMBER = 4 };

/* More ids than these are not looked for one by one. */
enum { SWEEP_FEW = 8 };

bool apply_is_same(const struct apply_change *change)
{
    bool was = change->before.data != NULL;
    bool is = change->after.data != NULL;
    return was == is && (!is || base_slice_equal(change->before, change->after));
}

static enum base_code read_record(struct apply *apply, struct base_slice key, uint32_t *number,
                                  struct base_slice *bytes)
{
    struct base_slice row;
    enum base_code code =
        store_env_get(apply->env, apply->txn, STORE_SOURCE, key, &row, apply->error);
    if (code == BASE_NOT_FOUND) {
        *number = 0;
        *bytes = base_slice(NULL, 0);
        return BASE_OK;
    }
    if (code == BASE_OK && row.size < ROW_NUMBER) {
        return base_fail(apply->error, BASE_DATA_LOSS,
                         "table source: a row is cut; run hirschd verify");
    }
    if (code == BASE_OK) {
        *number = base_get_le32(row.data);
        *bytes = base_slice(row.data + ROW_NUMBER, row.size - ROW_NUMBER);
    }
    return code;
}

struct apply_change *apply_change_of(struct apply *apply, struct base_slice key)
{
    uint32_t place;
    if (!store_intern_find(&apply->change_keys, key, &place)) {
        return NULL;
    }
    return (struct apply_change *)apply->changes.data + place;
}

static enum base_code redact(struct apply *apply, struct base_slice *bytes, bool *changed);

/* Takes out of the record what suppress lines have named since it was looked at. */
static enum base_code settle_change(struct apply *apply, struct apply_change *change)
{
    bool changed;
    if (change->turn == apply->turn) {
        return BASE_OK;
    }
    change->turn = apply->turn;
    return change->after.data == NULL || change->key.data[0] == MODEL_RECORD_SUPPRESS
               ? BASE_OK
               : redact(apply, &change->after, &changed);
}

/* The change of a key, made when it is the first one. Valid until the next is made. */
static enum base_code change_for(struct apply *apply, struct base_slice key,
                                 struct apply_change **change)
{
    struct apply_change *found = apply_change_of(apply, key);
    if (found != NULL) {
        *change = found;
        return settle_change(apply, found);
    }
    struct apply_change made = {.key = base_arena_copy(&apply->arena, key)};
    struct base_slice bytes;
    uint32_t place;
    enum base_code code = read_record(apply, key, &made.number, &bytes);
    if (code != BASE_OK) {
        return code;
    }
    if (bytes.data != NULL) {
        made.before = base_arena_copy(&apply->arena, bytes);
    }
    if (made.key.data == NULL || (bytes.data != NULL && made.before.data == NULL)) {
        return apply_out_of_memory(apply);
    }
    made.after = made.before;
    struct apply_change *to = store_array_extend(&apply->changes, sizeof *to, apply->error);
    if (to == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    *to = made;
    code = store_intern_number(&apply->change_keys, key, &place, apply->error);
    *change = to;
    return code == BASE_OK ? settle_change(apply, to) : code;
}

enum base_code apply_find_record(struct apply *apply, struct base_slice key,
                                 struct base_slice *bytes)
{
    const struct apply_change *change = apply_change_of(apply, key);
    if (change != NULL) {
        *bytes = change->after;
        return BASE_OK;
    }
    uint32_t number;
    return read_record(apply, key, &number, bytes);
}

enum base_code apply_find_record_before(struct apply *apply, struct base_slice key,
                                        struct base_slice *bytes)
{
    const struct apply_change *change = apply_change_of(apply, key);
    if (change != NULL) {
        *bytes = change->before;
        return BASE_OK;
    }
    uint32_t number;
    return read_record(apply, key, &number, bytes);
}

static enum base_code add_suppressed(struct apply *apply, struct base_slice bytes)
{
    struct model_record record;
    base_arena_reset(&apply->work);
    enum base_code code = model_record_decode(bytes, &apply->work, &record, apply->error);
    return code == BASE_OK ? store_suppress_add(&apply->suppress, &record, apply->error) : code;
}

/* Calls visit for each record from a type on that the group has not changed, as it lies in the
 * table. */
static enum base_code
each_stored(struct apply *apply, uint8_t first, uint8_t last,
            enum base_code (*visit)(struct apply *apply, struct base_slice key,
                                    struct base_slice bytes, const void *context),
            const void *context)
{
    MDB_cursor *cursor;
    int found = mdb_cursor_open(apply->txn, apply->env->tables[STORE_SOURCE], &cursor);
    if (found != MDB_SUCCESS) {
        return store_env_fail(apply->error, found, "source");
    }
    MDB_val key = {1, &first};
    MDB_val value;
    enum base_code code = BASE_OK;
    found = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    while (code == BASE_OK && found == MDB_SUCCESS && *(const uint8_t *)key.mv_data <= last) {
        struct base_slice row;
        if (apply_change_of(apply, store_slice(key)) == NULL) {
            code = store_env_check(STORE_SOURCE, store_slice(key), store_slice(value), &row,
                                   apply->error);
            if (code == BASE_OK && row.size >= ROW_NUMBER) {
                code = visit(apply, store_slice(key),
                             base_slice(row.data + ROW_NUMBER, row.size - ROW_NUMBER), context);
            }
        }
        found = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    if (code == BASE_OK && found != MDB_SUCCESS && found != MDB_NOTFOUND) {
        return store_env_fail(apply->error, found, "source");
    }
    return code;
}

static enum base_code know_line(struct apply *apply, struct base_slice key, struct base_slice bytes,
                                const void *context)
{
    (void)key;
    (void)context;
    return add_suppressed(apply, bytes);
}

enum base_code apply_know_suppressed(struct apply *apply)
{
    if (apply->suppress_known) {
        return BASE_OK;
    }
    store_suppress_fini(&apply->suppress);
    store_suppress_init(&apply->suppress, &apply->memory);
    enum base_code code =
        each_stored(apply, MODEL_RECORD_SUPPRESS, MODEL_RECORD_SUPPRESS, know_line, NULL);
    for (size_t i = 0; code == BASE_OK && i < apply->changes.size / sizeof(struct apply_change);
         i++) {
        const struct apply_change *change = (const struct apply_change *)apply->changes.data + i;
        if (change->key.data[0] == MODEL_RECORD_SUPPRESS && change->after.data != NULL) {
            code = add_suppressed(apply, change->after);
        }
    }
    apply->suppress_known = code == BASE_OK;
    return code;
}

/* Takes suppressed ids out of a record; data NULL when nothing may stay, *changed tells whether the
 * bytes are others now (in the group's arena). */
static enum base_code redact(struct apply *apply, struct base_slice *bytes, bool *changed)
{
    struct model_record record;
    bool keep;
    enum base_code code = apply_know_suppressed(apply);
    base_arena_reset(&apply->work);
    if (code == BASE_OK) {
        code = model_record_decode(*bytes, &apply->work, &record, apply->error);
    }
    if (code == BASE_OK) {
        code = store_suppress_redact(&apply->suppress, &record, &apply->work, &keep, changed,
                                     apply->error);
    }
    if (code != BASE_OK) {
        return code;
    }
    if (!keep) {
        *changed = true;
        *bytes = base_slice(NULL, 0);
        return BASE_OK;
    }
    if (*changed) {
        base_buffer_clear(&apply->value);
        model_record_encode(&record, &apply->value);
        *bytes = apply->value.failed
                     ? base_slice(NULL, 0)
                     : base_arena_copy(&apply->arena, base_buffer_slice(&apply->value));
        if (bytes->data == NULL) {
            return apply_out_of_memory(apply);
        }
    }
    return BASE_OK;
}

/* May the record hold one of the ids? Canonical bytes hold an id's value as it is; only the names
 * of authors without id do not show what they fold to. */
static bool may_hold(const struct store_array *sweeps, struct base_slice bytes)
{
    const struct model_id *ids = sweeps->data;
    size_t count = sweeps->size / sizeof *ids;
    bool holds = count > SWEEP_FEW;
    for (size_t i = 0; !holds && i < count; i++) {
        holds = ids[i].scheme == MODEL_NAME ||
                memmem(bytes.data, bytes.size, ids[i].value.data, ids[i].value.size) != NULL;
    }
    return holds;
}

static enum base_code redact_stored(struct apply *apply, struct base_slice key,
                                    struct base_slice bytes, const void *context)
{
    bool changed;
    struct apply_change *change;
    (void)context;
    if (!may_hold(&apply->sweeps, bytes)) {
        return BASE_OK;
    }
    enum base_code code = redact(apply, &bytes, &changed);
    return code == BASE_OK && changed ? change_for(apply, key, &change) : code;
}

/* Suppress lines take their ids out of every record: out of those that the group has to do with
 * when it does, out of the others all at once. */
enum base_code apply_sweep(struct apply *apply)
{
    enum base_code code = BASE_OK;
    if (apply->sweeps.size == 0) {
        return BASE_OK;
    }
    for (size_t i = 0; code == BASE_OK && i < apply->changes.size / sizeof(struct apply_change);
         i++) {
        code = settle_change(apply, (struct apply_change *)apply->changes.data + i);
    }
    if (code == BASE_OK) {
        code = each_stored(apply, MODEL_RECORD_AUTHOR, MODEL_RECORD_CITATION, redact_stored, NULL);
    }
    apply->sweeps.size = 0;
    return code;
}

static enum base_code note_sweep(struct apply *apply, const struct model_record *line)
{
    struct model_id *id = store_array_extend(&apply->sweeps, sizeof *id, apply->error);
    if (id == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    *id = (struct model_id){line->id.scheme, base_arena_copy(&apply->arena, line->id.value)};
    if (id->value.data == NULL) {
        return apply_out_of_memory(apply);
    }
    apply->turn++;
    return store_suppress_add(&apply->suppress, line, apply->error);
}

static enum base_code put_record(struct apply *apply, struct store_write_item *item,
                                 struct apply_change *change, struct base_buffer *entry)
{
    base_buffer_clear(&apply->value);
    model_record_encode(item->record, &apply->value);
    struct base_slice bytes =
        apply->value.failed ? base_slice(NULL, 0)
                            : base_arena_copy(&apply->arena, base_buffer_slice(&apply->value));
    if (bytes.data == NULL) {
        return apply_out_of_memory(apply);
    }
    if (apply->suppress.ids.count > 0 && item->record->type != MODEL_RECORD_SUPPRESS) {
        bool changed;
        enum base_code code = redact(apply, &bytes, &changed);
        if (code != BASE_OK) {
            return code;
        }
    }
    int order = bytes.data == NULL           ? -1
                : change->after.data == NULL ? 1
                                             : base_slice_compare(bytes, change->after);
    item->outcome = bytes.data == NULL ? STORE_OUTCOME_SUPPRESSED
                    : order > 0        ? STORE_OUTCOME_STORED
                    : order == 0       ? STORE_OUTCOME_UNCHANGED
                                       : STORE_OUTCOME_OLDER;
    bool is_new = change->after.data == NULL;
    if (item->outcome == STORE_OUTCOME_STORED) {
        change->after = bytes;
        store_log_put(entry, bytes);
        if (is_new && item->record->type == MODEL_RECORD_SUPPRESS) {
            return note_sweep(apply, item->record);
        }
    }
    return BASE_OK;
}

enum base_code apply_item(struct apply *apply, struct store_write_item *item,
                          struct base_buffer *entry, struct base_error *error)
{
    struct apply_change *change;
    enum base_code code = BASE_OK;
    apply->error = error;
    if (item->remove && item->record->type == MODEL_RECORD_SUPPRESS) {
        /* What the line has taken out does not come back: it is gone before the line is. */
        code = apply_sweep(apply);
    }
    base_buffer_clear(&apply->key);
    model_record_append_key(item->record, &apply->key);
    if (code == BASE_OK) {
        code = apply->key.failed ? apply_out_of_memory(apply)
                                 : change_for(apply, base_buffer_slice(&apply->key), &change);
    }
    if (code != BASE_OK) {
        return code;
    }
    if (!item->remove) {
        return put_record(apply, item, change, entry);
    }
    item->outcome = change->after.data == NULL ? STORE_OUTCOME_ABSENT : STORE_OUTCOME_DELETED;
    change->after = base_slice(NULL, 0);
    if (item->outcome == STORE_OUTCOME_DELETED) {
        store_log_remove(entry, item->record);
    }
    if (item->outcome == STORE_OUTCOME_DELETED && item->record->type == MODEL_RECORD_SUPPRESS) {
        apply->suppress_known = false;
    }
    return BASE_OK;
}
