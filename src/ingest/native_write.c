#include "ingest/native.h"
#include "json/json.h"

static void write_id(struct json_writer *writer, const struct model_id *id)
{
    char text[MODEL_ID_TEXT];
    size_t size = model_id_text(id, text);
    json_write_string(writer, base_slice(text, size));
}

static void id_member(struct json_writer *writer, const char *key, const struct model_id *id)
{
    if (id->scheme != MODEL_NO_SCHEME) {
        json_write_key(writer, key);
        write_id(writer, id);
    }
}

static void ids_member(struct json_writer *writer, const char *key, const struct model_id *ids,
                       size_t count)
{
    if (count == 0) {
        return;
    }
    json_write_key(writer, key);
    json_begin_array(writer);
    for (size_t i = 0; i < count; i++) {
        write_id(writer, &ids[i]);
    }
    json_end_array(writer);
}

static void text_member(struct json_writer *writer, const char *key, struct base_slice text)
{
    if (text.size > 0) {
        json_write_key(writer, key);
        json_write_string(writer, text);
    }
}

static void date_member(struct json_writer *writer, const char *key, struct model_date date)
{
    char text[MODEL_DATE_TEXT];
    text_member(writer, key, base_slice(text, model_date_text(date, text)));
}

static void time_member(struct json_writer *writer, const char *key, model_time time)
{
    if (time != 0) {
        char text[MODEL_TIME_TEXT];
        text_member(writer, key, base_slice(text, model_time_text(time, text)));
    }
}

static void count_member(struct json_writer *writer, const char *key, struct model_count count)
{
    if (count.known) {
        json_write_key(writer, key);
        json_write_u64(writer, count.value);
    }
}

static void score_member(struct json_writer *writer, const char *key, struct model_score score)
{
    if (score.known) {
        json_write_key(writer, key);
        json_write_double(writer, score.value);
    }
}

static void tristate_member(struct json_writer *writer, const char *key, enum model_tristate state)
{
    if (state != MODEL_UNKNOWN) {
        json_write_key(writer, key);
        json_write_bool(writer, state == MODEL_TRUE);
    }
}

static void true_member(struct json_writer *writer, const char *key, bool truth)
{
    tristate_member(writer, key, truth ? MODEL_TRUE : MODEL_UNKNOWN);
}

/* Would reading the id alone give this name? (model_field_parse: of an arXiv category the part
 * behind its dot.) */
static bool is_usual_name(const struct model_field *field)
{
    const char *end = field->id.data + field->id.size;
    const char *code = memchr(field->id.data, '/', field->id.size);
    code = code == NULL ? field->id.data : code + 1;
    if (base_slice_starts(field->id, BASE_SLICE("arxiv/"))) {
        const char *dot = memchr(code, '.', (size_t)(end - code));
        code = dot == NULL || dot + 1 == end ? code : dot + 1;
    }
    return base_slice_equal(field->name, base_slice(code, (size_t)(end - code)));
}

static void field_member(struct json_writer *writer, const struct model_field *field)
{
    if (field->id.size == 0) {
        return;
    }
    if (is_usual_name(field)) {
        text_member(writer, "field", field->id);
        return;
    }
    json_write_key(writer, "field");
    json_begin_object(writer);
    text_member(writer, "id", field->id);
    text_member(writer, "name", field->name);
    json_end_object(writer);
}

static void affiliations_member(struct json_writer *writer, const struct model_affiliation *list,
                                size_t count)
{
    if (count == 0) {
        return;
    }
    json_write_key(writer, "affiliations");
    json_begin_array(writer);
    for (size_t i = 0; i < count; i++) {
        if (list[i].ror.size == 0) {
            json_write_string(writer, list[i].name);
            continue;
        }
        json_begin_object(writer);
        text_member(writer, "name", list[i].name);
        text_member(writer, "ror", list[i].ror);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void years_member(struct json_writer *writer, const struct model_reported *reported)
{
    if (reported->year_count == 0) {
        return;
    }
    json_write_key(writer, "counts_by_year");
    json_begin_array(writer);
    for (size_t i = 0; i < reported->year_count; i++) {
        json_begin_object(writer);
        json_write_key(writer, "year");
        json_write_u64(writer, reported->years[i].year);
        count_member(writer, "paper_count", reported->years[i].paper_count);
        count_member(writer, "citation_count", reported->years[i].citation_count);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void reported_member(struct json_writer *writer, const struct model_record *record)
{
    if (record->reported_count == 0) {
        return;
    }
    json_write_key(writer, "reported");
    json_begin_array(writer);
    for (size_t i = 0; i < record->reported_count; i++) {
        const struct model_reported *reported = &record->reported[i];
        json_begin_object(writer);
        text_member(writer, "source", reported->source);
        date_member(writer, "as_of", reported->as_of);
        if (reported->citation_basis != MODEL_BASIS_UNSPECIFIED) {
            json_write_key(writer, "citation_basis");
            json_write_text(writer, reported->citation_basis == MODEL_BASIS_CITATIONS
                                        ? "citations"
                                        : "citing_papers");
        }
        count_member(writer, "paper_count", reported->paper_count);
        count_member(writer, "citation_count", reported->citation_count);
        count_member(writer, "h_index", reported->h_index);
        count_member(writer, "i10_index", reported->i10_index);
        score_member(writer, "novelty", reported->novelty);
        score_member(writer, "ai_score", reported->ai_score);
        years_member(writer, reported);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void authors_member(struct json_writer *writer, const struct model_paper_record *paper)
{
    if (paper->author_count == 0) {
        return;
    }
    json_write_key(writer, "authors");
    json_begin_array(writer);
    for (size_t i = 0; i < paper->author_count; i++) {
        const struct model_authorship *author = &paper->authors[i];
        json_begin_object(writer);
        id_member(writer, "id", &author->id);
        ids_member(writer, "ids", author->ids, author->id_count);
        text_member(writer, "name", author->name);
        if (author->position != i + 1) {
            json_write_key(writer, "position");
            json_write_u64(writer, author->position);
        }
        true_member(writer, "corresponding", author->corresponding);
        affiliations_member(writer, author->affiliations, author->affiliation_count);
        json_end_object(writer);
    }
    json_end_array(writer);
}

/* The source is left out when reading puts it back: the scheme of the primary id. */
static void source_members(struct json_writer *writer, const struct model_record *record)
{
    if (!base_slice_equal(record->source, base_slice_text(model_scheme_name(record->id.scheme)))) {
        text_member(writer, "source", record->source);
    }
    time_member(writer, "updated", record->updated);
}

static void write_author(struct json_writer *writer, const struct model_record *record)
{
    const struct model_author_record *author = &record->author;
    id_member(writer, "id", &record->id);
    ids_member(writer, "ids", record->ids, record->id_count);
    text_member(writer, "name", author->name);
    if (author->alias_count > 0) {
        json_write_key(writer, "aliases");
        json_begin_array(writer);
        for (size_t i = 0; i < author->alias_count; i++) {
            json_write_string(writer, author->aliases[i]);
        }
        json_end_array(writer);
    }
    affiliations_member(writer, author->affiliations, author->affiliation_count);
    field_member(writer, &author->field);
    source_members(writer, record);
    reported_member(writer, record);
}

static void write_paper(struct json_writer *writer, const struct model_record *record)
{
    const struct model_paper_record *paper = &record->paper;
    id_member(writer, "id", &record->id);
    ids_member(writer, "ids", record->ids, record->id_count);
    text_member(writer, "title", paper->title);
    text_member(writer, "abstract", paper->abstract);
    date_member(writer, "date", paper->date);
    field_member(writer, &paper->field);
    text_member(writer, "kind", base_slice_text(model_kind_name(paper->kind)));
    text_member(writer, "venue", paper->venue);
    tristate_member(writer, "refereed", paper->refereed);
    tristate_member(writer, "retracted", paper->retracted);
    authors_member(writer, paper);
    true_member(writer, "authors_truncated", paper->authors_truncated);
    affiliations_member(writer, paper->affiliations, paper->affiliation_count);
    ids_member(writer, "references", paper->references, paper->reference_count);
    source_members(writer, record);
    reported_member(writer, record);
}

static void entity_member(struct json_writer *writer, uint8_t entity)
{
    if (entity != 0) {
        json_write_key(writer, "entity");
        json_write_text(writer, entity == MODEL_AUTHOR ? "author" : "paper");
    }
}

void ingest_native_write(const struct model_record *record, struct base_buffer *buffer)
{
    static const char *const types[] = {
        [MODEL_RECORD_SUPPRESS] = "suppress", [MODEL_RECORD_MERGE] = "merge",
        [MODEL_RECORD_AUTHOR] = "author",     [MODEL_RECORD_PAPER] = "paper",
        [MODEL_RECORD_CITATION] = "citation",
    };
    struct json_writer writer;
    json_writer_init(&writer, buffer, 0);
    json_begin_object(&writer);
    json_write_key(&writer, "type");
    json_write_text(&writer, types[record->type]);
    switch (record->type) {
    case MODEL_RECORD_AUTHOR:
        write_author(&writer, record);
        break;
    case MODEL_RECORD_PAPER:
        write_paper(&writer, record);
        break;
    case MODEL_RECORD_CITATION:
        id_member(&writer, "citing", &record->id);
        id_member(&writer, "cited", &record->other);
        date_member(&writer, "date", record->citation_date);
        time_member(&writer, "updated", record->updated);
        break;
    case MODEL_RECORD_MERGE:
        id_member(&writer, "from", &record->id);
        id_member(&writer, "into", &record->other);
        entity_member(&writer, record->entity);
        break;
    case MODEL_RECORD_SUPPRESS:
        id_member(&writer, "id", &record->id);
        entity_member(&writer, record->entity);
        break;
    }
    json_end_object(&writer);
    base_buffer_append_byte(buffer, '\n');
}
