/* The request envelope that goes up and the response envelope that comes back. */
#ifndef CLIENT_ENVELOPE_H
#define CLIENT_ENVELOPE_H

#include "base/buffer.h"
#include "base/status.h"
#include "hirsch/client.h"

struct client_request {
    const char *method;
    struct base_slice payload;
    const struct hirsch_metadata *metadata;
    size_t metadata_count;
    uint32_t max_reply_bytes;
    const char *authorization; /* NULL: none; metadata may name another */
};

/* Replaces what stands in buffer; check buffer->failed. */
void client_envelope_pack(const struct client_request *request, uint32_t timeout_ms,
                          struct base_buffer *buffer);

/* Takes a response apart. BASE_OK: *payload is a part of bytes. INTERNAL when bytes are no
 * response; else the code and the sentence that the server gave, and in *retry_ms after how long it
 * wants to be asked again, at most a minute; 0 when it does not say. */
enum base_code client_envelope_read(struct base_slice bytes, struct base_slice *payload,
                                    uint32_t *retry_ms, struct base_error *error);

#endif
