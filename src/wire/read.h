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

/* Takes the next field off the front of *rest, which must not be empty. NULL when all is well, else
 * what is wrong with it (static text), with *rest untouched. Tags and lengths may take at most 5
 * bytes, as in protobuf-c; groups are refused. */
const char *wire_take(struct base_slice *rest, struct wire_field *field);

/* The last string or bytes field of that number; size 0 when there is none or the bytes are
 * damaged. For bytes that we packed ourselves. */
struct base_slice wire_find_bytes(struct base_slice message, uint32_t number);

/* Is the message one string field of that number, as a check with its descriptor would let it pass,
 * and nothing else? */
bool wire_only_string(struct base_slice message, uint32_t number, struct base_slice *text);

#endif
