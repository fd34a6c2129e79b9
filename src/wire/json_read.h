/* From proto3 JSON to the bytes of a message, over descriptors: no code a message type. */
#ifndef WIRE_JSON_READ_H
#define WIRE_JSON_READ_H

#include "json/json.h"

struct ProtobufCMessageDescriptor;

/* Appends the bytes of a message of that type to *bytes, which is as it was on failure.
 *
 * Names in lowerCamelCase or as in the schema; enums by name or number; 64-bit integers and all
 * other numbers as numbers or strings; bytes as base64 of either alphabet; null is absent. Zeros
 * and empty texts take no bytes, but for members of a oneof.
 *
 * INVALID_ARGUMENT with line, column and a sentence that names the field by its path
 * ("reported[2].hIndex"): no JSON, no object, a field that the type does not have (and which one
 * was probably meant), a wrong type, a number out of range, the same field twice, two members of
 * one oneof, null or a list in a list, a NUL in a string, more than WIRE_DEPTH messages inside each
 * other. RESOURCE_EXHAUSTED when memory is out. */
enum base_code wire_json_read(struct json_reader *reader,
                              const struct ProtobufCMessageDescriptor *type, struct base_slice text,
                              struct base_buffer *bytes, struct base_error *error);

#endif
