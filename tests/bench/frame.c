#include "frame.h"

const char bench_greeting_request[BENCH_GREETING] = {0, 'S', 'P', 0, 0, 0x30, 0, 0};
const char bench_greeting_reply[BENCH_GREETING] = {0, 'S', 'P', 0, 0, 0x31, 0, 0};

enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

size_t bench_frame_append(struct base_buffer *buffer, bool ipc, struct base_slice body)
{
    char head[BENCH_HEAD_MOST];
    size_t size = 0;
    if (ipc) {
        head[size++] = 1;
    }
    base_put_be64(head + size, BENCH_REQUEST_ID + body.size);
    base_buffer_append(buffer, head, size + 8);
    size_t at = buffer->size;
    base_buffer_append(buffer, "\x80\0\0\0", BENCH_REQUEST_ID);
    base_buffer_append_slice(buffer, body);
    return at;
}

static void append_field(struct base_buffer *buffer, unsigned field, struct base_slice value)
{
    base_buffer_append_varint(buffer, field << 3 | WIRE_BYTES);
    base_buffer_append_varint(buffer, value.size);
    base_buffer_append_slice(buffer, value);
}

static size_t field_size(struct base_slice value)
{
    char length[BASE_VARINT_MAX];
    return 1 + base_put_varint(length, value.size) + value.size;
}

void bench_envelope_append(struct base_buffer *buffer, const char *method, struct base_slice id)
{
    append_field(buffer, 1, base_slice_text(method));
    base_buffer_append_varint(buffer, 4 << 3 | WIRE_BYTES);
    base_buffer_append_varint(buffer, field_size(id));
    append_field(buffer, 1, id);
}

int bench_frame_take(struct base_slice *input, bool ipc, size_t most, uint32_t *request_id,
                     struct base_slice *body)
{
    size_t head = ipc ? 9 : 8;
    if (input->size < head) {
        return 0;
    }
    if (ipc && input->data[0] != 1) {
        return -1;
    }
    uint64_t length = base_get_be64(input->data + head - 8);
    if (length < BENCH_REQUEST_ID || length > most) {
        return -1;
    }
    if (input->size - head < length) {
        return 0;
    }
    *request_id = base_get_be32(input->data + head);
    *body = base_slice(input->data + head + BENCH_REQUEST_ID, length - BENCH_REQUEST_ID);
    input->data += head + length;
    input->size -= head + length;
    return 1;
}

/* Takes one field off the front; value is its bytes, or number its varint, else 0. False at the end
 * and on bytes that are no message. */
static bool take_field(struct base_slice *message, uint64_t *tag, uint64_t *number,
                       struct base_slice *value)
{
    struct base_slice skipped;
    *number = 0;
    if (message->size == 0 || !base_take_varint(message, tag)) {
        return false;
    }
    switch (*tag & 7) {
    case WIRE_VARINT:
        return base_take_varint(message, number);
    case WIRE_BYTES:
        return base_take_varint(message, number) && base_take_bytes(message, *number, value);
    case WIRE_FIXED64:
        return base_take_bytes(message, 8, &skipped);
    case WIRE_FIXED32:
        return base_take_bytes(message, 4, &skipped);
    default:
        return false;
    }
}

/* The first field of this number that holds bytes. */
static bool find_field(struct base_slice message, unsigned field, struct base_slice *found)
{
    uint64_t tag;
    uint64_t number;
    while (take_field(&message, &tag, &number, found)) {
        if (tag == (field << 3 | WIRE_BYTES)) {
            return true;
        }
    }
    return false;
}

bool bench_reply_names(struct base_slice body, struct base_slice id)
{
    struct base_slice payload = {NULL, 0};
    struct base_slice value = {NULL, 0};
    uint64_t tag;
    uint64_t number;
    while (take_field(&body, &tag, &number, &value)) {
        if (tag == (1 << 3 | WIRE_VARINT) && number != 0) {
            return false;
        }
        if (tag == (5 << 3 | WIRE_BYTES)) {
            payload = value;
        }
    }
    struct base_slice resource;
    struct base_slice name;
    return body.size == 0 && find_field(payload, 1, &resource) && find_field(resource, 1, &name) &&
           base_slice_equal(name, id);
}
