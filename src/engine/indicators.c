#include "engine/indicators.h"

#include <stdlib.h>

static int downwards(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    return a < b ? 1 : a > b ? -1 : 0;
}

/* Most authors have few papers: insertion beats a call of qsort there. */
enum { INSERTION_MOST = 24 };

static void sort_downwards(uint32_t *counts, size_t count)
{
    if (count > INSERTION_MOST) {
        qsort(counts, count, sizeof *counts, downwards);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        uint32_t value = counts[i];
        size_t at = i;
        while (at > 0 && counts[at - 1] < value) {
            counts[at] = counts[at - 1];
            at--;
        }
        counts[at] = value;
    }
}

size_t engine_runs_of_counts(uint32_t *counts, size_t count, struct engine_run *runs)
{
    sort_downwards(counts, count);
    return engine_runs_of_sorted(counts, count, runs);
}

size_t engine_runs_of_sorted(const uint32_t *counts, size_t count, struct engine_run *runs)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (used > 0 && runs[used - 1].citations == counts[i]) {
            runs[used - 1].papers++;
        } else {
            runs[used++] = (struct engine_run){counts[i], 1};
        }
    }
    return used;
}

/* h = max i with C_i >= i (Hirsch 2005): inside a run of value c that begins behind `before`
 * papers, the ranks up to min(c, before + papers) qualify. */
static uint32_t h_index(const struct engine_run *runs, size_t count)
{
    uint32_t h = 0;
    uint32_t rank = 0;
    for (size_t i = 0; i < count && runs[i].citations > rank; i++) {
        uint32_t end = rank + runs[i].papers;
        h = runs[i].citations < end ? runs[i].citations : end;
        rank = end;
    }
    return h;
}

/* g = max i <= N with C_1 + … + C_i >= i*i (Egghe 2006); uncited papers count towards N. The mean
 * of the first i falls with i, so the first rank that fails ends the search. */
static uint32_t g_index(const struct engine_run *runs, size_t count)
{
    uint32_t g = 0;
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < runs[i].papers; k++) {
            sum += runs[i].citations;
            uint64_t next = (uint64_t)g + 1;
            if (sum < next * next) {
                return g;
            }
            g++;
        }
    }
    return g;
}

/* i10: papers with at least 10 citations (Google Scholar); i100 with at least 100. */
void engine_indicators(const struct engine_run *runs, size_t count,
                       struct engine_indicators *result)
{
    struct engine_indicators sum = {0};
    for (size_t i = 0; i < count; i++) {
        sum.paper_count += runs[i].papers;
        sum.citation_count += (uint64_t)runs[i].papers * runs[i].citations;
        sum.i10_index += runs[i].citations >= 10 ? runs[i].papers : 0;
        sum.i100_index += runs[i].citations >= 100 ? runs[i].papers : 0;
    }
    sum.h_index = h_index(runs, count);
    sum.g_index = g_index(runs, count);
    *result = sum;
}

double engine_m_quotient(uint32_t h, unsigned first_year, unsigned year_of_day)
{
    unsigned years = year_of_day >= first_year ? year_of_day - first_year + 1 : 1;
    return (double)h / (double)years;
}
