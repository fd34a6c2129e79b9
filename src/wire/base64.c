#include "wire/base64.h"

static const char standard_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void encode(struct base_buffer *buffer, struct base_slice bytes, const char *digits,
                   bool padded)
{
    char *to = base_buffer_reserve(buffer, bytes.size / 3 * 4 + 4);
    if (to == NULL) {
        return;
    }
    const char *start = to;
    for (size_t i = 0; i < bytes.size; i += 3) {
        size_t left = bytes.size - i;
        uint32_t group = (uint32_t)(uint8_t)bytes.data[i] << 16;
        group |= left > 1 ? (uint32_t)(uint8_t)bytes.data[i + 1] << 8 : 0;
        group |= left > 2 ? (uint32_t)(uint8_t)bytes.data[i + 2] : 0;
        *to++ = digits[group >> 18];
        *to++ = digits[group >> 12 & 63];
        if (left > 1) {
            *to++ = digits[group >> 6 & 63];
        } else if (padded) {
            *to++ = '=';
        }
        if (left > 2) {
            *to++ = digits[group & 63];
        } else if (padded) {
            *to++ = '=';
        }
    }
    buffer->size += (size_t)(to - start);
}

void wire_base64_append(struct base_buffer *buffer, struct base_slice bytes)
{
    encode(buffer, bytes, standard_digits, true);
}

void wire_base64url_append(struct base_buffer *buffer, struct base_slice bytes)
{
    encode(buffer, bytes, url_digits, false);
}

/* 64 for what is no digit. */
static uint32_t url_value(char digit)
{
    if (digit >= 'A' && digit <= 'Z') {
        return (uint32_t)(digit - 'A');
    }
    if (digit >= 'a' && digit <= 'z') {
        return (uint32_t)(digit - 'a') + 26;
    }
    if (digit >= '0' && digit <= '9') {
        return (uint32_t)(digit - '0') + 52;
    }
    return digit == '-' ? 62 : digit == '_' ? 63 : 64;
}

bool wire_base64url_decode(struct base_slice text, char *to, size_t room, size_t *size)
{
    uint32_t group = 0;
    unsigned bits = 0;
    size_t written = 0;
    for (size_t i = 0; i < text.size; i++) {
        uint32_t value = url_value(text.data[i]);
        if (value == 64) {
            return false;
        }
        group = (group << 6 | value) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            if (written == room) {
                return false;
            }
            bits -= 8;
            to[written++] = (char)(group >> bits);
        }
    }
    if (bits >= 6 || (group & ((1U << bits) - 1)) != 0) {
        return false;
    }
    *size = written;
    return true;
}
