#include "store/idem.h"

#include "base/hash.h"

/* Two kinds of rows:
 *   0, hash of caller, method and key (16) -> hash of the request (16), expiry u64, answer
 *   1, expiry (8, big-endian), hash of caller, method and key -> nothing
 * so that what expires first is found without a search. */
enum {
    ROW_ANSWER = 0,
    ROW_EXPIRY = 1,
    ANSWER_KEY = 1 + STORE_IDEM_HASH,
    EXPIRY_KEY = 9 + STORE_IDEM_HASH,
    ANSWER_HEAD = STORE_IDEM_HASH + 8,
};

#define HOUR_US ((model_time)3600 * 1000000)

static enum base_code key_of(const struct store_idem *idem, uint8_t key[ANSWER_KEY],
                             struct base_error *error)
{
    struct base_buffer text = BASE_BUFFER_EMPTY;
    const struct base_slice parts[] = {idem->caller, idem->method, idem->key};
    for (size_t i = 0; i < 3; i++) {
        base_buffer_append_varint(&text, parts[i].size);
        base_buffer_append_slice(&text, parts[i]);
    }
    bool failed = text.failed;
    struct base_hash128 hash = base_hash128(base_buffer_slice(&text));
    base_buffer_fini(&text);
    key[0] = ROW_ANSWER;
    base_put_be64(key + 1, hash.high);
    base_put_be64(key + 9, hash.low);
    return failed ? base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory") : BASE_OK;
}

enum base_code store_idem_find(const struct store_env *env, MDB_txn *txn,
                               const struct store_idem *idem, model_time now,
                               struct base_slice *answer, struct base_error *error)
{
    uint8_t key[ANSWER_KEY];
    struct base_slice row;
    enum base_code code = key_of(idem, key, error);
    if (code == BASE_OK) {
        code = store_env_get(env, txn, STORE_IDEM, base_slice(key, sizeof key), &row, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    if (row.size < ANSWER_HEAD) {
        return base_fail(error, BASE_DATA_LOSS,
                         "table idem: a row is malformed; run hirschd verify");
    }
    if (base_get_le64(row.data + STORE_IDEM_HASH) <= now) {
        return BASE_NOT_FOUND;
    }
    if (memcmp(row.data, idem->hash, STORE_IDEM_HASH) != 0) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "the idempotency key %.*s was given with another request within the last "
                         "%d hours; give a new key to a new request",
                         BASE_PRINT(idem->key), STORE_IDEM_HOURS);
    }
    *answer = base_slice(row.data + ANSWER_HEAD, row.size - ANSWER_HEAD);
    return BASE_OK;
}

static enum base_code drop(const struct store_env *env, MDB_txn *txn, const uint8_t *key,
                           size_t size, struct base_error *error)
{
    MDB_val where = store_val(base_slice(key, size));
    int code = mdb_del(txn, env->tables[STORE_IDEM], &where, NULL);
    return code == MDB_SUCCESS || code == MDB_NOTFOUND ? BASE_OK
                                                       : store_env_fail(error, code, "table idem");
}

static void expiry_key(uint8_t key[EXPIRY_KEY], model_time expiry, const uint8_t *answer_key)
{
    key[0] = ROW_EXPIRY;
    base_put_be64(key + 1, expiry);
    memcpy(key + 9, answer_key + 1, STORE_IDEM_HASH);
}

enum base_code store_idem_keep(const struct store_env *env, MDB_txn *txn,
                               const struct store_idem *idem, model_time now,
                               struct base_slice answer, struct base_error *error)
{
    uint8_t key[ANSWER_KEY];
    uint8_t index[EXPIRY_KEY];
    struct base_slice old;
    enum base_code code = key_of(idem, key, error);
    if (code == BASE_OK) {
        code = store_env_get(env, txn, STORE_IDEM, base_slice(key, sizeof key), &old, error);
    }
    if (code == BASE_OK && old.size >= ANSWER_HEAD) {
        /* It has expired, and its place is taken. */
        expiry_key(index, base_get_le64(old.data + STORE_IDEM_HASH), key);
        code = drop(env, txn, index, sizeof index, error);
    } else if (code == BASE_NOT_FOUND) {
        code = BASE_OK;
    }
    if (code != BASE_OK) {
        return code;
    }
    model_time expiry = now + STORE_IDEM_HOURS * HOUR_US;
    struct base_buffer row = BASE_BUFFER_EMPTY;
    uint8_t head[ANSWER_HEAD];
    memcpy(head, idem->hash, STORE_IDEM_HASH);
    base_put_le64(head + STORE_IDEM_HASH, expiry);
    base_buffer_append(&row, head, sizeof head);
    base_buffer_append_slice(&row, answer);
    code = row.failed ? base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory")
                      : store_env_put(env, txn, STORE_IDEM, base_slice(key, sizeof key),
                                      base_buffer_slice(&row), 0, error);
    base_buffer_fini(&row);
    if (code == BASE_OK) {
        expiry_key(index, expiry, key);
        code = store_env_put(env, txn, STORE_IDEM, base_slice(index, sizeof index),
                             base_slice(NULL, 0), 0, error);
    }
    return code;
}

/* When the answer of a row of either kind expires; false: the row is none. */
static bool expiry_of(struct base_slice key, struct base_slice row, model_time *expiry)
{
    if (key.size == EXPIRY_KEY && key.data[0] == ROW_EXPIRY) {
        *expiry = base_get_be64(key.data + 1);
        return true;
    }
    if (key.size == ANSWER_KEY && key.data[0] == ROW_ANSWER && row.size >= ANSWER_HEAD) {
        *expiry = base_get_le64(row.data + STORE_IDEM_HASH);
        return true;
    }
    return false;
}

enum base_code store_idem_carry(const struct store_env *env, MDB_txn *txn, model_time now,
                                const struct store_sink *sink, struct base_error *error)
{
    MDB_cursor *cursor;
    int found = mdb_cursor_open(txn, env->tables[STORE_IDEM], &cursor);
    if (found != MDB_SUCCESS) {
        return store_env_fail(error, found, "table idem");
    }
    enum base_code code = BASE_OK;
    MDB_val key;
    MDB_val value;
    while (code == BASE_OK &&
           (found = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == MDB_SUCCESS) {
        struct base_slice row;
        model_time expiry;
        code = store_env_check(STORE_IDEM, store_slice(key), store_slice(value), &row, error);
        if (code == BASE_OK && !expiry_of(store_slice(key), row, &expiry)) {
            code = base_fail(error, BASE_DATA_LOSS,
                             "table idem: a row is malformed; run hirschd verify");
        } else if (code == BASE_OK && expiry > now) {
            code = sink->row(sink->context, STORE_IDEM, store_slice(key), row, error);
        }
    }
    mdb_cursor_close(cursor);
    if (code == BASE_OK && found != MDB_NOTFOUND) {
        return store_env_fail(error, found, "table idem");
    }
    return code;
}

enum base_code store_idem_trim(const struct store_env *env, MDB_txn *txn, model_time now,
                               struct base_error *error)
{
    MDB_cursor *cursor;
    int found = mdb_cursor_open(txn, env->tables[STORE_IDEM], &cursor);
    if (found != MDB_SUCCESS) {
        return store_env_fail(error, found, "table idem");
    }
    enum base_code code = BASE_OK;
    for (int i = 0; code == BASE_OK && i < STORE_IDEM_TRIM; i++) {
        uint8_t first = ROW_EXPIRY;
        uint8_t index[EXPIRY_KEY];
        uint8_t answer[ANSWER_KEY] = {ROW_ANSWER};
        MDB_val key = {1, &first};
        MDB_val value;
        found = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
        if (found != MDB_SUCCESS || key.mv_size != EXPIRY_KEY ||
            base_get_be64((const uint8_t *)key.mv_data + 1) > now) {
            break;
        }
        memcpy(index, key.mv_data, sizeof index);
        memcpy(answer + 1, index + 9, STORE_IDEM_HASH);
        code = drop(env, txn, index, sizeof index, error);
        if (code == BASE_OK) {
            code = drop(env, txn, answer, sizeof answer, error);
        }
    }
    mdb_cursor_close(cursor);
    return code;
}
