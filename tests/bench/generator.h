/* A closed-loop load generator over SP: some connections, each with some requests in flight, every
 * reply checked. */
#ifndef GENERATOR_H
#define GENERATOR_H

#include "base/status.h"
#include "bench/histogram.h"
#include "bench/keys.h"

enum {
    BENCH_CONNECTIONS = 4096,
    BENCH_DEPTH = 1024,
    GENERATOR_REPLY_MOST = 16 * 1024 * 1024,
};

struct bench_load {
    const char *url;        /* tcp://ADDRESS:PORT with an IPv4 address, or ipc://PATH */
    unsigned connections;   /* 1 to BENCH_CONNECTIONS */
    unsigned depth;         /* requests in flight on each, 1 to BENCH_DEPTH */
    const char *method;     /* "hirsch.v1.AuthorService/GetAuthor" */
    const char *const *ids; /* asked for; each reply has to name its own */
    uint32_t id_count;      /* at least 1 */
    struct bench_spread_options keys;
    uint64_t seed;
    uint64_t warmup_ns; /* not counted */
    uint64_t duration_ns;
    /* a reply that takes longer is lost and its request is sent again; 0: one second */
    uint64_t stall_ns;
};

struct bench_result {
    uint64_t replies; /* right ones, after the warm-up */
    uint64_t wrong;   /* another code or id, at any time */
    uint64_t lost;    /* never answered within stall_ns */
    uint64_t elapsed_ns;
    uint64_t bytes_sent; /* frames of the counted requests and replies */
    uint64_t bytes_received;
    /* ns from sending to the reply's arrival; a lost request is not in it */
    struct bench_histogram latency;
};

/* Runs on the calling thread until the time is over. UNAVAILABLE: no connection, or the peer closed
 * one; DATA_LOSS: the peer does not speak SP; INVALID_ARGUMENT: a wrong url or number. */
enum base_code bench_load_run(const struct bench_load *load, struct bench_result *result,
                              struct base_error *error);

/* Asks once for the first id and appends the reply's envelope: for a comparator that gives the same
 * bytes. */
struct base_buffer;
enum base_code bench_load_once(const struct bench_load *load, struct base_buffer *reply,
                               struct base_error *error);

#endif
