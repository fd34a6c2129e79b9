/* How citations are spread over the papers of a set, from their counts alone, and indices that
 * follow from such counts. Private to the engine. */
#ifndef ENGINE_SPREAD_H
#define ENGINE_SPREAD_H

#include "engine/fixed.h"
#include "engine/indicators.h"
#include "engine/reason.h"

/* runs descending by citations, of `papers` papers in all. */
struct engine_number engine_median(const struct engine_run *runs, size_t count, uint32_t papers);
struct engine_number engine_gini(const struct engine_run *runs, size_t count, uint32_t papers);
struct engine_number engine_s_index(const struct engine_run *runs, size_t count, uint32_t papers);

/* c/a of one paper. */
struct engine_share {
    double value;
    uint32_t citations;
    uint32_t authors;
};

/* Most first; equal ones keep no order. */
void engine_sort_shares(struct engine_share *shares, size_t count);

/* g over fractions, paper by paper, most first. */
struct engine_g_sum {
    uint32_t g;
    engine_fixed sum;
    engine_fixed slack; /* what rounding may have taken from the sum */
};
#define ENGINE_G_SUM_EMPTY ((struct engine_g_sum){0, 0, 0})

/* The next paper, with citations/authors. False: with it the sum is below its square, and g is what
 * it was; no later paper can change that. */
static inline bool engine_g_sum_step(struct engine_g_sum *sum, uint32_t citations, uint32_t authors)
{
    engine_fixed next = (engine_fixed)sum->g + 1;
    sum->sum += engine_fixed_ratio(citations, authors);
    sum->slack += citations;
    bool reaches = sum->sum + sum->slack >= next * next << 64;
    sum->g += reaches;
    return reaches;
}

/* g over fractions: max i <= count with the sum of the i greatest >= i*i, fractions within 2^-64 a
 * citation counting as equal. */
uint32_t engine_g_of_shares(const struct engine_share *shares, size_t count);

/* riq: integer part of 1000 * sqrt(tori) / (last year - first year + 1) (Pepe & Kurtz 2012). */
double engine_riq(double tori, unsigned first_year, unsigned last_year);

#endif
