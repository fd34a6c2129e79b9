/* Step 1: every id that a record writes becomes a number, equal ids the same one, in the order of
 * ids. */
#include "store/derivation.h"
#include "store/meta.h"
#include "store/merge.h"
#include "store/sort.h"

/* With fewer records a second thread is not worth its start. */
enum { MENTION_VALUE = 8, STOP_EVERY = 4096, PARTS_MOST = 8, RECORDS_LEAST = 512 };

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

/* A range of the records, read by one thread. Slots, and numbers of sources, count from the part's
 * own first until the parts are put together. */
struct part {
    const struct derivation *derivation;
    size_t from;
    size_t to;
    uint64_t number; /* of the part */
    uint64_t slot;   /* next one */
    struct store_runs *mentions;
    struct store_scratch scratch;
    struct store_array slot_role;
    struct store_array claims;        /* struct slot_claim */
    struct store_array joins;         /* struct slot_join */
    struct store_array source_counts; /* struct store_source a source */
    struct store_intern sources;
    struct base_arena arena;
    struct base_buffer key;
    enum base_code code;
    struct base_error failure;
    struct base_error *error; /* of this thread: &failure */
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

static enum base_code out_of_memory(struct part *part)
{
    return base_fail(part->error, BASE_RESOURCE_EXHAUSTED, "out of memory");
}

static enum base_code mention(struct part *part, enum model_entity entity,
                              const struct model_id *id, enum derive_role role)
{
    uint8_t value[MENTION_VALUE];
    uint8_t *noted = store_array_extend(&part->slot_role, 1, part->error);
    if (noted == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    *noted = (uint8_t)role;
    base_put_le64(value, part->number << DERIVE_PART_SHIFT | (uint64_t)role << DERIVE_ROLE_SHIFT |
                             part->slot++);
    base_buffer_clear(&part->key);
    store_append_xid_key(&part->key, entity, id);
    if (part->key.failed) {
        return out_of_memory(part);
    }
    return store_runs_add(part->mentions, base_buffer_slice(&part->key),
                          base_slice(value, sizeof value), part->error);
}

static enum base_code skip_slot(struct part *part)
{
    uint8_t *noted = store_array_extend(&part->slot_role, 1, part->error);
    if (noted == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    *noted = DERIVE_NOTHING;
    part->slot++;
    return BASE_OK;
}

static enum base_code claim(struct part *part, uint64_t claimed, uint64_t claimant, uint32_t source)
{
    struct slot_claim *made = store_array_extend(&part->claims, sizeof *made, part->error);
    if (made == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    *made = (struct slot_claim){claimed, claimant, source, 0};
    return BASE_OK;
}

/* Other ids of one thing, each a claim of the id in slot `claimant`. */
static enum base_code mention_claims(struct part *part, enum model_entity entity,
                                     const struct model_id *ids, size_t count, uint64_t claimant,
                                     uint32_t source)
{
    for (size_t i = 0; i < count; i++) {
        enum base_code code = claim(part, part->slot, claimant, source);
        if (code == BASE_OK) {
            code = mention(part, entity, &ids[i], DERIVE_CLAIM);
        }
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}

static enum base_code mention_authors(struct part *part, const struct model_paper_record *paper,
                                      uint32_t source)
{
    for (size_t i = 0; i < paper->author_count; i++) {
        const struct model_authorship *authorship = &paper->authors[i];
        struct model_id id;
        uint64_t claimant = part->slot;
        enum base_code code = BASE_OK;
        if (derive_author_id(authorship, &part->arena, &id)) {
            code = mention(part, MODEL_AUTHOR, &id, DERIVE_NAMED);
        } else {
            code = skip_slot(part);
        }
        if (code == BASE_OK) {
            code = mention_claims(part, MODEL_AUTHOR, authorship->ids, authorship->id_count,
                                  claimant, source);
        }
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}

static enum base_code count_source(struct part *part, uint32_t source, enum model_entity entity)
{
    struct store_source *counts = part->source_counts.data;
    if (source >= part->source_counts.size / sizeof *counts) {
        enum base_code code = store_array_resize(
            &part->source_counts, (source + (size_t)1) * sizeof *counts, part->error);
        if (code != BASE_OK) {
            return code;
        }
        counts = part->source_counts.data;
    }
    *(entity == MODEL_AUTHOR ? &counts[source].authors : &counts[source].papers) += 1;
    return BASE_OK;
}

static enum base_code mention_entity(struct part *part, const struct model_record *record,
                                     enum model_entity entity)
{
    uint32_t source;
    enum base_code code = store_intern_number(&part->sources, record->source, &source, part->error);
    if (code == BASE_OK) {
        code = count_source(part, source, entity);
    }
    if (code != BASE_OK) {
        return code;
    }
    uint64_t primary = part->slot;
    code = mention(part, entity, &record->id, DERIVE_PRIMARY);
    if (code == BASE_OK) {
        code = mention_claims(part, entity, record->ids, record->id_count, primary, source);
    }
    if (code != BASE_OK || entity == MODEL_AUTHOR) {
        return code;
    }
    code = mention_authors(part, &record->paper, source);
    for (size_t i = 0; code == BASE_OK && i < record->paper.reference_count; i++) {
        code = mention(part, MODEL_PAPER, &record->paper.references[i], DERIVE_NAMED);
    }
    return code;
}

static enum base_code mention_merge(struct part *part, const struct model_record *record)
{
    static const enum model_entity entities[] = {MODEL_AUTHOR, MODEL_PAPER};
    for (size_t i = 0; i < 2; i++) {
        enum model_entity entity = entities[i];
        if ((record->entity != 0 && record->entity != entity) ||
            !model_id_fits(&record->id, entity) || !model_id_fits(&record->other, entity)) {
            continue;
        }
        struct slot_join *made = store_array_extend(&part->joins, sizeof *made, part->error);
        if (made == NULL) {
            return BASE_RESOURCE_EXHAUSTED;
        }
        *made = (struct slot_join){part->slot, part->slot + 1};
        enum base_code code = mention(part, entity, &record->id, DERIVE_LINE);
        if (code == BASE_OK) {
            code = mention(part, entity, &record->other, DERIVE_LINE);
        }
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}

static enum base_code mention_record(struct part *part, const struct model_record *record)
{
    enum base_code code;
    switch (record->type) {
    case MODEL_RECORD_AUTHOR:
        return mention_entity(part, record, MODEL_AUTHOR);
    case MODEL_RECORD_PAPER:
        return mention_entity(part, record, MODEL_PAPER);
    case MODEL_RECORD_MERGE:
        return mention_merge(part, record);
    case MODEL_RECORD_CITATION:
        code = mention(part, MODEL_PAPER, &record->id, DERIVE_NAMED);
        return code != BASE_OK ? code : mention(part, MODEL_PAPER, &record->other, DERIVE_NAMED);
    case MODEL_RECORD_SUPPRESS:
        return BASE_OK;
    }
    return BASE_OK;
}

static void *mention_records(void *context)
{
    struct part *part = context;
    const struct derivation *derivation = part->derivation;
    for (size_t i = part->from; i < part->to && part->code == BASE_OK; i++) {
        if (i % STOP_EVERY == 0 && derive_is_stopped(derivation)) {
            part->code = base_fail(part->error, BASE_CANCELLED, "stopped by a signal");
            break;
        }
        ((uint64_t *)derivation->slot_first.data)[i] = part->slot;
        base_arena_reset(&part->arena);
        struct model_record record;
        part->code =
            model_record_decode(derivation->records[i].bytes, &part->arena, &record, part->error);
        if (part->code == BASE_OK) {
            part->code = mention_record(part, &record);
        }
    }
    if (part->code == BASE_OK) {
        part->code = store_runs_finish(part->mentions, part->error);
    }
    return NULL;
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

/* Sources get the numbers they would have had if one thread had read all records. */
static enum base_code join_sources(struct derivation *derivation, struct part *part)
{
    const struct store_source *counts = part->source_counts.data;
    for (uint32_t i = 0; i < part->sources.count; i++) {
        uint32_t number;
        enum base_code code = store_intern_number(
            &derivation->sources, store_intern_text(&part->sources, i), &number, derivation->error);
        if (code == BASE_OK &&
            (number + (size_t)1) * sizeof *counts > derivation->source_counts.size) {
            code = store_array_resize(&derivation->source_counts,
                                      (number + (size_t)1) * sizeof *counts, derivation->error);
        }
        if (code != BASE_OK) {
            return code;
        }
        struct store_source *sum = (struct store_source *)derivation->source_counts.data + number;
        sum->authors += counts[i].authors;
        sum->papers += counts[i].papers;
    }
    return BASE_OK;
}

/* Behind the parts before it, whose slots end at base. */
static enum base_code join_part(struct derivation *derivation, struct part *part, uint64_t base)
{
    uint64_t *slot_first = derivation->slot_first.data;
    for (size_t i = part->from; base > 0 && i < part->to; i++) {
        slot_first[i] += base;
    }
    enum base_code code = join_sources(derivation, part);
    struct slot_claim *claims = part->claims.data;
    for (size_t i = 0; code == BASE_OK && i < part->claims.size / sizeof *claims; i++) {
        uint32_t source;
        code = store_intern_number(&derivation->sources,
                                   store_intern_text(&part->sources, claims[i].source), &source,
                                   derivation->error);
        claims[i] =
            (struct slot_claim){claims[i].claimed + base, claims[i].claimant + base, source, 0};
    }
    struct slot_join *joins = part->joins.data;
    for (size_t i = 0; i < part->joins.size / sizeof *joins; i++) {
        joins[i] = (struct slot_join){joins[i].from + base, joins[i].into + base};
    }
    if (code == BASE_OK) {
        code = store_array_append(&derivation->slot_role, &part->slot_role, derivation->error);
    }
    if (code == BASE_OK) {
        code = store_array_append(&derivation->claims, &part->claims, derivation->error);
    }
    return code == BASE_OK ? store_array_append(&derivation->joins, &part->joins, derivation->error)
                           : code;
}

/* About how many ids a record writes, in some unit: authors say much beside their ids. */
static uint64_t weight_of(const struct store_record *record)
{
    enum { AUTHOR_SHARE = 8 };
    bool author = (uint8_t)record->key.data[0] == MODEL_RECORD_AUTHOR;
    return author ? record->bytes.size / AUTHOR_SHARE : record->bytes.size;
}

/* Where the part behind so much weight begins: parts are even in ids, not in records. */
static size_t cut_at(const struct derivation *derivation, uint64_t weight)
{
    uint64_t seen = 0;
    size_t at = 0;
    while (at < derivation->record_count && seen < weight) {
        seen += weight_of(&derivation->records[at++]);
    }
    return at;
}

static uint64_t weight_of_all(const struct derivation *derivation)
{
    uint64_t weight = 0;
    for (size_t i = 0; i < derivation->record_count; i++) {
        weight += weight_of(&derivation->records[i]);
    }
    return weight;
}

static void init_part(struct part *part, struct derivation *derivation, size_t number, size_t parts)
{
    const struct store_derive_options *options = derivation->options;
    uint64_t weight = parts > 1 ? weight_of_all(derivation) : 0;
    *part = (struct part){
        .derivation = derivation,
        .from = cut_at(derivation, weight / parts * number),
        .to = number + 1 == parts ? derivation->record_count
                                  : cut_at(derivation, weight / parts * (number + 1)),
        .number = number,
        .scratch = {options->directory, options->memory / 8 / parts, 0},
        .error = &part->failure,
    };
    struct store_array *const arrays[] = {&part->slot_role, &part->claims, &part->joins,
                                          &part->source_counts};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
        store_array_init(arrays[i], &part->scratch);
    }
    store_intern_init(&part->sources, &part->scratch);
    base_arena_init(&part->arena, 0);
    base_buffer_init(&part->key);
    part->mentions = store_runs_new(options->directory, options->memory / 2 / parts);
    if (part->mentions == NULL) {
        part->code = out_of_memory(part);
    }
}

static void fini_part(struct part *part)
{
    store_array_fini(&part->slot_role);
    store_array_fini(&part->claims);
    store_array_fini(&part->joins);
    store_array_fini(&part->source_counts);
    store_intern_fini(&part->sources);
    base_arena_fini(&part->arena);
    base_buffer_fini(&part->key);
    store_runs_free(part->mentions);
}

/* Puts together what the parts read; then every mention gets its node. */
static enum base_code join_parts(struct derivation *derivation, struct part *part, size_t parts)
{
    struct store_runs *mentions[PARTS_MOST];
    uint64_t base[PARTS_MOST];
    uint64_t slots = 0;
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < parts; i++) {
        mentions[i] = part[i].mentions;
        base[i] = slots;
        slots += part[i].slot;
        code = join_part(derivation, &part[i], base[i]);
    }
    if (code == BASE_OK) {
        ((uint64_t *)derivation->slot_first.data)[derivation->record_count] = slots;
        code =
            store_array_resize(&derivation->slot_node, slots * sizeof(uint32_t), derivation->error);
    }
    if (code == BASE_OK) {
        store_array_fill(&derivation->slot_node, 0xff);
    }
    return code == BASE_OK ? derive_nodes(derivation, mentions, parts, slots, base) : code;
}

enum base_code derive_ids(struct derivation *derivation)
{
    enum base_code code =
        store_array_resize(&derivation->slot_first,
                           (derivation->record_count + 1) * sizeof(uint64_t), derivation->error);
    if (code != BASE_OK) {
        return code;
    }
    struct part part[PARTS_MOST];
    size_t parts = derivation->options->threads;
    parts = parts < 1 || derivation->record_count < RECORDS_LEAST ? 1
            : parts > PARTS_MOST                                  ? PARTS_MOST
                                                                  : parts;
    for (size_t i = 0; i < parts; i++) {
        init_part(&part[i], derivation, i, parts);
    }
    derive_together(mention_records, part, sizeof part[0], parts);
    for (size_t i = 0; code == BASE_OK && i < parts; i++) {
        code = part[i].code;
        if (code != BASE_OK && derivation->error != NULL) {
            *derivation->error = part[i].failure;
        }
    }
    if (code == BASE_OK) {
        code = join_parts(derivation, part, parts);
    }
    if (code == BASE_OK) {
        claims_to_nodes(derivation);
        code = emit_sources(derivation);
    }
    for (size_t i = 0; i < parts; i++) {
        fini_part(&part[i]);
    }
    return code;
}
