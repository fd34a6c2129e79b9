/* The test vectors that clients are written against, read by our own code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <stdio.h>

#include "json/json.h"
#include "wire/envelope.h"

enum { FILE_MOST = 1 << 20, LENGTH = 8, WORD = 4 };

static char text[FILE_MOST];

static struct json_value member(struct json_value object, const char *key)
{
    struct json_value value = {NULL, 0};
    assert_true(json_find(object, base_slice_text(key), &value));
    return value;
}

static struct base_slice text_of(struct json_value object, const char *key)
{
    struct base_slice slice = {NULL, 0};
    assert_true(json_string(member(object, key), &slice));
    return slice;
}

static uint64_t number_of(struct json_value object, const char *key)
{
    uint64_t number = 0;
    assert_true(json_u64(member(object, key), &number));
    return number;
}

static void append_hex(struct json_value string, struct base_buffer *to)
{
    struct base_slice digits = {NULL, 0};
    assert_true(json_string(string, &digits));
    assert_int_equal(digits.size % 2, 0);
    for (size_t i = 0; i < digits.size; i += 2) {
        char pair[3] = {digits.data[i], digits.data[i + 1], '\0'};
        char *end;
        unsigned long byte = strtoul(pair, &end, 16);
        assert_true(*end == '\0');
        base_buffer_append_byte(to, (uint8_t)byte);
    }
}

/* The envelope of a message that is written down in pieces, behind its length and its id. */
static struct base_slice envelope_of(struct json_value row, const char *key,
                                     struct base_buffer *bytes)
{
    struct json_iterator pieces = json_iterate(member(row, key));
    struct json_value piece;
    while (json_next(&pieces, &piece)) {
        append_hex(piece, bytes);
    }
    assert_true(!bytes->failed && bytes->size > LENGTH + WORD);
    assert_int_equal(base_get_be64(bytes->data), bytes->size - LENGTH);
    assert_int_equal(base_get_be32(bytes->data + LENGTH),
                     UINT32_C(0x80000000) | number_of(row, "id"));
    return base_slice(bytes->data + LENGTH + WORD, bytes->size - LENGTH - WORD);
}

static void check_row(struct json_value row)
{
    struct base_buffer request_bytes = BASE_BUFFER_EMPTY;
    struct base_buffer reply_bytes = BASE_BUFFER_EMPTY;
    struct base_buffer payload = BASE_BUFFER_EMPTY;
    struct wire_request request;
    struct wire_response response;
    struct base_error error;
    append_hex(member(row, "payload"), &payload);
    struct base_slice envelope = envelope_of(row, "request", &request_bytes);
    assert_int_equal(wire_request_read(envelope, &request, &error), BASE_OK);
    assert_true(base_slice_equal(request.method, text_of(row, "method")));
    assert_int_equal(request.timeout_ms, number_of(row, "timeout_ms"));
    assert_true(base_slice_equal(request.payload, base_buffer_slice(&payload)));

    envelope = envelope_of(row, "reply", &reply_bytes);
    assert_int_equal(wire_response_read(envelope, &response, &error), BASE_OK);
    assert_int_equal(response.code, number_of(row, "code"));
    assert_true(base_slice_equal(response.message, text_of(row, "message")));
    assert_true((response.code == 0) == (response.payload.size > 0));
    base_buffer_fini(&request_bytes);
    base_buffer_fini(&reply_bytes);
    base_buffer_fini(&payload);
}

static void our_code_reads_the_vectors(void **state)
{
    (void)state;
    FILE *file = fopen(HIRSCH_VECTORS, "rb");
    assert_non_null(file);
    size_t size = fread(text, 1, sizeof text, file);
    fclose(file);
    assert_true(size > 0 && size < sizeof text);
    struct json_reader *reader = json_reader_new();
    assert_non_null(reader);
    struct json_value root = {NULL, 0};
    struct base_error error;
    assert_int_equal(json_parse(reader, base_slice(text, size), false, &root, NULL, &error),
                     BASE_OK);
    struct json_iterator rows = json_iterate(member(root, "vectors"));
    struct json_value row;
    size_t count = 0;
    for (; json_next(&rows, &row); count++) {
        check_row(row);
    }
    assert_true(count >= 5);
    json_reader_free(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(our_code_reads_the_vectors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
