/* The numbers of a set of papers on many days at once, each as engine_measure gives it with that
 * day as as_of. */
#ifndef ENGINE_TIMELINE_H
#define ENGINE_TIMELINE_H

#include "engine/reason.h"
#include "engine/set.h"

struct engine_timeline_row {
    uint32_t day; /* the row holds at its end */
    unsigned year;

    /* Since the row before (yearly: of the year); the first row has everything up to its day. A
     * paper at d(p), a citation at e = max(d(q), d(p)). Under FRACTIONAL 1/a each. */
    double new_papers;
    double new_citations;

    /* Cumulative: as in engine_measures at this day. */
    uint32_t paper_count;
    double paper_sum;
    uint64_t citation_count;
    double citation_sum;
    uint32_t citing_paper_count;
    uint32_t h_index;
    uint32_t g_index;
    uint32_t i10_index;
    uint32_t i100_index;
    struct engine_number m_quotient;
    double tori;
    struct engine_number riq;
};

/* rows in the work memory, until its next use. */
struct engine_timeline {
    size_t count;
    const struct engine_timeline_row *rows;
    /* As engine_measure gives them: yearly under the scope, on given days under the scope with the
     * last of them as as_of. */
    struct engine_scope_report scope;
    uint32_t paper_count;
};

/* The days of a yearly timeline: 31 December of every year from first_year to the year of `day`,
 * and `day` in place of the last one. Fills at most `room`; returns how many there are (0:
 * first_year is 0 or later, or day is ENGINE_NO_DAY), never more than ENGINE_TIMELINE_YEARS_MOST.
 */
enum { ENGINE_TIMELINE_YEARS_MOST = 801 };
size_t engine_timeline_years(unsigned first_year, uint32_t day, uint32_t *days, size_t room);

/* Yearly, from the first year of the set before the filters to engine_scope_day; no row when the
 * set has no date or there is no day. Undated papers and citations enter no row. Errors as
 * engine_measure. */
enum base_code engine_timeline_yearly(struct engine_work *work, const struct engine_edges *edges,
                                      const struct engine_set *set,
                                      const struct engine_scope *scope,
                                      struct engine_timeline *timeline, struct base_error *error);

/* On given days, strictly ascending, at most LIMIT_TIMELINE_DAYS, else INVALID_ARGUMENT. The
 * scope's as_of is not looked at, unless there is no day. */
enum base_code engine_timeline_on(struct engine_work *work, const struct engine_edges *edges,
                                  const struct engine_set *set, const struct engine_scope *scope,
                                  const uint32_t *days, size_t count,
                                  struct engine_timeline *timeline, struct base_error *error);

#endif
