/* Requests for lists and searches, as callers write them. */
#ifndef CLIENT_LISTS_H
#define CLIENT_LISTS_H

#include "client/result.h"
#include "hirsch/client.h"

/* filled: HIRSCH_LIST_INIT before, checked after. request may be NULL. */
enum base_code client_read_list(const struct hirsch_list *request, struct hirsch_list *filled,
                                struct client_failure *failure);

#endif
