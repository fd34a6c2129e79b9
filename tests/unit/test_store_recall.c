/* What a reader remembers of ids: the row of its own snapshot, never one of an older snapshot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "store/reader.h"
#include "store/recall.h"
#include "store/value.h"

enum { MAP = 64 << 20, IDS = 20000 };

struct fixture {
    char folder[64];
    struct store store;
    struct store_reader *reader;
};

/* Gives authors from..to - 1 that many papers each, in one transaction. */
static void put_authors(struct fixture *fixture, uint32_t from, uint32_t to, uint32_t papers)
{
    struct base_buffer row = BASE_BUFFER_EMPTY;
    MDB_txn *txn;
    assert_int_equal(mdb_txn_begin(fixture->store.env.env, NULL, 0, &txn), MDB_SUCCESS);
    for (uint32_t number = from; number < to; number++) {
        struct store_author_head head = {.paper_count = papers};
        uint8_t key[4];
        base_put_be32(key, number);
        base_buffer_clear(&row);
        store_encode_author(&row, &head, &(struct engine_series){0}, NULL, 0, BASE_SLICE("view"));
        assert_int_equal(store_env_put(&fixture->store.env, txn, STORE_AUTHOR,
                                       base_slice(key, sizeof key), base_buffer_slice(&row), 0,
                                       NULL),
                         BASE_OK);
    }
    assert_int_equal(mdb_txn_commit(txn), MDB_SUCCESS);
    base_buffer_fini(&row);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    *state = fixture;
    snprintf(fixture->folder, sizeof fixture->folder, "/tmp/hirsch-recall-XXXXXX");
    if (mkdtemp(fixture->folder) == NULL || store_env_open(fixture->folder, MAP, STORE_ENV_CREATE,
                                                           &fixture->store.env, NULL) != BASE_OK) {
        return -1;
    }
    put_authors(fixture, 1, IDS + 1, 7);
    return store_reader_new(&fixture->store, &fixture->reader, NULL) == BASE_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    char path[96];
    store_reader_free(fixture->reader);
    store_env_close(&fixture->store.env);
    snprintf(path, sizeof path, "%s/data.mdb", fixture->folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/lock.mdb", fixture->folder);
    unlink(path);
    int code = rmdir(fixture->folder);
    free(fixture);
    return code;
}

static uint64_t key_of(struct fixture *fixture, enum model_entity entity, uint32_t number)
{
    char text[24];
    snprintf(text, sizeof text, "local:a%u", number);
    return store_recall_key(fixture->reader, entity, base_slice_text(text));
}

static void read_and_remember(struct fixture *fixture, uint32_t number)
{
    struct store_author author;
    assert_int_equal(store_read_author(fixture->reader, number, &author, NULL), BASE_OK);
    store_remember_author(fixture->reader, key_of(fixture, MODEL_AUTHOR, number), &author);
}

static void test_same_row(void **state)
{
    struct fixture *fixture = *state;
    struct store_author read;
    struct store_author recalled;
    uint64_t key = key_of(fixture, MODEL_AUTHOR, 3);
    assert_false(store_recall_author(fixture->reader, key, &recalled));
    store_recall_ahead(fixture->reader, key);
    read_and_remember(fixture, 3);
    assert_int_equal(store_read_author(fixture->reader, 3, &read, NULL), BASE_OK);
    store_recall_ahead(fixture->reader, key);
    assert_true(store_recall_author(fixture->reader, key, &recalled));
    assert_int_equal(recalled.number, 3);
    assert_int_equal(recalled.paper_count, 7);
    assert_ptr_equal(recalled.row.data, read.row.data);
    assert_int_equal(recalled.row.size, read.row.size);
    assert_ptr_equal(recalled.view.data, read.view.data);
    /* Another kind of thing has another key, and an author's row is not a paper's. */
    struct store_paper paper;
    assert_int_not_equal(key_of(fixture, MODEL_PAPER, 3), key);
    assert_false(store_recall_paper(fixture->reader, key, &paper));
}

/* Nobody wrote: the snapshot that comes after a rest is the same one. */
static void test_rest(void **state)
{
    struct fixture *fixture = *state;
    struct store_author author;
    read_and_remember(fixture, 4);
    store_reader_rest(fixture->reader);
    assert_true(store_recall_author(fixture->reader, key_of(fixture, MODEL_AUTHOR, 4), &author));
    assert_int_equal(author.number, 4);
}

static void test_commit(void **state)
{
    struct fixture *fixture = *state;
    struct store_author author;
    uint64_t key = key_of(fixture, MODEL_AUTHOR, 5);
    read_and_remember(fixture, 5);
    put_authors(fixture, 5, 6, 8);
    /* The old snapshot until the rest. */
    assert_true(store_recall_author(fixture->reader, key, &author));
    assert_int_equal(author.paper_count, 7);
    store_reader_rest(fixture->reader);
    assert_false(store_recall_author(fixture->reader, key, &author));
    read_and_remember(fixture, 5);
    assert_true(store_recall_author(fixture->reader, key, &author));
    assert_int_equal(author.paper_count, 8);
}

/* More snapshots than there are numbers for them. */
static void test_many_snapshots(void **state)
{
    struct fixture *fixture = *state;
    struct store_author author;
    uint64_t key = key_of(fixture, MODEL_AUTHOR, 6);
    read_and_remember(fixture, 6);
    size_t snapshot = fixture->reader->recall.snapshot;
    for (size_t i = 1; i <= UINT16_MAX + 2; i++) {
        store_recall_snapshot(&fixture->reader->recall, snapshot + i);
        assert_false(store_recall_author(fixture->reader, key, &author));
    }
    read_and_remember(fixture, 6);
    assert_true(store_recall_author(fixture->reader, key, &author));
}

/* Most of many are remembered, and what is remembered under a key was put there. */
static void test_many_ids(void **state)
{
    struct fixture *fixture = *state;
    struct store_author author;
    unsigned right = 0;
    for (uint32_t number = 1; number <= IDS; number++) {
        read_and_remember(fixture, number);
    }
    for (uint32_t number = 1; number <= IDS; number++) {
        bool found =
            store_recall_author(fixture->reader, key_of(fixture, MODEL_AUTHOR, number), &author);
        right += found && author.number == number;
    }
    assert_in_range(right, IDS - IDS / 50, IDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_same_row, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_commit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many_snapshots, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many_ids, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
