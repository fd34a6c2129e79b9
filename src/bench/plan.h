/* Everything that decides a run, fixed before it begins. */
#ifndef BENCH_PLAN_H
#define BENCH_PLAN_H

#include "bench/workload.h"

enum {
    BENCH_CONNECTIONS_MOST = 16384,
    BENCH_DEPTH_MOST = 4096,
    BENCH_IN_FLIGHT_MOST = 1 << 20, /* of one process: connections x depth */
    BENCH_PROCESSES_MOST = 64,
    BENCH_DURATION_MOST_S = 6 * 3600,
    BENCH_REPLY_MOST = 16 * 1024 * 1024,
};

enum bench_arrivals { BENCH_POISSON, BENCH_EVEN };
enum bench_client { BENCH_CLIENT_SP, BENCH_CLIENT_LIBHIRSCH };

/* Ids or words that may be asked for; borrowed. */
struct bench_key_list {
    const struct base_slice *values;
    uint32_t count;
};

struct bench_plan {
    const char *urls;
    const char *key_file;      /* NULL: HIRSCH_KEY, or no key */
    const char *authorization; /* the key as every request carries it; NULL: none */
    enum bench_client client;
    bool closed;
    double rate; /* open loop: requests a second of all processes */
    enum bench_arrivals arrivals;
    unsigned connections; /* of all processes */
    unsigned depth;       /* requests under way on one */
    unsigned processes;
    uint64_t warmup_ns;
    uint64_t duration_ns;
    /* Of a request since it was sent, and of one that waits for a free place since it was due. */
    uint64_t timeout_ns;
    uint64_t max_lag_ns; /* later than that is late */
    double late_most;    /* share of late requests above which a run is INVALID */
    double verify;       /* share of answers unpacked and compared */
    uint64_t seed;
    uint64_t put_base; /* PutRecords: of the store and the run, so that no run puts what is there */
    struct bench_spread_options keys;
    struct bench_workload workload;
    struct bench_key_list lists[BENCH_KEY_KINDS];
};

/* The part of one process of several: its connections, rate and seed. */
void bench_plan_share(const struct bench_plan *plan, unsigned process, struct bench_plan *share);

/* Seconds that have a place of their own in a tally. */
uint32_t bench_plan_seconds(const struct bench_plan *plan);
/* Does this second, from 0, belong to the warm-up, be it in part? */
bool bench_plan_is_warm(const struct bench_plan *plan, uint32_t second);

#endif
