/* The sink of verify: what the derivation gives against what the tables hold, row by row. */
#ifndef STORE_COMPARE_H
#define STORE_COMPARE_H

#include "base/compress.h"
#include "store/derive.h"
#include "store/env.h"

struct store_compare {
    const struct store_env *env;
    MDB_txn *txn;
    MDB_cursor *cursors[STORE_TABLE_END];
    bool at_end[STORE_TABLE_END];
    MDB_val key[STORE_TABLE_END]; /* of the row each cursor stands on */
    MDB_val value[STORE_TABLE_END];
    struct base_decompressor *decompressor;
    struct base_arena arena;
    struct base_buffer joined; /* a list put together from its chunks */
    void (*on_fault)(void *context, const char *text);
    void *context;
    uint64_t faults;
};

enum base_code store_compare_init(struct store_compare *compare, const struct store_env *env,
                                  MDB_txn *txn, void (*on_fault)(void *, const char *),
                                  void *context, struct base_error *error);
void store_compare_fini(struct store_compare *compare);

struct store_sink store_compare_sink(struct store_compare *compare);

/* Rows that the derivation did not give are left over. */
void store_compare_finish(struct store_compare *compare);

/* One more fault: a sentence. */
void store_compare_fault(struct store_compare *compare, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A key for reading: numbers, ids and hex as the table has them. */
void store_key_text(enum store_table table, struct base_slice key, char text[MODEL_ID_TEXT + 64]);

#endif
