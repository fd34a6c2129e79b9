#include "ingest/native_parts.h"

#include <math.h>

#include "base/utf8.h"

static const struct native_member *find_member(const struct native_member *members,
                                               struct base_slice name, unsigned *index)
{
    for (unsigned i = 0; members[i].name != NULL; i++) {
        if (base_slice_equal(name, base_slice_text(members[i].name))) {
            *index = i;
            return &members[i];
        }
    }
    return NULL;
}

enum base_code native_read_object(struct ingest_line *line, const char *what,
                                  const struct native_member *members, struct json_value value,
                                  void *into)
{
    enum base_code code = ingest_want_type(line, what, value, JSON_OBJECT);
    if (code != BASE_OK) {
        return code;
    }
    uint64_t seen = 0;
    unsigned index = 0;
    struct json_iterator iterator = json_iterate(value);
    struct json_value key = iterator.next;
    struct base_slice name;
    struct json_value element;
    while (json_next_member(&iterator, &name, &element)) {
        const struct native_member *member = find_member(members, name, &index);
        if (member == NULL) {
            struct base_slice shown = base_utf8_cut(name, 64);
            return ingest_reject(line, key, INGEST_UNKNOWN_FIELD, "unknown field \"%.*s\" in %s",
                                 BASE_PRINT(shown), what);
        }
        if ((seen & (UINT64_C(1) << index)) != 0) {
            return ingest_reject(line, key, INGEST_UNKNOWN_FIELD, "field \"%s\" stands twice in %s",
                                 member->name, what);
        }
        seen |= UINT64_C(1) << index;
        code = member->read(line, member, element, into);
        if (code != BASE_OK) {
            return code;
        }
        key = iterator.next;
    }
    for (unsigned i = 0; members[i].name != NULL; i++) {
        if (members[i].required && (seen & (UINT64_C(1) << i)) == 0) {
            return ingest_reject(line, value, INGEST_MISSING_FIELD, "field \"%s\" is missing in %s",
                                 members[i].name, what);
        }
    }
    return BASE_OK;
}

static void *target(const struct native_member *member, void *into)
{
    return (char *)into + member->offset;
}

static enum base_code read_text(struct ingest_line *line, const char *name, struct json_value value,
                                struct base_slice *text)
{
    struct base_slice string;
    enum base_code code = ingest_want_string(line, name, value, &string);
    if (code != BASE_OK) {
        return code;
    }
    if (string.size > LIMIT_TEXT) {
        return ingest_reject(line, value, INGEST_LIMIT, "%s has %zu bytes, the limit is %d", name,
                             string.size, LIMIT_TEXT);
    }
    if (base_utf8_has_control(string)) {
        return ingest_reject(line, value, INGEST_VALUE, "%s has a control character in it", name);
    }
    *text = string;
    return BASE_OK;
}

enum base_code native_text(struct ingest_line *line, const struct native_member *member,
                           struct json_value value, void *into)
{
    return read_text(line, member->name, value, target(member, into));
}

enum base_code native_abstract(struct ingest_line *line, const struct native_member *member,
                               struct json_value value, void *into)
{
    struct base_slice string;
    enum base_code code = ingest_want_string(line, member->name, value, &string);
    if (code != BASE_OK) {
        return code;
    }
    if (string.size > LIMIT_ABSTRACT) {
        return ingest_reject(line, value, INGEST_LIMIT, "%s has %zu bytes, the limit is %d",
                             member->name, string.size, LIMIT_ABSTRACT);
    }
    for (size_t i = 0; i < string.size; i++) {
        unsigned char byte = (unsigned char)string.data[i];
        if ((byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7f) {
            return ingest_reject(line, value, INGEST_VALUE, "%s has a control character in it",
                                 member->name);
        }
    }
    *(struct base_slice *)target(member, into) = string;
    return BASE_OK;
}

/* What a parser of model refused becomes a fault of the line; anything else ends the import. */
static enum base_code pass_on(struct ingest_line *line, struct json_value value,
                              enum ingest_reason reason, enum base_code code,
                              const struct base_error *error)
{
    if (code == BASE_INVALID_ARGUMENT) {
        return ingest_reject(line, value, reason, "%s", error->text);
    }
    if (code != BASE_OK && line->error != NULL) {
        *line->error = *error;
    }
    return code;
}

static enum base_code read_id(struct ingest_line *line, const char *name, struct json_value value,
                              struct model_id *id)
{
    struct base_slice text;
    struct base_error error;
    enum base_code code = ingest_want_string(line, name, value, &text);
    if (code != BASE_OK) {
        return code;
    }
    code = model_id_parse(text, line->context->arena, id, &error);
    return pass_on(line, value, INGEST_ID, code, &error);
}

enum base_code native_id(struct ingest_line *line, const struct native_member *member,
                         struct json_value value, void *into)
{
    return read_id(line, member->name, value, target(member, into));
}

enum base_code native_date(struct ingest_line *line, const struct native_member *member,
                           struct json_value value, void *into)
{
    struct base_slice text;
    struct base_error error;
    enum base_code code = ingest_want_string(line, member->name, value, &text);
    if (code != BASE_OK) {
        return code;
    }
    code = model_date_parse(text, target(member, into), &error);
    return pass_on(line, value, INGEST_DATE, code, &error);
}

enum base_code native_time(struct ingest_line *line, const struct native_member *member,
                           struct json_value value, void *into)
{
    struct base_slice text;
    struct base_error error;
    enum base_code code = ingest_want_string(line, member->name, value, &text);
    if (code != BASE_OK) {
        return code;
    }
    code = model_time_parse(text, target(member, into), &error);
    return pass_on(line, value, INGEST_DATE, code, &error);
}

struct named_id {
    struct base_slice id;
    struct base_slice name;
};

enum base_code native_field(struct ingest_line *line, const struct native_member *member,
                            struct json_value value, void *into)
{
    static const struct native_member members[] = {
        {"id", native_text, offsetof(struct named_id, id), true},
        {"name", native_text, offsetof(struct named_id, name), false},
        {NULL, NULL, 0, false},
    };
    struct named_id field = {0};
    struct base_error error;
    enum base_code code = BASE_OK;
    if (!json_string(value, &field.id)) {
        code = native_read_object(line, member->name, members, value, &field);
        if (code != BASE_OK) {
            return code;
        }
    }
    code =
        model_field_parse(field.id, field.name, line->context->arena, target(member, into), &error);
    return pass_on(line, value, INGEST_VALUE, code, &error);
}

enum base_code native_bool(struct ingest_line *line, const struct native_member *member,
                           struct json_value value, void *into)
{
    return ingest_want_bool(line, member->name, value, target(member, into));
}

enum base_code native_tristate(struct ingest_line *line, const struct native_member *member,
                               struct json_value value, void *into)
{
    bool truth = false;
    enum base_code code = ingest_want_bool(line, member->name, value, &truth);
    if (code == BASE_OK) {
        *(enum model_tristate *)target(member, into) = truth ? MODEL_TRUE : MODEL_FALSE;
    }
    return code;
}

enum base_code native_count(struct ingest_line *line, const struct native_member *member,
                            struct json_value value, void *into)
{
    return ingest_want_count(line, member->name, value, target(member, into));
}

enum base_code native_score(struct ingest_line *line, const struct native_member *member,
                            struct json_value value, void *into)
{
    double number;
    if (!json_double(value, &number)) {
        return ingest_want_type(line, member->name, value, JSON_DOUBLE);
    }
    /* The range is model's to check; -0 would be a second spelling of 0. */
    *(struct model_score *)target(member, into) =
        (struct model_score){true, number == 0 ? 0 : number};
    return BASE_OK;
}

enum base_code native_entity(struct ingest_line *line, const struct native_member *member,
                             struct json_value value, void *into)
{
    struct base_slice text;
    enum base_code code = ingest_want_string(line, member->name, value, &text);
    if (code != BASE_OK) {
        return code;
    }
    uint8_t *entity = target(member, into);
    if (base_slice_equal(text, BASE_SLICE("author"))) {
        *entity = MODEL_AUTHOR;
    } else if (base_slice_equal(text, BASE_SLICE("paper"))) {
        *entity = MODEL_PAPER;
    } else {
        return ingest_reject(line, value, INGEST_VALUE, "%s must be \"author\" or \"paper\"",
                             member->name);
    }
    return BASE_OK;
}

enum base_code native_ignore(struct ingest_line *line, const struct native_member *member,
                             struct json_value value, void *into)
{
    (void)line;
    (void)member;
    (void)value;
    (void)into;
    return BASE_OK;
}

enum base_code native_array(struct ingest_line *line, const char *name, struct json_value value,
                            size_t most, size_t size, void **elements, size_t *count)
{
    enum base_code code = ingest_want_type(line, name, value, JSON_ARRAY);
    if (code != BASE_OK) {
        return code;
    }
    size_t total = json_count(value);
    if (total > most) {
        return ingest_reject(line, value, INGEST_LIMIT, "%s has %zu entries, the limit is %zu",
                             name, total, most);
    }
    void *array = base_arena_array(line->context->arena, total, size);
    if (array == NULL) {
        return ingest_no_memory(line);
    }
    *elements = array;
    *count = total;
    return BASE_OK;
}

enum base_code native_ids(struct ingest_line *line, const char *name, struct json_value value,
                          size_t most, const struct model_id **ids, size_t *count)
{
    void *array = NULL;
    enum base_code code =
        native_array(line, name, value, most, sizeof(struct model_id), &array, count);
    struct model_id *to = array;
    struct json_iterator iterator = json_iterate(value);
    struct json_value element;
    while (code == BASE_OK && json_next(&iterator, &element)) {
        code = read_id(line, name, element, to++);
    }
    if (code == BASE_OK) {
        *ids = array;
    }
    return code;
}

enum base_code native_texts(struct ingest_line *line, const char *name, struct json_value value,
                            size_t most, const struct base_slice **texts, size_t *count)
{
    void *array = NULL;
    enum base_code code =
        native_array(line, name, value, most, sizeof(struct base_slice), &array, count);
    struct base_slice *to = array;
    struct json_iterator iterator = json_iterate(value);
    struct json_value element;
    while (code == BASE_OK && json_next(&iterator, &element)) {
        code = read_text(line, name, element, to++);
    }
    if (code == BASE_OK) {
        *texts = array;
    }
    return code;
}

static enum base_code read_ror(struct ingest_line *line, const struct native_member *member,
                               struct json_value value, void *into)
{
    struct base_slice text;
    struct model_id ror;
    struct base_error error;
    enum base_code code = ingest_want_string(line, member->name, value, &text);
    if (code != BASE_OK) {
        return code;
    }
    code = model_id_normal(MODEL_ROR, text, line->context->arena, &ror, &error);
    if (code == BASE_OK) {
        *(struct base_slice *)target(member, into) = ror.value;
    }
    return pass_on(line, value, INGEST_ID, code, &error);
}

enum base_code native_affiliations(struct ingest_line *line, const char *name,
                                   struct json_value value,
                                   const struct model_affiliation **affiliations, size_t *count)
{
    static const struct native_member members[] = {
        {"name", native_text, offsetof(struct model_affiliation, name), false},
        {"ror", read_ror, offsetof(struct model_affiliation, ror), false},
        {NULL, NULL, 0, false},
    };
    void *array = NULL;
    enum base_code code = native_array(line, name, value, LIMIT_AFFILIATIONS,
                                       sizeof(struct model_affiliation), &array, count);
    struct model_affiliation *to = array;
    struct json_iterator iterator = json_iterate(value);
    struct json_value element;
    while (code == BASE_OK && json_next(&iterator, &element)) {
        code = json_type(element) == JSON_STRING
                   ? read_text(line, name, element, &to->name)
                   : native_read_object(line, name, members, element, to);
        if (code == BASE_OK && to->name.size == 0 && to->ror.size == 0) {
            code = ingest_reject(line, element, INGEST_VALUE, "an entry of %s is empty", name);
        }
        to++;
    }
    if (code == BASE_OK) {
        *affiliations = array;
    }
    return code;
}
