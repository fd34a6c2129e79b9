/* Random histories of a small store: requests of puts and deletes that meet each other as often as
 * they can, and what is to be left of them. */
#ifndef TESTS_HISTORY_H
#define TESTS_HISTORY_H

#include "base/arena.h"
#include "base/buffer.h"
#include "model/record.h"
#include "store/write.h"

enum { HISTORY_REQUESTS = 64, HISTORY_ITEMS = 8 };

/* A put, or a delete of whatever stands under the key of that record. */
struct history_item {
    bool remove;
    bool dropped;             /* by whoever makes a failing history smaller */
    struct base_slice record; /* canonical bytes */
};

struct history_request {
    struct history_item items[HISTORY_ITEMS];
    size_t count;
    unsigned key;  /* of idempotency; 0: none. The same number again is the same request again */
    bool is_chunk; /* of an import */
    bool waits;    /* for all before it, so that groups of all sizes are committed */
};

struct history {
    struct base_arena arena; /* owns the bytes */
    struct history_request requests[HISTORY_REQUESTS];
    size_t count;
    size_t loaded; /* requests of puts alone that a bulk load brings before all others */
};

/* The same seed gives the same history. */
void history_make(struct history *history, uint64_t seed);
void history_fini(struct history *history);

/* One native line an item, for people and for `hirschd import`. */
void history_print(const struct history *history, struct base_buffer *text);

/* The records that are to stand in the end, by the rules of design.md section 4 told once more:
 * the greater (updated, bytes) stays, suppress lines take away, deletes take away. */
struct history_rows;

struct history_rows *history_rows_new(void);
void history_rows_free(struct history_rows *rows);
/* What becomes of it, like the writer's answer. */
enum store_outcome history_rows_apply(struct history_rows *rows, const struct history_item *item);
size_t history_rows_count(const struct history_rows *rows);
/* In the order of keys. */
void history_rows_at(const struct history_rows *rows, size_t index, struct base_slice *key,
                     struct base_slice *bytes);

#endif
