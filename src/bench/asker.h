/* Makes requests of a workload, and judges their answers: draws operation and keys from a seed that
 * a request keeps, so that its keys can be drawn again when the answer comes. */
#ifndef BENCH_ASKER_H
#define BENCH_ASKER_H

#include "base/arena.h"
#include "bench/plan.h"

struct bench_asker {
    const struct bench_plan *plan;   /* borrowed */
    double shares[BENCH_OPERATIONS]; /* summed up */
    struct bench_keys keys[BENCH_OPERATIONS];
    struct base_slice *chosen; /* BENCH_KEYS_MOST */
    char *missing;             /* texts of ids that name nothing */
    struct base_buffer payload;
    struct base_arena arena;
    uint64_t state;
    uint64_t verify_state;
};

/* What was asked, in little. */
struct bench_question {
    uint64_t seed;
    uint16_t operation;
    uint16_t page; /* of a walk, from 0 */
};

enum bench_verdict { BENCH_RIGHT, BENCH_MISSED, BENCH_ERROR, BENCH_WRONG };

enum base_code bench_asker_init(struct bench_asker *asker, const struct bench_plan *plan,
                                struct base_error *error);
void bench_asker_fini(struct bench_asker *asker);

/* The next question, and its request message, which lives until the next call. False: memory is
 * out. */
bool bench_asker_next(struct bench_asker *asker, struct bench_question *question,
                      struct base_slice *payload);
/* The next page of a walk; false when there is none. */
bool bench_asker_follow(struct bench_asker *asker, struct bench_question *question,
                        struct base_slice answer, struct base_slice *payload);

/* code and answer as they came. verified says whether the answer was unpacked; on WRONG, error says
 * why. */
enum bench_verdict bench_asker_judge(struct bench_asker *asker,
                                     const struct bench_question *question, uint32_t code,
                                     struct base_slice answer, bool *verified,
                                     struct base_error *error);

const struct bench_operation *bench_asker_operation(const struct bench_asker *asker,
                                                    const struct bench_question *question);

#endif
