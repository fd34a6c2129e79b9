#include "client/exchange.h"

#include <stdlib.h>

#include "base/limits.h"
#include "client/envelope.h"
#include "client/series.h"
#include "wire/unpack.h"

enum {
    /* Bytes of an envelope around its payload: method, numbers and metadata. */
    ENVELOPE_MOST = 16 * 1024,
    /* What each attempt adds: its time limit and the request's id. */
    ATTEMPT_MOST = 6 + 4,
};

static bool retriable(enum base_code code)
{
    return code == BASE_UNAVAILABLE || code == BASE_DEADLINE_EXCEEDED || code == BASE_ABORTED ||
           code == BASE_RESOURCE_EXHAUSTED;
}

/* The request in its envelope. */
static enum base_code pack(const struct hirsch_client *client, const char *name,
                           struct base_slice request, const struct hirsch_call_options *options,
                           struct base_buffer *envelope, struct client_failure *failure)
{
    size_t most = client->settings.max_request_bytes - ENVELOPE_MOST;
    if (request.size > most) {
        return base_fail(&failure->error, BASE_INVALID_ARGUMENT,
                         "%s: the request has %zu bytes, at most %zu are taken; ask for fewer "
                         "items",
                         name, request.size, most);
    }
    struct client_request whole = {.method = name,
                                   .payload = request,
                                   .metadata = options->metadata,
                                   .metadata_count = options->metadata_count,
                                   .max_reply_bytes = client->settings.max_reply_bytes,
                                   .authorization = client->settings.authorization};
    client_envelope_pack(&whole, 0, envelope);
    if (envelope->size > client->settings.max_request_bytes - ATTEMPT_MOST) {
        return base_fail(&failure->error, BASE_INVALID_ARGUMENT,
                         "%s: the request has %zu bytes with its metadata, at most %u are taken; "
                         "send less metadata or ask for fewer items",
                         name, envelope->size, client->settings.max_request_bytes);
    }
    return envelope->failed ? client_memory_out(failure) : BASE_OK;
}

/* From the bytes of an answer for so many items. */
static enum base_code make_result(const struct hirsch_client *client,
                                  const struct client_method *method, struct base_slice payload,
                                  size_t expected, const void **result,
                                  struct client_failure *failure)
{
    void *made = client_result_new(client_allocator(client), method->result_size);
    if (made == NULL) {
        return client_memory_out(failure);
    }
    struct base_arena *arena = client_result_arena(made);
    enum base_code code = BASE_OK;
    if (method->response == NULL) {
        struct base_slice copy = base_arena_copy(arena, payload);
        *(struct hirsch_bytes *)made = (struct hirsch_bytes){copy.data, copy.size};
        code = copy.data == NULL ? client_memory_out(failure) : BASE_OK;
    } else {
        ProtobufCMessage *response = NULL;
        code = wire_unpack(method->response, payload, &wire_reply_limits, arena, &response,
                           &failure->error);
        if (code == BASE_OK) {
            code = method->convert(response, expected, made, failure);
        } else if (code == BASE_RESOURCE_EXHAUSTED) {
            code = client_memory_out(failure);
        } else if (code == BASE_INVALID_ARGUMENT) {
            /* Not the caller's argument but the server's answer. */
            failure->error.code = code = BASE_INTERNAL;
            base_error_prefix(&failure->error, "%s: the answer of %s is not what the schema says",
                              method->name, failure->endpoint);
        }
    }
    if (code != BASE_OK) {
        hirsch_free(made);
        return code;
    }
    *result = made;
    return BASE_OK;
}

static void say_which(const struct client_series *series, size_t at, struct base_error *error)
{
    size_t first = client_series_before(series, at);
    base_error_prefix(error, "items %zu to %zu of %zu", first,
                      first + series->parts[at].part.count - 1,
                      client_series_before(series, series->count));
}

/* Takes the answers that there are apart. An answer that cannot be read is the call's failure if it
 * has none yet. */
static void read_answers(const struct hirsch_client *client, struct client_call *call)
{
    struct client_series *series = call->series;
    struct client_failure *failure = &call->failure;
    if (failure->error.code != BASE_OK) {
        say_which(series, series->at, &failure->error);
    }
    for (size_t i = 0; i < series->at; i++) {
        struct client_series_part *part = &series->parts[i];
        struct client_failure own = {.endpoint = failure->endpoint, .attempts = failure->attempts};
        const void *result = NULL;
        if (make_result(client, call->method, part->payload, part->part.count, &result, &own) ==
            BASE_OK) {
            part->result = result;
        } else if (failure->error.code == BASE_OK) {
            *failure = own;
            say_which(series, i, &failure->error);
        }
        client_reply_release(&part->reply);
    }
}

/* One result of all requests; after a failure what is known so far, if something was sent. */
static enum base_code conclude_series(const struct hirsch_client *client, struct client_call *call,
                                      const void **result, const void **partial)
{
    struct client_series *series = call->series;
    struct client_failure *failure = &call->failure;
    bool tried = series->at < series->count && failure->attempts > 0;
    size_t unsent = series->at + (tried ? 1 : 0);
    read_answers(client, call);
    if (unsent == 0) {
        return failure->error.code;
    }
    void *made = client_result_new(client_allocator(client), call->method->result_size);
    struct base_error short_of;
    if (made == NULL ||
        client_series_join(series, unsent, &failure->error, made, &short_of) != BASE_OK) {
        hirsch_free(made);
        return failure->error.code != BASE_OK ? failure->error.code : client_memory_out(failure);
    }
    *(failure->error.code == BASE_OK ? result : partial) = made;
    return failure->error.code;
}

enum hirsch_code client_refuse(const struct hirsch_client *client, hirsch_error **error,
                               struct client_failure *failure)
{
    failure->retriable = retriable(failure->error.code);
    return client_fail(client_allocator(client), error, failure);
}

enum hirsch_code client_conclude(const struct hirsch_client *client, struct client_call *call,
                                 const void **result, hirsch_error **error)
{
    enum base_code code = call->failure.error.code;
    const void *partial = NULL;
    if (call->series != NULL) {
        code = conclude_series(client, call, result, &partial);
    } else if (code == BASE_OK) {
        code = make_result(client, call->method, call->payload, call->expected, result,
                           &call->failure);
    }
    client_reply_release(&call->reply);
    base_buffer_fini(&call->envelope);
    client_series_free(call->series);
    if (code == BASE_OK) {
        return HIRSCH_OK;
    }
    enum hirsch_code public_code = client_refuse(client, error, &call->failure);
    client_error_keep(error == NULL ? NULL : *error, partial);
    return public_code;
}

static enum hirsch_code wait(struct hirsch_client *client, struct client_call *call, void *result,
                             hirsch_error **error)
{
    struct client_waiter waiter;
    client_waiter_init(&waiter, false);
    call->waiter = &waiter;
    client_lock(client);
    enum base_code code = client_core_start(client, call, &call->failure.error);
    while (code == BASE_OK && call->state != CLIENT_FINISHED) {
        client_core_step(client, &waiter, call->until_ns);
    }
    client_unlock(client);
    client_waiter_fini(&waiter);
    const void *made = NULL;
    enum hirsch_code public_code = client_conclude(client, call, &made, error);
    if (public_code == HIRSCH_OK) {
        /* The caller's pointer has a type of its own. */
        memcpy(result, &made, sizeof made);
    }
    return public_code;
}

static enum hirsch_code start(struct hirsch_client *client, struct client_call *made,
                              hirsch_ticket *ticket, hirsch_error **error)
{
    struct client_call *call = client_result_new(client_allocator(client), sizeof *call);
    struct client_failure failure = CLIENT_FAILURE_NONE;
    enum base_code code;
    if (call == NULL) {
        code = client_memory_out(&failure);
    } else {
        *call = *made;
        client_lock(client);
        code = client_core_start(client, call, &failure.error);
        /* Written before the callback can run in another thread. */
        if (code == BASE_OK && ticket != NULL) {
            *ticket = call->ticket;
        }
        client_unlock(client);
    }
    if (code == BASE_OK) {
        return HIRSCH_OK;
    }
    base_buffer_fini(&made->envelope);
    client_series_free(made->series);
    hirsch_free(call);
    return client_refuse(client, error, &failure);
}

/* Sends what is packed, as the options say; made is the call's beginning. */
static enum hirsch_code ask(struct hirsch_client *client, struct client_call *made,
                            const struct hirsch_call_options *options, void *result,
                            hirsch_error **error)
{
    made->envelope_size = made->envelope.size;
    made->timeout_ms = options->timeout_ms;
    made->to_writer = options->to_writer;
    made->send_once = options->send_once;
    made->done = options->done;
    made->context = options->context;
    return options->done == NULL ? wait(client, made, result, error)
                                 : start(client, made, options->ticket, error);
}

enum hirsch_code client_ask_bytes(struct hirsch_client *client, const struct client_method *method,
                                  const char *name, struct base_slice request, size_t expected,
                                  const struct hirsch_call_options *call, void *result,
                                  hirsch_error **error)
{
    struct hirsch_call_options options;
    struct client_call made = {
        .method = method,
        .expected = expected,
        .envelope = BASE_BUFFER_EMPTY,
        .failure = CLIENT_FAILURE_NONE,
    };
    enum base_code code =
        client_call_options_read(call, &client->settings, &options, &made.failure.error);
    if (code == BASE_OK) {
        code = pack(client, name, request, &options, &made.envelope, &made.failure);
    }
    if (code != BASE_OK) {
        base_buffer_fini(&made.envelope);
        return client_refuse(client, error, &made.failure);
    }
    return ask(client, &made, &options, result, error);
}

enum hirsch_code client_ask_series(struct hirsch_client *client, const struct client_method *method,
                                   struct client_series *series,
                                   const struct hirsch_call_options *call, void *result,
                                   hirsch_error **error)
{
    struct hirsch_call_options options;
    struct client_call made = {
        .method = method,
        .envelope = BASE_BUFFER_EMPTY,
        .failure = CLIENT_FAILURE_NONE,
        .series = series,
    };
    enum base_code code =
        client_call_options_read(call, &client->settings, &options, &made.failure.error);
    for (size_t i = 0; code == BASE_OK && i < series->count; i++) {
        struct client_series_part *part = &series->parts[i];
        code = pack(client, method->name, base_buffer_slice(&part->part.request), &options,
                    &part->envelope, &made.failure);
        client_part_fini(&part->part); /* what is packed is not kept twice */
    }
    if (code != BASE_OK) {
        client_series_free(series);
        return client_refuse(client, error, &made.failure);
    }
    made.envelope = series->parts[0].envelope;
    series->parts[0].envelope = BASE_BUFFER_EMPTY;
    return ask(client, &made, &options, result, error);
}

enum hirsch_code client_ask(struct hirsch_client *client, const struct client_method *method,
                            const ProtobufCMessage *request, size_t expected,
                            const struct hirsch_call_options *call, void *result,
                            hirsch_error **error)
{
    struct base_buffer packed = BASE_BUFFER_EMPTY;
    enum hirsch_code code;
    wire_pack(request, &packed);
    if (packed.failed) {
        struct client_failure failure = CLIENT_FAILURE_NONE;
        client_memory_out(&failure);
        code = client_refuse(client, error, &failure);
    } else {
        code = client_ask_bytes(client, method, method->name, base_buffer_slice(&packed), expected,
                                call, result, error);
    }
    base_buffer_fini(&packed);
    return code;
}

enum base_code client_read_request(const void *asked, const char *name, void *filled, size_t size,
                                   struct client_failure *failure)
{
    size_t given = 0;
    if (asked != NULL) {
        memcpy(&given, asked, sizeof given);
    }
    if (given == 0) {
        return base_fail(&failure->error, BASE_INVALID_ARGUMENT,
                         "%s.size is 0; start from the _INIT macro of the struct", name);
    }
    memcpy(filled, asked, given < size ? given : size);
    return BASE_OK;
}

enum base_code client_memory_out(struct client_failure *failure)
{
    return base_fail(&failure->error, BASE_INTERNAL, "memory is out");
}

enum base_code client_check_id(const char *id, struct client_failure *failure)
{
    if (id == NULL || id[0] == '\0') {
        return base_fail(&failure->error, BASE_INVALID_ARGUMENT,
                         "an id is empty; write scheme:value, for example "
                         "openalex:A5023888391");
    }
    return BASE_OK;
}

enum base_code client_check_batch(const char *const *ids, size_t count,
                                  struct client_failure *failure)
{
    if (count == 0 || count > HIRSCH_MAX_BATCH) {
        return base_fail(&failure->error, BASE_INVALID_ARGUMENT,
                         "a batch of %zu ids; it takes 1 to %d", count, HIRSCH_MAX_BATCH);
    }
    for (size_t i = 0; i < count; i++) {
        enum base_code code = client_check_id(ids[i], failure);
        if (code != BASE_OK) {
            base_error_prefix(&failure->error, "ids[%zu]", i);
            return code;
        }
    }
    return BASE_OK;
}

enum hirsch_code client_item_code(const Hirsch__V1__ItemError *error)
{
    if (error == NULL) {
        return HIRSCH_INTERNAL;
    }
    /* 0 would be a failure that is none. */
    return error->code >= 1 && error->code <= HIRSCH_UNAUTHENTICATED ? (enum hirsch_code)error->code
                                                                     : HIRSCH_UNKNOWN;
}

const char *client_item_message(const Hirsch__V1__ItemError *error)
{
    return error == NULL ? "the server's answer holds neither a result nor an error for this id"
                         : error->message;
}

enum base_code client_wrong_count(size_t got, size_t asked, struct client_failure *failure)
{
    return base_fail(&failure->error, BASE_INTERNAL, "%s answered %zu items for a batch of %zu ids",
                     failure->endpoint, got, asked);
}
