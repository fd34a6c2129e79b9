#define XXH_INLINE_ALL
#include "base/hash.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#include <xxhash.h>
#pragma GCC diagnostic pop

static const char nothing[1];

uint64_t base_hash64(struct base_slice bytes)
{
    return XXH3_64bits(bytes.size == 0 ? nothing : bytes.data, bytes.size);
}

uint64_t base_hash64_seed(struct base_slice bytes, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes.size == 0 ? nothing : bytes.data, bytes.size, seed);
}

uint64_t base_hash64_parts(const struct base_slice *parts, size_t count)
{
    XXH3_state_t state;
    XXH3_INITSTATE(&state);
    XXH3_64bits_reset(&state);
    for (size_t i = 0; i < count; i++) {
        if (parts[i].size > 0) {
            XXH3_64bits_update(&state, parts[i].data, parts[i].size);
        }
    }
    return XXH3_64bits_digest(&state);
}

struct base_hash128 base_hash128(struct base_slice bytes)
{
    XXH128_hash_t hash = XXH3_128bits(bytes.size == 0 ? nothing : bytes.data, bytes.size);
    return (struct base_hash128){hash.low64, hash.high64};
}
