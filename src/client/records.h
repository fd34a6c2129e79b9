/* What single writes and bulk share: the methods, the key, the trip to the writer. */
#ifndef CLIENT_RECORDS_H
#define CLIENT_RECORDS_H

#include "client/exchange.h"
#include "hirsch/records.h"

/* Bytes of a request beside its records. */
enum { CLIENT_KEY_MOST = 128, CLIENT_RANDOM_KEY = 32 };

extern const struct client_method client_put_records;
extern const struct client_method client_delete_records;

/* In hexadecimal digits, with a NUL. */
void client_random_key(char key[CLIENT_RANDOM_KEY + 1]);

/* Adds the key, which is valid, to packed records and sends the request to the writer, as the
 * options say otherwise. */
enum hirsch_code client_write(struct hirsch_client *client, const struct client_method *method,
                              struct base_buffer *request, size_t count, const char *key,
                              const struct hirsch_call_options *call, void *result,
                              hirsch_error **error);

/* INVALID_ARGUMENT: over `most` bytes, or other characters than a key has. */
enum base_code client_check_key(const char *key, size_t most, struct client_failure *failure);

#endif
