#include "engine/spread.h"

#include <math.h>
#include <stdlib.h>

/* The value at a rank from 0, most first. */
static uint32_t at_rank(const struct engine_run *runs, size_t count, uint32_t rank)
{
    for (size_t i = 0; i < count; i++) {
        if (rank < runs[i].papers) {
            return runs[i].citations;
        }
        rank -= runs[i].papers;
    }
    return 0;
}

/* Over all papers, zeros included: the mean of the two middle values. */
struct engine_number engine_median(const struct engine_run *runs, size_t count, uint32_t papers)
{
    if (papers == 0) {
        return engine_undefined(ENGINE_REASON_NO_PAPERS);
    }
    double above = at_rank(runs, count, (papers - 1) / 2);
    double below = at_rank(runs, count, papers / 2);
    return engine_defined((above + below) / 2);
}

/* Gini coefficient of the papers' citations, zeros included: sum over ascending ranks i of
 * (2i - N - 1) * c_i, divided by N * C; 0 when all have the same count, near 1 when one has all
 * (Gini 1912; of citations Rousseau 1992). Undefined without a citation. */
struct engine_number engine_gini(const struct engine_run *runs, size_t count, uint32_t papers)
{
    if (papers == 0) {
        return engine_undefined(ENGINE_REASON_NO_PAPERS);
    }
    double sum = 0;
    double citations = 0;
    double above = 0; /* papers in the runs before */
    for (size_t i = 0; i < count; i++) {
        /* Ranks of a run are consecutive: their mean stands for each of them. */
        double rank = papers - above - (runs[i].papers - 1.0) / 2;
        double of_run = (double)runs[i].citations * runs[i].papers;
        sum += (2 * rank - papers - 1) * of_run;
        citations += of_run;
        above += runs[i].papers;
    }
    if (citations <= 0) {
        return engine_undefined(ENGINE_REASON_NO_CITATIONS);
    }
    return engine_defined(sum / (papers * citations));
}

/* s = sqrt(C)/4 * exp(S/ln N), S = -sum of (c/C) ln(c/C): the entropy of the citations against its
 * greatest value (Silagadze 2010). Needs two papers, since ln 1 = 0, and a citation. */
struct engine_number engine_s_index(const struct engine_run *runs, size_t count, uint32_t papers)
{
    if (papers < 2) {
        return engine_undefined(papers == 0 ? ENGINE_REASON_NO_PAPERS
                                            : ENGINE_REASON_TOO_FEW_PAPERS);
    }
    double citations = 0;
    for (size_t i = 0; i < count; i++) {
        citations += (double)runs[i].citations * runs[i].papers;
    }
    if (citations <= 0) {
        return engine_undefined(ENGINE_REASON_NO_CITATIONS);
    }
    double entropy = 0;
    for (size_t i = 0; i < count && runs[i].citations > 0; i++) {
        double part = runs[i].citations / citations;
        entropy -= runs[i].papers * part * log(part);
    }
    return engine_defined(sqrt(citations) / 4 * exp(entropy / log(papers)));
}

static int more_first(const void *left, const void *right)
{
    double a = ((const struct engine_share *)left)->value;
    double b = ((const struct engine_share *)right)->value;
    return a < b ? 1 : a > b ? -1 : 0;
}

void engine_sort_shares(struct engine_share *shares, size_t count)
{
    if (count > 1) {
        qsort(shares, count, sizeof *shares, more_first);
    }
}

/* Egghe 2008, with whole papers as ranks. The mean of the first i falls with i, so the first rank
 * that fails ends the search. */
uint32_t engine_g_of_shares(const struct engine_share *shares, size_t count)
{
    struct engine_g_sum sum = ENGINE_G_SUM_EMPTY;
    while (sum.g < count &&
           engine_g_sum_step(&sum, shares[sum.g].citations, shares[sum.g].authors)) {
    }
    return sum.g;
}

double engine_riq(double tori, unsigned first_year, unsigned last_year)
{
    return floor(1000 * sqrt(tori) / (last_year - first_year + 1));
}
