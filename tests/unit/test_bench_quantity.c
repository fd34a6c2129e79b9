/* Rates, times and shares, objectives, sweeps and workload files as people write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bench/quantity.h"
#include "bench/series.h"
#include "bench/slo.h"
#include "bench/workload.h"

static void rates(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double rate; /* 0: wrong */
    } cases[] = {{"500", 500}, {"50k", 50000}, {"1.5M", 1.5e6}, {"0.5", 0.5},
                 {"", 0},      {"0", 0},       {"-5", 0},       {"5kk", 0},
                 {"k", 0},     {"5 k", 0},     {"1e3", 0},      {"101M", 0},
                 {"1.2.3", 0}, {"nan", 0},     {"inf", 0},      {"5000000000000000000000", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double rate = -1;
        assert_int_equal(bench_parse_rate(cases[i].text, &rate), cases[i].rate > 0);
        assert_true(rate == (cases[i].rate > 0 ? cases[i].rate : -1));
    }
}

static void durations_and_shares(void **state)
{
    (void)state;
    uint64_t ns = 0;
    double share = 0;
    assert_true(bench_parse_duration("250us", &ns) && ns == 250000);
    assert_true(bench_parse_duration("1.5ms", &ns) && ns == 1500000);
    assert_true(bench_parse_duration("3", &ns) && ns == UINT64_C(3000000000));
    assert_true(bench_parse_duration("2m", &ns) && ns == UINT64_C(120000000000));
    assert_true(bench_parse_duration("1h", &ns) && ns == UINT64_C(3600000000000));
    assert_false(bench_parse_duration("3 s", &ns));
    assert_false(bench_parse_duration("s", &ns));
    assert_false(bench_parse_duration("99999999999999h", &ns));
    assert_true(bench_parse_share("0.1%", &share) && share == 0.001);
    assert_true(bench_parse_share("0.25", &share) && share == 0.25);
    assert_false(bench_parse_share("101%", &share));
    assert_false(bench_parse_share("%", &share));
    assert_true(share == 0.25);
}

static void figures_are_short(void **state)
{
    (void)state;
    struct base_buffer out = BASE_BUFFER_EMPTY;
    bench_put_duration(&out, 812000);
    base_buffer_append_byte(&out, ' ');
    bench_put_duration(&out, 4310000);
    base_buffer_append_byte(&out, ' ');
    bench_put_duration(&out, UINT64_C(12300000000));
    base_buffer_append_byte(&out, ' ');
    bench_put_count(&out, 1234567);
    base_buffer_append_byte(&out, 0);
    assert_string_equal(out.data, "812 us 4.31 ms 12.3 s 1,234,567");
    base_buffer_fini(&out);
}

static void objectives(void **state)
{
    (void)state;
    struct bench_slo slo;
    struct base_error error;
    assert_int_equal(bench_slo_parse("p99<5ms,errors<0.1%,rate>=10k,max<1s", &slo, &error),
                     BASE_OK);
    assert_int_equal(slo.count, 4);
    assert_true(slo.objectives[0].percentile == 0.99 && slo.objectives[0].bound == 5e6);
    assert_true(slo.objectives[1].bound == 0.001 && !slo.objectives[1].above);
    assert_true(slo.objectives[2].above && slo.objectives[2].equal);
    assert_true(bench_objective_kept(&slo.objectives[2], 10000));
    assert_false(bench_objective_kept(&slo.objectives[0], 5e6));
    static const char *const wrong[] = {"",         "p99",       "p99<",        "p99<5",
                                        "p100<5ms", "p0<5ms",    "q99<5ms",     "errors<5ms",
                                        "rate>5ms", "p99<5ms,,", "errors<200%", "p99=5ms"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(bench_slo_parse(wrong[i], &slo, &error), BASE_INVALID_ARGUMENT);
        assert_true(strlen(error.text) > 10);
    }
    assert_int_equal(slo.count, 4); /* untouched */
}

/* A run in which nothing was answered keeps no bound of latency, however low. */
static void a_latency_that_is_not_there_keeps_nothing(void **state)
{
    (void)state;
    struct bench_tally *tally = calloc(1, bench_tally_size(1));
    struct bench_slo slo;
    assert_non_null(tally);
    bench_tally_init(tally, 1);
    tally->counts.scheduled = tally->counts.errors = 10;
    static const char *const missed[] = {"p99<5ms", "max<1s",     "mean<=1s",
                                         "p50>1us", "errors<50%", "rate>1"};
    for (size_t i = 0; i < sizeof missed / sizeof missed[0]; i++) {
        assert_int_equal(bench_slo_parse(missed[i], &slo, NULL), BASE_OK);
        assert_false(bench_slo_kept(&slo, tally, 1));
    }
    bench_histogram_record(&tally->intended, 1000000);
    assert_int_equal(bench_slo_parse("p99<5ms,max<1s,mean<=1s,p50>1us", &slo, NULL), BASE_OK);
    assert_true(bench_slo_kept(&slo, tally, 1));
    free(tally);
}

static void sweeps(void **state)
{
    (void)state;
    struct bench_sweep sweep;
    assert_int_equal(bench_sweep_parse("10k:200k:10k", &sweep, NULL), BASE_OK);
    assert_true(sweep.first == 10000 && sweep.last == 200000 && sweep.by == 10000);
    static const char *const wrong[] = {"",         "10k",     "10k:20k", "20k:10k:1k",
                                        "1:1000:1", "1:2:3:4", "a:b:c"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(bench_sweep_parse(wrong[i], &sweep, NULL), BASE_INVALID_ARGUMENT);
    }
}

static void workloads(void **state)
{
    (void)state;
    struct bench_workload workload;
    struct base_error error;
    const struct base_slice text =
        BASE_SLICE("# a mixture\n80 GetAuthor miss=1% keys=zipf:0.9\n\n15 "
                   "AuthorService/BatchGetAuthors\tbatch=100 # many\r\n"
                   "4.5 hirsch.v1.AuthorService/ListAuthorPapers page-size=50 pages=3 "
                   "view=compact label=walk\n1 Check");
    assert_int_equal(bench_workload_parse(text, &workload, &error), BASE_OK);
    assert_int_equal(workload.count, 4);
    assert_true(workload.operations[0].miss == 0.01 && workload.operations[0].has_keys);
    assert_int_equal(workload.operations[1].batch, 100);
    assert_string_equal(workload.operations[1].label, "BatchGetAuthors x 100");
    assert_int_equal(workload.operations[2].pages, 3);
    assert_int_equal(workload.operations[2].view, 3);
    assert_string_equal(workload.operations[2].label, "walk");
    static const struct {
        const char *text;
        const char *reason;
    } wrong[] = {
        {"", "no operation"},
        {"GetAuthor", "line 1: 'GetAuthor' is not a weight"},
        {"1 GetAuthor\n0 GetPaper", "line 2: '0' is not a weight"},
        {"1 GetAuthors", "'GetAuthors' is not a method; did you mean GetAuthor?"},
        {"1 Xyzzy", "'Xyzzy' is not a method; there are GetAuthor "},
        {"1", "no method behind the weight"},
        {"1 GetAuthor view", "'view' is not a setting; there are batch"},
        {"1 GetAuthor veiw=full", "'veiw' is not a setting; did you mean view=?"},
        {"1 ComputeMetrics miss=1%", "miss=1% is not"},
        {"1 GetAuthor batch=2", "batch=2 is not"},
        {"1 GetAuthor view=compact", "view=compact is not"},
        {"1 GetAuthor pages=2", "pages=2 is not"},
        {"1 ListCitations miss=1%", "miss=1% is not"},
        {"1 BatchGetAuthors batch=1001", "batch=1001 is not"},
        {"1 GetAuthor zebra=1", "'zebra' is not a setting"},
        {"1 GetAuthor keys=normal", "keys=normal is not"},
        {"1 GetDataset keys=uniform", "keys=uniform is not"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char copy[128];
        strcpy(copy, wrong[i].text);
        assert_int_equal(bench_workload_parse(base_slice_text(copy), &workload, &error),
                         BASE_INVALID_ARGUMENT);
        if (strstr(error.text, wrong[i].reason) == NULL) {
            fail_msg("'%s': expected '%s', got '%s'", wrong[i].text, wrong[i].reason, error.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates),
        cmocka_unit_test(durations_and_shares),
        cmocka_unit_test(figures_are_short),
        cmocka_unit_test(objectives),
        cmocka_unit_test(a_latency_that_is_not_there_keeps_nothing),
        cmocka_unit_test(sweeps),
        cmocka_unit_test(workloads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
