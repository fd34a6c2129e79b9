/* Writing protobuf fields straight into a buffer, for the answers that are made a million times a
 * second. */
#ifndef WIRE_WRITE_H
#define WIRE_WRITE_H

#include "base/buffer.h"

/* base_buffer_reserve without the call when there is room: most fields are a few bytes. */
static inline char *wire_reserve(struct base_buffer *buffer, size_t more)
{
    if (!buffer->failed && more <= buffer->capacity - buffer->size && buffer->data != NULL) {
        return buffer->data + buffer->size;
    }
    return base_buffer_reserve(buffer, more);
}

/* Numbers below are field numbers (wire/fields.h), at most 2,047. put functions leave out zeros and
 * empty strings, as proto3 does; put_..._present write them too, for members of a oneof. Check
 * buffer->failed at the end. */
void wire_put_uint(struct base_buffer *buffer, uint32_t number, uint64_t value);
void wire_put_uint_present(struct base_buffer *buffer, uint32_t number, uint64_t value);
void wire_put_double_present(struct base_buffer *buffer, uint32_t number, double value);
void wire_put_bytes(struct base_buffer *buffer, uint32_t number, struct base_slice bytes);
/* Repeated strings and sub-messages that are packed already. */
void wire_put_bytes_present(struct base_buffer *buffer, uint32_t number, struct base_slice bytes);
/* Text that may have been cut inside a character: written up to its last whole one. */
void wire_put_text(struct base_buffer *buffer, uint32_t number, const char *text);

/* A length-delimited field whose contents follow. */
struct wire_mark {
    size_t start; /* of the contents in the buffer */
    size_t gap;   /* bytes kept for the length */
};

/* Opens field number; what is appended until wire_end are its contents. expected is a guess of
 * their size: when it is right to the number of bytes of the length, closing costs nothing, else
 * the contents move once. */
struct wire_mark wire_begin(struct base_buffer *buffer, uint32_t number, size_t expected);
void wire_end(struct base_buffer *buffer, struct wire_mark mark);

#endif
