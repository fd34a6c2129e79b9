#include "wire/json_scalar.h"

#include <math.h>
#include <stdlib.h>

#include "base/parse.h"
#include "wire/base64.h"

enum { NUMBER_TEXT = 64 };

bool wire_json_whole(struct json_value value, int64_t least, uint64_t most, uint64_t *bits)
{
    struct base_slice text;
    uint64_t size = 0;
    int64_t negative;
    double number;
    bool minus = false;
    if (json_string(value, &text)) {
        minus = base_slice_starts(text, BASE_SLICE("-"));
        text = minus ? base_slice(text.data + 1, text.size - 1) : text;
        if (!base_parse_u64(text, UINT64_MAX, &size)) {
            return false;
        }
    } else if (json_u64(value, &size)) {
        minus = false;
    } else if (json_i64(value, &negative)) {
        minus = true;
        size = 0 - (uint64_t)negative;
    } else if (json_double(value, &number) && number == floor(number) && fabs(number) <= 0x1p53) {
        minus = number < 0;
        size = (uint64_t)fabs(number);
    } else {
        return false;
    }
    if (minus ? size > 0 - (uint64_t)least : size > most) {
        return false;
    }
    *bits = minus ? 0 - size : size;
    return true;
}

/* Only digits of JSON's own form reach strtod, which takes hexadecimal and more by itself. */
bool wire_json_number(struct json_value value, double *number)
{
    struct base_slice text;
    char copy[NUMBER_TEXT];
    struct json_fault fault;
    if (!json_string(value, &text)) {
        return json_double(value, number);
    }
    if (base_slice_equal(text, BASE_SLICE("NaN"))) {
        *number = (double)NAN;
    } else if (base_slice_equal(text, BASE_SLICE("Infinity"))) {
        *number = (double)INFINITY;
    } else if (base_slice_equal(text, BASE_SLICE("-Infinity"))) {
        *number = -(double)INFINITY;
    } else if (text.size == 0 || text.size >= sizeof copy ||
               memchr("-0123456789", text.data[0], 11) == NULL || !json_check(text, &fault)) {
        return false;
    } else {
        memcpy(copy, text.data, text.size);
        copy[text.size] = '\0';
        *number = strtod(copy, NULL);
    }
    return true;
}

bool wire_json_bytes(struct base_slice text, struct base_buffer *bytes)
{
    if (text.size > 0 && text.size % 4 == 0) {
        text.size -= text.data[text.size - 1] != '=' ? 0 : text.data[text.size - 2] == '=' ? 2 : 1;
    }
    char *to = base_buffer_reserve(bytes, text.size + 1);
    if (to == NULL) {
        return true;
    }
    for (size_t i = 0; i < text.size; i++) {
        to[i] = text.data[i] == '+' ? '-' : text.data[i] == '/' ? '_' : text.data[i];
    }
    /* In place: four digits are read before three bytes are written. */
    return wire_base64url_decode(base_slice(to, text.size), to, text.size, &bytes->size);
}

const char *wire_json_expected(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return "a whole number from -2147483648 to 2147483647";
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return "a whole number from 0 to 4294967295";
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return "a whole number of 64 bits";
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return "a whole number from 0 to 18446744073709551615";
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
        return "a number";
    case PROTOBUF_C_TYPE_BOOL:
        return "true or false";
    case PROTOBUF_C_TYPE_ENUM:
        return "the name or number of an enum value";
    case PROTOBUF_C_TYPE_STRING:
        return "a string";
    case PROTOBUF_C_TYPE_BYTES:
        return "base64 in a string";
    case PROTOBUF_C_TYPE_MESSAGE:
        return "an object";
    }
    return "";
}
