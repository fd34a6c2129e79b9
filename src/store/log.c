#include "store/log.h"

#include "base/limits.h"
#include "store/reader.h"

static const struct base_slice log_key = {"log", 3};

enum { ITEM_REMOVE = 0, ITEM_PUT = 1 };

/* kind, time; then BULK: run, sources; CHUNK: run, chunk. */
enum { HEAD = 1 + 8, BULK_HEAD = HEAD + STORE_LOG_RUN + 8, CHUNK_HEAD = HEAD + STORE_LOG_RUN + 4 };

const char *store_log_kind_name(enum store_log_kind kind)
{
    static const char *const names[] = {
        [STORE_LOG_BULK] = "bulk", [STORE_LOG_CHANGE] = "change", [STORE_LOG_CHUNK] = "chunk"};
    return names[kind];
}

void store_log_begin(struct base_buffer *buffer, const struct store_log_entry *entry)
{
    uint8_t head[BULK_HEAD];
    size_t size = HEAD;
    head[0] = (uint8_t)entry->kind;
    base_put_le64(head + 1, entry->time);
    if (entry->kind != STORE_LOG_CHANGE) {
        memcpy(head + size, entry->run, STORE_LOG_RUN);
        size += STORE_LOG_RUN;
    }
    if (entry->kind == STORE_LOG_BULK) {
        base_put_le64(head + size, entry->sources);
        size += 8;
    } else if (entry->kind == STORE_LOG_CHUNK) {
        base_put_le32(head + size, entry->chunk);
        size += 4;
    }
    base_buffer_append(buffer, head, size);
}

static void put_item(struct base_buffer *buffer, uint8_t what, struct base_slice record)
{
    base_buffer_append_byte(buffer, what);
    base_buffer_append_varint(buffer, record.size);
    base_buffer_append_slice(buffer, record);
}

void store_log_put(struct base_buffer *buffer, struct base_slice record)
{
    put_item(buffer, ITEM_PUT, record);
}

void store_log_remove(struct base_buffer *buffer, const struct model_record *record)
{
    struct model_record bare = {
        .type = record->type,
        .id = record->id,
        .other = record->other,
        .entity = record->entity,
        /* The one that goes without saying, and so is not written. */
        .source = base_slice_text(model_scheme_name(record->id.scheme)),
    };
    struct base_buffer bytes = BASE_BUFFER_EMPTY;
    if (record->type == MODEL_RECORD_PAPER) {
        bare.paper.date = MODEL_UNDATED;
    } else if (record->type == MODEL_RECORD_CITATION) {
        bare.citation_date = MODEL_UNDATED;
    }
    model_record_encode(&bare, &bytes);
    put_item(buffer, ITEM_REMOVE, base_buffer_slice(&bytes));
    buffer->failed = buffer->failed || bytes.failed;
    base_buffer_fini(&bytes);
}

static enum base_code damaged(struct base_error *error, const char *what)
{
    return base_fail(error, BASE_DATA_LOSS, "table log: %s; run hirschd verify", what);
}

enum base_code store_log_decode(struct base_slice bytes, struct store_log_entry *entry,
                                struct base_error *error)
{
    struct store_log_entry found = {0};
    struct base_slice rest = bytes;
    struct base_slice part;
    if (!base_take_bytes(&rest, HEAD, &part)) {
        return damaged(error, "an entry is cut");
    }
    uint8_t kind = (uint8_t)part.data[0];
    found.time = base_get_le64(part.data + 1);
    if (kind < STORE_LOG_BULK || kind > STORE_LOG_CHUNK || found.time > MODEL_TIME_MAX) {
        return damaged(error, "an entry has a kind or a time that does not exist");
    }
    found.kind = (enum store_log_kind)kind;
    if (found.kind != STORE_LOG_CHANGE) {
        if (!base_take_bytes(&rest, STORE_LOG_RUN, &part)) {
            return damaged(error, "an entry is cut");
        }
        memcpy(found.run, part.data, STORE_LOG_RUN);
        if (!base_take_bytes(&rest, found.kind == STORE_LOG_BULK ? 8 : 4, &part)) {
            return damaged(error, "an entry is cut");
        }
    }
    if (found.kind == STORE_LOG_BULK) {
        found.sources = base_get_le64(part.data);
        if (rest.size > 0) {
            return damaged(error, "something follows the entry of a bulk load");
        }
    } else {
        found.chunk = found.kind == STORE_LOG_CHUNK ? base_get_le32(part.data) : 0;
        found.items = rest;
    }
    *entry = found;
    return BASE_OK;
}

enum base_code store_log_take(struct base_slice *items, struct store_log_item *item,
                              struct base_error *error)
{
    struct base_slice rest = *items;
    struct base_slice what;
    uint64_t size;
    struct base_slice record;
    if (!base_take_bytes(&rest, 1, &what) || (uint8_t)what.data[0] > ITEM_PUT ||
        !base_take_varint(&rest, &size) || size > LIMIT_RECORD ||
        !base_take_bytes(&rest, (size_t)size, &record)) {
        return damaged(error, "an item of an entry is cut or unknown");
    }
    *item = (struct store_log_item){what.data[0] == ITEM_REMOVE, record};
    *items = rest;
    return BASE_OK;
}

enum base_code store_log_check(struct base_slice bytes, struct base_arena *arena,
                               struct base_error *error)
{
    struct store_log_entry entry;
    enum base_code code = store_log_decode(bytes, &entry, error);
    while (code == BASE_OK && entry.items.size > 0) {
        struct store_log_item item;
        struct model_record record;
        code = store_log_take(&entry.items, &item, error);
        if (code == BASE_OK) {
            base_arena_reset(arena);
            code = model_record_decode(item.record, arena, &record, error);
        }
    }
    return code;
}

enum base_code store_log_read(const struct store_env *env, MDB_txn *txn, struct store_log *log,
                              struct base_error *error)
{
    struct base_slice row;
    enum base_code code = store_env_get(env, txn, STORE_META, log_key, &row, error);
    if (code != BASE_OK && code != BASE_NOT_FOUND) {
        return code;
    }
    if (code == BASE_NOT_FOUND || row.size != 16) {
        return base_fail(error, BASE_DATA_LOSS,
                         "table meta: row log is missing or malformed; restore a backup or import "
                         "again");
    }
    *log = (struct store_log){base_get_le64(row.data), base_get_le64(row.data + 8)};
    return BASE_OK;
}

enum base_code store_log_write(const struct store_env *env, MDB_txn *txn,
                               const struct store_log *log, struct base_error *error)
{
    uint8_t row[16];
    base_put_le64(row, log->rows);
    base_put_le64(row + 8, log->bytes);
    return store_env_put(env, txn, STORE_META, log_key, base_slice(row, sizeof row), 0, error);
}

/* What an entry takes of the map: its node, or whole pages beside a node that points to them. */
static uint64_t cost(size_t size)
{
    enum { KEY = 8, PAGE = 4096, PAGE_HEADER = 16, POINTER = 2 };
    uint64_t value = (uint64_t)size + STORE_CHECKSUM;
    if (STORE_NODE_HEADER + KEY + value <= STORE_NODE_MOST) {
        return POINTER + STORE_NODE_HEADER + KEY + value;
    }
    uint64_t pages = (PAGE_HEADER + value + PAGE - 1) / PAGE;
    return POINTER + STORE_NODE_HEADER + KEY + 8 + pages * PAGE;
}

void store_log_count(struct store_log *log, size_t size)
{
    log->rows++;
    log->bytes += cost(size);
}

enum base_code store_log_append(struct store_log *log, const struct store_env *env, MDB_txn *txn,
                                uint64_t sequence, struct base_slice entry,
                                struct base_error *error)
{
    uint8_t key[8];
    base_put_be64(key, sequence);
    enum base_code code =
        store_env_put(env, txn, STORE_LOG, base_slice(key, sizeof key), entry, MDB_APPEND, error);
    if (code == BASE_OK) {
        store_log_count(log, entry.size);
    }
    return code;
}

/* The head is read without its checksum: an entry that goes away anyway may be damaged. */
static bool is_old(MDB_val value, model_time now)
{
    const model_time week = (model_time)STORE_LOG_DAYS * 86400 * 1000000;
    return value.mv_size < HEAD + STORE_CHECKSUM ||
           (now > week && base_get_le64((const char *)value.mv_data + 1) < now - week);
}

static int trim(struct store_log *log, MDB_cursor *cursor, model_time now, uint64_t most)
{
    uint64_t trimmed = 0;
    int code = MDB_SUCCESS;
    for (int rows = 0; rows < STORE_LOG_TRIM_ROWS && trimmed < STORE_LOG_TRIM_BYTES; rows++) {
        MDB_val key;
        MDB_val value;
        code = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
        if (code != MDB_SUCCESS || log->rows <= 1 || (log->bytes <= most && !is_old(value, now))) {
            break;
        }
        size_t size = value.mv_size < STORE_CHECKSUM ? 0 : value.mv_size - STORE_CHECKSUM;
        uint64_t freed = cost(size);
        code = mdb_cursor_del(cursor, 0);
        if (code != MDB_SUCCESS) {
            break;
        }
        log->rows--;
        log->bytes -= freed < log->bytes ? freed : log->bytes;
        trimmed += freed;
    }
    return code == MDB_NOTFOUND ? MDB_SUCCESS : code;
}

enum base_code store_log_trim(struct store_log *log, const struct store_env *env, MDB_txn *txn,
                              model_time now, uint64_t map_size, struct base_error *error)
{
    MDB_cursor *cursor;
    int code = mdb_cursor_open(txn, env->tables[STORE_LOG], &cursor);
    if (code == MDB_SUCCESS) {
        code = trim(log, cursor, now, map_size / STORE_LOG_SHARE);
        mdb_cursor_close(cursor);
    }
    return code == MDB_SUCCESS ? BASE_OK : store_env_fail(error, code, "trim the log");
}

static enum base_code open_cursor(struct store_reader *reader, MDB_cursor **cursor,
                                  struct base_error *error)
{
    enum base_code code = store_reader_wake(reader, error);
    if (code != BASE_OK) {
        return code;
    }
    int opened = mdb_cursor_open(reader->txn, reader->store->env.tables[STORE_LOG], cursor);
    return opened == MDB_SUCCESS ? BASE_OK : store_env_fail(error, opened, "log");
}

/* *sequence is left alone where the table ends. */
static enum base_code move(MDB_cursor *cursor, MDB_cursor_op where, uint64_t *sequence,
                           MDB_val *value, struct base_error *error)
{
    uint8_t from[8];
    base_put_be64(from, *sequence);
    MDB_val key = {sizeof from, from};
    int code = mdb_cursor_get(cursor, &key, value, where);
    if (code == MDB_NOTFOUND) {
        return BASE_NOT_FOUND;
    }
    if (code != MDB_SUCCESS) {
        return store_env_fail(error, code, "log");
    }
    if (key.mv_size != sizeof from) {
        return damaged(error, "a key is no sequence");
    }
    *sequence = base_get_be64(key.mv_data);
    return BASE_OK;
}

enum base_code store_log_range(struct store_reader *reader, uint64_t *oldest, uint64_t *newest,
                               struct base_error *error)
{
    MDB_cursor *cursor;
    enum base_code code = open_cursor(reader, &cursor, error);
    if (code != BASE_OK) {
        return code;
    }
    MDB_val value;
    uint64_t first = 0;
    uint64_t last = 0;
    code = move(cursor, MDB_FIRST, &first, &value, error);
    if (code == BASE_OK) {
        code = move(cursor, MDB_LAST, &last, &value, error);
    }
    mdb_cursor_close(cursor);
    if (code == BASE_OK || code == BASE_NOT_FOUND) {
        *oldest = first;
        *newest = last;
        return BASE_OK;
    }
    return code;
}

/* Nothing stands at after + 1: is it still to come, or gone? sequence is that of the entry behind
 * the gap, 0 when there is none. */
static enum base_code explain_gap(struct store_reader *reader, MDB_cursor *cursor, uint64_t after,
                                  uint64_t sequence, struct base_error *error)
{
    struct store_info info;
    enum base_code code = store_read_info(reader, &info, error);
    if (code != BASE_OK) {
        return code;
    }
    if (after > info.sequence) {
        return base_fail(error, BASE_OUT_OF_RANGE,
                         "sequence %llu has not happened here: the store stands at %llu; is the "
                         "number from another store?",
                         (unsigned long long)after, (unsigned long long)info.sequence);
    }
    if (sequence == 0) {
        return after == info.sequence ? BASE_NOT_FOUND
                                      : damaged(error, "the entries up to the last are missing");
    }
    uint64_t before = sequence;
    MDB_val value;
    code = move(cursor, MDB_PREV, &before, &value, error);
    if (code == BASE_NOT_FOUND) {
        return base_fail(error, BASE_OUT_OF_RANGE,
                         "the changes after sequence %llu were trimmed: the log begins at %llu "
                         "(it keeps %d days, in at most 1/%d of the map); take a new copy of the "
                         "store and follow from its sequence",
                         (unsigned long long)after, (unsigned long long)sequence, STORE_LOG_DAYS,
                         STORE_LOG_SHARE);
    }
    return code == BASE_OK ? damaged(error, "an entry between others is missing") : code;
}

enum base_code store_log_next(struct store_reader *reader, uint64_t after,
                              struct store_log_entry *entry, struct base_error *error)
{
    MDB_cursor *cursor;
    enum base_code code = open_cursor(reader, &cursor, error);
    if (code != BASE_OK) {
        return code;
    }
    MDB_val value;
    uint64_t sequence = after + 1;
    code = after == UINT64_MAX ? BASE_NOT_FOUND
                               : move(cursor, MDB_SET_RANGE, &sequence, &value, error);
    if (code == BASE_NOT_FOUND) {
        code = explain_gap(reader, cursor, after, 0, error);
    } else if (code == BASE_OK && sequence != after + 1) {
        code = explain_gap(reader, cursor, after, sequence, error);
    }
    mdb_cursor_close(cursor);
    if (code != BASE_OK) {
        return code;
    }
    uint8_t key[8];
    base_put_be64(key, sequence);
    struct base_slice bytes;
    code =
        store_env_check(STORE_LOG, base_slice(key, sizeof key), store_slice(value), &bytes, error);
    if (code == BASE_OK) {
        code = store_log_decode(bytes, entry, error);
    }
    if (code == BASE_OK) {
        entry->sequence = sequence;
    }
    return code;
}
