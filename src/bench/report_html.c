#include "bench/report.h"

#include <math.h>
#include <stdlib.h>

#include "bench/plot.h"
#include "bench/quantity.h"

enum { CURVE = 64 };

static const char head[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>hirsch bench</title>\n<style>\n"
    ":root{color-scheme:light dark;--ink:#1d2330;--soft:#667085;--back:#fff;--rule:#e3e7ee;"
    "--a:#2563eb;--b:#e2761b;--c:#12805c;--d:#b4236a}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6e9f0;--soft:#98a2b3;--back:#12151c;"
    "--rule:#2a303c;--a:#6ea0ff;--b:#ff9f4a;--c:#4cc79a;--d:#f07ab0}}\n"
    "body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back);"
    "max-width:880px;margin:2rem auto;padding:0 1rem}\n"
    "h1{font-size:1.4rem;margin:0}h2{font-size:1.05rem;margin:2rem 0 .4rem}\n"
    "p.sub,td.sub{color:var(--soft)}\n"
    "table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}\n"
    "th,td{text-align:right;padding:.25rem .5rem;border-bottom:1px solid var(--rule)}\n"
    ".wide td{white-space:nowrap}\n"
    "th:first-child,td:first-child{text-align:left}th{font-weight:600;color:var(--soft)}\n"
    ".big{display:flex;flex-wrap:wrap;gap:1rem 2.5rem;margin:1.2rem 0}\n"
    ".big div{min-width:7rem}.big b{display:block;font-size:1.5rem;font-weight:650}\n"
    ".big span{color:var(--soft)}\n"
    ".bad{border-left:4px solid var(--d);padding:.4rem .8rem;margin:.6rem 0}\n"
    ".good{border-left:4px solid var(--c);padding:.4rem .8rem;margin:.6rem 0}\n"
    "svg{width:100%;height:auto;margin-top:1rem;font:11px system-ui,sans-serif}\n"
    "svg text{fill:var(--soft)}svg .title{font-size:13px;font-weight:600;fill:var(--ink)}\n"
    ".grid{stroke:var(--rule);fill:none}.warm{fill:var(--soft);opacity:.12}\n"
    ".line{fill:none;stroke-width:2}.dot{stroke:none}\n"
    ".line.a{stroke:var(--a)}.line.b{stroke:var(--b)}.line.c{stroke:var(--c)}"
    ".line.d{stroke:var(--d)}\n"
    ".dot.a{fill:var(--a)}.dot.b{fill:var(--b)}.dot.c{fill:var(--c)}.dot.d{fill:var(--d)}\n"
    ".wide{overflow-x:auto}\n"
    "</style></head><body>\n";

static void put_escaped(struct base_buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '<':
            base_buffer_append_text(out, "&lt;");
            break;
        case '>':
            base_buffer_append_text(out, "&gt;");
            break;
        case '&':
            base_buffer_append_text(out, "&amp;");
            break;
        case '"':
            base_buffer_append_text(out, "&quot;");
            break;
        default:
            base_buffer_append_byte(out, (uint8_t)*text);
        }
    }
}

static void put_big(struct base_buffer *out, const char *name)
{
    base_buffer_append_format(out, "</b><span>%s</span></div>\n", name);
}

static void put_head(const struct bench_report *report, const struct bench_result *result,
                     struct base_buffer *out)
{
    const struct bench_plan *plan = &report->series->plan;
    base_buffer_append_text(out, head);
    base_buffer_append_format(out, "<h1>hirsch bench</h1>\n<p class=\"sub\">%s &middot; ",
                              report->machine.made);
    put_escaped(out, plan->urls);
    base_buffer_append_format(out, " &middot; %s loop", plan->closed ? "closed" : "open");
    if (!plan->closed) {
        base_buffer_append_format(out, ", %s arrivals",
                                  plan->arrivals == BENCH_POISSON ? "Poisson" : "uniform");
    }
    if (report->series->sweep || report->series->knee) {
        base_buffer_append_text(out, "; the figures are those of ");
        bench_put_count(out, (uint64_t)(result->rate_wanted + 0.5));
        base_buffer_append_text(out, " requests a second");
    }
    base_buffer_append_text(out, "</p>\n<div class=\"big\">\n<div><b>");
    bench_put_count(out, (uint64_t)(bench_result_rate(result) + 0.5));
    put_big(out, "answers a second");
    base_buffer_append_text(out, "<div><b>");
    bench_put_percentile(out, &result->tally->intended, 0.5);
    put_big(out, "p50 from intended send");
    base_buffer_append_text(out, "<div><b>");
    bench_put_percentile(out, &result->tally->intended, 0.99);
    put_big(out, "p99 from intended send");
    base_buffer_append_text(out, "<div><b>");
    bench_put_percentile(out, &result->tally->actual, 0.99);
    put_big(out, "p99 from actual send");
    base_buffer_append_format(out, "<div><b>%.4g %%", bench_result_failed_share(result) * 100);
    put_big(out, "failed");
    base_buffer_append_text(out, "</div>\n");
}

static void put_verdicts(const struct bench_report *report, const struct bench_result *result,
                         struct base_buffer *out)
{
    unsigned invalid = bench_report_invalid(report);
    const struct bench_series *series = report->series;
    for (unsigned bit = 1; bit <= BENCH_INVALID_NONE; bit *= 2) {
        if ((invalid & bit) != 0) {
            base_buffer_append_format(out, "<p class=\"bad\"><b>INVALID</b>: %s</p>\n",
                                      bench_invalid_text((enum bench_invalid)bit));
        }
    }
    if (series->knee) {
        base_buffer_append_format(
            out, "<p class=\"%s\"><b>Knee</b>: ", series->knee_found ? "good" : "bad");
        if (series->knee_found) {
            bench_put_count(out, (uint64_t)(series->steps[series->best].rate + 0.5));
            base_buffer_append_text(out, " requests a second keep the condition");
            if (series->knee_end != NULL && series->knee_end->invalid != 0) {
                base_buffer_append_text(out, "; above them the generator was the limit, the "
                                             "server's own knee may be greater");
            }
        } else {
            base_buffer_append_text(out, "no rate that was tried keeps the condition");
        }
        base_buffer_append_text(out, "</p>\n");
    }
    for (size_t i = 0; i < report->slo->count; i++) {
        const struct bench_objective *objective = &report->slo->objectives[i];
        bool kept =
            bench_objective_kept(objective, bench_objective_value(objective, result->tally,
                                                                  bench_result_seconds(result)));
        base_buffer_append_format(out, "<p class=\"%s\"><b>", kept ? "good" : "bad");
        put_escaped(out, objective->text);
        base_buffer_append_format(out, "</b>: %s</p>\n", kept ? "kept" : "missed");
    }
    if (result->tally->reason[0] != '\0') {
        base_buffer_append_text(out, "<p class=\"bad\">First fault: ");
        put_escaped(out, result->tally->reason);
        base_buffer_append_text(out, "</p>\n");
    }
}

static void put_latency_row(struct base_buffer *out, const char *name,
                            const struct bench_histogram *histogram)
{
    base_buffer_append_text(out, "<tr><td>");
    put_escaped(out, name);
    base_buffer_append_text(out, "</td>");
    for (size_t i = 0; i < BENCH_SHARES; i++) {
        base_buffer_append_text(out, "<td>");
        bench_put_percentile(out, histogram, bench_shares[i]);
        base_buffer_append_text(out, "</td>");
    }
    base_buffer_append_text(out, "<td>");
    bench_put_percentile(out, histogram, 1);
    base_buffer_append_text(out, "</td><td>");
    bench_put_duration(out, (uint64_t)bench_histogram_mean(histogram));
    base_buffer_append_text(out, "</td></tr>\n");
}

static void put_latencies(const struct bench_report *report, const struct bench_result *result,
                          struct base_buffer *out)
{
    const struct bench_plan *plan = &report->series->plan;
    base_buffer_append_text(out, "<h2>Latency</h2>\n<div class=\"wide\"><table><tr><th></th>");
    for (size_t i = 0; i < BENCH_SHARES; i++) {
        base_buffer_append_format(out, "<th>%s</th>", bench_share_names[i]);
    }
    base_buffer_append_text(out, "<th>max</th><th>mean</th></tr>\n");
    put_latency_row(out, "from intended send", &result->tally->intended);
    put_latency_row(out, "from actual send", &result->tally->actual);
    put_latency_row(out, "schedule lag", &result->tally->lag);
    for (size_t i = 0; plan->workload.count > 1 && i < plan->workload.count; i++) {
        put_latency_row(out, plan->workload.operations[i].label,
                        &result->tally->operations[i].intended);
    }
    base_buffer_append_text(out, "</table></div>\n");
}

static void put_curve(const struct bench_result *result, struct base_buffer *out)
{
    const struct bench_tally *tally = result->tally;
    if (tally->intended.count == 0) {
        return;
    }
    double most = fmin(5, fmax(1, log10((double)tally->intended.count)));
    struct bench_axis x = {.label = "share of requests", .low = 0, .high = most, .nines = true};
    struct bench_axis y = {.label = "latency",
                           .low = fmax(1000, (double)tally->actual.minimum),
                           .high = fmax(2000, (double)tally->intended.maximum),
                           .logarithmic = true,
                           .duration = true};
    struct bench_plot plot;
    double places[CURVE];
    double values[CURVE];
    bench_plot_begin(&plot, out, "Latency by percentile", &x, &y);
    for (int line = 0; line < 2; line++) {
        for (unsigned i = 0; i < CURVE; i++) {
            places[i] = most * i / (CURVE - 1);
            values[i] = (double)bench_histogram_at(line == 0 ? &tally->intended : &tally->actual,
                                                   1 - pow(10, -places[i]));
        }
        bench_plot_line(&plot, line == 0 ? "from intended send" : "from actual send",
                        line == 0 ? "a" : "b", places, values, CURVE);
    }
    bench_plot_end(&plot);
}

/* Two plots over the seconds of the run. columns: x, rate, wanted, failed, p50, p99, p99 actual. */
static void put_times(const struct bench_plan *plan, const struct bench_result *result,
                      struct base_buffer *out)
{
    size_t count = bench_result_whole_seconds(plan, result);
    double *columns = calloc(count == 0 ? 1 : count, 7 * sizeof *columns);
    if (columns == NULL || count < 2) {
        free(columns);
        return;
    }
    double rate_most = 1;
    double low = 1e12;
    double high = 1e4;
    for (size_t i = 0; i < count; i++) {
        const struct bench_second *second = &result->tally->seconds[i];
        double row[7] = {(double)i,
                         (double)second->answered,
                         result->rate_wanted,
                         (double)second->failed,
                         (double)bench_coarse_at(&second->intended, 0.5),
                         (double)bench_coarse_at(&second->intended, 0.99),
                         (double)bench_coarse_at(&second->actual, 0.99)};
        for (size_t k = 0; k < 7; k++) {
            columns[k * count + i] = row[k];
        }
        rate_most = fmax(rate_most, fmax(row[1], fmax(row[2], row[3])));
        high = fmax(high, row[5]);
        low = row[4] > 0 ? fmin(low, row[4]) : low;
    }
    struct bench_axis x = {.label = "second", .low = 0, .high = (double)count};
    struct bench_axis rates = {.label = "requests a second", .low = 0, .high = rate_most};
    struct bench_axis times = {.label = "latency",
                               .low = fmin(fmax(low, 1000), high / 2),
                               .high = high,
                               .logarithmic = true,
                               .duration = true};
    double warm = (double)plan->warmup_ns / 1e9;
    struct bench_plot plot;
    bench_plot_begin(&plot, out, "Throughput over time", &x, &rates);
    bench_plot_shade(&plot, 0, warm);
    bench_plot_line(&plot, "answered", "a", columns, columns + count, count);
    if (result->rate_wanted > 0) {
        bench_plot_line(&plot, "wanted", "c", columns, columns + 2 * count, count);
    }
    bench_plot_line(&plot, "failed", "d", columns, columns + 3 * count, count);
    bench_plot_end(&plot);
    bench_plot_begin(&plot, out, "Latency over time", &x, &times);
    bench_plot_shade(&plot, 0, warm);
    bench_plot_line(&plot, "p50 intended", "c", columns, columns + 4 * count, count);
    bench_plot_line(&plot, "p99 intended", "a", columns, columns + 5 * count, count);
    bench_plot_line(&plot, "p99 actual", "b", columns, columns + 6 * count, count);
    bench_plot_end(&plot);
    free(columns);
}

static int by_rate(const void *a, const void *b)
{
    const struct bench_step *const *left = a;
    const struct bench_step *const *right = b;
    return ((*left)->rate > (*right)->rate) - ((*left)->rate < (*right)->rate);
}

static void put_steps(const struct bench_series *series, struct base_buffer *out)
{
    const struct bench_step *steps[BENCH_STEPS];
    double rates[BENCH_STEPS];
    double curves[3][BENCH_STEPS];
    static const char *const names[] = {"p50 intended", "p99 intended", "p99 actual"};
    static const char *const styles[] = {"c", "a", "b"};
    double low = 1e12;
    double high = 1e4;
    size_t count = series->step_count;
    for (size_t i = 0; i < count; i++) {
        steps[i] = &series->steps[i];
    }
    qsort(steps, count, sizeof steps[0], by_rate);
    base_buffer_append_text(out, "<h2>Steps</h2><div class=\"wide\"><table><tr><th>wanted</th>"
                                 "<th>answered</th><th>failed</th><th>late</th><th>p50</th>"
                                 "<th>p99</th><th>p99.9</th><th></th></tr>\n");
    for (size_t i = 0; i < count; i++) {
        const struct bench_result *result = bench_step_result(steps[i]);
        const struct bench_histogram *intended = &result->tally->intended;
        rates[i] = steps[i]->rate;
        curves[0][i] = (double)bench_histogram_at(intended, 0.5);
        curves[1][i] = (double)bench_histogram_at(intended, 0.99);
        curves[2][i] = (double)bench_histogram_at(&result->tally->actual, 0.99);
        low = curves[0][i] > 0 ? fmin(low, curves[0][i]) : low;
        high = fmax(high, curves[1][i]);
        base_buffer_append_format(out,
                                  "<tr><td>%.0f/s</td><td>%.0f/s</td><td>%.3g %%</td>"
                                  "<td>%llu</td><td>",
                                  rates[i], bench_result_rate(result),
                                  bench_result_failed_share(result) * 100,
                                  (unsigned long long)result->tally->counts.late);
        bench_put_percentile(out, intended, 0.5);
        base_buffer_append_text(out, "</td><td>");
        bench_put_percentile(out, intended, 0.99);
        base_buffer_append_text(out, "</td><td>");
        bench_put_percentile(out, intended, 0.999);
        base_buffer_append_format(out, "</td><td>%s</td></tr>\n",
                                  result->invalid != 0             ? "INVALID"
                                  : steps[i]->kept && series->knee ? "kept"
                                                                   : "");
    }
    base_buffer_append_text(out, "</table></div>\n");
    struct bench_axis x = {
        .label = "requests a second wanted", .low = 0, .high = count > 0 ? rates[count - 1] : 1};
    struct bench_axis y = {.label = "latency",
                           .low = fmin(fmax(low, 1000), high / 2),
                           .high = high,
                           .logarithmic = true,
                           .duration = true};
    struct bench_plot plot;
    bench_plot_begin(&plot, out, "Latency by rate", &x, &y);
    for (size_t k = 0; k < 3; k++) {
        bench_plot_line(&plot, names[k], styles[k], rates, curves[k], count);
    }
    bench_plot_end(&plot);
}

static void put_fact(struct base_buffer *out, const char *name, const char *text)
{
    base_buffer_append_format(out, "<tr><td class=\"sub\">%s</td><td>", name);
    put_escaped(out, text);
    base_buffer_append_text(out, "</td></tr>\n");
}

static void put_number(struct base_buffer *out, const char *name, uint64_t number)
{
    base_buffer_append_format(out, "<tr><td class=\"sub\">%s</td><td>", name);
    bench_put_count(out, number);
    base_buffer_append_text(out, "</td></tr>\n");
}

static void put_time(struct base_buffer *out, const char *name, uint64_t ns)
{
    base_buffer_append_format(out, "<tr><td class=\"sub\">%s</td><td>", name);
    bench_put_duration(out, ns);
    base_buffer_append_text(out, "</td></tr>\n");
}

static void put_facts(const struct bench_report *report, const struct bench_result *result,
                      struct base_buffer *out)
{
    const struct bench_plan *plan = &report->series->plan;
    char keys[64];
    base_buffer_append_text(out, "<h2>Requests</h2><table>\n");
#define BENCH_COUNT_ROW(name, what) put_number(out, what, result->tally->counts.name);
    BENCH_COUNTS(BENCH_COUNT_ROW)
#undef BENCH_COUNT_ROW
    base_buffer_append_text(out, "</table><h2>Conditions</h2><table>\n");
    put_fact(out, "hirsch", report->version);
    put_fact(out, "libhirsch", report->library);
    put_fact(out, "processor", report->machine.cpu);
    put_number(out, "cores", report->machine.cores);
    put_fact(out, "kernel", report->machine.kernel);
    put_fact(out, "client", plan->client == BENCH_CLIENT_LIBHIRSCH ? "libhirsch" : "own SP sender");
    put_number(out, "connections", plan->connections);
    put_number(out, "under way on each, at most", plan->depth);
    put_number(out, "processes", plan->processes);
    put_time(out, "warm-up", plan->warmup_ns);
    put_time(out, "measured", result->duration_ns);
    put_time(out, "time limit of a request", plan->timeout_ns);
    put_number(out, "seed", plan->seed);
    put_fact(out, "ids",
             report->ids_path != NULL ? report->ids_path : "drawn from the served records");
    base_buffer_append_text(out, "<tr><td class=\"sub\">different ones</td><td>");
    bench_put_key_counts(out, plan);
    base_buffer_append_text(out, "</td></tr>\n");
    bench_spread_name(&plan->keys, keys, sizeof keys);
    put_fact(out, "asked for, unless the workload says otherwise", keys);
    if (report->dataset.known) {
        put_fact(out, "dataset", report->dataset.id);
        put_number(out, "authors", report->dataset.authors);
        put_number(out, "papers", report->dataset.papers);
        put_number(out, "citations", report->dataset.citations);
    }
    base_buffer_append_text(out, "</table>\n");
}

void bench_report_html(const struct bench_report *report, struct base_buffer *out)
{
    const struct bench_series *series = report->series;
    const struct bench_result *result = bench_step_result(&series->steps[series->best]);
    put_head(report, result, out);
    put_verdicts(report, result, out);
    if (series->sweep || series->knee) {
        put_steps(series, out);
    }
    put_latencies(report, result, out);
    put_curve(result, out);
    put_times(&series->plan, result, out);
    put_facts(report, result, out);
    base_buffer_append_text(out, "</body></html>\n");
}
