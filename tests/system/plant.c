/* Plants one fault into a store and says which: plant DIR KIND SEED. Checksums of changed rows are
 * right unless the kind says otherwise, so that only the cross-checks of verify can see it. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/directory.h"
#include "store/env.h"
#include "store/meta.h"

static uint64_t random_state;

/* splitmix64: the same seed plants the same fault. */
static uint64_t next_random(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

static size_t below(size_t limit)
{
    return (size_t)(next_random() % limit);
}

struct plant {
    struct store_env env;
    MDB_txn *txn;
    struct base_buffer key;
    struct base_buffer bytes; /* without checksum */
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "plant: %s\n", what);
    exit(1);
}

static void pick_row(struct plant *plant, enum store_table table, size_t least)
{
    MDB_stat stat;
    MDB_cursor *cursor;
    MDB_val key;
    MDB_val value;
    if (mdb_stat(plant->txn, plant->env.tables[table], &stat) != 0 || stat.ms_entries == 0 ||
        mdb_cursor_open(plant->txn, plant->env.tables[table], &cursor) != 0) {
        die("the table is empty");
    }
    /* From a random row on, the first that is long enough; round the end once. */
    size_t skip = below(stat.ms_entries);
    int code = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
    for (size_t seen = 0; seen < skip + stat.ms_entries; seen++) {
        if (seen >= skip && value.mv_size >= least + STORE_CHECKSUM) {
            break;
        }
        code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
        if (code == MDB_NOTFOUND) {
            code = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
        }
    }
    if (code != 0 || value.mv_size < least + STORE_CHECKSUM) {
        die("no row is long enough");
    }
    base_buffer_clear(&plant->key);
    base_buffer_clear(&plant->bytes);
    base_buffer_append(&plant->key, key.mv_data, key.mv_size);
    base_buffer_append(&plant->bytes, value.mv_data, value.mv_size - STORE_CHECKSUM);
    mdb_cursor_close(cursor);
}

static void put_row(struct plant *plant, enum store_table table)
{
    if (store_env_put(&plant->env, plant->txn, table, base_buffer_slice(&plant->key),
                      base_buffer_slice(&plant->bytes), 0, NULL) != BASE_OK) {
        die("cannot put");
    }
}

static void drop_row(struct plant *plant, enum store_table table)
{
    MDB_val key = store_val(base_buffer_slice(&plant->key));
    if (mdb_del(plant->txn, plant->env.tables[table], &key, NULL) != 0) {
        die("cannot delete");
    }
}

/* meta's row counts follow, so that a count alone does not give the fault away. */
static void adjust_rows(struct plant *plant, enum store_table table, int by)
{
    struct store_meta meta;
    if (store_meta_read(&plant->env, plant->txn, &meta, NULL) != BASE_OK) {
        die("cannot read meta");
    }
    meta.rows[table] += (uint64_t)(int64_t)by;
    if (store_meta_write(&plant->env, plant->txn, &meta, NULL) != BASE_OK) {
        die("cannot write meta");
    }
}

static void plant_counter(struct plant *plant)
{
    /* Places of counters in the fixed headers of value.c. */
    static const size_t of_paper[] = {8, 12, 16};
    static const size_t of_author[] = {0, 4, 8, 12, 16, 20, 24, 28, 32, 34};
    bool paper = below(2) == 0;
    enum store_table table = paper ? STORE_PAPER : STORE_AUTHOR;
    size_t at = paper ? of_paper[below(3)] : of_author[below(10)];
    pick_row(plant, table, 50);
    plant->bytes.data[at] = (char)(plant->bytes.data[at] + 1 + (char)below(100));
    put_row(plant, table);
    printf("counter at byte %zu of a row of %s\n", at, store_table_name(table));
}

static const enum store_table lists[] = {STORE_CITES, STORE_CITED_BY, STORE_AUTHOR_PAPERS,
                                         STORE_NAMES};

static void plant_edge(struct plant *plant)
{
    enum store_table table = lists[below(4)];
    const struct store_list_format *format = store_list_format(table);
    pick_row(plant, table, 2 * format->entry_size);
    size_t count = plant->bytes.size / format->entry_size;
    if (below(2) == 0) {
        /* The last entry goes. */
        plant->bytes.size -= format->entry_size;
    } else {
        /* The last entry becomes another one, still in order. */
        size_t last = (count - 1) * format->entry_size;
        size_t number = table == STORE_CITED_BY || table == STORE_AUTHOR_PAPERS ? 4 : 0;
        uint32_t value = base_get_le32(plant->bytes.data + last + number);
        base_put_le32(plant->bytes.data + last + number, value + 1);
    }
    put_row(plant, table);
    printf("edge in a chunk of %s\n", store_table_name(table));
}

static void plant_order(struct plant *plant)
{
    enum store_table table = lists[below(4)];
    size_t size = store_list_format(table)->entry_size;
    pick_row(plant, table, 3 * size);
    char held[16];
    size_t at = size * (1 + below(plant->bytes.size / size - 2));
    memcpy(held, plant->bytes.data + at, size);
    memcpy(plant->bytes.data + at, plant->bytes.data + at + size, size);
    memcpy(plant->bytes.data + at + size, held, size);
    put_row(plant, table);
    printf("order in a chunk of %s\n", store_table_name(table));
}

static enum store_table any_table(void)
{
    static const enum store_table filled[] = {
        STORE_PAPER, STORE_AUTHOR,        STORE_SOURCE, STORE_ABSTRACT,
        STORE_XID,   STORE_PAPER_AUTHORS, STORE_CITES,  STORE_CITED_BY,
        STORE_NAMES, STORE_AUTHOR_PAPERS, STORE_META,   STORE_LOG};
    return filled[below(sizeof filled / sizeof filled[0])];
}

static void plant_checksum(struct plant *plant)
{
    enum store_table table = any_table();
    pick_row(plant, table, 1);
    uint64_t sum =
        store_checksum(table, base_buffer_slice(&plant->key), base_buffer_slice(&plant->bytes));
    size_t at = below(plant->bytes.size);
    plant->bytes.data[at] = (char)(plant->bytes.data[at] ^ (1 << below(8)));
    uint8_t stored[STORE_CHECKSUM];
    base_put_le64(stored, sum);
    base_buffer_append(&plant->bytes, stored, sizeof stored);
    MDB_val key = store_val(base_buffer_slice(&plant->key));
    MDB_val value = store_val(base_buffer_slice(&plant->bytes));
    if (mdb_put(plant->txn, plant->env.tables[table], &key, &value, 0) != 0) {
        die("cannot put");
    }
    printf("bit %zu flipped in a row of %s\n", at, store_table_name(table));
}

static void plant_missing(struct plant *plant)
{
    /* A missing source record would take all that follows from it away with it: the count tells, so
     * it stays right. */
    enum store_table table = any_table();
    pick_row(plant, table, 1);
    drop_row(plant, table);
    if (table != STORE_META && table != STORE_SOURCE && table != STORE_LOG && below(2) == 0) {
        adjust_rows(plant, table, -1);
    }
    printf("a row of %s is gone\n", store_table_name(table));
}

static void plant_extra(struct plant *plant)
{
    static const enum store_table tables[] = {STORE_PAPER, STORE_AUTHOR, STORE_ABSTRACT, STORE_XID,
                                              STORE_PAPER_AUTHORS};
    enum store_table table = tables[below(5)];
    pick_row(plant, table, 1);
    size_t last = plant->key.size - 1;
    if (table == STORE_XID) {
        base_buffer_append_byte(&plant->key, 'x');
    } else {
        plant->key.data[0] = (char)(plant->key.data[0] + 1);
        plant->key.data[last] = (char)below(256);
    }
    put_row(plant, table);
    adjust_rows(plant, table, 1);
    printf("a row too many in %s\n", store_table_name(table));
}

static void plant_reference(struct plant *plant)
{
    static const struct {
        enum store_table table;
        size_t at;
    } places[] = {{STORE_XID, 0},
                  {STORE_XID, 4},
                  {STORE_SOURCE, 0},
                  {STORE_PAPER_AUTHORS, 0},
                  {STORE_PAPER_AUTHORS, 4}};
    size_t place = below(sizeof places / sizeof places[0]);
    enum store_table table = places[place].table;
    do {
        pick_row(plant, table, 5);
        /* Source rows of curation and citation lines have no entity. */
    } while (table == STORE_SOURCE && plant->key.data[0] != 3 && plant->key.data[0] != 4);
    size_t at = places[place].at;
    plant->bytes.data[at] = (char)(plant->bytes.data[at] ^ (1 << below(3)));
    put_row(plant, table);
    printf("number or flag at byte %zu of a row of %s\n", at, store_table_name(table));
}

static void plant_view(struct plant *plant)
{
    enum store_table table = below(2) == 0 ? STORE_PAPER : STORE_AUTHOR;
    pick_row(plant, table, 60);
    size_t at = plant->bytes.size - 1 - below(4);
    plant->bytes.data[at] = (char)(plant->bytes.data[at] ^ 1);
    put_row(plant, table);
    printf("byte %zu of a packed view of %s\n", at, store_table_name(table));
}

/* The store says that a later program wrote it. */
static void plant_later(struct plant *plant)
{
    struct store_meta meta;
    struct base_error error;
    if (store_meta_read(&plant->env, plant->txn, &meta, &error) != BASE_OK) {
        die(error.text);
    }
    meta.info.format = STORE_FORMAT + 1;
    if (store_meta_write(&plant->env, plant->txn, &meta, &error) != BASE_OK) {
        die(error.text);
    }
    printf("format %d\n", STORE_FORMAT + 1);
}

/* A bit of a key, straight in the file, behind LMDB's back. */
static void plant_key(const char *path, struct plant *plant)
{
    pick_row(plant, STORE_XID, 1);
    /* A page begins with its number, which is its place in the file; older copies of it may lie
     * elsewhere. */
    MDB_stat stat;
    MDB_cursor *cursor;
    MDB_val key = store_val(base_buffer_slice(&plant->key));
    MDB_val value;
    if (mdb_env_stat(plant->env.env, &stat) != 0 ||
        mdb_cursor_open(plant->txn, plant->env.tables[STORE_XID], &cursor) != 0 ||
        mdb_cursor_get(cursor, &key, &value, MDB_SET_KEY) != 0) {
        die("cannot find the key");
    }
    size_t at = 2 + below(plant->key.size - 2);
    size_t offset = (uintptr_t)key.mv_data % stat.ms_psize;
    uint64_t page = base_get_le64((const char *)key.mv_data - offset);
    off_t place = (off_t)(page * stat.ms_psize + offset + at);
    char changed = (char)(((const char *)key.mv_data)[at] ^ 1);
    char file_path[STORE_PATH];
    if (store_directory_path(path, "data.mdb", file_path, NULL) != BASE_OK) {
        die("path");
    }
    mdb_cursor_close(cursor);
    mdb_txn_abort(plant->txn);
    plant->txn = NULL;
    store_env_close(&plant->env);
    int file = open(file_path, O_RDWR);
    if (file < 0 || pwrite(file, &changed, 1, place) != 1) {
        die("cannot write the file");
    }
    close(file);
    printf("byte %zu of a key of xid\n", at);
}

static const struct {
    const char *name;
    void (*plant)(struct plant *plant);
} kinds[] = {
    {"counter", plant_counter},     {"edge", plant_edge},       {"order", plant_order},
    {"checksum", plant_checksum},   {"missing", plant_missing}, {"extra", plant_extra},
    {"reference", plant_reference}, {"view", plant_view},       {"key", NULL},
    {"later", plant_later},
};

int main(int argc, char **argv)
{
    struct plant plant = {0};
    struct base_error error;
    char path[STORE_PATH];
    if (argc != 4) {
        die("usage: plant DIR KIND SEED");
    }
    random_state = strtoull(argv[3], NULL, 10);
    if (store_directory_current(argv[1], path, &error) != BASE_OK ||
        store_env_open(path, 0, STORE_ENV_WRITE, &plant.env, &error) != BASE_OK) {
        die(error.text);
    }
    if (mdb_txn_begin(plant.env.env, NULL, 0, &plant.txn) != 0) {
        die("begin");
    }
    bool done = false;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].name, argv[2]) == 0) {
            if (kinds[i].plant == NULL) {
                plant_key(path, &plant);
            } else {
                kinds[i].plant(&plant);
            }
            done = true;
        }
    }
    if (!done) {
        die("no such kind");
    }
    if (plant.txn != NULL && mdb_txn_commit(plant.txn) != 0) {
        die("commit");
    }
    store_env_close(&plant.env);
    base_buffer_fini(&plant.key);
    base_buffer_fini(&plant.bytes);
    return 0;
}
