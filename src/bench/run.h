/* A run from start to end: processes that share their counts with this one, and the sum of all. */
#ifndef BENCH_RUN_H
#define BENCH_RUN_H

#include "bench/plan.h"
#include "bench/tally.h"

/* Why a run says nothing about the server: bits. */
enum bench_invalid {
    BENCH_INVALID_LATE = 1, /* too many requests were sent late */
    BENCH_INVALID_BUSY = 2, /* a process of the generator had no processor time left */
    BENCH_INVALID_NONE = 4, /* nothing was measured */
};

/* A sentence for one of the bits. */
const char *bench_invalid_text(enum bench_invalid bit);

struct bench_result {
    double rate_wanted;   /* open loop; 0: closed */
    uint64_t duration_ns; /* measured part; shorter than planned when interrupted */
    unsigned invalid;     /* bits of enum bench_invalid */
    bool interrupted;
    struct bench_tally *tally; /* owned; of all processes */
};

/* What is going on, for a live view. */
struct bench_moment {
    uint32_t second; /* that ended last, from 0, warm-up included */
    bool warm;       /* it belongs to the warm-up */
    struct bench_second sums;
};

/* Called often while a run is under way: once a second with what that second was, in between with
 * NULL. False: stop it. */
typedef bool bench_watch(void *state, const struct bench_plan *plan,
                         const struct bench_moment *moment);

/* Starts plan->processes processes, waits for all. The caller has no threads and no open clients of
 * libhirsch. UNAVAILABLE: the server cannot be reached. */
enum base_code bench_run(const struct bench_plan *plan, bench_watch *watch, void *watch_state,
                         struct bench_result *result, struct base_error *error);
void bench_result_fini(struct bench_result *result);

double bench_result_seconds(const struct bench_result *result);
/* Seconds of the series, warm-up included; one that was begun and not ended is none. */
uint32_t bench_result_whole_seconds(const struct bench_plan *plan,
                                    const struct bench_result *result);
/* Answers a second. */
double bench_result_rate(const struct bench_result *result);
double bench_result_failed_share(const struct bench_result *result);

#endif
