/* Which papers of a set and which of their citations count under a scope. Private to the engine. */
#ifndef ENGINE_SELECT_H
#define ENGINE_SELECT_H

#include "engine/calendar.h"
#include "engine/work.h"

/* A paper of the set that passes the filters on cited papers. */
struct engine_kept {
    uint32_t paper;
    uint32_t day;
    uint32_t authors; /* a_p, at least 1 */
    uint32_t count;   /* filled by the computation */
    uint32_t recent;  /* likewise: of these, those of the last years */
    uint32_t row;     /* likewise: of a timeline */
    uint64_t named;   /* identified authors of the request who are on it */
    uint16_t year;    /* of its day; 0: it has none */
    bool refereed;
    bool inside; /* the scope's day lies inside its coarse date */
};

/* The scope made ready for judging citations. */
struct engine_rule {
    struct engine_work *work;
    const struct engine_set *set; /* NULL for one paper */
    uint32_t as_of;
    uint32_t inside_day; /* day for which coarse dates are looked at; ENGINE_NO_DAY: none */
    enum engine_self self;
    enum engine_self tori;
    enum engine_self self_count; /* rule of self_citation_count */
    bool needs_mask;             /* several authors are named: OWN has to see who is on both */
    uint16_t drop_flags;         /* edges with one of these do not count */
    enum engine_refereed citing_refereed;
    struct engine_scope_report report;
};

enum engine_verdict {
    ENGINE_COUNTS = 1 << 0,
    ENGINE_COUNTS_TORI = 1 << 1, /* under the rule of tori and riq */
    ENGINE_IS_SELF = 1 << 2,     /* by the rule of self_citation_count */
};

struct engine_selection {
    struct engine_kept *kept; /* ascending by paper; in the work memory */
    size_t count;
    unsigned first_year; /* of the set before the filters; 0: no dated paper */
    unsigned last_year;
    struct engine_rule rule;
};

/* Checks the scope and applies the filters on cited papers. as_of stands in place of the scope's.
 */
enum base_code engine_select(struct engine_work *work, const struct engine_edges *edges,
                             const struct engine_set *set, const struct engine_scope *scope,
                             uint32_t as_of, struct engine_selection *selection,
                             struct base_error *error);

/* The same for the citations of one paper: self_count is COAUTHOR. */
void engine_rule_of_paper(struct engine_work *work, const struct engine_scope *scope,
                          struct engine_rule *rule);

/* Both papers list one identified author who is named in the request. */
bool engine_shares_named(const struct engine_rule *rule, const struct engine_kept *cited,
                         uint32_t citing);

static inline bool engine_is_self(const struct engine_rule *rule, enum engine_self self,
                                  const struct engine_kept *cited, const struct engine_citer *citer)
{
    switch (self) {
    case ENGINE_SELF_EXCLUDE_OWN:
        return cited->named != 0 && engine_bits_has(&rule->work->own_bits, citer->paper) &&
               (!rule->needs_mask || engine_shares_named(rule, cited, citer->paper));
    case ENGINE_SELF_EXCLUDE_COAUTHOR:
        return (citer->flags & ENGINE_EDGE_SHARES_AUTHOR) != 0;
    case ENGINE_SELF_EXCLUDE_SET:
        return engine_bits_has(&rule->work->set_bits, citer->paper);
    case ENGINE_SELF_UNSPECIFIED:
    case ENGINE_SELF_INCLUDE:
        break;
    }
    return false;
}

/* For citing papers with too many references for the edge. */
enum base_code engine_references_read(const struct engine_edges *edges,
                                      const struct engine_citer *citer, uint32_t *references,
                                      struct base_error *error);

/* Distinct ids that the citing paper cites: as on the edge, unless too many to stand there. */
static inline enum base_code engine_references_of(const struct engine_edges *edges,
                                                  const struct engine_citer *citer,
                                                  uint32_t *references, struct base_error *error)
{
    *references = citer->references;
    return citer->references == UINT16_MAX && edges->references != NULL
               ? engine_references_read(edges, citer, references, error)
               : BASE_OK;
}

/* e = max(d(q), d(p)); ENGINE_NO_DAY, the greatest number, when either has none. */
static inline uint32_t engine_citation_day(uint32_t cited, uint32_t citing)
{
    return citing > cited ? citing : cited;
}

/* Bits of enum engine_verdict, 0 when the citation is out of scope; *day is e. Counts into the
 * report what it says of citations. */
static inline unsigned engine_judge(struct engine_rule *rule, const struct engine_kept *cited,
                                    const struct engine_citer *citer, uint32_t *day)
{
    if ((citer->flags & rule->drop_flags) != 0) {
        return 0;
    }
    uint32_t e = engine_citation_day(cited->day, citer->day);
    *day = e;
    if (e > rule->as_of && e != ENGINE_NO_DAY) {
        return 0;
    }
    bool is_excluded = engine_is_self(rule, rule->self, cited, citer);
    bool is_refereed = (citer->flags & ENGINE_EDGE_REFEREED) != 0;
    bool passes = rule->citing_refereed == ENGINE_REFEREED_ANY ||
                  is_refereed == (rule->citing_refereed == ENGINE_REFEREED_ONLY);
    if (e == ENGINE_NO_DAY) {
        rule->report.undated_citations += passes && !is_excluded;
        if (rule->as_of != ENGINE_NO_DAY) {
            return 0;
        }
    }
    if (!is_excluded && (citer->flags & ENGINE_EDGE_REFEREE_KNOWN) == 0) {
        rule->report.citing_referee_unknown++;
    }
    if (!passes) {
        return 0;
    }
    unsigned verdict = is_excluded ? 0 : ENGINE_COUNTS;
    verdict |= engine_is_self(rule, rule->tori, cited, citer) ? 0 : ENGINE_COUNTS_TORI;
    verdict |= engine_is_self(rule, rule->self_count, cited, citer) ? ENGINE_IS_SELF : 0;
    if (!is_excluded) {
        if (rule->inside_day != ENGINE_NO_DAY &&
            (cited->inside ||
             ((citer->flags & ENGINE_EDGE_COARSE_DATE) != 0 &&
              engine_inside_period(citer->day, (citer->flags & ENGINE_EDGE_YEAR_DATE) != 0,
                                   rule->inside_day)))) {
            rule->report.coarse_citations++;
        }
        if ((citer->flags & ENGINE_EDGE_AUTHORS_CUT) != 0 &&
            (rule->self == ENGINE_SELF_EXCLUDE_OWN || rule->self == ENGINE_SELF_EXCLUDE_COAUTHOR)) {
            rule->report.hidden_authors++;
        }
    }
    return verdict;
}

#endif
