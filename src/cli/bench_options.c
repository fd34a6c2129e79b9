#include "cli/bench_options.h"

#include <string.h>

#include "base/parse.h"
#include "bench/plan.h"
#include "bench/prepare.h"
#include "bench/quantity.h"
#include "bench/series.h"

static bool set_count(const char *value, uint32_t most, uint32_t *count)
{
    uint64_t number;
    if (!base_parse_u64(base_slice_text(value), most, &number) || number == 0) {
        return false;
    }
    *count = (uint32_t)number;
    return true;
}

static bool set_text(const char *value, const char **text)
{
    *text = value;
    return value[0] != '\0';
}

static bool set_rate(struct cli_options *options, const char *value)
{
    return bench_parse_rate(value, &options->bench.rate);
}

static bool set_arrivals(struct cli_options *options, const char *value)
{
    options->bench.uniform = strcmp(value, "uniform") == 0;
    return options->bench.uniform || strcmp(value, "poisson") == 0;
}

static bool set_closed(struct cli_options *options, const char *value)
{
    (void)value;
    options->bench.closed = true;
    return true;
}

static bool set_connections(struct cli_options *options, const char *value)
{
    return set_count(value, BENCH_CONNECTIONS_MOST, &options->bench.connections);
}

static bool set_depth(struct cli_options *options, const char *value)
{
    return set_count(value, BENCH_DEPTH_MOST, &options->bench.depth);
}

static bool set_duration(struct cli_options *options, const char *value)
{
    uint64_t ns;
    if (!bench_parse_duration(value, &ns) || ns < 100000000 ||
        ns > BENCH_DURATION_MOST_S * UINT64_C(1000000000)) {
        return false;
    }
    options->bench.duration_ns = ns;
    return true;
}

static bool set_warmup(struct cli_options *options, const char *value)
{
    options->bench.has_warmup = true;
    return bench_parse_duration(value, &options->bench.warmup_ns) &&
           options->bench.warmup_ns <= BENCH_DURATION_MOST_S * UINT64_C(1000000000);
}

static bool set_client(struct cli_options *options, const char *value)
{
    options->bench.libhirsch = strcmp(value, "libhirsch") == 0;
    return options->bench.libhirsch || strcmp(value, "sp") == 0;
}

static bool set_processes(struct cli_options *options, const char *value)
{
    return set_count(value, BENCH_PROCESSES_MOST, &options->bench.processes);
}

static bool set_workload(struct cli_options *options, const char *value)
{
    return set_text(value, &options->bench.workload);
}

static bool set_keys(struct cli_options *options, const char *value)
{
    return set_text(value, &options->bench.keys);
}

static bool set_ids(struct cli_options *options, const char *value)
{
    return set_text(value, &options->bench.ids);
}

static bool set_sample(struct cli_options *options, const char *value)
{
    return set_count(value, BENCH_SAMPLE_MOST, &options->bench.sample);
}

static bool set_verify(struct cli_options *options, const char *value)
{
    options->bench.has_verify = true;
    return bench_parse_share(value, &options->bench.verify);
}

static bool set_max_lag(struct cli_options *options, const char *value)
{
    return bench_parse_duration(value, &options->bench.max_lag_ns) && options->bench.max_lag_ns > 0;
}

static bool set_repeat(struct cli_options *options, const char *value)
{
    return set_count(value, BENCH_REPEATS, &options->bench.repeat);
}

static bool set_sweep(struct cli_options *options, const char *value)
{
    return set_text(value, &options->bench.sweep);
}

static bool set_find_knee(struct cli_options *options, const char *value)
{
    return set_text(value, &options->bench.find_knee);
}

static bool set_slo(struct cli_options *options, const char *value)
{
    return set_text(value, &options->bench.slo);
}

static bool set_html(struct cli_options *options, const char *value)
{
    return set_text(value, &options->bench.html);
}

static bool set_hgrm(struct cli_options *options, const char *value)
{
    return set_text(value, &options->bench.hgrm);
}

static bool set_tolerance(struct cli_options *options, const char *value)
{
    options->bench.has_tolerance = true;
    return bench_parse_share(value, &options->bench.tolerance);
}

const char cli_bench_option_names[] =
    "server timeout json csv seed rate arrivals closed connections depth duration warmup client "
    "processes workload keys ids sample verify max-lag repeat sweep find-knee slo html hgrm "
    "tolerance";

#define OBJECTIVES "objectives as p99<5ms,errors<1% (p50 to p99.999, max, mean, errors, rate)"

const struct cli_option cli_bench_option_table[CLI_BENCH_OPTIONS] = {
    {"rate", 0, "RATE", NULL, "requests a second, whatever the answers do; default 1k",
     "a rate above 0 and up to 100M, as 500, 50k or 1.5M", set_rate},
    {"arrivals", 0, "HOW", NULL, "poisson or uniform distances between requests;\ndefault poisson",
     "poisson or uniform", set_arrivals},
    {"closed", 0, NULL, NULL,
     "closed loop: each place sends its next request when\nthe answer has come; no --rate", NULL,
     set_closed},
    {"connections", 'c', "N", NULL, "connections; default 16", "a number from 1 to 16384",
     set_connections},
    {"depth", 0, "N", NULL,
     "requests under way on each; default 1 in a closed loop,\nat most 256 in an open one",
     "a number from 1 to 4096", set_depth},
    {"duration", 0, "TIME", NULL, "what is measured; default 10s", "a time from 100ms to 6h",
     set_duration},
    {"warmup", 0, "TIME", NULL, "before that, not counted; default 2s", "a time up to 6h",
     set_warmup},
    {"client", 0, "WHICH", NULL,
     "sp: the sender of this program; libhirsch: what callers\nof the library get, connections x "
     "depth calls under way\non its one socket an endpoint",
     "sp or libhirsch", set_client},
    {"processes", 0, "N", NULL,
     "processes that share rate and connections, their counts\nadded up; default 1",
     "a number from 1 to 64", set_processes},
    {"workload", 0, "FILE", NULL, "what to ask, see above; default GetAuthor alone", "a file",
     set_workload},
    {"keys", 0, "HOW", NULL,
     "which ids are asked for: uniform, zipf:THETA,\nlatest:THETA, hotspot:KEYS/REQUESTS",
     "uniform, zipf:0.99, latest:0.99 or hotspot:20%/80%", set_keys},
    {"ids", 0, "FILE", NULL, "ids, one a line; default: drawn from the served records", "a file",
     set_ids},
    {"sample", 0, "N", NULL, "ids of each kind to draw; default 20000",
     "a number from 1 to 1000000", set_sample},
    {"verify", 0, "SHARE", NULL,
     "answers that are unpacked and compared with their\nrequests; default 1%",
     "a share from 0 to 100%, as 1%", set_verify},
    {"max-lag", 0, "TIME", NULL,
     "a request that leaves later than that by the generator's\nown fault is late; more than 1 % "
     "of them are INVALID;\ndefault 10ms",
     "a time above 0, as 10ms", set_max_lag},
    {"repeat", 0, "N", NULL,
     "runs of each rate, the median one is shown; default 1,\n3 with --sweep and --find-knee",
     "a number from 1 to 50", set_repeat},
    {"sweep", 0, "RATES", NULL, "one rate after the other: FIRST:LAST:BY",
     "three rates as 10k:200k:10k, at most 200 steps", set_sweep},
    {"find-knee", 0, "SLO", NULL,
     "look for the greatest rate that keeps the objectives,\nfrom --rate on", OBJECTIVES,
     set_find_knee},
    {"slo", 0, "SLO", NULL,
     "exit code 1 when an objective is missed:\np99<5ms,errors<1%; by the last rate of a sweep",
     OBJECTIVES, set_slo},
    {"html", 0, "FILE", NULL, "also a report with plots as one HTML file", "a file", set_html},
    {"hgrm", 0, "FILE", NULL,
     "also the histogram from intended send, and beside it\nFILE.actual from actual send", "a file",
     set_hgrm},
    {"tolerance", 0, "SHARE", NULL, "compare: what is no regression yet; default 5%",
     "a share from 0 to 100%, as 5%", set_tolerance},
};
