#include "model/finish.h"

enum base_code model_finish_memory(struct model_finish *finish)
{
    return base_fail(finish->error, BASE_RESOURCE_EXHAUSTED, "out of memory for a record");
}

/* C0 controls and DEL; lines: tabs and newlines are no control characters. Eight bytes at a time,
 * since abstracts are most of what an import reads. */
static bool has_control(struct base_slice text, bool lines)
{
    static const uint64_t ones = UINT64_C(0x0101010101010101);
    size_t at = 0;
    while (at < text.size) {
        size_t end = text.size;
        if (text.size - at >= 8) {
            uint64_t word = base_get_le64(text.data + at);
            uint64_t delete = word ^ ones * 0x7f;
            if ((((word - ones * 0x20) & ~word) | ((delete - ones) & ~delete)) & ones * 0x80) {
                end = at + 8;
            } else {
                at += 8;
                continue;
            }
        }
        for (; at < end; at++) {
            uint8_t byte = (uint8_t)text.data[at];
            if ((byte < 0x20 || byte == 0x7f) && !(lines && (byte == '\t' || byte == '\n'))) {
                return true;
            }
        }
    }
    return false;
}

enum base_code model_finish_text(struct model_finish *finish, const char *what,
                                 struct base_slice text, size_t limit)
{
    if (text.size > limit) {
        return base_fail(finish->error, BASE_INVALID_ARGUMENT,
                         "%s has %zu bytes, at most %zu are allowed", what, text.size, limit);
    }
    if (has_control(text, limit == LIMIT_ABSTRACT)) {
        return base_fail(finish->error, BASE_INVALID_ARGUMENT, "%s holds control characters", what);
    }
    return BASE_OK;
}

enum base_code model_finish_limit(struct model_finish *finish, const char *what, size_t count,
                                  size_t limit)
{
    if (count > limit) {
        return base_fail(finish->error, BASE_INVALID_ARGUMENT, "%zu %s, at most %zu are allowed",
                         count, what, limit);
    }
    return BASE_OK;
}

enum base_code model_finish_id(struct model_finish *finish, const struct model_id *id,
                               enum model_entity entity)
{
    if (id->scheme != MODEL_NAME && id->value.size > 0 && id->value.size <= LIMIT_ID_VALUE &&
        model_id_fits(id, entity)) {
        return BASE_OK;
    }
    if (id->scheme == MODEL_NO_SCHEME || id->value.size == 0 || id->value.size > LIMIT_ID_VALUE) {
        return base_fail(finish->error, BASE_INVALID_ARGUMENT, "an id is missing");
    }
    char text[MODEL_ID_TEXT];
    model_id_text(id, text);
    if (id->scheme == MODEL_NAME) {
        return base_fail(finish->error, BASE_INVALID_ARGUMENT,
                         "id \"%s\": the scheme name is reserved, leave the id out", text);
    }
    return base_fail(finish->error, BASE_INVALID_ARGUMENT, "id \"%s\" cannot name %s", text,
                     entity == MODEL_AUTHOR ? "an author" : "a paper");
}

enum base_code model_finish_order(struct model_finish *finish, const void **items, size_t *count,
                                  size_t size, model_order order)
{
    if (*count == 0) {
        *items = NULL;
        return BASE_OK;
    }
    if (model_order_holds(*items, *count, size, order)) {
        return BASE_OK;
    }
    void *copy = base_arena_alloc(finish->arena, *count * size);
    if (copy == NULL) {
        return model_finish_memory(finish);
    }
    memcpy(copy, *items, *count * size);
    *count = model_order_sort(copy, *count, size, order);
    *items = copy;
    return BASE_OK;
}

enum base_code model_finish_ids(struct model_finish *finish, const struct model_id *own,
                                enum model_entity entity, const struct model_id **ids,
                                size_t *count)
{
    enum base_code code = model_finish_limit(finish, "ids", *count, LIMIT_IDS);
    if (code != BASE_OK) {
        return code;
    }
    bool own_found = false;
    for (size_t i = 0; i < *count; i++) {
        code = model_finish_id(finish, &(*ids)[i], entity);
        if (code != BASE_OK) {
            return code;
        }
        own_found |= model_id_equal(&(*ids)[i], own);
    }
    if (own_found) {
        struct model_id *others = base_arena_array(finish->arena, *count, sizeof *others);
        if (others == NULL) {
            return model_finish_memory(finish);
        }
        size_t kept = 0;
        for (size_t i = 0; i < *count; i++) {
            if (!model_id_equal(&(*ids)[i], own)) {
                others[kept++] = (*ids)[i];
            }
        }
        *ids = others;
        *count = kept;
    }
    const void *items = *ids;
    code = model_finish_order(finish, &items, count, sizeof **ids, model_order_id);
    *ids = items;
    return code;
}

enum base_code model_finish_texts(struct model_finish *finish, const char *what, size_t limit,
                                  const struct base_slice **texts, size_t *count)
{
    enum base_code code = model_finish_limit(finish, what, *count, limit);
    for (size_t i = 0; code == BASE_OK && i < *count; i++) {
        code = model_finish_text(finish, what, (*texts)[i], LIMIT_TEXT);
    }
    if (code != BASE_OK) {
        return code;
    }
    const void *items = *texts;
    code = model_finish_order(finish, &items, count, sizeof **texts, model_order_text);
    *texts = items;
    /* An empty text says nothing and sorts first. */
    if (code == BASE_OK && *count > 0 && (*texts)[0].size == 0) {
        (*texts)++;
        *count -= 1;
        *texts = *count == 0 ? NULL : *texts;
    }
    return code;
}

static enum base_code check_affiliation(struct model_finish *finish,
                                        const struct model_affiliation *affiliation)
{
    if (affiliation->ror.size != 0 && affiliation->ror.size != 9) {
        return base_fail(finish->error, BASE_INVALID_ARGUMENT,
                         "the ror of an affiliation is not of the form 05ppvf150");
    }
    return model_finish_text(finish, "an affiliation", affiliation->name, LIMIT_TEXT);
}

enum base_code model_finish_affiliations(struct model_finish *finish,
                                         const struct model_affiliation **affiliations,
                                         size_t *count)
{
    enum base_code code = model_finish_limit(finish, "affiliations", *count, LIMIT_AFFILIATIONS);
    for (size_t i = 0; code == BASE_OK && i < *count; i++) {
        code = check_affiliation(finish, &(*affiliations)[i]);
    }
    if (code != BASE_OK) {
        return code;
    }
    const void *items = *affiliations;
    code =
        model_finish_order(finish, &items, count, sizeof **affiliations, model_order_affiliation);
    *affiliations = items;
    /* One without name and ror says nothing and sorts first. */
    if (code == BASE_OK && *count > 0 && (*affiliations)[0].name.size == 0 &&
        (*affiliations)[0].ror.size == 0) {
        (*affiliations)++;
        *count -= 1;
        *affiliations = *count == 0 ? NULL : *affiliations;
    }
    return code;
}

enum base_code model_finish_field(struct model_finish *finish, struct model_field *field)
{
    if (field->id.size == 0) {
        *field = (struct model_field){{NULL, 0}, {NULL, 0}};
        return BASE_OK;
    }
    enum base_code code = model_finish_text(finish, "field", field->id, LIMIT_TEXT);
    if (code != BASE_OK) {
        return code;
    }
    return model_finish_text(finish, "field name", field->name, LIMIT_TEXT);
}

void model_finish_date(struct model_date *date)
{
    if (date->precision == MODEL_NO_DATE) {
        *date = MODEL_UNDATED;
    }
}
