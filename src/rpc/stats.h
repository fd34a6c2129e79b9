/* How many calls of each method ended with each code, and how long they took: one writer a table,
 * relaxed atomics, any reader. */
#ifndef RPC_STATS_H
#define RPC_STATS_H

#include <stdatomic.h>
#include <stdint.h>

enum { RPC_BUCKETS = 16, RPC_CODES = 17 };

/* Upper bounds in nanoseconds, from the receipt of the request to its reply; what is above the last
 * one is in the count alone. */
extern const uint64_t rpc_bucket_ns[RPC_BUCKETS];

struct rpc_cell {
    _Atomic uint64_t count;
    _Atomic uint64_t sum_ns;
    _Atomic uint64_t buckets[RPC_BUCKETS]; /* each alone, not cumulated */
};

/* The same as plain numbers. */
struct rpc_sum {
    uint64_t count;
    uint64_t sum_ns;
    uint64_t buckets[RPC_BUCKETS];
};

/* shared: several threads write this cell. */
void rpc_cell_add(struct rpc_cell *cell, uint64_t elapsed_ns, _Bool shared);
void rpc_cell_sum(const struct rpc_cell *cell, struct rpc_sum *sum);

#endif
