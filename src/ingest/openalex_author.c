#include "ingest/openalex_parts.h"

enum author_key {
    AUTHOR_IDS,
    AUTHOR_ORCID,
    AUTHOR_NAME,
    AUTHOR_NAMES,
    AUTHOR_INSTITUTIONS,
    AUTHOR_INSTITUTION,
    AUTHOR_TOPICS,
    AUTHOR_CONCEPTS,
    AUTHOR_UPDATED_DATE,
    AUTHOR_UPDATED,
    AUTHOR_WORKS,
    AUTHOR_CITED_BY,
    AUTHOR_STATS,
    AUTHOR_BY_YEAR,
    AUTHOR_KEYS,
};

#define KEY(text)                                                                                  \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static const struct base_slice author_names[AUTHOR_KEYS] = {
    [AUTHOR_IDS] = KEY("ids"),
    [AUTHOR_ORCID] = KEY("orcid"),
    [AUTHOR_NAME] = KEY("display_name"),
    [AUTHOR_NAMES] = KEY("display_name_alternatives"),
    [AUTHOR_INSTITUTIONS] = KEY("last_known_institutions"),
    [AUTHOR_INSTITUTION] = KEY("last_known_institution"),
    [AUTHOR_TOPICS] = KEY("topics"),
    [AUTHOR_CONCEPTS] = KEY("x_concepts"),
    [AUTHOR_UPDATED_DATE] = KEY("updated_date"),
    [AUTHOR_UPDATED] = KEY("updated"),
    [AUTHOR_WORKS] = KEY("works_count"),
    [AUTHOR_CITED_BY] = KEY("cited_by_count"),
    [AUTHOR_STATS] = KEY("summary_stats"),
    [AUTHOR_BY_YEAR] = KEY("counts_by_year"),
};

static enum base_code read_ids(struct ingest_line *line, const struct json_value *values,
                               struct model_record *record)
{
    struct model_id *ids = base_arena_array(line->context->arena, 3, sizeof *ids);
    if (ids == NULL) {
        return ingest_no_memory(line);
    }
    size_t count = 0;
    struct json_value value;
    struct base_slice orcid = {NULL, 0};
    if (openalex_has(values[AUTHOR_IDS])) {
        if (openalex_find(values[AUTHOR_IDS], BASE_SLICE("orcid"), &value)) {
            json_string(value, &orcid);
            count += openalex_other_id(line, MODEL_ORCID, value, &ids[count]);
        }
        if (openalex_find(values[AUTHOR_IDS], BASE_SLICE("mag"), &value)) {
            count += openalex_other_id(line, MODEL_MAG, value, &ids[count]);
        }
    }
    struct base_slice again = {NULL, 0};
    if (openalex_has(values[AUTHOR_ORCID]) && !(json_string(values[AUTHOR_ORCID], &again) &&
                                                orcid.size > 0 && base_slice_equal(again, orcid))) {
        count += openalex_other_id(line, MODEL_ORCID, values[AUTHOR_ORCID], &ids[count]);
    }
    record->ids = ids;
    record->id_count = count;
    return BASE_OK;
}

static enum base_code read_aliases(struct ingest_line *line, struct json_value list,
                                   struct model_author_record *author)
{
    if (!openalex_has(list)) {
        return BASE_OK;
    }
    enum base_code code = ingest_want_type(line, "display_name_alternatives", list, JSON_ARRAY);
    if (code != BASE_OK) {
        return code;
    }
    size_t room = json_count(list);
    if (room > LIMIT_ALIASES) {
        return ingest_reject(line, list, INGEST_LIMIT,
                             "display_name_alternatives has %zu entries, the limit is %d", room,
                             LIMIT_ALIASES);
    }
    struct base_slice *aliases = base_arena_array(line->context->arena, room, sizeof *aliases);
    if (aliases == NULL) {
        return ingest_no_memory(line);
    }
    size_t count = 0;
    struct json_iterator iterator = json_iterate(list);
    struct json_value element;
    while (json_next(&iterator, &element)) {
        if (json_type(element) == JSON_NULL) {
            continue;
        }
        code = openalex_text(line, "display_name_alternatives", element, &aliases[count]);
        if (code != BASE_OK) {
            return code;
        }
        count += aliases[count].size > 0;
    }
    author->aliases = aliases;
    author->alias_count = count;
    return BASE_OK;
}

/* The topic with the most works; of equal ones the first. */
static enum base_code read_field(struct ingest_line *line, const struct json_value *values,
                                 struct model_field *field)
{
    enum base_code code = BASE_OK;
    bool found = false;
    uint64_t most = 0;
    struct json_value chosen = values[AUTHOR_TOPICS];
    if (openalex_has(chosen) && json_type(chosen) == JSON_ARRAY) {
        struct json_iterator iterator = json_iterate(chosen);
        struct json_value topic;
        struct json_value value;
        while (json_next(&iterator, &topic)) {
            uint64_t count = 0;
            if (openalex_find(topic, BASE_SLICE("count"), &value)) {
                json_u64(value, &count);
            }
            if (json_type(topic) == JSON_OBJECT && (!found || count > most)) {
                found = true;
                most = count;
                chosen = topic;
            }
        }
    }
    if (found) {
        code = openalex_topic_field(line, chosen, field);
    }
    if (code == BASE_OK && field->id.size == 0 && openalex_has(values[AUTHOR_CONCEPTS])) {
        code = openalex_concept_field(line, values[AUTHOR_CONCEPTS], field);
    }
    return code;
}

static enum base_code read_reported(struct ingest_line *line, const struct json_value *values,
                                    struct model_record *record)
{
    static const struct base_slice names[] = {KEY("h_index"), KEY("i10_index")};
    struct json_value stats[2] = {{NULL, 0}, {NULL, 0}};
    struct model_reported *reported = base_arena_array(line->context->arena, 1, sizeof *reported);
    if (reported == NULL) {
        return ingest_no_memory(line);
    }
    if (openalex_has(values[AUTHOR_STATS])) {
        openalex_collect(values[AUTHOR_STATS], names, 2, stats);
    }
    enum base_code code =
        openalex_count(line, "works_count", values[AUTHOR_WORKS], &reported->paper_count);
    if (code == BASE_OK) {
        code = openalex_count(line, "cited_by_count", values[AUTHOR_CITED_BY],
                              &reported->citation_count);
    }
    if (code == BASE_OK) {
        code = openalex_count(line, "h_index", stats[0], &reported->h_index);
    }
    if (code == BASE_OK) {
        code = openalex_count(line, "i10_index", stats[1], &reported->i10_index);
    }
    if (code == BASE_OK) {
        code = openalex_reported(line, values[AUTHOR_BY_YEAR], record->updated, reported);
    }
    reported->citation_basis = MODEL_BASIS_CITATIONS;
    if (reported->paper_count.known || reported->citation_count.known || reported->h_index.known ||
        reported->i10_index.known || reported->year_count > 0) {
        record->reported = reported;
        record->reported_count = 1;
    }
    return code;
}

enum base_code openalex_author(struct ingest_line *line, struct json_value entity,
                               const struct model_id *id, struct model_record *record)
{
    struct json_value values[AUTHOR_KEYS];
    openalex_collect(entity, author_names, AUTHOR_KEYS, values);
    *record = (struct model_record){.type = MODEL_RECORD_AUTHOR, .id = *id};
    record->source = BASE_SLICE("openalex");
    struct model_author_record *author = &record->author;
    enum base_code code = openalex_updated(line, values[AUTHOR_UPDATED_DATE],
                                           values[AUTHOR_UPDATED], &record->updated);
    if (code == BASE_OK) {
        code = read_ids(line, values, record);
    }
    if (code == BASE_OK) {
        code = openalex_text(line, "display_name", values[AUTHOR_NAME], &author->name);
    }
    if (code == BASE_OK) {
        code = read_aliases(line, values[AUTHOR_NAMES], author);
    }
    struct json_value institutions = openalex_has(values[AUTHOR_INSTITUTIONS])
                                         ? values[AUTHOR_INSTITUTIONS]
                                         : values[AUTHOR_INSTITUTION];
    if (code == BASE_OK && openalex_has(institutions)) {
        code = openalex_institutions(line, institutions, &author->affiliations,
                                     &author->affiliation_count);
    }
    if (code == BASE_OK) {
        code = read_field(line, values, &author->field);
    }
    if (code == BASE_OK) {
        code = read_reported(line, values, record);
    }
    return code == BASE_OK ? ingest_finish(line, entity, record) : code;
}
