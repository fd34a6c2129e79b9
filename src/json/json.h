/* JSON texts: one strict reader that keeps nothing but the last text it read, and a writer that
 * appends. */
#ifndef JSON_JSON_H
#define JSON_JSON_H

#include "base/buffer.h"
#include "base/status.h"

enum {
    /* Objects and arrays with something in them inside one another; deeper is an error. */
    JSON_DEPTH = 128,
    /* Bytes behind a text that may be read when the caller says `padded`; they may hold anything.
     */
    JSON_PADDING = 64,
};

/* The text of the last parse, in simdjson's tape form (its doc/tape.md); only the functions below
 * look inside. */
struct json_tape {
    const uint64_t *words;
    const char *strings;
};

/* A value of the text that was parsed last. It and every slice taken from it live until the reader
 * parses again or is freed. One thread at a time. */
struct json_value {
    const struct json_tape *tape;
    size_t at;
};

enum json_type {
    JSON_NULL,
    JSON_BOOL,
    JSON_INTEGER, /* exact, from INT64_MIN to UINT64_MAX; 1.0 and 1e3 are doubles */
    JSON_DOUBLE,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

enum json_fault_kind { JSON_FAULT_SYNTAX, JSON_FAULT_ENCODING, JSON_FAULT_LIMIT };

/* Why and where a text is no JSON. offset from 0, line and column (in bytes) from 1. */
struct json_fault {
    enum json_fault_kind kind;
    size_t offset;
    size_t line;
    size_t column;
    char text[160];
};

/* One a thread; about 14 bytes a byte of the longest text, given back after an unusually long one.
 */
struct json_reader;

struct json_reader *json_reader_new(void);
void json_reader_free(struct json_reader *reader);

/* Reads one text: one value of any type with nothing but blanks around it, every part of it
 * checked, UTF-8 included. Duplicate keys stand one behind the other as written. text is not needed
 * afterwards. padded: JSON_PADDING bytes behind the text may be read; otherwise the text is copied.
 * fault may be NULL and is filled with INVALID_ARGUMENT only; error then says the same.
 * RESOURCE_EXHAUSTED: no memory. */
enum base_code json_parse(struct json_reader *reader, struct base_slice text, bool padded,
                          struct json_value *value, struct json_fault *fault,
                          struct base_error *error);

/* Where the value starts in the text it was parsed from: a second, slow walk, for error messages.
 */
void json_locate(struct base_slice text, struct json_value value, struct json_fault *place);

/* The slow strict walk by itself: true when the text is JSON, else *fault is filled. */
bool json_check(struct base_slice text, struct json_fault *fault);

static inline uint64_t json_word(struct json_value value)
{
    return value.tape->words[value.at];
}

static inline uint64_t json_payload(struct json_value value)
{
    return json_word(value) & UINT64_C(0x00ffffffffffffff);
}

static inline enum json_type json_type(struct json_value value)
{
    switch (json_word(value) >> 56) {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 'l':
    case 'u':
        return JSON_INTEGER;
    case 'd':
        return JSON_DOUBLE;
    case 't':
    case 'f':
        return JSON_BOOL;
    default:
        return JSON_NULL;
    }
}

/* "an object", for messages. */
const char *json_type_name(enum json_type type);

/* Each take gives false, with the result untouched, when the value is of another type (or does not
 * fit). */
static inline bool json_string(struct json_value value, struct base_slice *string)
{
    if (json_word(value) >> 56 != '"') {
        return false;
    }
    const char *at = value.tape->strings + json_payload(value);
    *string = base_slice(at + sizeof(uint32_t), base_get_le32(at));
    return true;
}

static inline bool json_bool(struct json_value value, bool *truth)
{
    uint64_t type = json_word(value) >> 56;
    if (type != 't' && type != 'f') {
        return false;
    }
    *truth = type == 't';
    return true;
}

static inline bool json_u64(struct json_value value, uint64_t *number)
{
    uint64_t type = json_word(value) >> 56;
    uint64_t bits = value.tape->words[value.at + 1];
    if (type != 'u' && (type != 'l' || bits >> 63 != 0)) {
        return false;
    }
    *number = bits;
    return true;
}

bool json_i64(struct json_value value, int64_t *number);

/* Integers too, as the nearest double. */
bool json_double(struct json_value value, double *number);

/* The tape position behind a value. */
static inline size_t json_after(struct json_value value)
{
    switch (json_word(value) >> 56) {
    case '{':
    case '[':
        return (size_t)(json_word(value) & UINT32_MAX);
    case 'l':
    case 'u':
    case 'd':
        return value.at + 2;
    default:
        return value.at + 1;
    }
}

/* Over the members of an object or the elements of an array, in the order of the text. */
struct json_iterator {
    struct json_value next;
    size_t end;
};

/* value is an object or an array; of anything else nothing is iterated. */
static inline struct json_iterator json_iterate(struct json_value value)
{
    uint64_t type = json_word(value) >> 56;
    bool inside = type == '{' || type == '[';
    return (struct json_iterator){{value.tape, value.at + 1},
                                  inside ? json_after(value) - 1 : value.at + 1};
}

static inline bool json_next(struct json_iterator *iterator, struct json_value *element)
{
    if (iterator->next.at >= iterator->end) {
        return false;
    }
    *element = iterator->next;
    iterator->next.at = json_after(*element);
    return true;
}

/* For objects. key_value is the key as a value, for json_locate. */
static inline bool json_next_member(struct json_iterator *iterator, struct base_slice *key,
                                    struct json_value *value)
{
    struct json_value name;
    if (!json_next(iterator, &name) || !json_string(name, key)) {
        return false;
    }
    return json_next(iterator, value);
}

/* Elements of an array or members of an object; 0 of anything else. */
size_t json_count(struct json_value value);

/* The first member of that name; false when value is no object or has none. */
bool json_find(struct json_value object, struct base_slice key, struct json_value *value);

/* Appends to a buffer; the caller checks buffer->failed once at the end. Commas, colons and line
 * breaks come by themselves; that every begin has its end is the caller's part. */
struct json_writer {
    struct base_buffer *buffer; /* borrowed */
    unsigned indent;            /* blanks a level; 0: everything on one line, without blanks */
    unsigned depth;
    bool filled; /* something stands before in the same object or array */
    bool keyed;  /* the key of the next value has been written */
};

void json_writer_init(struct json_writer *writer, struct base_buffer *buffer, unsigned indent);

void json_begin_object(struct json_writer *writer);
void json_end_object(struct json_writer *writer);
void json_begin_array(struct json_writer *writer);
void json_end_array(struct json_writer *writer);
void json_write_key(struct json_writer *writer, const char *key);
void json_write_key_slice(struct json_writer *writer, struct base_slice key);

/* Bytes that are not UTF-8 become U+FFFD, so that the output is JSON whatever came in. */
void json_write_string(struct json_writer *writer, struct base_slice string);
void json_write_text(struct json_writer *writer, const char *text);
void json_write_u64(struct json_writer *writer, uint64_t number);
void json_write_i64(struct json_writer *writer, int64_t number);
/* The shortest digits that read back as the same double, whole numbers below 2^53 with all of
 * theirs; null when it is not finite. */
void json_write_double(struct json_writer *writer, double number);
void json_write_bool(struct json_writer *writer, bool truth);
void json_write_null(struct json_writer *writer);
/* A value that is JSON already. */
void json_write_raw(struct json_writer *writer, struct base_slice value);

#endif
