/* Rates, durations and shares as people write them: "50k", "1.5s", "0.1%". The whole text or
 * nothing. */
#ifndef BENCH_QUANTITY_H
#define BENCH_QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

/* A decimal number without sign or exponent: "0.99". Each of these is false, with *value untouched,
 * on anything else. */
bool bench_parse_number(const char *text, double *value);
/* Events a second: "500", "50k", "1.5M"; above 0, at most 100 M. */
bool bench_parse_rate(const char *text, double *per_second);
/* "250us", "10ms", "3s", "2m", "1h"; a number alone is seconds. */
bool bench_parse_duration(const char *text, uint64_t *ns);
/* "1%" or "0.01"; 0 to 1. */
bool bench_parse_share(const char *text, double *share);

/* "812 us", "4.31 ms", "1.20 s": three digits. */
void bench_put_duration(struct base_buffer *out, uint64_t ns);
/* "50,000": digits in groups. */
void bench_put_count(struct base_buffer *out, uint64_t count);

#endif
