/* Indicators that follow from the citation counts of a set of papers alone. */
#ifndef ENGINE_INDICATORS_H
#define ENGINE_INDICATORS_H

#include <stddef.h>
#include <stdint.h>

/* `papers` papers with `citations` citations each. */
struct engine_run {
    uint32_t citations;
    uint32_t papers;
};

struct engine_indicators {
    uint32_t paper_count;
    uint64_t citation_count;
    uint32_t h_index;
    uint32_t g_index;
    uint32_t i10_index;
    uint32_t i100_index;
};

/* Sorts counts downwards and folds equal ones into runs (room for count of them); returns how many
 * runs. */
size_t engine_runs_of_counts(uint32_t *counts, size_t count, struct engine_run *runs);

/* The same for counts that are sorted downwards already. */
size_t engine_runs_of_sorted(const uint32_t *counts, size_t count, struct engine_run *runs);

/* runs descending by citations, each value once. */
void engine_indicators(const struct engine_run *runs, size_t count,
                       struct engine_indicators *result);

/* m: h divided by the years from the first paper's year to the year of the day, both included, at
 * least 1 (Hirsch 2005; metrics of ADS). */
double engine_m_quotient(uint32_t h_index, unsigned first_year, unsigned year_of_day);

#endif
