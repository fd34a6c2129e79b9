/* Objectives as people write them, "p99<5ms,errors<0.1%", and whether a run keeps them. */
#ifndef BENCH_SLO_H
#define BENCH_SLO_H

#include "bench/tally.h"

enum { BENCH_OBJECTIVES = 8, BENCH_OBJECTIVE_TEXT = 48 };

enum bench_measure { BENCH_PERCENTILE, BENCH_MAXIMUM, BENCH_MEAN, BENCH_FAILED_SHARE, BENCH_RATE };

struct bench_objective {
    enum bench_measure measure;
    double percentile; /* 0 to 1 */
    bool above;        /* the measure has to be above the bound, not below */
    bool equal;        /* or equal to it */
    double bound;      /* nanoseconds, share, or requests a second */
    char text[BENCH_OBJECTIVE_TEXT];
};

struct bench_slo {
    struct bench_objective objectives[BENCH_OBJECTIVES];
    size_t count;
};

/* Measures: p50 to p99.999, max and mean (latency from the intended send), errors (share of failed
 * requests), rate (answers a second); < <= > >= between measure and bound. */
enum base_code bench_slo_parse(const char *text, struct bench_slo *slo, struct base_error *error);

/* The measure's value in a run of so many seconds; NAN, which keeps no bound, for a latency where
 * none was recorded. */
double bench_objective_value(const struct bench_objective *objective,
                             const struct bench_tally *tally, double seconds);
bool bench_objective_kept(const struct bench_objective *objective, double value);
/* All of them. */
bool bench_slo_kept(const struct bench_slo *slo, const struct bench_tally *tally, double seconds);

#endif
