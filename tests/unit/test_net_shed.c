/* Shedding against a made clock: nothing is refused that can be worked off, bursts and many
 * requests under way are only queued, and at three times the sustainable rate nearly all time goes
 * into requests that are answered, soon. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "net/shed.h"

enum {
    US = 1000,
    MS = 1000 * US,
    WORK_NS = 100 * US,
    REFUSE_NS = 1 * US,
    WAIT_NS = 250 * MS,
    BYTES = 100, /* of a request */
    CONNECTIONS = 16,
    TURN_NS = 2 * MS,
};

struct loop {
    struct net_shed shed;
    uint64_t now_ns;
    uint64_t work_ns;              /* what a request takes */
    uint64_t gap_ns;               /* between two requests, of whichever connections */
    uint64_t next_ns[CONNECTIONS]; /* when its oldest request that waits came, or will */
    unsigned times[CONNECTIONS];   /* requests that come at once there */
};

struct outcome {
    uint64_t admitted;
    uint64_t refused;
    uint64_t longest_ns; /* of those admitted, from arrival to answer */
    uint64_t total_ns;   /* likewise, of all */
    uint64_t admitted_on[CONNECTIONS];
    uint64_t refused_on[CONNECTIONS];
};

static void begin(struct loop *loop, uint64_t wait_ns, uint64_t gap_ns)
{
    *loop = (struct loop){.now_ns = 1, .work_ns = WORK_NS, .gap_ns = gap_ns};
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        loop->next_ns[i] = 1 + i * gap_ns;
        loop->times[i] = 1;
    }
    net_shed_init(&loop->shed, wait_ns, 42);
}

/* Of one connection: a request each CONNECTIONS gaps, or several at once then. */
static uint64_t waiting(const struct loop *loop, unsigned connection)
{
    uint64_t next_ns = loop->next_ns[connection];
    return loop->now_ns < next_ns ? 0
                                  : ((loop->now_ns - next_ns) / (loop->gap_ns * CONNECTIONS) + 1) *
                                        loop->times[connection];
}

/* Reads what waits on one connection and works on it for a turn. Returns how many it took. */
static uint64_t turn_of(struct loop *loop, unsigned connection, struct outcome *outcome)
{
    uint64_t waits = waiting(loop, connection);
    struct net_shed_place place = {
        .received_ns = loop->now_ns, .whole = waits * BYTES, .size = BYTES};
    uint64_t taken = 0;
    while (taken < waits && loop->now_ns - place.received_ns < TURN_NS) {
        place.behind = (waits - taken - 1) * BYTES;
        bool admitted = net_shed_admit(&loop->shed, &place, loop->now_ns);
        loop->now_ns += admitted ? loop->work_ns : REFUSE_NS;
        *(admitted ? &outcome->admitted : &outcome->refused) += 1;
        (admitted ? outcome->admitted_on : outcome->refused_on)[connection] += 1;
        uint64_t took_ns = loop->now_ns - loop->next_ns[connection];
        if (admitted) {
            outcome->total_ns += took_ns;
            outcome->longest_ns = took_ns > outcome->longest_ns ? took_ns : outcome->longest_ns;
        }
        taken++;
        if (taken % loop->times[connection] == 0) {
            loop->next_ns[connection] += loop->gap_ns * CONNECTIONS;
        }
    }
    return taken;
}

/* One round: of what has arrived as much as the turns allow. */
static void round_of(struct loop *loop, struct outcome *outcome)
{
    uint64_t taken = 0;
    uint64_t left = 0;
    uint64_t soonest_ns = UINT64_MAX;
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        uint64_t waits = waiting(loop, i);
        uint64_t took = turn_of(loop, i, outcome);
        taken += took;
        left += waits - took;
        soonest_ns = loop->next_ns[i] < soonest_ns ? loop->next_ns[i] : soonest_ns;
    }
    if (taken > 0) {
        net_shed_round(&loop->shed, loop->now_ns, taken * BYTES, left * BYTES);
    }
    if (loop->now_ns < soonest_ns) {
        loop->now_ns = soonest_ns;
    }
}

static struct outcome run_for(struct loop *loop, uint64_t ns)
{
    struct outcome outcome = {0};
    uint64_t end_ns = loop->now_ns + ns;
    while (loop->now_ns < end_ns) {
        round_of(loop, &outcome);
    }
    return outcome;
}

static void test_within_capacity(void **state)
{
    (void)state;
    for (uint64_t percent = 10; percent <= 95; percent += 5) {
        struct loop loop;
        begin(&loop, WAIT_NS, WORK_NS * 100 / percent);
        assert_int_equal(run_for(&loop, 2000 * (uint64_t)MS).refused, 0);
    }
}

static void test_three_times_the_rate(void **state)
{
    struct loop loop;
    (void)state;
    begin(&loop, WAIT_NS, WORK_NS / 3);
    run_for(&loop, 1000 * (uint64_t)MS);
    struct outcome outcome = run_for(&loop, 2000 * (uint64_t)MS);
    assert_true(outcome.refused > outcome.admitted);
    /* Goodput, as a share of what one loop can do. */
    assert_true(outcome.admitted * WORK_NS >= 2000 * (uint64_t)MS * 9 / 10);
    /* A round of waiting and one of work, and no more than twice that. */
    assert_true(outcome.longest_ns <= 4 * (uint64_t)NET_SHED_ROUND_NS);
    /* What is taken came last: on average it has waited half of its share of a round. */
    assert_true(outcome.total_ns / outcome.admitted <=
                WORK_NS * 3 / 2 + (uint64_t)NET_SHED_ROUND_NS / 3);
}

/* A connection that asks for eight at once has as large a share of them answered as the others. */
static void test_no_connection_is_preferred(void **state)
{
    struct loop loop;
    (void)state;
    begin(&loop, WAIT_NS, WORK_NS / 2);
    loop.times[3] = 8;
    run_for(&loop, 1000 * (uint64_t)MS);
    struct outcome outcome = run_for(&loop, 4000 * (uint64_t)MS);
    double share = (double)outcome.admitted / (double)(outcome.admitted + outcome.refused);
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        double asked = (double)(outcome.admitted_on[i] + outcome.refused_on[i]);
        double own = (double)outcome.admitted_on[i] / asked;
        assert_true(own > 0.75 * share && own < 1.25 * share);
    }
}

/* Requests that last longer than a round: one after the other is taken nevertheless. */
static void test_long_requests(void **state)
{
    (void)state;
    for (unsigned times = 3; times <= 300; times *= 10) {
        struct loop loop;
        begin(&loop, WAIT_NS, 5 * MS / times);
        loop.work_ns = 5 * MS;
        run_for(&loop, 1000 * (uint64_t)MS);
        struct outcome outcome = run_for(&loop, 4000 * (uint64_t)MS);
        assert_true(outcome.admitted * loop.work_ns >= 4000 * (uint64_t)MS * 85 / 100);
        assert_true(outcome.total_ns / outcome.admitted <= 2 * loop.work_ns);
    }
}

/* It begins a moment after the queue has become too long, and ends when the load does. */
static void test_begin_and_end(void **state)
{
    struct loop loop;
    (void)state;
    begin(&loop, WAIT_NS, WORK_NS / 3);
    assert_int_equal(run_for(&loop, 125 * (uint64_t)MS).refused, 0);
    assert_true(run_for(&loop, 500 * (uint64_t)MS).refused > 0);
    loop.gap_ns = 2 * WORK_NS;
    run_for(&loop, 500 * (uint64_t)MS);
    assert_false(loop.shed.over);
    assert_int_equal(run_for(&loop, 500 * (uint64_t)MS).refused, 0);
}

/* What overload left behind does not meet a caller who comes after it. */
static void test_pause_ends_overload(void **state)
{
    struct loop loop;
    (void)state;
    begin(&loop, WAIT_NS, WORK_NS / 3);
    run_for(&loop, 1000 * (uint64_t)MS);
    assert_true(loop.shed.over);
    loop.now_ns += 50 * (uint64_t)MS;
    struct net_shed_place place = {.received_ns = loop.now_ns, .whole = 2 * BYTES, .size = BYTES};
    for (int i = 0; i < 1000; i++) {
        place.behind = i % 2 == 0 ? BYTES : 0;
        assert_true(net_shed_admit(&loop.shed, &place, loop.now_ns));
    }
}

/* A loop that had no processor finds what came meanwhile: it is not worked off as if it were new.
 */
static void test_starved(void **state)
{
    struct loop loop;
    (void)state;
    begin(&loop, WAIT_NS, WORK_NS / 3);
    run_for(&loop, 1000 * (uint64_t)MS);
    struct outcome outcome = {0};
    for (int times = 0; times < 20; times++) {
        loop.now_ns += 50 * (uint64_t)MS;
        outcome = run_for(&loop, 20 * (uint64_t)MS);
        assert_true(loop.shed.over);
        assert_true(outcome.refused > outcome.admitted);
    }
}

static void test_turned_off(void **state)
{
    struct loop loop;
    (void)state;
    begin(&loop, 0, WORK_NS / 3);
    assert_int_equal(run_for(&loop, 2000 * (uint64_t)MS).refused, 0);
}

/* 280 ms of work at once, and half of what the loop can do behind it. */
static void test_burst(void **state)
{
    struct loop loop;
    (void)state;
    begin(&loop, WAIT_NS, 2 * WORK_NS);
    loop.now_ns = 560 * (uint64_t)MS;
    struct outcome outcome = run_for(&loop, 1000 * (uint64_t)MS);
    assert_int_equal(outcome.refused, 0);
    assert_true(net_shed_retry_ms(&loop.shed) >= 10);
}

/* As many requests under way as are worked off in 200 ms, each followed by another one. */
static void test_many_under_way(void **state)
{
    struct net_shed shed;
    uint64_t now_ns = 1;
    (void)state;
    net_shed_init(&shed, WAIT_NS, 7);
    for (unsigned round = 0; round < 200; round++) {
        struct net_shed_place place = {.received_ns = now_ns, .whole = 2000 * BYTES, .size = BYTES};
        for (unsigned i = 0; i < 320; i++) {
            place.behind = (1999 - i) * BYTES;
            assert_true(net_shed_admit(&shed, &place, now_ns));
            now_ns += WORK_NS;
        }
        net_shed_round(&shed, now_ns, 320 * BYTES, 1680 * BYTES);
    }
    assert_false(shed.over);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_within_capacity),
        cmocka_unit_test(test_three_times_the_rate),
        cmocka_unit_test(test_no_connection_is_preferred),
        cmocka_unit_test(test_long_requests),
        cmocka_unit_test(test_begin_and_end),
        cmocka_unit_test(test_turned_off),
        cmocka_unit_test(test_pause_ends_overload),
        cmocka_unit_test(test_starved),
        cmocka_unit_test(test_burst),
        cmocka_unit_test(test_many_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
