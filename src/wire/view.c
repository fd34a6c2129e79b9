#include "wire/view.h"

#include "wire/fields.h"
#include "wire/messages.h"
#include "wire/read.h"
#include "wire/write.h"

_Static_assert(MODEL_KIND_OTHER == (int)HIRSCH__V1__PAPER_KIND__PAPER_KIND_OTHER, "kinds differ");
_Static_assert(MODEL_KIND_END == (int)HIRSCH__V1__PAPER_KIND__PAPER_KIND_OTHER + 1, "kinds differ");
_Static_assert(MODEL_BASIS_CITING_PAPERS ==
                   (int)HIRSCH__V1__CITATION_BASIS__CITATION_BASIS_CITING_PAPERS,
               "citation bases differ");

/* Sub-messages up to this size take one byte of length; longer ones move once when they are closed.
 */
enum { SMALL = 100 };

static void put_id(struct base_buffer *buffer, uint32_t number, const struct model_id *id)
{
    if (id->scheme == MODEL_NO_SCHEME) {
        return;
    }
    char text[MODEL_ID_TEXT];
    size_t size = model_id_text(id, text);
    wire_put_bytes(buffer, number, base_slice(text, size));
}

/* Own id first. */
static void put_ids(struct base_buffer *buffer, uint32_t number, const struct model_view *view)
{
    put_id(buffer, number, &view->id);
    for (size_t i = 0; i < view->id_count; i++) {
        if (!model_id_equal(&view->ids[i], &view->id)) {
            put_id(buffer, number, &view->ids[i]);
        }
    }
}

static void put_disputed(struct base_buffer *buffer, uint32_t number, const struct model_view *view)
{
    for (size_t i = 0; i < view->disputed_count; i++) {
        put_id(buffer, number, &view->disputed[i]);
    }
}

static void put_field(struct base_buffer *buffer, uint32_t number, const struct model_field *field)
{
    if (field->id.size == 0) {
        return;
    }
    struct wire_mark mark = wire_begin(buffer, number, field->id.size + field->name.size + 4);
    wire_put_bytes(buffer, WIRE_FIELD_ID, field->id);
    wire_put_bytes(buffer, WIRE_FIELD_DISPLAY_NAME, field->name);
    wire_end(buffer, mark);
}

static void put_affiliations(struct base_buffer *buffer, uint32_t number,
                             const struct model_affiliation *affiliations, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t expected = affiliations[i].name.size + affiliations[i].ror.size + 4;
        struct wire_mark mark = wire_begin(buffer, number, expected);
        wire_put_bytes(buffer, WIRE_AFFILIATION_NAME, affiliations[i].name);
        wire_put_bytes(buffer, WIRE_AFFILIATION_ROR, affiliations[i].ror);
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

static void put_date(struct base_buffer *buffer, uint32_t number, struct model_date date)
{
    char text[MODEL_DATE_TEXT];
    size_t size = model_date_text(date, text);
    wire_put_bytes(buffer, number, base_slice(text, size));
}

static void put_reported_years(struct base_buffer *buffer, const struct model_reported *reported)
{
    for (size_t i = 0; i < reported->year_count; i++) {
        const struct model_reported_year *year = &reported->years[i];
        struct wire_mark mark = wire_begin(buffer, WIRE_REPORTED_COUNTS_BY_YEAR, SMALL);
        wire_put_uint(buffer, WIRE_REPORTED_YEAR_YEAR, year->year);
        put_count(buffer, WIRE_REPORTED_YEAR_PAPER_COUNT, year->paper_count);
        put_count(buffer, WIRE_REPORTED_YEAR_CITATION_COUNT, year->citation_count);
        wire_end(buffer, mark);
    }
}

static void put_reported(struct base_buffer *buffer, uint32_t number, const struct model_view *view)
{
    for (size_t i = 0; i < view->reported_count; i++) {
        const struct model_reported *reported = &view->reported[i].reported;
        struct wire_mark mark = wire_begin(buffer, number, SMALL + reported->year_count * 12);
        wire_put_bytes(buffer, WIRE_REPORTED_SOURCE, reported->source);
        put_date(buffer, WIRE_REPORTED_AS_OF, reported->as_of);
        put_count(buffer, WIRE_REPORTED_PAPER_COUNT, reported->paper_count);
        put_count(buffer, WIRE_REPORTED_CITATION_COUNT, reported->citation_count);
        put_count(buffer, WIRE_REPORTED_H_INDEX, reported->h_index);
        put_score(buffer, WIRE_REPORTED_NOVELTY, reported->novelty);
        put_score(buffer, WIRE_REPORTED_AI_SCORE, reported->ai_score);
        put_reported_years(buffer, reported);
        for (size_t k = 0; k < view->reported[i].issue_count; k++) {
            const struct model_issue *issue = &view->reported[i].issues[k];
            struct wire_mark inner = wire_begin(buffer, WIRE_REPORTED_ISSUES, SMALL);
            wire_put_text(buffer, WIRE_REPORTED_ISSUE_CODE, issue->code);
            wire_put_bytes(buffer, WIRE_REPORTED_ISSUE_MESSAGE, issue->text);
            wire_end(buffer, inner);
        }
        put_count(buffer, WIRE_REPORTED_I10_INDEX, reported->i10_index);
        wire_put_uint(buffer, WIRE_REPORTED_CITATION_BASIS, (uint64_t)reported->citation_basis);
        wire_end(buffer, mark);
    }
}

void wire_pack_author_view(const struct model_view *view, struct base_buffer *buffer)
{
    const struct model_author_record *author = &view->author;
    put_id(buffer, WIRE_AUTHOR_ID, &view->id);
    put_ids(buffer, WIRE_AUTHOR_IDS, view);
    wire_put_bytes(buffer, WIRE_AUTHOR_DISPLAY_NAME, author->name);
    for (size_t i = 0; i < author->alias_count; i++) {
        if (!base_slice_equal(author->aliases[i], author->name)) {
            wire_put_bytes(buffer, WIRE_AUTHOR_ALTERNATIVE_NAMES, author->aliases[i]);
        }
    }
    put_field(buffer, WIRE_AUTHOR_PRIMARY_FIELD, &author->field);
    put_affiliations(buffer, WIRE_AUTHOR_AFFILIATIONS, author->affiliations,
                     author->affiliation_count);
    put_reported(buffer, WIRE_AUTHOR_REPORTED, view);
    put_disputed(buffer, WIRE_AUTHOR_DISPUTED_IDS, view);
    wire_put_uint(buffer, WIRE_AUTHOR_NAME_ONLY, view->name_only);
}

static void put_authorships(struct base_buffer *buffer, const struct model_paper_record *paper)
{
    for (size_t i = 0; i < paper->author_count; i++) {
        const struct model_authorship *author = &paper->authors[i];
        size_t expected = author->affiliation_count == 0 ? SMALL : 2 * SMALL;
        struct wire_mark mark = wire_begin(buffer, WIRE_PAPER_AUTHORS, expected);
        put_id(buffer, WIRE_AUTHORSHIP_ID, &author->id);
        wire_put_bytes(buffer, WIRE_AUTHORSHIP_NAME, author->name);
        wire_put_uint(buffer, WIRE_AUTHORSHIP_POSITION, author->position);
        wire_put_uint(buffer, WIRE_AUTHORSHIP_CORRESPONDING, author->corresponding);
        put_affiliations(buffer, WIRE_AUTHORSHIP_AFFILIATIONS, author->affiliations,
                         author->affiliation_count);
        wire_end(buffer, mark);
    }
}

static void put_tristate(struct base_buffer *buffer, uint32_t number, enum model_tristate state)
{
    if (state != MODEL_UNKNOWN) {
        wire_put_uint_present(buffer, number, state == MODEL_TRUE);
    }
}

void wire_pack_paper_view(const struct model_view *view, struct base_buffer *buffer)
{
    const struct model_paper_record *paper = &view->paper;
    put_id(buffer, WIRE_PAPER_ID, &view->id);
    put_ids(buffer, WIRE_PAPER_IDS, view);
    wire_put_bytes(buffer, WIRE_PAPER_TITLE, paper->title);
    if (paper->date.precision != MODEL_NO_DATE) {
        put_date(buffer, WIRE_PAPER_PUBLICATION_DATE, paper->date);
    }
    put_field(buffer, WIRE_PAPER_PRIMARY_FIELD, &paper->field);
    wire_put_uint(buffer, WIRE_PAPER_KIND, (uint64_t)paper->kind);
    wire_put_bytes(buffer, WIRE_PAPER_VENUE, paper->venue);
    put_authorships(buffer, paper);
    wire_put_uint(buffer, WIRE_PAPER_AUTHORS_TRUNCATED, paper->authors_truncated);
    put_reported(buffer, WIRE_PAPER_REPORTED, view);
    put_affiliations(buffer, WIRE_PAPER_AFFILIATIONS, paper->affiliations,
                     paper->affiliation_count);
    put_tristate(buffer, WIRE_PAPER_REFEREED, paper->refereed);
    put_tristate(buffer, WIRE_PAPER_RETRACTED, paper->retracted);
    put_disputed(buffer, WIRE_PAPER_DISPUTED_IDS, view);
    wire_put_uint(buffer, WIRE_PAPER_STUB, view->stub);
}

/* Which of a view's fields are its parts. */
struct part_numbers {
    uint32_t ids;
    uint32_t text; /* shown first */
    uint32_t other_texts;
    uint32_t field;
    uint32_t kind;
    uint32_t affiliations; /* those of authors */
};

/* What is found goes here. */
struct part_places {
    struct base_slice *ids;
    struct base_slice *texts;
    struct model_affiliation *affiliations;
};

static void take_part(const struct part_numbers *numbers, const struct wire_field *field,
                      struct wire_view_parts *parts, const struct part_places *places)
{
    if (field->type == WIRE_VARINT && field->number == numbers->kind &&
        field->value < MODEL_KIND_END) {
        parts->kind = (enum model_kind)field->value;
    }
    if (field->type != WIRE_BYTES) {
        return;
    }
    if (field->number == numbers->ids) {
        places->ids[parts->id_count++] = field->bytes;
    } else if (field->number == numbers->text || field->number == numbers->other_texts) {
        places->texts[parts->text_count++] = field->bytes;
    } else if (field->number == numbers->field) {
        parts->field_id = wire_find_bytes(field->bytes, WIRE_FIELD_ID);
        parts->field_name = wire_find_bytes(field->bytes, WIRE_FIELD_DISPLAY_NAME);
    } else if (field->number == numbers->affiliations) {
        places->affiliations[parts->affiliation_count++] = (struct model_affiliation){
            .name = wire_find_bytes(field->bytes, WIRE_AFFILIATION_NAME),
            .ror = wire_find_bytes(field->bytes, WIRE_AFFILIATION_ROR),
        };
    }
}

bool wire_unpack_view(enum model_entity entity, struct base_slice view, struct base_arena *arena,
                      struct wire_view_parts *parts)
{
    static const struct part_numbers author = {WIRE_AUTHOR_IDS,
                                               WIRE_AUTHOR_DISPLAY_NAME,
                                               WIRE_AUTHOR_ALTERNATIVE_NAMES,
                                               WIRE_AUTHOR_PRIMARY_FIELD,
                                               0,
                                               WIRE_AUTHOR_AFFILIATIONS};
    static const struct part_numbers paper = {WIRE_PAPER_IDS,           WIRE_PAPER_TITLE, 0,
                                              WIRE_PAPER_PRIMARY_FIELD, WIRE_PAPER_KIND,  0};
    const struct part_numbers *numbers = entity == MODEL_AUTHOR ? &author : &paper;
    struct wire_view_parts found = {0};
    struct wire_field field;
    size_t id_count = 0;
    size_t text_count = 0;
    size_t affiliation_count = 0;
    struct base_slice rest = view;
    while (rest.size > 0 && wire_take(&rest, &field) == NULL) {
        id_count += field.number == numbers->ids ? 1 : 0;
        text_count += field.number == numbers->text || field.number == numbers->other_texts ? 1 : 0;
        affiliation_count += field.number == numbers->affiliations ? 1 : 0;
    }
    const struct part_places places = {
        .ids = base_arena_array(arena, id_count, sizeof *places.ids),
        .texts = base_arena_array(arena, text_count, sizeof *places.texts),
        .affiliations = base_arena_array(arena, affiliation_count, sizeof *places.affiliations),
    };
    if (places.ids == NULL || places.texts == NULL || places.affiliations == NULL) {
        return false;
    }
    rest = view;
    while (rest.size > 0 && wire_take(&rest, &field) == NULL) {
        take_part(numbers, &field, &found, &places);
    }
    found.ids = places.ids;
    found.texts = places.texts;
    found.affiliations = places.affiliations;
    *parts = found;
    return true;
}

struct base_slice wire_view_id(struct base_slice view)
{
    /* The own id is the first field that we write: no walk. */
    struct wire_field field;
    if (view.size > 0 && wire_take(&view, &field) == NULL && field.number == WIRE_AUTHOR_ID &&
        field.type == WIRE_BYTES) {
        return field.bytes;
    }
    return (struct base_slice){NULL, 0};
}

_Static_assert((int)WIRE_AUTHOR_ID == (int)WIRE_PAPER_ID &&
                   (int)WIRE_AUTHOR_IDS == (int)WIRE_PAPER_IDS,
               "ids differ");

bool wire_view_names(struct base_slice view, struct base_slice text)
{
    struct wire_field field;
    /* They stand in front of all else. */
    while (view.size > 0 && wire_take(&view, &field) == NULL && field.type == WIRE_BYTES &&
           (field.number == WIRE_AUTHOR_ID || field.number == WIRE_AUTHOR_IDS)) {
        if (base_slice_equal(field.bytes, text)) {
            return true;
        }
    }
    return false;
}
