#include "json/json.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"

/* A strict JSON reader that only walks: it says where a text stops being JSON, and, as it counts
 * tape positions the way the fast reader lays them out, where a value of the tape stands in the
 * text. Slow is fine, it runs once an error. */
struct walk {
    struct base_slice text;
    size_t at;
    size_t tape;   /* tape position of the next value */
    size_t wanted; /* stop at this tape position; 0: never */
    bool found;
    unsigned depth;
    bool object[JSON_DEPTH]; /* is the container at this depth an object? */
    struct json_fault *fault;
};

static bool refuse(struct walk *walk, size_t offset, enum json_fault_kind kind, const char *format,
                   ...) __attribute__((format(printf, 4, 5)));

static void set_place(struct base_slice text, size_t offset, struct json_fault *fault)
{
    size_t line = 1;
    size_t start = 0;
    for (size_t i = 0; i < offset; i++) {
        if (text.data[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    fault->offset = offset;
    fault->line = line;
    fault->column = offset - start + 1;
}

static bool refuse(struct walk *walk, size_t offset, enum json_fault_kind kind, const char *format,
                   ...)
{
    set_place(walk->text, offset, walk->fault);
    walk->fault->kind = kind;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(walk->fault->text, sizeof walk->fault->text, format, arguments);
    va_end(arguments);
    return false;
}

static int peek(const struct walk *walk)
{
    return walk->at < walk->text.size ? (unsigned char)walk->text.data[walk->at] : -1;
}

static void skip_blanks(struct walk *walk)
{
    int byte;
    while ((byte = peek(walk)) == ' ' || byte == '\t' || byte == '\n' || byte == '\r') {
        walk->at++;
    }
}

static bool refuse_byte(struct walk *walk, const char *wanted)
{
    int byte = peek(walk);
    if (byte < 0) {
        return refuse(walk, walk->at, JSON_FAULT_SYNTAX, "%s expected, but the text ends", wanted);
    }
    if (byte > 0x20 && byte < 0x7f) {
        return refuse(walk, walk->at, JSON_FAULT_SYNTAX, "%s expected, not '%c'", wanted, byte);
    }
    return refuse(walk, walk->at, JSON_FAULT_SYNTAX, "%s expected, not byte 0x%02x", wanted,
                  (unsigned)byte);
}

/* Four hex digits at the offset; -1 when there are none. */
static int hex4(const struct walk *walk, size_t offset)
{
    if (offset > walk->text.size || walk->text.size - offset < 4) {
        return -1;
    }
    int value = 0;
    for (size_t i = 0; i < 4; i++) {
        int byte = (unsigned char)walk->text.data[offset + i];
        if (!isxdigit(byte)) {
            return -1;
        }
        value = value * 16 + (byte <= '9' ? byte - '0' : (byte | 0x20) - 'a' + 10);
    }
    return value;
}

/* At the 'u' of an escape. */
static bool walk_unicode(struct walk *walk)
{
    size_t start = walk->at - 1;
    int unit = hex4(walk, walk->at + 1);
    if (unit < 0) {
        return refuse(walk, start, JSON_FAULT_SYNTAX, "\\u without four hexadecimal digits");
    }
    walk->at += 5;
    if (unit < 0xd800 || unit > 0xdfff) {
        return true;
    }
    int second = -1;
    if (unit < 0xdc00 && walk->text.size - walk->at >= 6 && walk->text.data[walk->at] == '\\' &&
        walk->text.data[walk->at + 1] == 'u') {
        second = hex4(walk, walk->at + 2);
    }
    if (second < 0xdc00 || second > 0xdfff) {
        return refuse(walk, start, JSON_FAULT_ENCODING, "half of a surrogate pair");
    }
    walk->at += 6;
    return true;
}

static bool walk_string(struct walk *walk)
{
    size_t start = walk->at++;
    for (;;) {
        int byte = peek(walk);
        if (byte < 0) {
            return refuse(walk, start, JSON_FAULT_SYNTAX,
                          "the string that starts here does not end");
        }
        if (byte == '"') {
            walk->at++;
            return true;
        }
        if (byte < 0x20) {
            return refuse(walk, walk->at, JSON_FAULT_SYNTAX,
                          "control character 0x%02x in a string must be escaped", (unsigned)byte);
        }
        walk->at++;
        if (byte != '\\') {
            continue;
        }
        int escaped = peek(walk);
        if (escaped == 'u') {
            if (!walk_unicode(walk)) {
                return false;
            }
        } else if (escaped > 0 && strchr("\"\\/bfnrt", escaped) != NULL) {
            walk->at++;
        } else {
            return refuse(walk, walk->at - 1, JSON_FAULT_SYNTAX, "unknown escape in a string");
        }
    }
}

static size_t skip_digits(struct walk *walk)
{
    size_t start = walk->at;
    while (peek(walk) >= '0' && peek(walk) <= '9') {
        walk->at++;
    }
    return walk->at - start;
}

/* Whole numbers must fit 64 bits, others must be finite as a double. */
static bool check_range(struct walk *walk, size_t start, bool whole)
{
    struct base_slice text = base_slice(walk->text.data + start, walk->at - start);
    bool negative = text.data[0] == '-';
    if (!whole) {
        char copy[512];
        size_t size = text.size < sizeof copy - 1 ? text.size : sizeof copy - 1;
        memcpy(copy, text.data, size);
        copy[size] = '\0';
        /* Longer than any sensible number: what was cut can only be seen by simdjson, whose word
         * then stands. */
        if (isfinite(strtod(copy, NULL))) {
            return true;
        }
    } else {
        uint64_t number = 0;
        uint64_t most = negative ? (uint64_t)INT64_MAX + 1 : UINT64_MAX;
        size_t i = negative;
        while (i < text.size) {
            uint64_t digit = (uint64_t)(text.data[i] - '0');
            if (number > (most - digit) / 10) {
                break;
            }
            number = number * 10 + digit;
            i++;
        }
        if (i == text.size) {
            return true;
        }
    }
    return refuse(walk, start, JSON_FAULT_SYNTAX, "number out of range");
}

static bool walk_number(struct walk *walk)
{
    size_t start = walk->at;
    bool whole = true;
    if (peek(walk) == '-') {
        walk->at++;
    }
    bool zero = peek(walk) == '0';
    size_t digits = skip_digits(walk);
    if (digits == 0 || (zero && digits > 1)) {
        return refuse(walk, start, JSON_FAULT_SYNTAX, "not a number");
    }
    if (peek(walk) == '.') {
        whole = false;
        walk->at++;
        if (skip_digits(walk) == 0) {
            return refuse(walk, start, JSON_FAULT_SYNTAX, "a number needs digits behind its point");
        }
    }
    if (peek(walk) == 'e' || peek(walk) == 'E') {
        whole = false;
        walk->at++;
        if (peek(walk) == '+' || peek(walk) == '-') {
            walk->at++;
        }
        if (skip_digits(walk) == 0) {
            return refuse(walk, start, JSON_FAULT_SYNTAX, "a number needs digits in its exponent");
        }
    }
    walk->tape++;
    return check_range(walk, start, whole);
}

static bool walk_word(struct walk *walk, const char *word)
{
    struct base_slice rest = base_slice(walk->text.data + walk->at, walk->text.size - walk->at);
    if (!base_slice_starts(rest, base_slice_text(word))) {
        return refuse(walk, walk->at, JSON_FAULT_SYNTAX, "unknown word; \"%s\" expected", word);
    }
    walk->at += strlen(word);
    return true;
}

static bool is_wanted(struct walk *walk)
{
    walk->found = walk->wanted != 0 && walk->tape == walk->wanted;
    return walk->found;
}

static bool walk_scalar(struct walk *walk)
{
    int byte = peek(walk);
    walk->tape++;
    switch (byte) {
    case '"':
        return walk_string(walk);
    case 't':
        return walk_word(walk, "true");
    case 'f':
        return walk_word(walk, "false");
    case 'n':
        return walk_word(walk, "null");
    default:
        if (byte == '-' || (byte >= '0' && byte <= '9')) {
            return walk_number(walk);
        }
        return refuse_byte(walk, "a value");
    }
}

static bool walk_key(struct walk *walk)
{
    skip_blanks(walk);
    if (is_wanted(walk)) {
        return true;
    }
    if (peek(walk) != '"') {
        return refuse_byte(walk, "a key in double quotes");
    }
    walk->tape++;
    if (!walk_string(walk)) {
        return false;
    }
    skip_blanks(walk);
    if (peek(walk) != ':') {
        return refuse_byte(walk, "':'");
    }
    walk->at++;
    return true;
}

/* Behind a value: closes what ends here and goes to the start of the next value; *done when the
 * outermost has ended. */
static bool walk_on(struct walk *walk, bool *done)
{
    for (;;) {
        skip_blanks(walk);
        if (walk->depth == 0) {
            *done = true;
            return walk->at == walk->text.size || refuse_byte(walk, "the end of the text");
        }
        bool object = walk->object[walk->depth - 1];
        if (peek(walk) == ',') {
            walk->at++;
            return !object || walk_key(walk);
        }
        if (peek(walk) != (object ? '}' : ']')) {
            return refuse_byte(walk, object ? "',' or '}'" : "',' or ']'");
        }
        walk->at++;
        walk->tape++;
        walk->depth--;
    }
}

/* At a bracket that opens. *filled is false when the container ends at once: it is walked whole
 * then, and, as for the fast reader, its level does not count. */
static bool walk_open(struct walk *walk, bool *filled)
{
    size_t start = walk->at;
    bool object = peek(walk) == '{';
    walk->at++;
    walk->tape++;
    skip_blanks(walk);
    *filled = peek(walk) != (object ? '}' : ']');
    if (!*filled) {
        walk->at++;
        walk->tape++;
        return true;
    }
    if (walk->depth == JSON_DEPTH) {
        return refuse(walk, start, JSON_FAULT_LIMIT, "more than %d levels deep", JSON_DEPTH);
    }
    walk->object[walk->depth++] = object;
    return !object || walk_key(walk);
}

static bool walk_all(struct walk *walk)
{
    bool done = false;
    while (!done) {
        skip_blanks(walk);
        if (is_wanted(walk)) {
            return true;
        }
        bool filled = false;
        if (peek(walk) == '{' || peek(walk) == '[') {
            if (!walk_open(walk, &filled)) {
                return false;
            }
        } else if (!walk_scalar(walk)) {
            return false;
        }
        if (walk->found) {
            return true;
        }
        if (!filled && !walk_on(walk, &done)) {
            return false;
        }
    }
    return true;
}

bool json_check(struct base_slice text, struct json_fault *fault)
{
    size_t good = base_utf8_prefix(text);
    struct walk walk = {.text = base_slice(text.data, good), .tape = 1, .fault = fault};
    if (good == text.size) {
        return walk_all(&walk);
    }
    /* What is wrong before the first bad byte is said first, but that the good part ends there is
     * no news. */
    if (walk_all(&walk) || fault->offset == good || strstr(fault->text, "does not end") != NULL) {
        walk.text = text;
        return refuse(&walk, good, JSON_FAULT_ENCODING, "byte 0x%02x is not UTF-8",
                      (unsigned)(unsigned char)text.data[good]);
    }
    return false;
}

void json_locate(struct base_slice text, struct json_value value, struct json_fault *place)
{
    struct walk walk = {.text = text, .tape = 1, .wanted = value.at, .fault = place};
    *place = (struct json_fault){.line = 1, .column = 1};
    if (walk_all(&walk) && walk.found) {
        set_place(text, walk.at, place);
    }
}
