/* What the typed methods share: packing, calling, unpacking, and the checks of their arguments. */
#ifndef CLIENT_EXCHANGE_H
#define CLIENT_EXCHANGE_H

#include "client/call.h"
#include "wire/messages.h"

/* Packs the request, calls, and unpacks the answer into the arena. */
enum base_code client_exchange(struct hirsch_client *client, const char *method,
                               const ProtobufCMessage *request,
                               const struct hirsch_call_options *call,
                               const ProtobufCMessageDescriptor *type, struct base_arena *arena,
                               ProtobufCMessage **response, struct client_failure *failure);

enum base_code client_memory_out(struct client_failure *failure);
enum base_code client_check_id(const char *id, struct client_failure *failure);
enum base_code client_check_batch(const char *const *ids, size_t count,
                                  struct client_failure *failure);

/* A server that answers another number of items than it was asked for. */
enum base_code client_wrong_count(size_t got, size_t asked, struct client_failure *failure);

/* Why an item of a batch failed; error is NULL when the server did not say. */
enum hirsch_code client_item_code(const Hirsch__V1__ItemError *error);
const char *client_item_message(const Hirsch__V1__ItemError *error);

/* The generated structs take texts as char *; packing only reads them. */
static inline char *client_text(const char *constant)
{
    return (char *)(uintptr_t)constant;
}

/* The last step of a method: hands the result to the caller, or frees it and hands over the error.
 */
#define CLIENT_FINISH(code, made, to, error, failure)                                              \
    do {                                                                                           \
        if ((code) != BASE_OK) {                                                                   \
            hirsch_free(made);                                                                     \
            return client_fail((error), &(failure));                                               \
        }                                                                                          \
        *(to) = (made);                                                                            \
        return HIRSCH_OK;                                                                          \
    } while (0)

#endif
