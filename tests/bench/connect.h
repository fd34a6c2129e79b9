/* Opens a connection to an SP endpoint and exchanges greetings. */
#ifndef BENCH_CONNECT_H
#define BENCH_CONNECT_H

#include <stdbool.h>

#include "base/status.h"

/* *descriptor is non-blocking, with Nagle's algorithm off; the caller closes it. *ipc: frames have
 * a type byte. Blocks until the peer has greeted, at most about two seconds. */
enum base_code bench_connect(const char *url, int *descriptor, bool *ipc, struct base_error *error);

#endif
