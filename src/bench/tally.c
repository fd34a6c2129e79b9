#include "bench/tally.h"

#include <string.h>

#include "base/status.h"

size_t bench_tally_size(uint32_t seconds)
{
    return sizeof(struct bench_tally) + seconds * sizeof(struct bench_second);
}

void bench_tally_init(struct bench_tally *tally, uint32_t seconds)
{
    bench_histogram_init(&tally->intended);
    bench_histogram_init(&tally->actual);
    bench_histogram_init(&tally->lag);
    for (size_t i = 0; i < BENCH_OPERATIONS; i++) {
        tally->operations[i].intended.minimum = UINT64_MAX;
    }
    tally->second_count = seconds;
}

static void merge_seconds(struct bench_tally *tally, const struct bench_tally *other)
{
    for (uint32_t i = 0; i < tally->second_count; i++) {
        struct bench_second *to = &tally->seconds[i];
        const struct bench_second *from = &other->seconds[i];
        to->sent += from->sent;
        to->answered += from->answered;
        to->failed += from->failed;
        to->in_flight += from->in_flight;
        bench_coarse_merge(&to->intended, &from->intended);
        bench_coarse_merge(&to->actual, &from->actual);
    }
}

void bench_tally_merge(struct bench_tally *tally, const struct bench_tally *other,
                       size_t operations)
{
    BASE_ASSERT(tally->second_count == other->second_count);
#define BENCH_COUNT_ADD(name, what) tally->counts.name += other->counts.name;
    BENCH_COUNTS(BENCH_COUNT_ADD)
#undef BENCH_COUNT_ADD
    for (size_t i = 0; i < BENCH_CODES; i++) {
        tally->codes[i] += other->codes[i];
    }
    tally->bytes_sent += other->bytes_sent;
    tally->bytes_received += other->bytes_received;
    tally->cpu_ns += other->cpu_ns;
    tally->wall_ns = tally->wall_ns > other->wall_ns ? tally->wall_ns : other->wall_ns;
    tally->busiest = tally->busiest > other->busiest ? tally->busiest : other->busiest;
    tally->reconnects += other->reconnects;
    tally->in_flight_most += other->in_flight_most;
    bench_histogram_merge(&tally->intended, &other->intended);
    bench_histogram_merge(&tally->actual, &other->actual);
    bench_histogram_merge(&tally->lag, &other->lag);
    for (size_t i = 0; i < operations; i++) {
        tally->operations[i].answered += other->operations[i].answered;
        tally->operations[i].failed += other->operations[i].failed;
        bench_histogram_merge(&tally->operations[i].intended, &other->operations[i].intended);
    }
    if (tally->reason[0] == '\0') {
        memcpy(tally->reason, other->reason, sizeof tally->reason);
    }
    merge_seconds(tally, other);
}
