/* xxh3: fast hashes of bytes, for checksums and tables; no defence against someone who wants
 * collisions. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/bytes.h"

uint64_t base_hash64(struct base_slice bytes);
uint64_t base_hash64_seed(struct base_slice bytes, uint64_t seed);

/* The hash of the parts one behind the other. */
uint64_t base_hash64_parts(const struct base_slice *parts, size_t count);

struct base_hash128 {
    uint64_t low;
    uint64_t high;
};

struct base_hash128 base_hash128(struct base_slice bytes);

#endif
