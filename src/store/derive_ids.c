/* Step 1: every id that a record writes becomes a number, equal ids the same one, in the order of
 * ids. */
#include "store/derivation.h"
#include "store/meta.h"
#include "store/runs.h"
#include "store/sort.h"

enum { MENTION_VALUE = 8, STOP_EVERY = 4096 };

/* claims and joins while slots have no nodes yet. */
struct slot_claim {
    uint64_t claimed;
    uint64_t claimant;
    uint32_t source;
    uint32_t unused;
};

struct slot_join {
    uint64_t from;
    uint64_t into;
};

struct id_pass {
    struct derivation *derivation;
    struct store_runs *mentions;
    uint64_t slot; /* next one */
};

bool derive_author_id(const struct model_authorship *authorship, struct base_arena *arena,
                      struct model_id *id)
{
    if (authorship->id.scheme != MODEL_NO_SCHEME) {
        *id = authorship->id;
        return true;
    }
    if (model_id_of_name(authorship->name, arena, id)) {
        return true;
    }
    *id = (struct model_id){.scheme = MODEL_NO_SCHEME};
    return false;
}

static enum base_code mention(struct id_pass *pass, enum model_entity entity,
                              const struct model_id *id, enum derive_role role)
{
    struct derivation *derivation = pass->derivation;
    uint8_t value[MENTION_VALUE];
    uint8_t *noted = store_array_extend(&derivation->slot_role, 1, derivation->error);
    if (noted == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    *noted = (uint8_t)role;
    base_put_le64(value, pass->slot++);
    base_buffer_clear(&derivation->key);
    store_append_xid_key(&derivation->key, entity, id);
    if (derivation->key.failed) {
        return derive_out_of_memory(derivation);
    }
    return store_runs_add(pass->mentions, base_buffer_slice(&derivation->key),
                          base_slice(value, sizeof value), derivation->error);
}

static enum base_code skip_slot(struct id_pass *pass)
{
    struct derivation *derivation = pass->derivation;
    uint8_t *noted = store_array_extend(&derivation->slot_role, 1, derivation->error);
    if (noted == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    *noted = DERIVE_NOTHING;
    pass->slot++;
    return BASE_OK;
}

static enum base_code claim(struct id_pass *pass, uint64_t claimed, uint64_t claimant,
                            uint32_t source)
{
    struct slot_claim *made =
        store_array_extend(&pass->derivation->claims, sizeof *made, pass->derivation->error);
    if (made == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    *made = (struct slot_claim){claimed, claimant, source, 0};
    return BASE_OK;
}

/* Other ids of one thing, each a claim of the id in slot `claimant`. */
static enum base_code mention_claims(struct id_pass *pass, enum model_entity entity,
                                     const struct model_id *ids, size_t count, uint64_t claimant,
                                     uint32_t source)
{
    for (size_t i = 0; i < count; i++) {
        enum base_code code = claim(pass, pass->slot, claimant, source);
        if (code == BASE_OK) {
            code = mention(pass, entity, &ids[i], DERIVE_CLAIM);
        }
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}

static enum base_code mention_authors(struct id_pass *pass, const struct model_paper_record *paper,
                                      uint32_t source)
{
    for (size_t i = 0; i < paper->author_count; i++) {
        const struct model_authorship *authorship = &paper->authors[i];
        struct model_id id;
        uint64_t claimant = pass->slot;
        enum base_code code = BASE_OK;
        if (derive_author_id(authorship, &pass->derivation->arena, &id)) {
            code = mention(pass, MODEL_AUTHOR, &id, DERIVE_NAMED);
        } else {
            code = skip_slot(pass);
        }
        if (code == BASE_OK) {
            code = mention_claims(pass, MODEL_AUTHOR, authorship->ids, authorship->id_count,
                                  claimant, source);
        }
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}

static enum base_code count_source(struct derivation *derivation, uint32_t source,
                                   enum model_entity entity)
{
    struct store_source *counts = derivation->source_counts.data;
    if (source >= derivation->source_counts.size / sizeof *counts) {
        enum base_code code = store_array_resize(
            &derivation->source_counts, (source + (size_t)1) * sizeof *counts, derivation->error);
        if (code != BASE_OK) {
            return code;
        }
        counts = derivation->source_counts.data;
    }
    *(entity == MODEL_AUTHOR ? &counts[source].authors : &counts[source].papers) += 1;
    return BASE_OK;
}

static inline bool source_less(const struct store_source *a, const struct store_source *b)
{
    return base_slice_compare(a->name, b->name) < 0;
}

STORE_SORT_DEFINE(sort_sources, struct store_source, source_less)

/* Table `sources`, and row "sources" of meta. */
static enum base_code emit_sources(struct derivation *derivation)
{
    struct store_source *counts = derivation->source_counts.data;
    size_t count = derivation->source_counts.size / sizeof *counts;
    for (size_t i = 0; i < count; i++) {
        counts[i].name = store_intern_text(&derivation->sources, (uint32_t)i);
    }
    sort_sources(counts, count);
    for (size_t i = 0; i < count; i++) {
        uint8_t row[STORE_SOURCE_COUNTS];
        store_put_source_counts(row, &counts[i]);
        enum base_code code =
            derivation->sink->row(derivation->sink->context, STORE_SOURCES, counts[i].name,
                                  base_slice(row, sizeof row), derivation->error);
        if (code != BASE_OK) {
            return code;
        }
    }
    base_buffer_clear(&derivation->value);
    store_encode_sources(&derivation->value, counts, count);
    if (derivation->value.failed) {
        return derive_out_of_memory(derivation);
    }
    return derivation->sink->row(derivation->sink->context, STORE_META,
                                 base_slice_text(STORE_META_SOURCES),
                                 base_buffer_slice(&derivation->value), derivation->error);
}

static enum base_code mention_entity(struct id_pass *pass, const struct model_record *record,
                                     enum model_entity entity)
{
    struct derivation *derivation = pass->derivation;
    uint32_t source;
    enum base_code code =
        store_intern_number(&derivation->sources, record->source, &source, derivation->error);
    if (code == BASE_OK) {
        code = count_source(derivation, source, entity);
    }
    if (code != BASE_OK) {
        return code;
    }
    uint64_t primary = pass->slot;
    code = mention(pass, entity, &record->id, DERIVE_PRIMARY);
    if (code == BASE_OK) {
        code = mention_claims(pass, entity, record->ids, record->id_count, primary, source);
    }
    if (code != BASE_OK || entity == MODEL_AUTHOR) {
        return code;
    }
    code = mention_authors(pass, &record->paper, source);
    for (size_t i = 0; code == BASE_OK && i < record->paper.reference_count; i++) {
        code = mention(pass, MODEL_PAPER, &record->paper.references[i], DERIVE_NAMED);
    }
    return code;
}

static enum base_code mention_merge(struct id_pass *pass, const struct model_record *record)
{
    static const enum model_entity entities[] = {MODEL_AUTHOR, MODEL_PAPER};
    for (size_t i = 0; i < 2; i++) {
        enum model_entity entity = entities[i];
        if ((record->entity != 0 && record->entity != entity) ||
            !model_id_fits(&record->id, entity) || !model_id_fits(&record->other, entity)) {
            continue;
        }
        struct slot_join *made =
            store_array_extend(&pass->derivation->joins, sizeof *made, pass->derivation->error);
        if (made == NULL) {
            return BASE_RESOURCE_EXHAUSTED;
        }
        *made = (struct slot_join){pass->slot, pass->slot + 1};
        enum base_code code = mention(pass, entity, &record->id, DERIVE_LINE);
        if (code == BASE_OK) {
            code = mention(pass, entity, &record->other, DERIVE_LINE);
        }
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}

static enum base_code mention_record(struct id_pass *pass, const struct model_record *record)
{
    enum base_code code;
    switch (record->type) {
    case MODEL_RECORD_AUTHOR:
        return mention_entity(pass, record, MODEL_AUTHOR);
    case MODEL_RECORD_PAPER:
        return mention_entity(pass, record, MODEL_PAPER);
    case MODEL_RECORD_MERGE:
        return mention_merge(pass, record);
    case MODEL_RECORD_CITATION:
        code = mention(pass, MODEL_PAPER, &record->id, DERIVE_NAMED);
        return code != BASE_OK ? code : mention(pass, MODEL_PAPER, &record->other, DERIVE_NAMED);
    case MODEL_RECORD_SUPPRESS:
        return BASE_OK;
    }
    return BASE_OK;
}

static enum base_code mention_records(struct id_pass *pass)
{
    struct derivation *derivation = pass->derivation;
    for (size_t i = 0; i < derivation->record_count; i++) {
        if (i % STOP_EVERY == 0 && derive_check_stop(derivation) != BASE_OK) {
            return BASE_CANCELLED;
        }
        ((uint64_t *)derivation->slot_first.data)[i] = pass->slot;
        base_arena_reset(&derivation->arena);
        struct model_record record;
        enum base_code code = model_record_decode(derivation->records[i].bytes, &derivation->arena,
                                                  &record, derivation->error);
        if (code == BASE_OK) {
            code = mention_record(pass, &record);
        }
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}

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

/* Mentions in the order of ids: each new key is a new node. */
static enum base_code number_nodes(struct derivation *derivation, struct store_runs *mentions)
{
    struct store_merge *merge;
    enum base_code code = store_merge_new(&mentions, 1, NULL, 0, &merge, derivation->error);
    if (code != BASE_OK) {
        return code;
    }
    uint32_t *slot_node = derivation->slot_node.data;
    const uint8_t *roles = derivation->slot_role.data;
    struct base_slice last = {NULL, 0};
    struct base_slice key;
    struct base_slice value;
    while (code == BASE_OK && store_merge_next(merge, &key, &value)) {
        if (last.data == NULL || !base_slice_equal(key, last)) {
            code = add_node(derivation, key);
            last = key;
        }
        if (code == BASE_OK) {
            uint64_t slot = base_get_le64(value.data);
            note_role(derivation, (enum derive_role)roles[slot]);
            slot_node[slot] = derivation->node_count - 1;
        }
    }
    store_merge_free(merge);
    return code;
}

/* Slots become nodes in place: the new element is the smaller one. */
static void claims_to_nodes(struct derivation *derivation)
{
    const uint32_t *slot_node = derivation->slot_node.data;
    size_t count = derivation->claims.size / sizeof(struct slot_claim);
    const struct slot_claim *from = derivation->claims.data;
    uint8_t *flags = derivation->node_flags.data;
    struct model_claim *to = derivation->claims.data;
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        struct slot_claim read = from[i];
        uint32_t claimed = slot_node[read.claimed];
        uint32_t claimant = slot_node[read.claimant];
        /* An id that repeats the primary one says nothing; a nameless author claims nothing. */
        if (claimed != claimant && claimant != MODEL_NO_NODE) {
            flags[claimed] |= STORE_XID_CLAIMED;
            to[used++] = (struct model_claim){claimed, claimant, read.source};
        }
    }
    derivation->claims.size = used * sizeof *to;

    const struct slot_join *lines = derivation->joins.data;
    struct model_join *joins = derivation->joins.data;
    count = derivation->joins.size / sizeof *lines;
    for (size_t i = 0; i < count; i++) {
        struct slot_join read = lines[i];
        joins[i] = (struct model_join){slot_node[read.from], slot_node[read.into]};
    }
    derivation->joins.size = count * sizeof *joins;
}

enum base_code derive_ids(struct derivation *derivation)
{
    struct id_pass pass = {.derivation = derivation};
    enum base_code code =
        store_array_resize(&derivation->slot_first,
                           (derivation->record_count + 1) * sizeof(uint64_t), derivation->error);
    if (code != BASE_OK) {
        return code;
    }
    pass.mentions = store_runs_new(derivation->options->directory, derivation->options->memory / 2);
    if (pass.mentions == NULL) {
        return derive_out_of_memory(derivation);
    }
    code = mention_records(&pass);
    if (code == BASE_OK) {
        code = store_runs_finish(pass.mentions, derivation->error);
    }
    if (code == BASE_OK) {
        code = store_array_resize(&derivation->slot_node, pass.slot * sizeof(uint32_t),
                                  derivation->error);
    }
    if (code == BASE_OK) {
        ((uint64_t *)derivation->slot_first.data)[derivation->record_count] = pass.slot;
        store_array_fill(&derivation->slot_node, 0xff);
        code = store_array_resize(&derivation->node_first, sizeof(uint64_t), derivation->error);
    }
    if (code == BASE_OK) {
        code = number_nodes(derivation, pass.mentions);
    }
    if (code == BASE_OK) {
        claims_to_nodes(derivation);
        code = emit_sources(derivation);
    }
    store_runs_free(pass.mentions);
    return code;
}
