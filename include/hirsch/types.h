/* What the service answers, as plain structs: authors, papers and their numbers.
 *
 * Texts are UTF-8, end with NUL and are never NULL: "" stands for absent. They are what the records
 * say, so control characters may stand in them: take those out before you show them on a terminal.
 * Where a number can be absent, a `has_` flag stands before it and the number is 0 without it.
 * Arrays are NULL when their count is 0. Everything that a result points to lives as long as the
 * result (see hirsch_free() in client.h) and is never written to again, so any number of threads
 * may read it. */
#ifndef HIRSCH_TYPES_H
#define HIRSCH_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A field of research in one scheme; fields of different schemes are never compared. */
struct hirsch_field {
    const char *id;           /* `scheme/code`: "arxiv/cs.LG", "openalex/1804" */
    const char *display_name; /* for reading: "LG" */
};

struct hirsch_affiliation {
    const char *name;
    const char *ror; /* ROR id, nine characters; "" when unknown */
};

struct hirsch_author_year {
    uint32_t year;
    uint32_t paper_count;    /* papers dated in the year */
    uint32_t citation_count; /* citations from papers dated in the year */
};

/* Computed over all stored papers of the author, every citation included, full counting. */
struct hirsch_author_metrics {
    uint32_t paper_count;
    uint32_t citation_count;
    uint32_t citing_paper_count; /* distinct papers that cite at least one of them */
    uint32_t h_index;            /* Hirsch 2005 */
    uint32_t g_index;            /* Egghe 2006, at most paper_count */
    uint32_t i10_index;          /* papers with at least 10 citations */
    uint32_t i100_index;         /* papers with at least 100 */
    bool has_m_quotient;         /* some paper has a date */
    /* h_index divided by the years from first_year to that of the dataset's coverage_end, both
     * included, at least 1. */
    double m_quotient;
    /* Citations whose citing and cited paper both list the author; 0 for `name:` authors. */
    uint32_t self_citation_count;
    bool has_years;      /* some paper has a date */
    uint32_t first_year; /* of the oldest paper */
    uint32_t last_year;  /* of the newest one */
    /* Ascending, without a gap: zeros are included. */
    size_t counts_by_year_count;
    const struct hirsch_author_year *counts_by_year;
};

struct hirsch_paper_year {
    uint32_t year;
    uint32_t citation_count; /* citations from papers dated in the year */
};

/* Computed over the whole store, every citation included. */
struct hirsch_paper_metrics {
    uint32_t citation_count;      /* distinct papers that cite it */
    uint32_t reference_count;     /* distinct papers that it cites */
    uint32_t self_citation_count; /* citations whose citing paper shares an identified author */
    /* Ascending, without a gap: zeros are included. */
    size_t counts_by_year_count;
    const struct hirsch_paper_year *counts_by_year;
};

struct hirsch_reported_year {
    uint32_t year;
    bool has_paper_count;
    uint32_t paper_count;
    bool has_citation_count;
    uint32_t citation_count;
};

/* Why reported numbers cannot all be true of one set of papers. */
struct hirsch_reported_issue {
    const char *code;    /* stable and upper case: "H_INDEX_ABOVE_PAPERS" */
    const char *message; /* one sentence with the numbers */
};

/* What a source counts as citations. */
enum hirsch_citation_basis {
    HIRSCH_CITATION_BASIS_UNSPECIFIED = 0,
    HIRSCH_CITATION_BASIS_CITATIONS = 1,     /* edges, as in this service */
    HIRSCH_CITATION_BASIS_CITING_PAPERS = 2, /* distinct citing papers */
};

/* What a source said on a day; kept as it came, never corrected. */
struct hirsch_reported_metrics {
    const char *source;
    const char *as_of; /* `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; "" when unknown */
    bool has_paper_count;
    uint32_t paper_count;
    bool has_citation_count;
    uint32_t citation_count;
    bool has_h_index;
    uint32_t h_index;
    bool has_i10_index;
    uint32_t i10_index;
    bool has_novelty;
    double novelty; /* a share, 0 to 1 */
    bool has_ai_score;
    double ai_score; /* 0 to 100 */
    enum hirsch_citation_basis citation_basis;
    size_t counts_by_year_count;
    const struct hirsch_reported_year *counts_by_year; /* ascending; gaps are the source's */
    size_t issue_count;
    const struct hirsch_reported_issue *issues;
};

struct hirsch_author {
    const char *id; /* the author's own id; `name:…` for an author who has no id on any paper */
    size_t id_count;
    const char *const *ids; /* every id that resolves here, own id first */
    const char *display_name;
    size_t alternative_name_count;
    const char *const *alternative_names;
    struct hirsch_field primary_field; /* both texts "" when nothing tells */
    size_t affiliation_count;
    const struct hirsch_affiliation *affiliations;
    struct hirsch_author_metrics metrics;
    size_t reported_count;
    const struct hirsch_reported_metrics *reported; /* newest first */
    size_t disputed_id_count;
    const char *const *disputed_ids; /* claimed by two records of one source; they join nobody */
    bool name_only;                  /* papers by this name, not a known person */
};

struct hirsch_authorship {
    const char *id;    /* `name:…` when the paper gives none */
    const char *name;  /* as written on the paper */
    uint32_t position; /* from 1; 0: known to be an author, place unknown */
    bool corresponding;
    size_t affiliation_count;
    const struct hirsch_affiliation *affiliations;
};

/* How much of a paper an answer holds. */
enum hirsch_paper_view {
    HIRSCH_PAPER_VIEW_UNSPECIFIED = 0, /* BASIC in lists and batches, FULL for one paper */
    HIRSCH_PAPER_VIEW_BASIC = 1,       /* everything but the abstract */
    HIRSCH_PAPER_VIEW_FULL = 2,        /* with the abstract */
    HIRSCH_PAPER_VIEW_COMPACT = 3,     /* BASIC without reported and counts_by_year */
};

enum hirsch_paper_kind {
    HIRSCH_PAPER_KIND_UNSPECIFIED = 0,
    HIRSCH_PAPER_KIND_ARTICLE = 1,
    HIRSCH_PAPER_KIND_PREPRINT = 2,
    HIRSCH_PAPER_KIND_CONFERENCE_PAPER = 3,
    HIRSCH_PAPER_KIND_REVIEW = 4,
    HIRSCH_PAPER_KIND_BOOK = 5,
    HIRSCH_PAPER_KIND_BOOK_CHAPTER = 6,
    HIRSCH_PAPER_KIND_DISSERTATION = 7,
    HIRSCH_PAPER_KIND_REPORT = 8,
    HIRSCH_PAPER_KIND_DATASET = 9,
    HIRSCH_PAPER_KIND_SOFTWARE = 10,
    HIRSCH_PAPER_KIND_EDITORIAL = 11,
    HIRSCH_PAPER_KIND_LETTER = 12,
    HIRSCH_PAPER_KIND_ERRATUM = 13,
    HIRSCH_PAPER_KIND_OTHER = 14,
};

/* Known to be so, known not to be so, or not known. */
enum hirsch_known {
    HIRSCH_NOT_KNOWN = 0,
    HIRSCH_KNOWN_FALSE = 1,
    HIRSCH_KNOWN_TRUE = 2,
};

struct hirsch_paper {
    const char *id;
    size_t id_count;
    const char *const *ids; /* own id first */
    const char *title;
    const char *abstract_text;    /* "" but in the FULL view */
    const char *publication_date; /* `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; "" when unknown */
    struct hirsch_field primary_field;
    enum hirsch_paper_kind kind;
    const char *venue;
    size_t author_count;
    const struct hirsch_authorship *authors; /* in the order of the list */
    bool authors_truncated;                  /* the list ends in "et al." */
    size_t affiliation_count;
    const struct hirsch_affiliation *affiliations; /* tags of the paper, tied to no one author */
    enum hirsch_known refereed;
    enum hirsch_known retracted;
    struct hirsch_paper_metrics metrics;
    size_t reported_count;
    const struct hirsch_reported_metrics *reported;
    size_t disputed_id_count;
    const char *const *disputed_ids;
    bool stub; /* a cited id without a record: only id, ids and metrics are filled */
};

/* One page of a list. next_page_token is "" on the last page; a page may hold fewer items than were
 * asked for; total_size counts those of all pages. */
struct hirsch_paper_page {
    size_t count;
    const struct hirsch_paper *papers;
    const char *next_page_token;
    uint32_t total_size;
};

struct hirsch_citation {
    struct hirsch_paper paper; /* the citing one */
    bool shares_author;        /* both papers list one identified author */
};

struct hirsch_citation_page {
    size_t count;
    const struct hirsch_citation *citations;
    const char *next_page_token;
    uint32_t total_size;
};

struct hirsch_coauthor {
    const char *id;
    const char *display_name;
    uint32_t joint_paper_count; /* papers that list both */
    bool has_years;             /* some of them has a date */
    uint32_t first_year;
    uint32_t last_year;
    bool name_only;
};

struct hirsch_coauthor_page {
    size_t count;
    const struct hirsch_coauthor *coauthors;
    const char *next_page_token;
    uint32_t total_size;
    uint32_t skipped_papers; /* left out, because they have more than 100 authors */
};

/* What a list of names shows; hirsch_get_author() tells the rest. */
struct hirsch_author_hit {
    const char *id;
    const char *display_name;
    struct hirsch_field primary_field;
    size_t affiliation_count;
    const struct hirsch_affiliation *affiliations;
    uint32_t paper_count;
    uint32_t citation_count;
    uint32_t h_index;
    bool name_only;
};

/* truncated: so many hold the rarest word that only the first 10,000 of them were looked at. */
struct hirsch_author_hits {
    size_t count;
    const struct hirsch_author_hit *authors;
    const char *next_page_token;
    bool truncated;
};

struct hirsch_paper_hits {
    size_t count;
    const struct hirsch_paper *papers;
    const char *next_page_token;
    bool truncated;
};

struct hirsch_source_count {
    const char *source;
    uint64_t author_records;
    uint64_t paper_records;
};

struct hirsch_dataset {
    const char *id;    /* 32 hexadecimal digits, made once with the data directory */
    const char *epoch; /* 32 hexadecimal digits, new on bulk load and restore */
    uint64_t sequence; /* of the last committed change */
    /* Newest date of a paper that is not after the day of import; "" without dated papers. */
    const char *coverage_end;
    uint32_t paper_count; /* with records */
    uint32_t stub_count;  /* cited ids without one */
    uint32_t author_count;
    uint64_t citation_count;
    uint64_t source_record_count;
    uint64_t merged_record_count; /* source records beyond the first of their paper or author */
    uint64_t disputed_id_count;
    size_t source_count;
    const struct hirsch_source_count *sources; /* most records first, at most 100 */
};

enum hirsch_entity_kind {
    HIRSCH_ENTITY_KIND_UNSPECIFIED = 0,
    HIRSCH_ENTITY_KIND_AUTHOR = 1,
    HIRSCH_ENTITY_KIND_PAPER = 2,
};

struct hirsch_id_list {
    size_t count;
    const char *const *ids;
};

struct hirsch_resolved_id {
    const char *id;               /* as in the request */
    enum hirsch_entity_kind kind; /* UNSPECIFIED when it names nothing */
    const char *resolved_id;      /* own id of what it names; "" when it names nothing */
    bool merged;                  /* another id than its own */
    bool disputed;                /* claimed by two records of one source */
    bool suppressed;              /* never stored */
    bool stub;                    /* a cited id without a record */
    /* 0, or a number of enum hirsch_code: INVALID_ARGUMENT when it is no id at all, DATA_LOSS when
     * what is stored is damaged. */
    uint32_t code;
    const char *message; /* why not; "" with code 0 */
};

struct hirsch_resolution {
    size_t count;
    const struct hirsch_resolved_id *ids; /* in the order of the request */
};

/* The cohorts that papers are compared with: same field, kind and year. */
struct hirsch_refresh {
    uint64_t sequence;     /* that they were computed at */
    uint32_t cohort_count; /* with enough papers to say something */
    uint32_t paper_count;  /* in them */
};

#ifdef __cplusplus
}
#endif

#endif
