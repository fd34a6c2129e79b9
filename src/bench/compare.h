/* Two results side by side: by how much each measure moved, within which interval, and whether that
 * is a regression. Pure. */
#ifndef BENCH_COMPARE_H
#define BENCH_COMPARE_H

#include "base/buffer.h"
#include "base/status.h"

/* The ratio of the medians of two sets of samples, and the interval that holds it with 95 %: by
 * resampling with a fixed seed, so that the same samples give the same interval. */
struct bench_interval {
    double ratio;
    double low;
    double high;
};

/* Counts of at least 1; samples from 0 on. */
void bench_ratio_interval(const double *before, size_t before_count, const double *after,
                          size_t after_count, struct bench_interval *interval);

struct bench_comparison {
    bool regressed;
    bool improved;
    bool invalid; /* one of the results says so itself */
    bool judged;  /* at least one measure had samples enough for a verdict */
};

/* Texts are JSON results of `hirsch bench --json`. tolerance: a measure that is worse by no more
 * than this share is no regression (0.05). Appends a table. INVALID_ARGUMENT: not such a result, or
 * nothing to judge. */
enum base_code bench_compare(struct base_slice before, struct base_slice after, double tolerance,
                             struct base_buffer *out, struct bench_comparison *comparison,
                             struct base_error *error);

#endif
