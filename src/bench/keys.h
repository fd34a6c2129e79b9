/* Which key is asked next: uniform, Zipf, latest or hotspot, from a seed, so that a run can be
 * repeated. */
#ifndef BENCH_KEYS_H
#define BENCH_KEYS_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"

enum bench_spread {
    BENCH_UNIFORM,
    BENCH_ZIPF,    /* the first keys most often */
    BENCH_LATEST,  /* Zipf from the end of the list */
    BENCH_HOTSPOT, /* a share of the keys takes a share of the requests */
};

/* What `--keys` says. */
struct bench_spread_options {
    enum bench_spread spread;
    double theta;    /* ZIPF, LATEST: exponent, 0 < theta <= 10 */
    double hot_keys; /* HOTSPOT: shares, between 0 and 1 */
    double hot_asks;
};

/* "uniform", "zipf", "zipf:THETA", "latest", "latest:THETA", "hotspot", "hotspot:KEYS/REQUESTS"
 * with shares as "20%/80%". */
enum base_code bench_spread_parse(const char *text, struct bench_spread_options *options,
                                  struct base_error *error);
void bench_spread_name(const struct bench_spread_options *options, char *to, size_t room);

/* Constants of one distribution over one list; draws come from the caller's random state. */
struct bench_keys {
    struct bench_spread_options options;
    uint32_t count;
    /* rejection-inversion: W. Hörmann, G. Derflinger, "Rejection-inversion to generate variates
     * from monotone discrete distributions", 1996 */
    double first; /* H(1.5) - 1 */
    double last;  /* H(count + 0.5) */
    double accept;
    uint32_t hot;
};

/* count is at least 1. */
void bench_keys_init(struct bench_keys *keys, const struct bench_spread_options *options,
                     uint32_t count);
/* 0 … count - 1. */
uint32_t bench_keys_next(const struct bench_keys *keys, uint64_t *state);

#endif
