/* The descriptor that tells a foreign event loop when hirsch_poll() has work. */
#ifndef CLIENT_WATCH_H
#define CLIENT_WATCH_H

#include "client/core.h"

/* Makes it at the first call. With the lock held. */
enum base_code client_watch_open(struct hirsch_client *client, struct base_error *error);
void client_watch_fini(struct hirsch_client *client);

/* Brings timer and flag to what the client waits for; nothing before client_watch_open(). With the
 * lock held. */
void client_watch_update(struct hirsch_client *client);

#endif
