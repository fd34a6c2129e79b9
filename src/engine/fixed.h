/* Sums of fractions in fixed point, so that the order of adding changes nothing: 64 bits behind the
 * point. Private to the engine. */
#ifndef ENGINE_FIXED_H
#define ENGINE_FIXED_H

#include <stdint.h>

__extension__ typedef unsigned __int128 engine_fixed;

/* 1/divisor, at most 2^-64 too low; 1 itself is 1 - 2^-64, which as a double is 1. */
static inline uint64_t engine_fixed_share(uint64_t divisor)
{
    return UINT64_MAX / divisor;
}

/* count/divisor, at most count * 2^-64 too low. */
static inline engine_fixed engine_fixed_ratio(uint64_t count, uint64_t divisor)
{
    return (engine_fixed)count * engine_fixed_share(divisor);
}

static inline double engine_fixed_value(engine_fixed sum)
{
    return (double)sum * 0x1p-64;
}

#endif
