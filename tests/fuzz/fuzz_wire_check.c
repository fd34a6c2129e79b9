/* What passes wire_check is unpacked, unless the memory cap forbids it; the first byte picks the
 * message type. */
#include "base/status.h"
#include "wire/check.h"
#include "wire/messages.h"
#include "wire/unpack.h"
#include "wire/json.h"

static const ProtobufCMessageDescriptor *const types[] = {
    &hirsch__rpc__v1__request__descriptor,
    &hirsch__rpc__v1__response__descriptor,
    &hirsch__v1__get_author_request__descriptor,
    &hirsch__v1__get_author_response__descriptor,
    &hirsch__v1__batch_get_authors_response__descriptor,
    &hirsch__v1__list_author_papers_request__descriptor,
    &hirsch__v1__list_author_papers_response__descriptor,
    &hirsch__v1__batch_get_papers_response__descriptor,
    &grpc__health__v1__health_check_request__descriptor,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    const ProtobufCMessageDescriptor *type = types[data[0] % (sizeof types / sizeof types[0])];
    struct base_slice bytes = base_slice(data + 1, size - 1);
    struct base_error error;
    enum base_code checked = wire_check(type, bytes, wire_request_limits.fields, &error);
    struct base_arena arena;
    base_arena_init(&arena, 0);
    ProtobufCMessage *message = NULL;
    enum base_code code = wire_unpack(type, bytes, &wire_request_limits, &arena, &message, &error);
    if (checked == BASE_OK) {
        BASE_ASSERT(code == BASE_OK || code == BASE_RESOURCE_EXHAUSTED);
    } else {
        BASE_ASSERT(code == checked);
    }
    if (code == BASE_OK) {
        struct base_buffer text = BASE_BUFFER_EMPTY;
        struct json_writer writer;
        json_writer_init(&writer, &text, 0);
        wire_json_write(message, &writer);
        BASE_ASSERT(!text.failed && text.size >= 2 && text.data[text.size - 1] == '}');
        base_buffer_fini(&text);
        /* What unpacked packs, and passes again. */
        struct base_buffer packed = BASE_BUFFER_EMPTY;
        wire_pack(message, &packed);
        BASE_ASSERT(wire_check(type, base_buffer_slice(&packed), wire_request_limits.fields,
                               &error) == BASE_OK);
        base_buffer_fini(&packed);
    }
    base_arena_fini(&arena);
    return 0;
}
