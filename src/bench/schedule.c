#include "bench/schedule.h"

#include <math.h>

#include "bench/random.h"

void bench_schedule_init(struct bench_schedule *schedule, enum bench_arrivals arrivals, double rate,
                         uint64_t seed)
{
    *schedule = (struct bench_schedule){.arrivals = arrivals, .gap_ns = 1e9 / rate, .state = seed};
    if (arrivals == BENCH_EVEN) {
        /* Processes that begin together do not send together. */
        schedule->at_ns = -schedule->gap_ns * bench_random_unit(&schedule->state);
    }
}

uint64_t bench_schedule_next(struct bench_schedule *schedule)
{
    double gap_ns = schedule->gap_ns;
    if (schedule->arrivals == BENCH_POISSON) {
        gap_ns *= -log1p(-bench_random_unit(&schedule->state));
    }
    schedule->at_ns += gap_ns;
    return (uint64_t)(schedule->at_ns < 0 ? 0 : schedule->at_ns);
}
