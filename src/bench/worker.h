/* One process of a run: a driver on its transport, from the first connection to the last answer. */
#ifndef BENCH_WORKER_H
#define BENCH_WORKER_H

#include <stdatomic.h>

#include "bench/plan.h"
#include "bench/tally.h"

enum { BENCH_WORKER_ERROR = BASE_ERROR_TEXT };

/* Shared by all processes of a run. */
struct bench_control {
    _Atomic uint64_t start_ns; /* of the monotonic clock; 0: not known yet */
    atomic_bool stop;          /* end early, with what there is */
};

/* Shared by a worker and the process that started it. */
struct bench_worker {
    atomic_bool ready; /* connected: waits for the start */
    int code;          /* enum base_code, when the worker has ended */
    char error[BENCH_WORKER_ERROR];
};

/* What a transport is: opens its connections, runs the plan, fills the tally. */
typedef enum base_code bench_worker_run(const struct bench_plan *plan,
                                        struct bench_control *control, struct bench_worker *worker,
                                        struct bench_tally *tally, struct base_error *error);

/* On the event loops of src/net. */
bench_worker_run bench_worker_sp;
/* Through libhirsch, what a program that calls the library gets. */
bench_worker_run bench_worker_libhirsch;

/* Connections have so long to come up before a run. */
#define BENCH_CONNECT_NS UINT64_C(10000000000)

/* Processor time of this process so far. */
uint64_t bench_worker_cpu_ns(void);

#endif
