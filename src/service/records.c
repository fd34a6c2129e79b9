#include "service/records.h"

#include "base/hash.h"
#include "base/utf8.h"
#include "rpc/later.h"
#include "service/session.h"
#include "store/write.h"
#include "wire/fields.h"
#include "wire/messages.h"
#include "wire/record.h"
#include "wire/write.h"

enum {
    /* Of a response without its results, and of a result without its sentence, at most. */
    RESPONSE_BYTES = 64,
    RESULT_BYTES = 24,
    /* An item's sentence is not cut below this. */
    MESSAGE_LEAST = 64,
};

/* One request on its way through the writer; all of it lives in the arena of the deferred call. */
struct change {
    struct store_write write;
    struct rpc_later *later;
    struct model_record *records;
    struct store_write_item *items;
    size_t item_count;
    /* Items [first[i], first[i + 1]) answer for entry i of the request. */
    uint32_t *first;
    size_t entry_count;
    size_t message_most;
};

static enum base_code memory_out(struct base_error *error)
{
    return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                     "the request takes too much memory; send fewer records at once");
}

static enum base_code check_key(struct rpc_call *call, struct base_slice key,
                                struct base_error *error)
{
    bool good = key.size <= LIMIT_IDEMPOTENCY_KEY;
    for (size_t i = 0; good && i < key.size; i++) {
        good = key.data[i] > 0x20 && key.data[i] < 0x7f;
    }
    if (good) {
        return BASE_OK;
    }
    call->detail_reason = "IDEMPOTENCY_KEY_INVALID";
    call->detail_field = "idempotency_key";
    return base_fail(error, BASE_INVALID_ARGUMENT,
                     "field idempotency_key: a key is 1 to %d printable ASCII characters without "
                     "blanks",
                     LIMIT_IDEMPOTENCY_KEY);
}

/* Everything that can be said of the request before its records are looked at. */
static enum base_code begin(struct rpc_call *call, size_t count, const char *field,
                            struct base_slice key, struct service_session **session,
                            struct base_error *error)
{
    enum base_code code = service_begin(call, session, error);
    if (code != BASE_OK) {
        return code;
    }
    if ((*session)->state->writes == NULL) {
        return base_fail(error, BASE_FAILED_PRECONDITION,
                         "this server only reads; send writes to the one that was started without "
                         "--read-only");
    }
    if (count == 0 || count > LIMIT_BATCH) {
        call->detail_reason = "BATCH_SIZE";
        call->detail_field = field;
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "field %s: %zu entries were given; a request holds 1 to %d", field, count,
                         LIMIT_BATCH);
    }
    code = check_key(call, key, error);
    if (code == BASE_OK &&
        call->max_payload < RESPONSE_BYTES + count * (RESULT_BYTES + MESSAGE_LEAST)) {
        /* Said now, since the answer comes when all is done. */
        code = rpc_fail_reply_limit(call, error);
    }
    return code;
}

static enum base_code make_change(struct rpc_call *call, size_t entries, size_t items_each,
                                  struct change **change, struct base_error *error)
{
    struct base_arena *arena = call->arena;
    struct change *made = base_arena_zalloc(arena, sizeof *made);
    if (made == NULL) {
        return memory_out(error);
    }
    made->items = base_arena_array(arena, entries * items_each, sizeof *made->items);
    made->records = base_arena_array(arena, entries * items_each, sizeof *made->records);
    made->first = base_arena_array(arena, entries + 1, sizeof *made->first);
    if (made->items == NULL || made->records == NULL || made->first == NULL) {
        return memory_out(error);
    }
    made->entry_count = entries;
    made->message_most = (call->max_payload - RESPONSE_BYTES) / entries - RESULT_BYTES;
    *change = made;
    return BASE_OK;
}

/* What kept the item from being tried: it fails alone. */
static enum base_code fail_item(struct rpc_call *call, struct store_write_item *item,
                                enum base_code code, const struct base_error *why,
                                struct base_error *error)
{
    if (code != BASE_INVALID_ARGUMENT) {
        *error = *why;
        return code;
    }
    struct base_slice text = base_arena_copy(call->arena, base_slice_text(why->text));
    if (text.data == NULL) {
        return memory_out(error);
    }
    item->outcome = STORE_OUTCOME_FAILED;
    item->code = code;
    item->text = text.data;
    return BASE_OK;
}

/* Of several items of one entry the worst tells. */
static const struct store_write_item *telling_item(const struct change *change, size_t entry)
{
    const struct store_write_item *telling = &change->items[change->first[entry]];
    for (size_t i = change->first[entry] + 1; i < change->first[entry + 1]; i++) {
        const struct store_write_item *item = &change->items[i];
        if (telling->outcome != STORE_OUTCOME_FAILED &&
            (item->outcome == STORE_OUTCOME_FAILED || item->outcome == STORE_OUTCOME_DELETED)) {
            telling = item;
        }
    }
    return telling;
}

static int wire_outcome(enum store_outcome outcome)
{
    switch (outcome) {
    case STORE_OUTCOME_FAILED:
        return HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_FAILED;
    case STORE_OUTCOME_STORED:
        return HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_STORED;
    case STORE_OUTCOME_UNCHANGED:
        return HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_UNCHANGED;
    case STORE_OUTCOME_OLDER:
        return HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_OLDER;
    case STORE_OUTCOME_SUPPRESSED:
        return HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_SUPPRESSED;
    case STORE_OUTCOME_DELETED:
        return HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_DELETED;
    case STORE_OUTCOME_ABSENT:
        return HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_ABSENT;
    }
    return HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_UNSPECIFIED;
}

static void put_result(struct base_buffer *answer, const struct change *change, size_t entry)
{
    const struct store_write_item *item = telling_item(change, entry);
    struct wire_mark mark = wire_begin(answer, WIRE_PUT_RECORDS_RESPONSE_RESULTS, 2);
    wire_put_uint(answer, WIRE_RECORD_RESULT_OUTCOME, (uint64_t)wire_outcome(item->outcome));
    if (item->outcome == STORE_OUTCOME_FAILED) {
        struct base_slice text = base_slice_text(item->text == NULL ? "" : item->text);
        struct wire_mark inner = wire_begin(answer, WIRE_RECORD_RESULT_ERROR, 100);
        wire_put_uint(answer, WIRE_ITEM_ERROR_CODE, (uint64_t)item->code);
        wire_put_bytes(answer, WIRE_ITEM_ERROR_MESSAGE, base_utf8_cut(text, change->message_most));
        wire_end(answer, inner);
    }
    wire_end(answer, mark);
}

/* Both answers have one shape. */
_Static_assert((int)WIRE_PUT_RECORDS_RESPONSE_RESULTS == (int)WIRE_DELETE_RECORDS_RESPONSE_RESULTS,
               "shape");
_Static_assert((int)WIRE_PUT_RECORDS_RESPONSE_SEQUENCE ==
                   (int)WIRE_DELETE_RECORDS_RESPONSE_SEQUENCE,
               "shape");
_Static_assert((int)WIRE_PUT_RECORDS_RESPONSE_EPOCH == (int)WIRE_DELETE_RECORDS_RESPONSE_EPOCH,
               "shape");

static void pack(const struct store_write *write, const struct store_write_result *result,
                 struct base_buffer *answer)
{
    const struct change *change = write->context;
    char epoch[2 * STORE_EPOCH];
    for (size_t i = 0; i < change->entry_count; i++) {
        put_result(answer, change, i);
    }
    wire_put_uint(answer, WIRE_PUT_RECORDS_RESPONSE_SEQUENCE, result->sequence);
    service_epoch_text(result->epoch, epoch);
    wire_put_bytes(answer, WIRE_PUT_RECORDS_RESPONSE_EPOCH, base_slice(epoch, sizeof epoch));
}

static void done(struct store_write *write, enum base_code code, const struct base_error *error,
                 struct base_slice answer)
{
    struct change *change = write->context;
    struct rpc_call *call = rpc_later_call(change->later);
    if (code == BASE_INVALID_ARGUMENT && write->key.size > 0) {
        call->detail_reason = "IDEMPOTENCY_KEY_REUSED";
        call->detail_field = "idempotency_key";
    }
    rpc_later_finish(change->later, code, error, answer);
}

/* Gives the change away. The items are those of all entries. */
static enum base_code submit(struct rpc_call *call, struct service_session *session,
                             struct change *change, const char *method, struct base_slice key,
                             model_time received, struct base_error *error)
{
    struct store_write *write = &change->write;
    write->items = change->items;
    write->count = change->item_count;
    write->bytes = call->payload.size;
    write->deadline_ns = call->deadline_ns;
    write->time = received;
    write->method = base_slice_text(method);
    write->key = key;
    write->pack = pack;
    write->done = done;
    write->context = change;
    struct base_hash128 hash = base_hash128(call->payload);
    base_put_be64((char *)write->hash, hash.high);
    base_put_be64((char *)write->hash + 8, hash.low);
    struct store_writes *writes = session->state->writes;
    enum base_code code = rpc_defer(call, &change->later, error);
    if (code != BASE_OK) {
        return code;
    }
    write->arena = rpc_later_call(change->later)->arena;
    /* The same idempotency key of another caller is another one. */
    write->caller = base_slice_text(rpc_later_call(change->later)->caller.key);
    code = store_writes_submit(writes, write, error);
    if (code != BASE_OK && write->retry_ms != 0) {
        rpc_retry_after(call, write->retry_ms);
    }
    return code;
}

static bool hex_digit(char digit, uint8_t *value)
{
    bool decimal = digit >= '0' && digit <= '9';
    *value = (uint8_t)(decimal ? digit - '0' : digit - 'a' + 10);
    return decimal || (digit >= 'a' && digit <= 'f');
}

/* A chunk of an import names its run. */
static enum base_code read_import(struct rpc_call *call,
                                  const Hirsch__V1__PutRecordsRequest *request,
                                  struct store_write *write, struct base_error *error)
{
    struct base_slice id = base_slice_text(request->import_id);
    bool good = id.size == 0 || id.size == 2 * sizeof write->run;
    for (size_t i = 0; good && i < id.size; i += 2) {
        uint8_t high = 0;
        uint8_t low = 0;
        good = hex_digit(id.data[i], &high) && hex_digit(id.data[i + 1], &low);
        write->run[i / 2] = (uint8_t)(high << 4 | low);
    }
    if (!good) {
        call->detail_reason = "IMPORT_ID_INVALID";
        call->detail_field = "import_id";
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "field import_id: it has 32 hexadecimal digits in lower case");
    }
    write->is_chunk = id.size > 0;
    write->chunk = request->import_chunk;
    return BASE_OK;
}

enum base_code service_put_records(struct rpc_call *call, const void *message,
                                   struct base_buffer *payload, struct base_error *error)
{
    (void)payload;
    const Hirsch__V1__PutRecordsRequest *request = message;
    struct base_slice key = base_slice_text(request->idempotency_key);
    struct service_session *session;
    struct change *change = NULL;
    enum base_code code = begin(call, request->n_records, "records", key, &session, error);
    if (code == BASE_OK) {
        code = make_change(call, request->n_records, 1, &change, error);
    }
    model_time received = 0;
    if (code == BASE_OK) {
        received = model_time_of_unix(session->state->unix_us());
        change->item_count = request->n_records;
        code = read_import(call, request, &change->write, error);
    }
    /* What an import brings without a time is older than everything that has one. */
    model_time updated = code == BASE_OK && change->write.is_chunk ? 0 : received;
    for (size_t i = 0; code == BASE_OK && i < request->n_records; i++) {
        struct store_write_item *item = &change->items[i];
        struct base_error why;
        code =
            wire_record_read(request->records[i], updated, call->arena, &change->records[i], &why);
        item->record = &change->records[i];
        if (code != BASE_OK) {
            code = fail_item(call, item, code, &why, error);
        }
        change->first[i + 1] = (uint32_t)(i + 1);
    }
    return code != BASE_OK
               ? code
               : submit(call, session, change, SERVICE_PUT_RECORDS, key, received, error);
}

enum base_code service_delete_records(struct rpc_call *call, const void *message,
                                      struct base_buffer *payload, struct base_error *error)
{
    (void)payload;
    const Hirsch__V1__DeleteRecordsRequest *request = message;
    struct base_slice key = base_slice_text(request->idempotency_key);
    struct service_session *session;
    struct change *change = NULL;
    enum base_code code = begin(call, request->n_keys, "keys", key, &session, error);
    if (code == BASE_OK) {
        code = make_change(call, request->n_keys, WIRE_KEY_RECORDS, &change, error);
    }
    for (size_t i = 0; code == BASE_OK && i < request->n_keys; i++) {
        size_t at = change->item_count;
        size_t count = 1;
        struct base_error why;
        code =
            wire_record_key_read(request->keys[i], call->arena, &change->records[at], &count, &why);
        if (code != BASE_OK) {
            count = 1;
            code = fail_item(call, &change->items[at], code, &why, error);
        }
        for (size_t k = at; k < at + count; k++) {
            change->items[k].remove = true;
            change->items[k].record = &change->records[k];
        }
        change->item_count = at + count;
        change->first[i + 1] = (uint32_t)change->item_count;
    }
    return code != BASE_OK ? code
                           : submit(call, session, change, SERVICE_DELETE_RECORDS, key,
                                    model_time_of_unix(session->state->unix_us()), error);
}
