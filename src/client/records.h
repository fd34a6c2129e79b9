/* What single writes and bulk share: the methods and the trip to the writer. */
#ifndef CLIENT_RECORDS_H
#define CLIENT_RECORDS_H

#include "client/exchange.h"
#include "client/part.h"
#include "hirsch/records.h"

extern const struct client_method client_put_records;
extern const struct client_method client_delete_records;

/* What a request takes that the servers of this client take; fewer records or bytes where the
 * caller wants so. */
struct client_room client_room_of(const struct hirsch_client *client, size_t records, size_t bytes);

/* Sends a part, which is sealed, to the writer, as the options say otherwise. */
enum hirsch_code client_write(struct hirsch_client *client, const struct client_method *method,
                              const struct client_part *part,
                              const struct hirsch_call_options *call, void *result,
                              hirsch_error **error);

#endif
