/* Numbers and bytes as proto3 JSON writes them, as themselves or in strings; what a type takes. */
#ifndef WIRE_JSON_SCALAR_H
#define WIRE_JSON_SCALAR_H

#include <protobuf-c/protobuf-c.h>

#include "json/json.h"

/* Two's complement of a whole number from least to most; 1e3 and "1000" are taken, 1.5 is not.
 * False, with *bits untouched, for anything else. */
bool wire_json_whole(struct json_value value, int64_t least, uint64_t most, uint64_t *bits);

/* "NaN", "Infinity" and "-Infinity" too. */
bool wire_json_number(struct json_value value, double *number);

/* Base64 of both alphabets of RFC 4648, with or without padding, into an empty buffer; check
 * bytes->failed. */
bool wire_json_bytes(struct base_slice text, struct base_buffer *bytes);

/* What a field of that type takes, for messages: "a string". Static. */
const char *wire_json_expected(ProtobufCType type);

#endif
