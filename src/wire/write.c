#include "wire/write.h"

#include "base/status.h"
#include "base/utf8.h"
#include "wire/read.h"

enum { NUMBER_MAX = 2047 };

static size_t put_tag(char *to, uint32_t number, enum wire_type type)
{
    BASE_ASSERT(number >= 1 && number <= NUMBER_MAX);
    return base_put_varint(to, number << 3 | (uint32_t)type);
}

static size_t varint_size(uint64_t value)
{
    unsigned bits = 64 - (unsigned)__builtin_clzll(value | 1);
    return (bits + 6) / 7;
}

void wire_put_uint_present(struct base_buffer *buffer, uint32_t number, uint64_t value)
{
    char *to = wire_reserve(buffer, 2 + BASE_VARINT_MAX);
    if (to != NULL) {
        size_t tag = put_tag(to, number, WIRE_VARINT);
        buffer->size += tag + base_put_varint(to + tag, value);
    }
}

void wire_put_uint(struct base_buffer *buffer, uint32_t number, uint64_t value)
{
    if (value != 0) {
        wire_put_uint_present(buffer, number, value);
    }
}

void wire_put_double_present(struct base_buffer *buffer, uint32_t number, double value)
{
    char *to = wire_reserve(buffer, 2 + sizeof value);
    if (to != NULL) {
        size_t tag = put_tag(to, number, WIRE_FIXED64);
        uint64_t bits;
        memcpy(&bits, &value, sizeof bits);
        base_put_le64(to + tag, bits);
        buffer->size += tag + sizeof bits;
    }
}

void wire_put_bytes_present(struct base_buffer *buffer, uint32_t number, struct base_slice bytes)
{
    if (bytes.size > INT32_MAX) {
        buffer->failed = true; /* no protobuf message may be that long */
        return;
    }
    char *to = wire_reserve(buffer, 2 + BASE_VARINT_MAX + bytes.size);
    if (to != NULL) {
        size_t head = put_tag(to, number, WIRE_BYTES);
        head += base_put_varint(to + head, bytes.size);
        if (bytes.size > 0) {
            memcpy(to + head, bytes.data, bytes.size);
        }
        buffer->size += head + bytes.size;
    }
}

void wire_put_bytes(struct base_buffer *buffer, uint32_t number, struct base_slice bytes)
{
    if (bytes.size > 0) {
        wire_put_bytes_present(buffer, number, bytes);
    }
}

void wire_put_text(struct base_buffer *buffer, uint32_t number, const char *text)
{
    struct base_slice slice = base_slice_text(text);
    slice.size = base_utf8_prefix(slice);
    wire_put_bytes(buffer, number, slice);
}

struct wire_mark wire_begin(struct base_buffer *buffer, uint32_t number, size_t expected)
{
    char *to = wire_reserve(buffer, 2 + BASE_VARINT_MAX);
    if (to == NULL) {
        return (struct wire_mark){0, 0};
    }
    size_t gap = varint_size(expected);
    buffer->size += put_tag(to, number, WIRE_BYTES) + gap;
    return (struct wire_mark){buffer->size, gap};
}

void wire_end(struct base_buffer *buffer, struct wire_mark mark)
{
    if (buffer->failed) {
        return;
    }
    BASE_ASSERT(mark.gap > 0 && mark.start <= buffer->size);
    size_t size = buffer->size - mark.start;
    if (size > INT32_MAX) {
        buffer->failed = true;
        return;
    }
    size_t needed = varint_size(size);
    if (needed != mark.gap) {
        if (wire_reserve(buffer, needed) == NULL) {
            return;
        }
        char *contents = buffer->data + mark.start;
        memmove(contents - mark.gap + needed, contents, size);
        buffer->size = mark.start - mark.gap + needed + size;
    }
    base_put_varint(buffer->data + mark.start - mark.gap, size);
}
