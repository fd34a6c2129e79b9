/* An author's common numbers after some papers came, went, or earned or lost citations, without a
 * recount: what a recount would give. */
#ifndef ENGINE_ADJUST_H
#define ENGINE_ADJUST_H

#include <stdbool.h>

#include "engine/indicators.h"

/* One paper had so many citations and has so many now. */
struct engine_shift {
    uint32_t before;
    uint32_t after;
};

/* Histograms: runs descending by citations, each value once. */

/* Takes a paper with so many citations out. False when none stands there: the histogram is not that
 * of the papers. */
bool engine_take_paper(struct engine_run *runs, size_t *count, uint32_t citations);

/* Adds a paper; there is room for one more run. */
void engine_add_paper(struct engine_run *runs, size_t *count, uint32_t citations);

/* Moves the paper to its new place; room for one more. False as above. */
bool engine_shift_runs(struct engine_run *runs, size_t *count, struct engine_shift shift);

#endif
