/* grpc.health.v1.Health: is the server, or one of its services, ready to answer? */
#ifndef RPC_HEALTH_H
#define RPC_HEALTH_H

#include "rpc/rpc.h"

/* Ends with .name NULL. */
extern const struct rpc_method rpc_health_methods[];

#endif
