#include "bench/keys.h"

#include <math.h>

#include "base/status.h"

static const double zipf_exponent = 0.99;

void bench_keys_init(struct bench_keys *keys, enum bench_spread spread, uint32_t count,
                     uint64_t seed)
{
    BASE_ASSERT(count > 0);
    *keys = (struct bench_keys){.state = seed, .count = count, .spread = spread};
    if (spread != BENCH_ZIPF) {
        return;
    }
    for (uint32_t i = 1; i <= count; i++) {
        keys->zeta += 1.0 / pow(i, zipf_exponent);
    }
    keys->half = 1.0 + pow(0.5, zipf_exponent);
    keys->alpha = 1.0 / (1.0 - zipf_exponent);
    keys->eta =
        count < 3 ? 1.0
                  : (1.0 - pow(2.0 / count, 1.0 - zipf_exponent)) / (1.0 - keys->half / keys->zeta);
}

/* splitmix64: every seed gives a full period, 0 included. */
static uint64_t next_bits(struct bench_keys *keys)
{
    uint64_t bits = (keys->state += UINT64_C(0x9e3779b97f4a7c15));
    bits = (bits ^ (bits >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ (bits >> 27)) * UINT64_C(0x94d049bb133111eb);
    return bits ^ (bits >> 31);
}

uint32_t bench_keys_next(struct bench_keys *keys)
{
    uint64_t bits = next_bits(keys);
    if (keys->spread == BENCH_UNIFORM) {
        return (uint32_t)(((bits >> 32) * keys->count) >> 32);
    }
    double unit = (double)(bits >> 11) * 0x1p-53;
    double scaled = unit * keys->zeta;
    if (scaled < 1.0) {
        return 0;
    }
    if (scaled < keys->half) {
        return keys->count > 1 ? 1 : 0;
    }
    double rank = keys->count * pow(keys->eta * unit - keys->eta + 1.0, keys->alpha);
    uint32_t key = rank < 0 ? 0 : (uint32_t)rank;
    return key < keys->count ? key : keys->count - 1;
}
