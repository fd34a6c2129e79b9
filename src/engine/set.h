/* Sets of papers as the engine takes them: the papers with their facts, the papers of named
 * authors, and where citations are read. */
#ifndef ENGINE_SET_H
#define ENGINE_SET_H

#include "engine/scope.h"

/* Where citations come from. A function fails only when they cannot be read; its code and error
 * text then leave through whatever engine function asked. */
struct engine_edges {
    void *context;
    uint32_t paper_end; /* numbers of papers are below it */
    /* Who cites the paper, sorted by (day, paper), undated last, each citing paper once and never
     * itself. Borrowed until the next call. */
    enum base_code (*citers)(void *context, uint32_t paper, const struct engine_citer **list,
                             size_t *count, struct base_error *error);
    /* What it cites, ascending, stubs included. Borrowed until the next call. For sets asked only
     * where engine_citer.references is saturated; always for paper metrics. */
    enum base_code (*references)(void *context, uint32_t paper, const uint32_t **list,
                                 size_t *count, struct base_error *error);
};

enum engine_paper_flag {
    ENGINE_PAPER_COARSE_DATE = 1 << 0,
    ENGINE_PAPER_YEAR_DATE = 1 << 1, /* with COARSE_DATE: no month known */
    ENGINE_PAPER_REFEREED = 1 << 2,
    ENGINE_PAPER_REFEREE_KNOWN = 1 << 3,
    ENGINE_PAPER_RETRACTED = 1 << 4,
    ENGINE_PAPER_TRUNCATED = 1 << 5, /* its author list */
};

/* Places that named authors have on a paper. */
enum engine_place {
    ENGINE_PLACE_FIRST = 1 << 0,   /* position 1 */
    ENGINE_PLACE_LAST = 1 << 1,    /* greatest place of a complete list of two or more */
    ENGINE_PLACE_SINGLE = 1 << 2,  /* position known, only author of a complete list */
    ENGINE_PLACE_UNKNOWN = 1 << 3, /* position 0 */
    ENGINE_PLACE_CUT = 1 << 4,     /* the list is truncated: its end is not known */
};

/* One paper of a set. Facts that no switch of the scope looks at may be left 0. */
struct engine_paper {
    uint32_t paper;
    uint32_t day;          /* ENGINE_NO_DAY: undated */
    uint32_t field;        /* any number, 0: none; for the filter on fields */
    uint16_t author_count; /* distinct listed authors, saturated; 0 is taken as 1 */
    uint16_t flags;        /* enum engine_paper_flag */
    uint8_t kind;          /* enum model_kind; for the filter on kinds */
    uint8_t places;        /* enum engine_place of every named author on it, ORed */
    uint64_t named;        /* bit n: the n-th author named in the request is listed */
};

/* What an author's list says of one paper. named: the author's number in the request, below 64. */
struct engine_paper engine_paper_of_authored(const struct engine_authored *authored,
                                             unsigned named);

/* Sorts by paper and makes one of those that stand there several times (their places and named
 * authors ORed); returns how many are left. */
size_t engine_papers_fold(struct engine_paper *papers, size_t count);

/* The entry of the paper in a folded list; NULL when it is not there. */
const struct engine_paper *engine_papers_find(const struct engine_paper *papers, size_t count,
                                              uint32_t paper);

/* A set of papers, all of it borrowed. */
struct engine_set {
    const struct engine_paper *papers; /* before any filter; ascending by paper, each once */
    size_t count;
    /* All papers of the authors that the request names, in the set or not, folded; only paper and
     * named are read. Needed for EXCLUDE_OWN and for self_citation_count of an author. */
    const struct engine_paper *own;
    size_t own_count;
    unsigned named_count; /* authors that the request names, known or not; 0: there is none */
    uint64_t identified;  /* bit n: the n-th is identified, not known by name only */
    bool is_author;       /* the set is one author's papers: self_citation_count is by rule OWN */
};

/* Work memory of all computations below: grows with the greatest question, at most to about 40
 * bytes a citation and 100 a paper of the set, plus six bits a paper of the dataset. One thread at
 * a time. */
struct engine_work;

/* stop may be NULL; it is polled at least every ENGINE_STOP_EVERY citations, and true ends the
 * computation with CANCELLED. */
struct engine_work *engine_work_new(bool (*stop)(void *context), void *context);
void engine_work_free(struct engine_work *work);
/* Another question of the same thread. */
void engine_work_set_stop(struct engine_work *work, bool (*stop)(void *context), void *context);
/* Bytes that it holds now; engine_work_trim gives back what is beyond `most`. */
size_t engine_work_size(const struct engine_work *work);
void engine_work_trim(struct engine_work *work, size_t most);

enum { ENGINE_STOP_EVERY = 65536 };

#endif
