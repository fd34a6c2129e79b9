/* From bytes to the generated structs, in an arena and within a cap, and back. */
#ifndef WIRE_UNPACK_H
#define WIRE_UNPACK_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/limits.h"
#include "base/status.h"

struct ProtobufCMessage;
struct ProtobufCMessageDescriptor;

/* What a peer's message may cost. protobuf-c needs 32 bytes of scratch a field, and a struct, a
 * pointer and 16-byte rounding a repeated item: text costs 2 to 4 times its bytes, many tiny
 * sub-messages up to about 90 times. */
struct wire_limits {
    size_t fields;        /* at all depths */
    size_t memory_factor; /* arena bytes for each byte of the message; 64 KiB are free */
};

/* For requests, which anybody may send; for those that put records; and for replies, of a server
 * that the caller chose. */
extern const struct wire_limits wire_request_limits;
extern const struct wire_limits wire_put_limits;
extern const struct wire_limits wire_reply_limits;

/* wire_check, then unpacks into the arena; the message lives as long as that. INVALID_ARGUMENT as
 * wire_check says; RESOURCE_EXHAUSTED when the arena or the cap of limits is used up. Never free
 * the message. */
enum base_code wire_unpack(const struct ProtobufCMessageDescriptor *type, struct base_slice bytes,
                           const struct wire_limits *limits, struct base_arena *arena,
                           struct ProtobufCMessage **message, struct base_error *error);

/* Appends the message's bytes; check buffer->failed. */
void wire_pack(const struct ProtobufCMessage *message, struct base_buffer *buffer);

#endif
