#include "wire/json.h"

#include <math.h>
#include <protobuf-c/protobuf-c.h>
#include <stdio.h>
#include <stdlib.h>

#include "wire/base64.h"

enum { FLOAT_TEXT = 32 };

void wire_json_name(const char *name, char text[WIRE_JSON_NAME])
{
    size_t size = 0;
    bool grow = false;
    for (; *name != '\0'; name++) {
        if (*name == '_') {
            grow = true;
            continue;
        }
        BASE_ASSERT(size + 1 < WIRE_JSON_NAME);
        text[size++] = (char)(grow && *name >= 'a' && *name <= 'z' ? *name - 'a' + 'A' : *name);
        grow = false;
    }
    text[size] = '\0';
}

static void write_name(const char *name, struct json_writer *writer)
{
    char text[WIRE_JSON_NAME];
    wire_json_name(name, text);
    json_write_key(writer, text);
}

static void write_double(double value, struct json_writer *writer)
{
    if (isnan(value)) {
        json_write_text(writer, "NaN");
    } else if (isinf(value)) {
        json_write_text(writer, value > 0 ? "Infinity" : "-Infinity");
    } else {
        json_write_double(writer, value);
    }
}

/* The shortest digits that give the same float are fewer than those of the double it widens to. */
static void write_float(float value, struct json_writer *writer)
{
    char text[FLOAT_TEXT];
    double shown = (double)value;
    for (int precision = 6; isfinite(value) && precision <= 9; precision++) {
        snprintf(text, sizeof text, "%.*g", precision, (double)value);
        shown = strtod(text, NULL);
        if ((float)shown == value) {
            break;
        }
    }
    write_double(shown, writer);
}

static void write_enum(const ProtobufCEnumDescriptor *type, int value, struct json_writer *writer)
{
    const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(type, value);
    if (known != NULL) {
        json_write_text(writer, known->name);
    } else {
        json_write_i64(writer, value);
    }
}

static void write_quoted_u64(uint64_t value, struct json_writer *writer)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    json_write_text(writer, text);
}

static void write_quoted_i64(int64_t value, struct json_writer *writer)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)value);
    json_write_text(writer, text);
}

static void write_bytes(const ProtobufCBinaryData *bytes, struct json_writer *writer)
{
    struct base_buffer text = BASE_BUFFER_EMPTY;
    wire_base64_append(&text, base_slice(bytes->data, bytes->len));
    if (text.failed) {
        writer->buffer->failed = true;
    }
    json_write_string(writer, base_buffer_slice(&text));
    base_buffer_fini(&text);
}

static void write_string(const char *text, struct json_writer *writer)
{
    json_write_text(writer, text == NULL ? "" : text);
}

static void write_value(const ProtobufCFieldDescriptor *field, const void *member,
                        struct json_writer *writer)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        json_write_i64(writer, *(const int32_t *)member);
        break;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        write_quoted_i64(*(const int64_t *)member, writer);
        break;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        json_write_u64(writer, *(const uint32_t *)member);
        break;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        write_quoted_u64(*(const uint64_t *)member, writer);
        break;
    case PROTOBUF_C_TYPE_FLOAT:
        write_float(*(const float *)member, writer);
        break;
    case PROTOBUF_C_TYPE_DOUBLE:
        write_double(*(const double *)member, writer);
        break;
    case PROTOBUF_C_TYPE_BOOL:
        json_write_bool(writer, *(const protobuf_c_boolean *)member != 0);
        break;
    case PROTOBUF_C_TYPE_ENUM:
        write_enum(field->descriptor, *(const int *)member, writer);
        break;
    case PROTOBUF_C_TYPE_STRING:
        write_string(*(const char *const *)member, writer);
        break;
    case PROTOBUF_C_TYPE_BYTES:
        write_bytes(member, writer);
        break;
    case PROTOBUF_C_TYPE_MESSAGE:
        wire_json_write(*(const ProtobufCMessage *const *)member, writer);
        break;
    }
}

static size_t value_size(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return sizeof(uint64_t);
    case PROTOBUF_C_TYPE_DOUBLE:
        return sizeof(double);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    default:
        return sizeof(uint32_t);
    }
}

static void write_list(const ProtobufCFieldDescriptor *field, const char *message,
                       struct json_writer *writer)
{
    size_t count = *(const size_t *)(const void *)(message + field->quantifier_offset);
    const char *items = *(const char *const *)(const void *)(message + field->offset);
    json_begin_array(writer);
    for (size_t i = 0; i < count; i++) {
        write_value(field, items + i * value_size(field->type), writer);
    }
    json_end_array(writer);
}

/* Absent are members of a oneof that another member or none is set of, and sub-messages that do not
 * stand there. */
static bool is_absent(const ProtobufCFieldDescriptor *field, const char *message)
{
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
        *(const uint32_t *)(const void *)(message + field->quantifier_offset) != field->id) {
        return true;
    }
    return field->type == PROTOBUF_C_TYPE_MESSAGE &&
           *(const void *const *)(const void *)(message + field->offset) == NULL;
}

void wire_json_write(const struct ProtobufCMessage *message, struct json_writer *writer)
{
    const char *bytes = (const char *)message;
    json_begin_object(writer);
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            write_name(field->name, writer);
            write_list(field, bytes, writer);
        } else if (!is_absent(field, bytes)) {
            write_name(field->name, writer);
            write_value(field, bytes + field->offset, writer);
        }
    }
    json_end_object(writer);
}
