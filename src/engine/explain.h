/* What an h, g or i10 is made of: the papers that make it, what the next step lacks, and the day on
 * which each value was first reached. */
#ifndef ENGINE_EXPLAIN_H
#define ENGINE_EXPLAIN_H

#include "engine/measure.h"

/* The numbers are those on the wire. */
enum engine_explained {
    ENGINE_EXPLAIN_H_INDEX = 1,
    ENGINE_EXPLAIN_G_INDEX = 2,
    ENGINE_EXPLAIN_I10_INDEX = 3,
};

struct engine_witness {
    uint32_t paper;
    uint32_t citations; /* whole */
    uint32_t authors;   /* a: distinct listed ones, at least 1 */
    double counted;     /* citations, or citations/a under FRACTIONAL */
    /* How many citations more the next step asks of this paper: h: max(0, h+1 - counted); i10: 10 -
     * counted; g: 0, the lack is of all together. */
    double lacks;
};

struct engine_step {
    uint32_t value; /* reached for the first time */
    uint32_t day;
};

/* Lists in the work memory, until its next use. */
struct engine_explanation {
    struct engine_scope_report scope;
    uint32_t value;
    /* h: the h most cited papers; g: the g most cited; i10: those with 10 and more. Most cited
     * first, then by number. */
    const struct engine_witness *witnesses;
    size_t witness_count;
    /* The papers of the next step. h: the h+1 most cited ones; g: the g+1 most cited ones; i10:
     * those below 10, most cited first. */
    const struct engine_witness *next;
    size_t next_count;
    /* Citations that the next step lacks over all papers of `next` together: h: the sum of lacks;
     * g: (g+1)^2 - their sum; i10: the least lack of one paper. */
    double next_lacks;
    /* The next step needs one more paper: h and g when value = N, i10 when no paper is below 10.
     * The new paper then lacks h+1, or 10, itself; in next_lacks it is counted. */
    bool needs_paper;
    /* Ascending by value: each value that was first reached, on which day; values that were jumped
     * over on one day stand with that day. Undated citations never count here, so that without
     * as_of the last step may be below `value`; with as_of it is `value`. */
    const struct engine_step *steps;
    size_t step_count;
};

/* Errors as engine_measure; INVALID_ARGUMENT also for a number that is no enum engine_explained. */
enum base_code engine_explain(struct engine_work *work, const struct engine_edges *edges,
                              const struct engine_set *set, const struct engine_scope *scope,
                              enum engine_explained what, struct engine_explanation *explanation,
                              struct base_error *error);

#endif
