/* What the log says of one call: who asked for what, what came of it, and where its time went. */
#ifndef SERVER_ACCESS_LINE_H
#define SERVER_ACCESS_LINE_H

#include "base/log.h"
#include "rpc/rpc.h"

enum { SERVER_ACCESS_PAIRS = 9 };

/* peer: NULL when it is not known any more. times: waited and worked too. Gives how many pairs;
 * they borrow from the event. */
size_t server_access_pairs(const struct rpc_event *event, const char *peer, bool times,
                           struct base_log_pair pairs[SERVER_ACCESS_PAIRS]);

#endif
