/* Messages as proto3 JSON, over their descriptors: no code a message type. */
#ifndef WIRE_JSON_H
#define WIRE_JSON_H

#include "json/json.h"

struct ProtobufCMessage;

enum { WIRE_JSON_NAME = 64 };

/* The name of a field in JSON, NUL included at most WIRE_JSON_NAME bytes: "h_index" is hIndex,
 * "i10_index" i10Index: each underscore goes, the letter behind it grows. */
void wire_json_name(const char *name, char text[WIRE_JSON_NAME]);

/* Writes the message as one object: names in lowerCamelCase, in the order of field numbers; zeros,
 * empty strings and empty lists included; absent sub-messages and absent members of a oneof left
 * out; enums as names (as numbers when this program does not know them), 64-bit integers as
 * strings, bytes as base64, doubles by their shortest digits, NaN and infinities as strings.
 * Unknown fields are not shown. Check the writer's buffer for failure. */
void wire_json_write(const struct ProtobufCMessage *message, struct json_writer *writer);

#endif
