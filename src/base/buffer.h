/* A growing run of bytes that remembers a failed allocation, so that a writer checks once at its
 * end. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include "base/bytes.h"

struct base_buffer {
    char *data; /* owned */
    size_t size;
    size_t capacity;
    bool failed; /* an append did not fit into memory; what stands here is not whole */
};

#define BASE_BUFFER_EMPTY ((struct base_buffer){NULL, 0, 0, false})

void base_buffer_init(struct base_buffer *buffer);
void base_buffer_fini(struct base_buffer *buffer);

/* Empties it and forgets a failure; memory is kept. */
void base_buffer_clear(struct base_buffer *buffer);

/* Room for more bytes behind the last one, not yet counted in size; NULL when memory is out. */
char *base_buffer_reserve(struct base_buffer *buffer, size_t more);

void base_buffer_append(struct base_buffer *buffer, const void *data, size_t size);
void base_buffer_append_slice(struct base_buffer *buffer, struct base_slice slice);
void base_buffer_append_text(struct base_buffer *buffer, const char *text);
void base_buffer_append_byte(struct base_buffer *buffer, uint8_t byte);
void base_buffer_append_varint(struct base_buffer *buffer, uint64_t value);
void base_buffer_append_format(struct base_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline struct base_slice base_buffer_slice(const struct base_buffer *buffer)
{
    return base_slice(buffer->data, buffer->size);
}

#endif
