/* One pass over the citations of a set: the sums that its numbers are made of, those of today and
 * those of every row of a timeline. Private to the engine. */
#ifndef ENGINE_TALLY_H
#define ENGINE_TALLY_H

#include "engine/walk.h"

/* Years that a date may name lie below YEAR_END; the calendar's module keeps them so. */
enum { ENGINE_YEAR_END = 2256, ENGINE_AGE_END = 1024 };

enum { ENGINE_NO_ITEM = UINT32_MAX };

/* One row of a timeline: what comes behind the day of the row before, up to its own. */
struct engine_tally_row {
    uint32_t first_paper; /* index of a kept paper; further ones through paper_next */
    uint32_t citing;      /* papers that cite the set for the first time in it */
    size_t events;
    unsigned first_year; /* of the papers of the set before the filters; 0: none */
    unsigned last_year;
    engine_fixed tori;
};

/* So many citations of a paper come in one row. */
struct engine_tally_event {
    uint32_t row;
    uint32_t index; /* of the kept paper */
    uint32_t citations;
};

/* One year of the histograms: as struct engine_histogram_year, with exact fractions. */
struct engine_tally_year {
    uint32_t papers[2];
    uint32_t citations[2][2];
    engine_fixed papers_normalized[2];
    engine_fixed citations_normalized[2][2];
};

struct engine_tally {
    struct engine_selection selection; /* count and recent of each kept paper are filled */
    uint64_t self_citation_count;
    uint64_t *ages; /* citations by whole calendar years since publication; below age_end */
    size_t age_end;
    struct engine_tally_year
        *years; /* NULL when not asked for; from year_first to before year_end */
    unsigned year_first;
    unsigned year_end;

    /* A row a day, and behind them one more of what comes after the last day or has no day; that
     * one has no events. */
    struct engine_days days;
    struct engine_tally_row *rows;
    uint32_t *paper_next; /* of each kept paper: the next one of the same row, or ENGINE_NO_ITEM */
    struct engine_tally_event *events; /* in the order of kept papers, of each in that of rows */
    size_t event_count;
    uint32_t most; /* citations of one paper */
};

struct engine_tally_question {
    uint32_t as_of;          /* stands in place of the scope's */
    struct engine_days days; /* of rows; none for numbers of today alone */
    bool has_years;          /* histograms are asked for */
};

/* What it finds lies in the work memory. Errors as engine_measure. */
enum base_code engine_tally(struct engine_work *work, const struct engine_edges *edges,
                            const struct engine_set *set, const struct engine_scope *scope,
                            const struct engine_tally_question *question,
                            struct engine_tally *tally, struct base_error *error);

/* Papers that cite the set, each once: the sum over the rows. */
uint32_t engine_tally_citing(const struct engine_tally *tally);

#endif
