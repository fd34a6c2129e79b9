/* The log of changes: what goes in comes out, damage is told, old entries go and new ones stay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "store/log.h"
#include "store/reader.h"

enum { MAP = 16 << 20 };

static const model_time start = 63800000000000000;
static const model_time day = (model_time)86400 * 1000000;

struct fixture {
    char folder[64];
    struct store store;
    struct store_log log;
    uint64_t sequence;
};

static MDB_txn *begin(struct fixture *fixture)
{
    MDB_txn *txn;
    assert_int_equal(mdb_txn_begin(fixture->store.env.env, NULL, 0, &txn), MDB_SUCCESS);
    return txn;
}

static void commit(struct fixture *fixture, MDB_txn *txn)
{
    struct store_meta meta = {.info = {.format = STORE_FORMAT, .sequence = fixture->sequence}};
    meta.rows[STORE_LOG] = fixture->log.rows;
    assert_int_equal(store_log_write(&fixture->store.env, txn, &fixture->log, NULL), BASE_OK);
    assert_int_equal(store_meta_write(&fixture->store.env, txn, &meta, NULL), BASE_OK);
    assert_int_equal(mdb_txn_commit(txn), MDB_SUCCESS);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    *state = fixture;
    snprintf(fixture->folder, sizeof fixture->folder, "/tmp/hirsch-log-XXXXXX");
    if (mkdtemp(fixture->folder) == NULL || store_env_open(fixture->folder, MAP, STORE_ENV_CREATE,
                                                           &fixture->store.env, NULL) != BASE_OK) {
        return -1;
    }
    commit(fixture, begin(fixture));
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    char path[96];
    store_env_close(&fixture->store.env);
    snprintf(path, sizeof path, "%s/data.mdb", fixture->folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/lock.mdb", fixture->folder);
    unlink(path);
    int code = rmdir(fixture->folder);
    free(fixture);
    return code;
}

static struct model_record finished(struct base_arena *arena, struct model_record record)
{
    assert_int_equal(model_record_finish(&record, arena, NULL), BASE_OK);
    return record;
}

static struct model_id id(enum model_scheme scheme, const char *value)
{
    return (struct model_id){scheme, base_slice_text(value)};
}

static void append(struct fixture *fixture, MDB_txn *txn, model_time time, size_t size)
{
    struct base_buffer bytes = BASE_BUFFER_EMPTY;
    char *record = calloc(1, size + 1);
    store_log_begin(&bytes, &(struct store_log_entry){.kind = STORE_LOG_CHANGE, .time = time});
    store_log_put(&bytes, base_slice(record, size));
    assert_false(bytes.failed);
    fixture->sequence++;
    assert_int_equal(store_log_append(&fixture->log, &fixture->store.env, txn, fixture->sequence,
                                      base_buffer_slice(&bytes), NULL),
                     BASE_OK);
    base_buffer_fini(&bytes);
    free(record);
}

static void trim(struct fixture *fixture, MDB_txn *txn, model_time now, uint64_t map_size)
{
    assert_int_equal(store_log_trim(&fixture->log, &fixture->store.env, txn, now, map_size, NULL),
                     BASE_OK);
}

static struct store_reader *reader_of(struct fixture *fixture)
{
    struct store_reader *reader;
    assert_int_equal(store_reader_new(&fixture->store, &reader, NULL), BASE_OK);
    return reader;
}

static void test_entries_come_back(void **state)
{
    (void)state;
    struct base_arena arena;
    struct base_buffer bytes = BASE_BUFFER_EMPTY;
    struct base_buffer encoded = BASE_BUFFER_EMPTY;
    base_arena_init(&arena, 0);
    struct model_record paper = finished(
        &arena,
        (struct model_record){.type = MODEL_RECORD_PAPER,
                              .id = id(MODEL_DOI, "10.5555/one"),
                              .source = BASE_SLICE("crossref"),
                              .updated = start,
                              .paper = {.title = BASE_SLICE("One"), .date = MODEL_UNDATED}});
    model_record_encode(&paper, &encoded);
    struct store_log_entry entry = {
        .kind = STORE_LOG_CHUNK, .time = start, .run = "0123456789abcde", .chunk = 77};
    store_log_begin(&bytes, &entry);
    store_log_put(&bytes, base_buffer_slice(&encoded));
    store_log_remove(&bytes, &paper);
    assert_false(bytes.failed);

    struct store_log_entry found;
    struct store_log_item item;
    struct model_record record;
    assert_int_equal(store_log_decode(base_buffer_slice(&bytes), &found, NULL), BASE_OK);
    assert_int_equal(found.kind, STORE_LOG_CHUNK);
    assert_int_equal(found.time, start);
    assert_int_equal(found.chunk, 77);
    assert_memory_equal(found.run, entry.run, STORE_LOG_RUN);
    assert_int_equal(store_log_take(&found.items, &item, NULL), BASE_OK);
    assert_false(item.remove);
    assert_true(base_slice_equal(item.record, base_buffer_slice(&encoded)));
    assert_int_equal(store_log_take(&found.items, &item, NULL), BASE_OK);
    assert_true(item.remove);
    assert_int_equal(model_record_decode(item.record, &arena, &record, NULL), BASE_OK);
    assert_true(model_id_equal(&record.id, &paper.id));
    assert_int_equal(record.paper.title.size, 0);
    assert_int_equal(found.items.size, 0);
    base_buffer_fini(&bytes);
    base_buffer_fini(&encoded);
    base_arena_fini(&arena);
}

/* What is removed gives the key again under which it stood, whatever it was. */
static void test_removed_keys(void **state)
{
    (void)state;
    struct base_arena arena;
    base_arena_init(&arena, 0);
    struct model_record records[] = {
        {.type = MODEL_RECORD_AUTHOR, .id = id(MODEL_ORCID, "0000-0002-1825-0097")},
        {.type = MODEL_RECORD_PAPER, .id = id(MODEL_LOCAL, "p")},
        {.type = MODEL_RECORD_CITATION,
         .id = id(MODEL_LOCAL, "p"),
         .other = id(MODEL_DOI, "10.5555/q"),
         .citation_date = {730000, MODEL_DAY}},
        {.type = MODEL_RECORD_MERGE,
         .id = id(MODEL_OPENALEX, "A2"),
         .other = id(MODEL_OPENALEX, "A1")},
        {.type = MODEL_RECORD_SUPPRESS, .id = id(MODEL_LOCAL, "p"), .entity = MODEL_PAPER},
        {.type = MODEL_RECORD_SUPPRESS, .id = id(MODEL_LOCAL, "p")},
    };
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        struct base_buffer bytes = BASE_BUFFER_EMPTY;
        struct base_buffer keys[2] = {BASE_BUFFER_EMPTY, BASE_BUFFER_EMPTY};
        struct store_log_entry entry = {.kind = STORE_LOG_CHANGE, .time = start};
        struct store_log_item item;
        struct model_record found;
        records[i] = finished(&arena, records[i]);
        store_log_begin(&bytes, &entry);
        store_log_remove(&bytes, &records[i]);
        assert_int_equal(store_log_decode(base_buffer_slice(&bytes), &entry, NULL), BASE_OK);
        assert_int_equal(store_log_take(&entry.items, &item, NULL), BASE_OK);
        assert_int_equal(model_record_decode(item.record, &arena, &found, NULL), BASE_OK);
        model_record_append_key(&records[i], &keys[0]);
        model_record_append_key(&found, &keys[1]);
        assert_true(base_slice_equal(base_buffer_slice(&keys[0]), base_buffer_slice(&keys[1])));
        base_buffer_fini(&bytes);
        base_buffer_fini(&keys[0]);
        base_buffer_fini(&keys[1]);
    }
    base_arena_fini(&arena);
}

/* Every cut of an entry, and every byte turned into others, is read to its end or refused. */
static void test_damaged_entries(void **state)
{
    (void)state;
    const enum store_log_kind kinds[] = {STORE_LOG_BULK, STORE_LOG_CHANGE, STORE_LOG_CHUNK};
    for (size_t k = 0; k < 3; k++) {
        struct base_buffer bytes = BASE_BUFFER_EMPTY;
        store_log_begin(&bytes, &(struct store_log_entry){.kind = kinds[k], .time = start});
        size_t head = bytes.size;
        if (kinds[k] != STORE_LOG_BULK) {
            store_log_put(&bytes, BASE_SLICE("one record"));
        }
        for (size_t size = 0; size < bytes.size; size++) {
            struct store_log_entry entry;
            struct store_log_item item;
            char *copy = malloc(size + 1);
            memcpy(copy, bytes.data, size);
            enum base_code code = store_log_decode(base_slice(copy, size), &entry, NULL);
            assert_int_equal(code, size < head ? BASE_DATA_LOSS : BASE_OK);
            if (size > head) {
                assert_int_equal(store_log_take(&entry.items, &item, NULL), BASE_DATA_LOSS);
            }
            free(copy);
        }
        for (size_t at = 0; at < bytes.size; at++) {
            for (int flip = 1; flip < 256; flip++) {
                struct store_log_entry entry;
                struct store_log_item item;
                bytes.data[at] = (char)(bytes.data[at] ^ flip);
                if (store_log_decode(base_buffer_slice(&bytes), &entry, NULL) == BASE_OK) {
                    while (entry.items.size > 0 &&
                           store_log_take(&entry.items, &item, NULL) == BASE_OK) {
                    }
                }
                bytes.data[at] = (char)(bytes.data[at] ^ flip);
            }
        }
        base_buffer_fini(&bytes);
    }
}

static void test_reading(void **state)
{
    struct fixture *fixture = *state;
    MDB_txn *txn = begin(fixture);
    struct store_log_entry entry;
    struct base_error error;
    uint64_t oldest;
    uint64_t newest;
    fixture->sequence = 10; /* a store that begins there */
    struct store_reader *reader = reader_of(fixture);
    assert_int_equal(store_log_range(reader, &oldest, &newest, NULL), BASE_OK);
    assert_int_equal(oldest + newest, 0);
    assert_int_equal(store_log_next(reader, 0, &entry, NULL), BASE_NOT_FOUND);
    for (int i = 0; i < 3; i++) {
        append(fixture, txn, start + (model_time)i, 100);
    }
    commit(fixture, txn);
    assert_int_equal(store_log_next(reader, 0, &entry, NULL), BASE_NOT_FOUND);
    store_reader_rest(reader);

    assert_int_equal(store_log_range(reader, &oldest, &newest, NULL), BASE_OK);
    assert_int_equal(oldest, 11);
    assert_int_equal(newest, 13);
    for (uint64_t after = 10; after < 13; after++) {
        assert_int_equal(store_log_next(reader, after, &entry, &error), BASE_OK);
        assert_int_equal(entry.sequence, after + 1);
        assert_int_equal(entry.time, start + after - 10);
    }
    assert_int_equal(store_log_next(reader, 13, &entry, &error), BASE_NOT_FOUND);
    assert_int_equal(store_log_next(reader, 9, &entry, &error), BASE_OUT_OF_RANGE);
    assert_non_null(strstr(error.text, "the log begins at 11"));
    assert_int_equal(store_log_next(reader, 14, &entry, &error), BASE_OUT_OF_RANGE);
    assert_non_null(strstr(error.text, "stands at 13"));
    assert_int_equal(store_log_next(reader, UINT64_MAX, &entry, &error), BASE_OUT_OF_RANGE);
    store_reader_free(reader);
}

static void test_flipped_bit(void **state)
{
    struct fixture *fixture = *state;
    MDB_txn *txn = begin(fixture);
    append(fixture, txn, start, 100);
    uint8_t key[8];
    base_put_be64(key, 1);
    MDB_val wanted = {sizeof key, key};
    MDB_val value;
    char damaged[200];
    assert_int_equal(mdb_get(txn, fixture->store.env.tables[STORE_LOG], &wanted, &value), 0);
    assert_true(value.mv_size <= sizeof damaged);
    memcpy(damaged, value.mv_data, value.mv_size);
    damaged[50] ^= 4;
    value.mv_data = damaged;
    assert_int_equal(mdb_put(txn, fixture->store.env.tables[STORE_LOG], &wanted, &value, 0), 0);
    commit(fixture, txn);
    struct store_reader *reader = reader_of(fixture);
    struct store_log_entry entry;
    assert_int_equal(store_log_next(reader, 0, &entry, NULL), BASE_DATA_LOSS);
    store_reader_free(reader);
}

static void test_a_week(void **state)
{
    struct fixture *fixture = *state;
    MDB_txn *txn = begin(fixture);
    struct store_log_entry entry;
    for (unsigned i = 0; i < 200; i++) {
        append(fixture, txn, start + i * day / 10, 100);
    }
    trim(fixture, txn, start + STORE_LOG_DAYS * day, MAP);
    assert_int_equal(fixture->log.rows, 200);
    /* Ten days later 100 entries are older than a week less three: bounded work a call. */
    trim(fixture, txn, start + 17 * day + 1, MAP);
    assert_int_equal(fixture->log.rows, 200 - STORE_LOG_TRIM_ROWS);
    trim(fixture, txn, start + 17 * day + 1, MAP);
    assert_int_equal(fixture->log.rows, 99);
    trim(fixture, txn, start + 17 * day + 1, MAP);
    assert_int_equal(fixture->log.rows, 99);
    /* A clock that went back trims nothing; one far ahead leaves the newest. */
    trim(fixture, txn, 0, MAP);
    assert_int_equal(fixture->log.rows, 99);
    trim(fixture, txn, start + 400 * day, MAP);
    trim(fixture, txn, start + 400 * day, MAP);
    assert_int_equal(fixture->log.rows, 1);
    commit(fixture, txn);
    struct store_reader *reader = reader_of(fixture);
    assert_int_equal(store_log_next(reader, 199, &entry, NULL), BASE_OK);
    assert_int_equal(store_log_next(reader, 198, &entry, NULL), BASE_OUT_OF_RANGE);
    store_reader_free(reader);
}

/* Entries of all sizes come and go: the log stays within its share, its count of bytes follows what
 * LMDB says, and one entry larger than the share is kept while it is the newest. */
static void test_a_share_of_the_map(void **state)
{
    struct fixture *fixture = *state;
    const uint64_t share = MAP / STORE_LOG_SHARE;
    const size_t sizes[] = {1, 100, 1900, 2100, 30000, 300000};
    for (unsigned i = 0; i < 600; i++) {
        MDB_txn *txn = begin(fixture);
        append(fixture, txn, start, sizes[i * 7 % 6]);
        trim(fixture, txn, start, MAP);
        assert_true(fixture->log.bytes <= share);
        commit(fixture, txn);
        struct store_log stored;
        MDB_stat stat;
        txn = begin(fixture);
        assert_int_equal(store_log_read(&fixture->store.env, txn, &stored, NULL), BASE_OK);
        assert_int_equal(mdb_stat(txn, fixture->store.env.tables[STORE_LOG], &stat), 0);
        mdb_txn_abort(txn);
        uint64_t pages = stat.ms_leaf_pages + stat.ms_overflow_pages;
        assert_int_equal(stored.rows, stat.ms_entries);
        assert_int_equal(stored.bytes, fixture->log.bytes);
        assert_true(stored.bytes <= pages * stat.ms_psize);
        assert_true(pages * stat.ms_psize < stored.bytes * 2 + 16 * stat.ms_psize);
    }
    MDB_txn *txn = begin(fixture);
    append(fixture, txn, start, share + 1);
    trim(fixture, txn, start, MAP);
    assert_int_equal(fixture->log.rows, 1);
    append(fixture, txn, start, 1);
    trim(fixture, txn, start, MAP);
    assert_int_equal(fixture->log.rows, 1);
    assert_true(fixture->log.bytes < 100);
    commit(fixture, txn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entries_come_back),
        cmocka_unit_test(test_removed_keys),
        cmocka_unit_test(test_damaged_entries),
        cmocka_unit_test_setup_teardown(test_reading, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_flipped_bit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_week, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_share_of_the_map, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
