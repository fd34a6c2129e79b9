/* Calls whose answers are shown as JSON: the message as the server sent it, unknown to the plain
 * structs or not. */
#ifndef CLI_RAW_H
#define CLI_RAW_H

#include "base/arena.h"
#include "base/buffer.h"
#include "hirsch/client.h"
#include "wire/messages.h"

/* Packs, calls, unpacks into the arena. When the answer cannot be unpacked *error is NULL and
 * stderr says why. */
enum hirsch_code cli_raw_call(hirsch_client *client, const char *method,
                              const ProtobufCMessage *request,
                              const ProtobufCMessageDescriptor *type, struct base_arena *arena,
                              ProtobufCMessage **response, hirsch_error **error);

/* The same for a request that is packed already. writes: to the writer, and only once. */
enum hirsch_code cli_raw_call_bytes(hirsch_client *client, const char *method, bool writes,
                                    struct base_slice request,
                                    const ProtobufCMessageDescriptor *type,
                                    struct base_arena *arena, ProtobufCMessage **response,
                                    hirsch_error **error);

/* A call whose answer is printed. */
struct cli_showing {
    const char *method;
    const ProtobufCMessageDescriptor *response;
    /* Appends what is to be printed. */
    void (*put)(void *state, struct base_buffer *out, const ProtobufCMessage *response);
    void *state;
};

/* Calls and prints; nothing is printed when the call fails. *stop: stdout cannot be written. */
enum hirsch_code cli_raw_show(hirsch_client *client, const struct cli_showing *showing,
                              const ProtobufCMessage *request, bool *stop, hirsch_error **error);

/* The same for one question that stands alone: reports its failure and gives the exit code. */
int cli_raw_show_one(hirsch_client *client, const struct cli_showing *showing,
                     const ProtobufCMessage *request, const char *subject);

/* Appends the message as proto3 JSON and a line break. */
void cli_put_json(struct base_buffer *out, const ProtobufCMessage *message);

/* The generated structs take texts as char *; packing only reads them. */
static inline char *cli_text(const char *constant)
{
    return (char *)(uintptr_t)constant;
}

#endif
