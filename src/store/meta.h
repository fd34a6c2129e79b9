/* The rows of table `meta`: what the store says of itself. */
#ifndef STORE_META_H
#define STORE_META_H

#include "store/env.h"
#include "store/store.h"

enum { STORE_FORMAT = 1 };

/* Row "info". */
struct store_meta {
    struct store_info info;
    uint64_t rows[STORE_TABLE_END]; /* rows of each table but meta itself */
};

enum base_code store_meta_read(const struct store_env *env, MDB_txn *txn, struct store_meta *meta,
                               struct base_error *error);
enum base_code store_meta_write(const struct store_env *env, MDB_txn *txn,
                                const struct store_meta *meta, struct base_error *error);

#endif
