#include "bench/histogram.h"

#include <math.h>
#include <string.h>

#include "base/status.h"

void bench_histogram_init(struct bench_histogram *histogram)
{
    memset(histogram, 0, sizeof *histogram);
    histogram->minimum = UINT64_MAX;
}

/* Values below 2^BITS have a bucket each; above, the top BITS bits behind the leading one choose
 * it. */
static unsigned bucket_of(uint64_t value)
{
    if (value < (UINT64_C(1) << BENCH_HISTOGRAM_BITS)) {
        return (unsigned)value;
    }
    unsigned power = 63 - (unsigned)__builtin_clzll(value);
    unsigned shift = power - BENCH_HISTOGRAM_BITS;
    if (shift >= BENCH_HISTOGRAM_POWERS) {
        return BENCH_HISTOGRAM_BUCKETS - 1;
    }
    unsigned within = (unsigned)(value >> shift) - (1u << BENCH_HISTOGRAM_BITS);
    return ((shift + 1) << BENCH_HISTOGRAM_BITS) + within;
}

/* The greatest value that falls into the bucket. */
static uint64_t bucket_end(unsigned bucket)
{
    if (bucket < (1u << BENCH_HISTOGRAM_BITS)) {
        return bucket;
    }
    unsigned shift = (bucket >> BENCH_HISTOGRAM_BITS) - 1;
    uint64_t within = bucket & ((1u << BENCH_HISTOGRAM_BITS) - 1);
    return ((within + (UINT64_C(1) << BENCH_HISTOGRAM_BITS) + 1) << shift) - 1;
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
    histogram->buckets[bucket_of(value)]++;
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

uint64_t bench_histogram_at(const struct bench_histogram *histogram, double share)
{
    BASE_ASSERT(share >= 0 && share <= 1);
    if (histogram->count == 0) {
        return 0;
    }
    uint64_t wanted = (uint64_t)ceil(share * (double)histogram->count);
    if (wanted == 0) {
        return histogram->minimum;
    }
    uint64_t seen = 0;
    for (unsigned i = 0; i < BENCH_HISTOGRAM_BUCKETS - 1; i++) {
        seen += histogram->buckets[i];
        if (seen >= wanted) {
            uint64_t end = bucket_end(i);
            return end < histogram->maximum ? end : histogram->maximum;
        }
    }
    return histogram->maximum;
}

double bench_histogram_mean(const struct bench_histogram *histogram)
{
    return histogram->count == 0 ? 0.0 : (double)histogram->sum / (double)histogram->count;
}
