#include "wire/envelope.h"

#include "base/utf8.h"
#include "wire/check.h"
#include "wire/fields.h"
#include "wire/messages.h"
#include "wire/read.h"
#include "wire/unpack.h"

enum { PLAIN_FIELDS = 8 };

/* Metadata and Detail have the same shape: two strings. The bytes have passed wire_check. */
static void read_pair(struct base_slice bytes, struct base_slice *first, struct base_slice *second)
{
    *first = (struct base_slice){NULL, 0};
    *second = (struct base_slice){NULL, 0};
    struct wire_field field;
    while (bytes.size > 0 && wire_take(&bytes, &field) == NULL) {
        if (field.number == 1) {
            *first = field.bytes;
        } else if (field.number == 2) {
            *second = field.bytes;
        }
    }
}

/* Method, timeout and payload, as most callers write them: checked while they are read. False: the
 * long way has to tell. */
static bool read_plain(struct base_slice bytes, struct wire_request *request)
{
    struct wire_field field;
    request->method = (struct base_slice){NULL, 0};
    request->payload = (struct base_slice){NULL, 0};
    request->timeout_ms = 0;
    request->metadata_count = 0;
    for (size_t fields = 0; bytes.size > 0; fields++) {
        if (fields == PLAIN_FIELDS || wire_take(&bytes, &field) != NULL) {
            return false;
        }
        if (field.number == WIRE_REQUEST_METHOD && field.type == WIRE_BYTES &&
            base_utf8_is_text(field.bytes)) {
            request->method = field.bytes;
        } else if (field.number == WIRE_REQUEST_PAYLOAD && field.type == WIRE_BYTES) {
            request->payload = field.bytes;
        } else if (field.number == WIRE_REQUEST_TIMEOUT_MS && field.type == WIRE_VARINT) {
            request->timeout_ms = (uint32_t)field.value;
        } else {
            return false;
        }
    }
    return true;
}

enum base_code wire_request_read(struct base_slice bytes, struct wire_request *request,
                                 struct base_error *error)
{
    if (read_plain(bytes, request)) {
        return BASE_OK;
    }
    enum base_code code =
        wire_check(&hirsch__rpc__v1__request__descriptor, bytes, LIMIT_REQUEST_FIELDS, error);
    if (code != BASE_OK) {
        return code;
    }
    struct base_slice method = {NULL, 0};
    struct base_slice payload = {NULL, 0};
    uint32_t timeout_ms = 0;
    size_t metadata_count = 0;
    struct wire_field field;
    while (bytes.size > 0 && wire_take(&bytes, &field) == NULL) {
        switch (field.number) {
        case WIRE_REQUEST_METHOD:
            method = field.bytes;
            break;
        case WIRE_REQUEST_TIMEOUT_MS:
            timeout_ms = (uint32_t)field.value;
            break;
        case WIRE_REQUEST_METADATA:
            if (metadata_count == LIMIT_METADATA) {
                return base_fail(error, BASE_INVALID_ARGUMENT,
                                 "the request has more than %d metadata entries", LIMIT_METADATA);
            }
            read_pair(field.bytes, &request->metadata[metadata_count].key,
                      &request->metadata[metadata_count].value);
            metadata_count++;
            break;
        case WIRE_REQUEST_PAYLOAD:
            payload = field.bytes;
            break;
        default:
            break;
        }
    }
    request->method = method;
    request->timeout_ms = timeout_ms;
    request->metadata_count = metadata_count;
    request->payload = payload;
    return BASE_OK;
}

static void put_pair(struct base_buffer *buffer, uint32_t number, struct base_slice first,
                     struct base_slice second)
{
    struct wire_mark mark = wire_begin(buffer, number, first.size + second.size);
    wire_put_bytes(buffer, 1, first);
    wire_put_bytes(buffer, 2, second);
    wire_end(buffer, mark);
}

static void put_metadata(struct base_buffer *buffer, uint32_t number,
                         const struct wire_metadata *metadata, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put_pair(buffer, number, metadata[i].key, metadata[i].value);
    }
}

struct wire_mark wire_response_begin(struct base_buffer *buffer,
                                     const struct wire_metadata *metadata, size_t metadata_count)
{
    put_metadata(buffer, WIRE_RESPONSE_METADATA, metadata, metadata_count);
    /* Two bytes of length fit 128 to 16,383 bytes: most answers. */
    return wire_begin(buffer, WIRE_RESPONSE_PAYLOAD, 1000);
}

void wire_response_end(struct base_buffer *buffer, struct wire_mark mark)
{
    wire_end(buffer, mark);
}

void wire_response_fail(struct base_buffer *buffer, const struct wire_failure *failure,
                        const struct wire_metadata *metadata, size_t metadata_count)
{
    wire_put_uint(buffer, WIRE_RESPONSE_CODE, (uint64_t)failure->code);
    wire_put_text(buffer, WIRE_RESPONSE_MESSAGE, failure->message);
    if (failure->reason != NULL) {
        put_pair(buffer, WIRE_RESPONSE_DETAILS, base_slice_text(failure->reason),
                 base_slice_text(failure->field == NULL ? "" : failure->field));
    }
    put_metadata(buffer, WIRE_RESPONSE_METADATA, metadata, metadata_count);
}

void wire_request_write(struct base_buffer *buffer, struct base_slice method, uint32_t timeout_ms,
                        const struct wire_metadata *metadata, size_t metadata_count,
                        struct base_slice payload)
{
    wire_put_bytes(buffer, WIRE_REQUEST_METHOD, method);
    wire_put_uint(buffer, WIRE_REQUEST_TIMEOUT_MS, timeout_ms);
    put_metadata(buffer, WIRE_REQUEST_METADATA, metadata, metadata_count);
    wire_put_bytes(buffer, WIRE_REQUEST_PAYLOAD, payload);
}

static void read_response_field(const struct wire_field *field, struct wire_response *response)
{
    switch (field->number) {
    case WIRE_RESPONSE_CODE:
        response->code = (uint32_t)field->value;
        break;
    case WIRE_RESPONSE_MESSAGE:
        response->message = field->bytes;
        break;
    case WIRE_RESPONSE_DETAILS:
        if (response->detail_count < WIRE_DETAILS) {
            struct wire_detail *detail = &response->details[response->detail_count++];
            read_pair(field->bytes, &detail->reason, &detail->field);
        }
        break;
    case WIRE_RESPONSE_METADATA:
        if (response->metadata_count < LIMIT_METADATA) {
            struct wire_metadata *entry = &response->metadata[response->metadata_count++];
            read_pair(field->bytes, &entry->key, &entry->value);
        }
        break;
    case WIRE_RESPONSE_PAYLOAD:
        response->payload = field->bytes;
        break;
    default:
        break;
    }
}

enum base_code wire_response_read(struct base_slice bytes, struct wire_response *response,
                                  struct base_error *error)
{
    enum base_code code =
        wire_check(&hirsch__rpc__v1__response__descriptor, bytes, wire_reply_limits.fields, error);
    if (code != BASE_OK) {
        if (error != NULL) {
            error->code = BASE_DATA_LOSS;
        }
        base_error_prefix(error, "the server's reply cannot be read");
        return BASE_DATA_LOSS;
    }
    response->code = 0;
    response->message = (struct base_slice){NULL, 0};
    response->detail_count = 0;
    response->metadata_count = 0;
    response->payload = (struct base_slice){NULL, 0};
    struct wire_field field;
    while (bytes.size > 0 && wire_take(&bytes, &field) == NULL) {
        read_response_field(&field, response);
    }
    return BASE_OK;
}
