/* Members of a JSON result by their path: "result.latency.fromIntendedSend.p99Us". */
#ifndef BENCH_MEMBER_H
#define BENCH_MEMBER_H

#include "json/json.h"

bool bench_member_find(struct json_value value, const char *path, struct json_value *found);
/* NAN: there is none, or it is no number. */
double bench_member_number(struct json_value value, const char *path);
/* False, with *text untouched: there is none, or it is no string. */
bool bench_member_text(struct json_value value, const char *path, struct base_slice *text);

#endif
