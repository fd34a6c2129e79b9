/* One SP socket to one endpoint: requests with ids of our own go out, each answer finds the caller
 * who waits for it. */
#ifndef CLIENT_ENDPOINT_H
#define CLIENT_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"

/* Raw REQ: no resending after 60 seconds, any number of requests at once, and the endpoint that
 * answered is known because there is no other on the socket. Any thread may call; close when no
 * other call is under way. */
struct client_endpoint;

/* url is copied. max_reply: bytes of one reply's envelope. Begins to connect and does not wait. */
enum base_code client_endpoint_open(const char *url, size_t max_reply,
                                    struct client_endpoint **endpoint, struct base_error *error);
void client_endpoint_close(struct client_endpoint *endpoint);

/* As it was given; lives as long as the endpoint. */
const char *client_endpoint_url(const struct client_endpoint *endpoint);

/* A connection stands at this moment. */
bool client_endpoint_connected(const struct client_endpoint *endpoint);

/* No connection stands, and an attempt to make one failed since the last one stood. */
bool client_endpoint_refused(const struct client_endpoint *endpoint);

/* An answer without its request id. Owned; given back with client_reply_release(). */
struct client_reply {
    void *message;
    struct base_slice body;
};

void client_reply_release(struct client_reply *reply);

enum client_outcome {
    CLIENT_ANSWERED,  /* *reply is filled */
    CLIENT_TIMED_OUT, /* sent, connection stands, nothing came */
    CLIENT_BROKEN,    /* sent, then the connection broke: whether the server acted is unknown */
    CLIENT_BUSY,      /* not sent: connected, but the peer takes no more bytes */
    CLIENT_UNREACHED, /* not sent: no connection in time, or refused with fail_fast */
    CLIENT_NO_MEMORY,
};

/* Sends body under id (top bit set, not in use on this endpoint) and waits for its answer until the
 * monotonic time until_ns. Answers that nobody waits for any more are dropped. */
enum client_outcome client_endpoint_exchange(struct client_endpoint *endpoint, uint32_t id,
                                             struct base_slice body, uint64_t until_ns,
                                             bool fail_fast, struct client_reply *reply);

#endif
