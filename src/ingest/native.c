#include "ingest/native.h"

#include "ingest/native_parts.h"

static enum base_code read_ids(struct ingest_line *line, const struct native_member *member,
                               struct json_value value, void *into)
{
    struct model_record *record = into;
    return native_ids(line, member->name, value, LIMIT_IDS, &record->ids, &record->id_count);
}

static enum base_code read_reported(struct ingest_line *line, const struct native_member *member,
                                    struct json_value value, void *into)
{
    struct model_record *record = into;
    return native_reported(line, member->name, value, &record->reported, &record->reported_count);
}

static enum base_code read_aliases(struct ingest_line *line, const struct native_member *member,
                                   struct json_value value, void *into)
{
    struct model_author_record *author = &((struct model_record *)into)->author;
    return native_texts(line, member->name, value, LIMIT_ALIASES, &author->aliases,
                        &author->alias_count);
}

static enum base_code read_author_affiliations(struct ingest_line *line,
                                               const struct native_member *member,
                                               struct json_value value, void *into)
{
    struct model_author_record *author = &((struct model_record *)into)->author;
    return native_affiliations(line, member->name, value, &author->affiliations,
                               &author->affiliation_count);
}

static enum base_code read_paper_affiliations(struct ingest_line *line,
                                              const struct native_member *member,
                                              struct json_value value, void *into)
{
    struct model_paper_record *paper = &((struct model_record *)into)->paper;
    return native_affiliations(line, member->name, value, &paper->affiliations,
                               &paper->affiliation_count);
}

static enum base_code read_references(struct ingest_line *line, const struct native_member *member,
                                      struct json_value value, void *into)
{
    struct model_paper_record *paper = &((struct model_record *)into)->paper;
    return native_ids(line, member->name, value, LIMIT_REFERENCES, &paper->references,
                      &paper->reference_count);
}

static enum base_code read_kind(struct ingest_line *line, const struct native_member *member,
                                struct json_value value, void *into)
{
    struct model_paper_record *paper = &((struct model_record *)into)->paper;
    struct base_slice text;
    enum base_code code = ingest_want_string(line, member->name, value, &text);
    if (code != BASE_OK) {
        return code;
    }
    if (!model_kind_parse(text, &paper->kind)) {
        struct base_slice shown = text.size > 64 ? base_slice(text.data, 0) : text;
        return ingest_reject(line, value, INGEST_VALUE, "unknown kind \"%.*s\"", BASE_PRINT(shown));
    }
    return BASE_OK;
}

static enum base_code read_position(struct ingest_line *line, const struct native_member *member,
                                    struct json_value value, void *into)
{
    struct model_count position;
    enum base_code code = ingest_want_count(line, member->name, value, &position);
    if (code != BASE_OK) {
        return code;
    }
    if (position.value > UINT16_MAX) {
        return ingest_reject(line, value, INGEST_VALUE, "%s must be from 0 to %d", member->name,
                             UINT16_MAX);
    }
    ((struct model_authorship *)into)->position = (uint16_t)position.value;
    return BASE_OK;
}

static enum base_code read_authorship_ids(struct ingest_line *line,
                                          const struct native_member *member,
                                          struct json_value value, void *into)
{
    struct model_authorship *authorship = into;
    return native_ids(line, member->name, value, LIMIT_IDS, &authorship->ids,
                      &authorship->id_count);
}

static enum base_code read_authorship_affiliations(struct ingest_line *line,
                                                   const struct native_member *member,
                                                   struct json_value value, void *into)
{
    struct model_authorship *authorship = into;
    return native_affiliations(line, member->name, value, &authorship->affiliations,
                               &authorship->affiliation_count);
}

static enum base_code read_authors(struct ingest_line *line, const struct native_member *member,
                                   struct json_value value, void *into)
{
    static const struct native_member members[] = {
        {"id", native_id, offsetof(struct model_authorship, id), false},
        {"ids", read_authorship_ids, 0, false},
        {"name", native_text, offsetof(struct model_authorship, name), false},
        {"position", read_position, 0, false},
        {"corresponding", native_bool, offsetof(struct model_authorship, corresponding), false},
        {"affiliations", read_authorship_affiliations, 0, false},
        {NULL, NULL, 0, false},
    };
    struct model_paper_record *paper = &((struct model_record *)into)->paper;
    enum base_code code = ingest_want_type(line, member->name, value, JSON_ARRAY);
    if (code != BASE_OK) {
        return code;
    }
    size_t count = json_count(value);
    size_t kept = count < LIMIT_AUTHORS ? count : LIMIT_AUTHORS;
    struct model_authorship *authors =
        base_arena_array(line->context->arena, kept, sizeof *authors);
    if (authors == NULL) {
        return ingest_no_memory(line);
    }
    struct json_iterator iterator = json_iterate(value);
    struct json_value element;
    for (size_t i = 0; i < kept && json_next(&iterator, &element); i++) {
        authors[i].position = (uint16_t)(i + 1);
        code = native_read_object(line, "authors", members, element, &authors[i]);
        if (code != BASE_OK) {
            return code;
        }
        if (authors[i].id.scheme == MODEL_NO_SCHEME && authors[i].name.size == 0) {
            return ingest_reject(line, element, INGEST_MISSING_FIELD,
                                 "an entry of authors has neither id nor name");
        }
    }
    paper->authors = authors;
    paper->author_count = kept;
    /* "authors_truncated" may stand before or behind the list. */
    paper->authors_truncated = paper->authors_truncated || kept < count;
    return BASE_OK;
}

static enum base_code read_truncated(struct ingest_line *line, const struct native_member *member,
                                     struct json_value value, void *into)
{
    bool truncated = false;
    struct model_paper_record *paper = &((struct model_record *)into)->paper;
    enum base_code code = ingest_want_bool(line, member->name, value, &truncated);
    paper->authors_truncated = paper->authors_truncated || truncated;
    return code;
}

#define RECORD(member) offsetof(struct model_record, member)
#define MEMBER_END                                                                                 \
    {                                                                                              \
        NULL, NULL, 0, false                                                                       \
    }

static const struct native_member author_members[] = {
    {"type", native_ignore, 0, true},
    {"id", native_id, RECORD(id), true},
    {"name", native_text, RECORD(author.name), false},
    {"aliases", read_aliases, 0, false},
    {"ids", read_ids, 0, false},
    {"affiliations", read_author_affiliations, 0, false},
    {"field", native_field, RECORD(author.field), false},
    {"source", native_text, RECORD(source), false},
    {"updated", native_time, RECORD(updated), false},
    {"reported", read_reported, 0, false},
    MEMBER_END,
};

static const struct native_member paper_members[] = {
    {"type", native_ignore, 0, true},
    {"id", native_id, RECORD(id), true},
    {"ids", read_ids, 0, false},
    {"title", native_text, RECORD(paper.title), false},
    {"abstract", native_abstract, RECORD(paper.abstract), false},
    {"date", native_date, RECORD(paper.date), false},
    {"field", native_field, RECORD(paper.field), false},
    {"kind", read_kind, 0, false},
    {"venue", native_text, RECORD(paper.venue), false},
    {"refereed", native_tristate, RECORD(paper.refereed), false},
    {"retracted", native_tristate, RECORD(paper.retracted), false},
    {"authors", read_authors, 0, false},
    {"authors_truncated", read_truncated, 0, false},
    {"affiliations", read_paper_affiliations, 0, false},
    {"references", read_references, 0, false},
    {"source", native_text, RECORD(source), false},
    {"updated", native_time, RECORD(updated), false},
    {"reported", read_reported, 0, false},
    MEMBER_END,
};

static const struct native_member citation_members[] = {
    {"type", native_ignore, 0, true},
    {"citing", native_id, RECORD(id), true},
    {"cited", native_id, RECORD(other), true},
    {"date", native_date, RECORD(citation_date), false},
    {"updated", native_time, RECORD(updated), false},
    MEMBER_END,
};

static const struct native_member merge_members[] = {
    {"type", native_ignore, 0, true},
    {"from", native_id, RECORD(id), true},
    {"into", native_id, RECORD(other), true},
    {"entity", native_entity, RECORD(entity), false},
    MEMBER_END,
};

static const struct native_member suppress_members[] = {
    {"type", native_ignore, 0, true},
    {"id", native_id, RECORD(id), true},
    {"entity", native_entity, RECORD(entity), false},
    MEMBER_END,
};

struct native_type {
    const char *name;
    enum model_record_type type;
    const struct native_member *members;
};

static const struct native_type types[] = {
    {"author", MODEL_RECORD_AUTHOR, author_members},
    {"paper", MODEL_RECORD_PAPER, paper_members},
    {"citation", MODEL_RECORD_CITATION, citation_members},
    {"merge", MODEL_RECORD_MERGE, merge_members},
    {"suppress", MODEL_RECORD_SUPPRESS, suppress_members},
};

static enum base_code find_type(struct ingest_line *line, struct json_value root,
                                const struct native_type **type)
{
    struct json_value value;
    struct base_slice name;
    enum base_code code = ingest_want_type(line, "a record", root, JSON_OBJECT);
    if (code != BASE_OK) {
        line->fault->reason = INGEST_JSON;
        return code;
    }
    if (!json_find(root, BASE_SLICE("type"), &value)) {
        return ingest_reject(line, root, INGEST_MISSING_FIELD, "field \"type\" is missing");
    }
    code = ingest_want_string(line, "type", value, &name);
    if (code != BASE_OK) {
        return code;
    }
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (base_slice_equal(name, base_slice_text(types[i].name))) {
            *type = &types[i];
            return BASE_OK;
        }
    }
    return ingest_reject(line, value, INGEST_VALUE,
                         "type must be author, paper, citation, merge or suppress");
}

static enum base_code parse_line(struct ingest_context *context, struct base_slice text,
                                 ingest_emit emit, void *sink, struct ingest_fault *fault,
                                 struct base_error *error)
{
    struct ingest_line line = {.context = context, .text = text, .fault = fault, .error = error};
    struct json_value root;
    enum base_code code = ingest_read_json(&line, &root);
    if (code != BASE_OK) {
        return code;
    }
    const struct native_type *type = NULL;
    code = find_type(&line, root, &type);
    if (code != BASE_OK) {
        return code;
    }
    struct model_record record = {.type = type->type};
    if (type->type == MODEL_RECORD_PAPER) {
        record.paper.date = MODEL_UNDATED;
    } else if (type->type == MODEL_RECORD_CITATION) {
        record.citation_date = MODEL_UNDATED;
    }
    if (type->type != MODEL_RECORD_MERGE && type->type != MODEL_RECORD_SUPPRESS) {
        record.updated = context->updated;
    }
    code = native_read_object(&line, "the record", type->members, root, &record);
    if (code == BASE_OK) {
        code = ingest_finish(&line, root, &record);
    }
    if (code != BASE_OK) {
        return code;
    }
    ingest_accept(&line);
    return emit(sink, &record, error);
}

const struct ingest_format ingest_native = {
    .name = "hirsch",
    .help = "the native format: one record a line",
    .snapshot = false,
    .parse_line = parse_line,
};
