#include "model/record.h"

#include "model/finish.h"
#include "model/fold.h"

/* Does folding leave anything of the name? A visible ASCII character always stays. */
static bool has_name(struct model_finish *finish, struct base_slice name)
{
    for (size_t i = 0; i < name.size; i++) {
        if (name.data[i] > 0x20 && name.data[i] < 0x7f) {
            return true;
        }
    }
    return name.size > 0 && model_fold(name, finish->arena).size > 0;
}

static enum base_code finish_authorship(struct model_finish *finish,
                                        struct model_authorship *author)
{
    enum base_code code = BASE_OK;
    if (author->id.scheme == MODEL_NO_SCHEME) {
        author->id = (struct model_id){MODEL_NO_SCHEME, {NULL, 0}};
    } else {
        code = model_finish_id(finish, &author->id, MODEL_AUTHOR);
    }
    if (code == BASE_OK && author->id_count > 0) {
        code = model_finish_ids(finish, &author->id, MODEL_AUTHOR, &author->ids, &author->id_count);
    }
    /* An author who is known by another id only is known by that. */
    if (code == BASE_OK && author->id.scheme == MODEL_NO_SCHEME && author->id_count > 0) {
        author->id = author->ids[0];
        author->ids++;
        author->id_count--;
    }
    if (author->id_count == 0) {
        author->ids = NULL;
    }
    if (code == BASE_OK) {
        code = model_finish_text(finish, "name", author->name, LIMIT_TEXT);
    }
    if (code == BASE_OK) {
        code = model_finish_affiliations(finish, &author->affiliations, &author->affiliation_count);
    }
    if (code == BASE_OK && author->id.scheme == MODEL_NO_SCHEME &&
        !has_name(finish, author->name)) {
        code = base_fail(finish->error, BASE_INVALID_ARGUMENT, "neither an id nor a name");
    }
    return code;
}

static bool same_authorship(const struct model_authorship *a, const struct model_authorship *b)
{
    return a->id.scheme == b->id.scheme && a->ids == b->ids && a->id_count == b->id_count &&
           a->affiliations == b->affiliations && a->affiliation_count == b->affiliation_count;
}

/* Most come in canonical form: the list is copied only when one does not. */
static enum base_code finish_authors(struct model_finish *finish, struct model_paper_record *paper)
{
    if (paper->author_count > LIMIT_AUTHORS) {
        paper->author_count = LIMIT_AUTHORS;
        paper->authors_truncated = true;
    }
    if (paper->author_count == 0) {
        paper->authors = NULL;
    }
    struct model_authorship *copy = NULL;
    for (size_t i = 0; i < paper->author_count; i++) {
        struct model_authorship author = paper->authors[i];
        enum base_code code = finish_authorship(finish, &author);
        if (code != BASE_OK) {
            base_error_prefix(finish->error, "author %zu", i + 1);
            return code;
        }
        if (copy == NULL && !same_authorship(&author, &paper->authors[i])) {
            copy = base_arena_array(finish->arena, paper->author_count, sizeof *copy);
            if (copy == NULL) {
                return model_finish_memory(finish);
            }
            memcpy(copy, paper->authors, i * sizeof *copy);
        }
        if (copy != NULL) {
            copy[i] = author;
        }
    }
    if (copy != NULL) {
        paper->authors = copy;
    }
    return BASE_OK;
}

static enum base_code finish_paper(struct model_finish *finish, struct model_paper_record *paper)
{
    model_finish_date(&paper->date);
    if ((unsigned)paper->kind >= MODEL_KIND_END || (unsigned)paper->refereed > MODEL_TRUE ||
        (unsigned)paper->retracted > MODEL_TRUE) {
        return base_fail(finish->error, BASE_INVALID_ARGUMENT,
                         "kind, refereed or retracted has a value that does not exist");
    }
    enum base_code code = model_finish_text(finish, "title", paper->title, LIMIT_TEXT);
    if (code == BASE_OK) {
        code = model_finish_text(finish, "abstract", paper->abstract, LIMIT_ABSTRACT);
    }
    if (code == BASE_OK) {
        code = model_finish_text(finish, "venue", paper->venue, LIMIT_TEXT);
    }
    if (code == BASE_OK) {
        code = model_finish_field(finish, &paper->field);
    }
    if (code == BASE_OK) {
        code = model_finish_affiliations(finish, &paper->affiliations, &paper->affiliation_count);
    }
    if (code == BASE_OK) {
        code = finish_authors(finish, paper);
    }
    if (code == BASE_OK) {
        code = model_finish_limit(finish, "references", paper->reference_count, LIMIT_REFERENCES);
    }
    for (size_t i = 0; code == BASE_OK && i < paper->reference_count; i++) {
        code = model_finish_id(finish, &paper->references[i], MODEL_PAPER);
        if (code != BASE_OK) {
            base_error_prefix(finish->error, "reference %zu", i + 1);
        }
    }
    if (paper->reference_count == 0) {
        paper->references = NULL;
    }
    return code;
}

static enum base_code finish_author(struct model_finish *finish, struct model_author_record *author)
{
    enum base_code code = model_finish_text(finish, "name", author->name, LIMIT_TEXT);
    if (code == BASE_OK) {
        code = model_finish_texts(finish, "aliases", LIMIT_ALIASES, &author->aliases,
                                  &author->alias_count);
    }
    if (code == BASE_OK) {
        code = model_finish_affiliations(finish, &author->affiliations, &author->affiliation_count);
    }
    return code != BASE_OK ? code : model_finish_field(finish, &author->field);
}

/* What the record says of itself: id, source, other ids, reported numbers. */
static enum base_code finish_head(struct model_finish *finish, struct model_record *record,
                                  enum model_entity entity)
{
    enum base_code code = model_finish_id(finish, &record->id, entity);
    if (code != BASE_OK) {
        return code;
    }
    if (record->source.size == 0) {
        record->source = base_slice_text(model_scheme_name(record->id.scheme));
    }
    code = model_finish_text(finish, "source", record->source, LIMIT_ID_VALUE);
    if (code == BASE_OK) {
        code = model_finish_ids(finish, &record->id, entity, &record->ids, &record->id_count);
    }
    return code != BASE_OK ? code : model_finish_reported(finish, record);
}

/* MERGE and SUPPRESS: every id fits the kind of thing that is meant; where only one kind is left,
 * that is it. */
static enum base_code finish_curation(struct model_finish *finish, struct model_record *record)
{
    const struct model_id *ids[] = {&record->id, &record->other};
    size_t count = record->type == MODEL_RECORD_MERGE ? 2 : 1;
    bool fits[] = {false, record->entity != MODEL_PAPER, record->entity != MODEL_AUTHOR};
    for (size_t i = 0; i < count; i++) {
        size_t size = ids[i]->value.size;
        if (ids[i]->scheme == MODEL_NO_SCHEME || size == 0 || size > LIMIT_ID_VALUE) {
            return base_fail(finish->error, BASE_INVALID_ARGUMENT, "an id is missing");
        }
        for (int entity = MODEL_AUTHOR; entity <= MODEL_PAPER; entity++) {
            fits[entity] = fits[entity] && model_id_fits(ids[i], (enum model_entity)entity);
        }
    }
    if (record->entity > MODEL_PAPER || (!fits[MODEL_AUTHOR] && !fits[MODEL_PAPER])) {
        char text[MODEL_ID_TEXT];
        model_id_text(ids[count - 1], text);
        return base_fail(finish->error, BASE_INVALID_ARGUMENT,
                         count == 2 ? "the ids up to \"%s\" do not name one kind of thing"
                                    : "id \"%s\" does not name what is meant",
                         text);
    }
    if (count == 2 && record->other.scheme == MODEL_NAME) {
        return base_fail(finish->error, BASE_INVALID_ARGUMENT,
                         "nothing can be merged into a name, write the name as \"from\"");
    }
    if (count == 2 && model_id_equal(&record->id, &record->other)) {
        return base_fail(finish->error, BASE_INVALID_ARGUMENT,
                         "\"from\" and \"into\" are the same id");
    }
    if (count == 1) {
        record->other = (struct model_id){MODEL_NO_SCHEME, {NULL, 0}};
    }
    record->entity = fits[MODEL_AUTHOR] && fits[MODEL_PAPER] ? 0
                     : fits[MODEL_AUTHOR]                    ? MODEL_AUTHOR
                                                             : MODEL_PAPER;
    record->updated = 0;
    return BASE_OK;
}

static enum base_code finish_citation(struct model_finish *finish, struct model_record *record)
{
    model_finish_date(&record->citation_date);
    enum base_code code = model_finish_id(finish, &record->id, MODEL_PAPER);
    return code != BASE_OK ? code : model_finish_id(finish, &record->other, MODEL_PAPER);
}

enum base_code model_record_finish(struct model_record *record, struct base_arena *arena,
                                   struct base_error *error)
{
    struct model_finish finish = {arena, error};
    if (record->updated > MODEL_TIME_MAX) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "updated is later than the year 9999");
    }
    bool described = record->type == MODEL_RECORD_AUTHOR || record->type == MODEL_RECORD_PAPER;
    if (described) {
        record->other = (struct model_id){MODEL_NO_SCHEME, {NULL, 0}};
        record->entity = 0;
        enum base_code code = finish_head(
            &finish, record, record->type == MODEL_RECORD_AUTHOR ? MODEL_AUTHOR : MODEL_PAPER);
        if (code != BASE_OK) {
            return code;
        }
        return record->type == MODEL_RECORD_AUTHOR ? finish_author(&finish, &record->author)
                                                   : finish_paper(&finish, &record->paper);
    }
    record->source = (struct base_slice){NULL, 0};
    record->ids = NULL;
    record->id_count = 0;
    record->reported = NULL;
    record->reported_count = 0;
    switch (record->type) {
    case MODEL_RECORD_CITATION:
        record->entity = 0;
        return finish_citation(&finish, record);
    case MODEL_RECORD_MERGE:
    case MODEL_RECORD_SUPPRESS:
        return finish_curation(&finish, record);
    default:
        return base_fail(error, BASE_INVALID_ARGUMENT, "there is no such type of record");
    }
}
