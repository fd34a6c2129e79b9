#include "engine/timeline.h"

#include "base/limits.h"
#include "engine/ladder.h"
#include "engine/rows.h"
#include "model/date.h"

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

/* Citations of a paper that come in one row; which one tells the place. */
struct dealt {
    uint32_t index;
    uint32_t citations;
};

/* The rows of a tally in the making. */
struct pass {
    struct engine_work *work;
    struct engine_tally *tally;
    const struct engine_scope *scope;
    struct dealt *dealt; /* row behind row */
    size_t next;         /* of the row that comes */
};

static enum base_code deal_events(struct pass *pass, struct base_error *error)
{
    const struct engine_tally *tally = pass->tally;
    size_t *place =
        engine_room(pass->work, ENGINE_BUFFER_PLACES, tally->days.count, sizeof *place, error);
    pass->dealt = engine_room(pass->work, ENGINE_BUFFER_EVENTS_SPARE, tally->event_count,
                              sizeof *pass->dealt, error);
    if (place == NULL || pass->dealt == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    size_t before = 0;
    for (size_t row = 0; row < tally->days.count; row++) {
        place[row] = before;
        before += tally->rows[row].events;
    }
    for (size_t i = 0; i < tally->event_count; i++) {
        const struct engine_tally_event *event = &tally->events[i];
        pass->dealt[place[event->row]++] = (struct dealt){event->index, event->citations};
    }
    return BASE_OK;
}

/* Sums that run from row to row. */
struct running {
    struct engine_ladder ladder;
    engine_fixed papers;           /* 1/a each */
    engine_fixed citations_shared; /* likewise, under fractional counting */
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

static void add_papers(struct pass *pass, struct running *running,
                       const struct engine_tally_row *row)
{
    const struct engine_tally *tally = pass->tally;
    for (uint32_t i = row->first_paper; i != ENGINE_NO_ITEM; i = tally->paper_next[i]) {
        engine_ladder_add(&running->ladder, i);
        running->papers += engine_share(pass->work, tally->selection.kept[i].authors);
    }
    if (row->first_year != 0) {
        running->first_year = running->first_year == 0 || row->first_year < running->first_year
                                  ? row->first_year
                                  : running->first_year;
        running->last_year =
            row->last_year > running->last_year ? row->last_year : running->last_year;
    }
}

static void add_citations(struct pass *pass, struct running *running,
                          const struct engine_tally_row *row)
{
    struct engine_kept *kept = pass->tally->selection.kept;
    const struct dealt *dealt = pass->dealt + pass->next;
    const bool is_fractional = pass->scope->counting == ENGINE_COUNTING_FRACTIONAL;
    for (size_t i = 0; i < row->events; i++) {
        struct engine_kept *paper = &kept[dealt[i].index];
        uint32_t before = paper->count;
        paper->count += dealt[i].citations;
        engine_ladder_raise(&running->ladder, dealt[i].index, before);
        running->citations += dealt[i].citations;
        if (is_fractional) {
            running->citations_shared +=
                (engine_fixed)dealt[i].citations * engine_share(pass->work, paper->authors);
        }
    }
    pass->next += row->events;
    running->citing += row->citing;
    running->tori += row->tori;
}

static void run_row(struct pass *pass, struct running *running, size_t at,
                    struct engine_timeline_row *row)
{
    const struct engine_tally_row *sum = &pass->tally->rows[at];
    engine_fixed papers_before = running->papers;
    engine_fixed citations_before = running->citations_shared;
    uint32_t whole_papers = running->ladder.papers;
    uint64_t whole_citations = running->citations;
    add_papers(pass, running, sum);
    add_citations(pass, running, sum);
    engine_ladder_settle(&running->ladder);
    bool is_full = pass->scope->counting == ENGINE_COUNTING_FULL;
    uint32_t day = pass->tally->days.list[at];
    *row = (struct engine_timeline_row){.day = day, .year = model_day_year(day)};
    row->new_papers = is_full ? running->ladder.papers - whole_papers
                              : engine_fixed_value(running->papers - papers_before);
    row->new_citations = is_full ? (double)(running->citations - whole_citations)
                                 : engine_fixed_value(running->citations_shared - citations_before);
    fill_row(pass, running, row);
}

enum base_code engine_timeline_of(struct engine_work *work, struct engine_tally *tally,
                                  const struct engine_scope *scope,
                                  struct engine_timeline *timeline, struct base_error *error)
{
    struct engine_selection *selection = &tally->selection;
    struct pass pass = {.work = work, .tally = tally, .scope = scope};
    struct running running = {0};
    enum base_code code = deal_events(&pass, error);
    if (code == BASE_OK) {
        code = engine_ladder_begin(&running.ladder, work, selection->kept, selection->count,
                                   tally->most, scope, error);
    }
    struct engine_timeline_row *rows = NULL;
    if (code == BASE_OK) {
        rows = engine_room(work, ENGINE_BUFFER_ROWS, tally->days.count, sizeof *rows, error);
        code = rows == NULL ? BASE_RESOURCE_EXHAUSTED : BASE_OK;
    }
    for (size_t i = 0; i < selection->count; i++) {
        selection->kept[i].count = 0;
    }
    for (size_t at = 0; at < tally->days.count && code == BASE_OK; at++) {
        run_row(&pass, &running, at, &rows[at]);
        code = engine_poll(work, selection->count, error);
    }
    if (code == BASE_OK) {
        *timeline = (struct engine_timeline){tally->days.count, rows, selection->rule.report,
                                             (uint32_t)selection->count};
    }
    return code;
}

static enum base_code run(struct engine_work *work, const struct engine_edges *edges,
                          const struct engine_set *set, const struct engine_scope *scope,
                          const struct engine_tally_question *question,
                          struct engine_timeline *timeline, struct base_error *error)
{
    struct engine_tally tally;
    enum base_code code = engine_tally(work, edges, set, scope, question, &tally, error);
    return code == BASE_OK ? engine_timeline_of(work, &tally, scope, timeline, error) : code;
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
    const struct engine_tally_question question = {.as_of =
                                                       count > 0 ? days[count - 1] : scope->as_of,
                                                   .days = engine_days_of(days, count, false)};
    return run(work, edges, set, scope, &question, timeline, error);
}

enum base_code engine_timeline_days(struct engine_work *work, const struct engine_set *set,
                                    const struct engine_scope *scope,
                                    struct engine_tally_question *question,
                                    struct base_error *error)
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
    question->days = engine_days_of(days, count, true);
    return BASE_OK;
}

enum base_code engine_timeline_yearly(struct engine_work *work, const struct engine_edges *edges,
                                      const struct engine_set *set,
                                      const struct engine_scope *scope,
                                      struct engine_timeline *timeline, struct base_error *error)
{
    struct engine_tally_question question = {.as_of = scope->as_of};
    enum base_code code = engine_timeline_days(work, set, scope, &question, error);
    return code == BASE_OK ? run(work, edges, set, scope, &question, timeline, error) : code;
}
