/* Part of step 3: the authors of a paper. Emits `paper_authors`. */
#include "store/derivation.h"
#include "store/numbers.h"

static bool is_name_only(const struct derivation *derivation, uint32_t author)
{
    uint32_t own = ((const uint32_t *)derivation->authors.own.data)[author];
    return derive_node_id(derivation, own).scheme == MODEL_NAME;
}

/* Keeps name and affiliations of an author who has no record, as they stand on the newest paper. */
static enum base_code note_bare(struct derivation *derivation, uint32_t author, uint32_t paper,
                                const struct model_authorship *authorship)
{
    const uint32_t *first = derivation->authors.record_first.data;
    struct derive_bare *bare = (struct derive_bare *)derivation->bare.data + author;
    if (first[author + 1] > first[author] ||
        (bare->size > 0 && !derive_is_newer(derivation, paper, bare->paper))) {
        return BASE_OK;
    }
    struct base_buffer *value = &derivation->value;
    base_buffer_clear(value);
    base_buffer_append_varint(value, authorship->name.size);
    base_buffer_append_slice(value, authorship->name);
    base_buffer_append_varint(value, authorship->affiliation_count);
    for (size_t i = 0; i < authorship->affiliation_count; i++) {
        base_buffer_append_varint(value, authorship->affiliations[i].name.size);
        base_buffer_append_slice(value, authorship->affiliations[i].name);
        base_buffer_append_varint(value, authorship->affiliations[i].ror.size);
        base_buffer_append_slice(value, authorship->affiliations[i].ror);
    }
    if (value->failed) {
        return derive_out_of_memory(derivation);
    }
    uint64_t offset = derivation->bare_bytes.size;
    char *to = store_array_extend(&derivation->bare_bytes, value->size, derivation->error);
    if (to == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    memcpy(to, value->data, value->size);
    *bare = (struct derive_bare){offset, (uint32_t)value->size, paper};
    return BASE_OK;
}

static enum base_code add_author(struct derivation *derivation, uint32_t author, uint16_t position)
{
    uint32_t *entry =
        store_array_extend(&derivation->paper_authors, 2 * sizeof *entry, derivation->error);
    if (entry == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    entry[0] = author;
    entry[1] = position;
    if (!is_name_only(derivation, author)) {
        uint32_t *known =
            store_array_extend(&derivation->known_authors, sizeof *known, derivation->error);
        if (known == NULL) {
            return BASE_RESOURCE_EXHAUSTED;
        }
        *known = author;
    }
    return BASE_OK;
}

/* Entries from `from` on are the paper's. */
static enum base_code emit_authors(struct derivation *derivation, uint32_t number, size_t from)
{
    size_t end = derivation->paper_authors.size / (2 * sizeof(uint32_t));
    size_t count = end - from;
    const uint32_t *entries = (const uint32_t *)derivation->paper_authors.data + 2 * from;
    if (count == 0) {
        return BASE_OK;
    }
    struct base_buffer *value = &derivation->value;
    base_buffer_clear(value);
    uint8_t *to = (uint8_t *)base_buffer_reserve(value, count * STORE_PAPER_AUTHOR_SIZE);
    if (to == NULL) {
        return derive_out_of_memory(derivation);
    }
    for (size_t i = 0; i < count; i++, to += STORE_PAPER_AUTHOR_SIZE) {
        base_put_le32(to, entries[2 * i]);
        base_put_le16(to + 4, (uint16_t)entries[2 * i + 1]);
    }
    value->size = count * STORE_PAPER_AUTHOR_SIZE;
    uint8_t key[4];
    base_put_be32(key, number);
    return derivation->sink->row(derivation->sink->context, STORE_PAPER_AUTHORS,
                                 base_slice(key, sizeof key), base_buffer_slice(value),
                                 derivation->error);
}

/* Authors of the merged view: each counts once, at its first place, under the own id of its entity;
 * the view shows them so. slot is that of the first author in the record the list comes from. */
enum base_code derive_authorships(struct derivation *derivation, uint32_t number,
                                  struct model_view *view, uint64_t slot)
{
    struct model_paper_record *paper = &view->paper;
    uint32_t *seen = derivation->author_seen.data;
    const uint32_t *slot_node = derivation->slot_node.data;
    const uint32_t *numbers = derivation->node_number.data;
    const uint32_t *own = derivation->authors.own.data;
    struct model_authorship *shown =
        base_arena_array(&derivation->arena, paper->author_count, sizeof *shown);
    if (shown == NULL) {
        return derive_out_of_memory(derivation);
    }
    size_t from = derivation->paper_authors.size / (2 * sizeof(uint32_t));
    size_t known_from = derivation->known_authors.size / sizeof(uint32_t);
    size_t shown_count = 0;
    for (size_t i = 0; i < paper->author_count; i++) {
        struct model_authorship authorship = paper->authors[i];
        uint32_t node = slot_node[slot];
        slot += 1 + authorship.id_count;
        if (node != MODEL_NO_NODE) {
            uint32_t author = numbers[node];
            if (author == 0 || seen[author] == number) {
                continue;
            }
            seen[author] = number;
            enum base_code code = add_author(derivation, author, authorship.position);
            if (code == BASE_OK) {
                code = note_bare(derivation, author, number, &authorship);
            }
            if (code != BASE_OK) {
                return code;
            }
            authorship.id = derive_node_id(derivation, own[author]);
        }
        shown[shown_count++] = authorship;
    }
    paper->authors = shown;
    paper->author_count = shown_count;
    size_t known_end = derivation->known_authors.size / sizeof(uint32_t);
    store_sort_numbers((uint32_t *)derivation->known_authors.data + known_from,
                       known_end - known_from);
    return emit_authors(derivation, number, from);
}
