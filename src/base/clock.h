/* The two clocks. The core takes times as arguments; programs, net, rpc, client and the run of an
 * import read these. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Nanoseconds since an arbitrary start; never goes back. For deadlines and durations. */
uint64_t base_clock_monotonic_ns(void);

/* Microseconds since 1970-01-01T00:00:00Z. For stamps that people read. */
int64_t base_clock_unix_us(void);

#endif
