/* The inside of a server, for rpc's own files. */
#ifndef RPC_SERVER_H
#define RPC_SERVER_H

#include <stdatomic.h>

#include "rpc/later.h"
#include "rpc/metadata.h"
#include "rpc/methods.h"
#include "rpc/pool.h"
#include "rpc/stats.h"
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
    atomic_bool unready;
    atomic_bool refusing; /* new calls are answered UNAVAILABLE */
    atomic_bool stopping; /* answers are not wanted any more */
    _Atomic uint32_t default_timeout_ms;
    _Atomic uint32_t max_timeout_ms;
    _Atomic uint64_t slow_ns;  /* 0: none */
    struct rpc_access *access; /* owned */
    struct rpc_watch watch;
    struct rpc_cell *later_cells; /* owned; of calls that are answered later */
    pthread_mutex_t sessions_mutex;
    struct rpc_session *sessions; /* guarded by it; linked by next */
    struct rpc_counters ended;    /* likewise: of sessions that are gone */
    struct rpc_pool pool;
    _Atomic uint64_t deferred;
    _Atomic uint64_t deferred_failed;
    _Atomic uint64_t refused;
    _Atomic uint64_t expired;
    _Atomic uint64_t pending;
};

/* What an overloaded loop says: made once, since what refusing takes is taken from answering. */
struct rpc_overload {
    uint32_t retry_ms; /* of the words below; 0: not made yet */
    char sentence[128];
};

struct rpc_session {
    struct rpc_server *server; /* borrowed */
    void *state;               /* owned: of service.session_new */
    struct base_arena arena;
    _Atomic uint64_t requests;
    _Atomic uint64_t failed;
    _Atomic uint64_t deadline_dropped;
    _Atomic uint64_t shed;
    struct rpc_cell *cells; /* owned; one a method and code */
    struct rpc_access_view view;
    bool owner; /* of the next question */
    uint32_t retry_ms;
    struct rpc_overload overload;
    struct rpc_session *next;
};

static inline struct rpc_cell *rpc_cell_of(struct rpc_cell *cells, size_t method,
                                           enum base_code code)
{
    return &cells[method * RPC_CODES + (size_t)code];
}

/* Takes x-request-id and traceparent from what is echoed. */
void rpc_tell_echo(struct rpc_event *event, const struct wire_metadata *echo, size_t count);

/* One request on its way: what the reply needs of it, whatever comes of it. On the stack of the
 * loop's thread. */
struct rpc_exchange {
    struct rpc_session *session;
    struct rpc_call call;
    struct wire_request request;
    struct rpc_options options;
    const struct rpc_method *method; /* NULL: none was found */
    uint32_t retry_after_ms;         /* for the caller of a failed call; 0: no hint */
    uint64_t received_ns;
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
    const struct rpc_method *method;
    uint64_t received_ns;
    uint64_t deferred_ns;
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
