/* Lines of the log that anybody may cause are few, and none is lost without a word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "server/throttle.h"

static const uint64_t SECOND = 1000000000;

static unsigned admitted_of(struct server_throttle *throttle, unsigned asked, uint64_t now_ns)
{
    unsigned admitted = 0;
    for (unsigned i = 0; i < asked; i++) {
        admitted += server_throttle_admit(throttle, now_ns) ? 1 : 0;
    }
    return admitted;
}

/* All of them at first; then what comes back in a second. */
static void so_many(void **state)
{
    (void)state;
    struct server_throttle throttle;
    server_throttle_init(&throttle);
    uint64_t now = 77 * SECOND;
    assert_int_equal(server_throttle_left_out(&throttle, now), 0);
    assert_int_equal(admitted_of(&throttle, SERVER_LINES_AT_ONCE, now), SERVER_LINES_AT_ONCE);
    for (unsigned i = 0; i < 3; i++, now += SECOND) {
        unsigned back = i == 0 ? 0 : SERVER_LINES_A_SECOND;
        assert_int_equal(admitted_of(&throttle, 1000, now), back);
        assert_int_equal(admitted_of(&throttle, 1000, now + SECOND - 1), 0);
    }
    assert_int_equal(server_throttle_left_out(&throttle, now),
                     3 * 2000 - 2 * SERVER_LINES_A_SECOND);
    assert_int_equal(server_throttle_left_out(&throttle, now + SECOND), 0);
    /* A rest brings them back, and not more than there were. */
    assert_int_equal(admitted_of(&throttle, 1000, now + 6 * SECOND), 7 * SERVER_LINES_A_SECOND);
    now += 86400 * SECOND;
    assert_int_equal(admitted_of(&throttle, 2 * SERVER_LINES_AT_ONCE, now), SERVER_LINES_AT_ONCE);
    server_throttle_fini(&throttle);
}

/* While more come without an end, what was left out is said all the same. */
static void said_while_it_goes_on(void **state)
{
    (void)state;
    struct server_throttle throttle;
    server_throttle_init(&throttle);
    uint64_t now = 77 * SECOND;
    assert_int_equal(admitted_of(&throttle, SERVER_LINES_AT_ONCE + 50, now), SERVER_LINES_AT_ONCE);
    assert_int_equal(server_throttle_left_out(&throttle, now + SECOND / 2), 0);
    assert_int_equal(admitted_of(&throttle, 150, now + SECOND), SERVER_LINES_A_SECOND);
    assert_int_equal(server_throttle_left_out(&throttle, now + SECOND), 50);
    /* A thread that read the clock before begins no second. */
    assert_int_equal(admitted_of(&throttle, 10, now), 0);
    assert_int_equal(server_throttle_left_out(&throttle, now + 2 * SECOND), 60);
    server_throttle_fini(&throttle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(so_many),
        cmocka_unit_test(said_while_it_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
