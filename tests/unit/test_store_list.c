/* Lists changed in place, against plain arrays that have the same done to them; answers under keys;
 * guards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "store/guard.h"
#include "store/idem.h"
#include "store/list.h"

enum { NUMBERS = 4000, ROUNDS = 300, MAP = 64 << 20 };

#define HOUR ((model_time)3600 * 1000000)

static char folder[64];
static struct store_env env;
static MDB_txn *txn;
static uint64_t seed = 20261126;

static uint32_t random_below(uint32_t limit)
{
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(seed >> 33) % limit;
}

static int set_up(void **state)
{
    struct base_error error;
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/hirsch-list-XXXXXX");
    if (mkdtemp(folder) == NULL ||
        store_env_open(folder, MAP, STORE_ENV_CREATE, &env, &error) != BASE_OK) {
        return -1;
    }
    return mdb_txn_begin(env.env, NULL, 0, &txn);
}

static int tear_down(void **state)
{
    char path[96];
    (void)state;
    mdb_txn_abort(txn);
    store_env_close(&env);
    snprintf(path, sizeof path, "%s/data.mdb", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/lock.mdb", folder);
    unlink(path);
    return rmdir(folder);
}

/* Which numbers a list holds. */
struct plain {
    bool holds[NUMBERS];
};

static struct base_slice owner_key(uint8_t key[4], uint32_t owner)
{
    base_put_be32(key, owner);
    return base_slice(key, 4);
}

static void check_same(uint32_t owner, const struct plain *plain)
{
    uint8_t key[4];
    struct base_buffer entries = BASE_BUFFER_EMPTY;
    struct base_error error;
    assert_int_equal(
        store_list_read(&env, txn, STORE_CITES, owner_key(key, owner), &entries, &error), BASE_OK);
    size_t at = 0;
    for (uint32_t number = 0; number < NUMBERS; number++) {
        if (plain->holds[number]) {
            assert_true(at + 4 <= entries.size);
            assert_int_equal(base_get_le32(entries.data + at), number);
            at += 4;
        }
    }
    assert_int_equal(at, entries.size);
    base_buffer_fini(&entries);
}

/* Chunks of every list begin with the entry that their key names, and none is empty or too large.
 */
static void check_chunks(void)
{
    MDB_cursor *cursor;
    MDB_val key;
    MDB_val value;
    assert_int_equal(mdb_cursor_open(txn, env.tables[STORE_CITES], &cursor), 0);
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == MDB_SUCCESS) {
        assert_int_equal(key.mv_size, 8);
        assert_true(value.mv_size > STORE_CHECKSUM);
        assert_true(STORE_NODE_HEADER + key.mv_size + value.mv_size <= STORE_NODE_MOST);
        assert_int_equal(base_get_be32((const char *)key.mv_data + 4),
                         base_get_le32(value.mv_data));
    }
    mdb_cursor_close(cursor);
}

/* Takes out and puts in some numbers of a stretch, sometimes the whole list. */
static void change(uint32_t owner, struct plain *plain)
{
    static uint8_t removed[4 * NUMBERS];
    static uint8_t added[4 * NUMBERS];
    size_t removed_count = 0;
    size_t added_count = 0;
    uint32_t size = 1 + random_below(random_below(10) == 0 ? NUMBERS : 40);
    uint32_t from = random_below(NUMBERS - size + 1);
    uint32_t share = 1 + random_below(4);
    for (uint32_t number = from; number < from + size; number++) {
        bool wanted = random_below(4) < share;
        if (plain->holds[number] && !wanted) {
            base_put_le32(removed + 4 * removed_count++, number);
            plain->holds[number] = false;
        } else if (wanted && (!plain->holds[number] || random_below(8) == 0)) {
            /* One that stands already is put again. */
            base_put_le32(added + 4 * added_count++, number);
            plain->holds[number] = true;
        }
    }
    uint8_t key[4];
    struct base_error error;
    assert_int_equal(store_list_edit(&env, txn, STORE_CITES, owner_key(key, owner),
                                     base_slice(removed, 4 * removed_count),
                                     base_slice(added, 4 * added_count), &error),
                     BASE_OK);
}

static void random_changes(void **state)
{
    /* Neighbours, so that a chunk of one list stands next to that of another. */
    static struct plain plain[3];
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t which = random_below(3);
        change(7 + which, &plain[which]);
        for (uint32_t i = 0; i < 3; i++) {
            check_same(7 + i, &plain[i]);
        }
        check_chunks();
    }
}

static void missing_entry(void **state)
{
    uint8_t key[4];
    uint8_t five[4];
    uint8_t six[4];
    struct base_error error;
    (void)state;
    base_put_le32(five, 5);
    base_put_le32(six, 6);
    struct base_slice owner = owner_key(key, 70);
    struct base_slice nothing = {NULL, 0};
    assert_int_equal(
        store_list_edit(&env, txn, STORE_CITES, owner, nothing, base_slice(five, 4), &error),
        BASE_OK);
    assert_int_equal(
        store_list_edit(&env, txn, STORE_CITES, owner, base_slice(six, 4), nothing, &error),
        BASE_DATA_LOSS);
    assert_non_null(strstr(error.text, "verify"));
    assert_int_equal(store_list_edit(&env, txn, STORE_CITES, owner_key(key, 71), base_slice(six, 4),
                                     nothing, &error),
                     BASE_DATA_LOSS);
}

static struct store_idem idem_of(const char *caller, const char *key, uint8_t hash)
{
    return (struct store_idem){
        base_slice_text(caller), BASE_SLICE("put"), base_slice_text(key), {hash}};
}

static void kept_answers(void **state)
{
    struct base_error error;
    struct base_slice answer;
    const model_time now = 1000 * HOUR;
    struct store_idem first = idem_of("ann", "k1", 1);
    struct store_idem other = idem_of("ann", "k1", 2);
    struct store_idem stranger = idem_of("bob", "k1", 2);
    (void)state;
    assert_int_equal(store_idem_find(&env, txn, &first, now, &answer, &error), BASE_NOT_FOUND);
    assert_int_equal(store_idem_keep(&env, txn, &first, now, BASE_SLICE("done"), &error), BASE_OK);
    assert_int_equal(store_idem_find(&env, txn, &first, now, &answer, &error), BASE_OK);
    assert_true(base_slice_equal(answer, BASE_SLICE("done")));
    assert_int_equal(store_idem_find(&env, txn, &other, now, &answer, &error),
                     BASE_INVALID_ARGUMENT);
    assert_non_null(strstr(error.text, "k1"));
    assert_int_equal(store_idem_find(&env, txn, &stranger, now, &answer, &error), BASE_NOT_FOUND);

    /* A day later the key is free again, whoever looks first. */
    const model_time later = now + STORE_IDEM_HOURS * HOUR;
    assert_int_equal(store_idem_find(&env, txn, &first, later - 1, &answer, &error), BASE_OK);
    assert_int_equal(store_idem_find(&env, txn, &other, later, &answer, &error), BASE_NOT_FOUND);
    assert_int_equal(store_idem_keep(&env, txn, &other, later, BASE_SLICE("again"), &error),
                     BASE_OK);
    assert_int_equal(store_idem_find(&env, txn, &other, later, &answer, &error), BASE_OK);
    assert_true(base_slice_equal(answer, BASE_SLICE("again")));

    /* The first expiry no longer stands for anything. */
    assert_int_equal(store_idem_trim(&env, txn, later + 1, &error), BASE_OK);
    assert_int_equal(store_idem_find(&env, txn, &other, later + 1, &answer, &error), BASE_OK);
    assert_int_equal(store_idem_trim(&env, txn, later + STORE_IDEM_HOURS * HOUR, &error), BASE_OK);
    MDB_stat stat;
    assert_int_equal(mdb_stat(txn, env.tables[STORE_IDEM], &stat), 0);
    assert_int_equal(stat.ms_entries, 0);
}

static void guards(void **state)
{
    struct store_guard guard;
    struct base_error error;
    (void)state;
    store_guard_init(&guard, &env, folder);
    assert_int_equal(store_guard_admit(&guard, false, 1, &error), BASE_OK);
    assert_true(guard.map_size == MAP && guard.map_used > 0 && guard.disk_size > 0);

    /* What was found out holds for a moment; these are its edges. */
    guard.map_used = guard.map_size / 100 * STORE_GUARD_PUTS;
    assert_int_equal(store_guard_admit(&guard, false, 2, &error), BASE_RESOURCE_EXHAUSTED);
    assert_non_null(strstr(error.text, "--map-size"));
    assert_int_equal(store_guard_admit(&guard, true, 2, &error), BASE_OK);
    guard.map_used = guard.map_size / 100 * STORE_GUARD_ALL;
    assert_int_equal(store_guard_admit(&guard, true, 2, &error), BASE_RESOURCE_EXHAUSTED);
    guard.map_used = 0;
    guard.disk_size = (uint64_t)100 << 20;
    guard.disk_free = ((uint64_t)10 << 20) - 1;
    assert_int_equal(store_guard_admit(&guard, false, 2, &error), BASE_RESOURCE_EXHAUSTED);
    assert_non_null(strstr(error.text, folder));
    assert_int_equal(store_guard_admit(&guard, true, 2, &error), BASE_OK);
    guard.disk_free = ((uint64_t)2 << 20) - 1;
    assert_int_equal(store_guard_admit(&guard, true, 2, &error), BASE_RESOURCE_EXHAUSTED);
    guard.disk_size = (uint64_t)1 << 44;
    guard.disk_free = STORE_GUARD_DISK_PUTS;
    assert_int_equal(store_guard_admit(&guard, false, 2, &error), BASE_OK);

    /* Later it looks again. */
    guard.disk_free = 0;
    assert_int_equal(
        store_guard_admit(&guard, false, 2 + (uint64_t)STORE_GUARD_MS * 1000000, &error), BASE_OK);
    store_guard_fini(&guard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_changes),
                                       cmocka_unit_test(missing_entry),
                                       cmocka_unit_test(kept_answers), cmocka_unit_test(guards)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
