#include "engine/tally.h"

#include <string.h>

#include "model/date.h"

enum { RECENT_YEARS = 5 };

struct pass {
    struct engine_work *work;
    const struct engine_edges *edges;
    struct engine_tally *tally;
    struct engine_walks walks;
    unsigned recent_first; /* years of recent citations; first > last: none */
    unsigned recent_last;
};

/* What one stretch adds to the sums of a paper. */
struct stretch {
    uint32_t day;  /* of its last citing paper */
    unsigned year; /* of its citing papers; 0: undated */
    uint32_t citations;
    uint32_t refereed;
};

static void set_recent(struct pass *pass, uint32_t day)
{
    pass->recent_first = 1;
    if (day != ENGINE_NO_DAY) {
        pass->recent_last = model_day_year(day);
        pass->recent_first =
            pass->recent_last > RECENT_YEARS ? pass->recent_last - RECENT_YEARS : 1;
    }
}

/* Papers of the set into their rows: years for m and riq, kept ones for counting. */
static enum base_code deal_papers(struct pass *pass, const struct engine_set *set,
                                  struct base_error *error)
{
    struct engine_tally *tally = pass->tally;
    size_t count = tally->selection.count;
    tally->rows = engine_room(pass->work, ENGINE_BUFFER_ROW_SUMS, tally->days.count + 1,
                              sizeof *tally->rows, error);
    tally->paper_next =
        engine_room(pass->work, ENGINE_BUFFER_PAPER_NEXT, count, sizeof *tally->paper_next, error);
    if (tally->rows == NULL || tally->paper_next == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    for (size_t row = 0; row <= tally->days.count; row++) {
        tally->rows[row] = (struct engine_tally_row){.first_paper = ENGINE_NO_ITEM};
    }
    if (tally->days.count == 0) {
        return BASE_OK;
    }
    for (size_t i = 0; i < set->count; i++) {
        uint32_t day = set->papers[i].day;
        if (day != ENGINE_NO_DAY) {
            unsigned year = model_day_year(day);
            struct engine_tally_row *row =
                &tally->rows[engine_days_row(&tally->days, 0, day, year)];
            row->first_year =
                row->first_year == 0 || year < row->first_year ? year : row->first_year;
            row->last_year = year > row->last_year ? year : row->last_year;
        }
    }
    for (size_t i = 0; i < count; i++) {
        struct engine_kept *paper = &tally->selection.kept[i];
        paper->row = engine_days_row(&tally->days, 0, paper->day, paper->year);
        tally->paper_next[i] = tally->rows[paper->row].first_paper;
        tally->rows[paper->row].first_paper = (uint32_t)i;
    }
    return BASE_OK;
}

/* Empties the years between this one and those that were there before. */
static __attribute__((noinline)) void spread_years(struct engine_tally *tally, unsigned year)
{
    if (tally->year_first == tally->year_end) {
        tally->year_first = year;
        tally->year_end = year;
    }
    while (year < tally->year_first) {
        tally->years[--tally->year_first] = (struct engine_tally_year){.papers = {0}};
    }
    while (year >= tally->year_end) {
        tally->years[tally->year_end++] = (struct engine_tally_year){.papers = {0}};
    }
}

static inline struct engine_tally_year *reach_year(struct engine_tally *tally, unsigned year)
{
    year = year < ENGINE_YEAR_END ? year : ENGINE_YEAR_END - 1;
    if (year - tally->year_first >= tally->year_end - tally->year_first) {
        spread_years(tally, year);
    }
    return &tally->years[year];
}

static inline uint64_t *reach_age(struct engine_tally *tally, unsigned age)
{
    age = age < ENGINE_AGE_END ? age : ENGINE_AGE_END - 1;
    while (age >= tally->age_end) {
        tally->ages[tally->age_end++] = 0;
    }
    return &tally->ages[age];
}

static inline void add_year(struct engine_tally_year *year, bool refereed, uint64_t share,
                            const struct stretch *stretch)
{
    uint32_t other = stretch->citations - stretch->refereed;
    year->citations[0][refereed] += other;
    year->citations[1][refereed] += stretch->refereed;
    year->citations_normalized[0][refereed] += (engine_fixed)other * share;
    year->citations_normalized[1][refereed] += (engine_fixed)stretch->refereed * share;
}

static void add_paper(struct pass *pass, const struct engine_kept *paper)
{
    if (pass->tally->years != NULL && paper->day != ENGINE_NO_DAY) {
        struct engine_tally_year *year = reach_year(pass->tally, paper->year);
        year->papers[paper->refereed]++;
        year->papers_normalized[paper->refereed] += engine_share(pass->work, paper->authors);
    }
}

/* What came from one mark to the next. */
static inline struct stretch stretch_of(const struct engine_mark *marks)
{
    const struct engine_sums *before = &marks[0].sums;
    const struct engine_sums *after = &marks[1].sums;
    return (struct stretch){
        .day = marks[1].day,
        .year = marks[1].year,
        .citations = engine_sums_low(after->citations) - engine_sums_low(before->citations),
        .refereed = engine_sums_high(after->citations) - engine_sums_high(before->citations),
    };
}

static inline void add_row(struct engine_tally_row *row, const struct engine_mark *marks)
{
    row->tori += engine_sums_tori(&marks[1].sums) - engine_sums_tori(&marks[0].sums);
    row->citing += engine_sums_low(marks[1].sums.citing) - engine_sums_low(marks[0].sums.citing);
}

/* The stretches of a paper. */
static __attribute__((noinline)) void add_stretches(const struct pass *pass, uint32_t index,
                                                    const struct engine_mark *marks, size_t count)
{
    struct engine_tally *tally = pass->tally;
    const struct engine_days days = tally->days;
    struct engine_kept *paper = &tally->selection.kept[index];
    const uint32_t paper_day = paper->day;
    const unsigned paper_year = paper->year;
    const bool refereed = paper->refereed;
    const uint64_t share = engine_share(pass->work, paper->authors);
    const bool has_years = tally->years != NULL;
    struct engine_tally_event *const first = tally->events + tally->event_count;
    struct engine_tally_event *next = first;
    uint32_t row = paper->row;
    uint32_t recent = 0;
    for (const struct engine_mark *end = marks + count; marks < end; marks++) {
        const struct stretch stretch = stretch_of(marks);
        uint32_t day = engine_citation_day(paper_day, stretch.day);
        unsigned year = day == stretch.day ? stretch.year : paper_year;
        row = engine_days_row(&days, row, day, year);
        struct engine_tally_row *row_sums = &tally->rows[row];
        add_row(row_sums, marks);
        if (stretch.citations == 0) {
            continue;
        }
        if (day != ENGINE_NO_DAY) {
            *reach_age(tally, year - paper_year) += stretch.citations;
            bool is_recent = year >= pass->recent_first && year <= pass->recent_last;
            recent += is_recent ? stretch.citations : 0;
        }
        if (has_years && stretch.year != 0) {
            add_year(reach_year(tally, stretch.year), refereed, share, &stretch);
        }
        if (row == days.count) {
            continue;
        }
        if (next > first && next[-1].row == row) {
            /* Several years may be in one row. */
            next[-1].citations += stretch.citations;
        } else {
            *next++ = (struct engine_tally_event){row, index, stretch.citations};
            row_sums->events++;
        }
    }
    tally->event_count += (size_t)(next - first);
    paper->count = engine_sums_low(marks->sums.citations);
    paper->recent = recent;
}

/* Room for what the next paper may add to the rows. */
static enum base_code reserve(struct pass *pass, size_t citations, struct base_error *error)
{
    struct engine_tally *tally = pass->tally;
    if (tally->days.count == 0) {
        return BASE_OK;
    }
    tally->events = engine_room(pass->work, ENGINE_BUFFER_EVENTS, tally->event_count + citations,
                                sizeof *tally->events, error);
    return tally->events == NULL ? BASE_RESOURCE_EXHAUSTED : BASE_OK;
}

static enum base_code count_paper(struct pass *pass, uint32_t index, struct base_error *error)
{
    struct engine_tally *tally = pass->tally;
    const struct engine_kept *paper = &tally->selection.kept[index];
    const struct engine_citer *citers;
    size_t count;
    enum base_code code =
        pass->edges->citers(pass->edges->context, paper->paper, &citers, &count, error);
    if (code != BASE_OK) {
        return code;
    }
    add_paper(pass, paper);
    size_t stretches = 0;
    code = reserve(pass, count, error);
    if (code == BASE_OK) {
        code = engine_walk(&pass->walks, paper, citers, count, &stretches, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    if (stretches > 0) {
        add_stretches(pass, index, pass->walks.marks, stretches);
    }
    tally->most = paper->count > tally->most ? paper->count : tally->most;
    return engine_poll(pass->work, count + 1, error);
}

/* Strays row by row: going through them in that order tells which citing papers come for the first
 * time. */
static enum base_code deal_strays(struct pass *pass, struct base_error *error)
{
    struct engine_tally *tally = pass->tally;
    const struct engine_stray *strays = pass->walks.strays;
    size_t count = pass->walks.stray_count;
    if (count == 0) {
        return BASE_OK;
    }
    size_t *place =
        engine_room(pass->work, ENGINE_BUFFER_PLACES, tally->days.count + 2, sizeof *place, error);
    struct engine_stray *dealt =
        engine_room(pass->work, ENGINE_BUFFER_CITING_SPARE, count, sizeof *dealt, error);
    if (place == NULL || dealt == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    memset(place, 0, (tally->days.count + 2) * sizeof *place);
    for (size_t i = 0; i < count; i++) {
        place[strays[i].row + 1]++;
    }
    for (size_t row = 1; row <= tally->days.count; row++) {
        place[row] += place[row - 1];
    }
    for (size_t i = 0; i < count; i++) {
        dealt[place[strays[i].row]++] = strays[i];
    }
    for (size_t i = 0; i < count; i++) {
        tally->rows[dealt[i].row].citing +=
            engine_bits_add(&pass->work->citing_bits, dealt[i].paper);
    }
    return BASE_OK;
}

static enum base_code begin(struct pass *pass, bool has_years, struct base_error *error)
{
    struct engine_tally *tally = pass->tally;
    tally->ages =
        engine_room(pass->work, ENGINE_BUFFER_AGES, ENGINE_AGE_END, sizeof *tally->ages, error);
    if (tally->ages == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    if (has_years) {
        tally->years = engine_room(pass->work, ENGINE_BUFFER_YEAR_SUMS, ENGINE_YEAR_END,
                                   sizeof *tally->years, error);
        if (tally->years == NULL) {
            return BASE_RESOURCE_EXHAUSTED;
        }
    }
    return engine_walks_begin(pass->work, pass->edges, &tally->selection.rule, &tally->days,
                              &pass->walks, error);
}

enum base_code engine_tally(struct engine_work *work, const struct engine_edges *edges,
                            const struct engine_set *set, const struct engine_scope *scope,
                            const struct engine_tally_question *question,
                            struct engine_tally *tally, struct base_error *error)
{
    uint32_t as_of = question->as_of;
    *tally = (struct engine_tally){.days = question->days};
    struct pass pass = {.work = work, .edges = edges, .tally = tally};
    enum base_code code = engine_select(work, edges, set, scope, as_of, &tally->selection, error);
    if (code == BASE_OK) {
        code = begin(&pass, question->has_years, error);
    }
    if (code == BASE_OK) {
        code = deal_papers(&pass, set, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    set_recent(&pass, as_of != ENGINE_NO_DAY ? as_of : scope->coverage_end);
    for (size_t i = 0; i < tally->selection.count && code == BASE_OK; i++) {
        code = count_paper(&pass, (uint32_t)i, error);
    }
    tally->self_citation_count = pass.walks.self_citation_count;
    return code == BASE_OK ? deal_strays(&pass, error) : code;
}

uint32_t engine_tally_citing(const struct engine_tally *tally)
{
    uint32_t citing = 0;
    for (size_t row = 0; row <= tally->days.count; row++) {
        citing += tally->rows[row].citing;
    }
    return citing;
}
