#include "bench/histogram.h"

#include <math.h>
#include <string.h>

#include "base/status.h"

void bench_histogram_init(struct bench_histogram *histogram)
{
    memset(histogram, 0, sizeof *histogram);
    histogram->minimum = UINT64_MAX;
}

/* Values below 2^bits have a bucket each; above, the top bits behind the leading one choose it. */
static unsigned bucket_of(uint64_t value, unsigned bits, unsigned buckets)
{
    if (value < (UINT64_C(1) << bits)) {
        return (unsigned)value;
    }
    unsigned power = 63 - (unsigned)__builtin_clzll(value);
    unsigned shift = power - bits;
    if (shift + 1 >= buckets >> bits) {
        return buckets - 1;
    }
    unsigned within = (unsigned)(value >> shift) - (1u << bits);
    return ((shift + 1) << bits) + within;
}

/* The greatest value that falls into the bucket. */
static uint64_t bucket_end(unsigned bucket, unsigned bits)
{
    if (bucket < (1u << bits)) {
        return bucket;
    }
    unsigned shift = (bucket >> bits) - 1;
    uint64_t within = bucket & ((1u << bits) - 1);
    return ((within + (UINT64_C(1) << bits) + 1) << shift) - 1;
}

uint64_t bench_histogram_bucket_end(unsigned bucket)
{
    return bucket_end(bucket, BENCH_HISTOGRAM_BITS);
}

void bench_histogram_record(struct bench_histogram *histogram, uint64_t value)
{
    histogram->count++;
    histogram->sum += value;
    if (value < histogram->minimum) {
        histogram->minimum = value;
    }
    if (value > histogram->maximum) {
        histogram->maximum = value;
    }
    histogram->buckets[bucket_of(value, BENCH_HISTOGRAM_BITS, BENCH_HISTOGRAM_BUCKETS)]++;
}

void bench_histogram_merge(struct bench_histogram *histogram, const struct bench_histogram *other)
{
    histogram->count += other->count;
    histogram->sum += other->sum;
    if (other->minimum < histogram->minimum) {
        histogram->minimum = other->minimum;
    }
    if (other->maximum > histogram->maximum) {
        histogram->maximum = other->maximum;
    }
    for (unsigned i = 0; i < BENCH_HISTOGRAM_BUCKETS; i++) {
        histogram->buckets[i] += other->buckets[i];
    }
}

static uint64_t wanted_of(double share, uint64_t count)
{
    BASE_ASSERT(share >= 0 && share <= 1);
    uint64_t wanted = (uint64_t)ceil(share * (double)count);
    return wanted < count ? wanted : count;
}

uint64_t bench_histogram_at(const struct bench_histogram *histogram, double share)
{
    uint64_t wanted = wanted_of(share, histogram->count);
    if (histogram->count == 0) {
        return 0;
    }
    if (wanted == 0) {
        return histogram->minimum;
    }
    uint64_t seen = 0;
    for (unsigned i = 0; i < BENCH_HISTOGRAM_BUCKETS - 1; i++) {
        seen += histogram->buckets[i];
        if (seen >= wanted) {
            uint64_t end = bench_histogram_bucket_end(i);
            return end < histogram->maximum ? end : histogram->maximum;
        }
    }
    return histogram->maximum;
}

double bench_histogram_mean(const struct bench_histogram *histogram)
{
    return histogram->count == 0 ? 0.0 : (double)histogram->sum / (double)histogram->count;
}

double bench_histogram_deviation(const struct bench_histogram *histogram)
{
    double mean = bench_histogram_mean(histogram);
    double squares = 0;
    for (unsigned i = 0; i < BENCH_HISTOGRAM_BUCKETS; i++) {
        if (histogram->buckets[i] > 0) {
            double distance = (double)bench_histogram_bucket_end(i) - mean;
            squares += distance * distance * (double)histogram->buckets[i];
        }
    }
    return histogram->count == 0 ? 0.0 : sqrt(squares / (double)histogram->count);
}

void bench_coarse_record(struct bench_coarse *coarse, uint64_t value)
{
    coarse->count++;
    coarse->buckets[bucket_of(value, BENCH_COARSE_BITS, BENCH_COARSE_BUCKETS)]++;
}

void bench_coarse_merge(struct bench_coarse *coarse, const struct bench_coarse *other)
{
    coarse->count += other->count;
    for (unsigned i = 0; other->count > 0 && i < BENCH_COARSE_BUCKETS; i++) {
        coarse->buckets[i] += other->buckets[i];
    }
}

uint64_t bench_coarse_at(const struct bench_coarse *coarse, double share)
{
    uint64_t wanted = wanted_of(share, coarse->count);
    uint64_t seen = 0;
    for (unsigned i = 0; coarse->count > 0 && i < BENCH_COARSE_BUCKETS; i++) {
        seen += coarse->buckets[i];
        if (seen >= wanted && seen > 0) {
            return bucket_end(i, BENCH_COARSE_BITS);
        }
    }
    return 0;
}
