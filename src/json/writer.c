#include "json/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"

void json_writer_init(struct json_writer *writer, struct base_buffer *buffer, unsigned indent)
{
    *writer = (struct json_writer){.buffer = buffer, .indent = indent};
}

static void break_line(struct json_writer *writer)
{
    if (writer->indent == 0) {
        return;
    }
    base_buffer_append_byte(writer->buffer, '\n');
    for (unsigned i = 0; i < writer->depth * writer->indent; i++) {
        base_buffer_append_byte(writer->buffer, ' ');
    }
}

/* What stands between the value before and the next key or value. */
static void separate(struct json_writer *writer)
{
    if (writer->keyed) {
        writer->keyed = false;
        return;
    }
    if (writer->filled) {
        base_buffer_append_byte(writer->buffer, ',');
    }
    if (writer->depth > 0) {
        break_line(writer);
    }
    writer->filled = true;
}

static void begin(struct json_writer *writer, char bracket)
{
    separate(writer);
    base_buffer_append_byte(writer->buffer, (uint8_t)bracket);
    writer->depth++;
    writer->filled = false;
}

static void end(struct json_writer *writer, char bracket)
{
    BASE_ASSERT(writer->depth > 0 && !writer->keyed);
    writer->depth--;
    if (writer->filled) {
        break_line(writer);
    }
    base_buffer_append_byte(writer->buffer, (uint8_t)bracket);
    writer->filled = true;
}

void json_begin_object(struct json_writer *writer)
{
    begin(writer, '{');
}

void json_end_object(struct json_writer *writer)
{
    end(writer, '}');
}

void json_begin_array(struct json_writer *writer)
{
    begin(writer, '[');
}

void json_end_array(struct json_writer *writer)
{
    end(writer, ']');
}

/* What must be escaped: 0 nothing, 'u' as \u00xx, else the letter behind the backslash. */
static char escape_of(uint8_t byte)
{
    switch (byte) {
    case '"':
    case '\\':
        return (char)byte;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return byte < 0x20 || byte == 0x7f ? 'u' : 0;
    }
}

static void append_escaped(struct base_buffer *buffer, struct base_slice text)
{
    size_t start = 0;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = (uint8_t)text.data[i];
        if (byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7f) {
            continue;
        }
        base_buffer_append(buffer, text.data + start, i - start);
        start = i + 1;
        char letter = escape_of(byte);
        if (letter == 'u') {
            base_buffer_append_format(buffer, "\\u%04x", byte);
        } else {
            char pair[2] = {'\\', letter};
            base_buffer_append(buffer, pair, sizeof pair);
        }
    }
    base_buffer_append(buffer, text.data + start, text.size - start);
}

static void append_quoted(struct base_buffer *buffer, struct base_slice text)
{
    base_buffer_append_byte(buffer, '"');
    while (text.size > 0) {
        size_t good = base_utf8_prefix(text);
        append_escaped(buffer, base_slice(text.data, good));
        if (good == text.size) {
            break;
        }
        base_buffer_append(buffer, "\xef\xbf\xbd", 3);
        text = base_slice(text.data + good + 1, text.size - good - 1);
    }
    base_buffer_append_byte(buffer, '"');
}

void json_write_key_slice(struct json_writer *writer, struct base_slice key)
{
    BASE_ASSERT(!writer->keyed);
    separate(writer);
    append_quoted(writer->buffer, key);
    base_buffer_append_byte(writer->buffer, ':');
    if (writer->indent > 0) {
        base_buffer_append_byte(writer->buffer, ' ');
    }
    writer->keyed = true;
}

void json_write_key(struct json_writer *writer, const char *key)
{
    json_write_key_slice(writer, base_slice_text(key));
}

void json_write_string(struct json_writer *writer, struct base_slice string)
{
    separate(writer);
    append_quoted(writer->buffer, string);
}

void json_write_text(struct json_writer *writer, const char *text)
{
    json_write_string(writer, base_slice_text(text));
}

void json_write_u64(struct json_writer *writer, uint64_t number)
{
    separate(writer);
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    base_buffer_append(writer->buffer, digits + at, sizeof digits - at);
}

void json_write_i64(struct json_writer *writer, int64_t number)
{
    separate(writer);
    base_buffer_append_format(writer->buffer, "%" PRId64, number);
}

void json_write_double(struct json_writer *writer, double number)
{
    if (!isfinite(number)) {
        json_write_null(writer);
        return;
    }
    separate(writer);
    char text[40];
    int size = 0;
    /* Counts are whole: all digits of them, not 5e+02. */
    bool is_whole = fabs(number) < 0x1p53 && trunc(number) == number;
    if (is_whole) {
        size = snprintf(text, sizeof text, "%.0f", number);
    }
    for (int precision = 1; !is_whole && precision <= 17; precision++) {
        size = snprintf(text, sizeof text, "%.*g", precision, number);
        if (strtod(text, NULL) == number) {
            break;
        }
    }
    BASE_ASSERT(size > 0 && (size_t)size < sizeof text);
    for (int i = 0; i < size; i++) {
        /* The decimal point of whatever locale the program runs in. */
        if (strchr("0123456789+-e", text[i]) == NULL) {
            text[i] = '.';
        }
    }
    base_buffer_append(writer->buffer, text, (size_t)size);
    if (number == 0 && signbit(number)) {
        base_buffer_append(writer->buffer, ".0", 2);
    }
}

void json_write_bool(struct json_writer *writer, bool truth)
{
    separate(writer);
    base_buffer_append_text(writer->buffer, truth ? "true" : "false");
}

void json_write_null(struct json_writer *writer)
{
    separate(writer);
    base_buffer_append_text(writer->buffer, "null");
}

void json_write_raw(struct json_writer *writer, struct base_slice value)
{
    separate(writer);
    base_buffer_append_slice(writer->buffer, value);
}
