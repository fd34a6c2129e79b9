/* Requests and responses: what one side writes, the other side and the generated code read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "wire/envelope.h"
#include "wire/messages.h"
#include "wire/unpack.h"

static const struct wire_metadata metadata[] = {
    {BASE_SLICE("x-request-id"), BASE_SLICE("17")},
    {BASE_SLICE("empty"), {NULL, 0}},
};

#define assert_slice(slice, text) assert_true(base_slice_equal((slice), base_slice_text(text)))

static void *unpack(const ProtobufCMessageDescriptor *type, const struct base_buffer *buffer,
                    struct base_arena *arena)
{
    ProtobufCMessage *message = NULL;
    struct base_error error = {0};
    if (wire_unpack(type, base_buffer_slice(buffer), &wire_reply_limits, arena, &message, &error) !=
        BASE_OK) {
        fail_msg("%s", error.text);
    }
    return message;
}

static void test_request(void **state)
{
    (void)state;
    struct base_buffer buffer = BASE_BUFFER_EMPTY;
    struct base_arena arena;
    base_arena_init(&arena, 0);
    wire_request_write(&buffer, BASE_SLICE("p.S/M"), 1500, metadata, 2, BASE_SLICE("pay\0load"));
    struct wire_request request;
    struct base_error error = {0};
    assert_int_equal(wire_request_read(base_buffer_slice(&buffer), &request, &error), BASE_OK);
    assert_slice(request.method, "p.S/M");
    assert_int_equal(request.timeout_ms, 1500);
    assert_int_equal(request.metadata_count, 2);
    assert_slice(request.metadata[0].key, "x-request-id");
    assert_slice(request.metadata[0].value, "17");
    assert_slice(request.metadata[1].key, "empty");
    assert_slice(request.metadata[1].value, "");
    assert_true(base_slice_equal(request.payload, BASE_SLICE("pay\0load")));

    const Hirsch__Rpc__V1__Request *same =
        unpack(&hirsch__rpc__v1__request__descriptor, &buffer, &arena);
    assert_string_equal(same->method, "p.S/M");
    assert_int_equal(same->n_metadata, 2);
    assert_int_equal(same->payload.len, 8);
    /* The generated code writes the same bytes. */
    struct base_buffer again = BASE_BUFFER_EMPTY;
    wire_pack(&same->base, &again);
    assert_true(base_slice_equal(base_buffer_slice(&again), base_buffer_slice(&buffer)));
    base_buffer_fini(&again);

    base_buffer_clear(&buffer);
    assert_int_equal(wire_request_read(base_buffer_slice(&buffer), &request, &error), BASE_OK);
    assert_int_equal(request.method.size + request.payload.size + request.metadata_count, 0);
    base_arena_fini(&arena);
    base_buffer_fini(&buffer);
}

static void test_metadata_limit(void **state)
{
    (void)state;
    struct base_buffer buffer = BASE_BUFFER_EMPTY;
    struct wire_request request;
    struct base_error error = {0};
    for (int i = 0; i < LIMIT_METADATA; i++) {
        wire_request_write(&buffer, (struct base_slice){NULL, 0}, 0, metadata, 1,
                           (struct base_slice){NULL, 0});
    }
    assert_int_equal(wire_request_read(base_buffer_slice(&buffer), &request, &error), BASE_OK);
    assert_int_equal(request.metadata_count, LIMIT_METADATA);
    wire_request_write(&buffer, (struct base_slice){NULL, 0}, 0, metadata, 1,
                       (struct base_slice){NULL, 0});
    assert_int_equal(wire_request_read(base_buffer_slice(&buffer), &request, &error),
                     BASE_INVALID_ARGUMENT);
    assert_non_null(strstr(error.text, "more than 32 metadata entries"));
    base_buffer_fini(&buffer);
}

/* Payloads of each size at which the length grows by a byte, behind bytes that stood there before.
 */
static void test_response_ok(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 127, 128, 129, 16383, 16384, 16385, 2097151, 2097152};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct base_buffer buffer = BASE_BUFFER_EMPTY;
        base_buffer_append_text(&buffer, "before");
        struct wire_mark mark = wire_response_begin(&buffer, metadata, 2);
        for (size_t k = 0; k < sizes[i]; k++) {
            base_buffer_append_byte(&buffer, (uint8_t)(k * 7));
        }
        wire_response_end(&buffer, mark);
        assert_memory_equal(buffer.data, "before", 6);
        struct wire_response response;
        struct base_error error = {0};
        struct base_slice bytes = base_slice(buffer.data + 6, buffer.size - 6);
        assert_int_equal(wire_response_read(bytes, &response, &error), BASE_OK);
        assert_int_equal(response.code, 0);
        assert_int_equal(response.metadata_count, 2);
        assert_int_equal(response.payload.size, sizes[i]);
        for (size_t k = 0; k < sizes[i]; k += 101) {
            assert_int_equal((uint8_t)response.payload.data[k], (uint8_t)(k * 7));
        }
        base_buffer_fini(&buffer);
    }
}

static void test_response_fail(void **state)
{
    (void)state;
    struct base_buffer buffer = BASE_BUFFER_EMPTY;
    struct base_arena arena;
    base_arena_init(&arena, 0);
    /* A sentence that was cut inside its last character. */
    struct wire_failure failure = {BASE_NOT_FOUND, "no \xc3\xa9t\xc3", "WHY", "id"};
    wire_response_fail(&buffer, &failure, metadata, 1);
    const Hirsch__Rpc__V1__Response *read =
        unpack(&hirsch__rpc__v1__response__descriptor, &buffer, &arena);
    assert_int_equal(read->code, 5);
    assert_string_equal(read->message, "no \xc3\xa9t");
    assert_int_equal(read->n_details, 1);
    assert_string_equal(read->details[0]->reason, "WHY");
    assert_string_equal(read->details[0]->field, "id");
    assert_int_equal(read->n_metadata, 1);
    assert_int_equal(read->payload.len, 0);
    struct wire_response response;
    struct base_error error = {0};
    assert_int_equal(wire_response_read(base_buffer_slice(&buffer), &response, &error), BASE_OK);
    assert_int_equal(response.code, 5);
    assert_int_equal(response.detail_count, 1);
    assert_slice(response.details[0].reason, "WHY");
    assert_int_equal(wire_response_read(BASE_SLICE("\xff"), &response, &error), BASE_DATA_LOSS);
    assert_int_equal(error.code, BASE_DATA_LOSS);
    base_arena_fini(&arena);
    base_buffer_fini(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_metadata_limit),
        cmocka_unit_test(test_response_ok),
        cmocka_unit_test(test_response_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
