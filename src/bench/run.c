#include "bench/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench/worker.h"

enum {
    LOOK_NS = 20000000,
    SECOND_NS = 1000000000,
    /* Share of a processor, in 1/1,000, above which a process had none left. */
    BUSY = 970,
};

struct processes {
    const struct bench_plan *plan;
    struct bench_control *control;
    struct bench_worker *workers;
    char *tallies;
    size_t tally_size;
    size_t size; /* of the shared memory */
    pid_t ids[BENCH_PROCESSES_MOST];
    unsigned started;
    unsigned ended;
};

const char *bench_invalid_text(enum bench_invalid bit)
{
    switch (bit) {
    case BENCH_INVALID_LATE:
        return "too many requests were sent later than --max-lag: the generator could not keep up "
               "with the rate";
    case BENCH_INVALID_BUSY:
        return "a process of the generator used a whole processor: it, not the server, was the "
               "limit; more --processes may help";
    default:
        return "no request was measured: the rate is too low or the duration too short";
    }
}

static struct bench_tally *tally_of(const struct processes *processes, unsigned process)
{
    return (struct bench_tally *)(processes->tallies + process * processes->tally_size);
}

static enum base_code map_memory(struct processes *processes, struct base_error *error)
{
    const struct bench_plan *plan = processes->plan;
    size_t head = 4096 + plan->processes * sizeof(struct bench_worker);
    processes->tally_size = (bench_tally_size(bench_plan_seconds(plan)) + 4095) & ~(size_t)4095;
    head = (head + 4095) & ~(size_t)4095;
    processes->size = head + plan->processes * processes->tally_size;
    void *memory =
        mmap(NULL, processes->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the counts of %u processes",
                         plan->processes);
    }
    processes->control = memory;
    processes->workers = (struct bench_worker *)((char *)memory + 4096);
    processes->tallies = (char *)memory + head;
    for (unsigned i = 0; i < plan->processes; i++) {
        bench_tally_init(tally_of(processes, i), bench_plan_seconds(plan));
    }
    return BASE_OK;
}

static _Noreturn void be_worker(const struct processes *processes, unsigned process, pid_t parent)
{
    struct bench_plan share;
    struct bench_worker *worker = &processes->workers[process];
    struct base_error error = {.text = ""};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_TIMERSLACK, 1000);
    signal(SIGINT, SIG_IGN); /* the parent asks for the end */
    if (getppid() != parent) {
        _exit(1);
    }
    bench_plan_share(processes->plan, process, &share);
    bench_worker_run *run =
        share.client == BENCH_CLIENT_LIBHIRSCH ? bench_worker_libhirsch : bench_worker_sp;
    worker->code =
        (int)run(&share, processes->control, worker, tally_of(processes, process), &error);
    snprintf(worker->error, sizeof worker->error, "%s", error.text);
    _exit(0);
}

static enum base_code start_all(struct processes *processes, struct base_error *error)
{
    pid_t parent = getpid();
    for (unsigned i = 0; i < processes->plan->processes; i++) {
        processes->workers[i].code = BASE_INTERNAL;
        snprintf(processes->workers[i].error, BENCH_WORKER_ERROR, "a process ended unexpectedly");
        pid_t id = fork();
        if (id == 0) {
            be_worker(processes, i, parent);
        }
        if (id < 0) {
            return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no process: %s", strerror(errno));
        }
        processes->ids[processes->started++] = id;
    }
    return BASE_OK;
}

/* True while at least one runs. A worker that failed stops the others. */
static bool look_after(struct processes *processes)
{
    for (unsigned i = 0; i < processes->started; i++) {
        int status;
        if (processes->ids[i] > 0 && waitpid(processes->ids[i], &status, WNOHANG) != 0) {
            processes->ids[i] = 0;
            processes->ended++;
            if (processes->workers[i].code != BASE_OK) {
                atomic_store(&processes->control->stop, true);
            }
        }
    }
    return processes->ended < processes->started;
}

static void kill_all(struct processes *processes)
{
    for (unsigned i = 0; i < processes->started; i++) {
        if (processes->ids[i] > 0) {
            kill(processes->ids[i], SIGKILL);
            waitpid(processes->ids[i], NULL, 0);
        }
    }
}

static bool all_ready(const struct processes *processes)
{
    for (unsigned i = 0; i < processes->plan->processes; i++) {
        if (!atomic_load(&processes->workers[i].ready)) {
            return false;
        }
    }
    return true;
}

/* Other processes write these counts while they are read: good enough to look at. */
static void look_at_second(const struct processes *processes, uint32_t second,
                           struct bench_moment *moment)
{
    memset(moment, 0, sizeof *moment);
    moment->second = second;
    moment->warm = bench_plan_is_warm(processes->plan, second);
    for (unsigned i = 0; i < processes->plan->processes; i++) {
        const struct bench_second *from = &tally_of(processes, i)->seconds[second];
        moment->sums.sent += from->sent;
        moment->sums.answered += from->answered;
        moment->sums.failed += from->failed;
        moment->sums.in_flight += from->in_flight;
        bench_coarse_merge(&moment->sums.intended, &from->intended);
        bench_coarse_merge(&moment->sums.actual, &from->actual);
    }
}

/* Until all have ended; true: somebody asked to stop. */
static bool wait_all(struct processes *processes, bench_watch *watch, void *watch_state,
                     uint64_t *stopped_ns)
{
    const struct bench_plan *plan = processes->plan;
    const struct timespec pause = {.tv_nsec = LOOK_NS};
    uint32_t seconds = (uint32_t)((plan->warmup_ns + plan->duration_ns) / SECOND_NS);
    uint32_t next = 0;
    bool stopped = false;
    while (look_after(processes)) {
        uint64_t now_ns = base_clock_monotonic_ns();
        uint64_t start_ns = atomic_load(&processes->control->start_ns);
        if (start_ns == 0 && all_ready(processes)) {
            /* A moment in which all of them wake up and see it. */
            start_ns = now_ns + 10 * UINT64_C(1000000);
            atomic_store(&processes->control->start_ns, start_ns);
        }
        bool tick = start_ns != 0 && now_ns > start_ns + (next + UINT64_C(1)) * SECOND_NS;
        if (watch != NULL && !stopped) {
            struct bench_moment moment;
            bool shown = tick && next < seconds;
            if (shown) {
                look_at_second(processes, next++, &moment);
            }
            if (!watch(watch_state, plan, shown ? &moment : NULL)) {
                stopped = true;
                *stopped_ns = now_ns;
                atomic_store(&processes->control->stop, true);
            }
        }
        nanosleep(&pause, NULL);
    }
    for (; watch != NULL && !stopped && atomic_load(&processes->control->start_ns) != 0 &&
           next < seconds;
         next++) {
        struct bench_moment moment;
        look_at_second(processes, next, &moment);
        watch(watch_state, plan, &moment);
    }
    return stopped;
}

/* One that failed by itself, rather than one that was stopped because of it; NULL: all is well. */
static const struct bench_worker *find_failed(const struct processes *processes)
{
    const struct bench_worker *failed = NULL;
    for (unsigned i = 0; i < processes->plan->processes; i++) {
        const struct bench_worker *worker = &processes->workers[i];
        if (worker->code != BASE_OK && (failed == NULL || failed->code == BASE_CANCELLED)) {
            failed = worker;
        }
    }
    return failed;
}

static enum base_code collect(const struct processes *processes, struct bench_result *result,
                              struct base_error *error)
{
    const struct bench_plan *plan = processes->plan;
    const struct bench_worker *failed = find_failed(processes);
    if (failed != NULL && !(result->interrupted && failed->code == BASE_CANCELLED)) {
        return base_fail(error, (enum base_code)failed->code, "%s", failed->error);
    }
    result->tally = calloc(1, bench_tally_size(bench_plan_seconds(plan)));
    if (result->tally == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the result");
    }
    bench_tally_init(result->tally, bench_plan_seconds(plan));
    for (unsigned i = 0; i < plan->processes; i++) {
        bench_tally_merge(result->tally, tally_of(processes, i), plan->workload.count);
    }
    return BASE_OK;
}

static void judge(const struct bench_plan *plan, struct bench_result *result)
{
    const struct bench_counts *counts = &result->tally->counts;
    uint64_t tried = counts->sent;
    if (counts->scheduled == 0) {
        result->invalid |= BENCH_INVALID_NONE;
    }
    if (!plan->closed && (double)counts->late > plan->late_most * (double)tried) {
        result->invalid |= BENCH_INVALID_LATE;
    }
    if (result->tally->busiest > BUSY) {
        result->invalid |= BENCH_INVALID_BUSY;
    }
}

enum base_code bench_run(const struct bench_plan *plan, bench_watch *watch, void *watch_state,
                         struct bench_result *result, struct base_error *error)
{
    struct processes processes = {.plan = plan};
    struct bench_result made = {.rate_wanted = plan->closed ? 0 : plan->rate,
                                .duration_ns = plan->duration_ns};
    uint64_t stopped_ns = 0;
    enum base_code code = map_memory(&processes, error);
    if (code != BASE_OK) {
        return code;
    }
    code = start_all(&processes, error);
    if (code != BASE_OK) {
        goto unmap;
    }
    made.interrupted = wait_all(&processes, watch, watch_state, &stopped_ns);
    code = collect(&processes, &made, error);
    if (code != BASE_OK) {
        goto unmap;
    }
    uint64_t start_ns = atomic_load(&processes.control->start_ns);
    if (made.interrupted) {
        uint64_t from_ns = start_ns + plan->warmup_ns;
        uint64_t ran_ns = start_ns != 0 && stopped_ns > from_ns ? stopped_ns - from_ns : 0;
        made.duration_ns = ran_ns < plan->duration_ns ? ran_ns : plan->duration_ns;
    }
    judge(plan, &made);
    *result = made;

unmap:
    kill_all(&processes);
    munmap(processes.control, processes.size);
    return code;
}

double bench_result_seconds(const struct bench_result *result)
{
    return (double)result->duration_ns / 1e9;
}

uint32_t bench_result_whole_seconds(const struct bench_plan *plan,
                                    const struct bench_result *result)
{
    uint64_t seconds = (plan->warmup_ns + result->duration_ns) / SECOND_NS;
    uint32_t kept = result->tally->second_count;
    return seconds < kept ? (uint32_t)seconds : kept;
}

double bench_result_rate(const struct bench_result *result)
{
    double seconds = bench_result_seconds(result);
    return seconds > 0 ? (double)result->tally->counts.answered / seconds : 0;
}

double bench_result_failed_share(const struct bench_result *result)
{
    const struct bench_counts *counts = &result->tally->counts;
    return counts->scheduled == 0 ? 0
                                  : (double)bench_counts_failed(counts) / (double)counts->scheduled;
}

void bench_result_fini(struct bench_result *result)
{
    free(result->tally);
    result->tally = NULL;
}
