#include "bench/worker.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "bench/driver.h"
#include "hirsch/client.h"

enum { LOOK_NS = 20000000 };

struct pending {
    struct worker *worker;
    uint32_t id;
    struct pending *next_free;
};

struct worker {
    const struct bench_plan *plan;
    struct bench_tally *tally;
    struct bench_driver *driver;
    hirsch_client *client;
    struct pending *pendings;
    struct pending *free_pending;
    uint64_t cpu_ns;
    uint64_t from_ns;
    bool measured;
};

static uint64_t now(void *state)
{
    (void)state;
    return base_clock_monotonic_ns();
}

static void on_done(const struct hirsch_completion *completion)
{
    struct pending *pending = completion->context;
    struct worker *worker = pending->worker;
    const struct hirsch_bytes *bytes = completion->result;
    struct base_slice payload = {NULL, 0};
    struct base_slice message = {NULL, 0};
    uint32_t id = pending->id;
    if (bytes != NULL) {
        payload = base_slice(bytes->data, bytes->size);
        worker->tally->bytes_received += bytes->size;
    }
    if (completion->error != NULL) {
        message = base_slice_text(completion->error->text);
    }
    pending->next_free = worker->free_pending;
    worker->free_pending = pending;
    bench_driver_reply(worker->driver, id, (uint32_t)completion->code, payload, message,
                       base_clock_monotonic_ns());
    hirsch_free(completion->result);
    hirsch_free(completion->error);
}

static bool send_request(void *state, unsigned connection, uint32_t id, const char *method,
                         struct base_slice payload)
{
    struct worker *worker = state;
    struct pending *pending = worker->free_pending;
    struct hirsch_call_options call = HIRSCH_CALL_OPTIONS_INIT;
    (void)connection;
    if (pending == NULL) {
        return false;
    }
    worker->free_pending = pending->next_free;
    pending->id = id;
    call.done = on_done;
    call.context = pending;
    call.to_writer = strstr(method, "/PutRecords") != NULL;
    call.send_once = call.to_writer;
    worker->tally->bytes_sent += payload.size;
    if (hirsch_call(worker->client, method, payload.data, payload.size, &call, NULL, NULL) !=
        HIRSCH_OK) {
        pending->next_free = worker->free_pending;
        worker->free_pending = pending;
        return false;
    }
    return true;
}

static enum base_code open_client(struct worker *worker, struct base_error *error)
{
    struct hirsch_options options = HIRSCH_OPTIONS_INIT;
    hirsch_error *why = NULL;
    enum hirsch_serving_status status;
    options.endpoints = worker->plan->urls;
    options.key_file = worker->plan->key_file;
    /* Longer than the driver waits, so that what times out is counted as that, not as an error. */
    uint64_t timeout_ms = worker->plan->timeout_ns / 1000000 * 3 / 2 + 1;
    options.timeout_ms =
        timeout_ms < HIRSCH_MAX_TIMEOUT_MS ? (uint32_t)timeout_ms : HIRSCH_MAX_TIMEOUT_MS;
    if (hirsch_open(&options, &worker->client, &why) == HIRSCH_OK &&
        hirsch_health_check(worker->client, NULL, NULL, &status, &why) == HIRSCH_OK) {
        return BASE_OK;
    }
    base_fail(error, (enum base_code)why->code, "%s", why->text);
    hirsch_free(why);
    return error->code;
}

static void measure(struct worker *worker, const struct bench_control *control, uint64_t now_ns)
{
    struct bench_tally *tally = worker->tally;
    uint64_t from_ns = atomic_load(&control->start_ns) + worker->plan->warmup_ns;
    if (worker->from_ns == 0 && now_ns >= from_ns) {
        worker->from_ns = now_ns;
        worker->cpu_ns = bench_worker_cpu_ns();
        tally->bytes_sent = 0;
        tally->bytes_received = 0;
    }
    if (!worker->measured && worker->from_ns != 0 &&
        (now_ns >= from_ns + worker->plan->duration_ns || atomic_load(&control->stop))) {
        worker->measured = true;
        tally->cpu_ns = bench_worker_cpu_ns() - worker->cpu_ns;
        tally->wall_ns = now_ns - worker->from_ns;
        tally->busiest = tally->wall_ns == 0 ? 0 : tally->cpu_ns * 1000 / tally->wall_ns;
    }
}

/* Until the run is over. hirsch_poll waits in milliseconds; the schedule counts less. */
static void loop(struct worker *worker, struct bench_control *control)
{
    int descriptor = hirsch_fd(worker->client);
    while (!bench_driver_done(worker->driver)) {
        hirsch_poll(worker->client, 0);
        uint64_t now_ns = base_clock_monotonic_ns();
        measure(worker, control, now_ns);
        if (atomic_load(&control->stop)) {
            bench_driver_end(worker->driver, now_ns);
        }
        uint64_t wake_ns = bench_driver_turn(worker->driver, now_ns);
        now_ns = base_clock_monotonic_ns();
        uint64_t wait_ns = wake_ns > now_ns ? wake_ns - now_ns : 0;
        wait_ns = wait_ns < LOOK_NS ? wait_ns : LOOK_NS;
        struct timespec wait = {.tv_nsec = (long)wait_ns};
        struct pollfd readable = {.fd = descriptor, .events = POLLIN};
        ppoll(&readable, 1, &wait, NULL);
    }
    measure(worker, control, base_clock_monotonic_ns());
}

enum base_code bench_worker_libhirsch(const struct bench_plan *plan, struct bench_control *control,
                                      struct bench_worker *shared, struct bench_tally *tally,
                                      struct base_error *error)
{
    struct worker worker = {.plan = plan, .tally = tally};
    const struct bench_outside outside = {&worker, now, send_request};
    const struct timespec pause = {.tv_nsec = 1000000};
    enum base_code code = bench_driver_new(plan, &outside, tally, &worker.driver, error);
    if (code != BASE_OK) {
        goto fini;
    }
    /* A call that the driver gave up is still the library's until its own limit: twice the room. */
    size_t room = 2 * (size_t)plan->connections * plan->depth;
    worker.pendings = calloc(room, sizeof *worker.pendings);
    if (worker.pendings == NULL) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for a run");
        goto fini;
    }
    for (size_t i = 0; i < room; i++) {
        worker.pendings[i].worker = &worker;
        worker.pendings[i].next_free = worker.free_pending;
        worker.free_pending = &worker.pendings[i];
    }
    code = open_client(&worker, error);
    if (code != BASE_OK) {
        goto fini;
    }
    for (unsigned i = 0; i < plan->connections; i++) {
        bench_driver_ready(worker.driver, i);
    }
    atomic_store(&shared->ready, true);
    while (atomic_load(&control->start_ns) == 0 && !atomic_load(&control->stop)) {
        nanosleep(&pause, NULL);
    }
    if (!atomic_load(&control->stop)) {
        bench_driver_begin(worker.driver, atomic_load(&control->start_ns));
        loop(&worker, control);
    }

fini:
    hirsch_close(worker.client);
    bench_driver_free(worker.driver);
    free(worker.pendings);
    return code;
}
