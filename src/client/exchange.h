/* What the typed methods share: the table of a method, asking it, and the checks of arguments. */
#ifndef CLIENT_EXCHANGE_H
#define CLIENT_EXCHANGE_H

#include "client/core.h"
#include "wire/messages.h"

struct client_method {
    const char *name;
    const ProtobufCMessageDescriptor *response; /* NULL: the bytes as a struct hirsch_bytes */
    size_t result_size;
    /* Fills the cleared result from a response that lives in the result's arena. expected: items of
     * the request. */
    enum base_code (*convert)(const ProtobufCMessage *response, size_t expected, void *result,
                              struct client_failure *failure);
};

/* Asks and waits, or starts an asynchronous call, as the options say. result: address of the
 * caller's pointer, written on HIRSCH_OK of a call that waits. method lives for ever. */
enum hirsch_code client_ask(struct hirsch_client *client, const struct client_method *method,
                            const ProtobufCMessage *request, size_t expected,
                            const struct hirsch_call_options *call, void *result,
                            hirsch_error **error);

/* The same for a request that is packed already, to a method whose name stands elsewhere. */
enum hirsch_code client_ask_bytes(struct hirsch_client *client, const struct client_method *method,
                                  const char *name, struct base_slice request, size_t expected,
                                  const struct hirsch_call_options *call, void *result,
                                  hirsch_error **error);

/* The same for a write of several requests, sent one after the other, each once the one before is
 * answered. Takes over series, which is packed and sealed and has at least one. */
enum hirsch_code client_ask_series(struct hirsch_client *client, const struct client_method *method,
                                   struct client_series *series,
                                   const struct hirsch_call_options *call, void *result,
                                   hirsch_error **error);

/* Turns a finished call into its result or the caller's error, and ends what it owns. */
enum hirsch_code client_conclude(const struct hirsch_client *client, struct client_call *call,
                                 const void **result, hirsch_error **error);

/* Makes the caller's error of a failure before anything was sent. */
enum hirsch_code client_refuse(const struct hirsch_client *client, hirsch_error **error,
                               struct client_failure *failure);

enum base_code client_memory_out(struct client_failure *failure);
enum base_code client_check_id(const char *id, struct client_failure *failure);
enum base_code client_check_batch(const char *const *ids, size_t count,
                                  struct client_failure *failure);

/* Copies a request struct of a caller that may have been compiled with an older header. asked may
 * be NULL; it begins with its size. name: of the struct. */
enum base_code client_read_request(const void *asked, const char *name, void *filled, size_t size,
                                   struct client_failure *failure);

/* A server that answers another number of items than it was asked for. */
enum base_code client_wrong_count(size_t got, size_t asked, struct client_failure *failure);

/* Why an item of a batch failed; error is NULL when the server did not say. */
enum hirsch_code client_item_code(const Hirsch__V1__ItemError *error);
const char *client_item_message(const Hirsch__V1__ItemError *error);

/* The generated structs take texts as char *; packing only reads them. NULL is "". */
static inline char *client_text(const char *constant)
{
    return (char *)(uintptr_t)(constant == NULL ? "" : constant);
}

#endif
