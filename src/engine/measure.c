#include "engine/measure.h"

#include <string.h>

#include "engine/select.h"
#include "engine/spread.h"
#include "model/date.h"

const uint32_t engine_bucket_least[ENGINE_BUCKET_COUNT] = {0, 1, 10, 50, 100, 250, 500};

/* Years that a date may name lie below this; the calendar's module keeps them so. */
enum { YEAR_END = 2256, RECENT_YEARS = 5 };

/* One pass over the citations of a selection. */
struct pass {
    struct engine_work *work;
    const struct engine_edges *edges;
    const struct engine_scope *scope;
    struct engine_selection selection;
    struct engine_measures *sum;
    engine_fixed tori;
    uint32_t recent_first; /* days of the recent citations; first > last: none */
    uint32_t recent_last;
    struct engine_years years;               /* of days of counting */
    struct engine_years own_years;           /* of citing papers */
    struct engine_histogram_year *histogram; /* NULL when not asked for */
    unsigned low;                            /* years of the histogram that are not all zero */
    unsigned high;
    uint64_t *ages; /* citations by years since publication, room for YEAR_END */
    unsigned age_end;
};

static void set_recent(struct pass *pass, uint32_t day)
{
    if (day == ENGINE_NO_DAY) {
        pass->recent_first = 1;
        pass->recent_last = 0;
        return;
    }
    unsigned year = model_day_year(day);
    pass->recent_first = engine_add_years(model_day_of(year, 1, 1), -RECENT_YEARS);
    pass->recent_last = engine_year_end(year);
}

static struct engine_histogram_year *histogram_year(struct pass *pass, unsigned year)
{
    year = year < YEAR_END ? year : YEAR_END - 1;
    pass->low = year < pass->low ? year : pass->low;
    pass->high = year > pass->high ? year : pass->high;
    return &pass->histogram[year];
}

static enum base_code begin_histogram(struct pass *pass, struct base_error *error)
{
    pass->low = YEAR_END;
    pass->histogram =
        engine_room(pass->work, ENGINE_BUFFER_YEARS, YEAR_END, sizeof *pass->histogram, error);
    if (pass->histogram == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    memset(pass->histogram, 0, YEAR_END * sizeof *pass->histogram);
    return BASE_OK;
}

static void histogram_citation(struct pass *pass, const struct engine_kept *cited,
                               const struct engine_citer *citer, double share)
{
    if (citer->day != ENGINE_NO_DAY) {
        unsigned citing_refereed = (citer->flags & ENGINE_EDGE_REFEREED) != 0;
        struct engine_histogram_year *year =
            histogram_year(pass, engine_year_of_day(&pass->own_years, citer->day));
        year->citations[citing_refereed][cited->refereed]++;
        year->citations_normalized[citing_refereed][cited->refereed] += share;
    }
}

/* Clears only as far as ages go. */
static inline void count_age(struct pass *pass, unsigned age)
{
    age = age < YEAR_END ? age : YEAR_END - 1;
    while (pass->age_end <= age) {
        pass->ages[pass->age_end++] = 0;
    }
    pass->ages[age]++;
}

static enum base_code count_paper(struct pass *pass, struct engine_kept *paper,
                                  struct base_error *error)
{
    const struct engine_citer *citers;
    size_t count;
    enum base_code code =
        pass->edges->citers(pass->edges->context, paper->paper, &citers, &count, error);
    if (code != BASE_OK) {
        return code;
    }
    double share = 1.0 / paper->authors;
    unsigned paper_year =
        paper->day == ENGINE_NO_DAY ? 0 : engine_year_of_day(&pass->years, paper->day);
    for (size_t i = 0; i < count; i++) {
        uint32_t day;
        unsigned verdict = engine_judge(&pass->selection.rule, paper, &citers[i], &day);
        if ((verdict & ENGINE_COUNTS_TORI) != 0) {
            uint32_t references;
            code = engine_references_of(pass->edges, &citers[i], &references, error);
            if (code != BASE_OK) {
                return code;
            }
            pass->tori += engine_tori_share(paper->authors, references);
        }
        pass->sum->self_citation_count += (verdict & ENGINE_IS_SELF) != 0;
        if ((verdict & ENGINE_COUNTS) == 0) {
            continue;
        }
        paper->count++;
        pass->sum->citing_paper_count += engine_bits_add(&pass->work->citing_bits, citers[i].paper);
        paper->recent += day >= pass->recent_first && day <= pass->recent_last;
        if (day != ENGINE_NO_DAY) {
            count_age(pass, engine_year_of_day(&pass->years, day) - paper_year);
        }
        if (pass->histogram != NULL) {
            histogram_citation(pass, paper, &citers[i], share);
        }
    }
    return engine_poll(pass->work, count + 1, error);
}

static enum base_code count_papers(struct pass *pass, struct base_error *error)
{
    enum base_code code =
        engine_bits_begin(&pass->work->citing_bits, pass->edges->paper_end, error);
    for (size_t i = 0; i < pass->selection.count && code == BASE_OK; i++) {
        struct engine_kept *paper = &pass->selection.kept[i];
        if (pass->histogram != NULL && paper->day != ENGINE_NO_DAY) {
            struct engine_histogram_year *year =
                histogram_year(pass, engine_year_of_day(&pass->years, paper->day));
            year->papers[paper->refereed]++;
            year->papers_normalized[paper->refereed] += 1.0 / paper->authors;
        }
        code = count_paper(pass, paper, error);
    }
    return code;
}

/* Median of the whole calendar years between a paper and its citations, over all dated citations:
 * half of them had come by then (cited half-life: Burton & Kebler 1960; of a set of papers as in
 * the Journal Citation Reports, but over the whole history). */
static struct engine_number half_life(const struct pass *pass)
{
    uint64_t dated = 0;
    for (unsigned age = 0; age < pass->age_end; age++) {
        dated += pass->ages[age];
    }
    if (dated == 0) {
        return engine_undefined(pass->sum->paper_count == 0 ? ENGINE_REASON_NO_PAPERS
                                                            : ENGINE_REASON_NO_CITATIONS);
    }
    double middle[2] = {0, 0};
    uint64_t ranks[2] = {(dated - 1) / 2, dated / 2};
    for (unsigned which = 0; which < 2; which++) {
        uint64_t before = 0;
        unsigned age = 0;
        while (before + pass->ages[age] <= ranks[which]) {
            before += pass->ages[age++];
        }
        middle[which] = age;
    }
    return engine_defined((middle[0] + middle[1]) / 2);
}

/* Buffers for counts of the kept papers. */
struct lists {
    uint32_t *counts;
    uint32_t *spare;
    struct engine_run *runs;
    struct engine_share *shares; /* NULL under full counting */
};

static enum base_code begin_lists(struct pass *pass, struct lists *lists, struct base_error *error)
{
    size_t count = pass->selection.count;
    struct engine_work *work = pass->work;
    *lists = (struct lists){
        .counts = engine_room(work, ENGINE_BUFFER_COUNTS, count, sizeof *lists->counts, error),
        .spare = engine_room(work, ENGINE_BUFFER_SPARE, count, sizeof *lists->spare, error),
        .runs = engine_room(work, ENGINE_BUFFER_RUNS, count, sizeof *lists->runs, error),
    };
    bool is_fractional = pass->scope->counting == ENGINE_COUNTING_FRACTIONAL;
    if (is_fractional) {
        lists->shares =
            engine_room(work, ENGINE_BUFFER_SHARES, count, sizeof *lists->shares, error);
    }
    bool has_all = lists->counts != NULL && lists->spare != NULL && lists->runs != NULL &&
                   (!is_fractional || lists->shares != NULL);
    return has_all ? BASE_OK : BASE_RESOURCE_EXHAUSTED;
}

enum which { WHICH_WHOLE, WHICH_FRACTIONAL, WHICH_RECENT };

/* Runs of the papers' counts. Under fractional counting c/a >= i exactly when the integer part of
 * c/a is, so that h, i10 and i100 follow from whole numbers. */
static size_t make_runs(struct pass *pass, const struct lists *lists, enum which which)
{
    const struct engine_selection *selection = &pass->selection;
    bool divides = which == WHICH_FRACTIONAL ||
                   (which == WHICH_RECENT && pass->scope->counting == ENGINE_COUNTING_FRACTIONAL);
    for (size_t i = 0; i < selection->count; i++) {
        const struct engine_kept *paper = &selection->kept[i];
        uint32_t value = which == WHICH_RECENT ? paper->recent : paper->count;
        lists->counts[i] = divides ? value / paper->authors : value;
    }
    engine_sort_downwards(lists->counts, lists->spare, selection->count);
    return engine_runs_of_sorted(lists->counts, selection->count, lists->runs);
}

static void fill_sums(struct pass *pass)
{
    struct engine_measures *sum = pass->sum;
    const struct engine_selection *selection = &pass->selection;
    engine_fixed papers = 0;
    engine_fixed citations = 0;
    for (size_t i = 0; i < selection->count; i++) {
        const struct engine_kept *paper = &selection->kept[i];
        papers += engine_fixed_share(paper->authors);
        citations += engine_fixed_ratio(paper->count, paper->authors);
        sum->citation_count += paper->count;
        sum->uncited_count += paper->count == 0;
        unsigned bucket = ENGINE_BUCKET_COUNT - 1;
        while (engine_bucket_least[bucket] > paper->count) {
            bucket--;
        }
        sum->buckets[bucket]++;
    }
    bool is_full = pass->scope->counting == ENGINE_COUNTING_FULL;
    sum->papers_normalized = engine_fixed_value(papers);
    sum->citations_normalized = engine_fixed_value(citations);
    sum->paper_sum = is_full ? sum->paper_count : sum->papers_normalized;
    sum->citation_sum = is_full ? (double)sum->citation_count : sum->citations_normalized;
}

/* Whole papers and citations, zeros included. */
static void fill_spread(struct engine_measures *sum, const struct engine_run *runs,
                        size_t run_count)
{
    uint32_t papers = sum->paper_count;
    sum->median_citations = engine_median(runs, run_count, papers);
    sum->gini = engine_gini(runs, run_count, papers);
    sum->s_index = engine_s_index(runs, run_count, papers);
    if (papers == 0) {
        sum->mean_citations = engine_undefined(ENGINE_REASON_NO_PAPERS);
        sum->uncited_share = engine_undefined(ENGINE_REASON_NO_PAPERS);
    } else {
        sum->mean_citations = engine_defined((double)sum->citation_count / papers);
        sum->uncited_share = engine_defined((double)sum->uncited_count / papers);
    }
}

static uint32_t g_fractional(const struct pass *pass, const struct lists *lists)
{
    size_t count = 0;
    for (size_t i = 0; i < pass->selection.count; i++) {
        const struct engine_kept *paper = &pass->selection.kept[i];
        if (paper->count > 0 || pass->scope->g_rule == ENGINE_G_ALL) {
            lists->shares[count++] = (struct engine_share){(double)paper->count / paper->authors,
                                                           paper->count, paper->authors};
        }
    }
    engine_sort_shares(lists->shares, count);
    return engine_g_of_shares(lists->shares, count);
}

/* Index of the runs' end without the uncited papers. */
static size_t cited_end(const struct engine_run *runs, size_t count)
{
    return count > 0 && runs[count - 1].citations == 0 ? count - 1 : count;
}

static void fill_indices(struct pass *pass, const struct lists *lists, size_t run_count)
{
    struct engine_measures *sum = pass->sum;
    bool is_full = pass->scope->counting == ENGINE_COUNTING_FULL;
    struct engine_indicators found;
    if (!is_full) {
        run_count = make_runs(pass, lists, WHICH_FRACTIONAL);
    }
    engine_indicators(lists->runs, run_count, &found);
    sum->h_index = found.h_index;
    sum->i10_index = found.i10_index;
    sum->i100_index = found.i100_index;
    if (!is_full) {
        found.g_index = g_fractional(pass, lists);
    } else if (pass->scope->g_rule == ENGINE_G_CITED_ONLY) {
        engine_indicators(lists->runs, cited_end(lists->runs, run_count), &found);
    }
    sum->g_index = found.g_index;
}

/* h, i10 and citations of the last years (Google Scholar's "since", which is not the h5 of Google
 * Metrics). */
static void fill_recent(struct pass *pass, const struct lists *lists)
{
    struct engine_measures *sum = pass->sum;
    if (pass->recent_first > pass->recent_last) {
        sum->h_recent5 = engine_undefined(ENGINE_REASON_NO_DAY);
        sum->i10_recent5 = engine_undefined(ENGINE_REASON_NO_DAY);
        sum->citations_recent5 = engine_undefined(ENGINE_REASON_NO_DAY);
        return;
    }
    struct engine_indicators found;
    engine_indicators(lists->runs, make_runs(pass, lists, WHICH_RECENT), &found);
    sum->h_recent5 = engine_defined(found.h_index);
    sum->i10_recent5 = engine_defined(found.i10_index);
    engine_fixed whole = 0;
    engine_fixed shares = 0;
    for (size_t i = 0; i < pass->selection.count; i++) {
        const struct engine_kept *paper = &pass->selection.kept[i];
        whole += (engine_fixed)paper->recent << 64;
        shares += engine_fixed_ratio(paper->recent, paper->authors);
    }
    sum->citations_recent5 = engine_defined(
        engine_fixed_value(pass->scope->counting == ENGINE_COUNTING_FULL ? whole : shares));
}

/* h over the papers of the last five complete years with all their citations, and the median of the
 * citations inside that core (Google Metrics' h5-index and h5-median). */
static void fill_published(struct pass *pass, const struct lists *lists)
{
    struct engine_measures *sum = pass->sum;
    uint32_t day = sum->scope.day;
    if (day == ENGINE_NO_DAY) {
        sum->h5_published = engine_undefined(ENGINE_REASON_NO_DAY);
        sum->h5_median = engine_undefined(ENGINE_REASON_NO_DAY);
        return;
    }
    bool divides = pass->scope->counting == ENGINE_COUNTING_FRACTIONAL;
    unsigned last = engine_complete_year(day);
    size_t count = 0;
    for (size_t i = 0; i < pass->selection.count; i++) {
        const struct engine_kept *paper = &pass->selection.kept[i];
        unsigned year =
            paper->day == ENGINE_NO_DAY ? 0 : engine_year_of_day(&pass->years, paper->day);
        if (year + RECENT_YEARS > last && year <= last) {
            lists->counts[count++] = divides ? paper->count / paper->authors : paper->count;
        }
    }
    engine_sort_downwards(lists->counts, lists->spare, count);
    size_t run_count = engine_runs_of_sorted(lists->counts, count, lists->runs);
    struct engine_indicators found;
    engine_indicators(lists->runs, run_count, &found);
    sum->h5_published = engine_defined(found.h_index);
    if (found.h_index == 0) {
        sum->h5_median =
            engine_undefined(count == 0 ? ENGINE_REASON_NO_PAPERS : ENGINE_REASON_NO_CITATIONS);
    } else {
        run_count = engine_runs_of_sorted(lists->counts, found.h_index, lists->runs);
        sum->h5_median = engine_median(lists->runs, run_count, found.h_index);
    }
}

/* m = h / max(1, year of the day - first year + 1) (Hirsch 2005; first year as ADS takes it); tori
 * and riq after Pepe & Kurtz 2012. */
static void fill_quotients(struct pass *pass)
{
    struct engine_measures *sum = pass->sum;
    sum->tori = engine_fixed_value(pass->tori);
    if (sum->paper_count == 0 || sum->first_year == 0) {
        enum engine_reason reason =
            sum->paper_count == 0 ? ENGINE_REASON_NO_PAPERS : ENGINE_REASON_NO_DATE;
        sum->m_quotient = engine_undefined(reason);
        sum->riq = engine_undefined(reason);
        return;
    }
    sum->riq = engine_defined(engine_riq(sum->tori, sum->first_year, sum->last_year));
    sum->m_quotient = sum->scope.day == ENGINE_NO_DAY
                          ? engine_undefined(ENGINE_REASON_NO_DAY)
                          : engine_defined(engine_m_quotient(sum->h_index, sum->first_year,
                                                             model_day_year(sum->scope.day)));
}

static void finish_histogram(struct pass *pass)
{
    struct engine_measures *sum = pass->sum;
    if (pass->histogram == NULL || pass->low > pass->high) {
        return;
    }
    if (sum->scope.day != ENGINE_NO_DAY) {
        unsigned year = model_day_year(sum->scope.day);
        if (year > pass->high && year < YEAR_END) {
            pass->high = year;
        }
    }
    sum->histograms = (struct engine_histograms){pass->low, pass->high - pass->low + 1,
                                                 pass->histogram + pass->low};
}

enum base_code engine_measure(struct engine_work *work, const struct engine_edges *edges,
                              const struct engine_set *set, const struct engine_scope *scope,
                              unsigned groups, struct engine_measures *measures,
                              struct base_error *error)
{
    struct engine_measures sum = {.self_citation_rule = ENGINE_SELF_EXCLUDE_SET};
    uint64_t ages[YEAR_END];
    struct pass pass = {.work = work,
                        .ages = ages,
                        .edges = edges,
                        .scope = scope,
                        .sum = &sum,
                        .years = ENGINE_YEARS_EMPTY,
                        .own_years = ENGINE_YEARS_EMPTY};
    enum base_code code =
        engine_select(work, edges, set, scope, scope->as_of, &pass.selection, error);
    if (code != BASE_OK) {
        return code;
    }
    set_recent(&pass, engine_scope_day(scope));
    if ((groups & ENGINE_GROUP_HISTOGRAMS) != 0) {
        code = begin_histogram(&pass, error);
    }
    if (code == BASE_OK) {
        code = count_papers(&pass, error);
    }
    struct lists lists;
    if (code == BASE_OK) {
        code = begin_lists(&pass, &lists, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    sum.scope = pass.selection.rule.report;
    sum.self_citation_rule = pass.selection.rule.self_count;
    sum.paper_count = (uint32_t)pass.selection.count;
    sum.first_year = pass.selection.first_year;
    sum.last_year = pass.selection.last_year;
    fill_sums(&pass);
    size_t run_count = make_runs(&pass, &lists, WHICH_WHOLE);
    fill_spread(&sum, lists.runs, run_count);
    fill_indices(&pass, &lists, run_count);
    fill_recent(&pass, &lists);
    fill_published(&pass, &lists);
    fill_quotients(&pass);
    sum.citation_half_life = half_life(&pass);
    finish_histogram(&pass);
    *measures = sum;
    return BASE_OK;
}
