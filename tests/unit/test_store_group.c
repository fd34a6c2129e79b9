/* Groups of writes are as large as the memory of their pages allows, and buckets of citation counts
 * follow one another without a gap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/limits.h"
#include "store/group.h"

enum { MAP = 256 << 20, ROWS = 40000, VALUE = 900 };

static char folder[64];
static struct store_env env;

static void put(uint32_t from, uint32_t step, uint32_t count)
{
    static const char value[VALUE];
    MDB_txn *txn;
    assert_int_equal(mdb_txn_begin(env.env, NULL, 0, &txn), MDB_SUCCESS);
    for (uint32_t i = 0; i < count; i++) {
        uint8_t key[4];
        base_put_be32(key, (from + i * step) % ROWS);
        assert_int_equal(store_env_put(&env, txn, STORE_PAPER, base_slice(key, sizeof key),
                                       base_slice(value, sizeof value), 0, NULL),
                         BASE_OK);
    }
    assert_int_equal(mdb_txn_commit(txn), MDB_SUCCESS);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/hirsch-group-XXXXXX");
    if (mkdtemp(folder) == NULL ||
        store_env_open(folder, MAP, STORE_ENV_CREATE, &env, NULL) != BASE_OK) {
        return -1;
    }
    put(0, 1, ROWS);
    return 0;
}

static int tear_down(void **state)
{
    char path[96];
    (void)state;
    store_env_close(&env);
    snprintf(path, sizeof path, "%s/data.mdb", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/lock.mdb", folder);
    unlink(path);
    return rmdir(folder);
}

static void test_follows_the_pages(void **state)
{
    (void)state;
    struct store_group group;
    store_group_init(&group, &env);
    size_t first = store_group_most(&group);
    assert_in_range(first, 1024, LIMIT_WRITE_GROUP);

    /* Small groups say nothing. */
    put(0, 1, 10);
    store_group_learn(&group, 10);
    assert_int_equal(store_group_most(&group), first);

    /* 5,000 rows over the whole table, four a page: of its 10,000 pages 5,000. Said to be 500 of
     * weight, they are ten pages each. */
    put(0, 8, 5000);
    store_group_learn(&group, 500);
    size_t scattered = store_group_most(&group);
    assert_in_range(scattered, LIMIT_WRITE_PAGES / 11, LIMIT_WRITE_PAGES / 9);

    /* Cheap ones make it grow, slowly and to a bound. */
    size_t before = scattered;
    for (int i = 0; i < 60; i++) {
        put(0, 1, 400);
        store_group_learn(&group, 400);
        size_t now = store_group_most(&group);
        assert_in_range(now, before, before + before / 5);
        before = now;
    }
    assert_in_range(before, first, LIMIT_WRITE_GROUP);

    /* Dear ones shrink it at once. */
    put(0, 8, 5000);
    store_group_learn(&group, 500);
    assert_in_range(store_group_most(&group), scattered - 50, scattered + 50);
    store_group_fini(&group);
}

/* The reader that counts pages holds none back: a free page is used again. */
static void test_holds_no_snapshot(void **state)
{
    (void)state;
    struct store_group group;
    MDB_envinfo before;
    MDB_envinfo after;
    store_group_init(&group, &env);
    for (int i = 0; i < 5; i++) {
        put(0, 8, 5000);
        store_group_learn(&group, 5000);
    }
    mdb_env_info(env.env, &before);
    for (int i = 0; i < 20; i++) {
        put(0, 8, 5000);
        store_group_learn(&group, 5000);
    }
    mdb_env_info(env.env, &after);
    assert_in_range(after.me_last_pgno, before.me_last_pgno, before.me_last_pgno + 6000);
    store_group_fini(&group);
}

static void test_buckets(void **state)
{
    (void)state;
    const enum store_table tables[] = {STORE_NAMES, STORE_TITLES};
    for (size_t t = 0; t < 2; t++) {
        unsigned last = store_citation_bucket(tables[t], UINT32_MAX);
        assert_in_range(last, 1, STORE_BUCKETS - 1);
        assert_int_equal(store_citation_bucket(tables[t], 0), 0);
        assert_int_equal(store_bucket_least(tables[t], 0), 0);
        for (unsigned bucket = 1; bucket <= last; bucket++) {
            uint32_t least = store_bucket_least(tables[t], bucket);
            assert_int_equal(store_citation_bucket(tables[t], least), bucket);
            assert_int_equal(store_citation_bucket(tables[t], least - 1), bucket - 1);
        }
    }
    assert_int_equal(store_citation_bucket(STORE_NAMES, 3), 1);
    assert_int_equal(store_citation_bucket(STORE_TITLES, 7), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_follows_the_pages),
        cmocka_unit_test(test_holds_no_snapshot),
        cmocka_unit_test(test_buckets),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
