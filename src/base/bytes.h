/* Slices of bytes, and fixed-width and variable-width numbers in them. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed bytes, not NUL-terminated; valid as long as whoever lent them says. data may be NULL
 * when size is 0. */
struct base_slice {
    const char *data;
    size_t size;
};

#define BASE_SLICE(literal) ((struct base_slice){(literal), sizeof(literal) - 1})
/* For printf's "%.*s". */
#define BASE_PRINT(slice) (int)(slice).size, (slice).data

static inline struct base_slice base_slice(const void *data, size_t size)
{
    return (struct base_slice){(const char *)data, size};
}

static inline struct base_slice base_slice_text(const char *text)
{
    return (struct base_slice){text, strlen(text)};
}

static inline bool base_slice_equal(struct base_slice a, struct base_slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* Order of bytes, a prefix first: negative, zero or positive. */
static inline int base_slice_compare(struct base_slice a, struct base_slice b)
{
    size_t shared = a.size < b.size ? a.size : b.size;
    int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);
    if (order != 0) {
        return order;
    }
    return a.size < b.size ? -1 : a.size > b.size;
}

static inline bool base_slice_starts(struct base_slice slice, struct base_slice prefix)
{
    return slice.size >= prefix.size && memcmp(slice.data, prefix.data, prefix.size) == 0;
}

/* Big-endian, so that the order of bytes is the order of numbers: keys and the wire. */
static inline void base_put_be16(void *to, uint16_t value)
{
    value = __builtin_bswap16(value);
    memcpy(to, &value, sizeof value);
}

static inline void base_put_be32(void *to, uint32_t value)
{
    value = __builtin_bswap32(value);
    memcpy(to, &value, sizeof value);
}

static inline void base_put_be64(void *to, uint64_t value)
{
    value = __builtin_bswap64(value);
    memcpy(to, &value, sizeof value);
}

static inline uint16_t base_get_be16(const void *from)
{
    uint16_t value;
    memcpy(&value, from, sizeof value);
    return __builtin_bswap16(value);
}

static inline uint32_t base_get_be32(const void *from)
{
    uint32_t value;
    memcpy(&value, from, sizeof value);
    return __builtin_bswap32(value);
}

static inline uint64_t base_get_be64(const void *from)
{
    uint64_t value;
    memcpy(&value, from, sizeof value);
    return __builtin_bswap64(value);
}

/* Little-endian: packed values in the store, read in place. */
static inline void base_put_le16(void *to, uint16_t value)
{
    memcpy(to, &value, sizeof value);
}

static inline void base_put_le32(void *to, uint32_t value)
{
    memcpy(to, &value, sizeof value);
}

static inline void base_put_le64(void *to, uint64_t value)
{
    memcpy(to, &value, sizeof value);
}

static inline uint16_t base_get_le16(const void *from)
{
    uint16_t value;
    memcpy(&value, from, sizeof value);
    return value;
}

static inline uint32_t base_get_le32(const void *from)
{
    uint32_t value;
    memcpy(&value, from, sizeof value);
    return value;
}

static inline uint64_t base_get_le64(const void *from)
{
    uint64_t value;
    memcpy(&value, from, sizeof value);
    return value;
}

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the byte order helpers are written for little-endian machines"
#endif

enum { BASE_VARINT_MAX = 10 };

/* LEB128. Writes at most BASE_VARINT_MAX bytes, returns how many. */
static inline size_t base_put_varint(void *to, uint64_t value)
{
    uint8_t *out = to;
    size_t size = 0;
    while (value >= 0x80) {
        out[size++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    out[size++] = (uint8_t)value;
    return size;
}

/* Takes a varint off the front of *from; false, with *from untouched, when it is cut, too long or
 * over 64 bits. */
static inline bool base_take_varint(struct base_slice *from, uint64_t *value)
{
    uint64_t result = 0;
    for (size_t i = 0; i < from->size && i < BASE_VARINT_MAX; i++) {
        uint8_t byte = (uint8_t)from->data[i];
        if (i == 9 && byte > 1) {
            return false;
        }
        result |= (uint64_t)(byte & 0x7f) << (7 * i);
        if ((byte & 0x80) == 0) {
            *value = result;
            from->data += i + 1;
            from->size -= i + 1;
            return true;
        }
    }
    return false;
}

/* Takes size bytes off the front of *from; false, with *from untouched, when fewer remain. */
static inline bool base_take_bytes(struct base_slice *from, size_t size, struct base_slice *taken)
{
    if (size > from->size) {
        return false;
    }
    *taken = base_slice(from->data, size);
    from->data += size;
    from->size -= size;
    return true;
}

#endif
