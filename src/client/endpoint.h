/* One SP socket to one endpoint: requests with ids of our own go out, answers come in, nothing here
 * waits. */
#ifndef CLIENT_ENDPOINT_H
#define CLIENT_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"

/* Raw REQ: no resending after 60 seconds, any number of requests at once, and the endpoint that
 * answered is known because there is no other on the socket. One thread at a time. */
struct client_endpoint;

/* url is copied. max_reply: bytes of one reply's envelope. Begins to connect and does not wait. */
enum base_code client_endpoint_open(const char *url, size_t max_reply,
                                    struct client_endpoint **endpoint, struct base_error *error);
void client_endpoint_close(struct client_endpoint *endpoint);

/* As it was given; lives as long as the endpoint. */
const char *client_endpoint_url(const struct client_endpoint *endpoint);

/* Readable while an answer waits, and while a request can go out; libnanomsg's own. */
int client_endpoint_receive_fd(const struct client_endpoint *endpoint);
int client_endpoint_send_fd(const struct client_endpoint *endpoint);

/* A connection stands at this moment. */
bool client_endpoint_connected(const struct client_endpoint *endpoint);

/* No connection stands, and an attempt to make one failed since the last one stood. */
bool client_endpoint_refused(const struct client_endpoint *endpoint);

/* Changes whenever a request that was sent before may have lost its connection. */
uint64_t client_endpoint_breaks(const struct client_endpoint *endpoint);

/* Makes a connection from scratch when the last one broke and does not stand again. True when it
 * did so. */
bool client_endpoint_renew(struct client_endpoint *endpoint, uint64_t now_ns);

enum client_sent {
    CLIENT_SENT,
    CLIENT_SEND_LATER, /* no connection, or the peer takes no more bytes now */
    CLIENT_SEND_NO_MEMORY,
};

/* Hands body under id (top bit set) to the connection. */
enum client_sent client_endpoint_send(struct client_endpoint *endpoint, uint32_t id,
                                      struct base_slice body);

/* An answer without its request id. Owned; given back with client_reply_release(), by any thread.
 */
struct client_reply {
    void *message;
    struct base_slice body;
};

void client_reply_release(struct client_reply *reply);

/* Takes one answer off the socket; false when none is there. *id is 0 when the answer has none. */
bool client_endpoint_take(struct client_endpoint *endpoint, uint32_t *id,
                          struct client_reply *reply);

#endif
