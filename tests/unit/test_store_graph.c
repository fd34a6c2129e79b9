/* Lists of citations in whole, in place and copied; the order of keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "store/env.h"
#include "store/graph.h"
#include "store/reader.h"

enum { MAP = 64 << 20, PAPERS = 4000, CHUNK = 150, ODD = PAPERS + 10 };

struct fixture {
    char folder[64];
    struct store store;
    struct store_reader *reader;
};

/* Paper n has n % 500 citations, so that some have none, some a part of a chunk, some several. */
static size_t citers_of(uint32_t paper)
{
    return paper % 500;
}

static struct engine_citer citer_of(uint32_t paper, size_t place)
{
    return (struct engine_citer){.day = 700000 + (uint32_t)place,
                                 .paper = paper * 7 + (uint32_t)place,
                                 .references = (uint16_t)place,
                                 .flags = ENGINE_EDGE_REFEREED};
}

static void put_chunk(struct fixture *fixture, MDB_txn *txn, uint32_t paper,
                      const struct engine_citer *first, struct base_slice value)
{
    uint8_t key[12];
    base_put_be32(key, paper);
    base_put_be32(key + 4, first->day);
    base_put_be32(key + 8, first->paper);
    assert_int_equal(store_env_put(&fixture->store.env, txn, STORE_CITED_BY,
                                   base_slice(key, sizeof key), value, 0, NULL),
                     BASE_OK);
}

static void put_papers(struct fixture *fixture)
{
    MDB_txn *txn;
    struct engine_citer chunk[CHUNK];
    assert_int_equal(mdb_txn_begin(fixture->store.env.env, NULL, 0, &txn), MDB_SUCCESS);
    for (uint32_t paper = 1; paper <= PAPERS; paper++) {
        for (size_t place = 0; place < citers_of(paper);) {
            size_t used = 0;
            while (used < CHUNK && place < citers_of(paper)) {
                chunk[used++] = citer_of(paper, place++);
            }
            put_chunk(fixture, txn, paper, chunk,
                      base_slice((const char *)chunk, used * sizeof chunk[0]));
        }
    }
    chunk[0] = citer_of(ODD, 0);
    put_chunk(fixture, txn, ODD, chunk, base_slice((const char *)chunk, sizeof chunk[0] + 5));
    assert_int_equal(mdb_txn_commit(txn), MDB_SUCCESS);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    *state = fixture;
    snprintf(fixture->folder, sizeof fixture->folder, "/tmp/hirsch-graph-XXXXXX");
    if (mkdtemp(fixture->folder) == NULL || store_env_open(fixture->folder, MAP, STORE_ENV_CREATE,
                                                           &fixture->store.env, NULL) != BASE_OK) {
        return -1;
    }
    put_papers(fixture);
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

static void check_list(uint32_t paper, const struct engine_citer *list, size_t count)
{
    assert_int_equal(count, citers_of(paper));
    for (size_t place = 0; place < count; place++) {
        struct engine_citer wanted = citer_of(paper, place);
        assert_memory_equal(&list[place], &wanted, sizeof wanted);
    }
}

/* Of more papers than there are, up and down: what is read does not depend on what was before. */
static void test_lists(void **state)
{
    struct fixture *fixture = *state;
    struct base_buffer room = BASE_BUFFER_EMPTY;
    struct base_buffer appended = BASE_BUFFER_EMPTY;
    for (uint32_t i = 0; i <= 2 * PAPERS; i++) {
        uint32_t paper = i <= PAPERS ? i : i * UINT32_C(2654435769) % (PAPERS + 1);
        const struct engine_citer *list = (const void *)"";
        size_t count = 1;
        assert_int_equal(store_read_citers(fixture->reader, paper, &room, &list, &count, NULL),
                         BASE_OK);
        check_list(paper, list, count);
        assert_true((list == NULL) == (count == 0));
        /* One chunk is not copied. */
        assert_int_equal(room.size > 0, count > CHUNK);
        base_buffer_clear(&appended);
        assert_int_equal(store_append_citers(fixture->reader, paper, &appended, NULL), BASE_OK);
        check_list(paper, (const void *)appended.data, appended.size / sizeof *list);
    }
    base_buffer_fini(&room);
    base_buffer_fini(&appended);
}

static void test_damage(void **state)
{
    struct fixture *fixture = *state;
    struct base_buffer room = BASE_BUFFER_EMPTY;
    struct base_error error;
    const struct engine_citer *list;
    size_t count;
    assert_int_equal(store_read_citers(fixture->reader, ODD, &room, &list, &count, &error),
                     BASE_DATA_LOSS);
    assert_string_equal(error.text, "table cited_by, owner 4010: a chunk of 17 bytes; run hirschd "
                                    "verify");
    /* The one behind it is none of its. */
    assert_int_equal(store_read_citers(fixture->reader, ODD + 1, &room, &list, &count, &error),
                     BASE_OK);
    assert_int_equal(count, 0);
    base_buffer_fini(&room);
}

static int sign(int order)
{
    return order < 0 ? -1 : order > 0;
}

static void test_key_order(void **state)
{
    (void)state;
    enum { MOST = 20, ROUNDS = 200000 };
    uint64_t seed = 20261126;
    for (int round = 0; round < ROUNDS; round++) {
        char keys[2][MOST];
        size_t sizes[2];
        for (int which = 0; which < 2; which++) {
            seed = seed * 6364136223846793005U + 1442695040888963407U;
            sizes[which] = (size_t)(seed >> 33) % (MOST + 1);
            /* Few different bytes, so that keys share beginnings; some above 127. */
            for (size_t i = 0; i < MOST; i++) {
                seed = seed * 6364136223846793005U + 1442695040888963407U;
                keys[which][i] = "\x00\x01\xff"[(seed >> 33) % 12 < 10 ? 0 : (seed >> 40) % 3];
            }
        }
        struct base_slice a = base_slice(keys[0], sizes[0]);
        struct base_slice b = base_slice(keys[1], sizes[1]);
        MDB_val left = store_val(a);
        MDB_val right = store_val(b);
        assert_int_equal(sign(store_key_order(&left, &right)), sign(base_slice_compare(a, b)));
        assert_int_equal(sign(store_key_order(&right, &left)),
                         -sign(store_key_order(&left, &right)));
        assert_int_equal(store_key_order(&left, &left), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lists, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damage, set_up, tear_down),
        cmocka_unit_test(test_key_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
