/* One request that holds as much as fits: the work of a group grows with it and not with its
 * square, or this ends at its time limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "support/small_store.h"

enum { LINES = 60000, AUTHORS = 60000 };

static char folder[SMALL_FOLDER];
static struct store_lock *lock;
static struct store *store;
static struct store_writes *writes;

static int open_all(void **state)
{
    struct base_error error;
    const struct store_build_options options = {.coverage_end = MODEL_NO_DAY};
    (void)state;
    small_make(folder);
    assert_int_equal(store_lock_take(folder, "test", &lock, &error), BASE_OK);
    small_build(folder, &options, NULL, 0);
    writes = small_open(folder, 0, &store);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    store_writes_close(writes);
    store_close(store);
    store_lock_release(lock);
    small_remove(folder);
    return 0;
}

static struct store_info read_info(void)
{
    struct store_reader *reader;
    struct store_info info;
    struct base_error error;
    assert_int_equal(store_reader_new(store, &reader, &error), BASE_OK);
    assert_int_equal(store_read_info(reader, &info, &error), BASE_OK);
    store_reader_free(reader);
    return info;
}

/* Puts so many records that make fills, then removes them. */
static void put_and_remove(void (*make)(struct base_arena *arena, unsigned number,
                                        struct model_record *record),
                           unsigned count, struct store_info *between)
{
    struct base_arena arena;
    base_arena_init(&arena, 0);
    struct model_record *records = base_arena_array(&arena, count, sizeof *records);
    struct store_write_item *items = calloc(count, sizeof *items);
    assert_true(records != NULL && items != NULL);
    for (unsigned i = 0; i < count; i++) {
        struct base_error error;
        make(&arena, i, &records[i]);
        assert_int_equal(model_record_finish(&records[i], &arena, &error), BASE_OK);
        items[i].record = &records[i];
    }
    assert_int_equal(small_write(writes, items, count), BASE_OK);
    *between = read_info();
    for (unsigned i = 0; i < count; i++) {
        items[i].remove = true;
    }
    assert_int_equal(small_write(writes, items, count), BASE_OK);
    free(items);
    base_arena_fini(&arena);
}

static void make_line(struct base_arena *arena, unsigned number, struct model_record *record)
{
    *record = (struct model_record){.type = MODEL_RECORD_CITATION,
                                    .id = small_id(arena, "citing", number),
                                    .other = small_id(arena, "cited", number),
                                    .citation_date = MODEL_UNDATED};
}

static void citation_lines(void **state)
{
    struct store_info between;
    (void)state;
    put_and_remove(make_line, LINES, &between);
    assert_int_equal(between.citation_count, LINES);
    assert_int_equal(between.stub_count, 2 * LINES);
    assert_int_equal(read_info().citation_count, 0);
    assert_int_equal(read_info().stub_count, 0);
}

static void make_author(struct base_arena *arena, unsigned number, struct model_record *record)
{
    *record =
        (struct model_record){.type = MODEL_RECORD_AUTHOR, .id = small_id(arena, "a", number)};
    record->author.name = BASE_SLICE("An Author");
}

static void make_merge(struct base_arena *arena, unsigned number, struct model_record *record)
{
    *record = (struct model_record){.type = MODEL_RECORD_MERGE,
                                    .id = small_id(arena, "a", 2 * number),
                                    .other = small_id(arena, "a", 2 * number + 1),
                                    .entity = MODEL_AUTHOR};
}

static void put_authors(void)
{
    struct base_arena arena;
    base_arena_init(&arena, 0);
    struct model_record *records = base_arena_array(&arena, AUTHORS, sizeof *records);
    struct store_write_item *items = calloc(AUTHORS, sizeof *items);
    assert_true(records != NULL && items != NULL);
    for (unsigned i = 0; i < AUTHORS; i++) {
        make_author(&arena, i, &records[i]);
        assert_int_equal(model_record_finish(&records[i], &arena, NULL), BASE_OK);
        items[i].record = &records[i];
    }
    assert_int_equal(small_write(writes, items, AUTHORS), BASE_OK);
    assert_int_equal(read_info().author_count, AUTHORS);
    free(items);
    base_arena_fini(&arena);
}

static void merge_lines(void **state)
{
    struct store_info between;
    (void)state;
    put_authors();
    put_and_remove(make_merge, AUTHORS / 2, &between);
    assert_int_equal(between.author_count, AUTHORS / 2);
    assert_int_equal(read_info().author_count, AUTHORS);
}

static void make_suppress(struct base_arena *arena, unsigned number, struct model_record *record)
{
    *record = (struct model_record){.type = MODEL_RECORD_SUPPRESS,
                                    .id = small_id(arena, "a", 3 * number),
                                    .entity = MODEL_AUTHOR};
}

/* Every third author is suppressed. */
static void suppress_lines(void **state)
{
    struct store_info between;
    (void)state;
    put_authors();
    put_and_remove(make_suppress, AUTHORS / 3, &between);
    assert_int_equal(between.author_count, AUTHORS - AUTHORS / 3);
    assert_int_equal(read_info().author_count, AUTHORS - AUTHORS / 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(citation_lines, open_all, close_all),
        cmocka_unit_test_setup_teardown(merge_lines, open_all, close_all),
        cmocka_unit_test_setup_teardown(suppress_lines, open_all, close_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
