#include "model/id.h"

#include "base/utf8.h"
#include "model/fold.h"
#include "model/id_text.h"

static const struct base_slice scheme_names[] = {[MODEL_NO_SCHEME] = {"", 0},
#define MODEL_SCHEME_NAME(number, name, text) [number] = {text, sizeof(text) - 1},
                                                 MODEL_SCHEMES(MODEL_SCHEME_NAME)
#undef MODEL_SCHEME_NAME
};

const char *model_scheme_name(enum model_scheme scheme)
{
    return scheme > MODEL_NO_SCHEME && scheme < MODEL_SCHEME_END ? scheme_names[scheme].data : "";
}

static enum model_scheme scheme_named(struct base_slice name)
{
    for (int scheme = MODEL_NO_SCHEME + 1; scheme < MODEL_SCHEME_END; scheme++) {
        struct base_slice rest = name;
        if (rest.size == scheme_names[scheme].size &&
            (rest.data[0] | 0x20) == scheme_names[scheme].data[0] &&
            model_id_take_prefix(&rest, scheme_names[scheme])) {
            return (enum model_scheme)scheme;
        }
    }
    return MODEL_NO_SCHEME;
}

bool model_scheme_joins(enum model_scheme scheme)
{
    switch (scheme) {
    case MODEL_DOI:
    case MODEL_ARXIV:
    case MODEL_PMID:
    case MODEL_PMCID:
    case MODEL_ORCID:
        return true;
    default:
        return false;
    }
}

bool model_id_fits(const struct model_id *id, enum model_entity entity)
{
    switch (id->scheme) {
    case MODEL_ORCID:
    case MODEL_NAME:
        return entity == MODEL_AUTHOR;
    case MODEL_DOI:
    case MODEL_ARXIV:
    case MODEL_PMID:
    case MODEL_PMCID:
    case MODEL_BIBCODE:
        return entity == MODEL_PAPER;
    case MODEL_OPENALEX:
        return id->value.size > 0 && id->value.data[0] == (entity == MODEL_AUTHOR ? 'A' : 'W');
    case MODEL_S2:
    case MODEL_ACL:
    case MODEL_DBLP:
    case MODEL_MAG:
    case MODEL_LOCAL:
        return true;
    case MODEL_NO_SCHEME:
    case MODEL_ROR:
    case MODEL_SCHEME_END:
        break;
    }
    return false;
}

static enum base_code fail_scheme(struct base_slice text, struct base_slice name, bool colon,
                                  struct base_error *error)
{
    struct base_slice shown = model_id_shown(text);
    if (!colon) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "id \"%.*s\" has no scheme, write scheme:value (doi:10.1000/182)",
                         BASE_PRINT(shown));
    }
    name = model_id_shown(name);
    return base_fail(error, BASE_INVALID_ARGUMENT,
                     "id \"%.*s\": there is no scheme \"%.*s\" (orcid doi arxiv pmid openalex "
                     "s2 acl dblp bibcode pmcid mag local)",
                     BASE_PRINT(shown), BASE_PRINT(name));
}

enum base_code model_id_parse(struct base_slice text, struct base_arena *arena, struct model_id *id,
                              struct base_error *error)
{
    struct base_slice rest = model_id_trim(text);
    if (rest.size == 0) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "the id is empty, write scheme:value");
    }
    /* No URL begins with the name of a scheme and a colon. */
    const char *colon = memchr(rest.data, ':', rest.size);
    struct base_slice name = base_slice(rest.data, colon == NULL ? 0 : (size_t)(colon - rest.data));
    enum model_scheme scheme = scheme_named(name);
    if (scheme == MODEL_NO_SCHEME) {
        scheme = model_id_scheme_of_url(rest);
        return scheme != MODEL_NO_SCHEME ? model_id_normal(scheme, rest, arena, id, error)
                                         : fail_scheme(rest, name, colon != NULL, error);
    }
    struct base_slice value = base_slice(colon + 1, rest.size - name.size - 1);
    return model_id_normal(scheme, value, arena, id, error);
}

bool model_id_of_name(struct base_slice name, struct base_arena *arena, struct model_id *id)
{
    struct base_slice folded = base_utf8_cut(model_fold(name, arena), LIMIT_ID_VALUE);
    /* The cut may fall behind a blank. */
    while (folded.size > 0 && folded.data[folded.size - 1] == ' ') {
        folded.size--;
    }
    if (folded.size == 0) {
        return false;
    }
    *id = (struct model_id){MODEL_NAME, folded};
    return true;
}

int model_id_compare(const struct model_id *a, const struct model_id *b)
{
    if (a->scheme != b->scheme) {
        return a->scheme < b->scheme ? -1 : 1;
    }
    return base_slice_compare(a->value, b->value);
}

bool model_id_equal(const struct model_id *a, const struct model_id *b)
{
    return a->scheme == b->scheme && base_slice_equal(a->value, b->value);
}

size_t model_id_text(const struct model_id *id, char text[MODEL_ID_TEXT])
{
    struct base_slice scheme = base_slice_text(model_scheme_name(id->scheme));
    BASE_ASSERT(id->value.size <= LIMIT_ID_VALUE);
    size_t used = 0;
    memcpy(text, scheme.data, scheme.size);
    used += scheme.size;
    if (scheme.size > 0) {
        text[used++] = ':';
    }
    if (id->value.size > 0) {
        memcpy(text + used, id->value.data, id->value.size);
        used += id->value.size;
    }
    text[used] = '\0';
    return used;
}

void model_id_append_key(const struct model_id *id, struct base_buffer *buffer)
{
    char *to = base_buffer_reserve(buffer, 1 + id->value.size);
    if (to != NULL) {
        to[0] = (char)id->scheme;
        if (id->value.size > 0) {
            memcpy(to + 1, id->value.data, id->value.size);
        }
        buffer->size += 1 + id->value.size;
    }
}

bool model_id_from_key(struct base_slice key, struct model_id *id)
{
    if (key.size < 2 || key.size > MODEL_ID_KEY) {
        return false;
    }
    uint8_t scheme = (uint8_t)key.data[0];
    if (scheme == MODEL_NO_SCHEME || scheme >= MODEL_SCHEME_END) {
        return false;
    }
    *id = (struct model_id){(enum model_scheme)scheme, base_slice(key.data + 1, key.size - 1)};
    return true;
}
