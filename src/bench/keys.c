#include "bench/keys.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/quantity.h"
#include "bench/random.h"

static const double theta_default = 0.99;
static const double theta_most = 10.0;

static enum base_code parse_theta(const char *text, struct bench_spread_options *options,
                                  struct base_error *error)
{
    options->theta = theta_default;
    if (text == NULL || (bench_parse_number(text, &options->theta) && options->theta > 0 &&
                         options->theta <= theta_most)) {
        return BASE_OK;
    }
    return base_fail(error, BASE_INVALID_ARGUMENT,
                     "'%.40s' is not an exponent above 0 and up to 10, as in zipf:0.99", text);
}

static enum base_code parse_hotspot(const char *text, struct bench_spread_options *options,
                                    struct base_error *error)
{
    options->hot_keys = 0.2;
    options->hot_asks = 0.8;
    if (text == NULL) {
        return BASE_OK;
    }
    const char *slash = strchr(text, '/');
    char keys[32];
    if (slash == NULL || (size_t)(slash - text) >= sizeof keys) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "'%.40s': write hotspot:KEYS/REQUESTS, as in hotspot:20%%/80%%", text);
    }
    memcpy(keys, text, (size_t)(slash - text));
    keys[slash - text] = '\0';
    if (!bench_parse_share(keys, &options->hot_keys) ||
        !bench_parse_share(slash + 1, &options->hot_asks) || options->hot_keys == 0) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "'%.40s' are not two shares, as in 20%%/80%%", text);
    }
    return BASE_OK;
}

enum base_code bench_spread_parse(const char *text, struct bench_spread_options *options,
                                  struct base_error *error)
{
    const char *colon = strchr(text, ':');
    size_t length = colon == NULL ? strlen(text) : (size_t)(colon - text);
    const char *rest = colon == NULL ? NULL : colon + 1;
    struct base_slice name = base_slice(text, length);
    *options = (struct bench_spread_options){.spread = BENCH_UNIFORM};
    if (base_slice_equal(name, BASE_SLICE("uniform")) && rest == NULL) {
        return BASE_OK;
    }
    if (base_slice_equal(name, BASE_SLICE("zipf"))) {
        options->spread = BENCH_ZIPF;
        return parse_theta(rest, options, error);
    }
    if (base_slice_equal(name, BASE_SLICE("latest"))) {
        options->spread = BENCH_LATEST;
        return parse_theta(rest, options, error);
    }
    if (base_slice_equal(name, BASE_SLICE("hotspot"))) {
        options->spread = BENCH_HOTSPOT;
        return parse_hotspot(rest, options, error);
    }
    return base_fail(error, BASE_INVALID_ARGUMENT,
                     "'%.40s' is not uniform, zipf:THETA, latest:THETA or hotspot:KEYS/REQUESTS",
                     text);
}

void bench_spread_name(const struct bench_spread_options *options, char *to, size_t room)
{
    switch (options->spread) {
    case BENCH_ZIPF:
        snprintf(to, room, "zipf:%g", options->theta);
        break;
    case BENCH_LATEST:
        snprintf(to, room, "latest:%g", options->theta);
        break;
    case BENCH_HOTSPOT:
        snprintf(to, room, "hotspot:%g%%/%g%%", options->hot_keys * 100, options->hot_asks * 100);
        break;
    default:
        snprintf(to, room, "uniform");
        break;
    }
}

/* The integral of x^-theta, with its limit at theta 1. */
static double integral(double theta, double x)
{
    double power = 1.0 - theta;
    double log_x = log(x);
    return fabs(power) < 1e-9 ? log_x : expm1(power * log_x) / power;
}

static double inverse(double theta, double y)
{
    double power = 1.0 - theta;
    return fabs(power) < 1e-9 ? exp(y) : exp(log1p(fmax(power * y, -1.0)) / power);
}

void bench_keys_init(struct bench_keys *keys, const struct bench_spread_options *options,
                     uint32_t count)
{
    BASE_ASSERT(count > 0);
    *keys = (struct bench_keys){.options = *options, .count = count};
    if (options->spread == BENCH_ZIPF || options->spread == BENCH_LATEST) {
        double theta = options->theta;
        keys->first = integral(theta, 1.5) - 1.0;
        keys->last = integral(theta, count + 0.5);
        keys->accept = 2.0 - inverse(theta, integral(theta, 2.5) - pow(2.0, -theta));
    }
    uint32_t hot = (uint32_t)ceil(options->hot_keys * count);
    keys->hot = hot < 1 ? 1 : hot < count ? hot : count;
}

/* 1 … count, rank 1 most often. */
static uint32_t draw_rank(const struct bench_keys *keys, uint64_t *state)
{
    double theta = keys->options.theta;
    for (;;) {
        double u = keys->last + bench_random_unit(state) * (keys->first - keys->last);
        double x = inverse(theta, u);
        double rank = floor(x + 0.5);
        rank = rank < 1 ? 1 : rank > keys->count ? keys->count : rank;
        if (rank - x <= keys->accept || u >= integral(theta, rank + 0.5) - pow(rank, -theta)) {
            return (uint32_t)rank;
        }
    }
}

uint32_t bench_keys_next(const struct bench_keys *keys, uint64_t *state)
{
    switch (keys->options.spread) {
    case BENCH_ZIPF:
        return draw_rank(keys, state) - 1;
    case BENCH_LATEST:
        return keys->count - draw_rank(keys, state);
    case BENCH_HOTSPOT:
        if (keys->hot == keys->count || bench_random_unit(state) < keys->options.hot_asks) {
            return bench_random_below(state, keys->hot);
        }
        return keys->hot + bench_random_below(state, keys->count - keys->hot);
    default:
        return bench_random_below(state, keys->count);
    }
}
