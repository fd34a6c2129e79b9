/* Part of step 1: the mentions of ids in the order of ids, so that equal ids become one node. */
#include "store/derivation.h"
#include "store/merge.h"

/* A range of the ids, numbered by one thread. Nodes count from the range's own first until the
 * ranges are put together; until then a slot tells the range in the top bits of its node. */
struct range {
    struct derive_branch branch;
    struct derivation *derivation; /* whose nodes these are: for the first range the whole's */
    struct store_merge *merge;
    const uint64_t *base; /* of each part of the records its first slot */
    uint32_t mark;        /* the range, in its place in a slot's node */
    uint32_t before;      /* nodes of the ranges before it */
    uint64_t from;        /* slots that it makes whole at the end */
    uint64_t to;
    enum base_code code;
};

enum { RANGE_SHIFT = 29, RANGES_MOST = 1 << (32 - RANGE_SHIFT) };

/* Nodes are noted in their slots a little later: by then the cache has the slot. */
enum { LATE = 16 };

struct late {
    uint64_t slot[LATE];
    uint32_t node[LATE];
    uint64_t count;
};

static enum base_code add_node(struct derivation *derivation, struct base_slice key)
{
    if (derivation->node_count == MODEL_NO_NODE) {
        return base_fail(derivation->error, BASE_RESOURCE_EXHAUSTED, "more than 2^32 - 1 ids");
    }
    size_t nodes = (size_t)derivation->node_count + 1;
    char *bytes = store_array_extend(&derivation->node_bytes, key.size, derivation->error);
    if (bytes == NULL ||
        store_array_resize(&derivation->node_first, (nodes + 1) * sizeof(uint64_t),
                           derivation->error) != BASE_OK ||
        store_array_resize(&derivation->node_facts, nodes, derivation->error) != BASE_OK ||
        store_array_resize(&derivation->node_flags, nodes, derivation->error) != BASE_OK) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    memcpy(bytes, key.data, key.size);
    ((uint64_t *)derivation->node_first.data)[nodes] = derivation->node_bytes.size;
    if (model_scheme_joins((enum model_scheme)(uint8_t)key.data[1])) {
        ((uint8_t *)derivation->node_facts.data)[nodes - 1] = MODEL_NODE_JOINS;
    }
    if (key.data[0] == MODEL_AUTHOR) {
        derivation->author_node_end = (uint32_t)nodes;
    }
    derivation->node_count = (uint32_t)nodes;
    return BASE_OK;
}

static void note_role(struct derivation *derivation, enum derive_role role)
{
    uint8_t *facts = (uint8_t *)derivation->node_facts.data + derivation->node_count - 1;
    uint8_t *flags = (uint8_t *)derivation->node_flags.data + derivation->node_count - 1;
    switch (role) {
    case DERIVE_PRIMARY:
        *facts |= MODEL_NODE_RECORD;
        *flags |= STORE_XID_PRIMARY;
        break;
    case DERIVE_NAMED:
        *facts |= MODEL_NODE_NAMED;
        break;
    case DERIVE_CLAIM:
    case DERIVE_LINE:
    case DERIVE_NOTHING:
        break;
    }
}

static void note_node(uint32_t *slot_node, struct late *late, uint64_t slot, uint32_t node)
{
    size_t place = late->count++ % LATE;
    if (late->count > LATE) {
        slot_node[late->slot[place]] = late->node[place];
    }
    __builtin_prefetch(&slot_node[slot], 1);
    late->slot[place] = slot;
    late->node[place] = node;
}

static void note_rest(uint32_t *slot_node, const struct late *late)
{
    for (size_t i = 0; i < LATE && i < late->count; i++) {
        slot_node[late->slot[i]] = late->node[i];
    }
}

/* Mentions in the order of ids: each new key is a new node. */
static void *number_range(void *context)
{
    struct range *range = context;
    struct derivation *derivation = range->derivation;
    uint32_t *slot_node = derivation->slot_node.data;
    struct late late = {.count = 0};
    struct base_slice last = {NULL, 0};
    struct base_slice key;
    struct base_slice value;
    enum base_code code =
        store_array_resize(&derivation->node_first, sizeof(uint64_t), derivation->error);
    while (code == BASE_OK && store_merge_next(range->merge, &key, &value)) {
        if (last.data == NULL || !base_slice_equal(key, last)) {
            code = add_node(derivation, key);
            last = key;
        }
        if (code == BASE_OK) {
            uint64_t mention = base_get_le64(value.data);
            uint64_t slot =
                range->base[mention >> DERIVE_PART_SHIFT] + (mention & DERIVE_SLOT_MASK);
            uint64_t role = mention >> DERIVE_ROLE_SHIFT & DERIVE_ROLE_MASK;
            note_role(derivation, (enum derive_role)role);
            note_node(slot_node, &late, slot, (derivation->node_count - 1) | range->mark);
        }
    }
    note_rest(slot_node, &late);
    range->code = code;
    return NULL;
}

/* Once the ranges' first nodes are known. */
static void *unmark_slots(void *context)
{
    const struct range *range = context;
    const struct range *ranges = range - (range->mark >> RANGE_SHIFT);
    uint32_t *slot_node = range->derivation->slot_node.data;
    for (uint64_t slot = range->from; slot < range->to; slot++) {
        uint32_t node = slot_node[slot];
        if (node != MODEL_NO_NODE) {
            slot_node[slot] =
                ranges[node >> RANGE_SHIFT].before + (node & ((UINT32_C(1) << RANGE_SHIFT) - 1));
        }
    }
    return NULL;
}

/* The nodes of a range behind those of the ranges before it. */
static enum base_code join_range(struct derivation *whole, struct range *range)
{
    struct derivation *nodes = range->derivation;
    range->before = whole->node_count;
    if (nodes->node_count > MODEL_NO_NODE - whole->node_count) {
        return base_fail(whole->error, BASE_RESOURCE_EXHAUSTED, "more than 2^32 - 1 ids");
    }
    uint64_t bytes = whole->node_bytes.size;
    enum base_code code = store_array_resize(
        &whole->node_first, ((size_t)whole->node_count + nodes->node_count + 1) * sizeof(uint64_t),
        whole->error);
    for (uint32_t node = 1; code == BASE_OK && node <= nodes->node_count; node++) {
        ((uint64_t *)whole->node_first.data)[whole->node_count + node] =
            bytes + ((const uint64_t *)nodes->node_first.data)[node];
    }
    if (code == BASE_OK) {
        code = store_array_append(&whole->node_bytes, &nodes->node_bytes, whole->error);
    }
    if (code == BASE_OK) {
        code = store_array_append(&whole->node_facts, &nodes->node_facts, whole->error);
    }
    if (code == BASE_OK) {
        code = store_array_append(&whole->node_flags, &nodes->node_flags, whole->error);
    }
    if (nodes->author_node_end > 0) {
        whole->author_node_end = whole->node_count + nodes->author_node_end;
    }
    whole->node_count += nodes->node_count;
    return code;
}

/* The first range makes the nodes of the whole. */
static void init_range(struct range *range, struct derivation *whole, size_t number, size_t ranges,
                       uint64_t slots, const uint64_t *base)
{
    *range = (struct range){.base = base,
                            .derivation = whole,
                            .mark = (uint32_t)number << RANGE_SHIFT,
                            .from = slots / ranges * number,
                            .to = number + 1 == ranges ? slots : slots / ranges * (number + 1)};
    derive_branch_init(&range->branch, whole);
    if (number > 0) {
        struct derivation *derivation = &range->branch.derivation;
        range->derivation = derivation;
        store_array_init(&derivation->node_bytes, &derivation->scratch);
        store_array_init(&derivation->node_first, &derivation->scratch);
        store_array_init(&derivation->node_facts, &derivation->scratch);
        store_array_init(&derivation->node_flags, &derivation->scratch);
    }
}

static void fini_range(struct range *range)
{
    struct derivation *derivation = &range->branch.derivation;
    if (range->derivation == derivation) {
        store_array_fini(&derivation->node_bytes);
        store_array_fini(&derivation->node_first);
        store_array_fini(&derivation->node_facts);
        store_array_fini(&derivation->node_flags);
    }
    store_merge_free(range->merge);
    derive_branch_fini(&range->branch);
}

static enum base_code open_ranges(struct derivation *derivation, struct range *range, size_t ranges,
                                  struct store_runs *const *mentions, size_t parts)
{
    struct base_slice cuts[RANGES_MOST];
    struct base_slice from = {NULL, 0};
    enum base_code code = store_merge_cut(mentions, parts, ranges, cuts, derivation->error);
    for (size_t i = 0; code == BASE_OK && i < ranges; i++) {
        struct base_slice to = i + 1 < ranges ? cuts[i] : base_slice(NULL, 0);
        code = store_merge_part(mentions, parts, from, to, &range[i].merge, derivation->error);
        from = to;
    }
    return code;
}

/* Ranges are as many as there are threads, unless ids are so many
 * that a slot has no room for the range of its node. */
enum base_code derive_nodes(struct derivation *derivation, struct store_runs *const *mentions,
                            size_t parts, uint64_t slots, const uint64_t *base)
{
    struct range range[RANGES_MOST];
    size_t ranges = parts > RANGES_MOST ? RANGES_MOST : parts;
    if (slots >= (UINT64_C(1) << RANGE_SHIFT) - 1) {
        ranges = 1;
    }
    for (size_t i = 0; i < ranges; i++) {
        init_range(&range[i], derivation, i, ranges, slots, base);
    }
    enum base_code code = open_ranges(derivation, range, ranges, mentions, parts);
    if (code == BASE_OK) {
        derive_together(number_range, range, sizeof range[0], ranges);
        code = range[0].code;
    }
    for (size_t i = 1; code == BASE_OK && i < ranges; i++) {
        code = derive_branch_join(derivation, &range[i].branch, range[i].code);
        if (code == BASE_OK) {
            code = join_range(derivation, &range[i]);
        }
    }
    if (code == BASE_OK && ranges > 1) {
        derive_together(unmark_slots, range, sizeof range[0], ranges);
    }
    for (size_t i = 0; i < ranges; i++) {
        fini_range(&range[i]);
    }
    return code;
}
