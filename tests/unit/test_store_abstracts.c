/* Abstracts with a dictionary: what a bulk load stores is read, verified, written beside readers
 * and loaded again; how many threads did it makes no difference; older stores have none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "store/reader.h"
#include "store/verify.h"
#include "support/small_store.h"

enum { PAPERS = 3000, FEW = 500, WORDS = 400, TEXT = 4096 };

static char folder[SMALL_FOLDER];

/* Words of a small vocabulary in an order that depends on the number: like each other, and none
 * like another. */
static struct base_slice abstract_of(unsigned number, char text[TEXT])
{
    uint64_t seed = number + UINT64_C(77);
    size_t size = 0;
    for (unsigned i = 0; i < 60 + number % 90; i++) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        unsigned word = (unsigned)(seed >> 40) % WORDS;
        size += (size_t)snprintf(text + size, TEXT - size, "%c%c%.*sion ", 'a' + word % 26,
                                 'a' + word / 26, (int)(word % 7), "measure");
    }
    return base_slice(text, size - 1);
}

static bool has_abstract(unsigned number)
{
    return number % 5 != 0;
}

static void make_paper(struct base_arena *arena, unsigned number, struct model_record *record)
{
    char text[TEXT];
    struct base_error error;
    int size = snprintf(text, sizeof text, "p%u", number);
    *record = (struct model_record){
        .type = MODEL_RECORD_PAPER,
        .id = {MODEL_LOCAL, base_arena_copy(arena, base_slice(text, (size_t)size))}};
    record->paper.title = BASE_SLICE("A paper");
    if (has_abstract(number)) {
        record->paper.abstract = base_arena_copy(arena, abstract_of(number, text));
    }
    assert_int_equal(model_record_finish(record, arena, &error), BASE_OK);
}

static void load(unsigned from, unsigned to, unsigned workers)
{
    const struct store_build_options options = {.directory = folder,
                                                .workers = workers,
                                                .memory = 8U << 20,
                                                .map_size = 64U << 20,
                                                .coverage_end = MODEL_NO_DAY,
                                                .packer = small_packer};
    struct store_build_report report;
    struct store_lock *lock;
    struct store_build *made;
    struct base_error error;
    struct base_arena arena;
    base_arena_init(&arena, 0);
    assert_int_equal(store_lock_take(folder, "test", &lock, &error), BASE_OK);
    assert_int_equal(store_build_new(&options, &made, &error), BASE_OK);
    for (unsigned n = from; n < to; n++) {
        struct model_record record;
        base_arena_reset(&arena);
        make_paper(&arena, n, &record);
        assert_int_equal(store_build_add(made, n % workers, &record, &error), BASE_OK);
    }
    assert_int_equal(store_build_finish(made, &report, &error), BASE_OK);
    store_build_free(made);
    store_lock_release(lock);
    base_arena_fini(&arena);
}

static void count_fault(void *context, const char *text)
{
    assert_true(strlen(text) > 10);
    *(int *)context += 1;
}

static void check_verified(unsigned threads)
{
    int faults = 0;
    struct store_verify_report report;
    const struct store_verify_options options = {.directory = folder,
                                                 .memory = 8U << 20,
                                                 .threads = threads,
                                                 .packer = small_packer,
                                                 .on_fault = count_fault,
                                                 .context = &faults};
    assert_int_equal(store_verify(&options, &report, NULL), BASE_OK);
    assert_int_equal(report.faults, 0);
    assert_int_equal(faults, 0);
    assert_true(report.compared);
}

/* *stored: bytes of the table's values, *hash: of all of them, *own: rows that need the dictionary.
 */
static void look(uint64_t *stored, uint64_t *hash, bool *dictionary)
{
    struct store *store;
    struct base_error error;
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val key;
    MDB_val value;
    *stored = 0;
    *hash = 0;
    assert_int_equal(store_open(folder, 0, &store, &error), BASE_OK);
    *dictionary = store->env.dictionary != NULL;
    assert_int_equal(mdb_txn_begin(store->env.env, NULL, MDB_RDONLY, &txn), 0);
    assert_int_equal(mdb_cursor_open(txn, store->env.tables[STORE_ABSTRACT], &cursor), 0);
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == MDB_SUCCESS) {
        *stored += value.mv_size;
        *hash = store_checksum(STORE_ABSTRACT, store_slice(key), store_slice(value)) + 31 * *hash;
    }
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    store_close(store);
}

static void check_abstracts(unsigned from, unsigned to)
{
    struct store *store;
    struct store_reader *reader;
    struct base_error error;
    struct base_arena arena;
    base_arena_init(&arena, 0);
    assert_int_equal(store_open(folder, 0, &store, &error), BASE_OK);
    assert_int_equal(store_reader_new(store, &reader, &error), BASE_OK);
    for (unsigned n = from; n < to; n++) {
        char id[32];
        char text[TEXT];
        struct store_ref ref;
        struct base_slice abstract;
        int size = snprintf(id, sizeof id, "p%u", n);
        const struct model_id wanted = {MODEL_LOCAL, base_slice(id, (size_t)size)};
        base_arena_reset(&arena);
        assert_int_equal(store_find(reader, MODEL_PAPER, &wanted, &ref, &error), BASE_OK);
        assert_int_equal(store_read_abstract(reader, ref.number, &arena, &abstract, &error),
                         BASE_OK);
        assert_true(has_abstract(n) ? base_slice_equal(abstract, abstract_of(n, text))
                                    : abstract.size == 0);
    }
    store_reader_free(reader);
    store_close(store);
    base_arena_fini(&arena);
}

static void put_paper(unsigned number)
{
    struct store *store;
    struct store_lock *lock;
    struct base_error error;
    struct base_arena arena;
    struct model_record record;
    base_arena_init(&arena, 0);
    make_paper(&arena, number, &record);
    struct store_write_item item = {.record = &record};
    assert_int_equal(store_lock_take(folder, "test", &lock, &error), BASE_OK);
    struct store_writes *writes = small_open(folder, 0, &store);
    assert_int_equal(small_write(writes, &item, 1), BASE_OK);
    assert_int_equal(item.outcome, STORE_OUTCOME_STORED);
    store_writes_close(writes);
    store_close(store);
    store_lock_release(lock);
    base_arena_fini(&arena);
}

static int make_folder(void **state)
{
    (void)state;
    small_make(folder);
    return 0;
}

static int drop_folder(void **state)
{
    (void)state;
    small_remove(folder);
    return 0;
}

static void many_share_a_dictionary(void **state)
{
    uint64_t stored[2];
    uint64_t hash[2];
    bool dictionary;
    (void)state;
    load(0, PAPERS, 1);
    look(&stored[0], &hash[0], &dictionary);
    assert_true(dictionary);
    check_abstracts(0, PAPERS);
    check_verified(1);
    drop_folder(NULL);
    make_folder(NULL);
    load(0, PAPERS, 3);
    look(&stored[1], &hash[1], &dictionary);
    assert_true(dictionary);
    assert_int_equal(stored[0], stored[1]);
    assert_int_equal(hash[0], hash[1]);
    check_verified(2);
}

static void puts_use_it_and_loads_renew_it(void **state)
{
    uint64_t stored;
    uint64_t more;
    uint64_t hash;
    bool dictionary;
    (void)state;
    load(0, PAPERS, 2);
    look(&stored, &hash, &dictionary);
    for (unsigned n = PAPERS + 1; n < PAPERS + 4; n++) {
        put_paper(n);
        char text[TEXT];
        look(&more, &hash, &dictionary);
        assert_true(dictionary);
        assert_true(more > stored && more - stored < abstract_of(n, text).size / 2);
        stored = more;
    }
    check_abstracts(0, PAPERS);
    check_abstracts(PAPERS + 1, PAPERS + 4);
    check_verified(2);
    load(PAPERS, 2 * PAPERS, 2);
    check_abstracts(0, 2 * PAPERS);
    check_verified(2);
}

static void few_have_none(void **state)
{
    uint64_t stored;
    uint64_t hash;
    bool dictionary;
    (void)state;
    load(0, FEW, 2);
    look(&stored, &hash, &dictionary);
    assert_false(dictionary);
    put_paper(FEW + 1);
    check_abstracts(0, FEW);
    check_abstracts(FEW + 1, FEW + 2);
    check_verified(2);
}

static void the_format_before_is_read_and_written(void **state)
{
    struct store *store;
    struct base_error error;
    (void)state;
    load(0, FEW, 2);
    small_set_format(folder, STORE_FORMAT_LEAST);
    put_paper(FEW + 1);
    check_abstracts(0, FEW);
    check_verified(2);
    small_set_format(folder, STORE_FORMAT_LEAST - 1);
    assert_int_equal(store_open(folder, 0, &store, &error), BASE_FAILED_PRECONDITION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(many_share_a_dictionary, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(puts_use_it_and_loads_renew_it, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(few_have_none, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(the_format_before_is_read_and_written, make_folder,
                                        drop_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
