/* All rows of one snapshot as they lie in the store, and a fresh store filled with such rows: what
 * backup, restore and compact have in common. */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include "store/env.h"

struct store_rows_sink {
    void *context;
    /* value: with its checksum, which fits. Borrowed for the call. */
    enum base_code (*row)(void *context, enum store_table table, struct base_slice key,
                          struct base_slice value, struct base_error *error);
};

/* Gives every row, table by table in the order of their numbers, each in the order of its keys.
 * DATA_LOSS: a value does not match its checksum, or a table has not as many rows as it says.
 * CANCELLED when *stop, which may be NULL, is set. */
enum base_code store_rows_read(const struct store_env *env, MDB_txn *txn,
                               const struct store_rows_sink *sink, const volatile int *stop,
                               struct base_error *error);

/* Fills a fresh environment; rows come in the order of store_rows_read. */
struct store_rows_writer {
    const struct store_env *env;
    MDB_txn *txn;
    size_t pending; /* bytes put since the last commit */
};

enum base_code store_rows_writer_init(struct store_rows_writer *writer, const struct store_env *env,
                                      struct base_error *error);
/* Drops what was not committed. */
void store_rows_writer_fini(struct store_rows_writer *writer);

/* DATA_LOSS: the key is none, or does not come behind the one before it. */
enum base_code store_rows_put(struct store_rows_writer *writer, enum store_table table,
                              struct base_slice key, struct base_slice value,
                              struct base_error *error);

/* Everything is on disk; the last call before fini. */
enum base_code store_rows_commit(struct store_rows_writer *writer, struct base_error *error);

/* The address space for a store of that many bytes when nobody asked for another one. */
static inline uint64_t store_rows_map_size(uint64_t wanted, uint64_t bytes)
{
    if (wanted != 0) {
        return wanted;
    }
    return bytes > STORE_MAP_DEFAULT / 2 ? bytes * 2 : STORE_MAP_DEFAULT;
}

#endif
