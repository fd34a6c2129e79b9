#include "client/records.h"

#include "base/limits.h"
#include "client/methods.h"
#include "client/record.h"
#include "client/series.h"

_Static_assert((int)HIRSCH_RECORD_ABSENT == (int)HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_ABSENT,
               "outcomes of the header and of the schema are the same numbers");
_Static_assert(HIRSCH_MAX_PUT_BYTES + CLIENT_PART_FRAME == LIMIT_REQUEST,
               "the header says what the server takes");

/* Results, sequence and epoch of either answer. */
static enum base_code convert(Hirsch__V1__RecordResult *const *results, size_t count,
                              size_t expected, struct hirsch_write_result *made,
                              struct client_failure *failure)
{
    if (count != expected) {
        return base_fail(&failure->error, BASE_INTERNAL,
                         "%s answered for %zu records, %zu were sent", failure->endpoint, count,
                         expected);
    }
    struct hirsch_write_item *items =
        base_arena_array(client_result_arena(made), count, sizeof *items);
    if (items == NULL) {
        return client_memory_out(failure);
    }
    for (size_t i = 0; i < count; i++) {
        bool failed = results[i]->outcome == HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_FAILED;
        items[i].outcome = (enum hirsch_record_outcome)results[i]->outcome;
        items[i].code = failed ? client_item_code(results[i]->error) : HIRSCH_OK;
        items[i].message = failed ? client_item_message(results[i]->error) : "";
    }
    made->count = count;
    made->items = items;
    return BASE_OK;
}

static enum base_code convert_put(const ProtobufCMessage *response, size_t expected, void *result,
                                  struct client_failure *failure)
{
    const Hirsch__V1__PutRecordsResponse *answer = (const void *)response;
    struct hirsch_write_result *made = result;
    made->sequence = answer->sequence;
    made->epoch = answer->epoch;
    return convert(answer->results, answer->n_results, expected, made, failure);
}

static enum base_code convert_delete(const ProtobufCMessage *response, size_t expected,
                                     void *result, struct client_failure *failure)
{
    const Hirsch__V1__DeleteRecordsResponse *answer = (const void *)response;
    struct hirsch_write_result *made = result;
    made->sequence = answer->sequence;
    made->epoch = answer->epoch;
    return convert(answer->results, answer->n_results, expected, made, failure);
}

const struct client_method client_put_records = {CLIENT_PUT_RECORDS,
                                                 &hirsch__v1__put_records_response__descriptor,
                                                 sizeof(struct hirsch_write_result), convert_put};
const struct client_method client_delete_records = {
    CLIENT_DELETE_RECORDS, &hirsch__v1__delete_records_response__descriptor,
    sizeof(struct hirsch_write_result), convert_delete};

struct client_room client_room_of(const struct hirsch_client *client, size_t records, size_t bytes)
{
    size_t most = client->settings.max_request_bytes - CLIENT_PART_FRAME;
    return (struct client_room){.records = records,
                                .bytes = bytes < most ? bytes : most,
                                .record_bytes = most,
                                .fields = LIMIT_PUT_FIELDS - CLIENT_PART_FIELDS};
}

enum hirsch_code client_write(struct hirsch_client *client, const struct client_method *method,
                              const struct client_part *part,
                              const struct hirsch_call_options *call, void *result,
                              hirsch_error **error)
{
    struct hirsch_call_options options;
    return client_ask_bytes(client, method, method->name, base_buffer_slice(&part->request),
                            part->count, client_to_writer(call, &options), result, error);
}

/* What is written: records that are put, or keys of those to be deleted. */
struct items {
    const struct hirsch_record *records; /* NULL: keys */
    const struct hirsch_record_key *keys;
    size_t count;
};

static enum base_code pack(const struct items *items, size_t at, struct client_packed *packed,
                           struct base_error *error)
{
    return items->records != NULL ? client_record_pack(&items->records[at], packed, error)
                                  : client_record_key_pack(&items->keys[at], packed, error);
}

/* Packs the items into requests. */
static enum base_code deal(const struct hirsch_client *client, const struct items *items,
                           struct client_series *series, struct base_error *error)
{
    struct client_room room = client_room_of(client, HIRSCH_MAX_BATCH, HIRSCH_MAX_PUT_BYTES);
    struct client_packed one = CLIENT_PACKED_EMPTY;
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < items->count; i++) {
        code = pack(items, i, &one, error);
        if (code == BASE_OK) {
            code = client_series_add(series, &room, &one, error);
        }
        if (code != BASE_OK) {
            base_error_prefix(error, "%s[%zu]", items->records != NULL ? "records" : "keys", i);
        }
    }
    client_packed_fini(&one);
    return code;
}

/* All requests, packed and with their keys. key: NULL: one is made. */
static enum base_code make_series(const struct hirsch_client *client, const struct items *items,
                                  const char *key, struct client_series **series,
                                  struct client_failure *failure)
{
    char random_key[CLIENT_RANDOM_KEY + 1];
    struct base_error *error = &failure->error;
    if (items->count == 0) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "a write of 0 records; it takes 1 or more");
    }
    if (key == NULL) {
        client_random_key(random_key);
        key = random_key;
    } else if (client_check_key(key, CLIENT_KEY_MOST, error) != BASE_OK) {
        return error->code;
    }
    struct client_series *made = client_series_new();
    if (made == NULL) {
        return client_memory_out(failure);
    }
    enum base_code code = deal(client, items, made, error);
    if (code == BASE_OK) {
        code = client_series_seal(made, key, error);
    }
    if (code != BASE_OK) {
        client_series_free(made);
        return code;
    }
    *series = made;
    return BASE_OK;
}

static enum hirsch_code write_items(struct hirsch_client *client,
                                    const struct client_method *method, const struct items *items,
                                    const char *key, const struct hirsch_call_options *call,
                                    const struct hirsch_write_result **result, hirsch_error **error)
{
    struct client_failure failure = CLIENT_FAILURE_NONE;
    struct client_series *series = NULL;
    if (make_series(client, items, key, &series, &failure) != BASE_OK) {
        return client_refuse(client, error, &failure);
    }
    if (series->count == 1) {
        enum hirsch_code code =
            client_write(client, method, &series->parts[0].part, call, (void *)result, error);
        client_series_free(series);
        return code;
    }
    struct hirsch_call_options options;
    return client_ask_series(client, method, series, client_to_writer(call, &options),
                             (void *)result, error);
}

enum hirsch_code hirsch_put_records(hirsch_client *client, const struct hirsch_record *records,
                                    size_t count, const char *idempotency_key,
                                    const struct hirsch_call_options *call,
                                    const struct hirsch_write_result **result, hirsch_error **error)
{
    struct items items = {records, NULL, count};
    return write_items(client, &client_put_records, &items, idempotency_key, call, result, error);
}

enum hirsch_code hirsch_delete_records(hirsch_client *client, const struct hirsch_record_key *keys,
                                       size_t count, const char *idempotency_key,
                                       const struct hirsch_call_options *call,
                                       const struct hirsch_write_result **result,
                                       hirsch_error **error)
{
    struct items items = {NULL, keys, count};
    return write_items(client, &client_delete_records, &items, idempotency_key, call, result,
                       error);
}
