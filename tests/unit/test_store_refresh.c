/* Writes and refreshes that meet a full map, refreshes that are stopped or outlive papers they
 * speak of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "store/refresh.h"
#include "support/small_store.h"

enum { PAPERS = 20000 };

static char folder[SMALL_FOLDER];
static struct store_lock *lock;

static void make_paper(struct base_arena *arena, unsigned number, struct model_record *record)
{
    struct base_error error;
    *record = (struct model_record){.type = MODEL_RECORD_PAPER, .id = small_id(arena, "p", number)};
    record->paper.title = BASE_SLICE("A paper");
    record->paper.kind = MODEL_KIND_ARTICLE;
    record->paper.date = (struct model_date){model_day_of(2010, 5, 1), MODEL_DAY};
    record->paper.field.id = small_id(arena, "f", number).value;
    assert_int_equal(model_record_finish(record, arena, &error), BASE_OK);
}

static int load(void **state)
{
    const struct store_build_options options = {.coverage_end = MODEL_NO_DAY,
                                                .today = model_day_of(2020, 1, 1)};
    struct base_arena arena;
    struct base_error error;
    (void)state;
    small_make(folder);
    base_arena_init(&arena, 0);
    struct model_record *records = base_arena_array(&arena, PAPERS, sizeof *records);
    assert_non_null(records);
    for (unsigned i = 0; i < PAPERS; i++) {
        make_paper(&arena, i, &records[i]);
    }
    assert_int_equal(store_lock_take(folder, "test", &lock, &error), BASE_OK);
    small_build(folder, &options, records, PAPERS);
    base_arena_fini(&arena);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    store_lock_release(lock);
    small_remove(folder);
    return 0;
}

static enum base_code refresh(struct store *store, bool (*stop)(void *), struct base_error *error)
{
    const struct store_refresh_options options = {.directory = folder,
                                                  .memory = SMALL_MEMORY,
                                                  .packer = small_packer,
                                                  .stop = stop,
                                                  .context = store};
    struct store_refresh_report report;
    return store_refresh(store, &options, &report, error);
}

static struct store_usage usage_of(struct store *store)
{
    struct store_reader *reader;
    struct store_usage usage;
    struct base_error error;
    assert_int_equal(store_reader_new(store, &reader, &error), BASE_OK);
    assert_int_equal(store_read_usage(reader, &usage, &error), BASE_OK);
    store_reader_free(reader);
    return usage;
}

/* The round of the last refresh, -1 before the first. */
static int round_of(struct store *store)
{
    struct store_reader *reader;
    struct store_refreshed refreshed;
    struct base_error error;
    assert_int_equal(store_reader_new(store, &reader, &error), BASE_OK);
    enum base_code code = store_read_refreshed(reader, &refreshed, &error);
    store_reader_free(reader);
    return code == BASE_OK ? refreshed.round : -1;
}

/* Of a paper that was put or removed through the writer. */
static void change_paper(struct store_writes *writes, unsigned number, bool remove)
{
    struct base_arena arena;
    struct model_record record;
    base_arena_init(&arena, 0);
    make_paper(&arena, number, &record);
    struct store_write_item item = {.record = &record, .remove = remove};
    assert_int_equal(small_write(writes, &item, 1), BASE_OK);
    assert_int_equal(item.outcome, remove ? STORE_OUTCOME_DELETED : STORE_OUTCOME_STORED);
    base_arena_fini(&arena);
}

/* Bytes of a map that the store fills so far. */
static uint64_t map_filled(unsigned percent)
{
    struct store *store;
    struct store_writes *writes = small_open(folder, 0, &store);
    uint64_t used = usage_of(store).map_used;
    store_writes_close(writes);
    store_close(store);
    return used / percent * 100 / 4096 * 4096;
}

static void leaves_room_for_deletes(void **state)
{
    struct store *store;
    struct base_error error;
    (void)state;
    uint64_t map_size = map_filled(89);
    struct store_writes *writes = small_open(folder, map_size, &store);
    assert_int_equal(usage_of(store).map_size, map_size);
    assert_int_equal(refresh(store, NULL, &error), BASE_RESOURCE_EXHAUSTED);
    assert_non_null(strstr(error.text, "the map is nearly full"));
    assert_int_equal(round_of(store), -1);
    /* What it wrote until then is gone. */
    assert_true(usage_of(store).map_used < map_size / 100 * 91);
    change_paper(writes, 7, true);
    store_writes_close(writes);
    store_close(store);
}

static bool is_switched(void *context)
{
    return round_of(context) == 1;
}

static void stopped_behind_the_switch_is_done(void **state)
{
    struct store *store;
    struct base_error error;
    (void)state;
    struct store_writes *writes = small_open(folder, 0, &store);
    assert_int_equal(refresh(store, NULL, &error), BASE_OK);
    assert_int_equal(round_of(store), 0);
    change_paper(writes, 7, true);
    assert_int_equal(refresh(store, is_switched, &error), BASE_OK);
    assert_int_equal(round_of(store), 1);
    store_writes_close(writes);
    store_close(store);
}

static uint32_t number_of(struct store_reader *reader, unsigned paper)
{
    struct base_arena arena;
    struct base_error error;
    struct store_ref ref;
    base_arena_init(&arena, 0);
    const struct model_id id = small_id(&arena, "p", paper);
    assert_int_equal(store_find(reader, MODEL_PAPER, &id, &ref, &error), BASE_OK);
    base_arena_fini(&arena);
    return ref.number;
}

/* Which paper has the greatest number? */
static unsigned last_paper(struct store *store)
{
    struct store_reader *reader;
    struct base_error error;
    uint32_t last;
    unsigned paper = 0;
    assert_int_equal(store_reader_new(store, &reader, &error), BASE_OK);
    assert_int_equal(store_read_last(reader, MODEL_PAPER, &last, &error), BASE_OK);
    while (number_of(reader, paper) != last) {
        paper++;
    }
    store_reader_free(reader);
    return paper;
}

static void new_papers_have_no_cohort_of_old_ones(void **state)
{
    struct store *store;
    struct store_reader *reader;
    struct store_refreshed refreshed;
    struct store_cohort cohort;
    struct engine_member member;
    struct base_arena arena;
    struct base_error error;
    (void)state;
    base_arena_init(&arena, 0);
    struct store_writes *writes = small_open(folder, 0, &store);
    assert_int_equal(refresh(store, NULL, &error), BASE_OK);
    change_paper(writes, last_paper(store), true);
    store_writes_close(writes);
    store_close(store);
    writes = small_open(folder, 0, &store);
    for (unsigned i = 0; i < 2; i++) {
        unsigned paper = PAPERS + i;
        change_paper(writes, paper, false);
        assert_int_equal(store_reader_new(store, &reader, &error), BASE_OK);
        assert_int_equal(store_read_refreshed(reader, &refreshed, &error), BASE_OK);
        assert_int_equal(store_read_member(reader, &refreshed, number_of(reader, paper),
                                           STORE_COHORT_INCLUDE, &arena, &member, &cohort, &error),
                         BASE_NOT_FOUND);
        store_reader_free(reader);
        /* One that a refresh under way may have seen. */
        change_paper(writes, paper, true);
    }
    assert_int_equal(refresh(store, NULL, &error), BASE_OK);
    store_writes_close(writes);
    store_close(store);
    base_arena_fini(&arena);
}

/* The number of a paper that comes and goes. */
static uint32_t number_of_guest(struct store *store, struct store_writes *writes, unsigned paper)
{
    struct store_reader *reader;
    struct base_error error;
    change_paper(writes, paper, false);
    assert_int_equal(store_reader_new(store, &reader, &error), BASE_OK);
    uint32_t number = number_of(reader, paper);
    store_reader_free(reader);
    change_paper(writes, paper, true);
    return number;
}

/* What a refresh has read it writes behind them. */
static void numbers_wait_for_the_end_of_a_refresh(void **state)
{
    struct store *store;
    (void)state;
    struct store_writes *writes = small_open(folder, 0, &store);
    uint32_t first = number_of_guest(store, writes, PAPERS);
    assert_int_equal(number_of_guest(store, writes, PAPERS + 1), first);
    atomic_store(&store->refreshing, true);
    /* It may have begun before the last guest was gone. */
    assert_int_equal(number_of_guest(store, writes, PAPERS + 2), first + 1);
    assert_int_equal(number_of_guest(store, writes, PAPERS + 3), first + 2);
    atomic_store(&store->refreshing, false);
    assert_int_equal(number_of_guest(store, writes, PAPERS + 4), first);
    store_writes_close(writes);
    store_close(store);
}

/* Papers come, are in cohorts and go, again and again: numbers do not run away from them. */
static void numbers_stay_dense(void **state)
{
    enum { ROUNDS = 20, GUESTS = 100 };
    struct store *store;
    struct base_error error;
    (void)state;
    struct store_writes *writes = small_open(folder, 0, &store);
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < GUESTS; i++) {
            change_paper(writes, PAPERS + i, false);
        }
        assert_int_equal(refresh(store, NULL, &error), BASE_OK);
        for (unsigned i = 0; i < GUESTS; i++) {
            change_paper(writes, PAPERS + i, true);
        }
    }
    assert_true(number_of_guest(store, writes, PAPERS) < PAPERS + 4 * GUESTS);
    store_writes_close(writes);
    store_close(store);
}

/* A map that has room for a few papers and not for many. */
static void what_fails_takes_no_numbers(void **state)
{
    struct base_arena arena;
    struct store *store;
    struct store_reader *reader;
    struct base_error error;
    (void)state;
    struct store_writes *writes = small_open(folder, map_filled(80), &store);
    base_arena_init(&arena, 0);
    struct model_record *records = base_arena_array(&arena, PAPERS, sizeof *records);
    struct store_write_item *items = calloc(PAPERS, sizeof *items);
    assert_true(records != NULL && items != NULL);
    for (unsigned i = 0; i < PAPERS; i++) {
        make_paper(&arena, PAPERS + i, &records[i]);
        items[i].record = &records[i];
    }
    assert_int_equal(small_write(writes, items, PAPERS), BASE_RESOURCE_EXHAUSTED);
    change_paper(writes, PAPERS, false);
    assert_int_equal(store_reader_new(store, &reader, &error), BASE_OK);
    assert_int_equal(number_of(reader, PAPERS), PAPERS + 1);
    store_reader_free(reader);
    free(items);
    base_arena_fini(&arena);
    store_writes_close(writes);
    store_close(store);
}

/* Whether or not anyone has asked for a write, and after a delete too. */
static void a_full_map_is_said(void **state)
{
    struct store_writes_counters counters;
    struct store *store;
    (void)state;
    struct store_writes *writes = small_open(folder, 0, &store);
    uint64_t used = usage_of(store).map_used;
    store_writes_counters(writes, &counters);
    assert_false(counters.full);
    store_writes_close(writes);
    store_close(store);
    writes = small_open(folder, used / 92 * 100 / 4096 * 4096, &store);
    store_writes_counters(writes, &counters);
    assert_true(counters.full);
    change_paper(writes, 7, true);
    store_writes_counters(writes, &counters);
    assert_true(counters.full);
    store_writes_close(writes);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(leaves_room_for_deletes, load, drop),
        cmocka_unit_test_setup_teardown(stopped_behind_the_switch_is_done, load, drop),
        cmocka_unit_test_setup_teardown(new_papers_have_no_cohort_of_old_ones, load, drop),
        cmocka_unit_test_setup_teardown(numbers_wait_for_the_end_of_a_refresh, load, drop),
        cmocka_unit_test_setup_teardown(numbers_stay_dense, load, drop),
        cmocka_unit_test_setup_teardown(what_fails_takes_no_numbers, load, drop),
        cmocka_unit_test_setup_teardown(a_full_map_is_said, load, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
