/* When a loop has more to do than it can: which requests to refuse at once, so that those that are
 * taken are answered soon. Pure: reads no clock. */
#ifndef NET_SHED_H
#define NET_SHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /* So many requests a round are taken, however long they last: with fewer, a loop that refuses
     * what came meanwhile often has nothing to do until the next one comes. */
    NET_SHED_FEW = 3,
    /* What waits has to be too much for as long as this before anything is refused: bursts are only
     * queued. */
    NET_SHED_GRACE_NS = 100 * 1000 * 1000,
    /* How long a round may last under overload. Shorter ones would spend more of their time on
     * polling, longer ones are what accepted requests wait for. */
    NET_SHED_ROUND_NS = 1500 * 1000,
};

/* A round is what a loop does between two polls. As long as all that waits in memory and in sockets
 * is worked off within wait_ns, or has grown beyond it only for a moment, nothing is refused: many
 * requests under way on few connections are no overload. Once it is one, so few are taken that
 * rounds last no longer than NET_SHED_ROUND_NS: everything that arrived is read and taken or
 * refused in each, and no queue stands. The same share of each read is taken, so that no connection
 * is preferred, and of it what came last, which has waited least; where that is no whole number of
 * requests a lot decides. It ends when all that is asked for fits into such rounds, or with a
 * pause. */
struct net_shed {
    uint64_t wait_ns;  /* 0: nothing is ever refused */
    uint64_t round_ns; /* when the round began; 0: not yet */
    uint64_t long_ns;  /* since when too much waits; 0: it does not */
    uint64_t calm_ns;  /* under overload: since when all fits; 0: it does not */
    uint64_t ended_ns; /* when the last round ended */
    uint64_t random;
    uint32_t share;    /* of 65,536 requests, how many are taken */
    uint32_t parts;    /* of requests that stand on a border, less those taken for them */
    uint32_t admitted; /* in this round */
    uint32_t refused;
    bool took;        /* the last round admitted any */
    bool over;        /* loaded */
    bool after_pause; /* this round came after one that is no part of overload */
};

/* seed: not 0. */
void net_shed_init(struct net_shed *shed, uint64_t wait_ns, uint64_t seed);

/* What one read of a connection brought, and where in it a request stands. */
struct net_shed_place {
    uint64_t received_ns; /* when it was read */
    size_t whole;         /* bytes of all that was read then */
    size_t size;          /* of these, the request's */
    size_t behind;        /* and those that came behind it */
};

/* Is the request to be worked on? */
bool net_shed_admit(struct net_shed *shed, const struct net_shed_place *place, uint64_t now_ns);

/* Before the loop polls. taken, left: bytes of requests that the round answered, and those that
 * still wait. */
void net_shed_round(struct net_shed *shed, uint64_t now_ns, uint64_t taken, uint64_t left);

/* How long a refused caller should wait before it asks again. */
uint32_t net_shed_retry_ms(const struct net_shed *shed);

#endif
