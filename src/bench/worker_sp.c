#include "bench/worker.h"

#include <stdio.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "bench/driver.h"
#include "net/sp_client.h"
#include "wire/envelope.h"

enum { RETRY_MS = 50, LOOK_NS = 5000000 };

struct worker {
    const struct bench_plan *plan;
    struct bench_control *control;
    struct bench_worker *shared;
    struct bench_tally *tally;
    struct bench_driver *driver;
    struct net_client *client;
    struct base_buffer envelope;
    struct base_error *error;
    enum base_code code;
    unsigned ready;
    bool begun;
    bool measuring;
    uint64_t give_up_ns; /* for the first connections */
    uint64_t cpu_ns;     /* at the end of the warm-up */
    uint64_t from_ns;
    char why[160]; /* a connection failed last */
    struct net_client_counters before;
};

uint64_t bench_worker_cpu_ns(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return ((uint64_t)usage.ru_utime.tv_sec + (uint64_t)usage.ru_stime.tv_sec) * 1000000000 +
           ((uint64_t)usage.ru_utime.tv_usec + (uint64_t)usage.ru_stime.tv_usec) * 1000;
}

static uint64_t now(void *state)
{
    (void)state;
    return base_clock_monotonic_ns();
}

static bool send_request(void *state, unsigned connection, uint32_t id, const char *method,
                         struct base_slice payload)
{
    struct worker *worker = state;
    base_buffer_clear(&worker->envelope);
    const char *authorization = worker->plan->authorization;
    struct wire_metadata key = {BASE_SLICE("authorization"), {NULL, 0}};
    if (authorization != NULL) {
        key.value = base_slice_text(authorization);
    }
    wire_request_write(&worker->envelope, base_slice_text(method), 0, &key,
                       authorization != NULL ? 1 : 0, payload);
    return !worker->envelope.failed &&
           net_client_send(worker->client, connection, id, base_buffer_slice(&worker->envelope));
}

static void on_ready(void *state, unsigned connection)
{
    struct worker *worker = state;
    worker->ready++;
    bench_driver_ready(worker->driver, connection);
}

static void on_lost(void *state, unsigned connection, const char *why)
{
    struct worker *worker = state;
    snprintf(worker->why, sizeof worker->why, "a connection was lost: %s", why);
    bench_driver_lost(worker->driver, connection, worker->why);
}

static void on_reply(void *state, unsigned connection, uint32_t id, struct base_slice body,
                     uint64_t received_ns)
{
    struct worker *worker = state;
    struct wire_response response;
    (void)connection;
    if (wire_response_read(body, &response, NULL) != BASE_OK) {
        response = (struct wire_response){.code = BASE_DATA_LOSS,
                                          .message = BASE_SLICE("the reply is not a Response")};
    }
    bench_driver_reply(worker->driver, id, response.code, response.payload, response.message,
                       received_ns);
}

static void fail(struct worker *worker, enum base_code code, const char *text)
{
    worker->code = base_fail(worker->error, code, "%s", text);
    net_client_stop(worker->client);
}

/* Before the start: all connections come up, then the common start is waited for. */
static uint64_t wait_turn(struct worker *worker, uint64_t now_ns)
{
    if (atomic_load(&worker->control->stop)) {
        fail(worker, BASE_CANCELLED, "interrupted");
        return now_ns;
    }
    if (worker->ready < worker->plan->connections) {
        if (now_ns >= worker->give_up_ns) {
            char text[400];
            snprintf(text, sizeof text,
                     "%u of %u connections came up within 10 s (%s); is the daemon running, and "
                     "are its --max-connections and the limit of open files high enough?",
                     worker->ready, worker->plan->connections,
                     worker->why[0] != '\0' ? worker->why : "no answer");
            fail(worker, BASE_UNAVAILABLE, text);
        }
        return now_ns + LOOK_NS;
    }
    atomic_store(&worker->shared->ready, true);
    uint64_t start_ns = atomic_load(&worker->control->start_ns);
    if (start_ns == 0) {
        return now_ns + LOOK_NS / 5;
    }
    worker->begun = true;
    bench_driver_begin(worker->driver, start_ns);
    return start_ns;
}

static void begin_measuring(struct worker *worker, uint64_t now_ns)
{
    worker->measuring = true;
    worker->cpu_ns = bench_worker_cpu_ns();
    worker->from_ns = now_ns;
    net_client_counters(worker->client, &worker->before);
}

static void end_measuring(struct worker *worker, uint64_t now_ns)
{
    struct bench_tally *tally = worker->tally;
    struct net_client_counters after;
    net_client_counters(worker->client, &after);
    tally->cpu_ns = bench_worker_cpu_ns() - worker->cpu_ns;
    tally->wall_ns = now_ns - worker->from_ns;
    tally->busiest = tally->wall_ns == 0 ? 0 : tally->cpu_ns * 1000 / tally->wall_ns;
    tally->bytes_sent = after.bytes_sent - worker->before.bytes_sent;
    tally->bytes_received = after.bytes_received - worker->before.bytes_received;
    worker->measuring = false;
}

static uint64_t on_turn(void *state, uint64_t now_ns)
{
    struct worker *worker = state;
    if (!worker->begun) {
        return wait_turn(worker, now_ns);
    }
    uint64_t start_ns = atomic_load_explicit(&worker->control->start_ns, memory_order_relaxed);
    uint64_t from_ns = start_ns + worker->plan->warmup_ns;
    uint64_t until_ns = from_ns + worker->plan->duration_ns;
    if (worker->from_ns == 0 && now_ns >= from_ns) {
        begin_measuring(worker, now_ns);
    }
    bool stopped = atomic_load_explicit(&worker->control->stop, memory_order_relaxed);
    if (worker->measuring && (now_ns >= until_ns || stopped)) {
        end_measuring(worker, now_ns);
    }
    if (stopped) {
        bench_driver_end(worker->driver, now_ns);
    }
    uint64_t wake_ns = bench_driver_turn(worker->driver, now_ns);
    if (bench_driver_done(worker->driver)) {
        net_client_stop(worker->client);
    }
    if (worker->from_ns == 0 && from_ns < wake_ns) {
        wake_ns = from_ns;
    } else if (worker->measuring && until_ns < wake_ns) {
        wake_ns = until_ns;
    }
    return wake_ns;
}

enum base_code bench_worker_sp(const struct bench_plan *plan, struct bench_control *control,
                               struct bench_worker *shared, struct bench_tally *tally,
                               struct base_error *error)
{
    struct worker worker = {.plan = plan,
                            .control = control,
                            .shared = shared,
                            .tally = tally,
                            .error = error,
                            .code = BASE_OK,
                            .give_up_ns = base_clock_monotonic_ns() + BENCH_CONNECT_NS};
    const struct bench_outside outside = {&worker, now, send_request};
    const struct net_client_handler handler = {&worker, on_ready, on_lost, on_reply, on_turn};
    const struct net_client_options options = {.urls = plan->urls,
                                               .connections = plan->connections,
                                               .max_reply = BENCH_REPLY_MOST,
                                               .retry_ms = RETRY_MS};
    base_buffer_init(&worker.envelope);
    enum base_code code = bench_driver_new(plan, &outside, tally, &worker.driver, error);
    if (code != BASE_OK) {
        goto fini;
    }
    code = net_client_open(&options, &handler, &worker.client, error);
    if (code != BASE_OK) {
        goto fini;
    }
    net_client_run(worker.client);
    code = worker.code;
    net_client_close(worker.client);

fini:
    bench_driver_free(worker.driver);
    base_buffer_fini(&worker.envelope);
    return code;
}
