#include "base/utf8.h"

/* Bytes of the well-formed sequence at the front of text (RFC 3629, table of section 4), 0 when
 * there is none. */
static size_t sequence(const uint8_t *text, size_t size)
{
    uint8_t lead = text[0];
    if (lead < 0x80) {
        return 1;
    }
    if (lead < 0xc2 || lead > 0xf4) {
        return 0;
    }
    size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (size < length) {
        return 0;
    }
    uint8_t low = 0x80;
    uint8_t high = 0xbf;
    if (lead == 0xe0) {
        low = 0xa0;
    } else if (lead == 0xed) {
        high = 0x9f;
    } else if (lead == 0xf0) {
        low = 0x90;
    } else if (lead == 0xf4) {
        high = 0x8f;
    }
    if (text[1] < low || text[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return length;
}

size_t base_utf8_prefix(struct base_slice text)
{
    const uint8_t *data = (const uint8_t *)text.data;
    size_t at = 0;
    while (at < text.size) {
        while (text.size - at >= 8 && (base_get_le64(data + at) & 0x8080808080808080U) == 0) {
            at += 8;
        }
        if (at == text.size) {
            break;
        }
        size_t length = sequence(data + at, text.size - at);
        if (length == 0) {
            break;
        }
        at += length;
    }
    return at;
}

/* Eight bytes of ASCII, none of them NUL? */
static bool is_plain(const char *from)
{
    uint64_t word = base_get_le64(from);
    /* Without a NUL nothing is borrowed from one byte to the next. */
    return (((word - UINT64_C(0x0101010101010101)) | word) & UINT64_C(0x8080808080808080)) == 0;
}

bool base_utf8_is_text(struct base_slice text)
{
    enum { WORD = sizeof(uint64_t) };
    size_t at = 0;
    if (text.size >= WORD) {
        while (text.size - at > WORD && is_plain(text.data + at)) {
            at += WORD;
        }
        /* The last word may hold bytes of the one before. */
        if (text.size - at <= WORD && is_plain(text.data + text.size - WORD)) {
            return true;
        }
    }
    return base_utf8_valid(text) && (text.size == 0 || memchr(text.data, '\0', text.size) == NULL);
}

bool base_utf8_has_control(struct base_slice text)
{
    /* Eight bytes at a time: a byte's top bit is set where it may be below 0x20 or be 0x7f; what is
     * carried from one byte to the next makes false alarms only. */
    static const uint64_t ones = UINT64_C(0x0101010101010101);
    size_t i = 0;
    while (i < text.size) {
        size_t end = text.size;
        if (text.size - i >= sizeof(uint64_t)) {
            uint64_t word = base_get_le64(text.data + i);
            uint64_t del = word ^ (ones * 0x7f);
            uint64_t low = ((word - ones * 0x20) & ~word) | ((del - ones) & ~del);
            end = i + sizeof(uint64_t);
            if ((low & (ones * 0x80)) == 0) {
                i = end;
                continue;
            }
        }
        for (; i < end; i++) {
            if ((uint8_t)text.data[i] < 0x20 || text.data[i] == 0x7f) {
                return true;
            }
        }
    }
    return false;
}

struct base_slice base_utf8_cut(struct base_slice text, size_t limit)
{
    if (text.size <= limit) {
        return text;
    }
    size_t at = limit;
    while (at > 0 && ((uint8_t)text.data[at] & 0xc0) == 0x80) {
        at--;
    }
    return base_slice(text.data, at);
}
