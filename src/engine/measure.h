/* The numbers of a set of papers under a scope: counts, indicators, histograms, buckets. */
#ifndef ENGINE_MEASURE_H
#define ENGINE_MEASURE_H

#include "engine/timeline.h"

/* What is wanted; the numbers are those on the wire as bits. BASIC, CITATIONS, INDICATORS and
 * BUCKETS are always filled, HISTOGRAMS and TIMELINE only when asked for; all come out of one pass
 * over the citations. */
enum engine_group {
    ENGINE_GROUP_BASIC = 1 << 0,
    ENGINE_GROUP_CITATIONS = 1 << 1,
    ENGINE_GROUP_INDICATORS = 1 << 2,
    ENGINE_GROUP_HISTOGRAMS = 1 << 3,
    ENGINE_GROUP_TIMELINE = 1 << 4,
    ENGINE_GROUP_BUCKETS = 1 << 5,
};

/* Papers with 0, 1-9, 10-49, 50-99, 100-249, 250-499, 500 and more citations (INSPIRE). */
enum { ENGINE_BUCKET_COUNT = 7 };
extern const uint32_t engine_bucket_least[ENGINE_BUCKET_COUNT];

/* One year of the histograms (ADS). Index 0: not refereed or unknown, 1: refereed. A citation
 * stands in the year of the citing paper, [citing][cited]. Normalised: 1/a a paper and a citation,
 * a the distinct listed authors of the cited paper. */
struct engine_histogram_year {
    uint32_t papers[2];
    uint32_t citations[2][2];
    double papers_normalized[2];
    double citations_normalized[2][2];
};

/* Every year from the first with a paper or a citation to the last, or to the year of the day when
 * that is later; zeros included. */
struct engine_histograms {
    unsigned first_year; /* 0: nothing has a date */
    size_t count;
    const struct engine_histogram_year *years; /* in the work memory, until its next use */
};

struct engine_measures {
    struct engine_scope_report scope;

    /* BASIC */
    uint32_t paper_count;     /* N, whole papers under any counting */
    double paper_sum;         /* paper_count under the scope's counting: N or the sum of 1/a */
    double papers_normalized; /* sum of 1/a (ADS) */
    unsigned first_year;      /* of the set before the filters on cited papers; 0: no dated
                                 paper */
    unsigned last_year;       /* likewise */

    /* CITATIONS */
    uint64_t citation_count;      /* sum of C, whole citations under any counting */
    double citation_sum;          /* citation_count under the scope's counting */
    double citations_normalized;  /* sum of C/a (ADS) */
    uint32_t citing_paper_count;  /* distinct citing papers over the set (ADS) */
    uint64_t self_citation_count; /* by rule OWN for an author, SET for a set; of the citations
                                     before self-citations are left out */
    enum engine_self self_citation_rule;     /* OWN or SET */
    uint32_t uncited_count;                  /* papers without citation */
    struct engine_number mean_citations;     /* over all papers, zeros included */
    struct engine_number median_citations;   /* mean of the two middle values */
    struct engine_number uncited_share;      /* uncited_count / N */
    struct engine_number citation_half_life; /* years; engine/measure.c has definition and source */
    struct engine_number gini;

    /* INDICATORS */
    uint32_t h_index;
    uint32_t g_index;
    uint32_t i10_index;
    uint32_t i100_index;
    struct engine_number m_quotient;
    struct engine_number h_recent5; /* whole numbers, undefined without a day */
    struct engine_number i10_recent5;
    struct engine_number citations_recent5; /* a sum of fractions under FRACTIONAL */
    struct engine_number h5_published;
    struct engine_number h5_median;
    double tori;
    struct engine_number riq; /* a whole number */
    struct engine_number s_index;

    /* BUCKETS: papers by whole citations */
    uint32_t buckets[ENGINE_BUCKET_COUNT];

    /* HISTOGRAMS; count 0 when not asked for */
    struct engine_histograms histograms;

    /* TIMELINE: as engine_timeline_yearly; count 0 when not asked for */
    struct engine_timeline timeline;
};

/* groups: bits of enum engine_group. INVALID_ARGUMENT: engine_scope_check; RESOURCE_EXHAUSTED: out
 * of memory; CANCELLED: the stop function said so; anything that edges->citers fails with. */
enum base_code engine_measure(struct engine_work *work, const struct engine_edges *edges,
                              const struct engine_set *set, const struct engine_scope *scope,
                              unsigned groups, struct engine_measures *measures,
                              struct base_error *error);

#endif
