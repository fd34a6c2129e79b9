#include <math.h>

#include "model/codec.h"
#include "model/order.h"
#include "model/record.h"

/* Reads what codec.c wrote. The first thing that is wrong stays; from then on everything reads as
 * empty. Text is not looked at again: a record that was stored had been checked, and the store has
 * checksums. */
struct reader {
    struct base_slice rest;
    struct base_arena *arena;
    const char *wrong; /* static; NULL while all is well */
    bool exhausted;    /* memory, not the bytes, is what is wrong */
};

static void fail(struct reader *reader, const char *wrong)
{
    if (reader->wrong == NULL) {
        reader->wrong = wrong;
    }
    reader->rest.size = 0;
}

static uint64_t take_number(struct reader *reader, uint64_t least, uint64_t most)
{
    size_t before = reader->rest.size;
    uint64_t number;
    if (!base_take_varint(&reader->rest, &number) || number < least || number > most) {
        fail(reader, "a number is cut or out of range");
        return 0;
    }
    size_t taken = before - reader->rest.size;
    if (taken > 1 && number >> (7 * (taken - 1)) == 0) {
        fail(reader, "a number is longer than it need be");
        return 0;
    }
    return number;
}

static struct base_slice take_bytes(struct reader *reader, size_t size)
{
    struct base_slice bytes = {NULL, 0};
    if (!base_take_bytes(&reader->rest, size, &bytes)) {
        fail(reader, "a text is cut");
    }
    return bytes;
}

static struct base_slice take_text(struct reader *reader, size_t least, size_t most)
{
    return take_bytes(reader, (size_t)take_number(reader, least, most));
}

/* entity 0: whatever the record's own rules say. */
static struct model_id take_id(struct reader *reader, unsigned entity)
{
    struct base_slice byte = take_bytes(reader, 1);
    unsigned scheme = byte.size == 1 ? (uint8_t)byte.data[0] : MODEL_NO_SCHEME;
    if (scheme == MODEL_NO_SCHEME || scheme >= MODEL_SCHEME_END) {
        fail(reader, "a scheme does not exist");
        return (struct model_id){MODEL_NO_SCHEME, {NULL, 0}};
    }
    struct model_id id = {(enum model_scheme)scheme, take_text(reader, 1, LIMIT_ID_VALUE)};
    if (entity != 0 && (scheme == MODEL_NAME || !model_id_fits(&id, (enum model_entity)entity))) {
        fail(reader, "an id cannot name what it names");
    }
    return id;
}

/* Room for a list whose length comes next: each item takes a byte at least, so a length that lies
 * costs nothing. */
static void *take_list(struct reader *reader, size_t most, size_t size, size_t *count)
{
    *count = (size_t)take_number(reader, 1, most < reader->rest.size ? most : reader->rest.size);
    if (*count == 0) {
        return NULL;
    }
    void *items = base_arena_array(reader->arena, *count, size);
    if (items == NULL) {
        reader->exhausted = true;
        fail(reader, "memory is out");
        *count = 0;
    }
    return items;
}

static void check_order(struct reader *reader, const void *items, size_t count, size_t size,
                        model_order order)
{
    if (reader->wrong == NULL && !model_order_holds(items, count, size, order)) {
        fail(reader, "a list is out of order");
    }
}

static const struct model_id *take_ids(struct reader *reader, unsigned entity, size_t most,
                                       size_t *count)
{
    struct model_id *ids = take_list(reader, most, sizeof *ids, count);
    for (size_t i = 0; i < *count && reader->wrong == NULL; i++) {
        ids[i] = take_id(reader, entity);
    }
    return ids;
}

/* Other ids beside own. */
static const struct model_id *take_other_ids(struct reader *reader, const struct model_id *own,
                                             unsigned entity, size_t *count)
{
    const struct model_id *ids = take_ids(reader, entity, LIMIT_IDS, count);
    check_order(reader, ids, *count, sizeof *ids, model_order_id);
    for (size_t i = 0; i < *count; i++) {
        if (model_id_equal(&ids[i], own)) {
            fail(reader, "an id stands twice");
        }
    }
    return ids;
}

static struct model_date take_date(struct reader *reader, bool required)
{
    uint64_t last = 4 * (uint64_t)model_day_of(LIMIT_YEAR_LAST, 12, 31) + MODEL_DAY;
    uint64_t number = take_number(reader, 0, last);
    struct model_date date = {(uint32_t)(number / 4), (uint8_t)(number % 4)};
    if (number == 0) {
        if (required) {
            fail(reader, "a date is empty");
        }
        return MODEL_UNDATED;
    }
    unsigned year;
    unsigned month;
    unsigned day;
    model_day_split(date.day, &year, &month, &day);
    if (year < LIMIT_YEAR_FIRST || date.precision == MODEL_NO_DATE ||
        (date.precision < MODEL_DAY && day != 1) || (date.precision < MODEL_MONTH && month != 1)) {
        fail(reader, "a date does not exist");
    }
    return date;
}

static struct model_count take_count(struct reader *reader, bool known)
{
    return known ? (struct model_count){true, (uint32_t)take_number(reader, 0, UINT32_MAX)}
                 : (struct model_count){false, 0};
}

static struct model_score take_score(struct reader *reader, bool known, double most)
{
    struct model_score score = {known, 0.0};
    if (!known) {
        return score;
    }
    struct base_slice bytes = take_bytes(reader, sizeof score.value);
    if (bytes.size == sizeof score.value) {
        memcpy(&score.value, bytes.data, sizeof score.value);
    }
    if (!isfinite(score.value) || signbit(score.value) || score.value > most) {
        fail(reader, "a score is out of range");
    }
    return score;
}

static struct model_field take_field(struct reader *reader)
{
    struct model_field field;
    field.id = take_text(reader, 1, LIMIT_TEXT);
    field.name = take_text(reader, 0, LIMIT_TEXT);
    return field;
}

static const struct model_affiliation *take_affiliations(struct reader *reader, size_t *count)
{
    struct model_affiliation *items = take_list(reader, LIMIT_AFFILIATIONS, sizeof *items, count);
    for (size_t i = 0; i < *count && reader->wrong == NULL; i++) {
        uint64_t flags = take_number(reader, 1, MODEL_CODEC_AFFILIATION_ALL);
        if (flags & MODEL_CODEC_AFFILIATION_NAME) {
            items[i].name = take_text(reader, 1, LIMIT_TEXT);
        }
        if (flags & MODEL_CODEC_AFFILIATION_ROR) {
            items[i].ror = take_bytes(reader, 9);
        }
    }
    check_order(reader, items, *count, sizeof *items, model_order_affiliation);
    return items;
}

static const struct model_reported_year *take_years(struct reader *reader, size_t *count)
{
    struct model_reported_year *years =
        take_list(reader, LIMIT_REPORTED_YEARS, sizeof *years, count);
    uint64_t year = 0;
    for (size_t i = 0; i < *count && reader->wrong == NULL; i++) {
        uint64_t head = take_number(reader, 0, UINT32_MAX);
        uint64_t step = head >> MODEL_CODEC_YEAR_SHIFT;
        year += step;
        if (step == 0 || year < LIMIT_YEAR_FIRST || year > LIMIT_YEAR_LAST) {
            fail(reader, "a year is out of range");
            break;
        }
        years[i].year = (uint16_t)year;
        years[i].paper_count = take_count(reader, (head & MODEL_CODEC_YEAR_PAPERS) != 0);
        years[i].citation_count = take_count(reader, (head & MODEL_CODEC_YEAR_CITATIONS) != 0);
    }
    return years;
}

static void take_block(struct reader *reader, struct model_reported *reported)
{
    reported->source = take_text(reader, 1, LIMIT_ID_VALUE);
    uint64_t flags = take_number(reader, 0, MODEL_CODEC_REPORTED_ALL);
    reported->as_of =
        (flags & MODEL_CODEC_REPORTED_AS_OF) != 0 ? take_date(reader, true) : MODEL_UNDATED;
    reported->paper_count = take_count(reader, (flags & MODEL_CODEC_REPORTED_PAPERS) != 0);
    reported->citation_count = take_count(reader, (flags & MODEL_CODEC_REPORTED_CITATIONS) != 0);
    reported->h_index = take_count(reader, (flags & MODEL_CODEC_REPORTED_H_INDEX) != 0);
    reported->i10_index = take_count(reader, (flags & MODEL_CODEC_REPORTED_I10_INDEX) != 0);
    reported->novelty = take_score(reader, (flags & MODEL_CODEC_REPORTED_NOVELTY) != 0, 1.0);
    reported->ai_score = take_score(reader, (flags & MODEL_CODEC_REPORTED_AI_SCORE) != 0, 100.0);
    if (flags & MODEL_CODEC_REPORTED_YEARS) {
        reported->years = take_years(reader, &reported->year_count);
    }
    uint64_t basis = flags / MODEL_CODEC_REPORTED_BASIS;
    if (basis > MODEL_BASIS_CITING_PAPERS) {
        fail(reader, "a citation basis does not exist");
    }
    reported->citation_basis = (enum model_citation_basis)basis;
}

/* A paper has no papers: finishing refuses such blocks. */
static bool fits_paper(const struct model_reported *reported)
{
    bool fits =
        !reported->paper_count.known && !reported->h_index.known && !reported->i10_index.known;
    for (size_t i = 0; i < reported->year_count; i++) {
        fits = fits && !reported->years[i].paper_count.known;
    }
    return fits;
}

static void take_reported(struct reader *reader, struct model_record *record)
{
    struct model_reported *blocks =
        take_list(reader, LIMIT_REPORTED, sizeof *blocks, &record->reported_count);
    for (size_t i = 0; i < record->reported_count && reader->wrong == NULL; i++) {
        take_block(reader, &blocks[i]);
        if (reader->wrong == NULL && record->type == MODEL_RECORD_PAPER &&
            !fits_paper(&blocks[i])) {
            fail(reader, "a paper has an author's numbers");
        }
    }
    check_order(reader, blocks, record->reported_count, sizeof *blocks, model_order_reported);
    record->reported = blocks;
}

/* id, source and other ids of a record; the flags are the lowest two in both types. */
static void take_head(struct reader *reader, uint64_t flags, enum model_entity entity,
                      struct model_record *record)
{
    record->id = take_id(reader, entity);
    record->source = base_slice_text(model_scheme_name(record->id.scheme));
    if (flags & MODEL_CODEC_PAPER_SOURCE) {
        struct base_slice source = take_text(reader, 1, LIMIT_ID_VALUE);
        if (base_slice_equal(source, record->source)) {
            fail(reader, "a source is written that goes without saying");
        }
        record->source = source;
    }
    if (flags & MODEL_CODEC_PAPER_IDS) {
        record->ids = take_other_ids(reader, &record->id, entity, &record->id_count);
    }
}

static void take_author(struct reader *reader, struct model_record *record)
{
    struct model_author_record *author = &record->author;
    uint64_t flags = take_number(reader, 0, MODEL_CODEC_AUTHOR_ALL);
    take_head(reader, flags, MODEL_AUTHOR, record);
    if (flags & MODEL_CODEC_AUTHOR_NAME) {
        author->name = take_text(reader, 1, LIMIT_TEXT);
    }
    if (flags & MODEL_CODEC_AUTHOR_ALIASES) {
        struct base_slice *aliases =
            take_list(reader, LIMIT_ALIASES, sizeof *aliases, &author->alias_count);
        for (size_t i = 0; i < author->alias_count && reader->wrong == NULL; i++) {
            aliases[i] = take_text(reader, 1, LIMIT_TEXT);
        }
        check_order(reader, aliases, author->alias_count, sizeof *aliases, model_order_text);
        author->aliases = aliases;
    }
    if (flags & MODEL_CODEC_AUTHOR_AFFILIATIONS) {
        author->affiliations = take_affiliations(reader, &author->affiliation_count);
    }
    if (flags & MODEL_CODEC_AUTHOR_FIELD) {
        author->field = take_field(reader);
    }
    if (flags & MODEL_CODEC_AUTHOR_REPORTED) {
        take_reported(reader, record);
    }
}

static void take_authorship(struct reader *reader, size_t place, struct model_authorship *author)
{
    uint64_t flags = take_number(reader, 1, MODEL_CODEC_AUTHORSHIP_ALL);
    if (flags & MODEL_CODEC_AUTHORSHIP_ID) {
        author->id = take_id(reader, MODEL_AUTHOR);
    }
    if (flags & MODEL_CODEC_AUTHORSHIP_IDS) {
        author->ids = take_other_ids(reader, &author->id, MODEL_AUTHOR, &author->id_count);
    }
    if (flags & MODEL_CODEC_AUTHORSHIP_NAME) {
        author->name = take_text(reader, 1, LIMIT_TEXT);
    }
    author->position = (uint16_t)place;
    if (flags & MODEL_CODEC_AUTHORSHIP_POSITION) {
        author->position = (uint16_t)take_number(reader, 0, UINT16_MAX);
        if (author->position == place) {
            fail(reader, "a position is written that goes without saying");
        }
    }
    if (flags & MODEL_CODEC_AUTHORSHIP_AFFILIATIONS) {
        author->affiliations = take_affiliations(reader, &author->affiliation_count);
    }
    author->corresponding = (flags & MODEL_CODEC_AUTHORSHIP_CORRESPONDING) != 0;
    bool has_id = (flags & MODEL_CODEC_AUTHORSHIP_ID) != 0;
    if (!has_id && (flags & (MODEL_CODEC_AUTHORSHIP_IDS | MODEL_CODEC_AUTHORSHIP_NAME)) !=
                       MODEL_CODEC_AUTHORSHIP_NAME) {
        fail(reader, "an author has no id");
    }
}

static void take_paper_lists(struct reader *reader, uint64_t flags, struct model_record *record)
{
    struct model_paper_record *paper = &record->paper;
    if (flags & MODEL_CODEC_PAPER_AUTHORS) {
        struct model_authorship *authors =
            take_list(reader, LIMIT_AUTHORS, sizeof *authors, &paper->author_count);
        for (size_t i = 0; i < paper->author_count && reader->wrong == NULL; i++) {
            take_authorship(reader, i + 1, &authors[i]);
        }
        paper->authors = authors;
    }
    if (flags & MODEL_CODEC_PAPER_AFFILIATIONS) {
        paper->affiliations = take_affiliations(reader, &paper->affiliation_count);
    }
    if (flags & MODEL_CODEC_PAPER_REFERENCES) {
        paper->references =
            take_ids(reader, MODEL_PAPER, LIMIT_REFERENCES, &paper->reference_count);
    }
    if (flags & MODEL_CODEC_PAPER_REPORTED) {
        take_reported(reader, record);
    }
}

static void take_paper(struct reader *reader, struct model_record *record)
{
    struct model_paper_record *paper = &record->paper;
    uint64_t flags = take_number(reader, 0, MODEL_CODEC_PAPER_ALL);
    take_head(reader, flags, MODEL_PAPER, record);
    if (flags & MODEL_CODEC_PAPER_TITLE) {
        paper->title = take_text(reader, 1, LIMIT_TEXT);
    }
    if (flags & MODEL_CODEC_PAPER_ABSTRACT) {
        paper->abstract = take_text(reader, 1, LIMIT_ABSTRACT);
    }
    paper->date = (flags & MODEL_CODEC_PAPER_DATE) != 0 ? take_date(reader, true) : MODEL_UNDATED;
    if (flags & MODEL_CODEC_PAPER_FIELD) {
        paper->field = take_field(reader);
    }
    if (flags & MODEL_CODEC_PAPER_KIND) {
        paper->kind = (enum model_kind)take_number(reader, 1, MODEL_KIND_END - 1);
    }
    if (flags & MODEL_CODEC_PAPER_VENUE) {
        paper->venue = take_text(reader, 1, LIMIT_TEXT);
    }
    paper->authors_truncated = (flags & MODEL_CODEC_PAPER_AUTHORS_TRUNCATED) != 0;
    uint64_t refereed = flags / MODEL_CODEC_PAPER_REFEREED % 4;
    uint64_t retracted = flags / MODEL_CODEC_PAPER_RETRACTED % 4;
    if (refereed > MODEL_TRUE || retracted > MODEL_TRUE) {
        fail(reader, "a flag has a value that does not exist");
    }
    paper->refereed = (enum model_tristate)refereed;
    paper->retracted = (enum model_tristate)retracted;
    take_paper_lists(reader, flags, record);
}

/* MERGE and SUPPRESS are small enough to be finished once more, which must change nothing. */
static void take_curation(struct reader *reader, struct model_record *record)
{
    struct base_slice byte = take_bytes(reader, 1);
    record->entity = byte.size == 1 ? (uint8_t)byte.data[0] : 0;
    record->id = take_id(reader, 0);
    if (record->type == MODEL_RECORD_MERGE) {
        record->other = take_id(reader, 0);
    }
    struct model_record again = *record;
    if (reader->wrong == NULL &&
        (model_record_finish(&again, reader->arena, NULL) != BASE_OK ||
         again.entity != record->entity || again.updated != record->updated)) {
        fail(reader, "the ids do not go together");
    }
}

enum base_code model_record_decode(struct base_slice bytes, struct base_arena *arena,
                                   struct model_record *record, struct base_error *error)
{
    struct reader reader = {.rest = bytes, .arena = arena};
    struct model_record result = {0};
    struct base_slice head = take_bytes(&reader, 9);
    result.type = head.size == 9 ? (enum model_record_type)(uint8_t)head.data[0] : 0;
    result.updated = head.size == 9 ? base_get_be64(head.data + 1) : 0;
    if (result.updated > MODEL_TIME_MAX) {
        fail(&reader, "a time is out of range");
    }
    switch (result.type) {
    case MODEL_RECORD_SUPPRESS:
    case MODEL_RECORD_MERGE:
        take_curation(&reader, &result);
        break;
    case MODEL_RECORD_AUTHOR:
        take_author(&reader, &result);
        break;
    case MODEL_RECORD_PAPER:
        take_paper(&reader, &result);
        break;
    case MODEL_RECORD_CITATION:
        result.id = take_id(&reader, MODEL_PAPER);
        result.other = take_id(&reader, MODEL_PAPER);
        result.citation_date = take_date(&reader, false);
        break;
    default:
        fail(&reader, "the type does not exist");
        break;
    }
    if (reader.wrong == NULL && reader.rest.size > 0) {
        fail(&reader, "something follows");
    }
    if (reader.exhausted) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for a record of %zu bytes",
                         bytes.size);
    }
    if (reader.wrong != NULL) {
        return base_fail(error, BASE_DATA_LOSS, "a record of %zu bytes is damaged: %s", bytes.size,
                         reader.wrong);
    }
    *record = result;
    return BASE_OK;
}
