/* Which call an answer or a ticket belongs to. */
#ifndef CLIENT_LOOKUP_H
#define CLIENT_LOOKUP_H

#include "client/core.h"

/* All with the client's lock held. */

/* Gives the call its ticket, and an id that no other has, under which its answer is found. */
void client_lookup_enter(struct hirsch_client *client, struct client_call *call);

/* Gives the call another id, so that a late answer to what it asked before finds nobody. */
void client_lookup_move(struct hirsch_client *client, struct client_call *call);

void client_lookup_leave(struct hirsch_client *client, struct client_call *call);

/* NULL when there is none. */
struct client_call *client_lookup_id(struct hirsch_client *client, uint32_t id);
struct client_call *client_lookup_ticket(struct hirsch_client *client, uint64_t ticket);

#endif
