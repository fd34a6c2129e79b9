/* Which endpoint a call asks, how often, and what to say when nothing helps. */
#ifndef CLIENT_ATTEMPT_H
#define CLIENT_ATTEMPT_H

#include "client/core.h"

/* All with the client's lock held; all may finish the call. */

/* The next attempt: chooses an endpoint and sends, or queues. */
void client_attempt_begin(struct hirsch_client *client, struct client_call *call, uint64_t now_ns);

/* An answer under this call's id came from a slot. Takes over reply. */
void client_attempt_answered(struct hirsch_client *client, struct client_call *call, size_t slot,
                             struct client_reply *reply, uint64_t now_ns);

/* Looks whether time is up, the connection broke or a rest is over. breaks: of the call's slot,
 * read before its socket was last emptied. */
void client_attempt_look(struct hirsch_client *client, struct client_call *call, uint64_t breaks,
                         uint64_t now_ns);

/* When the call has to be looked at for its own sake. */
uint64_t client_attempt_due(const struct client_call *call);

#endif
