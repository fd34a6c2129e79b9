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

enum { SAMPLES = 500, SAMPLE_SIZE = 400 };

/* Sentences of few words, each in another order; which: another vocabulary. */
static void make_samples(char *samples, size_t *sizes, unsigned which)
{
    uint64_t seed = which;
    char *at = samples;
    for (size_t i = 0; i < SAMPLES; i++) {
        char *end = at + SAMPLE_SIZE;
        sizes[i] = SAMPLE_SIZE;
        while (at < end) {
            seed = seed * 6364136223846793005U + 1442695040888963407U;
            *at = (char)('a' + (seed >> 50) % 20);
            unsigned repeat = (unsigned)(seed >> 40) % 40;
            for (at++; at < end && repeat > 0; repeat--, at++) {
                *at = (char)('a' + (repeat * repeat + which) % 26);
            }
        }
    }
}

static struct base_dictionary *train(char *samples, unsigned which)
{
    size_t sizes[SAMPLES];
    struct base_buffer bytes = BASE_BUFFER_EMPTY;
    struct base_buffer again = BASE_BUFFER_EMPTY;
    struct base_error error;
    make_samples(samples, sizes, which);
    assert_int_equal(base_dictionary_train(samples, sizes, SAMPLES, 8192, &bytes, &error), BASE_OK);
    assert_int_equal(base_dictionary_train(samples, sizes, SAMPLES, 8192, &again, &error), BASE_OK);
    assert_true(base_slice_equal(base_buffer_slice(&bytes), base_buffer_slice(&again)));
    struct base_dictionary *dictionary = base_dictionary_new(base_buffer_slice(&bytes));
    assert_non_null(dictionary);
    assert_true(base_slice_equal(base_dictionary_bytes(dictionary), base_buffer_slice(&bytes)));
    base_buffer_fini(&bytes);
    base_buffer_fini(&again);
    return dictionary;
}

static void with_a_dictionary(void **state)
{
    (void)state;
    static char samples[SAMPLES * SAMPLE_SIZE];
    struct base_compressor *other = base_compressor_new(3);
    struct base_decompressor *reader = base_decompressor_new();
    struct base_dictionary *dictionary = train(samples, 1);
    struct base_error error;
    struct base_slice back = {NULL, 0};
    struct base_slice text_in = base_slice(samples, SAMPLE_SIZE);
    struct base_buffer plain = BASE_BUFFER_EMPTY;
    struct base_buffer small = BASE_BUFFER_EMPTY;
    assert_int_equal(base_compress(other, text_in, &plain, &error), BASE_OK);
    assert_true(base_compressor_use(other, dictionary));
    assert_int_equal(base_compress(other, text_in, &small, &error), BASE_OK);
    assert_true(small.size < plain.size);
    /* Without it, and with another one, the frame says so. */
    assert_int_equal(
        base_decompress(reader, base_buffer_slice(&small), SAMPLE_SIZE, &arena, &back, &error),
        BASE_DATA_LOSS);
    static char others[SAMPLES * SAMPLE_SIZE];
    struct base_dictionary *wrong = train(others, 7);
    base_decompressor_use(reader, wrong);
    assert_int_equal(
        base_decompress(reader, base_buffer_slice(&small), SAMPLE_SIZE, &arena, &back, &error),
        BASE_DATA_LOSS);
    base_decompressor_use(reader, dictionary);
    assert_int_equal(
        base_decompress(reader, base_buffer_slice(&small), SAMPLE_SIZE, &arena, &back, &error),
        BASE_OK);
    assert_true(base_slice_equal(back, text_in));
    /* Frames that were made without one are read all the same. */
    assert_int_equal(
        base_decompress(reader, base_buffer_slice(&plain), SAMPLE_SIZE, &arena, &back, &error),
        BASE_OK);
    assert_true(base_slice_equal(back, text_in));
    base_buffer_fini(&small);
    base_buffer_fini(&plain);
    base_dictionary_free(wrong);
    base_dictionary_free(dictionary);
    base_decompressor_free(reader);
    base_compressor_free(other);
}

static void what_is_no_dictionary(void **state)
{
    (void)state;
    struct base_buffer bytes = BASE_BUFFER_EMPTY;
    struct base_error error;
    size_t size = 3;
    assert_int_equal(base_dictionary_train("abc", &size, 1, 8192, &bytes, &error),
                     BASE_FAILED_PRECONDITION);
    assert_int_equal(bytes.size, 0);
    assert_null(base_dictionary_new(BASE_SLICE("any bytes")));
    assert_null(base_dictionary_new(BASE_SLICE("")));
    base_dictionary_free(NULL);
    base_buffer_fini(&bytes);
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
        cmocka_unit_test(with_a_dictionary),
        cmocka_unit_test(what_is_no_dictionary),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
