#include "base/buffer.h"

#include <stdio.h>
#include <stdlib.h>

enum { CAPACITY_MIN = 256 };

void base_buffer_init(struct base_buffer *buffer)
{
    *buffer = BASE_BUFFER_EMPTY;
}

void base_buffer_fini(struct base_buffer *buffer)
{
    free(buffer->data);
    *buffer = BASE_BUFFER_EMPTY;
}

void base_buffer_clear(struct base_buffer *buffer)
{
    buffer->size = 0;
    buffer->failed = false;
}

char *base_buffer_reserve(struct base_buffer *buffer, size_t more)
{
    if (buffer->failed) {
        return NULL;
    }
    if (more <= buffer->capacity - buffer->size && buffer->data != NULL) {
        return buffer->data + buffer->size;
    }
    size_t wanted;
    if (__builtin_add_overflow(buffer->size, more, &wanted)) {
        buffer->failed = true;
        return NULL;
    }
    size_t capacity = buffer->capacity < CAPACITY_MIN ? CAPACITY_MIN : buffer->capacity;
    while (capacity < wanted) {
        capacity = capacity > SIZE_MAX / 2 ? wanted : capacity * 2;
    }
    char *data = realloc(buffer->data, capacity);
    if (data == NULL) {
        buffer->failed = true;
        return NULL;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return data + buffer->size;
}

void base_buffer_append(struct base_buffer *buffer, const void *data, size_t size)
{
    char *to = base_buffer_reserve(buffer, size);
    if (to != NULL && size > 0) {
        memcpy(to, data, size);
        buffer->size += size;
    }
}

void base_buffer_append_slice(struct base_buffer *buffer, struct base_slice slice)
{
    base_buffer_append(buffer, slice.data, slice.size);
}

void base_buffer_append_text(struct base_buffer *buffer, const char *text)
{
    base_buffer_append(buffer, text, strlen(text));
}

void base_buffer_append_byte(struct base_buffer *buffer, uint8_t byte)
{
    base_buffer_append(buffer, &byte, 1);
}

void base_buffer_append_varint(struct base_buffer *buffer, uint64_t value)
{
    char *to = base_buffer_reserve(buffer, BASE_VARINT_MAX);
    if (to != NULL) {
        buffer->size += base_put_varint(to, value);
    }
}

void base_buffer_append_format(struct base_buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length > 0) {
        char *to = base_buffer_reserve(buffer, (size_t)length + 1);
        if (to != NULL) {
            vsnprintf(to, (size_t)length + 1, format, again);
            buffer->size += (size_t)length;
        }
    } else if (length < 0) {
        buffer->failed = true;
    }
    va_end(again);
}
