/* Ids of a group: what they resolve to, before and now. */
#include "store/application.h"
#include "store/sort.h"

enum base_code apply_node(struct apply *apply, enum model_entity entity, struct base_slice id_key,
                          struct apply_node **node)
{
    base_buffer_clear(&apply->key);
    base_buffer_append_byte(&apply->key, (uint8_t)entity);
    base_buffer_append_slice(&apply->key, id_key);
    if (apply->key.failed) {
        return apply_out_of_memory(apply);
    }
    uint32_t place;
    struct base_slice key = base_buffer_slice(&apply->key);
    if (store_intern_find(&apply->node_keys, key, &place)) {
        *node = ((struct apply_node **)apply->nodes.data)[place];
        return BASE_OK;
    }
    struct apply_node *made = base_arena_zalloc(&apply->arena, sizeof *made);
    struct base_slice copy = base_arena_copy(&apply->arena, key);
    struct apply_node **to = store_array_extend(&apply->nodes, sizeof *to, apply->error);
    if (made == NULL || copy.data == NULL || to == NULL) {
        return apply_out_of_memory(apply);
    }
    *to = made;
    made->key = copy;
    struct base_slice row;
    enum base_code code =
        store_env_get(apply->env, apply->txn, STORE_XID, copy, &row, apply->error);
    if (code == BASE_OK && !store_get_xid(row, &made->before)) {
        return base_fail(apply->error, BASE_DATA_LOSS,
                         "table xid: a row is malformed; run hirschd verify");
    }
    if (code != BASE_OK && code != BASE_NOT_FOUND) {
        return code;
    }
    made->named = made->before.named;
    made->number = made->before.number;
    *node = made;
    return store_intern_number(&apply->node_keys, copy, &place, apply->error);
}

enum base_code apply_node_of_id(struct apply *apply, enum model_entity entity,
                                const struct model_id *id, struct apply_node **node)
{
    char key[MODEL_ID_KEY];
    BASE_ASSERT(id->value.size < sizeof key);
    key[0] = (char)id->scheme;
    memcpy(key + 1, id->value.data, id->value.size);
    return apply_node(apply, entity, base_slice(key, 1 + id->value.size), node);
}

struct model_id apply_node_id(const struct apply_node *node)
{
    return (struct model_id){(enum model_scheme)(uint8_t)node->key.data[1],
                             base_slice(node->key.data + 2, node->key.size - 2)};
}

enum model_entity apply_node_kind(const struct apply_node *node)
{
    return (enum model_entity)(uint8_t)node->key.data[0];
}

struct base_slice apply_record_key(const struct apply_node *node, char key[1 + MODEL_ID_KEY])
{
    key[0] =
        (char)(apply_node_kind(node) == MODEL_AUTHOR ? MODEL_RECORD_AUTHOR : MODEL_RECORD_PAPER);
    memcpy(key + 1, node->key.data + 1, node->key.size - 1);
    return base_slice(key, node->key.size);
}

size_t apply_dirty_count(const struct apply *apply)
{
    return apply->dirty.size / sizeof(struct apply_node *);
}

struct apply_node *apply_dirty_at(const struct apply *apply, size_t i)
{
    return ((struct apply_node **)apply->dirty.data)[i];
}

bool apply_is_changed(struct apply *apply, const struct apply_node *node)
{
    char key[1 + MODEL_ID_KEY];
    const struct apply_change *change = apply_change_of(apply, apply_record_key(node, key));
    return change != NULL && !apply_is_same(change);
}

enum base_code apply_mark(struct apply *apply, struct apply_node *node)
{
    if (node->dirty) {
        return BASE_OK;
    }
    struct apply_node **to = store_array_extend(&apply->dirty, sizeof *to, apply->error);
    if (to == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    node->dirty = true;
    *to = node;
    return BASE_OK;
}

/* Marks what the node is tied to. */
static enum base_code follow(struct apply *apply, struct apply_node *node)
{
    struct store_tie *ties;
    enum base_code code = apply_read_ties(apply, node->key, &apply->arena, &ties, &node->tie_count);
    if (code != BASE_OK) {
        return code;
    }
    node->ties = ties;
    node->others = base_arena_array(&apply->arena, node->tie_count, sizeof(struct apply_node *));
    if (node->others == NULL) {
        return apply_out_of_memory(apply);
    }
    for (size_t i = 0; code == BASE_OK && i < node->tie_count; i++) {
        code = apply_node(apply, apply_node_kind(node), ties[i].other, &node->others[i]);
        if (code == BASE_OK) {
            code = apply_mark(apply, node->others[i]);
        }
    }
    return code;
}

enum base_code apply_follow(struct apply *apply, size_t from)
{
    enum base_code code = BASE_OK;
    for (size_t i = from; code == BASE_OK && i < apply->dirty.size / sizeof(struct apply_node *);
         i++) {
        struct apply_node *node = ((struct apply_node **)apply->dirty.data)[i];
        if (node->others == NULL) {
            code = follow(apply, node);
        }
    }
    return code;
}

typedef struct apply_node *node_pointer;

static inline bool node_less(const node_pointer *a, const node_pointer *b)
{
    return base_slice_compare((*a)->key, (*b)->key) < 0;
}

STORE_SORT_DEFINE(sort_nodes, node_pointer, node_less)

static inline bool claim_less(const struct model_claim *a, const struct model_claim *b)
{
    if (a->claimed != b->claimed) {
        return a->claimed < b->claimed;
    }
    return a->source != b->source ? a->source < b->source : a->claimant < b->claimant;
}

STORE_SORT_DEFINE(sort_claims, struct model_claim, claim_less)

bool apply_has_record(struct apply *apply, const struct apply_node *node)
{
    char key[1 + MODEL_ID_KEY];
    const struct apply_change *change = apply_change_of(apply, apply_record_key(node, key));
    return change != NULL ? change->after.data != NULL
                          : (node->before.flags & STORE_XID_PRIMARY) != 0;
}

static uint8_t facts_of(struct apply *apply, const struct apply_node *node)
{
    unsigned facts = apply_has_record(apply, node) ? MODEL_NODE_RECORD : 0;
    facts |= node->named > 0 || node->line_end ? MODEL_NODE_NAMED : 0;
    facts |=
        model_scheme_joins((enum model_scheme)(uint8_t)node->key.data[1]) ? MODEL_NODE_JOINS : 0;
    return (uint8_t)facts;
}

/* Claims and lines among the nodes; source numbers only tell sources apart. */
static enum base_code collect_ties(struct apply *apply, struct apply_node *const *nodes,
                                   size_t count, struct model_claim *claims, size_t *claim_count,
                                   struct model_join *joins, size_t *join_count)
{
    struct store_intern sources;
    store_intern_init(&sources, &apply->memory);
    enum base_code code = BASE_OK;
    *claim_count = 0;
    *join_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct apply_node *node = nodes[i];
        for (size_t k = 0; code == BASE_OK && k < node->tie_count; k++) {
            uint32_t other = node->others[k]->rank;
            if (node->ties[k].role == STORE_TIE_CLAIMED) {
                struct model_claim *claim = &claims[(*claim_count)++];
                claim->claimed = node->rank;
                claim->claimant = other;
                code = store_intern_number(&sources, node->ties[k].source, &claim->source,
                                           apply->error);
            } else if (node->ties[k].role == STORE_TIE_LINE && node->rank < other) {
                joins[(*join_count)++] = (struct model_join){node->rank, other};
            }
        }
    }
    store_intern_fini(&sources);
    sort_claims(claims, *claim_count);
    return code;
}

enum base_code apply_decide(struct apply *apply, size_t from)
{
    struct apply_node **nodes = (struct apply_node **)apply->dirty.data + from;
    size_t count = apply->dirty.size / sizeof *nodes - from;
    size_t ties = 0;
    sort_nodes(nodes, count);
    for (size_t i = 0; i < count; i++) {
        nodes[i]->rank = (uint32_t)i;
        ties += nodes[i]->tie_count;
    }
    base_arena_reset(&apply->deciding);
    uint8_t *facts = base_arena_array(&apply->deciding, count, sizeof *facts);
    uint32_t *parent = base_arena_array(&apply->deciding, count, sizeof *parent);
    uint32_t *entity = base_arena_array(&apply->deciding, count, sizeof *entity);
    struct model_claim *claims = base_arena_array(&apply->deciding, ties, sizeof *claims);
    struct model_join *joins = base_arena_array(&apply->deciding, ties, sizeof *joins);
    if (facts == NULL || parent == NULL || entity == NULL || claims == NULL || joins == NULL) {
        return apply_out_of_memory(apply);
    }
    for (size_t i = 0; i < count; i++) {
        facts[i] = facts_of(apply, nodes[i]);
    }
    size_t claim_count;
    size_t join_count;
    enum base_code code =
        collect_ties(apply, nodes, count, claims, &claim_count, joins, &join_count);
    if (code != BASE_OK) {
        return code;
    }
    model_identity(facts, (uint32_t)count, claims, claim_count, joins, join_count, parent, entity);
    for (size_t i = 0; i < count; i++) {
        nodes[i]->facts = facts[i];
        nodes[i]->own = entity[i] == MODEL_NO_NODE ? NULL : nodes[entity[i]];
    }
    return BASE_OK;
}

enum base_code apply_settle(struct apply *apply)
{
    size_t from = apply->settled;
    if (from == apply->dirty.size / sizeof(struct apply_node *)) {
        return BASE_OK;
    }
    enum base_code code = apply_follow(apply, from);
    if (code == BASE_OK) {
        code = apply_decide(apply, from);
    }
    if (code == BASE_OK) {
        code = apply_gather(apply, from);
    }
    apply->settled = apply->dirty.size / sizeof(struct apply_node *);
    return code;
}

enum base_code apply_known_entity(struct apply *apply, enum model_entity kind, uint32_t number,
                                  struct apply_entity **entity)
{
    struct base_slice row;
    struct store_paper paper;
    struct store_author author;
    bool is_author = kind == MODEL_AUTHOR;
    enum base_code code =
        apply_read_row(apply, is_author ? STORE_AUTHOR : STORE_PAPER, number, &row);
    if (code != BASE_OK) {
        return code;
    }
    bool known = row.data != NULL && (is_author ? store_decode_author(row, &author, NULL)
                                                : store_decode_paper(row, &paper, NULL));
    if (!known) {
        return base_fail(apply->error, BASE_DATA_LOSS, "table %s has no row %u; run hirschd verify",
                         is_author ? "author" : "paper", number);
    }
    struct base_arena *arena = &apply->deciding;
    struct store_unpacked unpacked;
    struct model_id id;
    struct apply_node *node;
    base_arena_reset(arena);
    code = apply_unpack(apply, kind, is_author ? author.view : paper.view, arena, &unpacked);
    if (code == BASE_OK && unpacked.id_count == 0) {
        return base_fail(apply->error, BASE_DATA_LOSS,
                         "table %s, row %u says no id; run hirschd verify",
                         is_author ? "author" : "paper", number);
    }
    if (code == BASE_OK) {
        code = model_id_parse(unpacked.ids[0], arena, &id, apply->error);
    }
    if (code == BASE_OK) {
        code = apply_node_of_id(apply, kind, &id, &node);
    }
    if (code == BASE_OK) {
        code = apply_mark(apply, node);
    }
    if (code == BASE_OK) {
        code = apply_settle(apply);
    }
    if (code == BASE_OK) {
        *entity = node->own == NULL || node->number == 0 ? NULL : node->own->entity;
    }
    return code;
}

enum base_code apply_resolve(struct apply *apply, enum model_entity entity,
                             const struct model_id *id, uint32_t *number, struct model_id *own)
{
    struct apply_node *node;
    enum base_code code = apply_node_of_id(apply, entity, id, &node);
    if (code != BASE_OK) {
        return code;
    }
    *number = node->number;
    if (own == NULL || node->number == 0) {
        return BASE_OK;
    }
    if (!node->dirty && (node->before.flags & STORE_XID_MERGED) != 0) {
        code = apply_mark(apply, node);
        if (code == BASE_OK) {
            code = apply_settle(apply);
        }
    }
    *own = apply_node_id(node->dirty ? node->own : node);
    return code;
}
