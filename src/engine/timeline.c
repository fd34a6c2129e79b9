#include "engine/timeline.h"

#include <string.h>

#include "base/limits.h"
#include "engine/ladder.h"
#include "model/date.h"

enum { NO_EVENT = UINT32_MAX };

/* So many citations of a paper came between two days. */
struct event {
    uint32_t index; /* of the kept paper */
    uint32_t citations;
    uint32_t next; /* of the same row; NO_EVENT ends */
};

/* A citation that does not come on its citing paper's own day, for finding out in which row that
 * paper cites the set first. */
struct stray {
    uint32_t paper;
    uint32_t row;
};

/* What belongs to one row before the rows are run through. */
struct row_sum {
    uint32_t first_event;
    uint32_t first_paper; /* index of a kept paper; further ones through paper_next */
    uint32_t citing;      /* papers that cite the set first in it */
    size_t strays;        /* stand together when dealt */
    unsigned first_year;  /* of the papers of the set before the filters; 0: none */
    unsigned last_year;
    engine_fixed tori;
};

struct pass {
    struct engine_work *work;
    const struct engine_edges *edges;
    const struct engine_scope *scope;
    const uint32_t *days;
    size_t day_count;
    struct engine_selection selection;
    struct row_sum *sums;
    uint32_t *paper_next; /* of each kept paper: the next of the same row */
    struct event *events;
    size_t event_count;
    struct stray *strays;
    size_t stray_count;
    uint32_t most; /* citations of one paper */
};

size_t engine_timeline_years(unsigned first_year, uint32_t day, uint32_t *days, size_t room)
{
    if (first_year == 0 || day == ENGINE_NO_DAY) {
        return 0;
    }
    unsigned last_year = model_day_year(day);
    if (first_year > last_year) {
        return 0;
    }
    size_t count = last_year - first_year + 1;
    count = count < ENGINE_TIMELINE_YEARS_MOST ? count : ENGINE_TIMELINE_YEARS_MOST;
    for (size_t i = 0; i < count && i < room; i++) {
        uint32_t end = engine_year_end(first_year + (unsigned)i);
        days[i] = end < day ? end : day;
    }
    return count;
}

/* The first row at whose end the day is over. */
static size_t row_of(const struct pass *pass, uint32_t day)
{
    size_t low = 0;
    size_t high = pass->day_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (pass->days[middle] < day) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Papers of the set into their rows: years for m and riq, kept ones for counting. */
static enum base_code deal_papers(struct pass *pass, const struct engine_set *set,
                                  struct base_error *error)
{
    pass->sums =
        engine_room(pass->work, ENGINE_BUFFER_ROW_SUMS, pass->day_count, sizeof *pass->sums, error);
    pass->paper_next = engine_room(pass->work, ENGINE_BUFFER_SPARE, pass->selection.count,
                                   sizeof *pass->paper_next, error);
    if (pass->sums == NULL || pass->paper_next == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    for (size_t row = 0; row < pass->day_count; row++) {
        pass->sums[row] = (struct row_sum){.first_event = NO_EVENT, .first_paper = NO_EVENT};
    }
    for (size_t i = 0; i < set->count; i++) {
        uint32_t day = set->papers[i].day;
        size_t row = row_of(pass, day);
        if (day != ENGINE_NO_DAY && row < pass->day_count) {
            struct row_sum *sum = &pass->sums[row];
            unsigned year = model_day_year(day);
            sum->first_year =
                sum->first_year == 0 || year < sum->first_year ? year : sum->first_year;
            sum->last_year = year > sum->last_year ? year : sum->last_year;
        }
    }
    for (size_t i = 0; i < pass->selection.count; i++) {
        struct row_sum *sum = &pass->sums[row_of(pass, pass->selection.kept[i].day)];
        pass->paper_next[i] = sum->first_paper;
        sum->first_paper = (uint32_t)i;
    }
    return BASE_OK;
}

/* What the citations of one paper that came in one row add to it. */
struct stretch {
    uint32_t citations;
    uint32_t citing; /* papers that were not among the citing ones before */
    engine_fixed tori;
};

static void close_stretch(struct pass *pass, uint32_t index, size_t row, struct stretch stretch)
{
    struct row_sum *sum = &pass->sums[row];
    sum->tori += stretch.tori;
    sum->citing += stretch.citing;
    if (stretch.citations > 0) {
        pass->events[pass->event_count] =
            (struct event){index, stretch.citations, sum->first_event};
        sum->first_event = (uint32_t)pass->event_count++;
    }
}

/* Room for what the next paper may add. */
static enum base_code reserve(struct pass *pass, size_t citations, struct base_error *error)
{
    size_t rows = citations < pass->day_count ? citations : pass->day_count;
    pass->events = engine_room(pass->work, ENGINE_BUFFER_EVENTS, pass->event_count + rows,
                               sizeof *pass->events, error);
    pass->strays = engine_room(pass->work, ENGINE_BUFFER_CITING, pass->stray_count + citations,
                               sizeof *pass->strays, error);
    return pass->events == NULL || pass->strays == NULL ? BASE_RESOURCE_EXHAUSTED : BASE_OK;
}

/* Does the citing paper cite the set for the first time? On its own day a paper cites the set no
 * later than on any other, and in the same row wherever it does; the others are looked at in the
 * end. */
static inline bool is_first_of(struct pass *pass, const struct engine_citer *citer, uint32_t day,
                               size_t row)
{
    if (citer->day != day || (citer->flags & ENGINE_EDGE_LINE_DATE) != 0) {
        pass->strays[pass->stray_count++] = (struct stray){citer->paper, (uint32_t)row};
        pass->sums[row].strays++;
        return false;
    }
    return engine_bits_add(&pass->work->citing_bits, citer->paper);
}

/* Citations of a paper lie in the order of their days, so that each row has one stretch of them. */
static enum base_code deal_citations(struct pass *pass, uint32_t index, struct base_error *error)
{
    struct engine_kept *paper = &pass->selection.kept[index];
    const struct engine_citer *citers;
    size_t count;
    enum base_code code =
        pass->edges->citers(pass->edges->context, paper->paper, &citers, &count, error);
    if (code == BASE_OK) {
        code = reserve(pass, count, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    const uint32_t *days = pass->days;
    size_t row = row_of(pass, paper->day);
    struct stretch stretch = {0};
    uint32_t all = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t day;
        unsigned verdict = engine_judge(&pass->selection.rule, paper, &citers[i], &day);
        if ((verdict & (ENGINE_COUNTS | ENGINE_COUNTS_TORI)) == 0) {
            continue;
        }
        if (days[row] < day) {
            close_stretch(pass, index, row, stretch);
            stretch = (struct stretch){0};
            while (days[row] < day) {
                row++;
            }
        }
        if ((verdict & ENGINE_COUNTS_TORI) != 0) {
            uint32_t references;
            code = engine_references_of(pass->edges, &citers[i], &references, error);
            if (code != BASE_OK) {
                return code;
            }
            stretch.tori += engine_tori_share(pass->work, paper->authors, references);
        }
        if ((verdict & ENGINE_COUNTS) != 0) {
            all++;
            stretch.citations++;
            stretch.citing += is_first_of(pass, &citers[i], day, row);
        }
    }
    close_stretch(pass, index, row, stretch);
    pass->most = all > pass->most ? all : pass->most;
    return engine_poll(pass->work, count + 1, error);
}

/* Strays row by row: going through them in that order tells which citing papers come for the first
 * time. */
static enum base_code deal_strays(struct pass *pass, struct base_error *error)
{
    size_t *place =
        engine_room(pass->work, ENGINE_BUFFER_COUNTS, pass->day_count, sizeof *place, error);
    struct stray *dealt = engine_room(pass->work, ENGINE_BUFFER_CITING_SPARE, pass->stray_count,
                                      sizeof *dealt, error);
    if (place == NULL || dealt == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    size_t before = 0;
    for (size_t row = 0; row < pass->day_count; row++) {
        place[row] = before;
        before += pass->sums[row].strays;
    }
    for (size_t i = 0; i < pass->stray_count; i++) {
        dealt[place[pass->strays[i].row]++] = pass->strays[i];
    }
    for (size_t i = 0; i < pass->stray_count; i++) {
        pass->sums[dealt[i].row].citing +=
            engine_bits_add(&pass->work->citing_bits, dealt[i].paper);
    }
    return BASE_OK;
}

static enum base_code deal_all(struct pass *pass, struct base_error *error)
{
    enum base_code code =
        engine_bits_begin(&pass->work->citing_bits, pass->edges->paper_end, error);
    for (size_t i = 0; i < pass->selection.count && code == BASE_OK; i++) {
        code = deal_citations(pass, (uint32_t)i, error);
    }
    return code == BASE_OK ? deal_strays(pass, error) : code;
}

/* Sums that run from row to row. */
struct running {
    struct engine_ladder ladder;
    engine_fixed papers; /* 1/a each */
    engine_fixed citations_shared;
    uint64_t citations;
    uint32_t citing;
    engine_fixed tori;
    unsigned first_year;
    unsigned last_year;
};

static void fill_row(const struct pass *pass, const struct running *running,
                     struct engine_timeline_row *row)
{
    bool is_full = pass->scope->counting == ENGINE_COUNTING_FULL;
    const struct engine_ladder *ladder = &running->ladder;
    row->paper_count = ladder->papers;
    row->paper_sum = is_full ? ladder->papers : engine_fixed_value(running->papers);
    row->citation_count = running->citations;
    row->citation_sum =
        is_full ? (double)running->citations : engine_fixed_value(running->citations_shared);
    row->citing_paper_count = running->citing;
    row->h_index = ladder->h;
    row->g_index = ladder->g;
    row->i10_index = ladder->i10;
    row->i100_index = ladder->i100;
    row->tori = engine_fixed_value(running->tori);
    if (ladder->papers == 0) {
        row->m_quotient = engine_undefined(ENGINE_REASON_NO_PAPERS);
        row->riq = engine_undefined(ENGINE_REASON_NO_PAPERS);
    } else {
        row->m_quotient =
            engine_defined(engine_m_quotient(ladder->h, running->first_year, row->year));
        row->riq = engine_defined(engine_riq(row->tori, running->first_year, running->last_year));
    }
}

static void run_row(struct pass *pass, struct running *running, size_t at,
                    struct engine_timeline_row *row)
{
    const struct row_sum *sum = &pass->sums[at];
    struct engine_kept *kept = pass->selection.kept;
    engine_fixed papers_before = running->papers;
    engine_fixed citations_before = running->citations_shared;
    uint32_t whole_papers = running->ladder.papers;
    uint64_t whole_citations = running->citations;
    for (uint32_t i = sum->first_paper; i != NO_EVENT; i = pass->paper_next[i]) {
        engine_ladder_add(&running->ladder, i);
        running->papers += engine_fixed_share(kept[i].authors);
    }
    for (uint32_t i = sum->first_event; i != NO_EVENT; i = pass->events[i].next) {
        const struct event *event = &pass->events[i];
        struct engine_kept *paper = &kept[event->index];
        uint32_t before = paper->count;
        paper->count += event->citations;
        engine_ladder_raise(&running->ladder, event->index, before);
        running->citations += event->citations;
        running->citations_shared += engine_fixed_ratio(event->citations, paper->authors);
    }
    engine_ladder_settle(&running->ladder);
    running->citing += sum->citing;
    running->tori += sum->tori;
    if (sum->first_year != 0) {
        running->first_year = running->first_year == 0 || sum->first_year < running->first_year
                                  ? sum->first_year
                                  : running->first_year;
        running->last_year =
            sum->last_year > running->last_year ? sum->last_year : running->last_year;
    }
    bool is_full = pass->scope->counting == ENGINE_COUNTING_FULL;
    *row =
        (struct engine_timeline_row){.day = pass->days[at], .year = model_day_year(pass->days[at])};
    row->new_papers = is_full ? running->ladder.papers - whole_papers
                              : engine_fixed_value(running->papers - papers_before);
    row->new_citations = is_full ? (double)(running->citations - whole_citations)
                                 : engine_fixed_value(running->citations_shared - citations_before);
    fill_row(pass, running, row);
}

static enum base_code run(struct pass *pass, const struct engine_set *set,
                          struct engine_timeline *timeline, struct base_error *error)
{
    enum base_code code = engine_select(pass->work, pass->edges, set, pass->scope,
                                        pass->days[pass->day_count - 1], &pass->selection, error);
    if (code == BASE_OK) {
        code = deal_papers(pass, set, error);
    }
    if (code == BASE_OK) {
        code = deal_all(pass, error);
    }
    struct running running = {0};
    if (code == BASE_OK) {
        code = engine_ladder_begin(&running.ladder, pass->work, pass->selection.kept,
                                   pass->selection.count, pass->most, pass->scope, error);
    }
    struct engine_timeline_row *rows = NULL;
    if (code == BASE_OK) {
        rows = engine_room(pass->work, ENGINE_BUFFER_ROWS, pass->day_count, sizeof *rows, error);
        code = rows == NULL ? BASE_RESOURCE_EXHAUSTED : BASE_OK;
    }
    for (size_t at = 0; at < pass->day_count && code == BASE_OK; at++) {
        run_row(pass, &running, at, &rows[at]);
        code = engine_poll(pass->work, pass->selection.count, error);
    }
    if (code == BASE_OK) {
        *timeline = (struct engine_timeline){pass->day_count, rows};
    }
    return code;
}

enum base_code engine_timeline_on(struct engine_work *work, const struct engine_edges *edges,
                                  const struct engine_set *set, const struct engine_scope *scope,
                                  const uint32_t *days, size_t count,
                                  struct engine_timeline *timeline, struct base_error *error)
{
    if (count > LIMIT_TIMELINE_DAYS) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "days: %zu are more than the %d allowed; ask several times", count,
                         LIMIT_TIMELINE_DAYS);
    }
    for (size_t i = 0; i < count; i++) {
        if (days[i] == ENGINE_NO_DAY || (i > 0 && days[i] <= days[i - 1])) {
            return base_fail(error, BASE_INVALID_ARGUMENT,
                             "days: number %zu is not later than the one before it; give days in "
                             "ascending order, each once",
                             i + 1);
        }
    }
    if (count == 0) {
        enum base_code code = engine_scope_check(scope, set->named_count, error);
        if (code == BASE_OK) {
            *timeline = (struct engine_timeline){0, NULL};
        }
        return code;
    }
    struct pass pass = {
        .work = work, .edges = edges, .scope = scope, .days = days, .day_count = count};
    return run(&pass, set, timeline, error);
}

enum base_code engine_timeline_yearly(struct engine_work *work, const struct engine_edges *edges,
                                      const struct engine_set *set,
                                      const struct engine_scope *scope,
                                      struct engine_timeline *timeline, struct base_error *error)
{
    uint32_t first = ENGINE_NO_DAY;
    for (size_t i = 0; i < set->count; i++) {
        first = set->papers[i].day < first ? set->papers[i].day : first;
    }
    uint32_t *days =
        engine_room(work, ENGINE_BUFFER_DAYS, ENGINE_TIMELINE_YEARS_MOST, sizeof *days, error);
    if (days == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    size_t count = engine_timeline_years(first == ENGINE_NO_DAY ? 0 : model_day_year(first),
                                         engine_scope_day(scope), days, ENGINE_TIMELINE_YEARS_MOST);
    return engine_timeline_on(work, edges, set, scope, days, count, timeline, error);
}
