#include "client/record.h"

#include "wire/check.h"
#include "wire/fields.h"
#include "wire/messages.h"
#include "wire/write.h"

/* Guesses of packed sizes, for wire_begin(). */
enum { PART = 100, RECORD = 1000 };

_Static_assert((int)HIRSCH_ENTITY_KIND_PAPER == (int)HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_PAPER &&
                   (int)HIRSCH_PAPER_KIND_OTHER == (int)HIRSCH__V1__PAPER_KIND__PAPER_KIND_OTHER,
               "numbers of the header and of the schema are the same");

static void put_text(struct base_buffer *buffer, uint32_t number, const char *text)
{
    if (text != NULL) {
        wire_put_bytes(buffer, number, base_slice_text(text));
    }
}

static void put_texts(struct base_buffer *buffer, uint32_t number, const char *const *texts,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        wire_put_bytes_present(buffer, number, base_slice_text(texts[i] == NULL ? "" : texts[i]));
    }
}

static void put_field(struct base_buffer *buffer, uint32_t number, const struct hirsch_field *field)
{
    if ((field->id != NULL && field->id[0] != '\0') ||
        (field->display_name != NULL && field->display_name[0] != '\0')) {
        struct wire_mark mark = wire_begin(buffer, number, PART);
        put_text(buffer, WIRE_FIELD_ID, field->id);
        put_text(buffer, WIRE_FIELD_DISPLAY_NAME, field->display_name);
        wire_end(buffer, mark);
    }
}

static void put_affiliations(struct base_buffer *buffer, uint32_t number,
                             const struct hirsch_affiliation *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct wire_mark mark = wire_begin(buffer, number, PART);
        put_text(buffer, WIRE_AFFILIATION_NAME, list[i].name);
        put_text(buffer, WIRE_AFFILIATION_ROR, list[i].ror);
        wire_end(buffer, mark);
    }
}

static void put_known(struct base_buffer *buffer, uint32_t number, bool known, uint32_t value)
{
    if (known) {
        wire_put_uint_present(buffer, number, value);
    }
}

static void put_block(struct base_buffer *buffer, const struct hirsch_reported_metrics *reported)
{
    put_text(buffer, WIRE_REPORTED_SOURCE, reported->source);
    put_text(buffer, WIRE_REPORTED_AS_OF, reported->as_of);
    put_known(buffer, WIRE_REPORTED_PAPER_COUNT, reported->has_paper_count, reported->paper_count);
    put_known(buffer, WIRE_REPORTED_CITATION_COUNT, reported->has_citation_count,
              reported->citation_count);
    put_known(buffer, WIRE_REPORTED_H_INDEX, reported->has_h_index, reported->h_index);
    if (reported->has_novelty) {
        wire_put_double_present(buffer, WIRE_REPORTED_NOVELTY, reported->novelty);
    }
    if (reported->has_ai_score) {
        wire_put_double_present(buffer, WIRE_REPORTED_AI_SCORE, reported->ai_score);
    }
    for (size_t i = 0; i < reported->counts_by_year_count; i++) {
        const struct hirsch_reported_year *year = &reported->counts_by_year[i];
        struct wire_mark mark = wire_begin(buffer, WIRE_REPORTED_COUNTS_BY_YEAR, PART);
        wire_put_uint(buffer, WIRE_REPORTED_YEAR_YEAR, year->year);
        put_known(buffer, WIRE_REPORTED_YEAR_PAPER_COUNT, year->has_paper_count, year->paper_count);
        put_known(buffer, WIRE_REPORTED_YEAR_CITATION_COUNT, year->has_citation_count,
                  year->citation_count);
        wire_end(buffer, mark);
    }
    put_known(buffer, WIRE_REPORTED_I10_INDEX, reported->has_i10_index, reported->i10_index);
    wire_put_uint(buffer, WIRE_REPORTED_CITATION_BASIS, (uint64_t)reported->citation_basis);
}

static void put_reported(struct base_buffer *buffer, uint32_t number,
                         const struct hirsch_reported_metrics *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct wire_mark mark = wire_begin(buffer, number, PART);
        put_block(buffer, &list[i]);
        wire_end(buffer, mark);
    }
}

static void put_author(struct base_buffer *buffer, const void *record)
{
    const struct hirsch_author_record *author = record;
    put_text(buffer, WIRE_AUTHOR_RECORD_ID, author->id);
    put_texts(buffer, WIRE_AUTHOR_RECORD_IDS, author->ids, author->id_count);
    put_text(buffer, WIRE_AUTHOR_RECORD_NAME, author->name);
    put_texts(buffer, WIRE_AUTHOR_RECORD_ALIASES, author->aliases, author->alias_count);
    put_affiliations(buffer, WIRE_AUTHOR_RECORD_AFFILIATIONS, author->affiliations,
                     author->affiliation_count);
    put_field(buffer, WIRE_AUTHOR_RECORD_FIELD, &author->field);
    put_text(buffer, WIRE_AUTHOR_RECORD_SOURCE, author->source);
    put_text(buffer, WIRE_AUTHOR_RECORD_UPDATED, author->updated);
    put_reported(buffer, WIRE_AUTHOR_RECORD_REPORTED, author->reported, author->reported_count);
}

static void put_authorship(struct base_buffer *buffer,
                           const struct hirsch_authorship_record *author)
{
    struct wire_mark mark = wire_begin(buffer, WIRE_PAPER_RECORD_AUTHORS, PART);
    put_text(buffer, WIRE_AUTHORSHIP_RECORD_ID, author->id);
    put_texts(buffer, WIRE_AUTHORSHIP_RECORD_IDS, author->ids, author->id_count);
    put_text(buffer, WIRE_AUTHORSHIP_RECORD_NAME, author->name);
    put_known(buffer, WIRE_AUTHORSHIP_RECORD_POSITION, author->has_position, author->position);
    wire_put_uint(buffer, WIRE_AUTHORSHIP_RECORD_CORRESPONDING, author->corresponding);
    put_affiliations(buffer, WIRE_AUTHORSHIP_RECORD_AFFILIATIONS, author->affiliations,
                     author->affiliation_count);
    wire_end(buffer, mark);
}

static void put_paper(struct base_buffer *buffer, const void *record)
{
    const struct hirsch_paper_record *paper = record;
    put_text(buffer, WIRE_PAPER_RECORD_ID, paper->id);
    put_texts(buffer, WIRE_PAPER_RECORD_IDS, paper->ids, paper->id_count);
    put_text(buffer, WIRE_PAPER_RECORD_TITLE, paper->title);
    put_text(buffer, WIRE_PAPER_RECORD_ABSTRACT, paper->abstract_text);
    put_text(buffer, WIRE_PAPER_RECORD_DATE, paper->date);
    put_field(buffer, WIRE_PAPER_RECORD_FIELD, &paper->field);
    wire_put_uint(buffer, WIRE_PAPER_RECORD_KIND, (uint64_t)paper->kind);
    put_text(buffer, WIRE_PAPER_RECORD_VENUE, paper->venue);
    put_known(buffer, WIRE_PAPER_RECORD_REFEREED, paper->refereed != HIRSCH_NOT_KNOWN,
              paper->refereed == HIRSCH_KNOWN_TRUE);
    put_known(buffer, WIRE_PAPER_RECORD_RETRACTED, paper->retracted != HIRSCH_NOT_KNOWN,
              paper->retracted == HIRSCH_KNOWN_TRUE);
    for (size_t i = 0; i < paper->author_count; i++) {
        put_authorship(buffer, &paper->authors[i]);
    }
    wire_put_uint(buffer, WIRE_PAPER_RECORD_AUTHORS_TRUNCATED, paper->authors_truncated);
    put_affiliations(buffer, WIRE_PAPER_RECORD_AFFILIATIONS, paper->affiliations,
                     paper->affiliation_count);
    put_texts(buffer, WIRE_PAPER_RECORD_REFERENCES, paper->references, paper->reference_count);
    put_text(buffer, WIRE_PAPER_RECORD_SOURCE, paper->source);
    put_text(buffer, WIRE_PAPER_RECORD_UPDATED, paper->updated);
    put_reported(buffer, WIRE_PAPER_RECORD_REPORTED, paper->reported, paper->reported_count);
}

static void put_citation(struct base_buffer *buffer, const void *record)
{
    const struct hirsch_citation_record *citation = record;
    put_text(buffer, WIRE_CITATION_RECORD_CITING, citation->citing);
    put_text(buffer, WIRE_CITATION_RECORD_CITED, citation->cited);
    put_text(buffer, WIRE_CITATION_RECORD_DATE, citation->date);
    put_text(buffer, WIRE_CITATION_RECORD_UPDATED, citation->updated);
}

static void put_merge(struct base_buffer *buffer, const void *record)
{
    const struct hirsch_merge_record *merge = record;
    put_text(buffer, WIRE_MERGE_RECORD_FROM, merge->from);
    put_text(buffer, WIRE_MERGE_RECORD_INTO, merge->into);
    wire_put_uint(buffer, WIRE_MERGE_RECORD_ENTITY, (uint64_t)merge->entity);
}

static void put_suppress(struct base_buffer *buffer, const void *record)
{
    const struct hirsch_suppress_record *suppress = record;
    put_text(buffer, WIRE_SUPPRESS_RECORD_ID, suppress->id);
    wire_put_uint(buffer, WIRE_SUPPRESS_RECORD_ENTITY, (uint64_t)suppress->entity);
}

/* A row a type: the struct's whole size in this version, its field in the message, its writer. */
static const struct {
    size_t size;
    uint32_t number;
    void (*put)(struct base_buffer *buffer, const void *record);
} types[] = {
    [HIRSCH_RECORD_AUTHOR] = {sizeof(struct hirsch_author_record), WIRE_RECORD_AUTHOR, put_author},
    [HIRSCH_RECORD_PAPER] = {sizeof(struct hirsch_paper_record), WIRE_RECORD_PAPER, put_paper},
    [HIRSCH_RECORD_CITATION] = {sizeof(struct hirsch_citation_record), WIRE_RECORD_CITATION,
                                put_citation},
    [HIRSCH_RECORD_MERGE] = {sizeof(struct hirsch_merge_record), WIRE_RECORD_MERGE, put_merge},
    [HIRSCH_RECORD_SUPPRESS] = {sizeof(struct hirsch_suppress_record), WIRE_RECORD_SUPPRESS,
                                put_suppress},
};
enum { TYPES = sizeof types / sizeof types[0] };

/* Of the same size as the largest struct, for those of callers with an older header. */
union any_record {
    struct hirsch_author_record author;
    struct hirsch_paper_record paper;
    struct hirsch_citation_record citation;
    struct hirsch_merge_record merge;
    struct hirsch_suppress_record suppress;
};

static enum base_code append(const struct hirsch_record *record, struct base_buffer *buffer,
                             struct base_error *error)
{
    if (record->type == HIRSCH_RECORD_PACKED && record->record != NULL) {
        const struct hirsch_bytes *bytes = record->record;
        wire_put_bytes_present(buffer, WIRE_PUT_RECORDS_REQUEST_RECORDS,
                               base_slice(bytes->data, bytes->size));
        return BASE_OK;
    }
    if ((unsigned)record->type >= TYPES || types[record->type].put == NULL ||
        record->record == NULL) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "a record has no such type as %d, or no struct", (int)record->type);
    }
    size_t given;
    memcpy(&given, record->record, sizeof given);
    if (given == 0) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "the size of a record's struct is 0; start from its _INIT macro");
    }
    union any_record whole;
    memset(&whole, 0, sizeof whole);
    size_t known = types[record->type].size;
    memcpy(&whole, record->record, given < known ? given : known);
    struct wire_mark outer = wire_begin(buffer, WIRE_PUT_RECORDS_REQUEST_RECORDS, RECORD);
    struct wire_mark inner = wire_begin(buffer, types[record->type].number, RECORD);
    types[record->type].put(buffer, &whole);
    wire_end(buffer, inner);
    wire_end(buffer, outer);
    return BASE_OK;
}

enum base_code client_record_pack(const struct hirsch_record *record, struct client_packed *packed,
                                  struct base_error *error)
{
    base_buffer_clear(&packed->bytes);
    enum base_code code = append(record, &packed->bytes, error);
    packed->fields = code != BASE_OK || packed->bytes.failed
                         ? 0
                         : wire_count_fields(&hirsch__v1__put_records_request__descriptor,
                                             base_buffer_slice(&packed->bytes));
    return code;
}

static void put_entity_key(struct base_buffer *buffer, const struct hirsch_record_key *key,
                           enum hirsch_entity_kind entity)
{
    struct wire_mark mark = wire_begin(buffer, WIRE_RECORD_KEY_ENTITY, PART);
    put_text(buffer, WIRE_ENTITY_KEY_ID, key->id);
    wire_put_uint(buffer, WIRE_ENTITY_KEY_ENTITY, (uint64_t)entity);
    wire_end(buffer, mark);
}

static void put_key(struct base_buffer *buffer, const struct hirsch_record_key *key)
{
    struct wire_mark mark;
    switch (key->type) {
    case HIRSCH_RECORD_AUTHOR:
        put_entity_key(buffer, key, HIRSCH_ENTITY_KIND_AUTHOR);
        break;
    case HIRSCH_RECORD_PAPER:
        put_entity_key(buffer, key, HIRSCH_ENTITY_KIND_PAPER);
        break;
    case HIRSCH_RECORD_CITATION:
        mark = wire_begin(buffer, WIRE_RECORD_KEY_CITATION, PART);
        put_text(buffer, WIRE_CITATION_KEY_CITING, key->id);
        put_text(buffer, WIRE_CITATION_KEY_CITED, key->other);
        wire_end(buffer, mark);
        break;
    case HIRSCH_RECORD_MERGE:
        mark = wire_begin(buffer, WIRE_RECORD_KEY_MERGE, PART);
        put_merge(buffer, &(struct hirsch_merge_record){sizeof(struct hirsch_merge_record), key->id,
                                                        key->other, key->entity});
        wire_end(buffer, mark);
        break;
    case HIRSCH_RECORD_SUPPRESS:
        mark = wire_begin(buffer, WIRE_RECORD_KEY_SUPPRESS, PART);
        put_suppress(buffer, &(struct hirsch_suppress_record){sizeof(struct hirsch_suppress_record),
                                                              key->id, key->entity});
        wire_end(buffer, mark);
        break;
    default:
        put_entity_key(buffer, key, HIRSCH_ENTITY_KIND_UNSPECIFIED);
        break;
    }
}

/* A key of a merge record has the most fields: two of messages, three of its own. */
enum { KEY_FIELDS = 5 };

enum base_code client_record_key_pack(const struct hirsch_record_key *key,
                                      struct client_packed *packed, struct base_error *error)
{
    if ((unsigned)key->type >= TYPES) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "a key has no such type as %d",
                         (int)key->type);
    }
    base_buffer_clear(&packed->bytes);
    struct wire_mark mark = wire_begin(&packed->bytes, WIRE_DELETE_RECORDS_REQUEST_KEYS, PART);
    put_key(&packed->bytes, key);
    wire_end(&packed->bytes, mark);
    packed->fields = KEY_FIELDS;
    return BASE_OK;
}
