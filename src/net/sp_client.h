/* The asking side of SP on one libuv loop: many connections, any number of requests under way on
 * each, ids chosen by the caller, and a clock that wakes it within microseconds.
 *
 * One thread. Everything happens inside net_client_run: replies are handed to the handler as they
 * come, then its turn runs, then what the turn asked for leaves in one write a connection. */
#ifndef NET_SP_CLIENT_H
#define NET_SP_CLIENT_H

#include "base/bytes.h"
#include "base/status.h"

struct net_client;

struct net_client_handler {
    void *state; /* borrowed */
    /* The peer has greeted: from now on requests may be sent on this connection. */
    void (*ready)(void *state, unsigned connection);
    /* It is gone, and with it every request under way on it; it connects again by itself. why is
     * a sentence that lives during the call. */
    void (*lost)(void *state, unsigned connection, const char *why);
    /* body lives during the call; received_ns: when its last byte was read. */
    void (*reply)(void *state, unsigned connection, uint32_t id, struct base_slice body,
                  uint64_t received_ns);
    /* Once a round of the loop, behind the replies: the place to send. Returns when to be woken at
     * the latest, on the monotonic clock. */
    uint64_t (*turn)(void *state, uint64_t now_ns);
};

struct net_client_options {
    const char *urls;     /* one, or several separated by commas; connections go round them */
    unsigned connections; /* at least 1 */
    size_t max_reply;     /* bytes of one SP message */
    /* A connection that cannot be made, or is lost, is tried again after so long. */
    uint32_t retry_ms;
};

struct net_client_counters {
    uint64_t bytes_sent;
    uint64_t bytes_received;
    uint64_t connects; /* greeted */
    uint64_t losses;
};

/* Resolves the urls and begins to connect. INVALID_ARGUMENT: not an address; UNAVAILABLE: a host
 * without address; RESOURCE_EXHAUSTED: no memory or no descriptors for so many connections. */
enum base_code net_client_open(const struct net_client_options *options,
                               const struct net_client_handler *handler, struct net_client **client,
                               struct base_error *error);

/* Inside ready, reply or turn, on a ready connection. id's top bit is set on the wire whatever it
 * is here; the reply carries the id without it. False: memory is out, or it is not ready. */
bool net_client_send(struct net_client *client, unsigned connection, uint32_t id,
                     struct base_slice body);

/* Bytes that wait for the kernel to take them. */
size_t net_client_unsent(const struct net_client *client, unsigned connection);

/* Until net_client_stop, which the handler calls. */
void net_client_run(struct net_client *client);
void net_client_stop(struct net_client *client);

void net_client_counters(const struct net_client *client, struct net_client_counters *counters);

/* Takes NULL. */
void net_client_close(struct net_client *client);

#endif
