/* What a door hands requests to: one const struct of functions, so that net knows no method and
 * tests can answer with an echo. */
#ifndef NET_HANDLER_H
#define NET_HANDLER_H

#include "base/buffer.h"
#include "base/status.h"

struct net_handler {
    void *state; /* borrowed, shared by all sessions, outlives the server */
    /* One session a loop, made before its thread starts and used by that thread only. NULL with
     * error filled on failure. */
    void *(*session_new)(void *state, struct base_error *error);
    void (*session_free)(void *session);
    /* Before a loop polls, if it answered anything since the last time. */
    void (*session_rest)(void *session);
    /* Appends one whole reply to what reply holds already. reply->failed (memory is out) closes
     * the connection. The request is borrowed for the call. Times are of the monotonic clock:
     * when its bytes were read, and now. */
    void (*answer)(void *session, struct base_slice request, uint64_t received_ns, uint64_t now_ns,
                   struct base_buffer *reply);
};

#endif
