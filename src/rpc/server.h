/* The inside of a server, for rpc's own files. */
#ifndef RPC_SERVER_H
#define RPC_SERVER_H

#include <stdatomic.h>

#include "rpc/later.h"
#include "rpc/metadata.h"
#include "rpc/methods.h"
#include "rpc/pool.h"
#include "wire/envelope.h"

enum {
    /* Of one call: the largest request unpacked takes about 30 MiB, the largest reply's
       abstracts 17. */
    RPC_ARENA_LIMIT = 64 * 1024 * 1024,
};

struct rpc_server {
    struct rpc_service service;
    struct rpc_limits limits;
    struct rpc_methods *methods; /* owned */
    atomic_bool draining;
    atomic_bool stopping; /* answers are not wanted any more */
    struct rpc_pool pool;
    _Atomic uint64_t deferred;
    _Atomic uint64_t deferred_failed;
    _Atomic uint64_t refused;
    _Atomic uint64_t expired;
    _Atomic uint64_t pending;
};

struct rpc_session {
    struct rpc_server *server; /* borrowed */
    void *state;               /* owned: of service.session_new */
    struct base_arena arena;
    _Atomic uint64_t requests;
    _Atomic uint64_t failed;
    _Atomic uint64_t deadline_dropped;
};

/* One request on its way: what the reply needs of it, whatever comes of it. On the stack of the
 * loop's thread. */
struct rpc_exchange {
    struct rpc_session *session;
    struct rpc_call call;
    struct wire_request request;
    struct rpc_options options;
    const struct rpc_door *door;
    void *asked;             /* the door's */
    struct rpc_later *later; /* not NULL: deferred, and given away once its handler said OK */
};

struct rpc_later {
    struct rpc_server *server; /* borrowed */
    struct base_arena arena;
    struct rpc_call call;
    struct wire_metadata echo[RPC_ECHO_MOST]; /* in the arena */
    size_t echo_count;
    const struct rpc_door *door;
    void *held; /* the door's */
    rpc_work work;
    const void *request;
    struct rpc_later *next; /* the pool's */
};

/* Appends the response that handle makes; what it appended before a failure is the caller's to
 * drop. */
enum base_code rpc_respond(struct rpc_call *call, rpc_work handle, const void *request,
                           const struct wire_metadata *echo, size_t echo_count,
                           struct base_buffer *reply, struct base_error *error);

/* The handler has kept it. */
void rpc_later_drop(struct rpc_later *later);

/* Its turn on a thread of the pool: works and finishes it. */
void rpc_later_run(struct rpc_later *later, void *session);

#endif
