/* The manifest of a backup: which store at which moment, and how much of each table it holds. */
#ifndef STORE_MANIFEST_H
#define STORE_MANIFEST_H

#include "base/buffer.h"
#include "model/date.h"
#include "store/store.h"
#include "store/table.h"

struct store_manifest {
    /* Known before the rows: the head of a backup. */
    struct store_info info;
    model_time created;
    uint64_t store_bytes; /* pages in use of the store */
    /* Counted while rows are written or read. */
    uint64_t blocks;
    uint64_t rows[STORE_TABLE_END];
    uint64_t bytes[STORE_TABLE_END]; /* of keys and values */
    uint64_t hash[STORE_TABLE_END];  /* of all rows of the table in their order */
};

/* The head: begins with STORE_MANIFEST_MAGIC, ends in a checksum. */
#define STORE_MANIFEST_MAGIC "hirsch-backup 1\n"
enum { STORE_MANIFEST_HEAD = 16 + 4 + 2 * STORE_EPOCH + 10 * 8 + 8 };

void store_manifest_put_head(const struct store_manifest *manifest,
                             uint8_t to[STORE_MANIFEST_HEAD]);
/* INVALID_ARGUMENT: this is no backup. DATA_LOSS: the head is damaged. FAILED_PRECONDITION: a later
 * program wrote it. */
enum base_code store_manifest_get_head(const uint8_t from[STORE_MANIFEST_HEAD],
                                       struct store_manifest *manifest, struct base_error *error);

/* Counts one row; encoded is the row as it lies in a block. */
void store_manifest_count(struct store_manifest *manifest, enum store_table table,
                          struct base_slice encoded);

/* Lines of "name value", the same bytes for the same manifest. */
void store_manifest_text(const struct store_manifest *manifest, struct base_buffer *text);

#endif
