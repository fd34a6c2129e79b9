/* The driver with a made clock and made servers: what is sent when, and that every request that was
 * due is accounted for, whatever the server does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <cmocka.h>

#include "bench/driver.h"
#include "bench/schedule.h"

enum { MS = 1000000, HELD = 1 << 14 };

static const struct base_slice ids[] = {BASE_SLICE("local:a"), BASE_SLICE("local:b"),
                                        BASE_SLICE("local:c")};

/* A server that answers after a time of its own, on a clock that the test moves. */
struct world {
    struct bench_plan plan;
    struct bench_driver *driver;
    struct bench_tally *tally;
    uint64_t now_ns;
    uint64_t service_ns;     /* from sending to the answer */
    uint64_t stands_from_ns; /* in between nothing is answered */
    uint64_t stands_to_ns;
    uint64_t sleeps_to_ns; /* the generator itself has no turn until then */
    uint32_t code;
    struct {
        uint32_t id;
        uint64_t due_ns;
    } held[HELD]; /* in the order of sending */
    size_t first;
    size_t last;
    uint64_t sends;
};

static uint64_t now(void *state)
{
    return ((struct world *)state)->now_ns;
}

static bool send_request(void *state, unsigned connection, uint32_t id, const char *method,
                         struct base_slice payload)
{
    struct world *world = state;
    uint64_t due_ns = world->now_ns + world->service_ns;
    assert_true(connection < world->plan.connections);
    assert_string_equal(method, "hirsch.v1.AuthorService/GetAuthor");
    assert_int_equal(payload.size, 9);
    if (due_ns > world->stands_from_ns && due_ns < world->stands_to_ns) {
        due_ns = world->stands_to_ns;
    }
    assert_true(world->last - world->first < HELD);
    world->held[world->last % HELD].id = id;
    world->held[world->last++ % HELD].due_ns = due_ns;
    world->sends++;
    return true;
}

static void answer_due(struct world *world)
{
    while (world->first < world->last && world->held[world->first % HELD].due_ns <= world->now_ns) {
        uint32_t id = world->held[world->first++ % HELD].id;
        bench_driver_reply(world->driver, id, world->code, base_slice(NULL, 0), BASE_SLICE("no"),
                           world->now_ns);
    }
}

static void open_world(struct world *world)
{
    const struct bench_outside outside = {world, now, send_request};
    struct base_error error;
    uint32_t seconds = bench_plan_seconds(&world->plan);
    world->plan.lists[BENCH_KEY_AUTHOR] = (struct bench_key_list){ids, 3};
    world->tally = calloc(1, bench_tally_size(seconds));
    assert_non_null(world->tally);
    bench_tally_init(world->tally, seconds);
    assert_int_equal(bench_driver_new(&world->plan, &outside, world->tally, &world->driver, &error),
                     BASE_OK);
}

static void run_world(struct world *world)
{
    const uint64_t step_ns = 20000;
    for (unsigned i = 0; i < world->plan.connections; i++) {
        bench_driver_ready(world->driver, i);
    }
    bench_driver_begin(world->driver, world->now_ns);
    for (uint64_t turns = 0; !bench_driver_done(world->driver); turns++) {
        assert_true(turns < 100000000);
        answer_due(world);
        uint64_t wake_ns = bench_driver_turn(world->driver, world->now_ns);
        uint64_t next_ns = world->now_ns + step_ns;
        if (world->first < world->last && world->held[world->first % HELD].due_ns < next_ns) {
            next_ns = world->held[world->first % HELD].due_ns;
        }
        next_ns = wake_ns < next_ns ? wake_ns : next_ns;
        world->now_ns = next_ns > world->now_ns ? next_ns : world->now_ns + 1000;
        if (world->now_ns > world->stands_from_ns && world->now_ns < world->sleeps_to_ns) {
            world->now_ns = world->sleeps_to_ns;
        }
    }
    const struct bench_counts *counts = &world->tally->counts;
    assert_int_equal(counts->scheduled, counts->answered + bench_counts_failed(counts));
}

static void close_world(struct world *world)
{
    bench_driver_free(world->driver);
    free(world->tally);
    free(world);
}

static struct world *make_world(double rate)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->now_ns = 5000000000;
    world->service_ns = 200000;
    world->plan = (struct bench_plan){.rate = rate,
                                      .connections = 4,
                                      .depth = 256,
                                      .processes = 1,
                                      .duration_ns = 2000 * (uint64_t)MS,
                                      .timeout_ns = 1000 * (uint64_t)MS,
                                      .max_lag_ns = 10 * MS,
                                      .seed = 4};
    bench_workload_default(&world->plan.workload);
    return world;
}

static double share_at(const struct bench_histogram *histogram, double share)
{
    return (double)bench_histogram_at(histogram, share);
}

static void a_steady_server_is_seen_as_it_is(void **state)
{
    (void)state;
    struct world *world = make_world(1000);
    world->plan.warmup_ns = 500 * (uint64_t)MS;
    open_world(world);
    run_world(world);
    assert_in_range(world->tally->counts.scheduled, 1850, 2150);
    assert_int_equal(world->tally->counts.answered, world->tally->counts.scheduled);
    assert_true(world->sends > world->tally->counts.sent + 400); /* the warm-up is left out */
    assert_true(share_at(&world->tally->actual, 0.5) < 0.25 * MS);
    assert_true(share_at(&world->tally->intended, 0.999) < 0.3 * MS);
    assert_int_equal(world->tally->counts.late, 0);
    close_world(world);
}

/* The server stands still for 400 ms of 2 s: 20 % of the requests meet it and wait 200 ms on
 * average. A generator that waits with it would see a single slow request. */
static void a_standing_server_is_not_hidden(void **state)
{
    (void)state;
    struct world *open = make_world(1000);
    open->stands_from_ns = open->now_ns + 1000 * (uint64_t)MS;
    open->stands_to_ns = open->stands_from_ns + 400 * (uint64_t)MS;
    open_world(open);
    run_world(open);
    assert_in_range(share_at(&open->tally->intended, 0.9) / MS, 150, 250);
    assert_in_range(share_at(&open->tally->intended, 0.99) / MS, 360, 401);
    /* With few places the requests wait before they are sent: only the intended time tells. */
    struct world *narrow = make_world(1000);
    narrow->plan.connections = 1;
    narrow->plan.depth = 4;
    narrow->stands_from_ns = narrow->now_ns + 1000 * (uint64_t)MS;
    narrow->stands_to_ns = narrow->stands_from_ns + 400 * (uint64_t)MS;
    open_world(narrow);
    run_world(narrow);
    assert_in_range(share_at(&narrow->tally->intended, 0.9) / MS, 150, 350);
    assert_true(share_at(&narrow->tally->actual, 0.99) < 1 * MS);
    assert_int_equal(narrow->tally->counts.late, 0); /* the server's fault, not the generator's */
    close_world(open);
    close_world(narrow);
}

static void what_is_never_answered_times_out_or_is_dropped(void **state)
{
    (void)state;
    struct world *world = make_world(500);
    world->plan.connections = 1;
    world->plan.depth = 8;
    world->plan.timeout_ns = 100 * MS;
    world->service_ns = UINT64_MAX / 2;
    open_world(world);
    run_world(world);
    const struct bench_counts *counts = &world->tally->counts;
    assert_int_equal(counts->answered, 0);
    assert_true(counts->timed_out > 100 && counts->dropped > 500);
    assert_true(share_at(&world->tally->intended, 0.01) >= 100 * MS);
    close_world(world);
}

static void a_slow_generator_is_late(void **state)
{
    (void)state;
    struct world *world = make_world(1000);
    world->stands_from_ns = world->now_ns + 500 * (uint64_t)MS;
    world->sleeps_to_ns = world->stands_from_ns + 300 * (uint64_t)MS;
    open_world(world);
    run_world(world);
    assert_in_range(world->tally->counts.late, 240, 340);
    assert_true(share_at(&world->tally->lag, 0.95) > 100 * MS);
    close_world(world);
}

/* What it never sent although there was a place is its own fault, too, and only that. */
static void a_generator_that_slept_long_is_late_with_what_it_dropped(void **state)
{
    (void)state;
    struct world *world = make_world(1000);
    world->plan.timeout_ns = 100 * (uint64_t)MS;
    world->stands_from_ns = world->now_ns + 500 * (uint64_t)MS;
    world->sleeps_to_ns = world->stands_from_ns + 400 * (uint64_t)MS;
    open_world(world);
    run_world(world);
    assert_in_range(world->tally->counts.dropped, 240, 360);
    assert_in_range(world->tally->counts.late, world->tally->counts.dropped + 50,
                    world->tally->counts.dropped + 150);
    close_world(world);
    struct world *full = make_world(1000);
    full->plan.connections = 1;
    full->plan.depth = 4;
    full->plan.timeout_ns = 100 * (uint64_t)MS;
    full->stands_from_ns = full->now_ns + 500 * (uint64_t)MS;
    full->stands_to_ns = full->stands_from_ns + 400 * (uint64_t)MS;
    open_world(full);
    run_world(full);
    assert_true(full->tally->counts.dropped > 150);
    assert_int_equal(full->tally->counts.late, 0);
    close_world(full);
}

static void a_second_is_warm_from_its_beginning(void **state)
{
    (void)state;
    const struct bench_plan plan = {.warmup_ns = 1500 * (uint64_t)MS};
    assert_true(bench_plan_is_warm(&plan, 0) && bench_plan_is_warm(&plan, 1));
    assert_false(bench_plan_is_warm(&plan, 2));
    const struct bench_plan none = {.warmup_ns = 0};
    assert_false(bench_plan_is_warm(&none, 0));
}

static void errors_and_strays_are_counted_apart(void **state)
{
    (void)state;
    struct world *world = make_world(1000);
    world->code = BASE_RESOURCE_EXHAUSTED;
    open_world(world);
    run_world(world);
    assert_int_equal(world->tally->counts.errors, world->tally->counts.scheduled);
    assert_int_equal(world->tally->codes[BASE_RESOURCE_EXHAUSTED], world->tally->counts.errors);
    assert_int_equal(world->tally->intended.count, 0); /* a quick refusal is no quick answer */
    assert_string_equal(world->tally->reason, "RESOURCE_EXHAUSTED: no");
    bench_driver_reply(world->driver, 3, 0, base_slice(NULL, 0), base_slice(NULL, 0), 0);
    bench_driver_reply(world->driver, INT32_MAX, 0, base_slice(NULL, 0), base_slice(NULL, 0), 0);
    assert_int_equal(world->tally->counts.strays, 2);
    close_world(world);
}

static void a_lost_connection_loses_what_is_under_way(void **state)
{
    (void)state;
    struct world *world = make_world(1000);
    world->service_ns = 50 * MS;
    open_world(world);
    for (unsigned i = 0; i < 4; i++) {
        bench_driver_ready(world->driver, i);
    }
    bench_driver_begin(world->driver, world->now_ns);
    world->now_ns += 40 * MS;
    bench_driver_turn(world->driver, world->now_ns);
    uint64_t sent = world->sends;
    assert_true(sent > 20);
    bench_driver_lost(world->driver, 2, "a connection was lost: cut");
    assert_in_range(world->tally->counts.lost, sent / 4 - 1, sent / 4 + 1);
    assert_string_equal(world->tally->reason, "a connection was lost: cut");
    bench_driver_end(world->driver, world->now_ns);
    while (!bench_driver_done(world->driver)) {
        world->now_ns += MS;
        answer_due(world);
        bench_driver_turn(world->driver, world->now_ns);
    }
    assert_int_equal(world->tally->counts.answered, sent - world->tally->counts.lost);
    close_world(world);
}

/* Whoever ends a run early does not wait for as long as a request may take. */
static void an_early_end_comes_soon(void **state)
{
    (void)state;
    for (unsigned closed = 0; closed < 2; closed++) {
        struct world *world = make_world(1000);
        world->plan.closed = closed == 1;
        world->plan.connections = 1;
        world->plan.depth = 8;
        world->plan.timeout_ns = 3600 * (uint64_t)1000 * MS;
        world->service_ns = UINT64_MAX / 2;
        open_world(world);
        bench_driver_ready(world->driver, 0);
        bench_driver_begin(world->driver, world->now_ns);
        world->now_ns += 500 * (uint64_t)MS;
        bench_driver_turn(world->driver, world->now_ns);
        const uint64_t ended_ns = world->now_ns;
        while (!bench_driver_done(world->driver)) {
            bench_driver_end(world->driver, world->now_ns);
            uint64_t wake_ns = bench_driver_turn(world->driver, world->now_ns);
            assert_true(wake_ns > world->now_ns);
            world->now_ns = bench_driver_done(world->driver) ? world->now_ns : wake_ns;
        }
        const struct bench_counts *counts = &world->tally->counts;
        assert_int_equal(world->now_ns - ended_ns, BENCH_PATIENCE_NS);
        assert_int_equal(counts->timed_out, 8);
        assert_int_equal(counts->scheduled, counts->answered + bench_counts_failed(counts));
        assert_int_equal(counts->dropped > 300, closed == 0);
        close_world(world);
    }
}

static void a_closed_loop_keeps_its_depth(void **state)
{
    (void)state;
    struct world *world = make_world(1);
    world->plan.closed = true;
    world->plan.depth = 2;
    world->service_ns = MS;
    open_world(world);
    run_world(world);
    assert_int_equal(world->tally->in_flight_most, 8);
    assert_in_range(world->tally->counts.answered, 15000, 16100); /* 8 x 2 s / 1 ms */
    close_world(world);
}

static void arrivals_have_the_rate_and_the_shape(void **state)
{
    (void)state;
    enum { COUNT = 200000 };
    static const enum bench_arrivals arrivals[] = {BENCH_POISSON, BENCH_EVEN};
    for (size_t kind = 0; kind < 2; kind++) {
        struct bench_schedule schedule;
        double sum = 0;
        double squares = 0;
        uint64_t before = 0;
        bench_schedule_init(&schedule, arrivals[kind], 10000, 12);
        for (size_t i = 0; i < COUNT; i++) {
            uint64_t at = bench_schedule_next(&schedule);
            assert_true(at >= before);
            double gap = (double)(at - before);
            sum += gap;
            squares += gap * gap;
            before = at;
        }
        double mean = sum / COUNT;
        double deviation = sqrt(squares / COUNT - mean * mean);
        assert_true(fabs(mean - 100000) < 1000);
        /* Exponential gaps deviate by their mean, even ones not at all. */
        assert_true(kind == 0 ? fabs(deviation / mean - 1) < 0.02 : deviation / mean < 0.01);
    }
}

static void processes_share_the_plan(void **state)
{
    (void)state;
    struct world *world = make_world(1000);
    struct bench_plan share;
    unsigned connections = 0;
    double rate = 0;
    uint64_t seeds[3];
    world->plan.processes = 3;
    for (unsigned i = 0; i < 3; i++) {
        bench_plan_share(&world->plan, i, &share);
        connections += share.connections;
        rate += share.rate;
        seeds[i] = share.seed;
    }
    assert_int_equal(connections, 4);
    assert_true(fabs(rate - 1000) < 1e-6);
    assert_true(seeds[0] != seeds[1] && seeds[1] != seeds[2]);
    free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_steady_server_is_seen_as_it_is),
        cmocka_unit_test(a_standing_server_is_not_hidden),
        cmocka_unit_test(what_is_never_answered_times_out_or_is_dropped),
        cmocka_unit_test(a_slow_generator_is_late),
        cmocka_unit_test(a_generator_that_slept_long_is_late_with_what_it_dropped),
        cmocka_unit_test(a_second_is_warm_from_its_beginning),
        cmocka_unit_test(errors_and_strays_are_counted_apart),
        cmocka_unit_test(a_lost_connection_loses_what_is_under_way),
        cmocka_unit_test(an_early_end_comes_soon),
        cmocka_unit_test(a_closed_loop_keeps_its_depth),
        cmocka_unit_test(arrivals_have_the_rate_and_the_shape),
        cmocka_unit_test(processes_share_the_plan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
