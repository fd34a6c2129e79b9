/* Calls with a callback: polling, cancelling, and what becomes of them at the end. */
#ifndef CLIENT_ASYNC_H
#define CLIENT_ASYNC_H

#include "client/core.h"

/* Ends all calls as CANCELLED and runs their callbacks; no more are started. */
void client_async_close(struct hirsch_client *client);

#endif
