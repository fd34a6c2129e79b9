/* What is read from JSON is a message that passes wire_check, and its JSON is read as the same
 * message; the first byte picks the type. */
#include <stdlib.h>

#include "wire/check.h"
#include "wire/json.h"
#include "wire/json_read.h"
#include "wire/messages.h"
#include "wire/unpack.h"

static const ProtobufCMessageDescriptor *const types[] = {
    &hirsch__rpc__v1__request__descriptor,
    &hirsch__v1__get_author_response__descriptor,
    &hirsch__v1__batch_get_authors_request__descriptor,
    &hirsch__v1__batch_get_papers_response__descriptor,
    &hirsch__v1__list_author_papers_request__descriptor,
    &hirsch__v1__get_dataset_response__descriptor,
    &hirsch__v1__sample_ids_request__descriptor,
    &grpc__health__v1__health_check_response__descriptor,
};

static void read_again(struct json_reader *reader, const ProtobufCMessageDescriptor *type,
                       const ProtobufCMessage *message)
{
    struct base_buffer text = BASE_BUFFER_EMPTY;
    struct base_buffer packed = BASE_BUFFER_EMPTY;
    struct base_buffer bytes = BASE_BUFFER_EMPTY;
    struct json_writer writer;
    struct base_error error;
    json_writer_init(&writer, &text, 0);
    wire_json_write(message, &writer);
    wire_pack(message, &packed);
    enum base_code code = wire_json_read(reader, type, base_buffer_slice(&text), &bytes, &error);
    BASE_ASSERT(code == BASE_OK);
    BASE_ASSERT(base_slice_equal(base_buffer_slice(&packed), base_buffer_slice(&bytes)));
    base_buffer_fini(&bytes);
    base_buffer_fini(&packed);
    base_buffer_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct json_reader *reader;
    if (reader == NULL) {
        reader = json_reader_new();
        BASE_ASSERT(reader != NULL);
    }
    if (size == 0) {
        return 0;
    }
    const ProtobufCMessageDescriptor *type = types[data[0] % (sizeof types / sizeof types[0])];
    struct base_buffer bytes = BASE_BUFFER_EMPTY;
    struct base_error error = {.text = ""};
    enum base_code code =
        wire_json_read(reader, type, base_slice(data + 1, size - 1), &bytes, &error);
    if (code == BASE_OK) {
        struct base_arena arena;
        ProtobufCMessage *message = NULL;
        base_arena_init(&arena, 0);
        BASE_ASSERT(wire_check(type, base_buffer_slice(&bytes), SIZE_MAX, &error) == BASE_OK);
        code = wire_unpack(type, base_buffer_slice(&bytes), &wire_reply_limits, &arena, &message,
                           &error);
        if (code == BASE_OK) {
            read_again(reader, type, message);
        }
        base_arena_fini(&arena);
    } else {
        BASE_ASSERT(bytes.size == 0 && error.text[0] != '\0');
    }
    base_buffer_fini(&bytes);
    return 0;
}
