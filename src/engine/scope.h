/* The scope of a number: which papers and which citations count, how, and on which day. One set of
 * switches for every metric. */
#ifndef ENGINE_SCOPE_H
#define ENGINE_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "engine/graph.h"

/* Which citations are self-citations and left out. The numbers of this header's enums are those on
 * the wire. */
enum engine_self {
    ENGINE_SELF_UNSPECIFIED = 0, /* INCLUDE; SET for tori and riq */
    ENGINE_SELF_INCLUDE = 1,
    /* Citing and cited paper share an author named in the request. Authors known by name only
     * (`name:`) never count. */
    ENGINE_SELF_EXCLUDE_OWN = 2,
    ENGINE_SELF_EXCLUDE_COAUTHOR = 3, /* they share any identified author */
    ENGINE_SELF_EXCLUDE_SET = 4, /* the citing paper is in the set before the filters (as ADS) */
};

enum engine_counting {
    ENGINE_COUNTING_FULL = 0,
    /* c/a in place of c in citation_count, h, g, i10, i100 and their recent forms; 1/a in place of
     * 1 in paper_count (Egghe 2008). a: distinct listed authors, at least 1. Ranks stay whole
     * papers. */
    ENGINE_COUNTING_FRACTIONAL = 1,
};

/* Place of a named author in the list of the cited paper. */
enum engine_position {
    ENGINE_POSITION_ANY = 0,
    ENGINE_POSITION_FIRST = 1,
    ENGINE_POSITION_LAST = 2,
    ENGINE_POSITION_FIRST_OR_LAST = 3,
    ENGINE_POSITION_SINGLE = 4,
};

/* Unknown is counted with not refereed, and reported. */
enum engine_refereed {
    ENGINE_REFEREED_ANY = 0,
    ENGINE_REFEREED_ONLY = 1,
    ENGINE_REFEREED_NOT = 2,
};

/* A retraction has no date and applies on every day. */
enum engine_retracted {
    ENGINE_RETRACTED_INCLUDE = 0,
    ENGINE_RETRACTED_EXCLUDE_CITED = 1,
    ENGINE_RETRACTED_EXCLUDE_CITING = 2,
    ENGINE_RETRACTED_EXCLUDE_BOTH = 3,
};

enum engine_g_rule {
    ENGINE_G_ALL = 0,        /* uncited papers count towards N (Egghe 2006) */
    ENGINE_G_CITED_ONLY = 1, /* only papers cited at least once (ADS) */
};

struct engine_scope {
    /* A paper counts from its day d(p), a citation q->p from e = max(d(q), d(p)); a coarse date is
     * its first day. What has no day counts only when as_of is ENGINE_NO_DAY, and then everything
     * stored counts. */
    uint32_t as_of;
    /* The day of formulas that need one while as_of is absent: the dataset's coverage end.
     * ENGINE_NO_DAY: it has none, and such formulas are undefined. */
    uint32_t coverage_end;
    enum engine_self self_citations;
    enum engine_counting counting;
    enum engine_g_rule g_rule;
    enum engine_retracted retracted;
    enum engine_refereed citing_refereed; /* filter on citing papers */
    /* Filters on the cited papers, position among them. */
    enum engine_refereed refereed;
    enum engine_position position;
    uint32_t kinds;         /* bit 1 << enum model_kind each; 0: all */
    unsigned first_year;    /* of publication; 0: open. An undated paper is in no range */
    unsigned last_year;     /* 0: open */
    const uint32_t *fields; /* ascending, as in engine_paper.field; borrowed */
    size_t field_count;     /* 0: all */
};

/* Everything stored, full counting, no day. */
#define ENGINE_SCOPE_ALL                                                                           \
    ((struct engine_scope){.as_of = ENGINE_NO_DAY, .coverage_end = ENGINE_NO_DAY})

/* as_of, or coverage_end without it; ENGINE_NO_DAY when there is neither. */
uint32_t engine_scope_day(const struct engine_scope *scope);

/* INVALID_ARGUMENT, with what is wrong and what to do: OWN or a position without a named author,
 * a range of years that is empty, a number that is no member of its enum. named_count: authors that
 * the request names. */
enum base_code engine_scope_check(const struct engine_scope *scope, unsigned named_count,
                                  struct base_error *error);

/* The same for paper and cohort metrics, which take UNSPECIFIED, INCLUDE or EXCLUDE_COAUTHOR, the
 * day, and the filters on citing papers; other switches must be at their default. */
enum base_code engine_scope_check_paper(const struct engine_scope *scope, struct base_error *error);

/* Cohort tables answer only for today under INCLUDE or EXCLUDE_COAUTHOR: no as_of, no filter. */
bool engine_scope_has_cohort(const struct engine_scope *scope);

/* What the answer under a scope was made of, and how far it is a bound; zeros mean exact. */
struct engine_scope_report {
    uint32_t day;               /* engine_scope_day */
    enum engine_self self_rule; /* of counts and indicators; never UNSPECIFIED */
    enum engine_self tori_rule; /* of tori and riq; never UNSPECIFIED */
    uint32_t set_papers;        /* before the filters; those that exist on the day */
    /* What has no day: papers that pass the filters, and citations of counted papers. They count
     * exactly when as_of is absent. */
    uint32_t undated_papers;
    uint64_t undated_citations;
    /* Papers left out because the place of the author is not known, and papers of which no source
     * says whether they are refereed; both pass all other filters. */
    uint32_t position_unknown;
    uint32_t referee_unknown;
    /* Citations whose citing paper no source calls refereed or not; they pass all other switches.
     */
    uint64_t citing_referee_unknown;
    /* What counts though the day lies inside its coarse date, so that the counts are upper bounds.
     */
    uint32_t coarse_papers;
    uint64_t coarse_citations;
    /* Counted papers with a cut author list: fractions and tori are upper bounds. */
    uint32_t truncated_papers;
    /* Citations that count under OWN or COAUTHOR though one of the two author lists is cut: what
     * remains is an upper bound. */
    uint64_t hidden_authors;
};

#endif
