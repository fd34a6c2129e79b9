/* zstd: there and back, as a whole and in pieces, and what damage gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/compress.h"

enum { TEXT_SIZE = 50000 };

static struct base_arena arena;
static struct base_compressor *compressor;
static struct base_decompressor *decompressor;
static char text[TEXT_SIZE];

static struct base_buffer compressed(size_t size)
{
    struct base_buffer frame = BASE_BUFFER_EMPTY;
    struct base_error error;
    assert_int_equal(base_compress(compressor, base_slice(text, size), &frame, &error), BASE_OK);
    return frame;
}

static void there_and_back(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 7, 1000, TEXT_SIZE};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct base_buffer frame = compressed(sizes[i]);
        struct base_slice back = {NULL, 0};
        struct base_error error;
        assert_int_equal(base_decompress(decompressor, base_buffer_slice(&frame), sizes[i], &arena,
                                         &back, &error),
                         BASE_OK);
        assert_true(base_slice_equal(back, base_slice(text, sizes[i])));
        base_buffer_fini(&frame);
    }
}

static void content_over_the_limit(void **state)
{
    (void)state;
    struct base_buffer frame = compressed(1000);
    struct base_slice back = {NULL, 0};
    struct base_error error;
    assert_int_equal(
        base_decompress(decompressor, base_buffer_slice(&frame), 999, &arena, &back, &error),
        BASE_DATA_LOSS);
    struct base_arena full;
    base_arena_init(&full, 10);
    assert_int_equal(
        base_decompress(decompressor, base_buffer_slice(&frame), 1000, &full, &back, &error),
        BASE_RESOURCE_EXHAUSTED);
    base_arena_fini(&full);
    assert_null(back.data);
    base_buffer_fini(&frame);
}

static void damage(void **state)
{
    (void)state;
    struct base_buffer frame = compressed(1000);
    struct base_slice back;
    struct base_error error;
    for (size_t size = 0; size < frame.size; size++) {
        assert_int_equal(base_decompress(decompressor, base_slice(frame.data, size), TEXT_SIZE,
                                         &arena, &back, &error),
                         BASE_DATA_LOSS);
        assert_int_equal(error.code, BASE_DATA_LOSS);
    }
    assert_int_equal(base_decompress(decompressor, BASE_SLICE("no frame at all"), TEXT_SIZE, &arena,
                                     &back, &error),
                     BASE_DATA_LOSS);
    /* A flipped byte never crashes, and never gives more than was promised. */
    for (size_t at = 0; at < frame.size; at++) {
        for (int bit = 0; bit < 8; bit++) {
            frame.data[at] = (char)(frame.data[at] ^ 1 << bit);
            if (base_decompress(decompressor, base_buffer_slice(&frame), TEXT_SIZE, &arena, &back,
                                &error) == BASE_OK) {
                assert_true(back.size <= TEXT_SIZE);
            }
            frame.data[at] = (char)(frame.data[at] ^ 1 << bit);
            base_arena_reset(&arena);
        }
    }
    base_buffer_fini(&frame);
}

static void in_pieces(void **state)
{
    (void)state;
    struct base_buffer frame = compressed(TEXT_SIZE);
    size_t first = frame.size;
    struct base_error error;
    /* Two frames, one behind the other, as in a .zst file that grew. */
    assert_int_equal(base_compress(compressor, base_slice(text, 10), &frame, &error), BASE_OK);
    static char back[TEXT_SIZE + 10];
    for (size_t piece = 1; piece < 2000; piece = piece * 3 + 1) {
        size_t size = 0;
        size_t at = 0;
        unsigned ends = 0;
        while (at < frame.size) {
            size_t given = frame.size - at < piece ? frame.size - at : piece;
            struct base_slice from = base_slice(frame.data + at, given);
            size_t written = 0;
            bool done = false;
            size_t room = sizeof back - size < 777 ? sizeof back - size : 777;
            assert_int_equal(base_decompress_some(decompressor, &from, back + size, room, &written,
                                                  &done, &error),
                             BASE_OK);
            at += given - from.size;
            size += written;
            ends += done ? 1 : 0;
            assert_true(!done || at == first || at == frame.size);
        }
        assert_int_equal(ends, 2);
        assert_int_equal(size, TEXT_SIZE + 10);
        assert_memory_equal(back, text, TEXT_SIZE);
        assert_memory_equal(back + TEXT_SIZE, text, 10);
    }
    struct base_slice from = BASE_SLICE("no frame at all");
    size_t written;
    bool done;
    assert_int_equal(
        base_decompress_some(decompressor, &from, back, sizeof back, &written, &done, &error),
        BASE_DATA_LOSS);
    /* The next stream is not harmed by the damaged one. */
    from = base_buffer_slice(&frame);
    assert_int_equal(
        base_decompress_some(decompressor, &from, back, sizeof back, &written, &done, &error),
        BASE_OK);
    assert_int_equal(written, TEXT_SIZE);
    base_buffer_fini(&frame);
}

static int set_up(void **state)
{
    (void)state;
    base_arena_init(&arena, 0);
    compressor = base_compressor_new(3);
    decompressor = base_decompressor_new();
    uint32_t number = 1;
    for (size_t i = 0; i < sizeof text; i++) {
        number = number * 1664525 + 1013904223;
        text[i] = (char)('a' + (number >> 29));
    }
    return compressor == NULL || decompressor == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    base_compressor_free(compressor);
    base_decompressor_free(decompressor);
    base_compressor_free(NULL);
    base_decompressor_free(NULL);
    base_arena_fini(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(content_over_the_limit),
        cmocka_unit_test(damage),
        cmocka_unit_test(in_pieces),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
