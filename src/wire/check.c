#include "wire/check.h"

#include <protobuf-c/protobuf-c.h>
#include <stdio.h>

#include "base/utf8.h"
#include "wire/read.h"

enum { PATH_TEXT = 256 };

/* One message on the way from the outermost one to the field that is looked at. */
struct level {
    const ProtobufCMessageDescriptor *type;
    struct base_slice bytes;
    size_t offset;                         /* of the field that is looked at */
    const ProtobufCFieldDescriptor *field; /* NULL: unknown to the schema */
    uint32_t number;
};

struct walk {
    struct level levels[WIRE_DEPTH];
    size_t depth;
    size_t fields;
    size_t field_limit;
    struct base_error *error;
};

/* How many fields of that number stand before offset: the index in a repeated field. */
static size_t index_before(const struct level *level)
{
    struct base_slice rest = base_slice(level->bytes.data, level->offset);
    struct wire_field field;
    size_t index = 0;
    while (rest.size > 0 && wire_take(&rest, &field) == NULL) {
        index += field.number == level->number;
    }
    return index;
}

/* "results[3].author.ids[0]"; for a field that the schema does not know its number. */
static void write_path(const struct walk *walk, char text[PATH_TEXT])
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < walk->depth && used < PATH_TEXT - 1; i++) {
        const struct level *level = &walk->levels[i];
        const char *dot = i == 0 ? "" : ".";
        int length;
        if (level->field == NULL) {
            length = snprintf(text + used, PATH_TEXT - used, "%s%u", dot, level->number);
        } else if (level->field->label == PROTOBUF_C_LABEL_REPEATED) {
            length = snprintf(text + used, PATH_TEXT - used, "%s%s[%zu]", dot, level->field->name,
                              index_before(level));
        } else {
            length = snprintf(text + used, PATH_TEXT - used, "%s%s", dot, level->field->name);
        }
        used += length > 0 ? (size_t)length : 0;
    }
}

static enum base_code fail_field(const struct walk *walk, const char *what)
{
    char path[PATH_TEXT];
    write_path(walk, path);
    return base_fail(walk->error, BASE_INVALID_ARGUMENT, "field %s %s", path, what);
}

static const ProtobufCFieldDescriptor *find_field(const ProtobufCMessageDescriptor *type,
                                                  uint32_t number)
{
    /* Our messages number their fields from 1 without gaps, mostly. */
    if (number <= type->n_fields && type->fields[number - 1].id == number) {
        return &type->fields[number - 1];
    }
    return number > INT32_MAX ? NULL : protobuf_c_message_descriptor_get_field(type, number);
}

static enum wire_type wire_type_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return WIRE_FIXED32;
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return WIRE_FIXED64;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return WIRE_BYTES;
    default:
        return WIRE_VARINT;
    }
}

static enum base_code add_fields(struct walk *walk, size_t more)
{
    if (more > walk->field_limit - walk->fields) {
        return base_fail(walk->error, BASE_INVALID_ARGUMENT,
                         "message %s holds more than %zu fields; send fewer at once",
                         walk->levels[0].type->name, walk->field_limit);
    }
    walk->fields += more;
    return BASE_OK;
}

/* Numbers of a repeated field packed into one run of bytes. Each counts as a field. */
static enum base_code check_packed(struct walk *walk, enum wire_type type, struct base_slice bytes)
{
    if (type != WIRE_VARINT) {
        size_t width = type == WIRE_FIXED64 ? 8 : 4;
        return bytes.size % width != 0 ? fail_field(walk, "is damaged: its packed numbers are cut")
                                       : add_fields(walk, bytes.size / width);
    }
    enum base_code code = BASE_OK;
    uint64_t value;
    while (code == BASE_OK && bytes.size > 0) {
        code = base_take_varint(&bytes, &value)
                   ? add_fields(walk, 1)
                   : fail_field(walk, "is damaged: a packed varint is cut or too long");
    }
    return code;
}

static enum base_code check_string(const struct walk *walk, struct base_slice text)
{
    if (base_utf8_is_text(text)) {
        return BASE_OK;
    }
    return fail_field(walk, base_utf8_valid(text) ? "holds a NUL" : "is not UTF-8");
}

static enum base_code check_message(struct walk *walk, const ProtobufCMessageDescriptor *type,
                                    struct base_slice bytes);

static enum base_code check_known(struct walk *walk, const ProtobufCFieldDescriptor *known,
                                  const struct wire_field *field)
{
    enum wire_type expected = wire_type_of(known->type);
    if (field->type != expected) {
        if (known->label == PROTOBUF_C_LABEL_REPEATED && expected != WIRE_BYTES &&
            field->type == WIRE_BYTES) {
            return check_packed(walk, expected, field->bytes);
        }
        return fail_field(walk, "has another wire type than the schema's");
    }
    if (known->type == PROTOBUF_C_TYPE_STRING) {
        return check_string(walk, field->bytes);
    }
    if (known->type == PROTOBUF_C_TYPE_MESSAGE) {
        return check_message(walk, known->descriptor, field->bytes);
    }
    return BASE_OK;
}

/* Singular sub-messages that were seen at this level, one bit each. */
static bool seen_before(const ProtobufCMessageDescriptor *type,
                        const ProtobufCFieldDescriptor *known, uint64_t *seen)
{
    if (known->type != PROTOBUF_C_TYPE_MESSAGE || known->label == PROTOBUF_C_LABEL_REPEATED) {
        return false;
    }
    size_t index = (size_t)(known - type->fields);
    BASE_ASSERT(index < 64);
    bool before = (*seen >> index & 1) != 0;
    *seen |= UINT64_C(1) << index;
    return before;
}

static enum base_code check_message(struct walk *walk, const ProtobufCMessageDescriptor *type,
                                    struct base_slice bytes)
{
    if (walk->depth == WIRE_DEPTH) {
        return fail_field(walk, "lies too deep: messages inside each other are limited");
    }
    struct level *level = &walk->levels[walk->depth];
    *level = (struct level){.type = type, .bytes = bytes};
    walk->depth++;
    uint64_t seen = 0;
    struct base_slice rest = bytes;
    while (rest.size > 0) {
        struct wire_field field = {0};
        level->offset = bytes.size - rest.size;
        const char *damage = wire_take(&rest, &field);
        if (damage != NULL) {
            walk->depth--;
            char path[PATH_TEXT];
            write_path(walk, path);
            return base_fail(walk->error, BASE_INVALID_ARGUMENT,
                             "message %s%s%s is damaged at byte %zu: %s", type->name,
                             path[0] == '\0' ? "" : " in field ", path, level->offset, damage);
        }
        enum base_code code = add_fields(walk, 1);
        if (code != BASE_OK) {
            return code;
        }
        level->number = field.number;
        level->field = find_field(type, field.number);
        if (level->field == NULL) {
            continue;
        }
        if (seen_before(type, level->field, &seen)) {
            return fail_field(walk, "stands twice");
        }
        code = check_known(walk, level->field, &field);
        if (code != BASE_OK) {
            return code;
        }
    }
    walk->depth--;
    return BASE_OK;
}

enum base_code wire_check(const struct ProtobufCMessageDescriptor *type, struct base_slice bytes,
                          size_t field_limit, struct base_error *error)
{
    struct walk walk;
    walk.depth = 0;
    walk.fields = 0;
    walk.field_limit = field_limit;
    walk.error = error;
    return check_message(&walk, type, bytes);
}

static size_t count_fields(const ProtobufCMessageDescriptor *type, struct base_slice rest,
                           size_t depth)
{
    size_t count = 0;
    struct wire_field field;
    while (rest.size > 0 && wire_take(&rest, &field) == NULL) {
        const ProtobufCFieldDescriptor *known = find_field(type, field.number);
        count++;
        if (known != NULL && known->type == PROTOBUF_C_TYPE_MESSAGE && field.type == WIRE_BYTES &&
            depth < WIRE_DEPTH) {
            count += count_fields(known->descriptor, field.bytes, depth + 1);
        }
    }
    return count;
}

size_t wire_count_fields(const struct ProtobufCMessageDescriptor *type, struct base_slice bytes)
{
    return count_fields(type, bytes, 1);
}
