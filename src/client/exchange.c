#include "client/exchange.h"

#include "wire/unpack.h"

enum base_code client_exchange(struct hirsch_client *client, const char *method,
                               const ProtobufCMessage *request,
                               const struct hirsch_call_options *call,
                               const ProtobufCMessageDescriptor *type, struct base_arena *arena,
                               ProtobufCMessage **response, struct client_failure *failure)
{
    struct base_buffer packed = BASE_BUFFER_EMPTY;
    struct client_reply reply = {NULL, {NULL, 0}};
    struct base_slice payload = {NULL, 0};
    enum base_code code;
    wire_pack(request, &packed);
    if (packed.failed) {
        code = base_fail(&failure->error, BASE_INTERNAL, "memory is out");
        goto free_request;
    }
    code = client_call_run(client, method, base_buffer_slice(&packed), call, &reply, &payload,
                           failure);
    if (code != BASE_OK) {
        goto free_request;
    }
    code = wire_unpack(type, payload, &wire_reply_limits, arena, response, &failure->error);
    if (code == BASE_INVALID_ARGUMENT) {
        /* Not the caller's argument but the server's answer. */
        failure->error.code = code = BASE_INTERNAL;
        base_error_prefix(&failure->error, "%s: the answer of %s is not what the schema says",
                          method, failure->endpoint);
    }
    client_reply_release(&reply);

free_request:
    base_buffer_fini(&packed);
    return code;
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
