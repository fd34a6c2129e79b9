#include "rpc/stats.h"

const uint64_t rpc_bucket_ns[RPC_BUCKETS] = {
    10000,   25000,    50000,    100000,    250000,    500000,     1000000,    2500000,
    5000000, 10000000, 25000000, 100000000, 250000000, 1000000000, 2500000000, 10000000000,
};

/* One thread writes, so that no locked instruction is needed. */
static void add(_Atomic uint64_t *to, uint64_t by, _Bool shared)
{
    if (shared) {
        atomic_fetch_add_explicit(to, by, memory_order_relaxed);
        return;
    }
    atomic_store_explicit(to, atomic_load_explicit(to, memory_order_relaxed) + by,
                          memory_order_relaxed);
}

void rpc_cell_add(struct rpc_cell *cell, uint64_t elapsed_ns, _Bool shared)
{
    unsigned at = 0;
    while (at < RPC_BUCKETS && elapsed_ns > rpc_bucket_ns[at]) {
        at++;
    }
    if (at < RPC_BUCKETS) {
        add(&cell->buckets[at], 1, shared);
    }
    add(&cell->sum_ns, elapsed_ns, shared);
    add(&cell->count, 1, shared);
}

void rpc_cell_sum(const struct rpc_cell *cell, struct rpc_sum *sum)
{
    sum->count += atomic_load_explicit(&cell->count, memory_order_relaxed);
    sum->sum_ns += atomic_load_explicit(&cell->sum_ns, memory_order_relaxed);
    for (unsigned i = 0; i < RPC_BUCKETS; i++) {
        sum->buckets[i] += atomic_load_explicit(&cell->buckets[i], memory_order_relaxed);
    }
}
