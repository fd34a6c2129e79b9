/* Disruption: does later work cite a paper in place of its references, or beside them? */
#ifndef ENGINE_DISRUPTION_H
#define ENGINE_DISRUPTION_H

#include "engine/reason.h"
#include "engine/set.h"

/* The numbers are those on the wire. */
enum engine_window_unit {
    ENGINE_WINDOW_YEARS = 0,
    ENGINE_WINDOW_DAYS = 1,
    ENGINE_WINDOW_ALL = 2,
};

/* How long after the focal paper a candidate may come. */
struct engine_window {
    enum engine_window_unit unit;
    uint32_t length; /* calendar years or days */
};
#define ENGINE_WINDOW_DEFAULT ((struct engine_window){ENGINE_WINDOW_YEARS, 5})

/* Last day of the window; ENGINE_NO_DAY: open, or day is. */
uint32_t engine_window_end(uint32_t day, struct engine_window window);

struct engine_disruption_rule {
    struct engine_window window;
    uint32_t shared_least;   /* l: references that a candidate shares to count as n_B; 0 is 1 */
    bool reference_free_one; /* a paper without references is computed, and so gets 1 from any
                                candidate, in place of NO_REFERENCES: what the classic program does
                              */
};

struct engine_disruption {
    /* (n_F - n_B) / (n_F + n_B + n_R) (Funk & Owen-Smith 2017; with l Bornmann et al. 2020). */
    struct engine_number index;
    struct engine_number nok; /* (n_F - n_B) / (n_F + n_B) (Bornmann et al. 2020) */
    struct engine_number mcd; /* index * (n_F + n_B) (Funk & Owen-Smith 2017) */
    struct engine_number dep; /* shared references of all citers / citers (Bornmann et al. 2020) */
    uint32_t n_f;             /* candidates that cite only the paper */
    uint32_t n_b;             /* it and at least l of its references */
    uint32_t n_r;             /* only its references */
    uint32_t n_below;         /* it and 1 to l-1 of them: in no term */
    uint64_t shared;          /* shared references, over all that cite the paper */
    uint32_t reference_count;
    uint32_t window_end;     /* last day; ENGINE_NO_DAY: open */
    bool window_complete;    /* false while the window reaches past the scope's day */
    uint64_t hidden_authors; /* citations counted under COAUTHOR though an author list is cut */
};

/* paper is dated `day` (ENGINE_NO_DAY: NO_DATE). Candidates are dated papers other than it, later
 * than it, at most the window later and not after as_of; a citation that the scope leaves out
 * (self-citation rule, retracted or refereed of the citing paper) makes no candidate. Its own
 * references stay whole. A citing id that has no date itself is dated by each of its citation
 * lines. Errors as engine_measure. */
enum base_code engine_disrupt(struct engine_work *work, const struct engine_edges *edges,
                              uint32_t paper, uint32_t day, const struct engine_scope *scope,
                              const struct engine_disruption_rule *rule,
                              struct engine_disruption *result, struct base_error *error);

#endif
