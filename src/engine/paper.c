#include "engine/paper.h"

#include <string.h>

#include "engine/select.h"
#include "model/date.h"

/* Years that a date may name lie below this; the calendar's module keeps them so. */
enum { YEAR_END = 2256, WINDOW_YEARS = 3 };

/* What one pass over the citations of a paper fills. */
struct tally {
    uint32_t citation_count;
    uint32_t self_citation_count;
    uint32_t velocity;
    uint32_t window_citations;
    uint32_t velocity_after; /* days (after, last] */
    uint32_t velocity_last;
    uint32_t window_last;      /* last day of the fwci window; 0 when there is none */
    struct engine_year *years; /* [YEAR_END] by the citing paper's own year; NULL: not wanted */
    uint32_t *ages;            /* [YEAR_END] by years since publication, at e; likewise */
    unsigned first_year;
    unsigned last_year; /* 0: no dated citation */
};

static void tally_years(struct tally *tally, const struct engine_citer *citer, uint32_t day,
                        unsigned paper_year)
{
    if (citer->day != ENGINE_NO_DAY) {
        unsigned year = model_day_year(citer->day);
        year = year < YEAR_END ? year : YEAR_END - 1;
        tally->years[year].citation_count++;
        tally->first_year =
            tally->last_year == 0 || year < tally->first_year ? year : tally->first_year;
        tally->last_year = year > tally->last_year ? year : tally->last_year;
    }
    if (day != ENGINE_NO_DAY) {
        unsigned age = model_day_year(day) - paper_year;
        tally->ages[age < YEAR_END ? age : YEAR_END - 1]++;
    }
}

static void run_tally(struct tally *tally, struct engine_rule *rule,
                      const struct engine_kept *paper, const struct engine_citer *citers,
                      size_t count)
{
    unsigned paper_year = paper->day == ENGINE_NO_DAY ? 0 : model_day_year(paper->day);
    for (size_t i = 0; i < count; i++) {
        uint32_t day;
        unsigned verdict = engine_judge(rule, paper, &citers[i], &day);
        tally->self_citation_count += (verdict & ENGINE_IS_SELF) != 0;
        if ((verdict & ENGINE_COUNTS) == 0) {
            continue;
        }
        tally->citation_count++;
        tally->velocity += day > tally->velocity_after && day <= tally->velocity_last;
        tally->window_citations += day <= tally->window_last;
        if (tally->years != NULL) {
            tally_years(tally, &citers[i], day, paper_year);
        }
    }
}

static struct engine_kept keep(const struct engine_paper *paper, struct engine_rule *rule)
{
    bool is_inside = (paper->flags & ENGINE_PAPER_COARSE_DATE) != 0 &&
                     engine_inside_period(paper->day, (paper->flags & ENGINE_PAPER_YEAR_DATE) != 0,
                                          rule->inside_day);
    rule->report.set_papers = paper->day <= rule->as_of;
    rule->report.undated_papers = paper->day == ENGINE_NO_DAY;
    rule->report.coarse_papers = is_inside;
    rule->report.truncated_papers = (paper->flags & ENGINE_PAPER_TRUNCATED) != 0;
    rule->report.referee_unknown = (paper->flags & ENGINE_PAPER_REFEREE_KNOWN) == 0;
    return (struct engine_kept){
        .paper = paper->paper, .day = paper->day, .authors = 1, .inside = is_inside};
}

/* c of fwci: citations with e in the years from that of the paper to three years later, and not
 * after the year of the day. */
static uint32_t window_last(uint32_t paper_day, uint32_t day)
{
    if (paper_day == ENGINE_NO_DAY || day == ENGINE_NO_DAY) {
        return 0;
    }
    unsigned end = model_day_year(paper_day) + WINDOW_YEARS;
    unsigned today = model_day_year(day);
    return engine_year_end(end < today ? end : today);
}

struct engine_member engine_measure_member(const struct engine_citer *citers, size_t count,
                                           const struct engine_paper *paper,
                                           const struct engine_scope *scope)
{
    struct engine_rule rule;
    engine_rule_of_paper(NULL, scope, &rule);
    struct engine_kept kept = keep(paper, &rule);
    struct tally tally = {.window_last = window_last(paper->day, engine_scope_day(scope))};
    run_tally(&tally, &rule, &kept, citers, count);
    return (struct engine_member){tally.citation_count, tally.window_citations};
}

/* B of Ke et al. 2015: c_t the citations of the t-th year since publication, complete years only;
 * t_m the first year of the greatest count; B = sum over t <= t_m of ((c_tm - c_0)/t_m * t + c_0 -
 * c_t) / max(1, c_t), 0 when t_m = 0. Awakening: the first t <= t_m whose (t, c_t) lies farthest
 * from the line from (0, c_0) to (t_m, c_tm). */
static struct engine_beauty find_beauty(const uint32_t *ages, unsigned first_year, unsigned years)
{
    unsigned peak = 0;
    for (unsigned t = 1; t < years; t++) {
        peak = ages[t] > ages[peak] ? t : peak;
    }
    if (ages[peak] == 0) {
        return (struct engine_beauty){.b = engine_undefined(ENGINE_REASON_UNCITED)};
    }
    double sum = 0;
    int64_t rise = (int64_t)ages[peak] - ages[0];
    int64_t farthest = 0;
    unsigned awakening = 0;
    for (unsigned t = 0; t <= peak && peak > 0; t++) {
        /* Times t_m, to stay in whole numbers: also the distance but for a constant factor. */
        int64_t gap = rise * t + ((int64_t)ages[0] - ages[t]) * peak;
        sum += (double)gap / peak / (ages[t] > 1 ? ages[t] : 1);
        int64_t distance = gap < 0 ? -gap : gap;
        if (distance > farthest) {
            farthest = distance;
            awakening = t;
        }
    }
    return (struct engine_beauty){.b = engine_defined(sum),
                                  .peak_year = first_year + peak,
                                  .peak_citations = ages[peak],
                                  .awakening_year = first_year + awakening};
}

static struct engine_beauty beauty(const struct tally *tally, uint32_t paper_day, uint32_t day)
{
    enum engine_reason reason = paper_day == ENGINE_NO_DAY ? ENGINE_REASON_NO_DATE
                                : day == ENGINE_NO_DAY     ? ENGINE_REASON_NO_DAY
                                                           : ENGINE_REASON_DEFINED;
    if (reason != ENGINE_REASON_DEFINED) {
        return (struct engine_beauty){.b = engine_undefined(reason)};
    }
    unsigned first = model_day_year(paper_day);
    unsigned last = engine_complete_year(day);
    if (last < first) {
        return (struct engine_beauty){.b = engine_undefined(ENGINE_REASON_NO_COMPLETE_YEAR)};
    }
    unsigned years = last - first + 1;
    return find_beauty(tally->ages, first, years < YEAR_END ? years : YEAR_END);
}

/* From the paper's year or the first citation; empty without a dated citation. */
static struct engine_series series(const struct tally *tally, uint32_t paper_day)
{
    if (tally->last_year == 0) {
        return (struct engine_series){0, 0, NULL};
    }
    unsigned first = tally->first_year;
    if (paper_day != ENGINE_NO_DAY && model_day_year(paper_day) < first) {
        first = model_day_year(paper_day);
    }
    return (struct engine_series){first, tally->last_year - first + 1, tally->years + first};
}

static enum base_code count_citations(struct engine_work *work, const struct engine_edges *edges,
                                      const struct engine_paper *focal,
                                      const struct engine_scope *scope,
                                      struct engine_paper_metrics *sum, struct base_error *error)
{
    uint32_t day = engine_scope_day(scope);
    struct tally tally = {
        .velocity_after = engine_add_years(day, -1),
        .velocity_last = day == ENGINE_NO_DAY ? 0 : day,
        .window_last = window_last(focal->day, day),
        .years = engine_room(work, ENGINE_BUFFER_YEARS, YEAR_END, sizeof *tally.years, error),
        .ages = engine_room(work, ENGINE_BUFFER_COUNTS, YEAR_END, sizeof *tally.ages, error),
    };
    if (tally.years == NULL || tally.ages == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    memset(tally.years, 0, YEAR_END * sizeof *tally.years);
    memset(tally.ages, 0, YEAR_END * sizeof *tally.ages);
    const struct engine_citer *citers;
    size_t count;
    enum base_code code = edges->citers(edges->context, focal->paper, &citers, &count, error);
    if (code != BASE_OK) {
        return code;
    }
    struct engine_rule rule;
    engine_rule_of_paper(work, scope, &rule);
    struct engine_kept kept = keep(focal, &rule);
    run_tally(&tally, &rule, &kept, citers, count);
    sum->scope = rule.report;
    sum->citation_count = tally.citation_count;
    sum->self_citation_count = tally.self_citation_count;
    sum->window_citations = tally.window_citations;
    sum->velocity = focal->day == ENGINE_NO_DAY ? engine_undefined(ENGINE_REASON_NO_DATE)
                    : day == ENGINE_NO_DAY      ? engine_undefined(ENGINE_REASON_NO_DAY)
                                                : engine_defined(tally.velocity);
    sum->sleeping_beauty = beauty(&tally, focal->day, day);
    sum->counts_by_year = series(&tally, focal->day);
    return engine_poll(work, count + 1, error);
}

enum base_code engine_measure_paper(struct engine_work *work, const struct engine_edges *edges,
                                    const struct engine_paper *focal,
                                    const struct engine_scope *scope,
                                    const struct engine_paper_rule *rule,
                                    struct engine_paper_metrics *metrics, struct base_error *error)
{
    enum base_code code = engine_scope_check_paper(scope, error);
    struct engine_paper_metrics sum = {0};
    if (code == BASE_OK) {
        code = count_citations(work, edges, focal, scope, &sum, error);
    }
    const struct engine_window all = {ENGINE_WINDOW_ALL, 0};
    const struct {
        struct engine_disruption *result;
        struct engine_disruption_rule rule;
    } indices[] = {
        {&sum.cd, {rule->window, 1, rule->reference_free_one}},
        {&sum.di1, {all, 1, rule->reference_free_one}},
        {&sum.di5, {all, 5, rule->reference_free_one}},
    };
    for (size_t i = 0; i < sizeof indices / sizeof indices[0] && code == BASE_OK; i++) {
        code = engine_disrupt(work, edges, focal->paper, focal->day, scope, &indices[i].rule,
                              indices[i].result, error);
    }
    if (code == BASE_OK) {
        sum.reference_count = sum.cd.reference_count;
        *metrics = sum;
    }
    return code;
}
