/* One list of a table of lists, spread over chunks: read as a whole, and changed in place. */
#ifndef STORE_LIST_H
#define STORE_LIST_H

#include "store/env.h"

/* Appends all entries, packed and in order. */
enum base_code store_list_read(const struct store_env *env, MDB_txn *txn, enum store_table table,
                               struct base_slice owner, struct base_buffer *entries,
                               struct base_error *error);

/* Takes entries out (only their places count) and puts entries in; both packed, in order, each
 * place once. An entry that is put where one stands replaces it. Only chunks that change are
 * written, each once; a chunk that would be too large is split evenly. DATA_LOSS: one to be taken
 * out is not there. */
enum base_code store_list_edit(const struct store_env *env, MDB_txn *txn, enum store_table table,
                               struct base_slice owner, struct base_slice removed,
                               struct base_slice added, struct base_error *error);

#endif
