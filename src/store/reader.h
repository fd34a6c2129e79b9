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
    atomic_bool refreshing;     /* from before a refresh reads until it has written */
};

/* See recall.h. Its rows hold while their epoch, one a snapshot, is the present one. */
struct store_recall {
    struct store_recalled *rows; /* owned; made at first use */
    size_t snapshot;             /* LMDB's number of the snapshot that was taken last; 0: none */
    uint16_t epoch;
    uint16_t turn;
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
    struct store_recall recall;
};

/* A snapshot was taken: what is remembered of another one is forgotten. */
void store_recall_snapshot(struct store_recall *recall, size_t snapshot);
void store_recall_fini(struct store_recall *recall);

/* A snapshot is there after this. */
enum base_code store_reader_wake(struct store_reader *reader, struct base_error *error);

#endif
