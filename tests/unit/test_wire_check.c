/* Hostile and honest bytes against wire_check and wire_unpack. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "wire/check.h"
#include "wire/messages.h"
#include "wire/unpack.h"
#include "wire/write.h"

struct row {
    const char *what;
    const ProtobufCMessageDescriptor *type;
    struct base_slice bytes;
    const char *text; /* part of the error; NULL: the bytes are fine */
};

#define GET &hirsch__v1__get_author_request__descriptor
#define BATCH &hirsch__v1__batch_get_authors_request__descriptor
#define LIST &hirsch__v1__list_author_papers_request__descriptor
#define COMPUTE &hirsch__v1__compute_metrics_request__descriptor
#define REQUEST &hirsch__rpc__v1__request__descriptor
#define BYTES(literal) BASE_SLICE(literal)

static const struct row rows[] = {
    {"nothing", GET, {NULL, 0}, NULL},
    {"an id", GET,
     BYTES("\x0a\x03"
           "abc"),
     NULL},
    {"unknown fields", GET,
     BYTES("\x10\x05\x2d\x01\x02\x03\x04\x21\x01\x02\x03\x04\x05\x06\x07\x08"), NULL},
    {"the same string twice", GET, BYTES("\x0a\x01\x61\x0a\x01\x62"), NULL},
    {"a cut tag", GET, BYTES("\x80"), "damaged at byte 0: a tag"},
    {"a tag of six bytes", GET, BYTES("\x8a\x80\x80\x80\x80\x00\x00"), "a tag"},
    {"a tag over 32 bits", GET, BYTES("\x8a\x80\x80\x80\x10\x00"), "a tag"},
    {"field 0", GET, BYTES("\x02\x00"), "number 0"},
    {"a cut varint", LIST, BYTES("\x10\xff\xff"), "a varint"},
    {"a varint of eleven bytes", LIST, BYTES("\x10\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"),
     "a varint"},
    {"a varint over 64 bits", LIST, BYTES("\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),
     "a varint"},
    {"a cut length", GET, BYTES("\x0a\x80"), "a length is cut"},
    {"a length of six bytes", GET, BYTES("\x0a\x80\x80\x80\x80\x80\x00"), "a length is cut"},
    {"a length that is too great", GET,
     BYTES("\x0a\x04"
           "abc"),
     "more than what remains"},
    {"a huge length", GET,
     BYTES("\x0a\xff\xff\xff\xff\x0f"
           "abc"),
     "more than what remains"},
    {"a huge unknown length", GET, BYTES("\x7a\xff\xff\xff\xff\x07"), "more than what remains"},
    {"cut fixed32", GET, BYTES("\x1d\x01\x02\x03"), "fixed-width"},
    {"cut fixed64", GET, BYTES("\x21\x01\x02\x03\x04\x05\x06\x07"), "fixed-width"},
    {"a group", GET, BYTES("\x1b\x1c"), "a group"},
    {"the end of a group", GET, BYTES("\x1c"), "a group"},
    {"wire type 6", GET, BYTES("\x0e"), "wire type"},
    {"wire type 7", GET, BYTES("\x0f"), "wire type"},
    {"a number for a string", GET, BYTES("\x08\x01"), "field id has another wire type"},
    {"a string for a number", LIST, BYTES("\x12\x01\x01"), "field page_size has another wire type"},
    {"fixed32 for a number", LIST, BYTES("\x15\x01\x02\x03\x04"), "page_size has another"},
    {"not UTF-8", BATCH, BYTES("\x0a\x01\x61\x0a\x02\xc3\x28"), "field ids[1] is not UTF-8"},
    {"a surrogate", BATCH, BYTES("\x0a\x03\xed\xa0\x80"), "field ids[0] is not UTF-8"},
    {"an overlong form", GET, BYTES("\x0a\x02\xc0\xaf"), "field id is not UTF-8"},
    {"a NUL", BATCH,
     BYTES("\x0a\x01\x61\x0a\x01\x62\x0a\x03"
           "a\0b"),
     "field ids[2] holds a NUL"},
    {"bytes may be anything", REQUEST, BYTES("\x22\x03\xff\x00\xfe"), NULL},
    {"inside a sub-message", REQUEST, BYTES("\x1a\x03\x0a\x01\x6b\x1a\x03\x0a\x01\xff"),
     "field metadata[1].key is not UTF-8"},
    {"damage inside a sub-message", REQUEST, BYTES("\x1a\x02\x0a\x05"),
     "Metadata in field metadata[0] is damaged at byte 0"},
    {"a sub-message twice", &hirsch__v1__get_author_response__descriptor, BYTES("\x0a\x00\x0a\x00"),
     "field author stands twice"},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct base_error error = {0};
        /* A copy of exactly that size, so that a sanitizer sees a byte too many being read. */
        char *copy = malloc(rows[i].bytes.size + 1);
        assert_non_null(copy);
        if (rows[i].bytes.size > 0) {
            memcpy(copy, rows[i].bytes.data, rows[i].bytes.size);
        }
        copy = realloc(copy, rows[i].bytes.size > 0 ? rows[i].bytes.size : 1);
        struct base_slice bytes = base_slice(copy, rows[i].bytes.size);
        enum base_code code = wire_check(rows[i].type, bytes, 1000, &error);
        if (rows[i].text == NULL) {
            if (code != BASE_OK) {
                fail_msg("%s: refused: %s", rows[i].what, error.text);
            }
            struct base_arena arena;
            base_arena_init(&arena, 0);
            ProtobufCMessage *message = NULL;
            assert_int_equal(
                wire_unpack(rows[i].type, bytes, &wire_request_limits, &arena, &message, &error),
                BASE_OK);
            assert_non_null(message);
            base_arena_fini(&arena);
        } else {
            if (code != BASE_INVALID_ARGUMENT || error.code != code ||
                strstr(error.text, rows[i].text) == NULL) {
                fail_msg("%s: code %d, text: %s", rows[i].what, (int)code, error.text);
            }
        }
        free(copy);
    }
}

/* A cut at every byte of a good message is refused or still a message, and never read past its end.
 */
static void test_every_cut(void **state)
{
    (void)state;
    struct base_buffer bytes = BASE_BUFFER_EMPTY;
    for (int i = 0; i < 3; i++) {
        wire_put_bytes(&bytes, 1, BASE_SLICE("openalex:A5023888391"));
    }
    for (size_t size = 0; size < bytes.size; size++) {
        char *copy = malloc(size + 1);
        assert_non_null(copy);
        memcpy(copy, bytes.data, size);
        enum base_code code = wire_check(BATCH, base_slice(copy, size), 10, NULL);
        assert_int_equal(code, size % 22 == 0 ? BASE_OK : BASE_INVALID_ARGUMENT);
        free(copy);
    }
    base_buffer_fini(&bytes);
}

static void test_field_limit(void **state)
{
    (void)state;
    struct base_buffer bytes = BASE_BUFFER_EMPTY;
    for (int i = 0; i < 1000000; i++) {
        wire_put_uint_present(&bytes, 15, 0);
    }
    struct base_error error = {0};
    assert_int_equal(wire_check(GET, base_buffer_slice(&bytes), LIMIT_REQUEST_FIELDS, &error),
                     BASE_INVALID_ARGUMENT);
    assert_non_null(strstr(error.text, "more than 100000 fields"));
    /* The limit counts fields at all depths: 3 entries of 2 fields make 9 fields. */
    base_buffer_clear(&bytes);
    for (int i = 0; i < 3; i++) {
        base_buffer_append(&bytes, "\x1a\x06\x0a\x01k\x12\x01v", 8);
    }
    assert_int_equal(wire_check(REQUEST, base_buffer_slice(&bytes), 9, &error), BASE_OK);
    assert_int_equal(wire_check(REQUEST, base_buffer_slice(&bytes), 8, &error),
                     BASE_INVALID_ARGUMENT);
    base_buffer_fini(&bytes);
}

/* Each number of a packed run is a field, in the last run of a message too. */
static void test_field_limit_of_packed_numbers(void **state)
{
    (void)state;
    enum { REQUEST_SCOPE = 2, SCOPE_KINDS = 5 };
    static const char kinds[8] = {1, 2, 3, 1, 2, 3, 1, 2};
    struct base_buffer scope = BASE_BUFFER_EMPTY;
    struct base_buffer bytes = BASE_BUFFER_EMPTY;
    struct base_error error = {0};
    wire_put_bytes_present(&scope, SCOPE_KINDS, base_slice(kinds, sizeof kinds));
    wire_put_bytes_present(&bytes, REQUEST_SCOPE, base_buffer_slice(&scope));
    /* The scope, the run and what is in it. */
    assert_int_equal(wire_check(COMPUTE, base_buffer_slice(&bytes), 10, &error), BASE_OK);
    for (size_t limit = 1; limit < 10; limit++) {
        assert_int_equal(wire_check(COMPUTE, base_buffer_slice(&bytes), limit, &error),
                         BASE_INVALID_ARGUMENT);
        assert_non_null(strstr(error.text, "fields; send fewer at once"));
    }
    base_buffer_fini(&scope);
    base_buffer_fini(&bytes);
}

/* Messages of one type inside each other; our schema has none, so one is made by hand. */
static void test_depth(void **state)
{
    (void)state;
    static ProtobufCMessageDescriptor recursive;
    static const ProtobufCFieldDescriptor fields[] = {{
        .name = "inner",
        .id = 1,
        .label = PROTOBUF_C_LABEL_NONE,
        .type = PROTOBUF_C_TYPE_MESSAGE,
        .descriptor = &recursive,
    }};
    recursive = (ProtobufCMessageDescriptor){
        .magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
        .name = "test.Recursive",
        .n_fields = 1,
        .fields = fields,
    };
    struct base_buffer bytes = BASE_BUFFER_EMPTY;
    for (size_t depth = 1; depth < 40; depth++) {
        struct base_error error = {0};
        enum base_code code = wire_check(&recursive, base_buffer_slice(&bytes), 1000, &error);
        assert_int_equal(code, depth <= WIRE_DEPTH ? BASE_OK : BASE_INVALID_ARGUMENT);
        assert_true(depth <= WIRE_DEPTH || strstr(error.text, "too deep") != NULL);
        struct base_buffer outer = BASE_BUFFER_EMPTY;
        wire_put_bytes_present(&outer, 1, base_buffer_slice(&bytes));
        base_buffer_fini(&bytes);
        bytes = outer;
    }
    base_buffer_fini(&bytes);
}

/* Each limit of the arena from nothing upwards: refused cleanly until it is enough, and never
 * anything else. */
static void test_unpack_memory(void **state)
{
    (void)state;
    struct base_buffer bytes = BASE_BUFFER_EMPTY;
    for (int i = 0; i < 20; i++) {
        wire_put_bytes(&bytes, 1, BASE_SLICE("orcid:0000-0001-6187-6610"));
    }
    bool enough = false;
    for (size_t limit = 1; limit < 8192; limit += 7) {
        struct base_arena arena;
        struct base_error error = {0};
        base_arena_init(&arena, limit);
        ProtobufCMessage *message = NULL;
        enum base_code code = wire_unpack(BATCH, base_buffer_slice(&bytes), &wire_request_limits,
                                          &arena, &message, &error);
        if (code == BASE_OK) {
            const Hirsch__V1__BatchGetAuthorsRequest *request = (const void *)message;
            assert_int_equal(request->n_ids, 20);
            assert_string_equal(request->ids[19], "orcid:0000-0001-6187-6610");
            enough = true;
        } else {
            assert_false(enough);
            assert_int_equal(code, BASE_RESOURCE_EXHAUSTED);
            assert_int_equal(error.code, BASE_RESOURCE_EXHAUSTED);
            assert_null(message);
        }
        base_arena_fini(&arena);
    }
    assert_true(enough);
    base_buffer_fini(&bytes);
}

/* Many tiny items cost far more memory than bytes: the cap holds before the field limit does. */
static void test_unpack_cap(void **state)
{
    (void)state;
    struct base_buffer bytes = BASE_BUFFER_EMPTY;
    for (int i = 0; i < 90000; i++) {
        wire_put_bytes_present(&bytes, 1, BASE_SLICE(""));
    }
    struct base_arena arena;
    base_arena_init(&arena, 0);
    struct base_error error = {0};
    ProtobufCMessage *message = NULL;
    struct wire_limits tight = {.fields = LIMIT_REQUEST_FIELDS, .memory_factor = 4};
    assert_int_equal(
        wire_unpack(BATCH, base_buffer_slice(&bytes), &tight, &arena, &message, &error),
        BASE_RESOURCE_EXHAUSTED);
    assert_non_null(strstr(error.text, "too much memory"));
    assert_true(arena.used <= bytes.size * 4 + 64 * 1024);
    base_arena_fini(&arena);
    base_buffer_fini(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),        cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_field_limit), cmocka_unit_test(test_field_limit_of_packed_numbers),
        cmocka_unit_test(test_depth),       cmocka_unit_test(test_unpack_memory),
        cmocka_unit_test(test_unpack_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
