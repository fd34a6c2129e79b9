/* When requests are due in an open loop: Poisson or evenly spaced arrivals, exact over any length
 * of time. */
#ifndef BENCH_SCHEDULE_H
#define BENCH_SCHEDULE_H

#include "bench/plan.h"

struct bench_schedule {
    enum bench_arrivals arrivals;
    double gap_ns; /* mean */
    double at_ns;  /* since the start; a double holds nanoseconds exactly for 104 days */
    uint64_t state;
};

void bench_schedule_init(struct bench_schedule *schedule, enum bench_arrivals arrivals, double rate,
                         uint64_t seed);
/* Nanoseconds since the start, never less than before. */
uint64_t bench_schedule_next(struct bench_schedule *schedule);

#endif
