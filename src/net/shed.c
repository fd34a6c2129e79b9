#include "net/shed.h"

enum {
    WHOLE = 65536,
    NS_A_MS = 1000000,
    CALM_ROUNDS = 50,
    PAUSE_ROUNDS = 10,
};

void net_shed_init(struct net_shed *shed, uint64_t wait_ns, uint64_t seed)
{
    *shed = (struct net_shed){.wait_ns = wait_ns, .random = seed, .share = WHOLE};
}

/* xorshift64 */
static uint32_t lot(struct net_shed *shed)
{
    uint64_t x = shed->random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    shed->random = x;
    return (uint32_t)(x >> 48);
}

static void open_gates(struct net_shed *shed)
{
    shed->over = false;
    shed->long_ns = 0;
    shed->calm_ns = 0;
    shed->share = WHOLE;
}

/* Does it stand within the last share of what was read? Those that begin before it and end within
 * are taken as often as their parts within add up to one. */
static bool among_last(struct net_shed *shed, const struct net_shed_place *place)
{
    uint64_t last = place->whole * (uint64_t)shed->share;
    uint64_t behind = place->behind * (uint64_t)WHOLE;
    if (behind >= last) {
        return false;
    }
    uint64_t within = last - behind;
    if (within >= place->size * (uint64_t)WHOLE) {
        return true;
    }
    shed->parts += (uint32_t)(within / place->size);
    if (shed->parts < WHOLE) {
        return false;
    }
    shed->parts -= WHOLE;
    return true;
}

static bool refuses(struct net_shed *shed, const struct net_shed_place *place, uint64_t now_ns)
{
    const uint64_t most_ns = 2 * (uint64_t)NET_SHED_ROUND_NS;
    if (shed->admitted >= NET_SHED_FEW &&
        (now_ns - place->received_ns > most_ns || now_ns - shed->round_ns > most_ns)) {
        return true;
    }
    return !shed->after_pause && !among_last(shed, place);
}

bool net_shed_admit(struct net_shed *shed, const struct net_shed_place *place, uint64_t now_ns)
{
    if (shed->wait_ns == 0) {
        return true;
    }
    if (shed->round_ns == 0) {
        shed->round_ns = now_ns;
        /* Where it starts is a lot, so that none of those that are read in the same order in each
         * round is always the one. After a round that took nothing the next one surely comes. */
        if (shed->took) {
            shed->parts = lot(shed);
        }
        /* Nothing to do, or no processor: this round tells. */
        shed->after_pause = now_ns - shed->ended_ns > PAUSE_ROUNDS * (uint64_t)NET_SHED_ROUND_NS;
    }
    if (shed->over && refuses(shed, place, now_ns)) {
        shed->refused++;
        return false;
    }
    shed->admitted++;
    return true;
}

/* Of all that came in this round, the share that would have kept it short; but a few requests,
 * however long they last. */
static uint32_t fitting_share(const struct net_shed *shed, uint64_t elapsed_ns)
{
    uint64_t offered = (uint64_t)shed->admitted + shed->refused;
    uint64_t least = offered <= NET_SHED_FEW ? WHOLE : NET_SHED_FEW * (uint64_t)WHOLE / offered;
    if (shed->admitted == 0) {
        return (uint32_t)(shed->share > least ? shed->share : least);
    }
    uint64_t share = shed->admitted * (uint64_t)NET_SHED_ROUND_NS * WHOLE /
                     ((elapsed_ns == 0 ? 1 : elapsed_ns) * offered);
    share = share > least ? share : least;
    return share < WHOLE ? (uint32_t)share : (uint32_t)WHOLE;
}

/* Too much waits when working it off at the pace of this round takes too long. */
static void look_for_overload(struct net_shed *shed, uint64_t now_ns, uint64_t taken, uint64_t left)
{
    uint64_t elapsed_ns = now_ns - shed->round_ns;
    double waits = (double)elapsed_ns * (1 + (double)left / (double)(taken == 0 ? 1 : taken));
    if (waits <= (double)shed->wait_ns) {
        shed->long_ns = 0;
    } else if (shed->long_ns == 0) {
        shed->long_ns = now_ns;
    } else if (now_ns - shed->long_ns >= NET_SHED_GRACE_NS) {
        shed->over = true;
        shed->calm_ns = 0;
        shed->share = fitting_share(shed, elapsed_ns);
    }
}

static void adjust_share(struct net_shed *shed, uint64_t now_ns, uint64_t left)
{
    uint32_t share = fitting_share(shed, now_ns - shed->round_ns);
    if (share < WHOLE || left > 0) {
        shed->calm_ns = 0;
        shed->share = (shed->share + share) / 2;
        return;
    }
    if (shed->after_pause) {
        open_gates(shed);
        return;
    }
    /* One short round among long ones does not open the gates. */
    shed->share = shed->share + (WHOLE - shed->share) / 8;
    if (shed->calm_ns == 0) {
        shed->calm_ns = now_ns;
    } else if (now_ns - shed->calm_ns >= CALM_ROUNDS * (uint64_t)NET_SHED_ROUND_NS) {
        open_gates(shed);
    }
}

void net_shed_round(struct net_shed *shed, uint64_t now_ns, uint64_t taken, uint64_t left)
{
    if (shed->wait_ns == 0 || shed->round_ns == 0) {
        return;
    }
    if (shed->over) {
        adjust_share(shed, now_ns, left);
    } else {
        look_for_overload(shed, now_ns, taken, left);
    }
    shed->took = shed->admitted > 0;
    shed->ended_ns = now_ns;
    shed->round_ns = 0;
    shed->admitted = 0;
    shed->refused = 0;
}

uint32_t net_shed_retry_ms(const struct net_shed *shed)
{
    uint64_t ms = shed->wait_ns / NS_A_MS;
    return ms < 10 ? 10 : ms > 1000 ? 1000 : (uint32_t)ms;
}
