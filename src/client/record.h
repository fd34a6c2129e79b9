/* From the plain structs of records to the bytes of their messages. */
#ifndef CLIENT_RECORD_H
#define CLIENT_RECORD_H

#include "base/buffer.h"
#include "base/status.h"
#include "hirsch/records.h"

/* Append field `records` of a PutRecordsRequest and field `keys` of a DeleteRecordsRequest. What
 * stands in the texts is the server's to check. INVALID_ARGUMENT: no such type, or a struct whose
 * size is 0. On failure the buffer is as it was. */
enum base_code client_record_append(const struct hirsch_record *record, struct base_buffer *buffer,
                                    struct base_error *error);
enum base_code client_record_key_append(const struct hirsch_record_key *key,
                                        struct base_buffer *buffer, struct base_error *error);

#endif
