/* What a load test shows of one second: a line for a log, three short ones for a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cli/bench_view.h"

enum { SECOND_NS = 1000000000 };

static const struct bench_plan plan = {.warmup_ns = SECOND_NS,
                                       .duration_ns = 3 * (uint64_t)SECOND_NS};
static const struct cli_screen narrow = {CLI_WIDTH_LEAST, false, false};

static struct bench_moment make_moment(void)
{
    struct bench_moment moment = {.second = 0, .warm = true};
    moment.sums.answered = 1234;
    moment.sums.failed = 5;
    moment.sums.in_flight = 67;
    bench_coarse_record(&moment.sums.intended, 2000000);
    bench_coarse_record(&moment.sums.actual, 1000000);
    return moment;
}

static void put(struct base_buffer *out, const struct cli_bench_view *view,
                const struct bench_moment *moment)
{
    base_buffer_clear(out);
    cli_bench_put_moment(out, view, &plan, moment);
    base_buffer_append_byte(out, 0);
    assert_false(out->failed);
}

static void a_log_has_a_line_a_second(void **state)
{
    (void)state;
    const struct cli_bench_view view = {.screen = &narrow, .terminal = false};
    struct bench_moment moment = make_moment();
    struct base_buffer out = BASE_BUFFER_EMPTY;
    put(&out, &view, &moment);
    assert_string_equal(out.data, "   1/4 s  1,234/s  intended p50 2.03 ms  p99 2.03 ms  actual "
                                  "p99 1.02 ms  failed 5  in flight 67  warm-up\n");
    base_buffer_fini(&out);
}

/* No latency is not a low one. */
static void a_second_without_answers_has_no_latency(void **state)
{
    (void)state;
    const struct cli_bench_view view = {.screen = &narrow, .terminal = false};
    const struct bench_moment moment = {.second = 2};
    struct base_buffer out = BASE_BUFFER_EMPTY;
    put(&out, &view, &moment);
    assert_string_equal(out.data, "   3/4 s  0/s  intended p50 -  p99 -  actual p99 -  failed 0  "
                                  "in flight 0\n");
    base_buffer_fini(&out);
}

/* Three lines, of which none is broken where a terminal has 80 columns. */
static void a_terminal_has_three_short_lines(void **state)
{
    (void)state;
    struct cli_bench_view view = {.screen = &narrow, .terminal = true, .count = CLI_BENCH_HISTORY};
    struct bench_moment moment = make_moment();
    struct base_buffer out = BASE_BUFFER_EMPTY;
    for (uint32_t i = 0; i < CLI_BENCH_HISTORY; i++) {
        view.rates[i] = i;
    }
    put(&out, &view, &moment);
    unsigned lines = 0;
    for (const char *at = out.data; *at != '\0'; lines++) {
        size_t size = strcspn(at, "\n");
        assert_true(size < 80);
        at += size + 1;
    }
    assert_int_equal(lines, 3);
    const char *bars = strstr(out.data, "rate  ");
    assert_non_null(bars);
    assert_int_equal(strcspn(bars + 6, "\x1b"), CLI_WIDTH_LEAST - 12);
    assert_non_null(strstr(bars, "@\x1b[K\n")); /* the newest, which is the greatest, at the end */
    base_buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_has_a_line_a_second),
        cmocka_unit_test(a_second_without_answers_has_no_latency),
        cmocka_unit_test(a_terminal_has_three_short_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
