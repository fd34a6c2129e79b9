/* Shedding against a made clock: nothing is refused that can be worked off, and at three times the
 * sustainable rate nearly all time goes into requests that are answered, soon. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "net/shed.h"

enum { US = 1000, MS = 1000 * US, WORK_NS = 100 * US, REFUSE_NS = 1 * US, RUN_MS = 2000 };

struct outcome {
    uint64_t admitted;
    uint64_t refused;
    uint64_t longest_ns; /* of those admitted, from arrival to answer */
    uint64_t measured_ns;
};

/* One request each gap_ns; a round takes all that has arrived. Measured behind the first half. */
static struct outcome simulate(uint64_t most_ns, uint64_t gap_ns)
{
    struct net_shed shed;
    struct outcome outcome = {0, 0, 0, 0};
    const uint64_t end = (uint64_t)RUN_MS * MS;
    uint64_t now = 1;
    uint64_t arrival = 1;
    net_shed_init(&shed, most_ns, 42);
    while (now < end) {
        uint64_t read = now;
        while (arrival <= read) {
            bool taken = net_shed_admit(&shed, read, now);
            now += taken ? WORK_NS : REFUSE_NS;
            if (read > end / 2) {
                outcome.admitted += taken ? 1 : 0;
                outcome.refused += taken ? 0 : 1;
                if (taken && now - arrival > outcome.longest_ns) {
                    outcome.longest_ns = now - arrival;
                }
            }
            arrival += gap_ns;
        }
        net_shed_round(&shed, now);
        now = now < arrival ? arrival : now;
    }
    outcome.measured_ns = end / 2;
    return outcome;
}

static void test_within_capacity(void **state)
{
    (void)state;
    for (uint64_t percent = 10; percent <= 90; percent += 10) {
        struct outcome outcome = simulate(2 * MS, WORK_NS * 100 / percent);
        assert_int_equal(outcome.refused, 0);
    }
}

static void test_three_times_the_rate(void **state)
{
    (void)state;
    struct outcome outcome = simulate(2 * MS, WORK_NS / 3);
    assert_true(outcome.refused > outcome.admitted);
    /* Goodput, as a share of what one loop can do. */
    assert_true(outcome.admitted * WORK_NS >= outcome.measured_ns * 9 / 10);
    /* NET_SHED_ALWAYS requests are 3.2 ms: one round of waiting and one of work. */
    assert_true(outcome.longest_ns <= 4 * NET_SHED_ALWAYS * (uint64_t)WORK_NS);
}

static void test_turned_off(void **state)
{
    (void)state;
    assert_int_equal(simulate(0, WORK_NS / 3).refused, 0);
}

static void test_burst(void **state)
{
    struct net_shed shed;
    (void)state;
    net_shed_init(&shed, 2 * MS, 7);
    /* 900 requests at once, worked off in 90 ms: less than the grace. */
    for (uint64_t i = 0; i < 900; i++) {
        assert_true(net_shed_admit(&shed, 1, 1 + i * WORK_NS));
    }
    net_shed_round(&shed, 900 * (uint64_t)WORK_NS);
    assert_true(net_shed_admit(&shed, 91 * MS, 91 * MS));
    assert_true(net_shed_retry_ms(&shed) >= 10);
}

/* What overload left behind does not meet a caller who comes after it. */
static void test_pause_ends_overload(void **state)
{
    struct net_shed shed;
    uint64_t now = 1;
    (void)state;
    net_shed_init(&shed, 2 * MS, 7);
    for (int round = 0; round < 40; round++) {
        const uint64_t read = now;
        for (int i = 0; i < 1000; i++) {
            now += net_shed_admit(&shed, read, now) ? WORK_NS : REFUSE_NS;
        }
        net_shed_round(&shed, now);
    }
    assert_true(shed.share < 65536);
    now += 3 * MS;
    for (int i = 0; i < 1000; i++) {
        assert_true(net_shed_admit(&shed, now, now));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_within_capacity),
        cmocka_unit_test(test_three_times_the_rate),
        cmocka_unit_test(test_turned_off),
        cmocka_unit_test(test_burst),
        cmocka_unit_test(test_pause_ends_overload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
