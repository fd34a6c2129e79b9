/* Table `idem`: answers of writes under the keys that their callers gave, so that a repeated
 * request is answered and not done again. */
#ifndef STORE_IDEM_H
#define STORE_IDEM_H

#include "model/date.h"
#include "store/derive.h"
#include "store/env.h"

enum { STORE_IDEM_HASH = 16, STORE_IDEM_HOURS = 24 };

/* Who asked what; borrowed. */
struct store_idem {
    struct base_slice caller;
    struct base_slice method;
    struct base_slice key;
    uint8_t hash[STORE_IDEM_HASH]; /* of the request */
};

/* The answer that is kept; it points into the transaction. NOT_FOUND without text: none, or it has
 * expired. INVALID_ARGUMENT: the key was given with another request. */
enum base_code store_idem_find(const struct store_env *env, MDB_txn *txn,
                               const struct store_idem *idem, model_time now,
                               struct base_slice *answer, struct base_error *error);

/* Keeps an answer for STORE_IDEM_HOURS. */
enum base_code store_idem_keep(const struct store_env *env, MDB_txn *txn,
                               const struct store_idem *idem, model_time now,
                               struct base_slice answer, struct base_error *error);

/* Hands all answers that have not expired to a sink, in the order of keys: into the next generation
 * of the store, where a request that is sent again is not done again either. */
enum base_code store_idem_carry(const struct store_env *env, MDB_txn *txn, model_time now,
                                const struct store_sink *sink, struct base_error *error);

/* Removes expired answers, at most STORE_IDEM_TRIM a call. */
enum base_code store_idem_trim(const struct store_env *env, MDB_txn *txn, model_time now,
                               struct base_error *error);
enum { STORE_IDEM_TRIM = 256 };

#endif
