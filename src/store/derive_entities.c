/* Step 2: which ids name one thing, and the numbers of papers and authors. Emits `xid`,
 * `ties` and `source`. */
#include "store/derivation.h"
#include "store/sort.h"

static inline bool claim_less(const struct model_claim *a, const struct model_claim *b)
{
    if (a->claimed != b->claimed) {
        return a->claimed < b->claimed;
    }
    return a->source != b->source ? a->source < b->source : a->claimant < b->claimant;
}

STORE_SORT_DEFINE(sort_claims, struct model_claim, claim_less)

static inline bool open_less(const struct derive_open *a, const struct derive_open *b)
{
    return a->number != b->number ? a->number < b->number : a->node < b->node;
}

STORE_SORT_DEFINE(sort_open, struct derive_open, open_less)

/* node_number is work memory here. */
static void identify(struct derivation *derivation)
{
    model_identity(derivation->node_facts.data, derivation->node_count, derivation->claims.data,
                   derivation->claims.size / sizeof(struct model_claim), derivation->joins.data,
                   derivation->joins.size / sizeof(struct model_join), derivation->node_number.data,
                   derivation->node_entity.data);
}

/* Twice: which records are one paper tells what the merged views name, and that tells which ids
 * without record stand for something. */
static enum base_code resolve(struct derivation *derivation)
{
    struct model_claim *claims = derivation->claims.data;
    size_t claim_count = derivation->claims.size / sizeof *claims;
    sort_claims(claims, claim_count);
    size_t size = (size_t)derivation->node_count * sizeof(uint32_t);
    enum base_code code = store_array_resize(&derivation->node_entity, size, derivation->error);
    if (code == BASE_OK) {
        code = store_array_resize(&derivation->node_number, size, derivation->error);
    }
    if (code != BASE_OK) {
        return code;
    }
    identify(derivation);
    store_array_fill(&derivation->node_number, 0);
    code = derive_named(derivation);
    if (code == BASE_OK) {
        identify(derivation);
        store_array_fill(&derivation->node_number, 0);
    }
    return code;
}

/* Numbers of the entities of one kind, whose nodes are [from, to): those with records first, in the
 * order of own ids. */
static enum base_code number_kind(struct derivation *derivation, struct derive_kind *kind,
                                  uint32_t from, uint32_t to)
{
    const struct store_numbering *given = &derivation->options->numbering;
    const uint8_t *facts = derivation->node_facts.data;
    const uint32_t *entity = derivation->node_entity.data;
    uint32_t *number = derivation->node_number.data;
    uint32_t last = 0;
    for (int wanted = MODEL_NODE_RECORD; wanted <= MODEL_NODE_NAMED; wanted <<= 1) {
        for (uint32_t node = from; node < to; node++) {
            int what = (facts[node] & MODEL_NODE_RECORD) != 0 ? MODEL_NODE_RECORD
                                                              : facts[node] & MODEL_NODE_NAMED;
            if (entity[node] != node || what != wanted) {
                continue;
            }
            number[node] = given->number == NULL
                               ? last + 1
                               : given->number(given->context, derive_node_key(derivation, node));
            last = number[node] > last ? number[node] : last;
        }
    }
    kind->end = last + 1;
    enum base_code code =
        store_array_resize(&kind->own, (size_t)kind->end * sizeof(uint32_t), derivation->error);
    if (code != BASE_OK) {
        return code;
    }
    uint32_t *own = kind->own.data;
    store_array_fill(&kind->own, 0xff);
    for (uint32_t node = from; node < to; node++) {
        if (entity[node] == node && number[node] != 0) {
            own[number[node]] = node;
        }
    }
    for (uint32_t node = from; node < to; node++) {
        if (entity[node] != MODEL_NO_NODE && entity[node] != node) {
            number[node] = number[entity[node]];
        }
    }
    return BASE_OK;
}

/* first[n] … first[n + 1]: places of the items of number n in `items`. number_of tells an item's
 * number, 0 for none. */
static enum base_code group(struct derivation *derivation, uint32_t end, size_t from, size_t to,
                            uint32_t (*number_of)(const struct derivation *, size_t),
                            struct store_array *first, struct store_array *items)
{
    enum base_code code =
        store_array_resize(first, ((size_t)end + 1) * sizeof(uint32_t), derivation->error);
    if (code != BASE_OK) {
        return code;
    }
    uint32_t *place = first->data;
    for (size_t i = from; i < to; i++) {
        uint32_t number = number_of(derivation, i);
        if (number != 0) {
            place[number + 1]++;
        }
    }
    for (uint32_t number = 1; number <= end; number++) {
        place[number] += place[number - 1];
    }
    code = store_array_resize(items, (size_t)place[end] * sizeof(uint32_t), derivation->error);
    if (code != BASE_OK) {
        return code;
    }
    /* Dealing out moves every place to where the next number's items begin; the last loop moves
     * them back. */
    uint32_t *item = items->data;
    for (size_t i = from; i < to; i++) {
        uint32_t number = number_of(derivation, i);
        if (number != 0) {
            item[place[number]++] = (uint32_t)i;
        }
    }
    for (uint32_t number = end; number > 0; number--) {
        place[number] = place[number - 1];
    }
    place[0] = 0;
    return BASE_OK;
}

static uint32_t number_of_node(const struct derivation *derivation, size_t node)
{
    return ((const uint32_t *)derivation->node_number.data)[node];
}

static uint32_t number_of_record(const struct derivation *derivation, size_t record)
{
    const uint64_t *first = derivation->slot_first.data;
    const uint32_t *slot_node = derivation->slot_node.data;
    return number_of_node(derivation, slot_node[first[record]]);
}

static enum base_code group_kind(struct derivation *derivation, struct derive_kind *kind,
                                 uint32_t node_from, uint32_t node_to, unsigned type)
{
    if (derivation->record_count > UINT32_MAX) {
        return base_fail(derivation->error, BASE_RESOURCE_EXHAUSTED, "more than 2^32 - 1 records");
    }
    enum base_code code = group(derivation, kind->end, node_from, node_to, number_of_node,
                                &kind->node_first, &kind->nodes);
    if (code == BASE_OK) {
        const struct store_record *records = derivation->records;
        size_t count = derivation->record_count;
        code = group(derivation, kind->end, store_first_of_type(records, count, type),
                     store_first_of_type(records, count, type + 1), number_of_record,
                     &kind->record_first, &kind->records);
    }
    return code;
}

/* Ids that several claim without being joined stand on the lists of all of them. */
static enum base_code note_open(struct derivation *derivation)
{
    const struct model_claim *claims = derivation->claims.data;
    size_t count = derivation->claims.size / sizeof *claims;
    const uint8_t *facts = derivation->node_facts.data;
    const uint32_t *number = derivation->node_number.data;
    for (size_t i = 0; i < count; i++) {
        if ((facts[claims[i].claimed] & MODEL_NODE_OPEN) == 0 || number[claims[i].claimant] == 0) {
            continue;
        }
        struct derive_kind *kind = claims[i].claimed < derivation->author_node_end
                                       ? &derivation->authors
                                       : &derivation->papers;
        struct derive_open *open = store_array_extend(&kind->open, sizeof *open, derivation->error);
        if (open == NULL) {
            return BASE_RESOURCE_EXHAUSTED;
        }
        *open = (struct derive_open){number[claims[i].claimant], claims[i].claimed};
    }
    sort_open(derivation->authors.open.data,
              derivation->authors.open.size / sizeof(struct derive_open));
    sort_open(derivation->papers.open.data,
              derivation->papers.open.size / sizeof(struct derive_open));
    return BASE_OK;
}

static enum base_code emit_xid(struct derivation *derivation)
{
    const uint8_t *facts = derivation->node_facts.data;
    const uint8_t *flags = derivation->node_flags.data;
    const uint32_t *entity = derivation->node_entity.data;
    const uint32_t *number = derivation->node_number.data;
    const uint32_t *named = derivation->node_named.data;
    for (uint32_t node = 0; node < derivation->node_count; node++) {
        if ((facts[node] & MODEL_NODE_DISPUTED) != 0) {
            derivation->report->disputed++;
        }
        if (number[node] == 0) {
            continue;
        }
        uint8_t value[STORE_XID_SIZE];
        unsigned known = flags[node] | (entity[node] != node ? STORE_XID_MERGED : 0U) |
                         ((facts[node] & MODEL_NODE_DISPUTED) != 0 ? STORE_XID_DISPUTED : 0U);
        const struct store_xid xid = {number[node], named[node], (uint8_t)known};
        store_put_xid(value, &xid);
        enum base_code code = derivation->sink->row(
            derivation->sink->context, STORE_XID, derive_node_key(derivation, node),
            base_slice(value, sizeof value), derivation->error);
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}

static enum base_code emit_sources(struct derivation *derivation)
{
    for (size_t i = 0; i < derivation->record_count; i++) {
        const struct store_record *record = &derivation->records[i];
        uint8_t type = (uint8_t)record->key.data[0];
        bool is_entity = type == MODEL_RECORD_AUTHOR || type == MODEL_RECORD_PAPER;
        uint8_t number[4];
        base_put_le32(number, is_entity ? number_of_record(derivation, i) : 0);
        base_buffer_clear(&derivation->value);
        base_buffer_append(&derivation->value, number, sizeof number);
        base_buffer_append_slice(&derivation->value, record->bytes);
        if (derivation->value.failed) {
            return derive_out_of_memory(derivation);
        }
        enum base_code code =
            derivation->sink->row(derivation->sink->context, STORE_SOURCE, record->key,
                                  base_buffer_slice(&derivation->value), derivation->error);
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}

static void count_merged(struct derivation *derivation, const struct derive_kind *kind)
{
    const uint32_t *first = kind->record_first.data;
    for (uint32_t number = 1; number < kind->end; number++) {
        uint32_t count = first[number + 1] - first[number];
        derivation->report->merged += count > 1 ? count - 1 : 0;
    }
}

static enum base_code emit_id_tables(struct derivation *derivation)
{
    enum base_code code = emit_xid(derivation);
    if (code == BASE_OK) {
        code = derive_ties(derivation);
    }
    return code == BASE_OK ? emit_sources(derivation) : code;
}

enum base_code derive_entities(struct derivation *derivation)
{
    uint32_t authors_end = derivation->author_node_end;
    enum base_code code = resolve(derivation);
    if (code == BASE_OK) {
        code = number_kind(derivation, &derivation->authors, 0, authors_end);
    }
    if (code == BASE_OK) {
        code = number_kind(derivation, &derivation->papers, authors_end, derivation->node_count);
    }
    if (code == BASE_OK) {
        code = group_kind(derivation, &derivation->authors, 0, authors_end, MODEL_RECORD_AUTHOR);
    }
    if (code == BASE_OK) {
        code = group_kind(derivation, &derivation->papers, authors_end, derivation->node_count,
                          MODEL_RECORD_PAPER);
    }
    if (code == BASE_OK) {
        code = note_open(derivation);
    }
    if (code == BASE_OK) {
        count_merged(derivation, &derivation->authors);
        count_merged(derivation, &derivation->papers);
        code = derive_aside_open(derivation, emit_id_tables, &derivation->id_tables);
    }
    return code;
}
