/* Are these bytes a message of that type? Walked before unpacking, since protobuf-c checks little
 * of it. */
#ifndef WIRE_CHECK_H
#define WIRE_CHECK_H

#include "base/bytes.h"
#include "base/status.h"

struct ProtobufCMessageDescriptor;

/* Messages inside messages; the schema's own depth is 6. */
enum { WIRE_DEPTH = 16 };

/* INVALID_ARGUMENT with a sentence that names the field ("field ids[3] is not UTF-8"): a cut or
 * overlong tag, varint or length; a group; a known field with another wire type than the schema's;
 * a string that is not UTF-8 or holds a NUL; a singular sub-message that stands twice (protobuf
 * would merge them, at a cost that grows with the square); more than field_limit fields at all
 * depths, unknown ones and each packed number included; more than WIRE_DEPTH messages inside each
 * other. Unknown fields are counted and skipped. */
enum base_code wire_check(const struct ProtobufCMessageDescriptor *type, struct base_slice bytes,
                          size_t field_limit, struct base_error *error);

/* The fields that wire_check() would count, packed numbers as one: for bytes that we packed
 * ourselves. Stops at damage. */
size_t wire_count_fields(const struct ProtobufCMessageDescriptor *type, struct base_slice bytes);

#endif
