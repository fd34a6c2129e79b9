#include "wire/record_parts.h"

#include <stdio.h>

static enum base_code read_author(struct wire_reading *reading,
                                  const Hirsch__V1__AuthorRecord *message,
                                  struct model_record *record)
{
    struct model_author_record *author = &record->author;
    struct base_slice *aliases = NULL;
    enum base_code code = wire_part_id(reading, "id", message->id, &record->id);
    if (code == BASE_OK) {
        code = wire_part_ids(reading, "ids", message->ids, message->n_ids, LIMIT_IDS, &record->ids,
                             &record->id_count);
    }
    if (code == BASE_OK) {
        code = wire_part_text(reading, "name", message->name, &author->name);
    }
    if (code == BASE_OK) {
        code = wire_part_array(reading, "aliases", message->n_aliases, LIMIT_ALIASES,
                               sizeof *aliases, &aliases);
    }
    for (size_t i = 0; code == BASE_OK && i < message->n_aliases; i++) {
        char entry[32];
        snprintf(entry, sizeof entry, "aliases[%zu]", i);
        code = wire_part_text(reading, entry, message->aliases[i], &aliases[i]);
    }
    author->aliases = aliases;
    author->alias_count = message->n_aliases;
    if (code == BASE_OK) {
        code = wire_part_affiliations(reading, message->affiliations, message->n_affiliations,
                                      &author->affiliations, &author->affiliation_count);
    }
    if (code == BASE_OK) {
        code = wire_part_field(reading, message->field, &author->field);
    }
    if (code == BASE_OK) {
        code = wire_part_text(reading, "source", message->source, &record->source);
    }
    if (code == BASE_OK) {
        code = wire_part_updated(reading, message->updated, &record->updated);
    }
    return code != BASE_OK
               ? code
               : wire_part_reported(reading, message->reported, message->n_reported, record);
}

static enum base_code read_authorship(struct wire_reading *reading,
                                      const Hirsch__V1__AuthorshipRecord *message,
                                      struct model_authorship *authorship)
{
    enum base_code code = BASE_OK;
    if (message->id[0] == '\0' && message->name[0] == '\0') {
        return wire_part_refuse(reading, "name", "the entry has neither an id nor a name");
    }
    if (message->id[0] != '\0') {
        code = wire_part_id(reading, "id", message->id, &authorship->id);
    }
    if (code == BASE_OK) {
        code = wire_part_ids(reading, "ids", message->ids, message->n_ids, LIMIT_IDS,
                             &authorship->ids, &authorship->id_count);
    }
    if (code == BASE_OK) {
        code = wire_part_text(reading, "name", message->name, &authorship->name);
    }
    if (code == BASE_OK && message->position_presence_case ==
                               HIRSCH__V1__AUTHORSHIP_RECORD__POSITION_PRESENCE_POSITION) {
        if (message->position > UINT16_MAX) {
            return base_fail(reading->error, BASE_INVALID_ARGUMENT,
                             "position: %u is not from 0 to %d", message->position, UINT16_MAX);
        }
        authorship->position = (uint16_t)message->position;
    }
    authorship->corresponding = message->corresponding;
    return code != BASE_OK
               ? code
               : wire_part_affiliations(reading, message->affiliations, message->n_affiliations,
                                        &authorship->affiliations, &authorship->affiliation_count);
}

static enum base_code read_authors(struct wire_reading *reading,
                                   const Hirsch__V1__PaperRecord *message,
                                   struct model_paper_record *paper)
{
    size_t count = message->n_authors;
    size_t kept = count < LIMIT_AUTHORS ? count : LIMIT_AUTHORS;
    struct model_authorship *authors;
    enum base_code code =
        wire_part_array(reading, "authors", kept, LIMIT_AUTHORS, sizeof *authors, &authors);
    for (size_t i = 0; code == BASE_OK && i < kept; i++) {
        authors[i].position = (uint16_t)(i + 1);
        code = wire_part_inside(reading, read_authorship(reading, message->authors[i], &authors[i]),
                                "authors", i);
    }
    if (code == BASE_OK) {
        paper->authors = authors;
        paper->author_count = kept;
        paper->authors_truncated = message->authors_truncated || kept < count;
    }
    return code;
}

static enum model_tristate tristate(bool known, protobuf_c_boolean value)
{
    return !known ? MODEL_UNKNOWN : value ? MODEL_TRUE : MODEL_FALSE;
}

static enum base_code read_paper_texts(struct wire_reading *reading,
                                       const Hirsch__V1__PaperRecord *message,
                                       struct model_paper_record *paper)
{
    enum base_code code = wire_part_text(reading, "title", message->title, &paper->title);
    if (code == BASE_OK) {
        code = wire_part_text(reading, "venue", message->venue, &paper->venue);
    }
    if (code == BASE_OK) {
        code = wire_part_date(reading, "date", message->date, &paper->date);
    }
    if (code == BASE_OK) {
        code = wire_part_field(reading, message->field, &paper->field);
    }
    if (code == BASE_OK && ((int)message->kind < 0 || (int)message->kind >= MODEL_KIND_END)) {
        code = wire_part_refuse(reading, "kind", "there is no such value");
    }
    paper->kind = (enum model_kind)message->kind;
    /* Its length and characters are model's to check. */
    paper->abstract = base_slice_text(message->abstract);
    paper->refereed = tristate(message->refereed_presence_case ==
                                   HIRSCH__V1__PAPER_RECORD__REFEREED_PRESENCE_REFEREED,
                               message->refereed);
    paper->retracted = tristate(message->retracted_presence_case ==
                                    HIRSCH__V1__PAPER_RECORD__RETRACTED_PRESENCE_RETRACTED,
                                message->retracted);
    return code;
}

static enum base_code read_paper(struct wire_reading *reading,
                                 const Hirsch__V1__PaperRecord *message,
                                 struct model_record *record)
{
    struct model_paper_record *paper = &record->paper;
    enum base_code code = wire_part_id(reading, "id", message->id, &record->id);
    if (code == BASE_OK) {
        code = wire_part_ids(reading, "ids", message->ids, message->n_ids, LIMIT_IDS, &record->ids,
                             &record->id_count);
    }
    if (code == BASE_OK) {
        code = read_paper_texts(reading, message, paper);
    }
    if (code == BASE_OK) {
        code = read_authors(reading, message, paper);
    }
    if (code == BASE_OK) {
        code = wire_part_affiliations(reading, message->affiliations, message->n_affiliations,
                                      &paper->affiliations, &paper->affiliation_count);
    }
    if (code == BASE_OK) {
        code = wire_part_ids(reading, "references", message->references, message->n_references,
                             LIMIT_REFERENCES, &paper->references, &paper->reference_count);
    }
    if (code == BASE_OK) {
        code = wire_part_text(reading, "source", message->source, &record->source);
    }
    if (code == BASE_OK) {
        code = wire_part_updated(reading, message->updated, &record->updated);
    }
    return code != BASE_OK
               ? code
               : wire_part_reported(reading, message->reported, message->n_reported, record);
}

static enum base_code read_entity(struct wire_reading *reading, Hirsch__V1__EntityKind kind,
                                  uint8_t *entity)
{
    switch ((int)kind) {
    case HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_UNSPECIFIED:
        *entity = 0;
        return BASE_OK;
    case HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_AUTHOR:
        *entity = MODEL_AUTHOR;
        return BASE_OK;
    case HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_PAPER:
        *entity = MODEL_PAPER;
        return BASE_OK;
    default:
        return wire_part_refuse(reading, "entity", "there is no such value");
    }
}

static enum base_code read_pair(struct wire_reading *reading, const char *first_name,
                                const char *first, const char *second_name, const char *second,
                                struct model_record *record)
{
    enum base_code code = wire_part_id(reading, first_name, first, &record->id);
    return code != BASE_OK ? code : wire_part_id(reading, second_name, second, &record->other);
}

static enum base_code read_citation(struct wire_reading *reading,
                                    const Hirsch__V1__CitationRecord *message,
                                    struct model_record *record)
{
    enum base_code code =
        read_pair(reading, "citing", message->citing, "cited", message->cited, record);
    if (code == BASE_OK) {
        code = wire_part_date(reading, "date", message->date, &record->citation_date);
    }
    return code != BASE_OK ? code : wire_part_updated(reading, message->updated, &record->updated);
}

static enum base_code read_merge(struct wire_reading *reading,
                                 const Hirsch__V1__MergeRecord *message,
                                 struct model_record *record)
{
    *record = (struct model_record){.type = MODEL_RECORD_MERGE};
    enum base_code code = read_entity(reading, message->entity, &record->entity);
    return code != BASE_OK
               ? code
               : read_pair(reading, "from", message->from, "into", message->into, record);
}

static enum base_code read_suppress(struct wire_reading *reading,
                                    const Hirsch__V1__SuppressRecord *message,
                                    struct model_record *record)
{
    *record = (struct model_record){.type = MODEL_RECORD_SUPPRESS};
    enum base_code code = read_entity(reading, message->entity, &record->entity);
    return code != BASE_OK ? code : wire_part_id(reading, "id", message->id, &record->id);
}

enum base_code wire_record_read(const Hirsch__V1__Record *message, model_time received,
                                struct base_arena *arena, struct model_record *record,
                                struct base_error *error)
{
    struct wire_reading reading = {arena, error};
    struct model_record made = {.updated = received};
    enum base_code code = BASE_OK;
    switch ((int)message->record_case) {
    case HIRSCH__V1__RECORD__RECORD_AUTHOR:
        made.type = MODEL_RECORD_AUTHOR;
        code = read_author(&reading, message->author, &made);
        break;
    case HIRSCH__V1__RECORD__RECORD_PAPER:
        made.type = MODEL_RECORD_PAPER;
        code = read_paper(&reading, message->paper, &made);
        break;
    case HIRSCH__V1__RECORD__RECORD_CITATION:
        made.type = MODEL_RECORD_CITATION;
        code = read_citation(&reading, message->citation, &made);
        break;
    case HIRSCH__V1__RECORD__RECORD_MERGE:
        code = read_merge(&reading, message->merge, &made);
        break;
    case HIRSCH__V1__RECORD__RECORD_SUPPRESS:
        code = read_suppress(&reading, message->suppress, &made);
        break;
    default:
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "the record is neither an author nor a paper, citation, merge or suppress "
                         "record");
    }
    if (code == BASE_OK) {
        code = model_record_finish(&made, arena, error);
    }
    if (code == BASE_OK) {
        *record = made;
    }
    return code;
}

static enum base_code read_entity_key(struct wire_reading *reading,
                                      const Hirsch__V1__EntityKey *message,
                                      struct model_record records[WIRE_KEY_RECORDS], size_t *count)
{
    static const struct {
        enum model_entity entity;
        enum model_record_type type;
    } kinds[] = {{MODEL_AUTHOR, MODEL_RECORD_AUTHOR}, {MODEL_PAPER, MODEL_RECORD_PAPER}};
    uint8_t entity = 0;
    struct model_id id;
    size_t found = 0;
    enum base_code code = read_entity(reading, message->entity, &entity);
    if (code == BASE_OK) {
        code = wire_part_id(reading, "id", message->id, &id);
    }
    for (size_t i = 0; code == BASE_OK && i < sizeof kinds / sizeof kinds[0]; i++) {
        if ((entity == 0 || entity == kinds[i].entity) && id.scheme != MODEL_NAME &&
            model_id_fits(&id, kinds[i].entity)) {
            records[found++] = (struct model_record){.type = kinds[i].type, .id = id};
        }
    }
    if (code == BASE_OK && found == 0) {
        char shown[MODEL_ID_TEXT];
        model_id_text(&id, shown);
        code = base_fail(reading->error, BASE_INVALID_ARGUMENT,
                         "id: %s is not the primary id of any such record", shown);
    }
    *count = found;
    return code;
}

enum base_code wire_record_key_read(const Hirsch__V1__RecordKey *message, struct base_arena *arena,
                                    struct model_record records[WIRE_KEY_RECORDS], size_t *count,
                                    struct base_error *error)
{
    struct wire_reading reading = {arena, error};
    enum base_code code = BASE_OK;
    *count = 1;
    switch ((int)message->key_case) {
    case HIRSCH__V1__RECORD_KEY__KEY_ENTITY:
        return read_entity_key(&reading, message->entity, records, count);
    case HIRSCH__V1__RECORD_KEY__KEY_CITATION:
        records[0] =
            (struct model_record){.type = MODEL_RECORD_CITATION, .citation_date = MODEL_UNDATED};
        code = read_pair(&reading, "citing", message->citation->citing, "cited",
                         message->citation->cited, &records[0]);
        break;
    case HIRSCH__V1__RECORD_KEY__KEY_MERGE:
        code = read_merge(&reading, message->merge, &records[0]);
        break;
    case HIRSCH__V1__RECORD_KEY__KEY_SUPPRESS:
        code = read_suppress(&reading, message->suppress, &records[0]);
        break;
    default:
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "the key is neither an id nor a citation, merge or suppress record");
    }
    if (code == BASE_OK) {
        code = model_record_finish(&records[0], arena, error);
    }
    if (code == BASE_OK && records[0].type != MODEL_RECORD_CITATION && records[0].entity == 0) {
        for (uint8_t entity = MODEL_AUTHOR; entity <= MODEL_PAPER; entity++) {
            records[*count] = records[0];
            records[(*count)++].entity = entity;
        }
    }
    return code;
}
