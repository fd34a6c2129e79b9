#include "wire/fields.h"
#include "wire/record.h"
#include "wire/write.h"

/* Guesses of packed sizes, for wire_begin(). */
enum { PART = 100, REPORTED = 100, RECORD = 1000 };

static void put_id(struct base_buffer *buffer, uint32_t number, const struct model_id *id)
{
    char text[MODEL_ID_TEXT];
    if (id->scheme != MODEL_NO_SCHEME) {
        wire_put_bytes(buffer, number, base_slice(text, model_id_text(id, text)));
    }
}

static void put_ids(struct base_buffer *buffer, uint32_t number, const struct model_id *ids,
                    size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put_id(buffer, number, &ids[i]);
    }
}

static void put_date(struct base_buffer *buffer, uint32_t number, struct model_date date)
{
    char text[MODEL_DATE_TEXT];
    wire_put_bytes(buffer, number, base_slice(text, model_date_text(date, text)));
}

/* Nobody said: left out, so that the time of receipt counts. */
static void put_updated(struct base_buffer *buffer, uint32_t number, model_time updated)
{
    char text[MODEL_TIME_TEXT];
    if (updated != 0) {
        wire_put_bytes(buffer, number, base_slice(text, model_time_text(updated, text)));
    }
}

static void put_field(struct base_buffer *buffer, uint32_t number, const struct model_field *field)
{
    if (field->id.size > 0) {
        struct wire_mark mark = wire_begin(buffer, number, PART);
        wire_put_bytes(buffer, WIRE_FIELD_ID, field->id);
        wire_put_bytes(buffer, WIRE_FIELD_DISPLAY_NAME, field->name);
        wire_end(buffer, mark);
    }
}

static void put_affiliations(struct base_buffer *buffer, uint32_t number,
                             const struct model_affiliation *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct wire_mark mark = wire_begin(buffer, number, PART);
        wire_put_bytes(buffer, WIRE_AFFILIATION_NAME, list[i].name);
        wire_put_bytes(buffer, WIRE_AFFILIATION_ROR, list[i].ror);
        wire_end(buffer, mark);
    }
}

static void put_count(struct base_buffer *buffer, uint32_t number, struct model_count count)
{
    if (count.known) {
        wire_put_uint_present(buffer, number, count.value);
    }
}

static void put_score(struct base_buffer *buffer, uint32_t number, struct model_score score)
{
    if (score.known) {
        wire_put_double_present(buffer, number, score.value);
    }
}

static void put_block(struct base_buffer *buffer, const struct model_reported *reported)
{
    wire_put_bytes(buffer, WIRE_REPORTED_SOURCE, reported->source);
    put_date(buffer, WIRE_REPORTED_AS_OF, reported->as_of);
    put_count(buffer, WIRE_REPORTED_PAPER_COUNT, reported->paper_count);
    put_count(buffer, WIRE_REPORTED_CITATION_COUNT, reported->citation_count);
    put_count(buffer, WIRE_REPORTED_H_INDEX, reported->h_index);
    put_score(buffer, WIRE_REPORTED_NOVELTY, reported->novelty);
    put_score(buffer, WIRE_REPORTED_AI_SCORE, reported->ai_score);
    for (size_t i = 0; i < reported->year_count; i++) {
        struct wire_mark mark = wire_begin(buffer, WIRE_REPORTED_COUNTS_BY_YEAR, PART);
        wire_put_uint(buffer, WIRE_REPORTED_YEAR_YEAR, reported->years[i].year);
        put_count(buffer, WIRE_REPORTED_YEAR_PAPER_COUNT, reported->years[i].paper_count);
        put_count(buffer, WIRE_REPORTED_YEAR_CITATION_COUNT, reported->years[i].citation_count);
        wire_end(buffer, mark);
    }
    put_count(buffer, WIRE_REPORTED_I10_INDEX, reported->i10_index);
    wire_put_uint(buffer, WIRE_REPORTED_CITATION_BASIS, reported->citation_basis);
}

static void put_reported(struct base_buffer *buffer, uint32_t number,
                         const struct model_record *record)
{
    for (size_t i = 0; i < record->reported_count; i++) {
        struct wire_mark mark = wire_begin(buffer, number, REPORTED);
        put_block(buffer, &record->reported[i]);
        wire_end(buffer, mark);
    }
}

static void put_author(struct base_buffer *buffer, const struct model_record *record)
{
    const struct model_author_record *author = &record->author;
    put_id(buffer, WIRE_AUTHOR_RECORD_ID, &record->id);
    put_ids(buffer, WIRE_AUTHOR_RECORD_IDS, record->ids, record->id_count);
    wire_put_bytes(buffer, WIRE_AUTHOR_RECORD_NAME, author->name);
    for (size_t i = 0; i < author->alias_count; i++) {
        wire_put_bytes_present(buffer, WIRE_AUTHOR_RECORD_ALIASES, author->aliases[i]);
    }
    put_affiliations(buffer, WIRE_AUTHOR_RECORD_AFFILIATIONS, author->affiliations,
                     author->affiliation_count);
    put_field(buffer, WIRE_AUTHOR_RECORD_FIELD, &author->field);
    wire_put_bytes(buffer, WIRE_AUTHOR_RECORD_SOURCE, record->source);
    put_updated(buffer, WIRE_AUTHOR_RECORD_UPDATED, record->updated);
    put_reported(buffer, WIRE_AUTHOR_RECORD_REPORTED, record);
}

static void put_authorship(struct base_buffer *buffer, const struct model_authorship *author,
                           size_t place)
{
    put_id(buffer, WIRE_AUTHORSHIP_RECORD_ID, &author->id);
    put_ids(buffer, WIRE_AUTHORSHIP_RECORD_IDS, author->ids, author->id_count);
    wire_put_bytes(buffer, WIRE_AUTHORSHIP_RECORD_NAME, author->name);
    if (author->position != place) {
        wire_put_uint_present(buffer, WIRE_AUTHORSHIP_RECORD_POSITION, author->position);
    }
    wire_put_uint(buffer, WIRE_AUTHORSHIP_RECORD_CORRESPONDING, author->corresponding);
    put_affiliations(buffer, WIRE_AUTHORSHIP_RECORD_AFFILIATIONS, author->affiliations,
                     author->affiliation_count);
}

static void put_tristate(struct base_buffer *buffer, uint32_t number, enum model_tristate state)
{
    if (state != MODEL_UNKNOWN) {
        wire_put_uint_present(buffer, number, state == MODEL_TRUE);
    }
}

static void put_paper(struct base_buffer *buffer, const struct model_record *record)
{
    const struct model_paper_record *paper = &record->paper;
    put_id(buffer, WIRE_PAPER_RECORD_ID, &record->id);
    put_ids(buffer, WIRE_PAPER_RECORD_IDS, record->ids, record->id_count);
    wire_put_bytes(buffer, WIRE_PAPER_RECORD_TITLE, paper->title);
    wire_put_bytes(buffer, WIRE_PAPER_RECORD_ABSTRACT, paper->abstract);
    put_date(buffer, WIRE_PAPER_RECORD_DATE, paper->date);
    put_field(buffer, WIRE_PAPER_RECORD_FIELD, &paper->field);
    wire_put_uint(buffer, WIRE_PAPER_RECORD_KIND, paper->kind);
    wire_put_bytes(buffer, WIRE_PAPER_RECORD_VENUE, paper->venue);
    put_tristate(buffer, WIRE_PAPER_RECORD_REFEREED, paper->refereed);
    put_tristate(buffer, WIRE_PAPER_RECORD_RETRACTED, paper->retracted);
    for (size_t i = 0; i < paper->author_count; i++) {
        struct wire_mark mark = wire_begin(buffer, WIRE_PAPER_RECORD_AUTHORS, PART);
        put_authorship(buffer, &paper->authors[i], i + 1);
        wire_end(buffer, mark);
    }
    wire_put_uint(buffer, WIRE_PAPER_RECORD_AUTHORS_TRUNCATED, paper->authors_truncated);
    put_affiliations(buffer, WIRE_PAPER_RECORD_AFFILIATIONS, paper->affiliations,
                     paper->affiliation_count);
    put_ids(buffer, WIRE_PAPER_RECORD_REFERENCES, paper->references, paper->reference_count);
    wire_put_bytes(buffer, WIRE_PAPER_RECORD_SOURCE, record->source);
    put_updated(buffer, WIRE_PAPER_RECORD_UPDATED, record->updated);
    put_reported(buffer, WIRE_PAPER_RECORD_REPORTED, record);
}

static void put_citation(struct base_buffer *buffer, const struct model_record *record)
{
    put_id(buffer, WIRE_CITATION_RECORD_CITING, &record->id);
    put_id(buffer, WIRE_CITATION_RECORD_CITED, &record->other);
    put_date(buffer, WIRE_CITATION_RECORD_DATE, record->citation_date);
    put_updated(buffer, WIRE_CITATION_RECORD_UPDATED, record->updated);
}

_Static_assert((int)MODEL_AUTHOR == 1 && (int)MODEL_PAPER == 2,
               "numbers of entities are those of hirsch.v1.EntityKind");

static void put_merge(struct base_buffer *buffer, const struct model_record *record)
{
    put_id(buffer, WIRE_MERGE_RECORD_FROM, &record->id);
    put_id(buffer, WIRE_MERGE_RECORD_INTO, &record->other);
    wire_put_uint(buffer, WIRE_MERGE_RECORD_ENTITY, record->entity);
}

static void put_suppress(struct base_buffer *buffer, const struct model_record *record)
{
    put_id(buffer, WIRE_SUPPRESS_RECORD_ID, &record->id);
    wire_put_uint(buffer, WIRE_SUPPRESS_RECORD_ENTITY, record->entity);
}

void wire_record_write(const struct model_record *record, struct base_buffer *buffer)
{
    static const struct {
        uint32_t number;
        void (*put)(struct base_buffer *buffer, const struct model_record *record);
    } types[] = {
        [MODEL_RECORD_SUPPRESS] = {WIRE_RECORD_SUPPRESS, put_suppress},
        [MODEL_RECORD_MERGE] = {WIRE_RECORD_MERGE, put_merge},
        [MODEL_RECORD_AUTHOR] = {WIRE_RECORD_AUTHOR, put_author},
        [MODEL_RECORD_PAPER] = {WIRE_RECORD_PAPER, put_paper},
        [MODEL_RECORD_CITATION] = {WIRE_RECORD_CITATION, put_citation},
    };
    struct wire_mark mark = wire_begin(buffer, types[record->type].number, RECORD);
    types[record->type].put(buffer, record);
    wire_end(buffer, mark);
}
