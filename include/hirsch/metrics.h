/* Computed numbers through libhirsch: of any set of papers, as of any day, under any rule, and of
 * single papers.
 *
 *     struct hirsch_set_term who = hirsch_author_term("openalex:A5023888391");
 *     struct hirsch_metric_scope scope = HIRSCH_METRIC_SCOPE_INIT;
 *     struct hirsch_compute_metrics request = HIRSCH_COMPUTE_METRICS_INIT;
 *     scope.as_of = "2020-12-31";
 *     request.term_count = 1;
 *     request.terms = &who;
 *     request.scope = &scope;
 *     if (hirsch_compute_metrics(client, &request, NULL, &metrics, &error) == HIRSCH_OK) {
 *         use(metrics->h_index.value);
 *     }
 *     hirsch_free(metrics);
 *
 * What each number means, with its source, stands in proto/hirsch/v1/metrics.proto under the same
 * name, and in README under "What the numbers mean". Nothing of a request is kept after the call.
 */
#ifndef HIRSCH_METRICS_H
#define HIRSCH_METRICS_H

#include "hirsch/client.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A computed number. Without a value either `undefined` says why the definition has none (upper
 * case and stable: "NO_PAPERS"), or it is "" and the number was not asked for. */
struct hirsch_number {
    bool has_value;
    double value; /* 0 without one; counts are whole numbers unless counting is FRACTIONAL */
    const char *undefined;
};

enum hirsch_set_term_kind {
    HIRSCH_TERM_NONE = 0,
    HIRSCH_TERM_AUTHOR = 1,
    HIRSCH_TERM_PAPER = 2,
    HIRSCH_TERM_PAPERS = 3,
    HIRSCH_TERM_FIELD = 4,
    HIRSCH_TERM_YEARS = 5,
    HIRSCH_TERM_KIND = 6,
    HIRSCH_TERM_OPERATOR = 7,
};

enum hirsch_set_operator {
    HIRSCH_SET_NO_OPERATOR = 0,
    HIRSCH_SET_UNION = 1,
    HIRSCH_SET_INTERSECT = 2,
    HIRSCH_SET_EXCEPT = 3, /* in the first and not in the second */
};

/* An operand or operator of an expression in postfix order: `A B UNION C EXCEPT` is (A + B) - C. A
 * set has at most 64 of them. The functions below make one each. */
struct hirsch_set_term {
    enum hirsch_set_term_kind kind;
    const char *text; /* AUTHOR, PAPER: any of its ids. FIELD: `scheme/code` or arXiv category */
    size_t id_count;
    const char *const *ids; /* PAPERS: at most 10,000, more are RESOURCE_EXHAUSTED */
    uint32_t first_year;    /* YEARS: both ends included, 0 leaves one open */
    uint32_t last_year;
    enum hirsch_paper_kind paper_kind; /* KIND */
    enum hirsch_set_operator op;       /* OPERATOR */
};

static inline struct hirsch_set_term hirsch_term(enum hirsch_set_term_kind kind, const char *text)
{
    struct hirsch_set_term term = {
        HIRSCH_TERM_NONE,      NULL, 0, NULL, 0, 0, HIRSCH_PAPER_KIND_UNSPECIFIED,
        HIRSCH_SET_NO_OPERATOR};
    term.kind = kind;
    term.text = text;
    return term;
}

static inline struct hirsch_set_term hirsch_author_term(const char *id)
{
    return hirsch_term(HIRSCH_TERM_AUTHOR, id);
}

static inline struct hirsch_set_term hirsch_paper_term(const char *id)
{
    return hirsch_term(HIRSCH_TERM_PAPER, id);
}

static inline struct hirsch_set_term hirsch_papers_term(const char *const *ids, size_t count)
{
    struct hirsch_set_term term = hirsch_term(HIRSCH_TERM_PAPERS, NULL);
    term.ids = ids;
    term.id_count = count;
    return term;
}

static inline struct hirsch_set_term hirsch_field_term(const char *field)
{
    return hirsch_term(HIRSCH_TERM_FIELD, field);
}

static inline struct hirsch_set_term hirsch_years_term(uint32_t first, uint32_t last)
{
    struct hirsch_set_term term = hirsch_term(HIRSCH_TERM_YEARS, NULL);
    term.first_year = first;
    term.last_year = last;
    return term;
}

static inline struct hirsch_set_term hirsch_kind_term(enum hirsch_paper_kind kind)
{
    struct hirsch_set_term term = hirsch_term(HIRSCH_TERM_KIND, NULL);
    term.paper_kind = kind;
    return term;
}

static inline struct hirsch_set_term hirsch_operator_term(enum hirsch_set_operator op)
{
    struct hirsch_set_term term = hirsch_term(HIRSCH_TERM_OPERATOR, NULL);
    term.op = op;
    return term;
}

/* The switches of a scope; 0 is the default of each. */
enum hirsch_self_citations {
    HIRSCH_SELF_CITATIONS_UNSPECIFIED = 0, /* INCLUDE; EXCLUDE_SET for tori and riq */
    HIRSCH_SELF_CITATIONS_INCLUDE = 1,
    HIRSCH_SELF_CITATIONS_EXCLUDE_OWN = 2, /* both papers list an author that the request names */
    HIRSCH_SELF_CITATIONS_EXCLUDE_COAUTHOR = 3, /* they share any identified author */
    HIRSCH_SELF_CITATIONS_EXCLUDE_SET = 4,      /* the citing paper is in the set */
};

enum hirsch_counting {
    HIRSCH_COUNTING_UNSPECIFIED = 0, /* FULL */
    HIRSCH_COUNTING_FULL = 1,
    /* Citations divided by the paper's authors in citation_count, h, g, i10, i100, m, the recent
     * and the h5 numbers; a paper counts as one divided by them. All else is as under FULL. */
    HIRSCH_COUNTING_FRACTIONAL = 2,
};

/* Place of the named authors on the cited paper. */
enum hirsch_author_position {
    HIRSCH_AUTHOR_POSITION_UNSPECIFIED = 0, /* ANY */
    HIRSCH_AUTHOR_POSITION_ANY = 1,
    HIRSCH_AUTHOR_POSITION_FIRST = 2,
    HIRSCH_AUTHOR_POSITION_LAST = 3,
    HIRSCH_AUTHOR_POSITION_FIRST_OR_LAST = 4,
    HIRSCH_AUTHOR_POSITION_SINGLE = 5,
};

/* What is not known counts as not refereed. */
enum hirsch_refereed_filter {
    HIRSCH_REFEREED_FILTER_UNSPECIFIED = 0, /* both */
    HIRSCH_REFEREED_FILTER_REFEREED = 1,
    HIRSCH_REFEREED_FILTER_NOT_REFEREED = 2,
};

enum hirsch_retracted_rule {
    HIRSCH_RETRACTED_RULE_UNSPECIFIED = 0, /* INCLUDE */
    HIRSCH_RETRACTED_RULE_INCLUDE = 1,
    HIRSCH_RETRACTED_RULE_EXCLUDE_CITED = 2,
    HIRSCH_RETRACTED_RULE_EXCLUDE_CITING = 3,
    HIRSCH_RETRACTED_RULE_EXCLUDE_BOTH = 4,
};

enum hirsch_g_rule {
    HIRSCH_G_RULE_UNSPECIFIED = 0, /* ALL_PAPERS */
    HIRSCH_G_RULE_ALL_PAPERS = 1,
    HIRSCH_G_RULE_CITED_ONLY = 2, /* as ADS */
};

/* Which papers and citations count, and how. Kinds, fields, years, refereed and position filter the
 * cited papers. Numbers of single papers take as_of, self_citations (INCLUDE, EXCLUDE_COAUTHOR),
 * citing_refereed and of retracted EXCLUDE_CITING; another switch is INVALID_ARGUMENT. */
struct hirsch_metric_scope {
    size_t size;       /* sizeof(struct hirsch_metric_scope) */
    const char *as_of; /* `YYYY-MM-DD`; NULL or "": everything stored */
    enum hirsch_self_citations self_citations;
    enum hirsch_counting counting;
    enum hirsch_author_position position;
    enum hirsch_refereed_filter refereed;
    enum hirsch_refereed_filter citing_refereed;
    enum hirsch_retracted_rule retracted;
    enum hirsch_g_rule g_rule;
    uint32_t first_year; /* 0: open */
    uint32_t last_year;
    size_t kind_count;
    const enum hirsch_paper_kind *kinds; /* none: all */
    size_t field_count;
    const char *const *fields; /* none: all */
};

#define HIRSCH_METRIC_SCOPE_INIT                                                                   \
    {                                                                                              \
        sizeof(struct hirsch_metric_scope), NULL, HIRSCH_SELF_CITATIONS_UNSPECIFIED,               \
            HIRSCH_COUNTING_UNSPECIFIED, HIRSCH_AUTHOR_POSITION_UNSPECIFIED,                       \
            HIRSCH_REFEREED_FILTER_UNSPECIFIED, HIRSCH_REFEREED_FILTER_UNSPECIFIED,                \
            HIRSCH_RETRACTED_RULE_UNSPECIFIED, HIRSCH_G_RULE_UNSPECIFIED, 0, 0, 0, NULL, 0, NULL   \
    }

/* What makes a number something else than exact, or a filter silent. */
struct hirsch_scope_note {
    const char *code;    /* stable and upper case: "COARSE_DATES", "FRACTIONAL_UPPER_BOUND" */
    uint32_t count;      /* papers or citations concerned; 0 where nothing is counted */
    const char *message; /* one sentence */
};

/* The scope that was used. */
struct hirsch_used_scope {
    struct hirsch_metric_scope switches; /* nothing is unspecified */
    enum hirsch_self_citations tori_self_citations;
    const char *day; /* of formulas that need one; "" when nothing has a date */
    uint64_t sequence;
    const char *epoch;
    uint32_t set_size;       /* papers of the set that are there on the day, before the filters */
    uint32_t counted_papers; /* and after them */
    uint32_t undated_papers; /* they count only without as_of, and in no series */
    uint32_t undated_citations;
    size_t note_count;
    const struct hirsch_scope_note *notes;
};

/* One year of the histograms. A citation stands in the year of the citing paper. */
struct hirsch_histogram_year {
    uint32_t year;
    uint32_t refereed_papers;
    uint32_t other_papers;
    double normalized_refereed_papers;
    double normalized_other_papers;
    /* By citing paper first, cited paper second. */
    uint32_t citations_refereed_to_refereed;
    uint32_t citations_refereed_to_other;
    uint32_t citations_other_to_refereed;
    uint32_t citations_other_to_other;
    double normalized_citations_refereed_to_refereed;
    double normalized_citations_refereed_to_other;
    double normalized_citations_other_to_refereed;
    double normalized_citations_other_to_other;
};

/* The numbers of a set at the end of a day, all papers and citations up to it. */
struct hirsch_timeline_row {
    uint32_t year;
    const char *day; /* 31 December, the day of the scope where that is earlier, or the one given */
    /* In the year up to the day; for given days since the one before, all for the first. */
    double papers_added;
    double citations_added;
    struct hirsch_number paper_count;
    struct hirsch_number citation_count;
    struct hirsch_number citing_paper_count;
    struct hirsch_number h_index;
    struct hirsch_number g_index;
    struct hirsch_number i10_index;
    struct hirsch_number i100_index;
    struct hirsch_number m_quotient;
    struct hirsch_number tori;
    struct hirsch_number riq;
};

/* Papers with so many citations. */
struct hirsch_citation_bucket {
    uint32_t least;
    bool has_most; /* false in the last one */
    uint32_t most;
    uint32_t paper_count;
};

struct hirsch_set_metrics {
    /* BASIC; citation_count also with CITATIONS */
    struct hirsch_number paper_count;
    struct hirsch_number citation_count;
    struct hirsch_number first_year; /* of the set before the filters on cited papers */
    struct hirsch_number last_year;
    /* CITATIONS */
    struct hirsch_number citing_paper_count;
    struct hirsch_number self_citation_count;
    struct hirsch_number normalized_paper_count;
    struct hirsch_number normalized_citation_count;
    struct hirsch_number mean_citations;
    struct hirsch_number median_citations;
    struct hirsch_number uncited_share;
    struct hirsch_number gini;
    struct hirsch_number citation_half_life;
    /* INDICATORS */
    struct hirsch_number h_index;
    struct hirsch_number g_index;
    struct hirsch_number i10_index;
    struct hirsch_number i100_index;
    struct hirsch_number m_quotient;
    struct hirsch_number tori;
    struct hirsch_number riq;
    struct hirsch_number h_recent5;
    struct hirsch_number i10_recent5;
    struct hirsch_number citations_recent5;
    struct hirsch_number h5_published;
    struct hirsch_number h5_median;
    struct hirsch_number s_index;
    /* Ascending, zero years included. */
    size_t histogram_count;
    const struct hirsch_histogram_year *histogram;
    size_t timeline_count;
    const struct hirsch_timeline_row *timeline;
    size_t bucket_count;
    const struct hirsch_citation_bucket *buckets;
    struct hirsch_used_scope scope;
    size_t unknown_id_count;
    const char *const *unknown_ids; /* of the request; they count as empty sets */
};

/* Parts of an answer, as bits. */
enum hirsch_metric_group {
    HIRSCH_METRICS_BASIC = 1,
    HIRSCH_METRICS_CITATIONS = 2,
    HIRSCH_METRICS_INDICATORS = 4,
    HIRSCH_METRICS_HISTOGRAMS = 8,
    HIRSCH_METRICS_TIMELINE = 16,
    HIRSCH_METRICS_BUCKETS = 32,
    HIRSCH_METRICS_ALL = 63,
};

struct hirsch_compute_metrics {
    size_t size; /* sizeof(struct hirsch_compute_metrics) */
    size_t term_count;
    const struct hirsch_set_term *terms;
    const struct hirsch_metric_scope *scope; /* NULL: everything stored */
    uint32_t groups;                         /* 0: BASIC, CITATIONS and INDICATORS */
};

#define HIRSCH_COMPUTE_METRICS_INIT                                                                \
    {                                                                                              \
        sizeof(struct hirsch_compute_metrics), 0, NULL, NULL, 0                                    \
    }

/* Beside the codes of client.h: RESOURCE_EXHAUSTED for a set of more than 100,000 papers. */
HIRSCH_API enum hirsch_code hirsch_compute_metrics(hirsch_client *client,
                                                   const struct hirsch_compute_metrics *request,
                                                   const struct hirsch_call_options *call,
                                                   const struct hirsch_set_metrics **metrics,
                                                   hirsch_error **error);

struct hirsch_get_timeline {
    size_t size; /* sizeof(struct hirsch_get_timeline) */
    size_t term_count;
    const struct hirsch_set_term *terms;
    const struct hirsch_metric_scope *scope;
    size_t day_count;
    /* `YYYY-MM-DD`, ascending, at most 1,000, in place of the scope's as_of, which has to be empty
     * then; none: year by year. */
    const char *const *days;
};

#define HIRSCH_GET_TIMELINE_INIT                                                                   \
    {                                                                                              \
        sizeof(struct hirsch_get_timeline), 0, NULL, NULL, 0, NULL                                 \
    }

struct hirsch_timeline {
    size_t count;
    const struct hirsch_timeline_row *rows;
    struct hirsch_used_scope scope;
    size_t unknown_id_count;
    const char *const *unknown_ids;
};

HIRSCH_API enum hirsch_code hirsch_get_timeline(hirsch_client *client,
                                                const struct hirsch_get_timeline *request,
                                                const struct hirsch_call_options *call,
                                                const struct hirsch_timeline **timeline,
                                                hirsch_error **error);

/* Later papers that cite a paper, its references, or both. */
struct hirsch_disruption_counts {
    uint32_t only_paper;
    uint32_t both;
    uint32_t only_references;
    uint32_t too_few_shared; /* it, and fewer references than the index asks for: in no term */
    uint64_t shared_references;
    uint32_t references;
};

/* Papers of one year, primary field and kind; all its numbers are those of its sequence and day. */
struct hirsch_cohort {
    uint32_t year;
    const char *field;
    enum hirsch_paper_kind kind;
    uint32_t size; /* the paper itself included */
    uint64_t sequence;
    const char *day;
    uint32_t below; /* members with fewer citations */
    uint32_t equal; /* and with as many, the paper itself left out */
    uint32_t citation_count;
    uint32_t window_citation_count;
    double mean;     /* of the members' window_citation_count; of the others with leave_one_out */
    double variance; /* of the sample; of one member 0 */
};

struct hirsch_paper_indicators {
    const char *id; /* the paper's own */
    bool stub;      /* a cited id without a record */
    uint32_t citation_count;
    uint32_t reference_count;
    uint32_t self_citation_count;
    size_t counts_by_year_count;
    const struct hirsch_paper_year *counts_by_year;
    struct hirsch_number velocity;
    struct hirsch_number percentile;
    struct hirsch_number fwci;
    struct hirsch_number fwci_lower;
    struct hirsch_number fwci_upper;
    bool fwci_provisional;
    struct hirsch_number cd;
    struct hirsch_number mcd;
    struct hirsch_number di1;
    struct hirsch_number di5;
    struct hirsch_number di_nok;
    struct hirsch_number dep;
    struct hirsch_number sleeping_beauty;
    struct hirsch_number awakening_year;
    bool cd_window_complete;
    const char *cd_window_end;                        /* "" when the paper has no date */
    const struct hirsch_disruption_counts *cd_counts; /* these are NULL where there are none */
    const struct hirsch_disruption_counts *di1_counts;
    const struct hirsch_disruption_counts *di5_counts;
    const struct hirsch_cohort *cohort;
    struct hirsch_used_scope scope;
};

/* Rules of the numbers of a paper. */
struct hirsch_paper_options {
    size_t size;             /* sizeof(struct hirsch_paper_options) */
    uint32_t window_years;   /* of cd and mcd, at most 800; 0: 5 */
    uint32_t window_days;    /* in days instead, at most 292,800, when not 0; not both */
    bool reference_free_one; /* cd of a paper without references is 1, as in the classic program */
    bool leave_one_out;      /* the cohort's mean without the paper itself, in fwci */
};

#define HIRSCH_PAPER_OPTIONS_INIT                                                                  \
    {                                                                                              \
        sizeof(struct hirsch_paper_options), 0, 0, false, false                                    \
    }

/* scope and options may be NULL. NOT_FOUND when nothing names the paper. */
HIRSCH_API enum hirsch_code hirsch_get_paper_metrics(hirsch_client *client, const char *id,
                                                     const struct hirsch_metric_scope *scope,
                                                     const struct hirsch_paper_options *options,
                                                     const struct hirsch_call_options *call,
                                                     const struct hirsch_paper_indicators **metrics,
                                                     hirsch_error **error);

struct hirsch_paper_metrics_item {
    const char *id;                                /* as in the request */
    const struct hirsch_paper_indicators *metrics; /* NULL when code is not HIRSCH_OK */
    enum hirsch_code code;
    const char *message; /* why not; "" on HIRSCH_OK */
};

struct hirsch_paper_metrics_batch {
    size_t count;
    const struct hirsch_paper_metrics_item *items; /* in the order of the request */
};

/* 1 to HIRSCH_MAX_BATCH ids; what fails is said per item. */
HIRSCH_API enum hirsch_code hirsch_batch_get_paper_metrics(
    hirsch_client *client, const char *const *ids, size_t count,
    const struct hirsch_metric_scope *scope, const struct hirsch_paper_options *options,
    const struct hirsch_call_options *call, const struct hirsch_paper_metrics_batch **batch,
    hirsch_error **error);

enum hirsch_explained_metric {
    HIRSCH_EXPLAIN_NONE = 0,
    HIRSCH_EXPLAIN_H = 1, /* of a set */
    HIRSCH_EXPLAIN_G = 2,
    HIRSCH_EXPLAIN_I10 = 3,
    HIRSCH_EXPLAIN_CD = 4, /* of one paper: the set is one paper term */
    HIRSCH_EXPLAIN_FWCI = 5,
    HIRSCH_EXPLAIN_PERCENTILE = 6,
};

struct hirsch_explain_metric {
    size_t size; /* sizeof(struct hirsch_explain_metric) */
    enum hirsch_explained_metric metric;
    size_t term_count;
    const struct hirsch_set_term *terms;
    const struct hirsch_metric_scope *scope;
    const struct hirsch_paper_options *options; /* for CD */
    /* Papers in each list; 0: 100, more than 1,000 is taken as 1,000. */
    uint32_t limit;
};

#define HIRSCH_EXPLAIN_METRIC_INIT                                                                 \
    {                                                                                              \
        sizeof(struct hirsch_explain_metric), HIRSCH_EXPLAIN_NONE, 0, NULL, NULL, NULL, 0          \
    }

struct hirsch_explained_paper {
    const char *id;
    const char *title;
    const char *publication_date;
    double citation_count; /* under the scope */
    double missing;        /* citations that it lacks for the next step */
};

struct hirsch_metric_step {
    uint32_t value;
    const char *day; /* on which it was first reached */
};

struct hirsch_set_explanation {
    uint32_t value;
    size_t witness_count;
    const struct hirsch_explained_paper *witnesses; /* most cited first */
    size_t nearest_count;
    const struct hirsch_explained_paper *nearest; /* of value + 1 */
    double missing_citations;                     /* that value + 1 lacks */
    bool needs_paper;                             /* value + 1 needs a new paper */
    size_t step_count;
    const struct hirsch_metric_step *steps; /* ascending */
    uint32_t more_witnesses;                /* beyond limit */
    uint32_t more_nearest;
};

/* One of set and paper; the other is NULL. */
struct hirsch_explanation {
    const struct hirsch_set_explanation *set;
    const struct hirsch_paper_indicators *paper;
    struct hirsch_used_scope scope;
    size_t unknown_id_count;
    const char *const *unknown_ids;
};

/* CD, FWCI and PERCENTILE: NOT_FOUND when nothing names the paper. */
HIRSCH_API enum hirsch_code hirsch_explain_metric(hirsch_client *client,
                                                  const struct hirsch_explain_metric *request,
                                                  const struct hirsch_call_options *call,
                                                  const struct hirsch_explanation **explanation,
                                                  hirsch_error **error);

#ifdef __cplusplus
}
#endif

#endif
