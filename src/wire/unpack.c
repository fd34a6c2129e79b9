#include "wire/unpack.h"

#include <protobuf-c/protobuf-c.h>

#include "wire/check.h"

enum { MEMORY_FREE = 64 * 1024 };

const struct wire_limits wire_request_limits = {.fields = LIMIT_REQUEST_FIELDS,
                                                .memory_factor = 32};
const struct wire_limits wire_put_limits = {.fields = LIMIT_PUT_FIELDS, .memory_factor = 32};
const struct wire_limits wire_reply_limits = {.fields = 8 * 1000 * 1000, .memory_factor = 96};

struct capped {
    struct base_arena *arena;
    size_t left;
    bool exhausted;
};

static void *capped_alloc(void *data, size_t size)
{
    struct capped *capped = data;
    void *memory = size > capped->left ? NULL : base_arena_alloc(capped->arena, size);
    if (memory == NULL) {
        capped->exhausted = true;
        return NULL;
    }
    capped->left -= size;
    return memory;
}

static void capped_free(void *data, void *memory)
{
    /* The arena's reset gives everything back. */
    (void)data;
    (void)memory;
}

enum base_code wire_unpack(const struct ProtobufCMessageDescriptor *type, struct base_slice bytes,
                           const struct wire_limits *limits, struct base_arena *arena,
                           struct ProtobufCMessage **message, struct base_error *error)
{
    enum base_code code = wire_check(type, bytes, limits->fields, error);
    if (code != BASE_OK) {
        return code;
    }
    struct capped capped = {.arena = arena};
    if (__builtin_mul_overflow(bytes.size, limits->memory_factor, &capped.left) ||
        __builtin_add_overflow(capped.left, (size_t)MEMORY_FREE, &capped.left)) {
        capped.left = SIZE_MAX;
    }
    ProtobufCAllocator allocator = {capped_alloc, capped_free, &capped};
    ProtobufCMessage *unpacked =
        protobuf_c_message_unpack(type, &allocator, bytes.size, (const uint8_t *)bytes.data);
    if (unpacked != NULL) {
        *message = unpacked;
        return BASE_OK;
    }
    if (capped.exhausted) {
        return base_fail(
            error, BASE_RESOURCE_EXHAUSTED,
            "message %s of %zu bytes takes too much memory to unpack; send fewer items "
            "at once",
            type->name, bytes.size);
    }
    return base_fail(error, BASE_INTERNAL, "message %s passed its check but cannot be unpacked",
                     type->name);
}

void wire_pack(const struct ProtobufCMessage *message, struct base_buffer *buffer)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    char *to = base_buffer_reserve(buffer, size);
    if (to != NULL) {
        buffer->size += protobuf_c_message_pack(message, (uint8_t *)to);
    }
}
