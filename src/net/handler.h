/* What a door hands requests to: one const struct of functions, so that net knows no method and
 * tests can answer with an echo. */
#ifndef NET_HANDLER_H
#define NET_HANDLER_H

#include "base/buffer.h"
#include "base/status.h"

struct net_request;
struct net_held;

struct net_handler {
    void *state; /* borrowed, shared by all sessions, outlives the server */
    /* One session a loop, made before its thread starts and used by that thread only. NULL with
     * error filled on failure. */
    void *(*session_new)(void *state, struct base_error *error);
    void (*session_free)(void *session);
    /* Before a loop polls, if it answered anything since the last time. */
    void (*session_rest)(void *session);
    /* Requests whose turn comes soon: what answering them will read may be sent for already, so
     * that it is there by then. Nothing is answered, and each comes to answer all the same; of some
     * it hears twice, of others never. NULL: there is nothing to send for. */
    void (*ahead)(void *session, const struct base_slice *requests, size_t count);
    /* Appends one whole reply to what reply holds already and says true. reply->failed (memory is
     * out) closes the connection. request is borrowed for the call. Times are of the monotonic
     * clock: when its bytes were read, and its last reading, which the handler replaces by one that
     * it made at its end: one reading a request is enough.
     *
     * False: the reply comes later, and what was appended is dropped. The handler has called
     * net_request_hold(asked) once, and what it got is answered exactly once. asked is valid
     * during the call only. */
    bool (*answer)(void *session, struct base_slice request, uint64_t received_ns, uint64_t *now_ns,
                   struct net_request *asked, struct base_buffer *reply);
};

/* Inside answer. Did it come by own_ipc, which only the owner of the data directory can reach? */
bool net_request_own(const struct net_request *asked);
/* Inside answer. Not 0: the loop has more to do than it can, and who asks should come again after
 * so many milliseconds. */
uint32_t net_request_retry_ms(const struct net_request *asked);
/* Inside answer, also of a peer that is gone: "127.0.0.1:40000", "ipc". */
enum { NET_PEER = 64 };
void net_request_peer(const struct net_request *asked, char peer[NET_PEER]);

/* Inside answer, on the loop's thread: keeps what is needed to reply later. From here to its
 * answer it counts as outstanding on its connection, and a drain waits for it. NULL when memory is
 * out. */
struct net_held *net_request_hold(struct net_request *asked);

/* Inside the same answer, which says true after all. */
void net_held_release(struct net_held *held);

/* Exactly once and from any thread, even before answer has returned and even after the server was
 * closed. Takes the reply's memory and leaves it empty; reply->failed closes the connection.
 * Replies leave in the order in which they came here. When the connection is gone meanwhile, it is
 * dropped. held is not to be touched afterwards. */
void net_held_answer(struct net_held *held, struct base_buffer *reply);

/* Nobody waits for the reply any more: its connection was closed. Any thread, until it is
 * answered. */
bool net_held_gone(const struct net_held *held);

#endif
