/* Inside of store and store_reader, for the other files of this module. */
#ifndef STORE_READER_H
#define STORE_READER_H

#include <stdatomic.h>

#include "base/compress.h"
#include "store/env.h"
#include "store/meta.h"
#include "store/store.h"

struct store {
    struct store_env env;
    _Atomic uint64_t committed; /* sequence of the last change on disk */
};

struct store_reader {
    struct store *store;
    MDB_txn *txn;
    bool resting;         /* the transaction is reset */
    size_t meta_snapshot; /* LMDB's number of the snapshot that meta was read from; 0: none */
    struct store_meta meta;
    struct base_decompressor *decompressor; /* made at first use */
    MDB_cursor *citers;                     /* of table cited_by, made at first use */
    MDB_cursor *cited;                      /* of table cites, likewise */
    bool citers_stale;                      /* belong to a snapshot from before */
    bool cited_stale;
};

/* A snapshot is there after this. */
enum base_code store_reader_wake(struct store_reader *reader, struct base_error *error);

#endif
