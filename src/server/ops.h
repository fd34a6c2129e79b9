/* The operations port: what /livez, /readyz and /metrics say of a daemon. */
#ifndef SERVER_OPS_H
#define SERVER_OPS_H

#include <stdatomic.h>

#include "net/http.h"
#include "net/server.h"
#include "rpc/rpc.h"
#include "store/store.h"
#include "store/write.h"

/* Parts of a running daemon, all borrowed; net and writes may be NULL. */
struct server_ops {
    struct store *store;
    struct store_writes *writes;
    struct rpc_server *rpc;
    struct net_server *net;
    struct net_http *http;        /* owned; NULL: off */
    struct store_reader *reader;  /* owned: of the port's thread */
    struct store_reader *looking; /* owned: of whoever asks server_ops_ready */
    uint64_t started_ns;          /* of the monotonic clock */
    atomic_bool draining;
};

/* address: of --http, "off" for none. */
enum base_code server_ops_open(struct server_ops *ops, const char *address,
                               struct base_error *error);
void server_ops_close(struct server_ops *ops);

/* One thread. */
bool server_ops_ready(struct server_ops *ops);

/* Appends a line a check: "[+]writer ok". True: all is well. */
bool server_ops_checks(struct server_ops *ops, struct store_reader *reader,
                       struct base_buffer *text);

/* Appends all metrics in the text format of Prometheus. */
void server_metrics_write(struct server_ops *ops, struct base_buffer *text);

#endif
