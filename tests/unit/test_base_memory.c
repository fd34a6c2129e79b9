/* Arena and buffer: limits, reuse, and what a failed allocation leaves behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buffer.h"

static void arena_gives_aligned_memory_of_its_own(void **state)
{
    (void)state;
    struct base_arena arena;
    base_arena_init(&arena, 0);
    char *parts[200];
    for (size_t i = 0; i < 200; i++) {
        parts[i] = base_arena_alloc(&arena, i * 7);
        assert_non_null(parts[i]);
        assert_int_equal((uintptr_t)parts[i] % 16, 0);
        memset(parts[i], (int)i, i * 7);
    }
    for (size_t i = 0; i < 200; i++) {
        for (size_t at = 0; at < i * 7; at++) {
            assert_int_equal((uint8_t)parts[i][at], i);
        }
    }
    assert_int_equal(arena.used, 7 * 199 * 200 / 2);
    base_arena_fini(&arena);
}

static void arena_holds_its_limit(void **state)
{
    (void)state;
    struct base_arena arena;
    base_arena_init(&arena, 100);
    assert_null(base_arena_alloc(&arena, 101));
    assert_non_null(base_arena_alloc(&arena, 60));
    assert_null(base_arena_alloc(&arena, 41));
    assert_non_null(base_arena_alloc(&arena, 40));
    assert_null(base_arena_alloc(&arena, 1));
    assert_non_null(base_arena_alloc(&arena, 0));
    assert_null(base_arena_alloc(&arena, SIZE_MAX));
    base_arena_reset(&arena);
    assert_int_equal(arena.used, 0);
    assert_non_null(base_arena_alloc(&arena, 100));
    base_arena_fini(&arena);

    base_arena_init(&arena, 0);
    assert_null(base_arena_alloc(&arena, SIZE_MAX));
    assert_null(base_arena_alloc(&arena, SIZE_MAX / 2));
    assert_null(base_arena_array(&arena, SIZE_MAX / 2, 3));
    assert_null(base_arena_array(&arena, (size_t)1 << 33, (size_t)1 << 33));
    base_arena_fini(&arena);
}

static void arena_is_warm_after_a_reset(void **state)
{
    (void)state;
    struct base_arena arena;
    base_arena_init(&arena, 0);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 100; i++) {
            char *part = base_arena_zalloc(&arena, 1000);
            assert_non_null(part);
            for (int at = 0; at < 1000; at++) {
                assert_int_equal(part[at], 0);
            }
            memset(part, 0xff, 1000);
        }
        /* Larger than any block. */
        assert_non_null(base_arena_alloc(&arena, (size_t)3 << 20));
        base_arena_reset(&arena);
    }
    base_arena_fini(&arena);
    /* After its end an arena is as fresh as after its start. */
    assert_non_null(base_arena_alloc(&arena, 1));
    base_arena_fini(&arena);
}

static void arena_copies_are_c_strings(void **state)
{
    (void)state;
    struct base_arena arena;
    base_arena_init(&arena, 4);
    struct base_slice copy = base_arena_copy(&arena, BASE_SLICE("abc"));
    assert_string_equal(copy.data, "abc");
    assert_int_equal(copy.size, 3);
    copy = base_arena_copy(&arena, BASE_SLICE(""));
    assert_null(copy.data);
    base_arena_reset(&arena);
    copy = base_arena_copy(&arena, (struct base_slice){NULL, 0});
    assert_string_equal(copy.data, "");
    base_arena_fini(&arena);
}

static void buffer_grows(void **state)
{
    (void)state;
    struct base_buffer buffer;
    base_buffer_init(&buffer);
    for (int i = 0; i < 10000; i++) {
        base_buffer_append_byte(&buffer, (uint8_t)i);
    }
    assert_int_equal(buffer.size, 10000);
    for (int i = 0; i < 10000; i++) {
        assert_int_equal((uint8_t)buffer.data[i], i % 256);
    }
    size_t capacity = buffer.capacity;
    base_buffer_clear(&buffer);
    assert_int_equal(buffer.size, 0);
    assert_int_equal(buffer.capacity, capacity);
    base_buffer_append_text(&buffer, "year ");
    base_buffer_append_format(&buffer, "%u is %s", 20255U, "out of range");
    base_buffer_append_slice(&buffer, BASE_SLICE("!"));
    base_buffer_append(&buffer, NULL, 0);
    assert_true(
        base_slice_equal(base_buffer_slice(&buffer), BASE_SLICE("year 20255 is out of range!")));
    base_buffer_fini(&buffer);
    base_buffer_fini(&buffer);
}

static void buffer_remembers_a_failure(void **state)
{
    (void)state;
    struct base_buffer buffer = BASE_BUFFER_EMPTY;
    base_buffer_append_text(&buffer, "abc");
    assert_null(base_buffer_reserve(&buffer, SIZE_MAX));
    assert_true(buffer.failed);
    base_buffer_append_text(&buffer, "def");
    base_buffer_append_varint(&buffer, 5);
    assert_int_equal(buffer.size, 3);
    base_buffer_clear(&buffer);
    assert_false(buffer.failed);
    base_buffer_append_text(&buffer, "def");
    assert_int_equal(buffer.size, 3);
    base_buffer_fini(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_gives_aligned_memory_of_its_own),
        cmocka_unit_test(arena_holds_its_limit),
        cmocka_unit_test(arena_is_warm_after_a_reset),
        cmocka_unit_test(arena_copies_are_c_strings),
        cmocka_unit_test(buffer_grows),
        cmocka_unit_test(buffer_remembers_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
