/* The operations port: a few plain pages over HTTP for probes and scrapers, on a thread of its own;
 * the only user of libmicrohttpd. */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include "base/buffer.h"
#include "base/status.h"

enum { NET_HTTP_ADDRESS = 80 };

struct net_http_page {
    unsigned status;          /* 200, 503, … */
    const char *content_type; /* static */
    struct base_buffer body;  /* taken over */
};

struct net_http_handler {
    void *state;
    /* One page for a GET of path; query: does the URL carry that key? On the port's own thread.
     * False: there is no such page. */
    bool (*page)(void *state, const char *path, bool (*query)(void *request, const char *key),
                 void *request, struct net_http_page *page);
};

struct net_http;

/* address: "127.0.0.1:7780", "[::1]:7780"; port 0: a free one. FAILED_PRECONDITION: it is in use or
 * may not be bound; INVALID_ARGUMENT: no address. */
enum base_code net_http_open(const char *address, const struct net_http_handler *handler,
                             struct net_http **http, struct base_error *error);

/* Where it really listens. */
const char *net_http_address(const struct net_http *http);

/* Takes NULL. */
void net_http_close(struct net_http *http);

#endif
