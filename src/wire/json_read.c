#include "wire/json_read.h"

#include <float.h>
#include <math.h>
#include <protobuf-c/protobuf-c.h>
#include <stdio.h>

#include "base/suggest.h"
#include "wire/check.h"
#include "wire/json.h"
#include "wire/json_scalar.h"
#include "wire/write.h"

enum { PATH_TEXT = 256, NUMBER_TEXT = 64, FIELDS_MOST = 64, VALUES_MOST = 64 };

/* One text on its way to bytes. */
struct reading {
    struct base_buffer *out;
    struct base_error *error;
    struct json_value wrong; /* what the error is about */
    char path[PATH_TEXT];    /* of the field that is read; cut when it is very long */
    size_t depth;
};

/* How a field is written. */
enum place {
    PLACE_OPTIONAL, /* not at all when it is zero */
    PLACE_PRESENT,  /* zeros too: member of a oneof, item of a list */
    PLACE_PACKED,   /* without a tag of its own */
};

#define FAIL(reading, value, ...)                                                                  \
    ((reading)->wrong = (value), base_fail((reading)->error, BASE_INVALID_ARGUMENT, __VA_ARGS__))

/* The value itself where it is short, else its type. */
static enum base_code fail_type(struct reading *reading, const ProtobufCFieldDescriptor *field,
                                struct json_value value)
{
    struct base_slice text;
    uint64_t natural;
    int64_t whole;
    double number;
    char shown[NUMBER_TEXT] = "";
    if (json_string(value, &text)) {
        if (field->type != PROTOBUF_C_TYPE_MESSAGE && text.size < 24) {
            snprintf(shown, sizeof shown, "the string '%.*s'", BASE_PRINT(text));
        }
    } else if (json_u64(value, &natural)) {
        snprintf(shown, sizeof shown, "%llu", (unsigned long long)natural);
    } else if (json_i64(value, &whole)) {
        snprintf(shown, sizeof shown, "%lld", (long long)whole);
    } else if (json_double(value, &number)) {
        snprintf(shown, sizeof shown, "%g", number);
    }
    return FAIL(reading, value, "field %s takes %s, not %s", reading->path,
                wire_json_expected(field->type),
                shown[0] != '\0' ? shown : json_type_name(json_type(value)));
}

static enum base_code read_enum(struct reading *reading, const ProtobufCFieldDescriptor *field,
                                struct json_value value, uint64_t *bits)
{
    const ProtobufCEnumDescriptor *type = field->descriptor;
    struct base_slice text;
    if (!json_string(value, &text)) {
        return wire_json_whole(value, INT32_MIN, INT32_MAX, bits)
                   ? BASE_OK
                   : fail_type(reading, field, value);
    }
    const char *names[VALUES_MOST + 1] = {NULL};
    for (unsigned i = 0; i < type->n_values; i++) {
        if (base_slice_equal(text, base_slice_text(type->values[i].name))) {
            *bits = (uint64_t)(int64_t)type->values[i].value;
            return BASE_OK;
        }
        if (i < VALUES_MOST) {
            names[i] = type->values[i].name;
        }
    }
    char given[WIRE_JSON_NAME];
    snprintf(given, sizeof given, "%.*s", (int)(text.size < sizeof given ? text.size : 0),
             text.data);
    const char *meant = base_suggest(given, names);
    if (meant != NULL) {
        return FAIL(reading, value, "field %s: %s has no value '%s'; did you mean '%s'?",
                    reading->path, type->name, given, meant);
    }
    return FAIL(reading, value, "field %s: %s has no value '%.*s'; the first of its %u is '%s'",
                reading->path, type->name, (int)(text.size < 64 ? text.size : 64), text.data,
                type->n_values, type->values[0].name);
}

static void put_tag(struct reading *reading, const ProtobufCFieldDescriptor *field,
                    unsigned wire_type, enum place place)
{
    if (place != PLACE_PACKED) {
        base_buffer_append_varint(reading->out, (uint64_t)field->id << 3 | wire_type);
    }
}

static void put_varint(struct reading *reading, const ProtobufCFieldDescriptor *field,
                       enum place place, uint64_t bits)
{
    if (bits != 0 || place != PLACE_OPTIONAL) {
        put_tag(reading, field, 0, place);
        base_buffer_append_varint(reading->out, bits);
    }
}

static void put_fixed(struct reading *reading, const ProtobufCFieldDescriptor *field,
                      enum place place, uint64_t bits, size_t size)
{
    char bytes[sizeof bits];
    if (bits != 0 || place != PLACE_OPTIONAL) {
        base_put_le64(bytes, bits);
        put_tag(reading, field, size == sizeof bits ? 1 : 5, place);
        base_buffer_append(reading->out, bytes, size);
    }
}

static void put_text(struct reading *reading, const ProtobufCFieldDescriptor *field,
                     enum place place, struct base_slice text)
{
    if (text.size != 0 || place != PLACE_OPTIONAL) {
        wire_put_bytes_present(reading->out, field->id, text);
    }
}

static bool is_natural(ProtobufCType type)
{
    return type == PROTOBUF_C_TYPE_UINT32 || type == PROTOBUF_C_TYPE_FIXED32 ||
           type == PROTOBUF_C_TYPE_UINT64 || type == PROTOBUF_C_TYPE_FIXED64;
}

static bool is_wide(ProtobufCType type)
{
    return type == PROTOBUF_C_TYPE_INT64 || type == PROTOBUF_C_TYPE_SINT64 ||
           type == PROTOBUF_C_TYPE_SFIXED64 || type == PROTOBUF_C_TYPE_UINT64 ||
           type == PROTOBUF_C_TYPE_FIXED64;
}

static enum base_code read_integer(struct reading *reading, const ProtobufCFieldDescriptor *field,
                                   struct json_value value, enum place place)
{
    uint64_t bits = 0;
    bool wide = is_wide(field->type);
    bool natural = is_natural(field->type);
    uint64_t most = wide ? UINT64_MAX : UINT32_MAX;
    int64_t least = natural ? 0 : wide ? INT64_MIN : INT32_MIN;
    if (!wire_json_whole(value, least, natural ? most : most >> 1, &bits)) {
        return fail_type(reading, field, value);
    }
    switch (field->type) {
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SINT64:
        /* Zigzag: the sign moves to the last bit. */
        put_varint(reading, field, place, bits << 1 ^ (0 - (bits >> 63)));
        break;
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_SFIXED32:
        put_fixed(reading, field, place, bits & UINT32_MAX, sizeof(uint32_t));
        break;
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_SFIXED64:
        put_fixed(reading, field, place, bits, sizeof(uint64_t));
        break;
    default:
        put_varint(reading, field, place, bits);
        break;
    }
    return BASE_OK;
}

static enum base_code read_double(struct reading *reading, const ProtobufCFieldDescriptor *field,
                                  struct json_value value, enum place place)
{
    double number;
    uint64_t bits;
    bool is_float = field->type == PROTOBUF_C_TYPE_FLOAT;
    if (!wire_json_number(value, &number) ||
        (is_float && isfinite(number) && fabs(number) > (double)FLT_MAX)) {
        return fail_type(reading, field, value);
    }
    if (is_float) {
        float narrow = (float)number;
        uint32_t half;
        memcpy(&half, &narrow, sizeof half);
        put_fixed(reading, field, place, half, sizeof half);
    } else {
        memcpy(&bits, &number, sizeof bits);
        put_fixed(reading, field, place, bits, sizeof bits);
    }
    return BASE_OK;
}

static enum base_code read_bytes(struct reading *reading, const ProtobufCFieldDescriptor *field,
                                 struct json_value value, enum place place)
{
    struct base_slice text;
    struct base_buffer bytes = BASE_BUFFER_EMPTY;
    enum base_code code = BASE_OK;
    if (!json_string(value, &text)) {
        return fail_type(reading, field, value);
    }
    if (wire_json_bytes(text, &bytes)) {
        put_text(reading, field, place, base_buffer_slice(&bytes));
    } else {
        code = FAIL(reading, value, "field %s is not base64", reading->path);
    }
    reading->out->failed = reading->out->failed || bytes.failed;
    base_buffer_fini(&bytes);
    return code;
}

static enum base_code read_string(struct reading *reading, const ProtobufCFieldDescriptor *field,
                                  struct json_value value, enum place place)
{
    struct base_slice text;
    if (!json_string(value, &text)) {
        return fail_type(reading, field, value);
    }
    if (text.size > 0 && memchr(text.data, '\0', text.size) != NULL) {
        return FAIL(reading, value, "field %s holds a NUL", reading->path);
    }
    put_text(reading, field, place, text);
    return BASE_OK;
}

static enum base_code read_message(struct reading *reading, const ProtobufCMessageDescriptor *type,
                                   struct json_value value);

static enum base_code read_value(struct reading *reading, const ProtobufCFieldDescriptor *field,
                                 struct json_value value, enum place place)
{
    uint64_t bits = 0;
    bool truth = false;
    enum base_code code = BASE_OK;
    switch (field->type) {
    case PROTOBUF_C_TYPE_BOOL:
        if (!json_bool(value, &truth)) {
            return fail_type(reading, field, value);
        }
        put_varint(reading, field, place, truth);
        return BASE_OK;
    case PROTOBUF_C_TYPE_ENUM:
        code = read_enum(reading, field, value, &bits);
        if (code == BASE_OK) {
            put_varint(reading, field, place, bits);
        }
        return code;
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        return read_double(reading, field, value, place);
    case PROTOBUF_C_TYPE_STRING:
        return read_string(reading, field, value, place);
    case PROTOBUF_C_TYPE_BYTES:
        return read_bytes(reading, field, value, place);
    case PROTOBUF_C_TYPE_MESSAGE:
        if (json_type(value) != JSON_OBJECT) {
            return fail_type(reading, field, value);
        }
        struct wire_mark mark = wire_begin(reading->out, field->id, 0);
        code = read_message(reading, field->descriptor, value);
        if (code == BASE_OK) {
            wire_end(reading->out, mark);
        }
        return code;
    default:
        return read_integer(reading, field, value, place);
    }
}

static enum base_code read_list(struct reading *reading, const ProtobufCFieldDescriptor *field,
                                struct json_value list)
{
    bool packed = (field->flags & PROTOBUF_C_FIELD_FLAG_PACKED) != 0;
    size_t path_size = strlen(reading->path);
    size_t index = 0;
    enum base_code code = BASE_OK;
    struct json_iterator iterator = json_iterate(list);
    struct json_value item;
    struct wire_mark mark = {0, 0};
    if (json_type(list) != JSON_ARRAY) {
        return FAIL(reading, list, "field %s takes a list, not %s", reading->path,
                    json_type_name(json_type(list)));
    }
    if (packed && json_count(list) > 0) {
        mark = wire_begin(reading->out, field->id, 0);
    }
    for (; code == BASE_OK && json_next(&iterator, &item); index++) {
        snprintf(reading->path + path_size, PATH_TEXT - path_size, "[%zu]", index);
        code = read_value(reading, field, item, packed ? PLACE_PACKED : PLACE_PRESENT);
    }
    if (packed && index > 0 && code == BASE_OK) {
        wire_end(reading->out, mark);
    }
    return code;
}

/* The field of that name, or n_fields. */
static unsigned find_field(const ProtobufCMessageDescriptor *type, struct base_slice key)
{
    char name[WIRE_JSON_NAME];
    for (unsigned i = 0; i < type->n_fields; i++) {
        wire_json_name(type->fields[i].name, name);
        if (base_slice_equal(key, base_slice_text(name)) ||
            base_slice_equal(key, base_slice_text(type->fields[i].name))) {
            return i;
        }
    }
    return type->n_fields;
}

static enum base_code fail_unknown(struct reading *reading, const ProtobufCMessageDescriptor *type,
                                   struct json_value value)
{
    char names[FIELDS_MOST][WIRE_JSON_NAME];
    const char *candidates[FIELDS_MOST + 1] = {NULL};
    char list[PATH_TEXT] = "";
    size_t used = 0;
    for (unsigned i = 0; i < type->n_fields; i++) {
        wire_json_name(type->fields[i].name, names[i]);
        candidates[i] = names[i];
        int more = snprintf(list + used, sizeof list - used, "%s%s", i == 0 ? "" : ", ", names[i]);
        used = used + (size_t)more < sizeof list ? used + (size_t)more : sizeof list - 1;
    }
    const char *dot = strrchr(reading->path, '.');
    const char *meant = base_suggest(dot == NULL ? reading->path : dot + 1, candidates);
    if (meant != NULL) {
        return FAIL(reading, value, "unknown field %s: %s has none of that name; did you mean %s?",
                    reading->path, type->name, meant);
    }
    return FAIL(reading, value, "unknown field %s: %s has %s%s", reading->path, type->name,
                type->n_fields == 0 ? "no fields" : "", list);
}

static bool shares_oneof(const ProtobufCFieldDescriptor *a, const ProtobufCFieldDescriptor *b)
{
    return (a->flags & b->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
           a->quantifier_offset == b->quantifier_offset;
}

/* named and set hold a bit a field: null names a field and does not set it. */
static enum base_code read_member(struct reading *reading, const ProtobufCMessageDescriptor *type,
                                  struct base_slice key, struct json_value value, uint64_t *named,
                                  uint64_t *set)
{
    unsigned index = find_field(type, key);
    if (index == type->n_fields) {
        return fail_unknown(reading, type, value);
    }
    const ProtobufCFieldDescriptor *field = &type->fields[index];
    if ((*named >> index & 1) != 0) {
        return FAIL(reading, value, "field %s stands twice", reading->path);
    }
    *named |= UINT64_C(1) << index;
    if (json_type(value) == JSON_NULL) {
        return BASE_OK;
    }
    for (unsigned i = 0; i < type->n_fields; i++) {
        if ((*set >> i & 1) != 0 && shares_oneof(&type->fields[i], field)) {
            return FAIL(reading, value, "field %s stands beside %s: only one of them may be given",
                        reading->path, type->fields[i].name);
        }
    }
    *set |= UINT64_C(1) << index;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        return read_list(reading, field, value);
    }
    bool present = (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
    return read_value(reading, field, value, present ? PLACE_PRESENT : PLACE_OPTIONAL);
}

static enum base_code read_message(struct reading *reading, const ProtobufCMessageDescriptor *type,
                                   struct json_value value)
{
    BASE_ASSERT(type->n_fields <= FIELDS_MOST);
    size_t path_size = strlen(reading->path);
    uint64_t named = 0;
    uint64_t set = 0;
    enum base_code code = BASE_OK;
    struct json_iterator iterator = json_iterate(value);
    struct base_slice key;
    struct json_value member;
    if (++reading->depth > WIRE_DEPTH) {
        return FAIL(reading, value, "field %s: more than %d objects inside each other",
                    reading->path, WIRE_DEPTH);
    }
    while (code == BASE_OK && json_next_member(&iterator, &key, &member)) {
        snprintf(reading->path + path_size, PATH_TEXT - path_size, "%s%.*s",
                 path_size > 0 ? "." : "", (int)(key.size < 64 ? key.size : 64), key.data);
        code = read_member(reading, type, key, member, &named, &set);
    }
    if (code == BASE_OK) {
        reading->path[path_size] = '\0';
        reading->depth--;
    }
    return code;
}

enum base_code wire_json_read(struct json_reader *reader,
                              const struct ProtobufCMessageDescriptor *type, struct base_slice text,
                              struct base_buffer *bytes, struct base_error *error)
{
    struct json_value value;
    struct json_fault place;
    struct base_error why;
    struct reading reading = {.out = bytes, .error = &why};
    size_t start = bytes->size;
    enum base_code code = json_parse(reader, text, false, &value, NULL, error);
    if (code != BASE_OK) {
        return code;
    }
    if (json_type(value) != JSON_OBJECT) {
        code = FAIL(&reading, value, "%s takes an object, not %s", type->name,
                    json_type_name(json_type(value)));
    } else {
        code = read_message(&reading, type, value);
    }
    if (code == BASE_OK && bytes->failed) {
        code = base_fail(&why, BASE_RESOURCE_EXHAUSTED, "memory is out");
    } else if (code != BASE_OK) {
        json_locate(text, reading.wrong, &place);
        base_error_prefix(&why, "line %zu: column %zu", place.line, place.column);
    }
    if (code != BASE_OK) {
        bytes->size = start;
        if (error != NULL) {
            *error = why;
        }
    }
    return code;
}
