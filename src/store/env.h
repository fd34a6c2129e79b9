/* One LMDB environment with Hirsch's tables: opening, errors, checked reads and checked writes. */
#ifndef STORE_ENV_H
#define STORE_ENV_H

#include <lmdb.h>

#include "base/compress.h"
#include "base/status.h"
#include "store/table.h"

struct store_env {
    MDB_env *env;
    MDB_dbi tables[STORE_TABLE_END];
    struct base_dictionary *dictionary; /* of abstracts; owned, NULL: none */
};

enum store_env_mode {
    STORE_ENV_READ,  /* beside a writer */
    STORE_ENV_WRITE, /* the one writer */
    /* A fresh, empty environment that nobody knows of yet: commits are not waited for, the disk has
     * it after store_env_sync. */
    STORE_ENV_CREATE,
    /* For reading only meta and source, which older formats have too. */
    STORE_ENV_RECORDS,
};

/* Bytes of address space when nobody asks for another size; the file is sparse. */
#define STORE_MAP_DEFAULT ((uint64_t)64 << 30)

/* path is the folder of one generation. map_size 0: the default, or what the file already needs.
 * DATA_LOSS when the file is not what its meta pages say: LMDB would not notice. */
enum base_code store_env_open(const char *path, uint64_t map_size, enum store_env_mode mode,
                              struct store_env *env, struct base_error *error);
void store_env_close(struct store_env *env);

/* The order of keys in every table: that of their bytes, and the shorter first where one begins
 * with the other. */
int store_key_order(const MDB_val *a, const MDB_val *b);

/* The status of an LMDB return code: "what: reason". MDB_MAP_FULL and a full disk are
 * RESOURCE_EXHAUSTED and say what to do; damaged pages are DATA_LOSS. code is not MDB_SUCCESS. */
enum base_code store_env_fail(struct base_error *error, int code, const char *what);

/* The bytes of a value without their checksum; NOT_FOUND without text when there is no such key,
 * DATA_LOSS when the checksum does not fit. Valid until the transaction ends or writes. */
enum base_code store_env_get(const struct store_env *env, MDB_txn *txn, enum store_table table,
                             struct base_slice key, struct base_slice *bytes,
                             struct base_error *error);

/* Takes the checksum off a stored value. */
enum base_code store_env_check(enum store_table table, struct base_slice key,
                               struct base_slice stored, struct base_slice *bytes,
                               struct base_error *error);

/* Writes key -> parts, one behind the other, and their checksum. flags: 0 or MDB_APPEND. */
enum base_code store_env_put(const struct store_env *env, MDB_txn *txn, enum store_table table,
                             struct base_slice key, struct base_slice bytes, unsigned flags,
                             struct base_error *error);

/* The same through a cursor of the table, behind its last key: a run of these finds its page by
 * itself. */
enum base_code store_env_append(MDB_cursor *cursor, enum store_table table, struct base_slice key,
                                struct base_slice bytes, struct base_error *error);

/* Everything that was committed is on disk. */
enum base_code store_env_sync(const struct store_env *env, struct base_error *error);

/* How many bytes of the map are in use: last page minus the pages on the free list. */
enum base_code store_env_used(const struct store_env *env, MDB_txn *txn, uint64_t *used,
                              uint64_t *map_size, struct base_error *error);

static inline MDB_val store_val(struct base_slice slice)
{
    return (MDB_val){slice.size, (void *)(uintptr_t)slice.data};
}

static inline struct base_slice store_slice(MDB_val value)
{
    return base_slice(value.mv_data, value.mv_size);
}

/* Has all lines of a row come at once, where reading it would wait for one after the other; beyond
 * so many hardware goes on by itself where a page does. */
static inline void store_ahead(struct base_slice row)
{
    enum { LINE = 64, MOST = 12 * LINE };
    for (size_t at = 0; at < row.size && at < MOST; at += LINE) {
        __builtin_prefetch(row.data + at);
    }
}

#endif
