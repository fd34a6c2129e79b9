/* Applying changes of records to a filled store: the rows that follow from them and no others are
 * read and written, and the store is afterwards what a build from the records that stand would
 * give. */
#ifndef STORE_APPLY_H
#define STORE_APPLY_H

#include "store/env.h"
#include "store/write.h"

struct apply;

enum base_code apply_new(const struct store *store, const struct store_packer *packer,
                         struct apply **apply, struct base_error *error);
void apply_free(struct apply *apply);

/* Begins a group of changes in a transaction. today: newer papers do not move the coverage end. */
enum base_code apply_begin(struct apply *apply, MDB_txn *txn, uint32_t today,
                           struct base_error *error);

/* Adds one change to the group and says what becomes of it; changes take effect one after the
 * other. What takes effect is appended to the entry of the log. Nothing is written yet. Another
 * code than OK ends the whole group. */
enum base_code apply_item(struct apply *apply, struct store_write_item *item,
                          struct base_buffer *entry, struct base_error *error);

/* Writes what follows from the changes, and the row of meta with that sequence. The transaction is
 * the caller's to commit, or to abort when this fails. */
enum base_code apply_finish(struct apply *apply, uint64_t sequence, struct base_error *error);

/* What was begun is forgotten: the transaction was aborted. */
void apply_forget(struct apply *apply);

/* Last sequence as the transaction of apply_begin found it, and the epoch. */
uint64_t apply_sequence(const struct apply *apply);
const uint8_t *apply_epoch(const struct apply *apply);

#endif
