/* The common numbers of one author and one paper, counted from their lists: what the store keeps as
 * counters. */
#ifndef ENGINE_RECOUNT_H
#define ENGINE_RECOUNT_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/graph.h"
#include "engine/indicators.h"

struct engine_year {
    uint32_t paper_count;
    uint32_t citation_count;
};

/* A gapless series; years[0] is first_year. count 0: nothing has a date. */
struct engine_series {
    unsigned first_year;
    size_t count;
    const struct engine_year *years; /* borrowed from the counter until its next use */
};

struct engine_author_numbers {
    struct engine_indicators indicators;
    uint32_t citation_count;      /* indicators' saturated */
    uint32_t citing_paper_count;  /* distinct citing papers over the set (ADS) */
    uint32_t self_citation_count; /* rule OWN: citing and cited paper both list the author */
    unsigned first_year;          /* of the papers; 0: none has a date */
    unsigned last_year;
    struct engine_series series;
    const struct engine_run *runs; /* borrowed likewise */
    size_t run_count;
};

struct engine_paper_numbers {
    uint32_t citation_count;
    uint32_t self_citation_count; /* rule COAUTHOR: the edge's SHARES_AUTHOR flag */
    struct engine_series series;
};

/* Work memory of recounts; one thread at a time. */
struct engine_counter;

/* How many marks a counter of authors needs; paper_end: numbers of papers are below it. */
static inline size_t engine_counter_marks(uint32_t paper_end)
{
    return 2 * ((size_t)paper_end + 1);
}

/* NULL when memory is out. marks: so many zeros, borrowed while the counter lives; NULL: papers are
 * counted, and no authors. */
struct engine_counter *engine_counter_new(uint32_t paper_end, uint32_t *marks);
void engine_counter_free(struct engine_counter *counter);

/* The year of a day; the engine reads no calendar of its own. */
typedef unsigned (*engine_year_of)(uint32_t day);

/* self_rule false: the author is known by name only, OWN means nothing and counts 0. False when
 * memory is out. */
bool engine_recount_author(struct engine_counter *counter, const struct engine_graph *graph,
                           uint32_t author, bool self_rule, engine_year_of year_of,
                           struct engine_author_numbers *numbers);

/* day: of the paper, ENGINE_NO_DAY when it has none. The series is empty without dated citations.
 */
void engine_recount_paper(struct engine_counter *counter, const struct engine_citer *citers,
                          size_t count, uint32_t day, engine_year_of year_of,
                          struct engine_paper_numbers *numbers);

#endif
