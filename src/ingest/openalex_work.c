#include "ingest/openalex_parts.h"

#include <stdio.h>

enum work_key {
    WORK_IDS,
    WORK_DOI,
    WORK_TITLE,
    WORK_DISPLAY_NAME,
    WORK_ABSTRACT,
    WORK_DATE,
    WORK_YEAR,
    WORK_TYPE,
    WORK_LOCATION,
    WORK_HOST_VENUE,
    WORK_TOPIC,
    WORK_CONCEPTS,
    WORK_AUTHORSHIPS,
    WORK_TRUNCATED,
    WORK_REFERENCES,
    WORK_RETRACTED,
    WORK_UPDATED_DATE,
    WORK_UPDATED,
    WORK_CITED_BY,
    WORK_BY_YEAR,
    WORK_KEYS,
};

#define KEY(text)                                                                                  \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static const struct base_slice work_names[WORK_KEYS] = {
    [WORK_IDS] = KEY("ids"),
    [WORK_DOI] = KEY("doi"),
    [WORK_TITLE] = KEY("title"),
    [WORK_DISPLAY_NAME] = KEY("display_name"),
    [WORK_ABSTRACT] = KEY("abstract_inverted_index"),
    [WORK_DATE] = KEY("publication_date"),
    [WORK_YEAR] = KEY("publication_year"),
    [WORK_TYPE] = KEY("type"),
    [WORK_LOCATION] = KEY("primary_location"),
    [WORK_HOST_VENUE] = KEY("host_venue"),
    [WORK_TOPIC] = KEY("primary_topic"),
    [WORK_CONCEPTS] = KEY("concepts"),
    [WORK_AUTHORSHIPS] = KEY("authorships"),
    [WORK_TRUNCATED] = KEY("is_authors_truncated"),
    [WORK_REFERENCES] = KEY("referenced_works"),
    [WORK_RETRACTED] = KEY("is_retracted"),
    [WORK_UPDATED_DATE] = KEY("updated_date"),
    [WORK_UPDATED] = KEY("updated"),
    [WORK_CITED_BY] = KEY("cited_by_count"),
    [WORK_BY_YEAR] = KEY("counts_by_year"),
};

/* OpenAlex shows at most so many authors of a work in lists and in its snapshots. */
enum { AUTHORS_SHOWN = 100 };

static enum base_code read_ids(struct ingest_line *line, const struct json_value *values,
                               struct model_record *record)
{
    static const struct {
        struct base_slice name;
        enum model_scheme scheme;
    } others[] = {
        {KEY("doi"), MODEL_DOI},
        {KEY("pmid"), MODEL_PMID},
        {KEY("pmcid"), MODEL_PMCID},
        {KEY("mag"), MODEL_MAG},
    };
    enum { OTHERS = sizeof others / sizeof others[0] };
    struct model_id *ids = base_arena_array(line->context->arena, OTHERS + 1, sizeof *ids);
    if (ids == NULL) {
        return ingest_no_memory(line);
    }
    size_t count = 0;
    struct base_slice doi = {NULL, 0};
    for (size_t i = 0; openalex_has(values[WORK_IDS]) && i < OTHERS; i++) {
        struct json_value value;
        if (openalex_find(values[WORK_IDS], others[i].name, &value)) {
            if (others[i].scheme == MODEL_DOI) {
                json_string(value, &doi);
            }
            count += openalex_other_id(line, others[i].scheme, value, &ids[count]);
        }
    }
    /* Nearly always the same text twice: then one look at it is enough, and a bad one counts once.
     */
    struct base_slice again = {NULL, 0};
    if (openalex_has(values[WORK_DOI]) &&
        !(json_string(values[WORK_DOI], &again) && doi.size > 0 && base_slice_equal(again, doi))) {
        count += openalex_other_id(line, MODEL_DOI, values[WORK_DOI], &ids[count]);
    }
    record->ids = ids;
    record->id_count = count;
    return BASE_OK;
}

static enum base_code read_date(struct ingest_line *line, const struct json_value *values,
                                struct model_date *date)
{
    struct base_slice text;
    struct base_error error;
    char year_text[24];
    struct json_value value = values[WORK_DATE];
    *date = MODEL_UNDATED;
    if (openalex_has(value)) {
        enum base_code code = ingest_want_string(line, "publication_date", value, &text);
        if (code != BASE_OK) {
            return code;
        }
    } else if (openalex_has(values[WORK_YEAR])) {
        uint64_t year;
        value = values[WORK_YEAR];
        if (!json_u64(value, &year)) {
            return ingest_want_type(line, "publication_year", value, JSON_INTEGER);
        }
        snprintf(year_text, sizeof year_text, "%04llu", (unsigned long long)year);
        text = base_slice_text(year_text);
    } else {
        return BASE_OK;
    }
    if (model_date_parse(text, date, &error) != BASE_OK) {
        return ingest_reject(line, value, INGEST_DATE, "%s", error.text);
    }
    return BASE_OK;
}

static enum base_code read_venue(struct ingest_line *line, const struct json_value *values,
                                 struct base_slice *venue)
{
    struct json_value source;
    struct json_value name;
    enum base_code code = BASE_OK;
    if (openalex_has(values[WORK_LOCATION]) &&
        openalex_find(values[WORK_LOCATION], BASE_SLICE("source"), &source) &&
        openalex_find(source, BASE_SLICE("display_name"), &name)) {
        code = openalex_text(line, "display_name", name, venue);
    }
    if (code == BASE_OK && venue->size == 0 && openalex_has(values[WORK_HOST_VENUE]) &&
        openalex_find(values[WORK_HOST_VENUE], BASE_SLICE("display_name"), &name)) {
        code = openalex_text(line, "display_name", name, venue);
    }
    return code;
}

static enum base_code read_field(struct ingest_line *line, const struct json_value *values,
                                 struct model_field *field)
{
    enum base_code code = BASE_OK;
    if (openalex_has(values[WORK_TOPIC])) {
        code = openalex_topic_field(line, values[WORK_TOPIC], field);
    }
    if (code == BASE_OK && field->id.size == 0 && openalex_has(values[WORK_CONCEPTS])) {
        code = openalex_concept_field(line, values[WORK_CONCEPTS], field);
    }
    return code;
}

/* id, ORCID and name of the author object. */
static enum base_code read_person(struct ingest_line *line, struct json_value person,
                                  struct model_authorship *authorship)
{
    struct json_value value;
    struct base_slice text;
    enum base_code code = BASE_OK;
    if (openalex_find(person, BASE_SLICE("id"), &value)) {
        if (!json_string(value, &text) || !openalex_id(line, 'A', text, &authorship->id)) {
            line->tally.ids_dropped++;
        }
    }
    if (openalex_find(person, BASE_SLICE("orcid"), &value)) {
        struct model_id *orcid = base_arena_array(line->context->arena, 1, sizeof *orcid);
        if (orcid == NULL) {
            return ingest_no_memory(line);
        }
        if (openalex_other_id(line, MODEL_ORCID, value, orcid)) {
            authorship->ids = orcid;
            authorship->id_count = 1;
        }
    }
    if (openalex_find(person, BASE_SLICE("display_name"), &value)) {
        code = openalex_text(line, "display_name", value, &authorship->name);
    }
    return code;
}

static enum base_code read_authorship(struct ingest_line *line, struct json_value entry,
                                      struct model_authorship *authorship)
{
    static const struct base_slice names[] = {KEY("author"), KEY("institutions"),
                                              KEY("is_corresponding"), KEY("raw_author_name")};
    struct json_value values[4];
    enum base_code code = ingest_want_type(line, "an authorship", entry, JSON_OBJECT);
    if (code != BASE_OK) {
        return code;
    }
    openalex_collect(entry, names, 4, values);
    if (openalex_has(values[0])) {
        code = read_person(line, values[0], authorship);
    }
    if (code == BASE_OK && authorship->name.size == 0) {
        code = openalex_text(line, "raw_author_name", values[3], &authorship->name);
    }
    if (code == BASE_OK && openalex_has(values[1])) {
        code = openalex_institutions(line, values[1], &authorship->affiliations,
                                     &authorship->affiliation_count);
    }
    if (code == BASE_OK && openalex_has(values[2])) {
        code = ingest_want_bool(line, "is_corresponding", values[2], &authorship->corresponding);
    }
    return code;
}

/* A name of blanks and marks only is no name: nobody can be told by it. */
static bool is_somebody(struct ingest_line *line, const struct model_authorship *authorship)
{
    struct model_id id;
    return authorship->id.scheme != MODEL_NO_SCHEME ||
           (authorship->name.size > 0 &&
            model_id_of_name(authorship->name, line->context->arena, &id));
}

static enum base_code read_authors(struct ingest_line *line, const struct json_value *values,
                                   struct model_paper_record *paper)
{
    struct json_value list = values[WORK_AUTHORSHIPS];
    enum base_code code = BASE_OK;
    if (openalex_has(values[WORK_TRUNCATED])) {
        code = ingest_want_bool(line, work_names[WORK_TRUNCATED].data, values[WORK_TRUNCATED],
                                &paper->authors_truncated);
    }
    if (code != BASE_OK || !openalex_has(list)) {
        return code;
    }
    code = ingest_want_type(line, "authorships", list, JSON_ARRAY);
    if (code != BASE_OK) {
        return code;
    }
    size_t total = json_count(list);
    size_t room = total < LIMIT_AUTHORS ? total : LIMIT_AUTHORS;
    struct model_authorship *authors =
        base_arena_array(line->context->arena, room, sizeof *authors);
    if (authors == NULL) {
        return ingest_no_memory(line);
    }
    size_t count = 0;
    struct json_iterator iterator = json_iterate(list);
    struct json_value entry;
    for (size_t place = 1; place <= room && json_next(&iterator, &entry); place++) {
        struct model_authorship *authorship = &authors[count];
        *authorship = (struct model_authorship){.position = (uint16_t)place};
        code = read_authorship(line, entry, authorship);
        if (code != BASE_OK) {
            return code;
        }
        if (is_somebody(line, authorship)) {
            count++;
        } else {
            line->tally.authors_dropped++;
        }
    }
    paper->authors = authors;
    paper->author_count = count;
    paper->authors_truncated =
        paper->authors_truncated || total == AUTHORS_SHOWN || total > LIMIT_AUTHORS;
    return BASE_OK;
}

static enum base_code read_references(struct ingest_line *line, struct json_value list,
                                      struct model_paper_record *paper)
{
    if (!openalex_has(list)) {
        return BASE_OK;
    }
    enum base_code code = ingest_want_type(line, "referenced_works", list, JSON_ARRAY);
    if (code != BASE_OK) {
        return code;
    }
    size_t room = json_count(list);
    if (room > LIMIT_REFERENCES) {
        return ingest_reject(line, list, INGEST_LIMIT,
                             "referenced_works has %zu entries, the limit is %d", room,
                             LIMIT_REFERENCES);
    }
    struct model_id *references = base_arena_alloc(line->context->arena, room * sizeof *references);
    if (references == NULL) {
        return ingest_no_memory(line);
    }
    size_t count = 0;
    struct json_iterator iterator = json_iterate(list);
    struct json_value element;
    struct base_slice text;
    while (json_next(&iterator, &element)) {
        if (json_string(element, &text) && openalex_id(line, 'W', text, &references[count])) {
            count++;
        } else {
            line->tally.ids_dropped++;
        }
    }
    paper->references = references;
    paper->reference_count = count;
    return BASE_OK;
}

static enum base_code read_reported(struct ingest_line *line, const struct json_value *values,
                                    struct model_record *record)
{
    struct model_reported *reported = base_arena_array(line->context->arena, 1, sizeof *reported);
    if (reported == NULL) {
        return ingest_no_memory(line);
    }
    enum base_code code =
        openalex_count(line, "cited_by_count", values[WORK_CITED_BY], &reported->citation_count);
    if (code == BASE_OK) {
        code = openalex_reported(line, values[WORK_BY_YEAR], record->updated, reported);
    }
    if (code == BASE_OK && (reported->citation_count.known || reported->year_count > 0)) {
        record->reported = reported;
        record->reported_count = 1;
    }
    return code;
}

/* What is said in one word or text. */
static enum base_code read_texts(struct ingest_line *line, const struct json_value *values,
                                 struct model_paper_record *paper)
{
    struct base_slice type = {NULL, 0};
    bool retracted = false;
    enum base_code code = openalex_text(line, "title", values[WORK_TITLE], &paper->title);
    if (code == BASE_OK && paper->title.size == 0) {
        code = openalex_text(line, "display_name", values[WORK_DISPLAY_NAME], &paper->title);
    }
    if (code == BASE_OK) {
        code = openalex_text(line, "type", values[WORK_TYPE], &type);
    }
    if (code == BASE_OK && openalex_has(values[WORK_RETRACTED])) {
        code = ingest_want_bool(line, "is_retracted", values[WORK_RETRACTED], &retracted);
        paper->retracted = retracted ? MODEL_TRUE : MODEL_FALSE;
    }
    if (code == BASE_OK && openalex_has(values[WORK_ABSTRACT])) {
        code = openalex_abstract(line, values[WORK_ABSTRACT], &paper->abstract);
    }
    paper->kind = model_kind_of_source(type);
    return code;
}

enum base_code openalex_work(struct ingest_line *line, struct json_value entity,
                             const struct model_id *id, struct model_record *record)
{
    struct json_value values[WORK_KEYS];
    openalex_collect(entity, work_names, WORK_KEYS, values);
    *record = (struct model_record){.type = MODEL_RECORD_PAPER, .id = *id};
    record->source = BASE_SLICE("openalex");
    struct model_paper_record *paper = &record->paper;
    enum base_code code =
        openalex_updated(line, values[WORK_UPDATED_DATE], values[WORK_UPDATED], &record->updated);
    if (code == BASE_OK) {
        code = read_ids(line, values, record);
    }
    if (code == BASE_OK) {
        code = read_texts(line, values, paper);
    }
    if (code == BASE_OK) {
        code = read_date(line, values, &paper->date);
    }
    if (code == BASE_OK) {
        code = read_venue(line, values, &paper->venue);
    }
    if (code == BASE_OK) {
        code = read_field(line, values, &paper->field);
    }
    if (code == BASE_OK) {
        code = read_authors(line, values, paper);
    }
    if (code == BASE_OK) {
        code = read_references(line, values[WORK_REFERENCES], paper);
    }
    if (code == BASE_OK) {
        code = read_reported(line, values, record);
    }
    return code == BASE_OK ? ingest_finish(line, entity, record) : code;
}
