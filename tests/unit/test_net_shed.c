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
    BYTES = 100,       /* of a request */
    TURN_NS = 32 * MS, /* 16 connections of a turn of 2 ms each: a round takes no more */
};

struct loop {
    struct net_shed shed;
    uint64_t now_ns;
    uint64_t first; /* of the requests that wait */
    uint64_t last;
    uint64_t gap_ns; /* between two requests */
    uint64_t next_ns;
};

struct outcome {
    uint64_t admitted;
    uint64_t refused;
    uint64_t longest_ns; /* of those admitted, from arrival to answer */
};

static void begin(struct loop *loop, uint64_t wait_ns, uint64_t gap_ns)
{
    *loop = (struct loop){.now_ns = 1, .gap_ns = gap_ns, .next_ns = 1};
    net_shed_init(&loop->shed, wait_ns, 42);
}

/* Requests are numbered as they come; each arrives gap_ns after the one before. */
static uint64_t arrived_by(const struct loop *loop, uint64_t now_ns)
{
    return now_ns < loop->next_ns ? 0 : (now_ns - loop->next_ns) / loop->gap_ns + 1;
}

/* One round: of what has arrived as much as the turns allow. */
static void round_of(struct loop *loop, struct outcome *outcome)
{
    uint64_t read_ns = loop->now_ns;
    uint64_t taken = 0;
    uint64_t waits = arrived_by(loop, read_ns);
    if (waits == 0) {
        loop->now_ns = loop->next_ns;
        return;
    }
    while (taken < waits && loop->now_ns - read_ns < TURN_NS) {
        bool admitted = net_shed_admit(&loop->shed, read_ns, loop->now_ns);
        loop->now_ns += admitted ? WORK_NS : REFUSE_NS;
        *(admitted ? &outcome->admitted : &outcome->refused) += 1;
        if (admitted && loop->now_ns - loop->next_ns > outcome->longest_ns) {
            outcome->longest_ns = loop->now_ns - loop->next_ns;
        }
        loop->next_ns += loop->gap_ns;
        taken++;
    }
    net_shed_round(&loop->shed, loop->now_ns, taken * BYTES, (waits - taken) * BYTES);
}

static struct outcome run_for(struct loop *loop, uint64_t ns)
{
    struct outcome outcome = {0, 0, 0};
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
    for (int i = 0; i < 1000; i++) {
        assert_true(net_shed_admit(&loop.shed, loop.now_ns, loop.now_ns));
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
    struct outcome outcome = {0, 0, 0};
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
        uint64_t read_ns = now_ns;
        for (unsigned i = 0; i < 320; i++) {
            assert_true(net_shed_admit(&shed, read_ns, now_ns));
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
        cmocka_unit_test(test_begin_and_end),
        cmocka_unit_test(test_turned_off),
        cmocka_unit_test(test_pause_ends_overload),
        cmocka_unit_test(test_starved),
        cmocka_unit_test(test_burst),
        cmocka_unit_test(test_many_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
