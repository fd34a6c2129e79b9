/* Cohorts: where a paper stands among those of the same year, field and kind. */
#ifndef ENGINE_COHORT_H
#define ENGINE_COHORT_H

#include <stddef.h>

#include "engine/indicators.h"
#include "engine/paper.h"
#include "engine/reason.h"

/* One cohort's table: what percentile and fwci of any member follow from. Sums are of
 * window_citations; 2^32 members with 2^16 citations each fit. */
struct engine_cohort {
    uint32_t size;
    uint64_t window_sum;
    uint64_t window_squares;       /* sum of squares, saturated */
    const struct engine_run *runs; /* of citation_count, descending, each value once; borrowed */
    size_t run_count;
};

/* Builds the table of `count` members. runs has room for count; members keep their order. False:
 * out of memory. */
bool engine_cohort_build(const struct engine_member *members, size_t count, struct engine_run *runs,
                         struct engine_cohort *cohort);

/* Mid-rank of a member with so many citations: 100 * (number below + half the number equal, itself
 * excluded) / (size - 1). Ties get the same value, the cohort's mean is exactly 50.
 * COHORT_TOO_SMALL below LIMIT_COHORT_LEAST. */
struct engine_percentile {
    struct engine_number value;
    uint32_t below; /* members with fewer citations */
    uint32_t equal; /* others with as many */
};
void engine_percentile(const struct engine_cohort *cohort, uint32_t citation_count,
                       struct engine_percentile *percentile);

/* fwci = c/m (field-weighted citation impact: SciVal, OpenAlex): c the citations with e in years
 * y..min(y+3, year of the day), m the cohort's mean with the paper itself, so that the mean fwci of
 * a cohort is 1, or without it when leave_one_out. The interval holds with 95 % (Byar's
 * Poisson bounds and the error of the mean). Undefined: COHORT_TOO_SMALL, COHORT_UNCITED (m = 0).
 */
struct engine_fwci {
    struct engine_number value;
    double lower; /* 0 while value is undefined */
    double upper;
    double mean;      /* m, of a cohort that is too small as well; of nobody: 0 */
    double variance;  /* v, the cohort's sample variance; of one member: 0 */
    bool provisional; /* y + 3 >= year of the day: the window is still open */
};
void engine_fwci(const struct engine_cohort *cohort, uint32_t window_citations, unsigned year,
                 uint32_t day, bool leave_one_out, struct engine_fwci *fwci);

#endif
