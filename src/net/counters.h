/* What the doors count: one row a counter, for the sum, for names and for help texts. */
#ifndef NET_COUNTERS_H
#define NET_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>

/* name, help. Whole numbers since the start. */
#define NET_COUNTERS(X)                                                                            \
    X(accepted, "connections taken")                                                               \
    X(refused, "connections closed at once: over the connection cap, or no memory")                \
    X(closed, "taken connections that are closed again, for whatever reason")                      \
    X(accept_pauses, "times that accepting waited because files ran out")                          \
    X(requests, "requests handed to a handler")                                                    \
    X(held, "requests whose reply came later, from another thread")                                \
    X(late_replies_dropped, "replies that came when their connection was gone")                    \
    X(malformed, "messages skipped because they carry no request id")                              \
    X(bad_greeting, "connections closed because the peer is no SP REQ socket")                     \
    X(bad_type, "ipc connections closed because of a wrong type byte")                             \
    X(too_long, "connections closed because of a message over the limit")                          \
    X(no_memory, "connections closed because memory was out")                                      \
    X(greeting_timeouts, "connections closed because no greeting came")                            \
    X(idle_timeouts, "connections closed because nothing happened on them")                        \
    X(stall_timeouts, "connections closed inside a message: nothing came, or nothing was read")    \
    X(crowded_out, "connections closed inside a request because half requests took all memory")    \
    X(resets, "connections that ended with an error of the socket")                                \
    X(read_pauses, "times that reading stopped because the peer did not take its replies")         \
    X(bytes_received, "bytes read from peers")                                                     \
    X(bytes_sent, "bytes handed to the kernel for peers")

struct net_counters {
#define NET_COUNTER_MEMBER(name, help) uint64_t name;
    NET_COUNTERS(NET_COUNTER_MEMBER)
#undef NET_COUNTER_MEMBER
};

/* The same, owned by one thread that writes and readable by all. */
struct net_counter_cells {
#define NET_COUNTER_MEMBER(name, help) _Atomic uint64_t name;
    NET_COUNTERS(NET_COUNTER_MEMBER)
#undef NET_COUNTER_MEMBER
};

/* By the owning thread only: a load and a store, no locked instruction. */
static inline void net_counter_add(_Atomic uint64_t *cell, uint64_t by)
{
    atomic_store_explicit(cell, atomic_load_explicit(cell, memory_order_relaxed) + by,
                          memory_order_relaxed);
}

/* Adds the cells to a sum. Any thread. */
static inline void net_counters_sum(struct net_counters *sum, const struct net_counter_cells *cells)
{
#define NET_COUNTER_MEMBER(name, help)                                                             \
    sum->name += atomic_load_explicit(&cells->name, memory_order_relaxed);
    NET_COUNTERS(NET_COUNTER_MEMBER)
#undef NET_COUNTER_MEMBER
}

#endif
