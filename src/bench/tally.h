/* What was counted in one run: plain memory of a fixed size, so that processes can share it and
 * their counts add up without loss. */
#ifndef BENCH_TALLY_H
#define BENCH_TALLY_H

#include "bench/histogram.h"
#include "bench/workload.h"

enum { BENCH_CODES = 17, BENCH_REASON = 240 };

/* Of the requests whose intended time lies in the measured part of the run. scheduled = answered +
 * errors + wrong + lost + timed_out + dropped, once the run is over. name, what it counts. */
#define BENCH_COUNTS(X)                                                                            \
    X(scheduled, "requests that were due")                                                         \
    X(sent, "requests that were sent")                                                             \
    X(answered, "right answers, expected misses included")                                         \
    X(items, "ids answered for: those of a batch one by one")                                      \
    X(errors, "answers with a code that was not expected")                                         \
    X(wrong, "answers that verification rejected")                                                 \
    X(lost, "requests whose connection broke")                                                     \
    X(timed_out, "requests sent and not answered in time")                                         \
    X(dropped, "requests never sent: their time was up before a place was free")                   \
    X(late, "requests that the generator itself sent later than --max-lag, or not at all")         \
    X(misses, "answers NOT_FOUND that were expected")                                              \
    X(verified, "answers unpacked and compared with the request")                                  \
    X(strays, "answers that came after their request was given up")

struct bench_counts {
#define BENCH_COUNT_MEMBER(name, what) uint64_t name;
    BENCH_COUNTS(BENCH_COUNT_MEMBER)
#undef BENCH_COUNT_MEMBER
};

/* One second of a run, warm-up included, by the time at which things happened. */
struct bench_second {
    uint64_t sent;
    uint64_t answered;
    uint64_t failed; /* errors, wrong, lost, timed out, dropped */
    uint64_t in_flight;
    struct bench_coarse intended;
    struct bench_coarse actual;
};

struct bench_operation_tally {
    uint64_t answered;
    uint64_t failed;
    struct bench_histogram intended;
};

struct bench_tally {
    struct bench_counts counts;
    uint64_t codes[BENCH_CODES]; /* of errors; [2], UNKNOWN, has codes of no name too */
    uint64_t bytes_sent;
    uint64_t bytes_received;
    uint64_t cpu_ns; /* of the generator while it measured */
    uint64_t wall_ns;
    uint64_t busiest; /* the greatest share of a processor that one process took, in 1/1,000 */
    uint64_t reconnects;
    uint64_t in_flight_most;
    /* Nanoseconds; right answers, and what was given up with the time until then. */
    struct bench_histogram intended; /* from when the request should have been sent */
    struct bench_histogram actual;   /* from when it was sent */
    struct bench_histogram lag;      /* sent later than it should and could have been */
    struct bench_operation_tally operations[BENCH_OPERATIONS];
    char reason[BENCH_REASON]; /* the first thing that went wrong, as a sentence */
    uint32_t second_count;
    struct bench_second seconds[];
};

size_t bench_tally_size(uint32_t seconds);
/* memory is all zeros. */
void bench_tally_init(struct bench_tally *tally, uint32_t seconds);
/* Both of the same number of seconds. */
void bench_tally_merge(struct bench_tally *tally, const struct bench_tally *other,
                       size_t operations);

static inline uint64_t bench_counts_failed(const struct bench_counts *counts)
{
    return counts->errors + counts->wrong + counts->lost + counts->timed_out + counts->dropped;
}

#endif
