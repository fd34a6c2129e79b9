/* When a loop has more to do than it can: which requests to refuse at once, so that those that are
 * taken are answered soon. Pure: reads no clock. */
#ifndef NET_SHED_H
#define NET_SHED_H

#include <stdbool.h>
#include <stdint.h>

enum {
    /* So many requests a round are always taken, however long they last. */
    NET_SHED_ALWAYS = 32,
    /* Bursts that are worked off within this time are only queued. */
    NET_SHED_GRACE_NS = 100 * 1000 * 1000,
};

/* A round is what a loop does between two polls: requests that wait in sockets wait for its end, so
 * that its length is the length of the queue. Under lasting overload a share of the requests, drawn
 * by lot so that no connection is preferred, keeps rounds as short as they may be. */
struct net_shed {
    uint64_t most_ns;  /* how long a round may last; 0: nothing is ever refused */
    uint64_t round_ns; /* when the round began; 0: not yet */
    uint64_t over_ns;  /* since when rounds are too long; 0: they are not */
    uint64_t calm_ns;  /* since when they are not any more */
    uint64_t ended_ns; /* when the last round ended; a longer pause than a round ends overload */
    uint64_t random;
    uint32_t share;    /* of 65,536 requests, how many are taken */
    uint32_t admitted; /* in this round */
    uint32_t refused;
};

/* seed: not 0. */
void net_shed_init(struct net_shed *shed, uint64_t most_ns, uint64_t seed);

/* Is the request to be worked on? received_ns: when it was read. */
bool net_shed_admit(struct net_shed *shed, uint64_t received_ns, uint64_t now_ns);

/* Before the loop polls. */
void net_shed_round(struct net_shed *shed, uint64_t now_ns);

/* How long a refused caller should wait before it asks again. */
uint32_t net_shed_retry_ms(const struct net_shed *shed);

#endif
