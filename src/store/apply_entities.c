/* Part of step 2: authors and papers with all their ids, and what their records say. */
#include "store/application.h"
#include "store/sort.h"

typedef struct apply_node *node_pointer;

static inline bool node_less(const node_pointer *a, const node_pointer *b)
{
    return base_slice_compare((*a)->key, (*b)->key) < 0;
}

STORE_SORT_DEFINE(sort_nodes, node_pointer, node_less)

static enum base_code new_entity(struct apply *apply, struct apply_node *own, size_t node_count)
{
    struct apply_entity *made = base_arena_zalloc(&apply->arena, sizeof *made);
    struct apply_node **nodes = base_arena_array(&apply->arena, node_count, sizeof *nodes);
    struct apply_entity **to = store_array_extend(&apply->entities, sizeof *to, apply->error);
    if (made == NULL || nodes == NULL || to == NULL) {
        return apply_out_of_memory(apply);
    }
    made->kind = apply_node_kind(own);
    made->number = own->number;
    made->own = own;
    made->nodes = nodes;
    own->entity = made;
    *to = made;
    return made->kind == MODEL_AUTHOR ? apply_index_put(apply, &apply->writers, own->number, made)
                                      : BASE_OK;
}

/* Ids that its ids claim without being joined by that. */
static enum base_code find_open(struct apply *apply, struct apply_entity *entity)
{
    size_t most = 0;
    for (size_t i = 0; i < entity->node_count; i++) {
        most += entity->nodes[i]->tie_count;
    }
    struct apply_node **open = base_arena_array(&apply->arena, most, sizeof *open);
    if (open == NULL) {
        return apply_out_of_memory(apply);
    }
    size_t count = 0;
    for (size_t i = 0; i < entity->node_count; i++) {
        const struct apply_node *node = entity->nodes[i];
        for (size_t k = 0; k < node->tie_count; k++) {
            if (node->ties[k].role == STORE_TIE_CLAIMS &&
                (node->others[k]->facts & MODEL_NODE_OPEN) != 0) {
                open[count++] = node->others[k];
            }
        }
    }
    sort_nodes(open, count);
    for (size_t i = 0; i < count; i++) {
        if (entity->open_count == 0 || open[entity->open_count - 1] != open[i]) {
            open[entity->open_count++] = open[i];
        }
    }
    entity->open = open;
    return BASE_OK;
}

enum base_code apply_gather(struct apply *apply, size_t from)
{
    struct apply_node **nodes = (struct apply_node **)apply->dirty.data + from;
    size_t count = apply->dirty.size / sizeof *nodes - from;
    size_t first = apply->entities.size / sizeof(struct apply_entity *);
    enum base_code code = BASE_OK;
    for (size_t i = 0; i < count; i++) {
        nodes[i]->members = 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (nodes[i]->number != 0) {
            nodes[i]->own->members++;
        }
    }
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        if (nodes[i]->number != 0 && nodes[i]->own == nodes[i]) {
            code = new_entity(apply, nodes[i], nodes[i]->members);
        }
    }
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        if (nodes[i]->number != 0) {
            struct apply_entity *entity = nodes[i]->own->entity;
            entity->nodes[entity->node_count++] = nodes[i];
        }
    }
    struct apply_entity **entities = apply->entities.data;
    for (size_t i = first; code == BASE_OK && i < apply->entities.size / sizeof *entities; i++) {
        code = find_open(apply, entities[i]);
    }
    return code;
}

/* The decoded record under a primary id. */
static enum base_code decode_record(struct apply *apply, const struct apply_node *node,
                                    struct base_arena *arena, struct model_record *record)
{
    char key[1 + MODEL_ID_KEY];
    struct base_slice bytes;
    enum base_code code = apply_find_record(apply, apply_record_key(node, key), &bytes);
    if (code == BASE_OK && bytes.data == NULL) {
        return base_fail(apply->error, BASE_DATA_LOSS,
                         "table source lacks a record that table xid names; run hirschd verify");
    }
    return code == BASE_OK ? model_record_decode(bytes, arena, record, apply->error) : code;
}

enum base_code apply_records(struct apply *apply, const struct apply_entity *entity,
                             struct base_arena *arena, const struct model_record ***records,
                             size_t *count)
{
    struct model_record *decoded = base_arena_array(arena, entity->node_count, sizeof *decoded);
    const struct model_record **pointers =
        base_arena_array(arena, entity->node_count, sizeof *pointers);
    if (decoded == NULL || pointers == NULL) {
        return apply_out_of_memory(apply);
    }
    size_t found = 0;
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < entity->node_count; i++) {
        if ((entity->nodes[i]->facts & MODEL_NODE_RECORD) != 0) {
            code = decode_record(apply, entity->nodes[i], arena, &decoded[found]);
            pointers[found] = &decoded[found];
            found++;
        }
    }
    *records = pointers;
    *count = found;
    return code;
}

enum base_code apply_view_ids(struct apply *apply, const struct apply_entity *entity,
                              struct base_arena *arena, struct model_view *view)
{
    size_t most = entity->node_count + entity->open_count + 1;
    struct model_id *ids = base_arena_array(arena, most, sizeof *ids);
    struct model_id *disputed = base_arena_array(arena, most, sizeof *disputed);
    if (ids == NULL || disputed == NULL) {
        return apply_out_of_memory(apply);
    }
    size_t used = 0;
    size_t disputed_used = 0;
    ids[used++] = apply_node_id(entity->own);
    /* Both lists ascend; an id on both (an open id that resolves here) comes once. */
    size_t a = 0;
    size_t b = 0;
    while (a < entity->node_count || b < entity->open_count) {
        bool takes_node = b == entity->open_count ||
                          (a < entity->node_count &&
                           base_slice_compare(entity->nodes[a]->key, entity->open[b]->key) <= 0);
        const struct apply_node *node = takes_node ? entity->nodes[a++] : entity->open[b];
        if (b < entity->open_count && entity->open[b] == node) {
            b++;
        }
        if ((node->facts & MODEL_NODE_DISPUTED) != 0) {
            disputed[disputed_used++] = apply_node_id(node);
        }
        if (node != entity->own) {
            ids[used++] = apply_node_id(node);
        }
    }
    view->entity = entity->kind;
    view->id = ids[0];
    view->ids = ids;
    view->id_count = used;
    view->disputed = disputed;
    view->disputed_count = disputed_used;
    return BASE_OK;
}
