/* A small generator of random numbers: splitmix64, every seed a full period, state of one word. */
#ifndef BENCH_RANDOM_H
#define BENCH_RANDOM_H

#include <stdint.h>

static inline uint64_t bench_random(uint64_t *state)
{
    uint64_t bits = (*state += UINT64_C(0x9e3779b97f4a7c15));
    bits = (bits ^ (bits >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ (bits >> 27)) * UINT64_C(0x94d049bb133111eb);
    return bits ^ (bits >> 31);
}

/* 0 <= unit < 1 */
static inline double bench_random_unit(uint64_t *state)
{
    return (double)(bench_random(state) >> 11) * 0x1p-53;
}

/* 0 … count - 1; count is at least 1. */
static inline uint32_t bench_random_below(uint64_t *state, uint32_t count)
{
    return (uint32_t)(((bench_random(state) >> 32) * count) >> 32);
}

#endif
