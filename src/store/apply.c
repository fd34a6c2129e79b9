#include "store/apply.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "store/application.h"
#include "store/cohorts.h"
#include "store/numbers.h"
#include "store/reader.h"
#include "store/sort.h"

enum { ABSTRACT_LEVEL = 3 };

static const size_t arrays[] = {
    offsetof(struct apply, changes),       offsetof(struct apply, nodes),
    offsetof(struct apply, dirty),         offsetof(struct apply, entities),
    offsetof(struct apply, lines),         offsetof(struct apply, moved),
    offsetof(struct apply, gone),          offsetof(struct apply, pairs),
    offsetof(struct apply, recounts),      offsetof(struct apply, authored),
    offsetof(struct apply, authors),       offsetof(struct apply, viewed),
    offsetof(struct apply, words),         offsetof(struct apply, papers.items),
    offsetof(struct apply, citers.items),  offsetof(struct apply, writers.items),
    offsetof(struct apply, shifts.items),  offsetof(struct apply, shifted),
    offsetof(struct apply, citing_before), offsetof(struct apply, citing_now),
    offsetof(struct apply, listings),      offsetof(struct apply, selves),
    offsetof(struct apply, line_changes),  offsetof(struct apply, sweeps),
};

static const size_t interns[] = {
    offsetof(struct apply, change_keys),     offsetof(struct apply, node_keys),
    offsetof(struct apply, papers.numbers),  offsetof(struct apply, citers.numbers),
    offsetof(struct apply, writers.numbers), offsetof(struct apply, shifts.numbers),
    offsetof(struct apply, word_lists),
};

static struct store_array *array_at(struct apply *apply, size_t index)
{
    return (struct store_array *)((char *)apply + arrays[index]);
}

static struct store_intern *intern_at(struct apply *apply, size_t index)
{
    return (struct store_intern *)((char *)apply + interns[index]);
}

/* A mark for each paper of the store, of which few are touched: only those are memory, and only
 * until the group ends. */
static void forget_marks(struct apply *apply)
{
    engine_counter_free(apply->authors_counter);
    if (apply->marks != NULL) {
        munmap(apply->marks, apply->marks_size);
    }
    apply->authors_counter = NULL;
    apply->marks = NULL;
}

enum base_code apply_new(const struct store *store, const struct store_packer *packer,
                         struct apply **apply, struct base_error *error)
{
    struct apply *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    const struct store_env *env = &store->env;
    made->env = env;
    made->refreshing = &store->refreshing;
    made->packer = *packer;
    made->memory = (struct store_scratch){"/", SIZE_MAX, 0};
    base_arena_init(&made->arena, 0);
    base_arena_init(&made->work, 0);
    base_arena_init(&made->deciding, 0);
    base_arena_init(&made->lists, 0);
    base_buffer_init(&made->key);
    base_buffer_init(&made->value);
    store_suppress_init(&made->suppress, &made->memory);
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
        store_array_init(array_at(made, i), &made->memory);
    }
    for (size_t i = 0; i < sizeof interns / sizeof interns[0]; i++) {
        store_intern_init(intern_at(made, i), &made->memory);
    }
    made->counter = engine_counter_new(0, NULL);
    made->compressor = base_compressor_new(ABSTRACT_LEVEL);
    made->decompressor = base_decompressor_new();
    if (made->counter == NULL || made->compressor == NULL || made->decompressor == NULL ||
        (env->dictionary != NULL && !base_compressor_use(made->compressor, env->dictionary))) {
        apply_free(made);
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    base_decompressor_use(made->decompressor, env->dictionary);
    *apply = made;
    return BASE_OK;
}

void apply_free(struct apply *apply)
{
    if (apply == NULL) {
        return;
    }
    forget_marks(apply);
    engine_counter_free(apply->counter);
    base_compressor_free(apply->compressor);
    base_decompressor_free(apply->decompressor);
    for (size_t i = 0; i < sizeof interns / sizeof interns[0]; i++) {
        store_intern_fini(intern_at(apply, i));
    }
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
        store_array_fini(array_at(apply, i));
    }
    store_suppress_fini(&apply->suppress);
    base_buffer_fini(&apply->value);
    base_buffer_fini(&apply->key);
    base_arena_fini(&apply->lists);
    base_arena_fini(&apply->deciding);
    base_arena_fini(&apply->work);
    base_arena_fini(&apply->arena);
    free(apply);
}

static void clear(struct apply *apply)
{
    for (size_t i = 0; i < sizeof interns / sizeof interns[0]; i++) {
        store_intern_clear(intern_at(apply, i));
    }
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
        array_at(apply, i)->size = 0;
    }
    apply->settled = 0;
    apply->turn = 0;
    forget_marks(apply);
    base_arena_reset(&apply->arena);
    base_arena_reset(&apply->work);
    base_arena_reset(&apply->deciding);
    base_arena_reset(&apply->lists);
}

/* The greatest number of a table whose keys are numbers. */
static enum base_code last_number(struct apply *apply, enum store_table table, uint32_t *last)
{
    MDB_cursor *cursor;
    int code = mdb_cursor_open(apply->txn, apply->env->tables[table], &cursor);
    if (code != MDB_SUCCESS) {
        return store_env_fail(apply->error, code, store_table_name(table));
    }
    MDB_val key;
    MDB_val value;
    code = mdb_cursor_get(cursor, &key, &value, MDB_LAST);
    if (code == MDB_SUCCESS && key.mv_size == 4) {
        *last = base_get_be32(key.mv_data);
    } else if (code == MDB_NOTFOUND) {
        *last = 0;
        code = MDB_SUCCESS;
    }
    mdb_cursor_close(cursor);
    return code == MDB_SUCCESS ? BASE_OK
                               : store_env_fail(apply->error, code, store_table_name(table));
}

/* Raises it to the greatest number of a paper that a refresh may have put into a cohort. */
static enum base_code last_member(struct apply *apply, uint32_t *last)
{
    MDB_cursor *cursor;
    int code = mdb_cursor_open(apply->txn, apply->env->tables[STORE_COHORT_PAPERS], &cursor);
    if (code != MDB_SUCCESS) {
        return store_env_fail(apply->error, code, store_table_name(STORE_COHORT_PAPERS));
    }
    MDB_val key;
    MDB_val value;
    code = mdb_cursor_get(cursor, &key, &value, MDB_LAST);
    while (code == MDB_SUCCESS && key.mv_size == 5) {
        uint8_t round = *(const uint8_t *)key.mv_data;
        struct base_slice row;
        uint64_t end =
            (uint64_t)base_get_be32((const uint8_t *)key.mv_data + 1) * STORE_MEMBER_BLOCK +
            STORE_MEMBER_BLOCK - 1;
        /* A damaged row gives no answers, and may name numbers that nobody was given. */
        bool whole = store_env_check(STORE_COHORT_PAPERS, store_slice(key), store_slice(value),
                                     &row, NULL) == BASE_OK;
        *last = whole && end > *last && end < UINT32_MAX ? (uint32_t)end : *last;
        /* The last block of the round before. */
        key = (MDB_val){1, &round};
        code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
        code = code == MDB_SUCCESS ? mdb_cursor_get(cursor, &key, &value, MDB_PREV) : code;
    }
    mdb_cursor_close(cursor);
    return code == MDB_SUCCESS || code == MDB_NOTFOUND
               ? BASE_OK
               : store_env_fail(apply->error, code, store_table_name(STORE_COHORT_PAPERS));
}

/* Cohorts know papers by their numbers until the next refresh: the number of a paper that is gone
 * is not given to another one, which would be in its cohort. A refresh that is under way may have
 * read what this writer has seen; without one numbers come back, and stay as dense as papers. */
static enum base_code keep_numbers(struct apply *apply)
{
    uint32_t *last = &apply->last[MODEL_PAPER];
    enum base_code code = last_member(apply, last);
    if (!atomic_load(apply->refreshing)) {
        apply->seen = 0;
    }
    *last = *last > apply->seen ? *last : apply->seen;
    apply->seen = *last;
    return code;
}

enum base_code apply_begin(struct apply *apply, MDB_txn *txn, uint32_t today,
                           struct base_error *error)
{
    apply->seen = apply->last[MODEL_PAPER] > apply->seen ? apply->last[MODEL_PAPER] : apply->seen;
    clear(apply);
    apply->txn = txn;
    apply->today = today;
    apply->error = error;
    enum base_code code = store_meta_read(apply->env, txn, &apply->meta, error);
    if (code == BASE_OK) {
        code = last_number(apply, STORE_AUTHOR, &apply->last[MODEL_AUTHOR]);
    }
    if (code == BASE_OK) {
        code = last_number(apply, STORE_PAPER, &apply->last[MODEL_PAPER]);
    }
    if (code == BASE_OK) {
        code = keep_numbers(apply);
    }
    return code == BASE_OK ? apply_know_suppressed(apply) : code;
}

void apply_forget(struct apply *apply)
{
    clear(apply);
    apply->suppress_known = false;
    /* The numbers that it gave are nobody's: a group that fails again and again takes none. */
    apply->last[MODEL_PAPER] = apply->seen;
}

uint64_t apply_sequence(const struct apply *apply)
{
    return apply->meta.info.sequence;
}

const uint8_t *apply_epoch(const struct apply *apply)
{
    return apply->meta.info.epoch;
}

enum base_code apply_finish(struct apply *apply, uint64_t sequence, struct base_error *error)
{
    static enum base_code (*const steps[])(struct apply *) = {
        apply_sweep,   apply_ties,  apply_identity, apply_papers, apply_edges,
        apply_authors, apply_words, apply_sources,  apply_meta,
    };
    apply->error = error;
    apply->sequence = sequence;
    enum base_code code = BASE_OK;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && code == BASE_OK; i++) {
        code = steps[i](apply);
    }
    return code;
}

enum base_code apply_out_of_memory(struct apply *apply)
{
    return base_fail(apply->error, BASE_RESOURCE_EXHAUSTED, "out of memory");
}

static struct base_slice number_key(uint8_t key[4], uint32_t number)
{
    base_put_be32(key, number);
    return base_slice(key, 4);
}

enum base_code apply_read_row(struct apply *apply, enum store_table table, uint32_t number,
                              struct base_slice *row)
{
    uint8_t key[4];
    enum base_code code =
        store_env_get(apply->env, apply->txn, table, number_key(key, number), row, apply->error);
    if (code == BASE_NOT_FOUND) {
        *row = base_slice(NULL, 0);
        return BASE_OK;
    }
    return code;
}

enum base_code apply_write_row(struct apply *apply, enum store_table table, uint32_t number,
                               struct base_slice row)
{
    uint8_t key[4];
    return store_env_put(apply->env, apply->txn, table, number_key(key, number), row, 0,
                         apply->error);
}

enum base_code apply_drop(struct apply *apply, enum store_table table, struct base_slice key)
{
    MDB_val where = store_val(key);
    int code = mdb_del(apply->txn, apply->env->tables[table], &where, NULL);
    return code == MDB_SUCCESS || code == MDB_NOTFOUND
               ? BASE_OK
               : store_env_fail(apply->error, code, store_table_name(table));
}

enum base_code apply_drop_row(struct apply *apply, enum store_table table, uint32_t number)
{
    uint8_t key[4];
    return apply_drop(apply, table, number_key(key, number));
}

enum base_code apply_read_list(struct apply *apply, enum store_table table, uint32_t owner,
                               struct base_arena *arena, struct base_slice *entries)
{
    uint8_t key[4];
    base_buffer_clear(&apply->value);
    enum base_code code = store_list_read(apply->env, apply->txn, table, number_key(key, owner),
                                          &apply->value, apply->error);
    if (code != BASE_OK) {
        return code;
    }
    struct base_slice copy = base_arena_copy(arena, base_buffer_slice(&apply->value));
    if (copy.data == NULL) {
        return apply_out_of_memory(apply);
    }
    *entries = copy;
    return BASE_OK;
}

enum base_code apply_edit_list(struct apply *apply, enum store_table table, uint32_t owner,
                               struct base_slice removed, struct base_slice added)
{
    uint8_t key[4];
    return store_list_edit(apply->env, apply->txn, table, number_key(key, owner), removed, added,
                           apply->error);
}

enum base_code apply_unpack(struct apply *apply, enum model_entity entity, struct base_slice view,
                            struct base_arena *arena, struct store_unpacked *unpacked)
{
    return apply->packer.unpack(entity, view, arena, unpacked, apply->error);
}

void *apply_index_find(const struct apply_index *index, uint32_t number)
{
    uint32_t place;
    uint8_t key[4];
    if (!store_intern_find(&index->numbers, number_key(key, number), &place)) {
        return NULL;
    }
    return ((void *const *)index->items.data)[place];
}

enum base_code apply_index_put(struct apply *apply, struct apply_index *index, uint32_t number,
                               void *item)
{
    uint32_t place;
    uint8_t key[4];
    enum base_code code =
        store_intern_number(&index->numbers, number_key(key, number), &place, apply->error);
    if (code == BASE_OK && (place + (size_t)1) * sizeof item > index->items.size) {
        code = store_array_resize(&index->items, (place + (size_t)1) * sizeof item, apply->error);
    }
    if (code == BASE_OK) {
        ((void **)index->items.data)[place] = item;
    }
    return code;
}

static inline bool pair_less(const struct apply_pair *a, const struct apply_pair *b)
{
    return a->owner != b->owner ? a->owner < b->owner : a->item < b->item;
}

STORE_SORT_DEFINE(sort_pairs, struct apply_pair, pair_less)

void apply_order_pairs(struct store_array *pairs)
{
    sort_pairs(pairs->data, pairs->size / sizeof(struct apply_pair));
}

void apply_sort_pairs(struct store_array *pairs)
{
    struct apply_pair *items = pairs->data;
    size_t count = pairs->size / sizeof *items;
    size_t kept = 0;
    apply_order_pairs(pairs);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || pair_less(&items[kept - 1], &items[i])) {
            items[kept++] = items[i];
        }
    }
    pairs->size = kept * sizeof *items;
}

/* The first of the pairs, in order, that is not less. */
static size_t find_pair(const struct store_array *pairs, struct apply_pair wanted)
{
    const struct apply_pair *items = pairs->data;
    size_t low = 0;
    size_t high = pairs->size / sizeof *items;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (pair_less(&items[middle], &wanted)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool apply_has_pair(const struct store_array *pairs, uint32_t owner, uint32_t item)
{
    const struct apply_pair *items = pairs->data;
    size_t at = find_pair(pairs, (struct apply_pair){owner, item});
    return at < pairs->size / sizeof *items && items[at].owner == owner && items[at].item == item;
}

size_t apply_pairs_of(const struct store_array *pairs, uint32_t owner,
                      const struct apply_pair **first)
{
    const struct apply_pair *items = pairs->data;
    size_t count = pairs->size / sizeof *items;
    size_t low = find_pair(pairs, (struct apply_pair){owner, 0});
    size_t end = low;
    while (end < count && items[end].owner == owner) {
        end++;
    }
    *first = items + low;
    return end - low;
}

void apply_sort_once(struct store_array *numbers)
{
    uint32_t *items = numbers->data;
    size_t count = numbers->size / sizeof *items;
    size_t kept = 0;
    store_sort_numbers(items, count);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || items[kept - 1] != items[i]) {
            items[kept++] = items[i];
        }
    }
    numbers->size = kept * sizeof *items;
}

enum base_code apply_add_number(struct apply *apply, struct store_array *numbers, uint32_t number)
{
    uint32_t *to = store_array_extend(numbers, sizeof *to, apply->error);
    if (to == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    *to = number;
    return BASE_OK;
}

enum base_code apply_add_pair(struct apply *apply, struct store_array *pairs, uint32_t owner,
                              uint32_t item)
{
    struct apply_pair *to = store_array_extend(pairs, sizeof *to, apply->error);
    if (to == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    *to = (struct apply_pair){owner, item};
    return BASE_OK;
}
