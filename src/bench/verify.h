/* What a right answer to a request of the load tester is. Pure. */
#ifndef BENCH_VERIFY_H
#define BENCH_VERIFY_H

#include "base/arena.h"
#include "bench/method.h"

/* Is this payload what the schema and the request say? The whole of it is unpacked into the arena.
 * An answer that names the normal form of a key names the key. missing: so many of the keys name
 * nothing. */
enum base_code bench_ask_verify(const struct bench_ask *ask, struct base_slice payload,
                                size_t missing, struct base_arena *arena, struct base_error *error);

#endif
