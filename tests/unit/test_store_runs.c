/* Sorting beyond memory, growing arrays, small numbers for texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "store/intern.h"
#include "store/merge.h"
#include "store/sort.h"

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/hirsch-runs-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int drop_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static uint32_t random_next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(*seed >> 33);
}

/* Keys that share their first 20 bytes now and then, and such that differ only around the 15 bytes
 * that the sorter keeps beside the key, in zeros and in length. */
static size_t make_key(uint64_t *seed, char key[64])
{
    uint32_t kind = random_next(seed) % 5;
    size_t size = kind == 0 ? 20 : kind == 1 ? 12 : 0;
    memset(key, kind == 0 ? 'k' : 0, size);
    size_t more = random_next(seed) % (kind == 1 ? 6 : 24);
    for (size_t i = 0; i < more; i++) {
        key[size++] = (char)(random_next(seed) % (kind == 1 ? 2 : 4));
    }
    return size;
}

/* How many keys come, none before the last one; adds up their numbers. */
static size_t take_all(struct store_merge *merge, struct base_slice *last, uint64_t *sum)
{
    struct base_slice key;
    struct base_slice value;
    size_t seen = 0;
    while (store_merge_next(merge, &key, &value)) {
        assert_true(base_slice_compare(*last, key) <= 0);
        *sum += base_get_le64(value.data);
        *last = key;
        seen++;
    }
    return seen;
}

enum { PARTS_MOST = 5 };

/* Parts one behind the other give the whole, with equal keys in one part. */
static void merge_in_parts(struct store_runs *const runs[2], size_t parts, size_t count,
                           uint64_t sum)
{
    struct base_slice cuts[PARTS_MOST];
    struct base_slice from = {NULL, 0};
    struct base_slice last = {"", 0};
    uint64_t found = 0;
    size_t seen = 0;
    assert_int_equal(store_merge_cut(runs, 2, parts, cuts, NULL), BASE_OK);
    for (size_t i = 0; i < parts; i++) {
        struct base_slice to = i + 1 < parts ? cuts[i] : base_slice(NULL, 0);
        struct store_merge *merge;
        assert_int_equal(store_merge_part(runs, 2, from, to, &merge, NULL), BASE_OK);
        size_t taken = take_all(merge, &last, &found);
        assert_true(to.data == NULL || taken == 0 || base_slice_compare(last, to) < 0);
        /* The most frequent key is the empty one, of a thirtieth. */
        assert_true(count < 10000 || (taken > count / parts / 2 && taken < count / parts * 2));
        seen += taken;
        from = to;
        store_merge_free(merge);
    }
    assert_int_equal(seen, count);
    assert_int_equal(found, sum);
}

static void sort_with_limit(size_t limit, size_t count)
{
    struct store_runs *runs[2] = {store_runs_new(folder, limit), store_runs_new(folder, limit)};
    uint64_t seed = 7 + limit;
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        char key[64];
        size_t size = make_key(&seed, key);
        uint8_t value[8];
        base_put_le64(value, i);
        sum += i;
        assert_int_equal(store_runs_add(runs[i % 2], base_slice(key, size),
                                        base_slice(value, sizeof value), NULL),
                         BASE_OK);
    }
    struct store_merge *merge;
    assert_int_equal(store_runs_finish(runs[0], NULL), BASE_OK);
    assert_int_equal(store_runs_finish(runs[1], NULL), BASE_OK);
    assert_int_equal(store_merge_new(runs, 2, NULL, 0, &merge, NULL), BASE_OK);
    struct base_slice last = {"", 0};
    uint64_t found = 0;
    assert_int_equal(take_all(merge, &last, &found), count);
    assert_int_equal(found, sum);
    store_merge_free(merge);
    for (size_t parts = 1; parts <= PARTS_MOST; parts++) {
        merge_in_parts(runs, parts, count, sum);
    }
    store_runs_free(runs[0]);
    store_runs_free(runs[1]);
}

static void test_runs_in_memory(void **state)
{
    (void)state;
    sort_with_limit(64U << 20, 50000);
    sort_with_limit(64U << 20, 1);
    sort_with_limit(64U << 20, 0);
}

static void test_runs_in_files(void **state)
{
    (void)state;
    sort_with_limit(1U << 20, 200000);
}

static void test_unwritable_folder(void **state)
{
    (void)state;
    struct store_runs *runs = store_runs_new("/proc/nowhere", 1);
    struct base_error error;
    enum base_code code = BASE_OK;
    for (int i = 0; i < 1000000 && code == BASE_OK; i++) {
        code = store_runs_add(runs, BASE_SLICE("key"), BASE_SLICE("value"), &error);
    }
    assert_int_equal(code, BASE_RESOURCE_EXHAUSTED);
    assert_non_null(strstr(error.text, "/proc/nowhere"));
    store_runs_free(runs);
}

static void test_arrays_move_to_files(void **state)
{
    (void)state;
    struct store_scratch scratch = {folder, 256 * 1024, 0};
    struct store_array array;
    struct store_array other;
    store_array_init(&array, &scratch);
    store_array_init(&other, &scratch);
    for (uint32_t i = 0; i < 300000; i++) {
        uint32_t *to = store_array_extend(&array, sizeof *to, NULL);
        assert_non_null(to);
        *to = i;
    }
    assert_true(array.file >= 0);
    assert_int_equal(store_array_resize(&other, 1000, NULL), BASE_OK);
    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(((char *)other.data)[i], 0);
    }
    for (uint32_t i = 0; i < 300000; i++) {
        assert_int_equal(((uint32_t *)array.data)[i], i);
    }
    store_array_fini(&array);
    store_array_fini(&other);
    assert_int_equal(scratch.in_memory, 0);
}

static void test_intern(void **state)
{
    (void)state;
    struct store_scratch scratch = {folder, 1 << 24, 0};
    struct store_intern intern;
    store_intern_init(&intern, &scratch);
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 5000; i++) {
            char text[16];
            uint32_t number;
            int size = i == 0 ? 0 : snprintf(text, sizeof text, "%u", i);
            assert_int_equal(
                store_intern_number(&intern, base_slice(text, (size_t)size), &number, NULL),
                BASE_OK);
            assert_int_equal(number, i);
        }
    }
    assert_true(base_slice_equal(store_intern_text(&intern, 4999), BASE_SLICE("4999")));
    assert_true(store_intern_has(&intern, BASE_SLICE("17")));
    assert_false(store_intern_has(&intern, BASE_SLICE("5000")));
    store_intern_fini(&intern);
}

static inline bool u32_less(const uint32_t *a, const uint32_t *b)
{
    return *a < *b;
}

STORE_SORT_DEFINE(sort_numbers, uint32_t, u32_less)

static void test_sort_shapes(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    uint32_t *items = malloc(COUNT * sizeof *items);
    assert_non_null(items);
    for (int shape = 0; shape < 7; shape++) {
        uint64_t seed = 99;
        uint64_t sum = 0;
        for (uint32_t i = 0; i < COUNT; i++) {
            /* random, upwards, downwards, equal, organ pipe, few values, most equal to the least */
            const uint32_t values[] = {random_next(&seed),
                                       i,
                                       COUNT - i,
                                       5,
                                       i < COUNT / 2 ? i : COUNT - i,
                                       random_next(&seed) % 3,
                                       i % 10 == 0 ? i : 0};
            items[i] = values[shape];
            sum += items[i];
        }
        sort_numbers(items, COUNT);
        for (uint32_t i = 0; i < COUNT; i++) {
            sum -= items[i];
            assert_true(i == 0 || items[i - 1] <= items[i]);
        }
        assert_int_equal(sum, 0);
    }
    sort_numbers(items, 0);
    sort_numbers(items, 1);
    /* The way out of bad pivots. */
    for (uint32_t i = 0; i < COUNT; i++) {
        items[i] = (i * 7919U) % COUNT;
    }
    sort_numbers_heap(items, COUNT);
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_int_equal(items[i], i);
    }
    free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs_in_memory),
        cmocka_unit_test(test_runs_in_files),
        cmocka_unit_test(test_unwritable_folder),
        cmocka_unit_test(test_arrays_move_to_files),
        cmocka_unit_test(test_intern),
        cmocka_unit_test(test_sort_shapes),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
