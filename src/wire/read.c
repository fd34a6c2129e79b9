#include "wire/read.h"

#include "base/utf8.h"

enum { TAG_MAX = 5, GROUP_START = 3, GROUP_END = 4 };

static inline bool take_short_varint(struct base_slice *rest, uint64_t *value)
{
    if (rest->size > 0 && (uint8_t)rest->data[0] < 0x80) {
        *value = (uint8_t)rest->data[0];
        rest->data++;
        rest->size--;
        return true;
    }
    struct base_slice after = *rest;
    if (!base_take_varint(&after, value) || rest->size - after.size > TAG_MAX) {
        return false;
    }
    *rest = after;
    return *value <= UINT32_MAX;
}

static bool take_fixed(struct base_slice *rest, size_t size, uint64_t *value)
{
    struct base_slice taken;
    if (!base_take_bytes(rest, size, &taken)) {
        return false;
    }
    *value = size == 8 ? base_get_le64(taken.data) : base_get_le32(taken.data);
    return true;
}

const char *wire_take_any(struct base_slice *rest, struct wire_field *field)
{
    struct base_slice after = *rest;
    uint64_t number;
    if (!take_short_varint(&after, &number)) {
        return "a tag is cut or too long";
    }
    unsigned type = (unsigned)(number & 7);
    field->number = (uint32_t)(number >> 3);
    field->type = (enum wire_type)type;
    field->value = 0;
    field->bytes = (struct base_slice){NULL, 0};
    if (field->number == 0) {
        return "a field has the number 0";
    }
    switch (type) {
    case WIRE_VARINT:
        if (!base_take_varint(&after, &field->value)) {
            return "a varint is cut or too long";
        }
        break;
    case WIRE_FIXED64:
        if (!take_fixed(&after, 8, &field->value)) {
            return "a fixed-width number is cut";
        }
        break;
    case WIRE_FIXED32:
        if (!take_fixed(&after, 4, &field->value)) {
            return "a fixed-width number is cut";
        }
        break;
    case WIRE_BYTES: {
        uint64_t size;
        if (!take_short_varint(&after, &size)) {
            return "a length is cut or too long";
        }
        if (size > after.size || !base_take_bytes(&after, (size_t)size, &field->bytes)) {
            return "a length is more than what remains";
        }
        break;
    }
    case GROUP_START:
    case GROUP_END:
        return "a group, which proto3 does not have";
    default:
        return "a wire type that does not exist";
    }
    *rest = after;
    return NULL;
}

struct base_slice wire_find_bytes(struct base_slice message, uint32_t number)
{
    struct base_slice found = {NULL, 0};
    struct wire_field field;
    while (message.size > 0 && wire_take(&message, &field) == NULL) {
        if (field.number == number && field.type == WIRE_BYTES) {
            found = field.bytes;
        }
    }
    return found;
}

bool wire_only_string(struct base_slice message, uint32_t number, struct base_slice *text)
{
    struct wire_field field;
    if (message.size == 0 || wire_take(&message, &field) != NULL || message.size > 0 ||
        field.number != number || field.type != WIRE_BYTES || !base_utf8_is_text(field.bytes)) {
        return false;
    }
    *text = field.bytes;
    return true;
}
