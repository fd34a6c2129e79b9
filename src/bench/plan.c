#include "bench/plan.h"

#include "bench/random.h"

enum { SECOND_NS = 1000000000 };

void bench_plan_share(const struct bench_plan *plan, unsigned process, struct bench_plan *share)
{
    uint64_t seed = plan->seed ^ (uint64_t)process << 32;
    *share = *plan;
    share->connections = plan->connections / plan->processes +
                         (process < plan->connections % plan->processes ? 1 : 0);
    share->rate = plan->rate / plan->processes;
    share->seed = bench_random(&seed);
}

uint32_t bench_plan_seconds(const struct bench_plan *plan)
{
    return (uint32_t)((plan->warmup_ns + plan->duration_ns + 2 * plan->timeout_ns) / SECOND_NS) + 2;
}

bool bench_plan_is_warm(const struct bench_plan *plan, uint32_t second)
{
    return second * (uint64_t)SECOND_NS < plan->warmup_ns;
}
