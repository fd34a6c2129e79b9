/* A log-linear histogram of durations: fixed memory, three significant digits from one microsecond
 * to a minute. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

enum {
    /* Buckets of equal width a power of two: 2^10, so a bucket is at most 1/1024 of its value
     * wide. */
    BENCH_HISTOGRAM_BITS = 10,
    /* Powers of two above the first linear run; values from 2^37 ns (137 s) on fall into the last
     * bucket. */
    BENCH_HISTOGRAM_POWERS = 27,
    BENCH_HISTOGRAM_BUCKETS = (BENCH_HISTOGRAM_POWERS + 1) << BENCH_HISTOGRAM_BITS,
    /* The same with 1/32: one for each second of a run. */
    BENCH_COARSE_BITS = 5,
    BENCH_COARSE_BUCKETS = (37 - BENCH_COARSE_BITS + 1) << BENCH_COARSE_BITS,
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
/* Of the buckets' ends around the mean. */
double bench_histogram_deviation(const struct bench_histogram *histogram);
/* The greatest value that falls into the bucket. */
uint64_t bench_histogram_bucket_end(unsigned bucket);

struct bench_coarse {
    uint32_t count;
    uint32_t buckets[BENCH_COARSE_BUCKETS];
};

/* All zeros is an empty one. */
void bench_coarse_record(struct bench_coarse *coarse, uint64_t value);
void bench_coarse_merge(struct bench_coarse *coarse, const struct bench_coarse *other);
/* As bench_histogram_at, but for the maximum, which it does not know. */
uint64_t bench_coarse_at(const struct bench_coarse *coarse, double share);

#endif
