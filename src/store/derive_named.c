/* Between the two halves of step 2: which ids do the merged views really name? An author or a cited
 * paper that stands only in a list that the merged view did not take, or cites only itself, is no
 * entity. */
#include "store/derivation.h"
#include "store/sort.h"

struct member {
    uint32_t own; /* node of the entity's own id */
    uint32_t record;
};

static inline bool member_less(const struct member *a, const struct member *b)
{
    return a->own != b->own ? a->own < b->own : a->record < b->record;
}

STORE_SORT_DEFINE(sort_members, struct member, member_less)

static void name_slots(struct derivation *derivation, uint64_t from, uint64_t to)
{
    const uint8_t *roles = derivation->slot_role.data;
    const uint32_t *slot_node = derivation->slot_node.data;
    uint8_t *facts = derivation->node_facts.data;
    uint32_t *named = derivation->node_named.data;
    for (uint64_t slot = from; slot < to; slot++) {
        if (roles[slot] == DERIVE_NAMED && slot_node[slot] != MODEL_NO_NODE) {
            facts[slot_node[slot]] |= MODEL_NODE_NAMED;
            named[slot_node[slot]]++;
        }
    }
}

/* The lists of a paper with several records: authors from one, references from one. */
static enum base_code name_group(struct derivation *derivation, const struct member *members,
                                 size_t count)
{
    const uint64_t *slot_first = derivation->slot_first.data;
    base_arena_reset(&derivation->arena);
    struct model_record *decoded = base_arena_array(&derivation->arena, count, sizeof *decoded);
    const struct model_record **records =
        base_arena_array(&derivation->arena, count, sizeof *records);
    if (decoded == NULL || records == NULL) {
        return derive_out_of_memory(derivation);
    }
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        code = model_record_decode(derivation->records[members[i].record].bytes, &derivation->arena,
                                   &decoded[i], derivation->error);
        records[i] = &decoded[i];
    }
    struct model_view view;
    if (code == BASE_OK) {
        code = model_merge(records, count, &derivation->arena, &view, derivation->error);
    }
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        const struct model_paper_record *paper = &decoded[i].paper;
        uint64_t from = slot_first[members[i].record];
        uint64_t to = slot_first[members[i].record + 1];
        if (paper->author_count > 0 && paper->authors == view.paper.authors) {
            name_slots(derivation, from, to - paper->reference_count);
        }
        if (paper->reference_count > 0 && paper->references == view.paper.references) {
            name_slots(derivation, to - paper->reference_count, to);
        }
    }
    return code;
}

static enum base_code name_groups(struct derivation *derivation, struct store_array *members)
{
    struct member *member = members->data;
    size_t count = members->size / sizeof *member;
    sort_members(member, count);
    enum base_code code = BASE_OK;
    for (size_t from = 0, end; code == BASE_OK && from < count; from = end) {
        end = from + 1;
        while (end < count && member[end].own == member[from].own) {
            end++;
        }
        code = name_group(derivation, member + from, end - from);
    }
    return code;
}

static uint32_t own_of_record(const struct derivation *derivation, size_t record)
{
    const uint64_t *slot_first = derivation->slot_first.data;
    const uint32_t *slot_node = derivation->slot_node.data;
    return ((const uint32_t *)derivation->node_entity.data)[slot_node[slot_first[record]]];
}

static void name_citation(struct derivation *derivation, size_t record)
{
    const uint64_t *slot_first = derivation->slot_first.data;
    const uint32_t *slot_node = derivation->slot_node.data;
    const uint32_t *entity = derivation->node_entity.data;
    uint64_t slot = slot_first[record];
    if (entity[slot_node[slot]] != entity[slot_node[slot + 1]]) {
        name_slots(derivation, slot, slot + 2);
    }
}

/* uses: a u32 a node, zero; counts the paper records of each entity. */
static enum base_code name_records(struct derivation *derivation, uint32_t *uses,
                                   struct store_array *members)
{
    const uint64_t *slot_first = derivation->slot_first.data;
    for (size_t i = 0; i < derivation->record_count; i++) {
        if (derivation->records[i].key.data[0] == MODEL_RECORD_PAPER) {
            uses[own_of_record(derivation, i)]++;
        }
    }
    for (size_t i = 0; i < derivation->record_count; i++) {
        uint8_t type = (uint8_t)derivation->records[i].key.data[0];
        if (type == MODEL_RECORD_CITATION) {
            name_citation(derivation, i);
        }
        if (type != MODEL_RECORD_PAPER) {
            continue;
        }
        uint32_t own = own_of_record(derivation, i);
        if (uses[own] == 1) {
            name_slots(derivation, slot_first[i], slot_first[i + 1]);
            continue;
        }
        struct member *member = store_array_extend(members, sizeof *member, derivation->error);
        if (member == NULL) {
            return BASE_RESOURCE_EXHAUSTED;
        }
        *member = (struct member){own, (uint32_t)i};
    }
    return BASE_OK;
}

enum base_code derive_named(struct derivation *derivation)
{
    uint8_t *facts = derivation->node_facts.data;
    for (uint32_t node = 0; node < derivation->node_count; node++) {
        facts[node] &= (uint8_t)~MODEL_NODE_NAMED;
    }
    enum base_code code =
        store_array_resize(&derivation->node_named,
                           (size_t)derivation->node_count * sizeof(uint32_t), derivation->error);
    if (code != BASE_OK) {
        return code;
    }
    struct store_array members;
    store_array_init(&members, &derivation->scratch);
    code = name_records(derivation, derivation->node_number.data, &members);
    if (code == BASE_OK) {
        code = name_groups(derivation, &members);
    }
    store_array_fini(&members);
    store_array_fill(&derivation->node_number, 0);
    return code;
}
