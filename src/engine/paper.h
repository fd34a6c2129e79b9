/* The numbers of one paper under a scope: counts, disruption, sleeping beauty. */
#ifndef ENGINE_PAPER_H
#define ENGINE_PAPER_H

#include "engine/disruption.h"
#include "engine/recount.h"

/* B of Ke et al. 2015. */
struct engine_beauty {
    struct engine_number b; /* NO_DATE, NO_DAY, NO_COMPLETE_YEAR, UNCITED when undefined */
    unsigned peak_year;     /* first year of the greatest count; 0 when undefined */
    uint32_t peak_citations;
    unsigned awakening_year; /* first year farthest from the line from c_0 to the peak */
};

struct engine_paper_metrics {
    struct engine_scope_report scope;
    uint32_t citation_count;
    uint32_t reference_count;      /* distinct ids it cites, stubs included, whatever the day */
    uint32_t self_citation_count;  /* rule COAUTHOR, before self-citations are left out */
    struct engine_number velocity; /* citations with e in (day - 1 year, day]; NO_DATE, NO_DAY */
    struct engine_series counts_by_year; /* at the citing paper's own year, from the paper's year or
                                            the first citation; in the work memory, until its next
                                            use; paper_count stays 0 */
    struct engine_disruption cd;         /* the window that was asked for */
    struct engine_disruption di1; /* window = all, l = 1; its nok is di_nok, its dep is dep */
    struct engine_disruption di5; /* window = all, l = 5 */
    struct engine_beauty sleeping_beauty;
    uint32_t window_citations; /* c of fwci: engine_fwci_citations */
};

struct engine_paper_rule {
    struct engine_window window; /* of cd */
    bool reference_free_one;
};

/* All of it. focal: paper, day and flags are read. INVALID_ARGUMENT: engine_scope_check_paper;
 * other errors as engine_measure. */
enum base_code engine_measure_paper(struct engine_work *work, const struct engine_edges *edges,
                                    const struct engine_paper *focal,
                                    const struct engine_scope *scope,
                                    const struct engine_paper_rule *rule,
                                    struct engine_paper_metrics *metrics, struct base_error *error);

/* What a cohort table needs of each member, without the rest: citation_count under the scope, and
 * window_citations. */
struct engine_member {
    uint32_t citation_count;
    uint32_t window_citations;
};
struct engine_member engine_measure_member(const struct engine_citer *citers, size_t count,
                                           const struct engine_paper *paper,
                                           const struct engine_scope *scope);

#endif
