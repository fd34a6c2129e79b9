#include "client/records.h"

#include <stdio.h>
#include <sys/random.h>

#include "base/clock.h"
#include "client/methods.h"
#include "client/record.h"
#include "wire/fields.h"
#include "wire/write.h"

_Static_assert((int)HIRSCH_RECORD_ABSENT == (int)HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_ABSENT,
               "outcomes of the header and of the schema are the same numbers");
_Static_assert((int)WIRE_PUT_RECORDS_REQUEST_IDEMPOTENCY_KEY ==
                   (int)WIRE_DELETE_RECORDS_REQUEST_IDEMPOTENCY_KEY,
               "both requests have one shape");

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

void client_random_key(char key[CLIENT_RANDOM_KEY + 1])
{
    uint64_t words[2];
    if (getrandom(words, sizeof words, 0) != sizeof words) {
        /* Unlikely enough to be given twice: time, process memory layout. */
        words[0] = base_clock_monotonic_ns() ^ (uint64_t)base_clock_unix_us() << 20;
        words[1] = (uint64_t)(uintptr_t)&words;
    }
    snprintf(key, CLIENT_RANDOM_KEY + 1, "%016llx%016llx", (unsigned long long)words[0],
             (unsigned long long)words[1]);
}

enum base_code client_check_key(const char *key, size_t most, struct client_failure *failure)
{
    size_t size = strlen(key);
    bool good = size >= 1 && size <= most;
    for (size_t i = 0; good && i < size; i++) {
        good = key[i] > 0x20 && key[i] < 0x7f;
    }
    if (!good) {
        return base_fail(&failure->error, BASE_INVALID_ARGUMENT,
                         "an idempotency key here is 1 to %zu printable ASCII characters without "
                         "blanks",
                         most);
    }
    return BASE_OK;
}

enum hirsch_code client_write(struct hirsch_client *client, const struct client_method *method,
                              struct base_buffer *request, size_t count, const char *key,
                              const struct hirsch_call_options *call, void *result,
                              hirsch_error **error)
{
    struct client_failure failure = CLIENT_FAILURE_NONE;
    struct hirsch_call_options options = HIRSCH_CALL_OPTIONS_INIT;
    if (call != NULL) {
        size_t given = call->size < sizeof options ? call->size : sizeof options;
        memcpy(&options, call, given);
        options.size = call->size == 0 ? 0 : sizeof options;
    }
    options.to_writer = true;
    size_t records = request->size;
    wire_put_bytes(request, WIRE_PUT_RECORDS_REQUEST_IDEMPOTENCY_KEY, base_slice_text(key));
    if (request->failed) {
        client_memory_out(&failure);
        return client_refuse(client, error, &failure);
    }
    enum hirsch_code code = client_ask_bytes(
        client, method, method->name, base_buffer_slice(request), count, &options, result, error);
    request->size = records; /* as it was, to be sent again */
    return code;
}

/* The checks and the key of a single write, whose records are packed in request. */
static enum hirsch_code write_once(struct hirsch_client *client, const struct client_method *method,
                                   struct base_buffer *request, size_t count, const char *key,
                                   const struct hirsch_call_options *call,
                                   const struct hirsch_write_result **result, hirsch_error **error)
{
    char random_key[CLIENT_RANDOM_KEY + 1];
    struct client_failure failure = CLIENT_FAILURE_NONE;
    enum base_code code = BASE_OK;
    if (request->size > HIRSCH_MAX_PUT_BYTES) {
        code =
            base_fail(&failure.error, BASE_INVALID_ARGUMENT,
                      "the records take %zu bytes, at most %d are taken; write fewer at once, or "
                      "let hirsch_bulk_open() split them",
                      request->size, HIRSCH_MAX_PUT_BYTES);
    } else if (key == NULL) {
        client_random_key(random_key);
        key = random_key;
    } else {
        code = client_check_key(key, CLIENT_KEY_MOST, &failure);
    }
    return code != BASE_OK
               ? client_refuse(client, error, &failure)
               : client_write(client, method, request, count, key, call, (void *)result, error);
}

static enum base_code check_count(size_t count, struct client_failure *failure)
{
    if (count == 0 || count > HIRSCH_MAX_BATCH) {
        return base_fail(
            &failure->error, BASE_INVALID_ARGUMENT,
            "a write of %zu records; it takes 1 to %d, and hirsch_bulk_open() any number", count,
            HIRSCH_MAX_BATCH);
    }
    return BASE_OK;
}

enum hirsch_code hirsch_put_records(hirsch_client *client, const struct hirsch_record *records,
                                    size_t count, const char *idempotency_key,
                                    const struct hirsch_call_options *call,
                                    const struct hirsch_write_result **result, hirsch_error **error)
{
    struct client_failure failure = CLIENT_FAILURE_NONE;
    struct base_buffer request = BASE_BUFFER_EMPTY;
    enum base_code code = check_count(count, &failure);
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        code = client_record_append(&records[i], &request, &failure.error);
        if (code != BASE_OK) {
            base_error_prefix(&failure.error, "records[%zu]", i);
        }
    }
    enum hirsch_code answer = code != BASE_OK
                                  ? client_refuse(client, error, &failure)
                                  : write_once(client, &client_put_records, &request, count,
                                               idempotency_key, call, result, error);
    base_buffer_fini(&request);
    return answer;
}

enum hirsch_code hirsch_delete_records(hirsch_client *client, const struct hirsch_record_key *keys,
                                       size_t count, const char *idempotency_key,
                                       const struct hirsch_call_options *call,
                                       const struct hirsch_write_result **result,
                                       hirsch_error **error)
{
    struct client_failure failure = CLIENT_FAILURE_NONE;
    struct base_buffer request = BASE_BUFFER_EMPTY;
    enum base_code code = check_count(count, &failure);
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        code = client_record_key_append(&keys[i], &request, &failure.error);
        if (code != BASE_OK) {
            base_error_prefix(&failure.error, "keys[%zu]", i);
        }
    }
    enum hirsch_code answer = code != BASE_OK
                                  ? client_refuse(client, error, &failure)
                                  : write_once(client, &client_delete_records, &request, count,
                                               idempotency_key, call, result, error);
    base_buffer_fini(&request);
    return answer;
}
