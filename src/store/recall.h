/* Where rows that were asked for by id stand in the snapshot: a memory of one reader that spares
 * the two searches, as long as nobody writes. */
#ifndef STORE_RECALL_H
#define STORE_RECALL_H

#include "store/store.h"

/* Of an id as it is written, `scheme:value`: names a place in that memory, which is on its way into
 * the cache from here on. */
uint64_t store_recall_key(const struct store_reader *reader, enum model_entity entity,
                          struct base_slice text);

/* So is the row, if its place is known. Between the three steps other keys may have theirs. */
void store_recall_ahead(struct store_reader *reader, uint64_t key);

/* True: a whole row of this snapshot, its checksum right, as store_read_author gives it. Several
 * ids may have the same key: whether it is the row of the id that was meant is for the caller to
 * see. */
bool store_recall_author(struct store_reader *reader, uint64_t key, struct store_author *author);
bool store_recall_paper(struct store_reader *reader, uint64_t key, struct store_paper *paper);

/* What was read of this snapshot for the id with that key. */
void store_remember_author(struct store_reader *reader, uint64_t key,
                           const struct store_author *author);
void store_remember_paper(struct store_reader *reader, uint64_t key,
                          const struct store_paper *paper);

#endif
