/* The envelope of hirsch.rpc.v1 on both sides, without copies: what travels in an SP message. */
#ifndef WIRE_ENVELOPE_H
#define WIRE_ENVELOPE_H

#include "base/buffer.h"
#include "base/limits.h"
#include "base/status.h"
#include "wire/write.h"

struct wire_metadata {
    struct base_slice key;
    struct base_slice value;
};

/* Borrowed from the bytes that were read. */
struct wire_request {
    struct base_slice method;
    uint32_t timeout_ms; /* 0: the server's default */
    struct wire_metadata metadata[LIMIT_METADATA];
    size_t metadata_count;
    struct base_slice payload;
};

/* Server side. INVALID_ARGUMENT: not a Request, or more than LIMIT_METADATA entries. */
enum base_code wire_request_read(struct base_slice bytes, struct wire_request *request,
                                 struct base_error *error);

/* Appends a Response of code OK around what is appended between the two calls: its payload. No copy
 * is made. */
struct wire_mark wire_response_begin(struct base_buffer *buffer,
                                     const struct wire_metadata *metadata, size_t metadata_count);
void wire_response_end(struct base_buffer *buffer, struct wire_mark mark);

/* What went wrong, as an answer. reason and field: static text or NULL. */
struct wire_failure {
    enum base_code code;
    const char *message;
    const char *reason;
    const char *field;
};

void wire_response_fail(struct base_buffer *buffer, const struct wire_failure *failure,
                        const struct wire_metadata *metadata, size_t metadata_count);

/* Client side. Appends a Request. */
void wire_request_write(struct base_buffer *buffer, struct base_slice method, uint32_t timeout_ms,
                        const struct wire_metadata *metadata, size_t metadata_count,
                        struct base_slice payload);

enum { WIRE_DETAILS = 8 };

struct wire_detail {
    struct base_slice reason;
    struct base_slice field;
};

/* Borrowed from the bytes that were read; of more details or metadata than fit the first ones are
 * kept. */
struct wire_response {
    uint32_t code; /* a peer of another version may send numbers above 16 */
    struct base_slice message;
    struct wire_detail details[WIRE_DETAILS];
    size_t detail_count;
    struct wire_metadata metadata[LIMIT_METADATA];
    size_t metadata_count;
    struct base_slice payload;
};

/* DATA_LOSS: the bytes are not a Response. */
enum base_code wire_response_read(struct base_slice bytes, struct wire_response *response,
                                  struct base_error *error);

#endif
