/* Step 2, first part: what the changed records no longer say, and now say, of ids that name one
 * thing. Writes `ties`. */
#include "store/application.h"
#include "store/derivation.h"
#include "store/sort.h"

/* One half of a claim or of a line that comes or goes. Slices live in the group's arena. */
struct half {
    struct apply_node *node;
    struct store_tie tie; /* count unused */
    int sign;
};

static inline bool half_less(const struct half *a, const struct half *b)
{
    if (a->node != b->node) {
        return base_slice_compare(a->node->key, b->node->key) < 0;
    }
    return store_tie_compare(&a->tie, &b->tie) < 0;
}

STORE_SORT_DEFINE(sort_halves, struct half, half_less)

struct tie_pass {
    struct apply *apply;
    struct store_array halves;
};

static struct base_slice id_key(const struct apply_node *node)
{
    return base_slice(node->key.data + 1, node->key.size - 1);
}

static enum base_code add_half(struct tie_pass *pass, struct apply_node *node,
                               enum store_tie_role role, const struct apply_node *other,
                               struct base_slice source, int sign)
{
    struct half *half = store_array_extend(&pass->halves, sizeof *half, pass->apply->error);
    if (half == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    *half = (struct half){node, {role, 0, id_key(other), source}, sign};
    node->touched = true;
    return apply_mark(pass->apply, node);
}

static enum base_code add_claims(struct tie_pass *pass, enum model_entity entity,
                                 const struct model_id *claimant, const struct model_id *ids,
                                 size_t count, struct base_slice source, int sign)
{
    struct apply *apply = pass->apply;
    struct apply_node *from;
    struct apply_node *to;
    enum base_code code = count == 0 ? BASE_OK : apply_node_of_id(apply, entity, claimant, &from);
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        code = apply_node_of_id(apply, entity, &ids[i], &to);
        if (code != BASE_OK || from == to) {
            continue;
        }
        code = add_half(pass, to, STORE_TIE_CLAIMED, from, source, sign);
        if (code == BASE_OK) {
            code = add_half(pass, from, STORE_TIE_CLAIMS, to, source, sign);
        }
    }
    return code;
}

static enum base_code add_entity(struct tie_pass *pass, const struct model_record *record, int sign)
{
    struct apply *apply = pass->apply;
    enum model_entity entity = record->type == MODEL_RECORD_AUTHOR ? MODEL_AUTHOR : MODEL_PAPER;
    struct apply_node *node;
    struct base_slice source = base_arena_copy(&apply->arena, record->source);
    if (source.data == NULL) {
        return apply_out_of_memory(apply);
    }
    enum base_code code = apply_node_of_id(apply, entity, &record->id, &node);
    if (code == BASE_OK) {
        code = apply_mark(apply, node);
    }
    if (code == BASE_OK) {
        code = add_claims(pass, entity, &record->id, record->ids, record->id_count, source, sign);
    }
    if (record->type != MODEL_RECORD_PAPER) {
        return code;
    }
    for (size_t i = 0; code == BASE_OK && i < record->paper.author_count; i++) {
        const struct model_authorship *author = &record->paper.authors[i];
        struct model_id id;
        if (author->id_count > 0 && derive_author_id(author, &apply->work, &id)) {
            code = add_claims(pass, MODEL_AUTHOR, &id, author->ids, author->id_count, source, sign);
        }
    }
    return code;
}

static enum base_code add_line(struct tie_pass *pass, const struct model_record *record, int sign)
{
    static const enum model_entity entities[] = {MODEL_AUTHOR, MODEL_PAPER};
    struct base_slice nobody = {NULL, 0};
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < 2; i++) {
        struct apply_node *from;
        struct apply_node *into;
        if ((record->entity != 0 && record->entity != entities[i]) ||
            !model_id_fits(&record->id, entities[i]) ||
            !model_id_fits(&record->other, entities[i])) {
            continue;
        }
        code = apply_node_of_id(pass->apply, entities[i], &record->id, &from);
        if (code == BASE_OK) {
            code = apply_node_of_id(pass->apply, entities[i], &record->other, &into);
        }
        if (code != BASE_OK || from == into) {
            continue;
        }
        code = add_half(pass, from, STORE_TIE_LINE, into, nobody, sign);
        if (code == BASE_OK) {
            code = add_half(pass, into, STORE_TIE_LINE, from, nobody, sign);
        }
    }
    return code;
}

/* Ends of a citation line are marked: whether it is a citation depends on what they resolve to. */
static enum base_code mark_citation(struct tie_pass *pass, const struct model_record *record)
{
    const struct model_id *const ids[] = {&record->id, &record->other};
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < 2; i++) {
        struct apply_node *node;
        code = apply_node_of_id(pass->apply, MODEL_PAPER, ids[i], &node);
        if (code == BASE_OK) {
            code = apply_mark(pass->apply, node);
        }
    }
    return code;
}

static enum base_code add_record(struct tie_pass *pass, struct base_slice bytes, int sign)
{
    struct apply *apply = pass->apply;
    struct model_record record;
    if (bytes.data == NULL) {
        return BASE_OK;
    }
    base_arena_reset(&apply->work);
    enum base_code code = model_record_decode(bytes, &apply->work, &record, apply->error);
    if (code != BASE_OK) {
        return code;
    }
    switch (record.type) {
    case MODEL_RECORD_AUTHOR:
    case MODEL_RECORD_PAPER:
        return add_entity(pass, &record, sign);
    case MODEL_RECORD_MERGE:
        return add_line(pass, &record, sign);
    case MODEL_RECORD_CITATION:
        return mark_citation(pass, &record);
    case MODEL_RECORD_SUPPRESS:
        break;
    }
    return BASE_OK;
}

static enum base_code collect(struct tie_pass *pass)
{
    struct apply *apply = pass->apply;
    size_t count = apply->changes.size / sizeof(struct apply_change);
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        struct apply_change change = ((const struct apply_change *)apply->changes.data)[i];
        if (apply_is_same(&change)) {
            continue;
        }
        code = add_record(pass, change.before, -1);
        if (code == BASE_OK) {
            code = add_record(pass, change.after, 1);
        }
    }
    return code;
}

static inline bool by_source(const struct store_tie *a, const struct store_tie *b)
{
    int order = base_slice_compare(a->source, b->source);
    return order != 0 ? order < 0 : base_slice_compare(a->other, b->other) < 0;
}

STORE_SORT_DEFINE(sort_by_source, struct store_tie, by_source)

/* Do two of one source claim the id? Sorts the ties anew. */
static bool is_disputed(struct store_tie *ties, size_t count)
{
    size_t claims = 0;
    while (claims < count && ties[claims].role == STORE_TIE_CLAIMED) {
        claims++;
    }
    sort_by_source(ties, claims);
    for (size_t i = 1; i < claims; i++) {
        if (base_slice_equal(ties[i].source, ties[i - 1].source)) {
            return true;
        }
    }
    return false;
}

enum base_code apply_read_ties(struct apply *apply, struct base_slice key, struct base_arena *arena,
                               struct store_tie **ties, size_t *count)
{
    struct base_slice row;
    enum base_code code =
        store_env_get(apply->env, apply->txn, STORE_TIES, key, &row, apply->error);
    *count = 0;
    *ties = NULL;
    if (code != BASE_OK) {
        return code == BASE_NOT_FOUND ? BASE_OK : code;
    }
    row = base_arena_copy(arena, row);
    if (row.data == NULL) {
        return apply_out_of_memory(apply);
    }
    struct base_slice rest = row;
    struct store_tie tie;
    size_t found = 0;
    while (rest.size > 0 && store_take_tie(&rest, &tie)) {
        found++;
    }
    if (rest.size > 0) {
        return base_fail(apply->error, BASE_DATA_LOSS,
                         "table ties: a row is malformed; run hirschd verify");
    }
    struct store_tie *read = base_arena_array(arena, found, sizeof *read);
    if (read == NULL) {
        return apply_out_of_memory(apply);
    }
    rest = row;
    while (rest.size > 0 && store_take_tie(&rest, &read[*count])) {
        (*count)++;
    }
    *ties = read;
    return BASE_OK;
}

/* Old ties and halves of one node, both in order, become its new ties; room for all of them. */
static size_t merge_ties(const struct store_tie *old, size_t old_count, const struct half *halves,
                         size_t half_count, struct store_tie *merged)
{
    size_t used = 0;
    size_t a = 0;
    for (size_t b = 0; a < old_count || b < half_count;) {
        bool takes_old =
            b == half_count || (a < old_count && store_tie_compare(&old[a], &halves[b].tie) <= 0);
        struct store_tie tie = takes_old ? old[a] : halves[b].tie;
        int64_t count = takes_old ? old[a].count : 0;
        a += takes_old ? 1 : 0;
        while (b < half_count && store_tie_compare(&tie, &halves[b].tie) == 0) {
            count += halves[b++].sign;
        }
        if (count > 0) {
            tie.count = (uint32_t)count;
            merged[used++] = tie;
        }
    }
    return used;
}

static enum base_code write_ties(struct apply *apply, struct base_slice key,
                                 const struct store_tie *ties, size_t count)
{
    base_buffer_clear(&apply->value);
    for (size_t i = 0; i < count; i++) {
        store_append_tie(&apply->value, &ties[i]);
    }
    if (apply->value.failed) {
        return apply_out_of_memory(apply);
    }
    return count == 0 ? apply_drop(apply, STORE_TIES, key)
                      : store_env_put(apply->env, apply->txn, STORE_TIES, key,
                                      base_buffer_slice(&apply->value), 0, apply->error);
}

static enum base_code change_ties(struct apply *apply, const struct half *halves, size_t count)
{
    struct store_tie *old;
    size_t old_count;
    struct base_slice key = halves->node->key;
    base_arena_reset(&apply->work);
    enum base_code code = apply_read_ties(apply, key, &apply->work, &old, &old_count);
    if (code != BASE_OK) {
        return code;
    }
    struct store_tie *merged = base_arena_array(&apply->work, old_count + count, sizeof *merged);
    if (merged == NULL) {
        return apply_out_of_memory(apply);
    }
    size_t merged_count = merge_ties(old, old_count, halves, count, merged);
    code = write_ties(apply, key, merged, merged_count);
    if (code == BASE_OK) {
        bool was = is_disputed(old, old_count);
        bool is = is_disputed(merged, merged_count);
        apply->meta.info.disputed_count += (uint64_t)is - (uint64_t)was;
    }
    return code;
}

enum base_code apply_ties(struct apply *apply)
{
    struct tie_pass pass = {.apply = apply};
    store_array_init(&pass.halves, &apply->memory);
    enum base_code code = collect(&pass);
    struct half *halves = pass.halves.data;
    size_t count = pass.halves.size / sizeof *halves;
    sort_halves(halves, count);
    for (size_t from = 0, end; code == BASE_OK && from < count; from = end) {
        end = from + 1;
        while (end < count && halves[end].node == halves[from].node) {
            end++;
        }
        code = change_ties(apply, halves + from, end - from);
    }
    store_array_fini(&pass.halves);
    return code;
}
