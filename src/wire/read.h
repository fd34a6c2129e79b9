/* Taking protobuf fields off raw bytes, one at a time, without copying and without a descriptor. */
#ifndef WIRE_READ_H
#define WIRE_READ_H

#include "base/bytes.h"

enum wire_type {
    WIRE_VARINT = 0,
    WIRE_FIXED64 = 1,
    WIRE_BYTES = 2,
    WIRE_FIXED32 = 5,
};

struct wire_field {
    uint32_t number;
    enum wire_type type;
    uint64_t value;          /* WIRE_VARINT, WIRE_FIXED64, WIRE_FIXED32 */
    struct base_slice bytes; /* WIRE_BYTES; borrowed from what is read */
};

/* For wire_take: a field of any shape. */
const char *wire_take_any(struct base_slice *rest, struct wire_field *field);

/* Takes the next field off the front of *rest, which must not be empty. NULL when all is well, else
 * what is wrong with it (static text), with *rest untouched. Tags and lengths may take at most 5
 * bytes, as in protobuf-c; groups are refused. */
static inline const char *wire_take(struct base_slice *rest, struct wire_field *field)
{
    /* Most are bytes whose tag and length take one byte each. */
    if (rest->size >= 2) {
        uint8_t tag = (uint8_t)rest->data[0];
        uint8_t size = (uint8_t)rest->data[1];
        if ((tag & 0x87) == WIRE_BYTES && tag != WIRE_BYTES && size < 0x80 &&
            size <= rest->size - 2) {
            *field = (struct wire_field){
                .number = tag >> 3, .type = WIRE_BYTES, .bytes = base_slice(rest->data + 2, size)};
            rest->data += 2 + size;
            rest->size -= 2 + (size_t)size;
            return NULL;
        }
    }
    return wire_take_any(rest, field);
}

/* The last string or bytes field of that number; size 0 when there is none or the bytes are
 * damaged. For bytes that we packed ourselves. */
struct base_slice wire_find_bytes(struct base_slice message, uint32_t number);

/* Is the message one string field of that number, as a check with its descriptor would let it pass,
 * and nothing else? */
bool wire_only_string(struct base_slice message, uint32_t number, struct base_slice *text);

#endif
