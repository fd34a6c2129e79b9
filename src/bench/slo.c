#include "bench/slo.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/quantity.h"

static enum base_code wrong(const char *text, const char *why, struct base_error *error)
{
    return base_fail(error, BASE_INVALID_ARGUMENT,
                     "'%.60s': %s; write as in p99<5ms,errors<0.1%%,rate>10k", text, why);
}

static bool parse_measure(const char *name, struct bench_objective *objective)
{
    static const struct {
        const char *name;
        enum bench_measure measure;
    } names[] = {{"max", BENCH_MAXIMUM},
                 {"mean", BENCH_MEAN},
                 {"errors", BENCH_FAILED_SHARE},
                 {"rate", BENCH_RATE}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i].name) == 0) {
            objective->measure = names[i].measure;
            return true;
        }
    }
    double percent;
    objective->measure = BENCH_PERCENTILE;
    if (name[0] != 'p' || !bench_parse_number(name + 1, &percent) || percent <= 0 ||
        percent > 99.999) {
        return false;
    }
    objective->percentile = percent / 100;
    return true;
}

static bool parse_bound(const char *text, struct bench_objective *objective)
{
    uint64_t ns;
    switch (objective->measure) {
    case BENCH_FAILED_SHARE:
        return bench_parse_share(text, &objective->bound);
    case BENCH_RATE:
        return bench_parse_rate(text, &objective->bound);
    default:
        /* A number alone could be anything. */
        if (text[0] == '\0' || (text[strlen(text) - 1] >= '0' && text[strlen(text) - 1] <= '9') ||
            !bench_parse_duration(text, &ns)) {
            return false;
        }
        objective->bound = (double)ns;
        return true;
    }
}

static enum base_code parse_objective(const char *text, size_t size,
                                      struct bench_objective *objective, struct base_error *error)
{
    char name[BENCH_OBJECTIVE_TEXT];
    memset(objective, 0, sizeof *objective);
    if (size >= sizeof objective->text) {
        return wrong(text, "an objective is that short", error);
    }
    memcpy(objective->text, text, size);
    size_t sign = strcspn(objective->text, "<>");
    if (objective->text[sign] == '\0') {
        return wrong(objective->text, "there is no < or > in it", error);
    }
    memcpy(name, objective->text, sign);
    name[sign] = '\0';
    objective->above = objective->text[sign] == '>';
    objective->equal = objective->text[sign + 1] == '=';
    if (!parse_measure(name, objective)) {
        return wrong(objective->text, "the measures are p50 to p99.999, max, mean, errors and rate",
                     error);
    }
    if (!parse_bound(objective->text + sign + (objective->equal ? 2 : 1), objective)) {
        return wrong(objective->text,
                     objective->measure == BENCH_FAILED_SHARE ? "the bound is a share as 0.1%"
                     : objective->measure == BENCH_RATE       ? "the bound is a rate as 50k"
                                                              : "the bound is a time as 5ms",
                     error);
    }
    return BASE_OK;
}

enum base_code bench_slo_parse(const char *text, struct bench_slo *slo, struct base_error *error)
{
    struct bench_slo made = {.count = 0};
    for (const char *at = text; at != NULL;) {
        size_t size = strcspn(at, ",");
        if (made.count == BENCH_OBJECTIVES) {
            return base_fail(error, BASE_INVALID_ARGUMENT, "more than %d objectives",
                             BENCH_OBJECTIVES);
        }
        enum base_code code = parse_objective(at, size, &made.objectives[made.count], error);
        if (code != BASE_OK) {
            return code;
        }
        made.count++;
        at = at[size] == ',' ? at + size + 1 : NULL;
    }
    *slo = made;
    return BASE_OK;
}

double bench_objective_value(const struct bench_objective *objective,
                             const struct bench_tally *tally, double seconds)
{
    switch (objective->measure) {
    case BENCH_MAXIMUM:
        return tally->intended.count == 0 ? NAN : (double)tally->intended.maximum;
    case BENCH_MEAN:
        return tally->intended.count == 0 ? NAN : bench_histogram_mean(&tally->intended);
    case BENCH_FAILED_SHARE:
        return tally->counts.scheduled == 0
                   ? 1
                   : (double)bench_counts_failed(&tally->counts) / (double)tally->counts.scheduled;
    case BENCH_RATE:
        return seconds > 0 ? (double)tally->counts.answered / seconds : 0;
    default:
        return tally->intended.count == 0
                   ? NAN
                   : (double)bench_histogram_at(&tally->intended, objective->percentile);
    }
}

bool bench_objective_kept(const struct bench_objective *objective, double value)
{
    if (objective->equal && value == objective->bound) {
        return true;
    }
    return objective->above ? value > objective->bound : value < objective->bound;
}

bool bench_slo_kept(const struct bench_slo *slo, const struct bench_tally *tally, double seconds)
{
    bool kept = true;
    for (size_t i = 0; i < slo->count; i++) {
        const struct bench_objective *objective = &slo->objectives[i];
        kept = kept &&
               bench_objective_kept(objective, bench_objective_value(objective, tally, seconds));
    }
    return kept;
}
