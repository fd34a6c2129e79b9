/* A log-linear histogram of durations: fixed memory, every value within 1/128 of what was
 * recorded. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

enum {
    /* Buckets of equal width a power of two: 2^7, so a bucket is at most 1/128 of its value
     * wide. */
    BENCH_HISTOGRAM_BITS = 7,
    /* Powers of two above the first linear run; values from 2^42 ns (73 minutes) on fall into the
     * last bucket. */
    BENCH_HISTOGRAM_POWERS = 35,
    BENCH_HISTOGRAM_BUCKETS = (BENCH_HISTOGRAM_POWERS + 1) << BENCH_HISTOGRAM_BITS,
};

struct bench_histogram {
    uint64_t count;
    uint64_t sum;
    uint64_t minimum; /* exact; UINT64_MAX while count is 0 */
    uint64_t maximum; /* exact */
    uint64_t buckets[BENCH_HISTOGRAM_BUCKETS];
};

void bench_histogram_init(struct bench_histogram *histogram);
void bench_histogram_record(struct bench_histogram *histogram, uint64_t value);
/* Adds everything of other. */
void bench_histogram_merge(struct bench_histogram *histogram, const struct bench_histogram *other);

/* The smallest recorded value, rounded up to its bucket's end and at most the maximum, such that at
 * least share of all values are not above it. share is 0 to 1: 0.5 the median, 0.999 p99.9. 0 while
 * nothing is recorded. */
uint64_t bench_histogram_at(const struct bench_histogram *histogram, double share);
double bench_histogram_mean(const struct bench_histogram *histogram);

#endif
