#include "net/shed.h"

enum { WHOLE = 65536, SHARE_LEAST = WHOLE / 64, CALM_ROUNDS = 10, NS_A_MS = 1000000 };

void net_shed_init(struct net_shed *shed, uint64_t most_ns, uint64_t seed)
{
    *shed = (struct net_shed){.most_ns = most_ns, .random = seed, .share = WHOLE};
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
    shed->over_ns = 0;
    shed->calm_ns = 0;
    shed->share = WHOLE;
}

static bool refuses(struct net_shed *shed, uint64_t received_ns, uint64_t now_ns)
{
    if (shed->over_ns == 0 || now_ns - shed->over_ns < NET_SHED_GRACE_NS) {
        return false;
    }
    if (shed->admitted >= NET_SHED_ALWAYS &&
        (now_ns - received_ns > 2 * shed->most_ns || now_ns - shed->round_ns > 2 * shed->most_ns)) {
        return true;
    }
    return lot(shed) >= shed->share;
}

bool net_shed_admit(struct net_shed *shed, uint64_t received_ns, uint64_t now_ns)
{
    if (shed->most_ns == 0) {
        return true;
    }
    if (shed->round_ns == 0) {
        shed->round_ns = now_ns;
        if (shed->over_ns != 0 && now_ns - shed->ended_ns > shed->most_ns) {
            open_gates(shed);
        }
    }
    if (refuses(shed, received_ns, now_ns)) {
        shed->refused++;
        return false;
    }
    shed->admitted++;
    return true;
}

/* Of all that came in this round, the share that would have kept it short. */
static uint32_t fitting_share(const struct net_shed *shed, uint64_t elapsed_ns)
{
    uint64_t offered = (uint64_t)shed->admitted + shed->refused;
    uint64_t fitting = shed->admitted * shed->most_ns / (elapsed_ns == 0 ? 1 : elapsed_ns);
    if (fitting < NET_SHED_ALWAYS) {
        fitting = NET_SHED_ALWAYS;
    }
    if (fitting >= offered) {
        return WHOLE;
    }
    uint64_t share = fitting * WHOLE / offered;
    return share < SHARE_LEAST ? (uint32_t)SHARE_LEAST : (uint32_t)share;
}

void net_shed_round(struct net_shed *shed, uint64_t now_ns)
{
    if (shed->most_ns == 0 || shed->round_ns == 0) {
        return;
    }
    uint32_t share = fitting_share(shed, now_ns - shed->round_ns);
    if (share < WHOLE) {
        shed->calm_ns = 0;
        if (shed->over_ns == 0) {
            shed->over_ns = now_ns;
            shed->share = share;
        }
        shed->share = (shed->share + share) / 2;
    } else if (shed->over_ns != 0) {
        /* One short round among long ones does not open the gates. */
        shed->share = shed->share + (WHOLE - shed->share) / 8;
        if (shed->calm_ns == 0) {
            shed->calm_ns = now_ns;
        } else if (now_ns - shed->calm_ns >= CALM_ROUNDS * shed->most_ns) {
            open_gates(shed);
        }
    }
    shed->ended_ns = now_ns;
    shed->round_ns = 0;
    shed->admitted = 0;
    shed->refused = 0;
}

uint32_t net_shed_retry_ms(const struct net_shed *shed)
{
    uint64_t ms = 10 * shed->most_ns / NS_A_MS;
    return ms < 10 ? 10 : ms > 1000 ? 1000 : (uint32_t)ms;
}
