#include "bench/quantity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DIGITS = 15 };

static const double rate_most = 100e6;

/* Takes digits with at most one point off the front; NULL when there are none. */
static const char *take_number(const char *text, double *value)
{
    double number = 0;
    double place = 0;
    int digits = 0;
    for (; (*text >= '0' && *text <= '9') || (*text == '.' && place == 0); text++) {
        if (*text == '.') {
            place = 1;
            continue;
        }
        if (++digits > DIGITS) {
            return NULL;
        }
        number = number * 10 + (*text - '0');
        place *= 10;
    }
    if (digits == 0) {
        return NULL;
    }
    *value = place > 1 ? number / place : number;
    return text;
}

bool bench_parse_number(const char *text, double *value)
{
    double number;
    const char *rest = take_number(text, &number);
    if (rest == NULL || *rest != '\0') {
        return false;
    }
    *value = number;
    return true;
}

bool bench_parse_rate(const char *text, double *per_second)
{
    double number;
    const char *rest = take_number(text, &number);
    if (rest == NULL) {
        return false;
    }
    double factor = strcmp(rest, "") == 0                              ? 1
                    : strcmp(rest, "k") == 0 || strcmp(rest, "K") == 0 ? 1e3
                    : strcmp(rest, "M") == 0                           ? 1e6
                                                                       : 0;
    number *= factor;
    if (number <= 0 || number > rate_most) {
        return false;
    }
    *per_second = number;
    return true;
}

bool bench_parse_duration(const char *text, uint64_t *ns)
{
    static const struct {
        const char *name;
        double factor;
    } units[] = {{"", 1e9}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}};
    double number;
    const char *rest = take_number(text, &number);
    for (size_t i = 0; rest != NULL && i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(rest, units[i].name) == 0 && number * units[i].factor < 1e18) {
            *ns = (uint64_t)llround(number * units[i].factor);
            return true;
        }
    }
    return false;
}

bool bench_parse_share(const char *text, double *share)
{
    double number;
    const char *rest = take_number(text, &number);
    if (rest == NULL || (strcmp(rest, "") != 0 && strcmp(rest, "%") != 0)) {
        return false;
    }
    number = *rest == '%' ? number / 100 : number;
    if (number > 1) {
        return false;
    }
    *share = number;
    return true;
}

void bench_put_duration(struct base_buffer *out, uint64_t ns)
{
    static const struct {
        double scale;
        const char *unit;
    } units[] = {{1e3, "us"}, {1e6, "ms"}, {1e9, "s"}};
    size_t unit = ns < 1000000 ? 0 : ns < 1000000000 ? 1 : 2;
    double value = (double)ns / units[unit].scale;
    base_buffer_append_format(out, "%.*f %s",
                              value < 10    ? 2
                              : value < 100 ? 1
                                            : 0,
                              value, units[unit].unit);
}

void bench_put_count(struct base_buffer *out, uint64_t count)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)count);
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            base_buffer_append_byte(out, ',');
        }
        base_buffer_append_byte(out, (uint8_t)digits[i]);
    }
}
