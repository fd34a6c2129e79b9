/* One call from its deadline to its answer: which endpoint, how often, and what to say when nothing
 * helps. */
#ifndef CLIENT_CALL_H
#define CLIENT_CALL_H

#include <stdatomic.h>

#include "client/endpoint.h"
#include "client/options.h"
#include "client/result.h"

struct hirsch_client {
    struct base_arena arena; /* what settings point to; not written to after hirsch_open() */
    struct client_settings settings;
    struct client_endpoint *endpoints[HIRSCH_MAX_ENDPOINTS]; /* owned */
    _Atomic uint32_t next_id; /* request ids, from a random start, unique over all endpoints */
    _Atomic uint32_t next_endpoint; /* calls take the endpoints in turn */
};

/* Sends a method's request and finds its answer. *payload is a part of *reply, which the caller
 * releases. The answer's bytes are unchecked. Only for methods that read: the request may be sent
 * up to 3 times. */
enum base_code client_call_run(struct hirsch_client *client, const char *method,
                               struct base_slice request, const struct hirsch_call_options *call,
                               struct client_reply *reply, struct base_slice *payload,
                               struct client_failure *failure);

#endif
