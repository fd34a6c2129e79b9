/* Which key is asked next: uniform or Zipf, from a seed, so that a run can be repeated. */
#ifndef BENCH_KEYS_H
#define BENCH_KEYS_H

#include <stdint.h>

enum bench_spread {
    BENCH_UNIFORM,
    BENCH_ZIPF, /* exponent 0.99, the first keys most often */
};

struct bench_keys {
    uint64_t state;
    uint32_t count;
    enum bench_spread spread;
    /* of Gray et al., "Quickly generating billion-record synthetic databases", 1994 */
    double alpha;
    double eta;
    double zeta;
    double half;
};

/* count is at least 1. Takes time in proportion to count for Zipf. */
void bench_keys_init(struct bench_keys *keys, enum bench_spread spread, uint32_t count,
                     uint64_t seed);
/* 0 … count - 1. */
uint32_t bench_keys_next(struct bench_keys *keys);

#endif
