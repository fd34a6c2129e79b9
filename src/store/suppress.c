#include "store/suppress.h"

void store_suppress_init(struct store_suppress *suppress, struct store_scratch *scratch)
{
    store_intern_init(&suppress->ids, scratch);
    suppress->left_out = 0;
}

void store_suppress_fini(struct store_suppress *suppress)
{
    store_intern_fini(&suppress->ids);
}

static size_t key_of(uint8_t entity, const struct model_id *id, char key[1 + MODEL_ID_KEY])
{
    key[0] = (char)entity;
    key[1] = (char)id->scheme;
    memcpy(key + 2, id->value.data, id->value.size);
    return 2 + id->value.size;
}

enum base_code store_suppress_add(struct store_suppress *suppress,
                                  const struct model_record *record, struct base_error *error)
{
    char key[1 + MODEL_ID_KEY];
    uint32_t number;
    size_t size = key_of(record->entity, &record->id, key);
    return store_intern_number(&suppress->ids, base_slice(key, size), &number, error);
}

static bool is_suppressed(const struct store_suppress *suppress, enum model_entity entity,
                          const struct model_id *id)
{
    char key[1 + MODEL_ID_KEY];
    if (id->scheme == MODEL_NO_SCHEME) {
        return false;
    }
    size_t size = key_of((uint8_t)entity, id, key);
    if (store_intern_has(&suppress->ids, base_slice(key, size))) {
        return true;
    }
    key[0] = 0;
    return store_intern_has(&suppress->ids, base_slice(key, size));
}

/* The ids that may stay; the same array when all may. */
static enum base_code redact_ids(struct store_suppress *suppress, enum model_entity entity,
                                 const struct model_id **ids, size_t *count,
                                 struct base_arena *arena, bool *changed, struct base_error *error)
{
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        kept += is_suppressed(suppress, entity, &(*ids)[i]) ? 0 : 1;
    }
    if (kept == *count) {
        return BASE_OK;
    }
    struct model_id *left = base_arena_array(arena, kept, sizeof *left);
    if (left == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    size_t used = 0;
    for (size_t i = 0; i < *count; i++) {
        if (!is_suppressed(suppress, entity, &(*ids)[i])) {
            left[used++] = (*ids)[i];
        }
    }
    suppress->left_out += *count - kept;
    *ids = left;
    *count = kept;
    *changed = true;
    return BASE_OK;
}

/* An author without id is suppressed by the `name:` id. */
static bool author_suppressed(const struct store_suppress *suppress,
                              const struct model_authorship *author, struct base_arena *arena)
{
    struct model_id id = author->id;
    if (id.scheme == MODEL_NO_SCHEME && !model_id_of_name(author->name, arena, &id)) {
        return false;
    }
    return is_suppressed(suppress, MODEL_AUTHOR, &id);
}

static enum base_code redact_authors(struct store_suppress *suppress,
                                     struct model_paper_record *paper, struct base_arena *arena,
                                     bool *changed, struct base_error *error)
{
    struct model_authorship *left = base_arena_array(arena, paper->author_count, sizeof *left);
    if (left == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    size_t used = 0;
    bool touched = false;
    for (size_t i = 0; i < paper->author_count; i++) {
        if (author_suppressed(suppress, &paper->authors[i], arena)) {
            suppress->left_out++;
            touched = true;
            continue;
        }
        left[used] = paper->authors[i];
        enum base_code code = redact_ids(suppress, MODEL_AUTHOR, &left[used].ids,
                                         &left[used].id_count, arena, &touched, error);
        if (code != BASE_OK) {
            return code;
        }
        used++;
    }
    if (touched) {
        paper->authors = left;
        paper->author_count = used;
        *changed = true;
    }
    return BASE_OK;
}

enum base_code store_suppress_redact(struct store_suppress *suppress, struct model_record *record,
                                     struct base_arena *arena, bool *keep, bool *changed,
                                     struct base_error *error)
{
    enum model_entity entity = record->type == MODEL_RECORD_AUTHOR ? MODEL_AUTHOR : MODEL_PAPER;
    *keep = true;
    *changed = false;
    if (record->type == MODEL_RECORD_SUPPRESS || record->type == MODEL_RECORD_MERGE) {
        return BASE_OK;
    }
    if (is_suppressed(suppress, entity, &record->id) ||
        (record->type == MODEL_RECORD_CITATION &&
         is_suppressed(suppress, entity, &record->other))) {
        suppress->left_out++;
        *keep = false;
        return BASE_OK;
    }
    if (record->type == MODEL_RECORD_CITATION) {
        return BASE_OK;
    }
    enum base_code code =
        redact_ids(suppress, entity, &record->ids, &record->id_count, arena, changed, error);
    if (code == BASE_OK && entity == MODEL_PAPER) {
        code = redact_authors(suppress, &record->paper, arena, changed, error);
    }
    if (code == BASE_OK && entity == MODEL_PAPER) {
        code = redact_ids(suppress, MODEL_PAPER, &record->paper.references,
                          &record->paper.reference_count, arena, changed, error);
    }
    return code;
}
