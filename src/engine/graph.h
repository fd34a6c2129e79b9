/* What the engine needs to know of papers, authors and citations, whoever keeps them. */
#ifndef ENGINE_GRAPH_H
#define ENGINE_GRAPH_H

#include <stddef.h>
#include <stdint.h>

/* The day of what has no date; the same number as on disk. */
#define ENGINE_NO_DAY UINT32_C(0xFFFFFFFF)

/* Facts of one citation, kept with it so that no rule has to open the citing paper. On disk. */
enum engine_edge_flag {
    ENGINE_EDGE_REFEREED = 1 << 0,      /* the citing paper is refereed */
    ENGINE_EDGE_RETRACTED = 1 << 1,     /* the citing paper is retracted */
    ENGINE_EDGE_SHARES_AUTHOR = 1 << 2, /* both papers list one identified author */
    ENGINE_EDGE_COARSE_DATE = 1 << 3,   /* the day is the first of a month or year */
    ENGINE_EDGE_AUTHORS_CUT =
        1 << 4, /* an author list of the two is truncated: shared authors may be hidden */
    ENGINE_EDGE_LINE_DATE =
        1 << 5, /* the day is that of a citation line, the citing paper has none */
    ENGINE_EDGE_REFEREE_KNOWN = 1 << 6, /* the source says whether the citing paper is refereed */
    ENGINE_EDGE_YEAR_DATE = 1 << 7,     /* with COARSE_DATE: only the year is known, no month */
};

/* One citation of a paper, as it lies on disk: 12 bytes. */
struct engine_citer {
    uint32_t day; /* of the citing paper */
    uint32_t paper;
    uint16_t references; /* distinct ids that the citing paper cites, saturated */
    uint16_t flags;
};

/* Facts of one paper in an author's list. On disk. */
enum engine_authored_flag {
    ENGINE_AUTHORED_COARSE_DATE = 1 << 0,
    ENGINE_AUTHORED_REFEREED = 1 << 1,
    ENGINE_AUTHORED_REFEREE_KNOWN = 1 << 2,
    ENGINE_AUTHORED_RETRACTED = 1 << 3,
    ENGINE_AUTHORED_TRUNCATED = 1 << 4, /* the paper's author list */
    ENGINE_AUTHORED_LAST = 1 << 5,      /* the greatest place of a complete list of two or more */
    ENGINE_AUTHORED_YEAR_DATE = 1 << 6, /* with COARSE_DATE: only the year is known, no month */
};

/* One paper of an author, as it lies on disk: 14 bytes and 2 of nothing in memory. */
struct engine_authored {
    uint32_t day;
    uint32_t paper;
    uint16_t position;     /* 0: place unknown */
    uint16_t author_count; /* distinct listed authors, at least 1, saturated */
    uint16_t flags;
    uint16_t unused;
};

/* Lists are borrowed until the next call of the same function. Numbers of papers are below
 * paper_end. */
struct engine_graph {
    void *context;
    uint32_t paper_end;
    void (*papers)(void *context, uint32_t author, const struct engine_authored **list,
                   size_t *count);
    void (*citers)(void *context, uint32_t paper, const struct engine_citer **list, size_t *count);
};

#endif
