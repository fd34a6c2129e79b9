/* An author's common numbers after some papers earned or lost citations, without a recount: what a
 * recount would give. */
#ifndef ENGINE_ADJUST_H
#define ENGINE_ADJUST_H

#include <stdbool.h>

#include "engine/indicators.h"

/* One paper had so many citations and has so many now. */
struct engine_shift {
    uint32_t before;
    uint32_t after;
};

/* Moves the paper to its new place in the histogram (runs descending by citations, each value once;
 * room for one more). False when no paper stands at its old place: the histogram is not that of the
 * papers. */
bool engine_shift_runs(struct engine_run *runs, size_t *count, struct engine_shift shift);

#endif
