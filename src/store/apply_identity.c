/* Step 2: what ids resolve to now. Which records are one paper tells what merged views name, and
 * that tells which ids without record stand for something; so it is decided twice, as in a
 * derivation. Writes `xid`. */
#include "store/application.h"
#include "store/derivation.h"
#include "store/sort.h"

static bool stands_for_something(const struct apply_node *node)
{
    return node->own == node && (node->facts & (MODEL_NODE_RECORD | MODEL_NODE_NAMED)) != 0;
}

static enum base_code take_number(struct apply *apply, struct store_intern *taken,
                                  enum model_entity kind, uint32_t number, bool *free)
{
    uint8_t key[5];
    uint32_t place;
    key[0] = (uint8_t)kind;
    base_put_le32(key + 1, number);
    uint32_t count = taken->count;
    enum base_code code =
        store_intern_number(taken, base_slice(key, sizeof key), &place, apply->error);
    *free = taken->count > count;
    return code;
}

/* Every entity keeps a number that one of its ids had, that of its own id if it can be. */
static enum base_code give_numbers(struct apply *apply, struct store_intern *taken)
{
    size_t count = apply_dirty_count(apply);
    enum base_code code = BASE_OK;
    for (size_t i = 0; i < count; i++) {
        apply_dirty_at(apply, i)->number = 0;
    }
    for (int own = 1; own >= 0; own--) {
        for (size_t i = 0; code == BASE_OK && i < count; i++) {
            struct apply_node *node = apply_dirty_at(apply, i);
            struct apply_node *to = node->own;
            bool free;
            if (to == NULL || (own == 1 && to != node) || !stands_for_something(to) ||
                to->number != 0 || node->before.number == 0) {
                continue;
            }
            code = take_number(apply, taken, apply_node_kind(node), node->before.number, &free);
            to->number = free ? node->before.number : 0;
        }
    }
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        struct apply_node *node = apply_dirty_at(apply, i);
        uint32_t *last = &apply->last[apply_node_kind(node)];
        if (stands_for_something(node) && node->number == 0) {
            if (*last == UINT32_MAX - 1) {
                return base_fail(apply->error, BASE_RESOURCE_EXHAUSTED,
                                 "all numbers are given; export the store and import the export");
            }
            node->number = ++*last;
        }
    }
    for (size_t i = 0; i < count; i++) {
        struct apply_node *node = apply_dirty_at(apply, i);
        node->number = node->own != NULL ? node->own->number : 0;
    }
    return code;
}

/* Numbers that nothing has any more, and numbers of which some ids have become another's, or that
 * show another own id: whoever names them is looked at. */
static enum base_code note_moves(struct apply *apply, const struct store_intern *taken)
{
    enum base_code code = BASE_OK;
    size_t count = apply_dirty_count(apply);
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        const struct apply_node *node = apply_dirty_at(apply, i);
        uint32_t kind = (uint32_t)apply_node_kind(node);
        /* Papers show the own ids of their authors, not those of what they cite. */
        bool was_own = kind == MODEL_AUTHOR && (node->before.flags & STORE_XID_MERGED) == 0;
        if (node->before.number == 0) {
            continue;
        }
        if (node->number != node->before.number || (was_own && node->own != node)) {
            code = apply_add_pair(apply, &apply->moved, kind, node->before.number);
        }
        uint8_t key[5];
        key[0] = (uint8_t)kind;
        base_put_le32(key + 1, node->before.number);
        if (code == BASE_OK && !store_intern_has(taken, base_slice(key, sizeof key))) {
            code = apply_add_pair(apply, &apply->gone, kind, node->before.number);
        }
    }
    apply_sort_pairs(&apply->moved);
    apply_sort_pairs(&apply->gone);
    return code;
}

static uint8_t flags_of(const struct apply_node *node)
{
    unsigned flags = (node->facts & MODEL_NODE_RECORD) != 0 ? STORE_XID_PRIMARY : 0;
    flags |= (node->facts & MODEL_NODE_DISPUTED) != 0 ? STORE_XID_DISPUTED : 0;
    flags |= node->own != node ? STORE_XID_MERGED : 0;
    flags |= node->tie_count > 0 && node->ties[0].role == STORE_TIE_CLAIMED ? STORE_XID_CLAIMED : 0;
    return (uint8_t)flags;
}

static bool is_node_changed(struct apply *apply, const struct apply_node *node)
{
    return node->touched || node->number != node->before.number ||
           flags_of(node) != node->before.flags || apply_is_changed(apply, node);
}

/* Entities whose records, ids or lines are others than before. */
static void note_changed(struct apply *apply)
{
    struct apply_entity **entities = apply->entities.data;
    for (size_t i = 0; i < apply->entities.size / sizeof *entities; i++) {
        struct apply_entity *entity = entities[i];
        for (size_t k = 0; !entity->changed && k < entity->node_count; k++) {
            entity->changed = is_node_changed(apply, entity->nodes[k]);
        }
        for (size_t k = 0; !entity->changed && k < entity->open_count; k++) {
            entity->changed = is_node_changed(apply, entity->open[k]);
        }
        /* An id that left changes nothing of those that stayed. */
        entity->changed = entity->changed ||
                          apply_has_pair(&apply->moved, (uint32_t)entity->kind, entity->number);
    }
}

static enum base_code write_ids(struct apply *apply)
{
    enum base_code code = BASE_OK;
    size_t count = apply->nodes.size / sizeof(struct apply_node *);
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        const struct apply_node *node = ((struct apply_node **)apply->nodes.data)[i];
        const struct store_xid now = {node->number, node->named,
                                      node->dirty ? flags_of(node) : node->before.flags};
        if (now.number == node->before.number && now.flags == node->before.flags &&
            now.named == node->before.named) {
            continue;
        }
        if (now.number == 0) {
            if (node->before.number != 0) {
                code = apply_drop(apply, STORE_XID, node->key);
            }
            continue;
        }
        uint8_t row[STORE_XID_SIZE];
        store_put_xid(row, &now);
        code = store_env_put(apply->env, apply->txn, STORE_XID, node->key,
                             base_slice(row, sizeof row), 0, apply->error);
    }
    return code;
}

/* What meta counts of entities: papers, stubs, authors, merged records; sign -1 takes away what was
 * before. records: of one number. */
static void count_entity(struct store_info *info, enum model_entity kind, uint64_t records,
                         uint64_t sign)
{
    info->merged_count += records > 1 ? sign * (records - 1) : 0;
    *(kind == MODEL_AUTHOR ? &info->author_count
      : records > 0        ? &info->paper_count
                           : &info->stub_count) += sign;
}

struct numbered {
    uint32_t kind;
    uint32_t number;
    uint32_t records;
};

static inline bool numbered_less(const struct numbered *a, const struct numbered *b)
{
    return a->kind != b->kind ? a->kind < b->kind : a->number < b->number;
}

STORE_SORT_DEFINE(sort_numbered, struct numbered, numbered_less)

static enum base_code count_entities(struct apply *apply)
{
    size_t count = apply_dirty_count(apply);
    base_arena_reset(&apply->work);
    struct numbered *nodes = base_arena_array(&apply->work, count, sizeof *nodes);
    if (nodes == NULL) {
        return apply_out_of_memory(apply);
    }
    for (int now = 0; now <= 1; now++) {
        size_t used = 0;
        for (size_t i = 0; i < count; i++) {
            const struct apply_node *node = apply_dirty_at(apply, i);
            uint32_t number = now ? node->number : node->before.number;
            bool record = now ? (node->facts & MODEL_NODE_RECORD) != 0
                              : (node->before.flags & STORE_XID_PRIMARY) != 0;
            if (number != 0) {
                nodes[used++] = (struct numbered){(uint32_t)apply_node_kind(node), number, record};
            }
        }
        sort_numbered(nodes, used);
        for (size_t from = 0, end; from < used; from = end) {
            uint64_t records = 0;
            for (end = from; end < used && !numbered_less(&nodes[from], &nodes[end]); end++) {
                records += nodes[end].records;
            }
            count_entity(&apply->meta.info, (enum model_entity)nodes[from].kind, records,
                         now ? 1 : UINT64_MAX);
        }
    }
    return BASE_OK;
}

enum base_code apply_identity(struct apply *apply)
{
    struct store_intern taken;
    store_intern_init(&taken, &apply->memory);
    enum base_code code = apply_follow(apply, 0);
    if (code == BASE_OK) {
        code = apply_collect_lines(apply);
    }
    if (code == BASE_OK) {
        code = apply_decide(apply, 0);
    }
    if (code == BASE_OK) {
        code = apply_name_papers(apply);
    }
    if (code == BASE_OK) {
        apply_name_lines(apply);
        code = apply_mark_named(apply);
    }
    if (code == BASE_OK) {
        code = apply_follow(apply, 0);
    }
    if (code == BASE_OK) {
        code = apply_decide(apply, 0);
    }
    if (code == BASE_OK) {
        code = give_numbers(apply, &taken);
    }
    if (code == BASE_OK) {
        code = note_moves(apply, &taken);
    }
    if (code == BASE_OK) {
        code = apply_gather(apply, 0);
    }
    if (code == BASE_OK) {
        apply->settled = apply_dirty_count(apply);
        note_changed(apply);
        code = count_entities(apply);
    }
    store_intern_fini(&taken);
    return code == BASE_OK ? write_ids(apply) : code;
}
