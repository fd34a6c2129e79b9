/* Fills a fresh environment in key order: a sink for the derivation. */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "store/derive.h"
#include "store/env.h"

/* One thread at a time. LMDB ties a transaction to its thread: the one that begins it, by putting a
 * row or by store_writer_begin, is the one that ends it. */
struct store_writer {
    const struct store_env *env;
    MDB_txn *txn;                         /* NULL: none is open */
    MDB_cursor *cursors[STORE_TABLE_END]; /* of txn; NULL: not opened yet */
    size_t pending;                       /* bytes put since the last commit */
    uint64_t rows[STORE_TABLE_END];
};

void store_writer_init(struct store_writer *writer, const struct store_env *env);
/* Drops what was not committed. */
void store_writer_fini(struct store_writer *writer);

/* ABSTRACT comes compressed. */
struct store_sink store_writer_sink(struct store_writer *writer);

/* Opens a transaction unless one is open. */
enum base_code store_writer_begin(struct store_writer *writer, struct base_error *error);

/* Ends the transaction, if one is open; what was put is on disk after store_env_sync. */
enum base_code store_writer_commit(struct store_writer *writer, struct base_error *error);
void store_writer_abort(struct store_writer *writer);

#endif
