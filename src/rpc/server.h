/* The inside of a server, for rpc's own files. */
#ifndef RPC_SERVER_H
#define RPC_SERVER_H

#include <stdatomic.h>

#include "rpc/methods.h"

struct rpc_server {
    struct rpc_service service;
    struct rpc_limits limits;
    struct rpc_methods *methods; /* owned */
    atomic_bool draining;
};

#endif
