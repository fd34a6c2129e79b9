#include "model/codec.h"

#include "base/hash.h"
#include "model/record.h"

enum { HASH_SIZE = 16 };

static unsigned when(bool condition, unsigned flag)
{
    return condition ? flag : 0;
}

static void put_number(struct base_buffer *buffer, uint64_t number)
{
    base_buffer_append_varint(buffer, number);
}

static void put_text(struct base_buffer *buffer, struct base_slice text)
{
    char *to = base_buffer_reserve(buffer, BASE_VARINT_MAX + text.size);
    if (to != NULL) {
        size_t used = base_put_varint(to, text.size);
        if (text.size > 0) {
            memcpy(to + used, text.data, text.size);
        }
        buffer->size += used + text.size;
    }
}

static void put_id(struct base_buffer *buffer, const struct model_id *id)
{
    char *to = base_buffer_reserve(buffer, 1 + BASE_VARINT_MAX + id->value.size);
    if (to != NULL) {
        to[0] = (char)id->scheme;
        size_t used = 1 + base_put_varint(to + 1, id->value.size);
        memcpy(to + used, id->value.data, id->value.size);
        buffer->size += used + id->value.size;
    }
}

static void put_ids(struct base_buffer *buffer, const struct model_id *ids, size_t count)
{
    put_number(buffer, count);
    for (size_t i = 0; i < count; i++) {
        put_id(buffer, &ids[i]);
    }
}

static void put_date(struct base_buffer *buffer, struct model_date date)
{
    bool dated = date.precision != MODEL_NO_DATE;
    put_number(buffer, dated ? 4 * (uint64_t)date.day + date.precision : 0);
}

static void put_score(struct base_buffer *buffer, struct model_score score)
{
    uint64_t bits;
    char bytes[sizeof bits];
    memcpy(&bits, &score.value, sizeof bits);
    base_put_le64(bytes, bits);
    base_buffer_append(buffer, bytes, sizeof bytes);
}

static void put_field(struct base_buffer *buffer, const struct model_field *field)
{
    put_text(buffer, field->id);
    put_text(buffer, field->name);
}

static void put_affiliations(struct base_buffer *buffer,
                             const struct model_affiliation *affiliations, size_t count)
{
    put_number(buffer, count);
    for (size_t i = 0; i < count; i++) {
        const struct model_affiliation *affiliation = &affiliations[i];
        put_number(buffer, when(affiliation->name.size > 0, MODEL_CODEC_AFFILIATION_NAME) |
                               when(affiliation->ror.size > 0, MODEL_CODEC_AFFILIATION_ROR));
        if (affiliation->name.size > 0) {
            put_text(buffer, affiliation->name);
        }
        if (affiliation->ror.size > 0) {
            base_buffer_append_slice(buffer, affiliation->ror);
        }
    }
}

static void put_years(struct base_buffer *buffer, const struct model_reported_year *years,
                      size_t count)
{
    unsigned before = 0;
    put_number(buffer, count);
    for (size_t i = 0; i < count; i++) {
        const struct model_reported_year *year = &years[i];
        put_number(buffer, (year->year - before) << MODEL_CODEC_YEAR_SHIFT |
                               when(year->paper_count.known, MODEL_CODEC_YEAR_PAPERS) |
                               when(year->citation_count.known, MODEL_CODEC_YEAR_CITATIONS));
        before = year->year;
        if (year->paper_count.known) {
            put_number(buffer, year->paper_count.value);
        }
        if (year->citation_count.known) {
            put_number(buffer, year->citation_count.value);
        }
    }
}

static unsigned block_flags(const struct model_reported *reported)
{
    return when(reported->as_of.precision != MODEL_NO_DATE, MODEL_CODEC_REPORTED_AS_OF) |
           when(reported->paper_count.known, MODEL_CODEC_REPORTED_PAPERS) |
           when(reported->citation_count.known, MODEL_CODEC_REPORTED_CITATIONS) |
           when(reported->h_index.known, MODEL_CODEC_REPORTED_H_INDEX) |
           when(reported->i10_index.known, MODEL_CODEC_REPORTED_I10_INDEX) |
           when(reported->novelty.known, MODEL_CODEC_REPORTED_NOVELTY) |
           when(reported->ai_score.known, MODEL_CODEC_REPORTED_AI_SCORE) |
           when(reported->year_count > 0, MODEL_CODEC_REPORTED_YEARS) |
           (unsigned)reported->citation_basis * MODEL_CODEC_REPORTED_BASIS;
}

static void put_block(struct base_buffer *buffer, const struct model_reported *reported)
{
    put_text(buffer, reported->source);
    put_number(buffer, block_flags(reported));
    if (reported->as_of.precision != MODEL_NO_DATE) {
        put_date(buffer, reported->as_of);
    }
    const struct model_count *counts[] = {&reported->paper_count, &reported->citation_count,
                                          &reported->h_index, &reported->i10_index};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        if (counts[i]->known) {
            put_number(buffer, counts[i]->value);
        }
    }
    if (reported->novelty.known) {
        put_score(buffer, reported->novelty);
    }
    if (reported->ai_score.known) {
        put_score(buffer, reported->ai_score);
    }
    if (reported->year_count > 0) {
        put_years(buffer, reported->years, reported->year_count);
    }
}

static void put_reported(struct base_buffer *buffer, const struct model_record *record)
{
    put_number(buffer, record->reported_count);
    for (size_t i = 0; i < record->reported_count; i++) {
        put_block(buffer, &record->reported[i]);
    }
}

/* The source that a record has when its line names none. */
static bool has_default_source(const struct model_record *record)
{
    return base_slice_equal(record->source, base_slice_text(model_scheme_name(record->id.scheme)));
}

static void put_author(struct base_buffer *buffer, const struct model_record *record)
{
    const struct model_author_record *author = &record->author;
    unsigned flags = when(!has_default_source(record), MODEL_CODEC_AUTHOR_SOURCE) |
                     when(record->id_count > 0, MODEL_CODEC_AUTHOR_IDS) |
                     when(author->name.size > 0, MODEL_CODEC_AUTHOR_NAME) |
                     when(author->alias_count > 0, MODEL_CODEC_AUTHOR_ALIASES) |
                     when(author->affiliation_count > 0, MODEL_CODEC_AUTHOR_AFFILIATIONS) |
                     when(author->field.id.size > 0, MODEL_CODEC_AUTHOR_FIELD) |
                     when(record->reported_count > 0, MODEL_CODEC_AUTHOR_REPORTED);
    put_number(buffer, flags);
    put_id(buffer, &record->id);
    if (flags & MODEL_CODEC_AUTHOR_SOURCE) {
        put_text(buffer, record->source);
    }
    if (flags & MODEL_CODEC_AUTHOR_IDS) {
        put_ids(buffer, record->ids, record->id_count);
    }
    if (flags & MODEL_CODEC_AUTHOR_NAME) {
        put_text(buffer, author->name);
    }
    if (flags & MODEL_CODEC_AUTHOR_ALIASES) {
        put_number(buffer, author->alias_count);
        for (size_t i = 0; i < author->alias_count; i++) {
            put_text(buffer, author->aliases[i]);
        }
    }
    if (flags & MODEL_CODEC_AUTHOR_AFFILIATIONS) {
        put_affiliations(buffer, author->affiliations, author->affiliation_count);
    }
    if (flags & MODEL_CODEC_AUTHOR_FIELD) {
        put_field(buffer, &author->field);
    }
    if (flags & MODEL_CODEC_AUTHOR_REPORTED) {
        put_reported(buffer, record);
    }
}

static void put_authorship(struct base_buffer *buffer, const struct model_authorship *author,
                           size_t place)
{
    unsigned flags = when(author->id.scheme != MODEL_NO_SCHEME, MODEL_CODEC_AUTHORSHIP_ID) |
                     when(author->id_count > 0, MODEL_CODEC_AUTHORSHIP_IDS) |
                     when(author->name.size > 0, MODEL_CODEC_AUTHORSHIP_NAME) |
                     when(author->position != place, MODEL_CODEC_AUTHORSHIP_POSITION) |
                     when(author->affiliation_count > 0, MODEL_CODEC_AUTHORSHIP_AFFILIATIONS) |
                     when(author->corresponding, MODEL_CODEC_AUTHORSHIP_CORRESPONDING);
    put_number(buffer, flags);
    if (flags & MODEL_CODEC_AUTHORSHIP_ID) {
        put_id(buffer, &author->id);
    }
    if (flags & MODEL_CODEC_AUTHORSHIP_IDS) {
        put_ids(buffer, author->ids, author->id_count);
    }
    if (flags & MODEL_CODEC_AUTHORSHIP_NAME) {
        put_text(buffer, author->name);
    }
    if (flags & MODEL_CODEC_AUTHORSHIP_POSITION) {
        put_number(buffer, author->position);
    }
    if (flags & MODEL_CODEC_AUTHORSHIP_AFFILIATIONS) {
        put_affiliations(buffer, author->affiliations, author->affiliation_count);
    }
}

static unsigned paper_flags(const struct model_record *record)
{
    const struct model_paper_record *paper = &record->paper;
    return when(!has_default_source(record), MODEL_CODEC_PAPER_SOURCE) |
           when(record->id_count > 0, MODEL_CODEC_PAPER_IDS) |
           when(paper->title.size > 0, MODEL_CODEC_PAPER_TITLE) |
           when(paper->abstract.size > 0, MODEL_CODEC_PAPER_ABSTRACT) |
           when(paper->date.precision != MODEL_NO_DATE, MODEL_CODEC_PAPER_DATE) |
           when(paper->field.id.size > 0, MODEL_CODEC_PAPER_FIELD) |
           when(paper->kind != MODEL_KIND_UNSPECIFIED, MODEL_CODEC_PAPER_KIND) |
           when(paper->venue.size > 0, MODEL_CODEC_PAPER_VENUE) |
           when(paper->author_count > 0, MODEL_CODEC_PAPER_AUTHORS) |
           when(paper->authors_truncated, MODEL_CODEC_PAPER_AUTHORS_TRUNCATED) |
           when(paper->affiliation_count > 0, MODEL_CODEC_PAPER_AFFILIATIONS) |
           when(paper->reference_count > 0, MODEL_CODEC_PAPER_REFERENCES) |
           when(record->reported_count > 0, MODEL_CODEC_PAPER_REPORTED) |
           (unsigned)paper->refereed * MODEL_CODEC_PAPER_REFEREED |
           (unsigned)paper->retracted * MODEL_CODEC_PAPER_RETRACTED;
}

static void put_paper(struct base_buffer *buffer, const struct model_record *record)
{
    const struct model_paper_record *paper = &record->paper;
    unsigned flags = paper_flags(record);
    put_number(buffer, flags);
    put_id(buffer, &record->id);
    if (flags & MODEL_CODEC_PAPER_SOURCE) {
        put_text(buffer, record->source);
    }
    if (flags & MODEL_CODEC_PAPER_IDS) {
        put_ids(buffer, record->ids, record->id_count);
    }
    if (flags & MODEL_CODEC_PAPER_TITLE) {
        put_text(buffer, paper->title);
    }
    if (flags & MODEL_CODEC_PAPER_ABSTRACT) {
        put_text(buffer, paper->abstract);
    }
    if (flags & MODEL_CODEC_PAPER_DATE) {
        put_date(buffer, paper->date);
    }
    if (flags & MODEL_CODEC_PAPER_FIELD) {
        put_field(buffer, &paper->field);
    }
    if (flags & MODEL_CODEC_PAPER_KIND) {
        put_number(buffer, paper->kind);
    }
    if (flags & MODEL_CODEC_PAPER_VENUE) {
        put_text(buffer, paper->venue);
    }
    if (flags & MODEL_CODEC_PAPER_AUTHORS) {
        put_number(buffer, paper->author_count);
        for (size_t i = 0; i < paper->author_count; i++) {
            put_authorship(buffer, &paper->authors[i], i + 1);
        }
    }
    if (flags & MODEL_CODEC_PAPER_AFFILIATIONS) {
        put_affiliations(buffer, paper->affiliations, paper->affiliation_count);
    }
    if (flags & MODEL_CODEC_PAPER_REFERENCES) {
        put_ids(buffer, paper->references, paper->reference_count);
    }
    if (flags & MODEL_CODEC_PAPER_REPORTED) {
        put_reported(buffer, record);
    }
}

void model_record_encode(const struct model_record *record, struct base_buffer *buffer)
{
    char head[9];
    head[0] = (char)record->type;
    base_put_be64(head + 1, record->updated);
    base_buffer_append(buffer, head, sizeof head);
    switch (record->type) {
    case MODEL_RECORD_SUPPRESS:
    case MODEL_RECORD_MERGE:
        base_buffer_append_byte(buffer, record->entity);
        put_id(buffer, &record->id);
        if (record->type == MODEL_RECORD_MERGE) {
            put_id(buffer, &record->other);
        }
        break;
    case MODEL_RECORD_AUTHOR:
        put_author(buffer, record);
        break;
    case MODEL_RECORD_PAPER:
        put_paper(buffer, record);
        break;
    case MODEL_RECORD_CITATION:
        put_id(buffer, &record->id);
        put_id(buffer, &record->other);
        put_date(buffer, record->citation_date);
        break;
    }
}

void model_record_append_key(const struct model_record *record, struct base_buffer *buffer)
{
    size_t start = buffer->size;
    bool pair = record->type == MODEL_RECORD_CITATION || record->type == MODEL_RECORD_MERGE;
    bool curation = record->type == MODEL_RECORD_SUPPRESS || record->type == MODEL_RECORD_MERGE;
    base_buffer_append_byte(buffer, (uint8_t)record->type);
    if (pair) {
        char size[2];
        base_put_be16(size, (uint16_t)(1 + record->id.value.size));
        base_buffer_append(buffer, size, sizeof size);
    }
    model_id_append_key(&record->id, buffer);
    if (pair) {
        model_id_append_key(&record->other, buffer);
    }
    size_t most = curation ? MODEL_RECORD_KEY - 1 : MODEL_RECORD_KEY;
    if (!buffer->failed && buffer->size - start > most) {
        size_t kept = most - HASH_SIZE;
        struct base_slice rest =
            base_slice(buffer->data + start + kept, buffer->size - start - kept);
        struct base_hash128 hash = base_hash128(rest);
        base_put_be64(buffer->data + start + kept, hash.high);
        base_put_be64(buffer->data + start + kept + 8, hash.low);
        buffer->size = start + most;
    }
    if (curation) {
        base_buffer_append_byte(buffer, record->entity);
    }
}
