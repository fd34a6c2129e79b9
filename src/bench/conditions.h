/* In what two JSON results differ beside their numbers. Pure. */
#ifndef BENCH_CONDITIONS_H
#define BENCH_CONDITIONS_H

#include "base/buffer.h"
#include "json/json.h"

/* A line for each condition that should be the same for the numbers to be comparable and is not,
 * and for the versions, which may be what is compared. */
void bench_conditions_put(struct json_value before, struct json_value after,
                          struct base_buffer *out);

#endif
