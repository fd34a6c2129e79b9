#include "client/envelope.h"

#include <stdio.h>
#include <string.h>

#include "base/parse.h"
#include "base/utf8.h"
#include "wire/envelope.h"

void client_envelope_pack(const struct client_request *request, uint32_t timeout_ms,
                          struct base_buffer *buffer)
{
    struct wire_metadata metadata[LIMIT_METADATA];
    char most[16];
    int length = snprintf(most, sizeof most, "%u", request->max_reply_bytes);
    metadata[0] =
        (struct wire_metadata){BASE_SLICE("hirsch-max-reply"), base_slice(most, (size_t)length)};
    size_t count = 1;
    const char *authorization = request->authorization;
    BASE_ASSERT(request->metadata_count < LIMIT_METADATA);
    for (size_t i = 0; i < request->metadata_count; i++) {
        if (strcmp(request->metadata[i].key, "authorization") == 0) {
            authorization = NULL;
        }
        metadata[count++] = (struct wire_metadata){base_slice_text(request->metadata[i].key),
                                                   base_slice_text(request->metadata[i].value)};
    }
    if (authorization != NULL) {
        BASE_ASSERT(count < LIMIT_METADATA);
        metadata[count++] =
            (struct wire_metadata){BASE_SLICE("authorization"), base_slice_text(authorization)};
    }
    base_buffer_clear(buffer);
    wire_request_write(buffer, base_slice_text(request->method), timeout_ms, metadata, count,
                       request->payload);
}

enum { RETRY_MOST_MS = 60000 };

static uint32_t retry_of(const struct wire_response *response)
{
    for (size_t i = 0; i < response->metadata_count; i++) {
        const struct wire_metadata *one = &response->metadata[i];
        uint64_t ms;
        if (base_slice_equal(one->key, BASE_SLICE("retry-after-ms")) &&
            base_parse_u64(one->value, UINT32_MAX, &ms)) {
            return ms < RETRY_MOST_MS ? (uint32_t)ms : RETRY_MOST_MS;
        }
    }
    return 0;
}

enum base_code client_envelope_read(struct base_slice bytes, struct base_slice *payload,
                                    uint32_t *retry_ms, struct base_error *error)
{
    struct wire_response response;
    if (wire_response_read(bytes, &response, error) != BASE_OK) {
        return base_fail(error, BASE_INTERNAL,
                         "the reply is not one of this protocol; check that hirschd, and not "
                         "another service, listens there");
    }
    if (response.code == BASE_OK) {
        *payload = response.payload;
        return BASE_OK;
    }
    *retry_ms = retry_of(&response);
    /* A code that a newer server knows and this library does not is UNKNOWN, as in gRPC. */
    enum base_code known =
        response.code <= BASE_UNAUTHENTICATED ? (enum base_code)response.code : BASE_UNKNOWN;
    struct base_slice message = response.message;
    message.size = base_utf8_prefix(message);
    if (message.size == 0) {
        return base_fail(error, known, "the server gave no reason (%s)", base_code_name(known));
    }
    message = base_utf8_cut(message, BASE_ERROR_TEXT - 1);
    return base_fail(error, known, "%.*s", BASE_PRINT(message));
}
