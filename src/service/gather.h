/* The papers of a set, read from the store with what the engine wants to know of them. */
#ifndef SERVICE_GATHER_H
#define SERVICE_GATHER_H

#include "service/set.h"

/* Reads the papers into set->engine, with the facts that the scope's filters look at.
 * RESOURCE_EXHAUSTED: more than LIMIT_SET_PAPERS; DEADLINE_EXCEEDED, CANCELLED: rpc_call_check. */
enum base_code service_set_gather(struct rpc_call *call, struct service_session *session,
                                  const struct service_scope *scope, struct service_set *set,
                                  struct base_error *error);

#endif
