/* Fills a fresh environment in key order: a sink for the derivation. */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "base/compress.h"
#include "store/derive.h"
#include "store/env.h"

struct store_writer {
    const struct store_env *env;
    MDB_txn *txn;
    size_t pending; /* bytes put since the last commit */
    uint64_t rows[STORE_TABLE_END];
    struct base_compressor *compressor;
    struct base_buffer compressed;
};

enum base_code store_writer_init(struct store_writer *writer, const struct store_env *env,
                                 struct base_error *error);
/* Drops what was not committed. */
void store_writer_fini(struct store_writer *writer);

struct store_sink store_writer_sink(struct store_writer *writer);

/* What was put since the last commit is on disk. A transaction is open again afterwards. */
enum base_code store_writer_commit(struct store_writer *writer, struct base_error *error);

#endif
