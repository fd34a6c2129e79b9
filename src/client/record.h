/* From the plain structs of records to the bytes of their messages. */
#ifndef CLIENT_RECORD_H
#define CLIENT_RECORD_H

#include "client/part.h"
#include "hirsch/records.h"

/* Replace what is packed by field `records` of a PutRecordsRequest and field `keys` of a
 * DeleteRecordsRequest. What stands in the texts is the server's to check. INVALID_ARGUMENT: no
 * such type, or a struct whose size is 0. Check packed->bytes.failed. */
enum base_code client_record_pack(const struct hirsch_record *record, struct client_packed *packed,
                                  struct base_error *error);
enum base_code client_record_key_pack(const struct hirsch_record_key *key,
                                      struct client_packed *packed, struct base_error *error);

#endif
