/* Slices, numbers in bytes, varints, and hashes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buffer.h"
#include "base/hash.h"

static void slices_compare_as_bytes(void **state)
{
    (void)state;
    static const struct base_slice ascending[] = {{NULL, 0}, {"\0", 1}, {"a", 1},    {"a\0", 2},
                                                  {"aa", 2}, {"b", 1},  {"\x80", 1}, {"\xff", 1}};
    for (size_t i = 0; i < 8; i++) {
        for (size_t j = 0; j < 8; j++) {
            int order = base_slice_compare(ascending[i], ascending[j]);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
            assert_int_equal(base_slice_equal(ascending[i], ascending[j]), i == j);
        }
    }
    assert_true(base_slice_starts(BASE_SLICE("abc"), BASE_SLICE("ab")));
    assert_true(base_slice_starts(BASE_SLICE("abc"), BASE_SLICE("")));
    assert_false(base_slice_starts(BASE_SLICE("ab"), BASE_SLICE("abc")));
    assert_false(base_slice_starts(BASE_SLICE("abc"), BASE_SLICE("b")));
}

static void numbers_in_bytes(void **state)
{
    (void)state;
    uint8_t bytes[8];
    base_put_be16(bytes, 0x0102);
    assert_memory_equal(bytes, "\x01\x02", 2);
    assert_int_equal(base_get_be16(bytes), 0x0102);
    base_put_be32(bytes, 0x01020304);
    assert_memory_equal(bytes, "\x01\x02\x03\x04", 4);
    assert_int_equal(base_get_be32(bytes), 0x01020304);
    base_put_be64(bytes, UINT64_C(0x0102030405060708));
    assert_memory_equal(bytes, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
    assert_true(base_get_be64(bytes) == UINT64_C(0x0102030405060708));
    base_put_le16(bytes, 0x0102);
    assert_memory_equal(bytes, "\x02\x01", 2);
    assert_int_equal(base_get_le16(bytes), 0x0102);
    base_put_le32(bytes, 0x01020304);
    assert_memory_equal(bytes, "\x04\x03\x02\x01", 4);
    assert_int_equal(base_get_le32(bytes), 0x01020304);
    base_put_le64(bytes, UINT64_C(0x0102030405060708));
    assert_memory_equal(bytes, "\x08\x07\x06\x05\x04\x03\x02\x01", 8);
    assert_true(base_get_le64(bytes) == UINT64_C(0x0102030405060708));
}

static void varints_there_and_back(void **state)
{
    (void)state;
    static const struct {
        uint64_t value;
        size_t size;
    } rows[] = {
        {0, 1},
        {1, 1},
        {0x7f, 1},
        {0x80, 2},
        {0x3fff, 2},
        {0x4000, 3},
        {UINT32_MAX, 5},
        {UINT64_C(1) << 35, 6},
        {UINT64_C(0x7fffffffffffffff), 9},
        {UINT64_C(0x8000000000000000), 10},
        {UINT64_MAX, 10},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct base_buffer buffer = BASE_BUFFER_EMPTY;
        base_buffer_append_varint(&buffer, rows[i].value);
        assert_int_equal(buffer.size, rows[i].size);
        base_buffer_append_byte(&buffer, 'x');
        struct base_slice rest = base_buffer_slice(&buffer);
        uint64_t value;
        assert_true(base_take_varint(&rest, &value));
        assert_true(value == rows[i].value);
        assert_int_equal(rest.size, 1);
        /* Cut anywhere it is refused and nothing moves. */
        for (size_t size = 0; size < rows[i].size; size++) {
            struct base_slice cut = base_slice(buffer.data, size);
            value = 7;
            assert_false(base_take_varint(&cut, &value));
            assert_ptr_equal(cut.data, buffer.data);
            assert_int_equal(cut.size, size);
            assert_true(value == 7);
        }
        base_buffer_fini(&buffer);
    }
}

static void varints_over_64_bits(void **state)
{
    (void)state;
    uint64_t value = 7;
    struct base_slice more = BASE_SLICE("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02");
    assert_false(base_take_varint(&more, &value));
    assert_int_equal(more.size, 10);
    struct base_slice longer = BASE_SLICE("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01");
    assert_false(base_take_varint(&longer, &value));
    assert_int_equal(longer.size, 11);
    struct base_slice most = BASE_SLICE("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    assert_true(base_take_varint(&most, &value));
    assert_true(value == UINT64_MAX);
}

static void bytes_are_taken_off_the_front(void **state)
{
    (void)state;
    struct base_slice rest = BASE_SLICE("abcd");
    struct base_slice taken = {NULL, 0};
    assert_false(base_take_bytes(&rest, 5, &taken));
    assert_false(base_take_bytes(&rest, SIZE_MAX, &taken));
    assert_null(taken.data);
    assert_true(base_take_bytes(&rest, 3, &taken));
    assert_true(base_slice_equal(taken, BASE_SLICE("abc")));
    assert_true(base_take_bytes(&rest, 0, &taken));
    assert_int_equal(taken.size, 0);
    assert_true(base_take_bytes(&rest, 1, &taken));
    assert_int_equal(rest.size, 0);
}

/* They are on disk. */
static void hashes_are_xxh3(void **state)
{
    (void)state;
    struct base_slice nothing = {NULL, 0};
    assert_true(base_hash64(nothing) == UINT64_C(0x2d06800538d394c2));
    struct base_hash128 hash = base_hash128(nothing);
    assert_true(hash.high == UINT64_C(0x99aa06d3014798d8));
    assert_true(hash.low == UINT64_C(0x6001c324468d497f));
    assert_true(base_hash64_seed(nothing, 0) == base_hash64(nothing));
    assert_true(base_hash64_seed(BASE_SLICE("abc"), 1) != base_hash64(BASE_SLICE("abc")));

    const struct base_slice parts[] = {BASE_SLICE("ab"), {NULL, 0}, BASE_SLICE("c")};
    assert_true(base_hash64_parts(parts, 3) == base_hash64(BASE_SLICE("abc")));
    assert_true(base_hash64_parts(NULL, 0) == base_hash64(nothing));
    /* A long text in parts, over the hash's own block size. */
    char text[5000];
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (char)(i * 31);
    }
    const struct base_slice halves[] = {{text, 1234}, {text + 1234, sizeof text - 1234}};
    assert_true(base_hash64_parts(halves, 2) == base_hash64(base_slice(text, sizeof text)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_compare_as_bytes),       cmocka_unit_test(numbers_in_bytes),
        cmocka_unit_test(varints_there_and_back),        cmocka_unit_test(varints_over_64_bits),
        cmocka_unit_test(bytes_are_taken_off_the_front), cmocka_unit_test(hashes_are_xxh3),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
