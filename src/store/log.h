/* Table `log`: every change under its sequence, in the transaction of the change, so that whoever
 * applies the entries in order to a store of the same epoch gets the same store. */
#ifndef STORE_LOG_H
#define STORE_LOG_H

#include "base/arena.h"
#include "base/buffer.h"
#include "model/record.h"
#include "store/env.h"
#include "store/store.h"

/* The numbers are on disk. */
enum store_log_kind {
    STORE_LOG_BULK = 1,   /* a generation of its own, with an epoch of its own: no items */
    STORE_LOG_CHANGE = 2, /* one request */
    STORE_LOG_CHUNK = 3,  /* one piece of an import: a change that names its run */
};

/* "bulk", "change", "chunk". */
const char *store_log_kind_name(enum store_log_kind kind);

enum { STORE_LOG_RUN = 16 };
_Static_assert(STORE_LOG_RUN == (int)STORE_EPOCH, "the run of a bulk load is its epoch");

struct store_log_entry {
    uint64_t sequence;
    enum store_log_kind kind;
    model_time time;
    uint8_t run[STORE_LOG_RUN]; /* BULK: the epoch that begins; CHUNK: the import */
    uint32_t chunk;             /* CHUNK: its number in the import */
    uint64_t sources;           /* BULK: source records that the generation holds */
    struct base_slice items;    /* CHANGE, CHUNK: for store_log_take */
};

/* One thing that changed. */
struct store_log_item {
    bool remove;
    /* Canonical bytes for model_record_decode. To remove: a record that has nothing but what makes
     * its key. */
    struct base_slice record;
};

/* An entry is made in a buffer, head first; the caller checks buffer->failed. items of the entry is
 * not looked at, neither is its sequence. */
void store_log_begin(struct base_buffer *buffer, const struct store_log_entry *entry);
/* Behind the head, in the order in which they were applied. */
void store_log_put(struct base_buffer *buffer, struct base_slice record);
/* type, id, other and entity of the record are enough. */
void store_log_remove(struct base_buffer *buffer, const struct model_record *record);

/* DATA_LOSS for bytes that were not made so. */
enum base_code store_log_decode(struct base_slice bytes, struct store_log_entry *entry,
                                struct base_error *error);
/* Takes the next item off *items, while items->size > 0. */
enum base_code store_log_take(struct base_slice *items, struct store_log_item *item,
                              struct base_error *error);

/* DATA_LOSS when an entry, its items or a record in them cannot be read; for verify. */
enum base_code store_log_check(struct base_slice bytes, struct base_arena *arena,
                               struct base_error *error);

/* Row "log" of meta: how much the log holds. The writer keeps it over transactions and reads it
 * anew after an abort. */
struct store_log {
    uint64_t rows;  /* equal to store_meta.rows[STORE_LOG], which the writer sets from it */
    uint64_t bytes; /* of the map, about */
};

/* A log grows up to 1 / STORE_LOG_SHARE of the map, and keeps a week. */
enum { STORE_LOG_SHARE = 20, STORE_LOG_DAYS = 7 };

enum base_code store_log_read(const struct store_env *env, MDB_txn *txn, struct store_log *log,
                              struct base_error *error);
enum base_code store_log_write(const struct store_env *env, MDB_txn *txn,
                               const struct store_log *log, struct base_error *error);

/* Counts an entry of that many bytes. */
void store_log_count(struct store_log *log, size_t size);

/* Puts the entry that store_log_begin began. sequence is above all that are there. */
enum base_code store_log_append(struct store_log *log, const struct store_env *env, MDB_txn *txn,
                                uint64_t sequence, struct base_slice entry,
                                struct base_error *error);

/* Removes entries older than the week, and the oldest ones while the log takes more than its share
 * of map_size bytes: at most STORE_LOG_TRIM_ROWS or about STORE_LOG_TRIM_BYTES a call, so that a
 * transaction that appends can call it each time. The newest entry always stays. */
enum base_code store_log_trim(struct store_log *log, const struct store_env *env, MDB_txn *txn,
                              model_time now, uint64_t map_size, struct base_error *error);
enum { STORE_LOG_TRIM_ROWS = 64, STORE_LOG_TRIM_BYTES = 16 * 1024 * 1024 };

/* Sequences of the oldest and the newest entry; both 0 when there is none. */
enum base_code store_log_range(struct store_reader *reader, uint64_t *oldest, uint64_t *newest,
                               struct base_error *error);

/* The first entry above that sequence; it points into the snapshot. NOT_FOUND without text: there
 * is none yet. OUT_OF_RANGE: entries between were trimmed, or that sequence has not happened. */
enum base_code store_log_next(struct store_reader *reader, uint64_t after,
                              struct store_log_entry *entry, struct base_error *error);

#endif
