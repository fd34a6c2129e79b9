/* Calls that are answered later: held by whoever will answer them, or run by a small pool of
 * threads off the event loops. */
#ifndef RPC_LATER_H
#define RPC_LATER_H

#include "rpc/rpc.h"

/* A call that its handler did not answer. It owns the arena with the unpacked request, so that both
 * live until it is finished. */
struct rpc_later;

/* Inside a handler, on the loop's thread. Moves the call, its arena and what is in it, into *later;
 * the handler goes on with the same message, and with the call and the arena of *later instead of
 * those that it was given.
 *
 * A handler that then returns BASE_OK has given *later away: it is finished exactly once, by any
 * thread, even before the handler returns, so that nothing of the call may be touched after it was
 * given away. The payload of the handler is ignored. A handler that returns a failure has kept it:
 * rpc answers with the failure and frees it. RESOURCE_EXHAUSTED: memory is out. */
enum base_code rpc_defer(struct rpc_call *call, struct rpc_later **later, struct base_error *error);

/* Inside a handler that is about to fail: the caller may come again after so many ms. */
void rpc_retry_after(struct rpc_call *call, uint32_t retry_ms);

/* Lives until *later is finished; .session is NULL, since the loop's is not for other threads. */
struct rpc_call *rpc_later_call(struct rpc_later *later);

/* Answers: with the payload, a copy of which is sent, or with the failure and the call's
 * detail_reason and detail_field. Any thread. Frees *later with its arena. */
void rpc_later_finish(struct rpc_later *later, enum base_code code, const struct base_error *error,
                      struct base_slice payload);

/* Inside a handler, whose return value it is: work does the handler's part on a thread of the
 * server's pool, with a session of that thread. It gets the same message, a call of its own and an
 * empty payload, and obeys the rules of a handler; it looks at rpc_call_check from time to time
 * (say, each millisecond), and does not defer. When its turn comes after the deadline it is not
 * begun: DEADLINE_EXCEEDED. RESOURCE_EXHAUSTED at once: as many calls wait as may. */
typedef enum base_code (*rpc_work)(struct rpc_call *call, const void *request,
                                   struct base_buffer *payload, struct base_error *error);
enum base_code rpc_run_later(struct rpc_call *call, rpc_work work, const void *request,
                             struct base_error *error);

/* Is the answer still wanted? DEADLINE_EXCEEDED: its time is over. CANCELLED: nobody waits for it
 * any more, or the server stops. The call's own thread. */
enum base_code rpc_call_check(const struct rpc_call *call, struct base_error *error);

/* Of one server; any thread. */
struct rpc_later_counters {
    uint64_t deferred; /* calls that were given away */
    uint64_t failed;   /* of these, answered with another code than OK */
    uint64_t refused;  /* the pool's queue was full */
    uint64_t expired;  /* waited past their deadline for a thread of the pool */
    uint64_t pending;  /* given away and not answered now */
    uint64_t waiting;  /* for a thread of the pool, now */
    uint64_t running;  /* on one, now */
};

void rpc_later_counters(struct rpc_server *server, struct rpc_later_counters *counters);

#endif
