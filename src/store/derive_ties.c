/* Part of step 2: claims and merge lines as rows of both of their ids. Emits `ties`. */
#include "store/derivation.h"
#include "store/sort.h"

/* One half of a claim or of a line. */
struct half {
    uint32_t node;
    uint32_t other;
    uint32_t source; /* place of the source among all in the order of names */
    uint32_t role;   /* enum store_tie_role */
};

static inline bool half_less(const struct half *a, const struct half *b)
{
    if (a->node != b->node) {
        return a->node < b->node;
    }
    if (a->role != b->role) {
        return a->role < b->role;
    }
    return a->other != b->other ? a->other < b->other : a->source < b->source;
}

STORE_SORT_DEFINE(sort_halves, struct half, half_less)

struct named_source {
    struct base_slice name;
    uint32_t number;
};

static inline bool named_less(const struct named_source *a, const struct named_source *b)
{
    return base_slice_compare(a->name, b->name) < 0;
}

STORE_SORT_DEFINE(sort_named, struct named_source, named_less)

struct tie_pass {
    struct derivation *derivation;
    struct store_array halves;
    struct named_source *by_name;
    uint32_t *place; /* of a source's number in by_name */
};

static enum base_code order_sources(struct tie_pass *pass)
{
    struct derivation *derivation = pass->derivation;
    uint32_t count = derivation->sources.count;
    base_arena_reset(&derivation->arena);
    pass->by_name = base_arena_array(&derivation->arena, count, sizeof *pass->by_name);
    pass->place = base_arena_array(&derivation->arena, count, sizeof *pass->place);
    if (count > 0 && (pass->by_name == NULL || pass->place == NULL)) {
        return derive_out_of_memory(derivation);
    }
    for (uint32_t i = 0; i < count; i++) {
        pass->by_name[i] = (struct named_source){store_intern_text(&derivation->sources, i), i};
    }
    sort_named(pass->by_name, count);
    for (uint32_t i = 0; i < count; i++) {
        pass->place[pass->by_name[i].number] = i;
    }
    return BASE_OK;
}

static enum base_code add_halves(struct tie_pass *pass, uint32_t a, enum store_tie_role a_role,
                                 uint32_t b, enum store_tie_role b_role, uint32_t source)
{
    struct half *half =
        store_array_extend(&pass->halves, 2 * sizeof *half, pass->derivation->error);
    if (half == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    half[0] = (struct half){a, b, source, (uint32_t)a_role};
    half[1] = (struct half){b, a, source, (uint32_t)b_role};
    return BASE_OK;
}

static enum base_code collect(struct tie_pass *pass)
{
    struct derivation *derivation = pass->derivation;
    const struct model_claim *claims = derivation->claims.data;
    size_t count = derivation->claims.size / sizeof *claims;
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        code = add_halves(pass, claims[i].claimed, STORE_TIE_CLAIMED, claims[i].claimant,
                          STORE_TIE_CLAIMS, pass->place[claims[i].source]);
    }
    const struct model_join *joins = derivation->joins.data;
    count = derivation->joins.size / sizeof *joins;
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        if (joins[i].from != joins[i].into) {
            code = add_halves(pass, joins[i].from, STORE_TIE_LINE, joins[i].into, STORE_TIE_LINE,
                              MODEL_NO_NODE);
        }
    }
    return code;
}

static struct base_slice id_key(const struct derivation *derivation, uint32_t node)
{
    struct base_slice key = derive_node_key(derivation, node);
    return base_slice(key.data + 1, key.size - 1);
}

static enum base_code emit(struct tie_pass *pass)
{
    struct derivation *derivation = pass->derivation;
    struct half *halves = pass->halves.data;
    size_t count = pass->halves.size / sizeof *halves;
    sort_halves(halves, count);
    enum base_code code = BASE_OK;
    for (size_t from = 0, end; code == BASE_OK && from < count; from = end) {
        base_buffer_clear(&derivation->value);
        for (end = from; end < count && halves[end].node == halves[from].node;) {
            const struct half *first = &halves[end];
            struct store_tie tie = {.role = (enum store_tie_role)first->role,
                                    .other = id_key(derivation, first->other)};
            if (first->source != MODEL_NO_NODE) {
                tie.source = pass->by_name[first->source].name;
            }
            while (end < count && !half_less(first, &halves[end])) {
                tie.count++;
                end++;
            }
            store_append_tie(&derivation->value, &tie);
        }
        code =
            derivation->value.failed
                ? derive_out_of_memory(derivation)
                : derivation->sink->row(derivation->sink->context, STORE_TIES,
                                        derive_node_key(derivation, halves[from].node),
                                        base_buffer_slice(&derivation->value), derivation->error);
    }
    return code;
}

enum base_code derive_ties(struct derivation *derivation)
{
    struct tie_pass pass = {.derivation = derivation};
    store_array_init(&pass.halves, &derivation->scratch);
    enum base_code code = order_sources(&pass);
    if (code == BASE_OK) {
        code = collect(&pass);
    }
    if (code == BASE_OK) {
        code = emit(&pass);
    }
    store_array_fini(&pass.halves);
    return code;
}
