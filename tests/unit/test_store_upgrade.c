/* An upgrade keeps a coverage end that was given, and none that was not: later records move it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "store/meta.h"
#include "store/reader.h"
#include "support/small_store.h"

static char folder[SMALL_FOLDER];
static struct store_lock *lock;

static int make_folder(void **state)
{
    struct base_error error;
    (void)state;
    small_make(folder);
    return store_lock_take(folder, "test", &lock, &error) != BASE_OK;
}

static int drop_folder(void **state)
{
    (void)state;
    store_lock_release(lock);
    small_remove(folder);
    return 0;
}

static void read_meta(struct store_meta *meta)
{
    struct store *store;
    struct base_error error;
    MDB_txn *txn;
    assert_int_equal(store_open(folder, 0, &store, &error), BASE_OK);
    assert_int_equal(mdb_txn_begin(store->env.env, NULL, MDB_RDONLY, &txn), 0);
    assert_int_equal(store_meta_read(&store->env, txn, meta, &error), BASE_OK);
    mdb_txn_abort(txn);
    store_close(store);
}

/* A store of one paper with a date, made with that coverage end, brought from an older format. */
static void upgrade(uint32_t coverage_end, uint32_t format, struct store_meta *meta)
{
    struct base_arena arena;
    struct base_error error;
    struct store_build_options options = {.coverage_end = coverage_end,
                                          .today = model_day_of(2020, 1, 1)};
    base_arena_init(&arena, 0);
    struct model_record record = {.type = MODEL_RECORD_PAPER, .id = small_id(&arena, "p", 1)};
    record.paper.title = BASE_SLICE("A paper");
    record.paper.date = (struct model_date){model_day_of(2010, 5, 1), MODEL_DAY};
    assert_int_equal(model_record_finish(&record, &arena, &error), BASE_OK);
    make_folder(NULL);
    small_build(folder, &options, &record, 1);
    small_set_format(folder, format);
    options.coverage_end = MODEL_NO_DAY;
    options.upgrade = true;
    small_build(folder, &options, NULL, 0);
    read_meta(meta);
    assert_int_equal(meta->info.format, STORE_FORMAT);
    drop_folder(NULL);
    base_arena_fini(&arena);
}

static void the_day_of_the_records(void **state)
{
    (void)state;
    for (uint32_t format = 1; format < STORE_FORMAT; format++) {
        struct store_meta meta;
        upgrade(MODEL_NO_DAY, format, &meta);
        assert_int_equal(meta.info.coverage_end, model_day_of(2010, 5, 1));
        assert_false(meta.coverage_given);
    }
}

static void a_day_that_was_given(void **state)
{
    (void)state;
    for (uint32_t format = 1; format < STORE_FORMAT; format++) {
        struct store_meta meta;
        upgrade(model_day_of(2015, 12, 31), format, &meta);
        assert_int_equal(meta.info.coverage_end, model_day_of(2015, 12, 31));
        assert_true(meta.coverage_given);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_day_of_the_records),
        cmocka_unit_test(a_day_that_was_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
