/* Kept answers: found under their key until they expire, and carried into another store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "store/idem.h"

enum { MAP = 16 << 20, STORES = 2 };

static const model_time start = 63800000000000000;
static const model_time hour = (model_time)3600 * 1000000;

struct fixture {
    char folders[STORES][64];
    struct store_env envs[STORES];
    MDB_txn *txns[STORES];
    uint64_t carried;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    *state = fixture;
    for (int i = 0; i < STORES; i++) {
        snprintf(fixture->folders[i], sizeof fixture->folders[i], "/tmp/hirsch-idem-XXXXXX");
        if (mkdtemp(fixture->folders[i]) == NULL ||
            store_env_open(fixture->folders[i], MAP, STORE_ENV_CREATE, &fixture->envs[i], NULL) !=
                BASE_OK ||
            mdb_txn_begin(fixture->envs[i].env, NULL, 0, &fixture->txns[i]) != MDB_SUCCESS) {
            return -1;
        }
    }
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    int failed = 0;
    for (int i = 0; i < STORES; i++) {
        char path[96];
        mdb_txn_abort(fixture->txns[i]);
        store_env_close(&fixture->envs[i]);
        snprintf(path, sizeof path, "%s/data.mdb", fixture->folders[i]);
        unlink(path);
        snprintf(path, sizeof path, "%s/lock.mdb", fixture->folders[i]);
        unlink(path);
        failed |= rmdir(fixture->folders[i]);
    }
    free(fixture);
    return failed;
}

static struct store_idem idem_of(const char *caller, const char *key)
{
    struct store_idem idem = {base_slice_text(caller), BASE_SLICE("PutRecords"),
                              base_slice_text(key), "a request hash."};
    return idem;
}

static void keep(struct fixture *fixture, const char *key, model_time now)
{
    struct store_idem idem = idem_of("caller", key);
    assert_int_equal(store_idem_keep(&fixture->envs[0], fixture->txns[0], &idem, now,
                                     base_slice_text(key), NULL),
                     BASE_OK);
}

/* The answer is the key's own text. */
static void expect(struct fixture *fixture, int which, const char *key, model_time now,
                   enum base_code code)
{
    struct store_idem idem = idem_of("caller", key);
    struct base_slice answer;
    assert_int_equal(
        store_idem_find(&fixture->envs[which], fixture->txns[which], &idem, now, &answer, NULL),
        code);
    if (code == BASE_OK) {
        assert_true(base_slice_equal(answer, base_slice_text(key)));
    }
}

static uint64_t rows(struct fixture *fixture, int which)
{
    MDB_stat stat;
    mdb_stat(fixture->txns[which], fixture->envs[which].tables[STORE_IDEM], &stat);
    return stat.ms_entries;
}

static void test_found_until_it_expires(void **state)
{
    struct fixture *fixture = *state;
    keep(fixture, "one", start);
    expect(fixture, 0, "one", start + 24 * hour - 1, BASE_OK);
    expect(fixture, 0, "one", start + 24 * hour, BASE_NOT_FOUND);
    expect(fixture, 0, "other", start, BASE_NOT_FOUND);

    struct store_idem idem = idem_of("another caller", "one");
    struct base_slice answer;
    struct base_error error;
    assert_int_equal(
        store_idem_find(&fixture->envs[0], fixture->txns[0], &idem, start, &answer, &error),
        BASE_NOT_FOUND);
    idem = idem_of("caller", "one");
    idem.hash[0] ^= 1;
    assert_int_equal(
        store_idem_find(&fixture->envs[0], fixture->txns[0], &idem, start, &answer, &error),
        BASE_INVALID_ARGUMENT);
    assert_non_null(strstr(error.text, "one"));
}

static void test_expired_ones_go(void **state)
{
    struct fixture *fixture = *state;
    keep(fixture, "one", start);
    keep(fixture, "two", start + hour);
    /* Its place is taken again: one answer and one expiry. */
    keep(fixture, "one", start + 24 * hour);
    assert_int_equal(rows(fixture, 0), 4);
    assert_int_equal(store_idem_trim(&fixture->envs[0], fixture->txns[0], start + 25 * hour, NULL),
                     BASE_OK);
    assert_int_equal(rows(fixture, 0), 2);
    expect(fixture, 0, "one", start + 25 * hour, BASE_OK);
    expect(fixture, 0, "two", start + 25 * hour, BASE_NOT_FOUND);
}

static enum base_code append(void *context, enum store_table table, struct base_slice key,
                             struct base_slice bytes, struct base_error *error)
{
    struct fixture *fixture = context;
    fixture->carried++;
    return store_env_put(&fixture->envs[1], fixture->txns[1], table, key, bytes, MDB_APPEND, error);
}

static void test_carried(void **state)
{
    struct fixture *fixture = *state;
    const struct store_sink sink = {.context = fixture, .row = append};
    char key[16];
    for (int i = 0; i < 100; i++) {
        snprintf(key, sizeof key, "key-%d", i);
        keep(fixture, key, start + (model_time)i * hour / 2);
    }
    /* Of those kept at 0, 0.5 … 49.5 hours these at 6.5 hours and later are alive. */
    model_time now = start + 30 * hour;
    assert_int_equal(store_idem_carry(&fixture->envs[0], fixture->txns[0], now, &sink, NULL),
                     BASE_OK);
    assert_int_equal(fixture->carried, 2 * 87);
    for (int i = 0; i < 100; i++) {
        snprintf(key, sizeof key, "key-%d", i);
        expect(fixture, 1, key, now, i <= 12 ? BASE_NOT_FOUND : BASE_OK);
    }
    /* Their expiries came along. */
    assert_int_equal(store_idem_trim(&fixture->envs[1], fixture->txns[1], start + 100 * hour, NULL),
                     BASE_OK);
    assert_int_equal(rows(fixture, 1), 0);
}

static void test_damage_is_told(void **state)
{
    struct fixture *fixture = *state;
    const struct store_sink sink = {.context = fixture, .row = append};
    struct base_error error;
    keep(fixture, "one", start);
    assert_int_equal(store_env_put(&fixture->envs[0], fixture->txns[0], STORE_IDEM,
                                   BASE_SLICE("\0short"), BASE_SLICE("no row"), 0, NULL),
                     BASE_OK);
    assert_int_equal(store_idem_carry(&fixture->envs[0], fixture->txns[0], start, &sink, &error),
                     BASE_DATA_LOSS);
    assert_non_null(strstr(error.text, "table idem"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_found_until_it_expires, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_expired_ones_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_carried, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damage_is_told, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
