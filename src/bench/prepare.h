/* Before a run: what is served, and the ids and words that may be asked for. */
#ifndef BENCH_PREPARE_H
#define BENCH_PREPARE_H

#include "base/arena.h"
#include "bench/plan.h"

enum { BENCH_SAMPLE_MOST = 1000000, BENCH_TEXT = 80 };

/* What the daemon said it serves. */
struct bench_dataset {
    bool known;
    char id[BENCH_TEXT];
    char epoch[BENCH_TEXT];
    uint64_t sequence;
    uint32_t papers;
    uint32_t authors;
    uint64_t citations;
};

struct bench_preparation {
    const char *urls;
    uint32_t timeout_ms;
    const char *ids_path; /* NULL: drawn from the served records */
    uint32_t sample;      /* ids of each kind to draw */
    uint64_t seed;
};

/* Fills plan->lists for the workload of plan, and plan->authorization; they live in the arena. Also
 * plan->put_base: the same store and seed give the same run, a store that grew other records. All
 * connections are closed when it returns. NOT_FOUND: nothing is served that could be asked for. */
enum base_code bench_prepare(const struct bench_preparation *preparation, struct base_arena *arena,
                             struct bench_plan *plan, struct bench_dataset *dataset,
                             struct base_error *error);

#endif
