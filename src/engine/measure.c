#include "engine/measure.h"

#include "engine/rows.h"
#include "engine/spread.h"
#include "model/date.h"

const uint32_t engine_bucket_least[ENGINE_BUCKET_COUNT] = {0, 1, 10, 50, 100, 250, 500};

enum { RECENT_YEARS = 5 };

/* A tally and what is made of it. */
struct pass {
    struct engine_work *work;
    const struct engine_scope *scope;
    struct engine_tally tally;
    struct engine_measures *sum;
};

/* Median of the whole calendar years between a paper and its citations, over all dated citations:
 * half of them had come by then (cited half-life: Burton & Kebler 1960; of a set of papers as in
 * the Journal Citation Reports, but over the whole history). */
static struct engine_number half_life(const struct pass *pass)
{
    const uint64_t *ages = pass->tally.ages;
    uint64_t dated = 0;
    for (size_t age = 0; age < pass->tally.age_end; age++) {
        dated += ages[age];
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
        while (before + ages[age] <= ranks[which]) {
            before += ages[age++];
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
    size_t count = pass->tally.selection.count;
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
    const struct engine_selection *selection = &pass->tally.selection;
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
    const struct engine_selection *selection = &pass->tally.selection;
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

static struct engine_share share_of(const struct engine_kept *paper)
{
    return (struct engine_share){(double)paper->count / paper->authors, paper->count,
                                 paper->authors};
}

static uint32_t g_fractional(const struct pass *pass, const struct lists *lists)
{
    size_t count = 0;
    for (size_t i = 0; i < pass->tally.selection.count; i++) {
        const struct engine_kept *paper = &pass->tally.selection.kept[i];
        if (paper->count > 0 || pass->scope->g_rule == ENGINE_G_ALL) {
            lists->shares[count++] = share_of(paper);
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
    if (sum->scope.day == ENGINE_NO_DAY) {
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
    for (size_t i = 0; i < pass->tally.selection.count; i++) {
        const struct engine_kept *paper = &pass->tally.selection.kept[i];
        whole += (engine_fixed)paper->recent << 64;
        shares += engine_fixed_ratio(paper->recent, paper->authors);
    }
    sum->citations_recent5 = engine_defined(
        engine_fixed_value(pass->scope->counting == ENGINE_COUNTING_FULL ? whole : shares));
}

/* The mean of the two middle fractions of the core, which are the first of them. */
static struct engine_number median_of_core(struct engine_share *shares, size_t count, uint32_t core)
{
    engine_sort_shares(shares, count);
    return engine_defined((shares[(core - 1) / 2].value + shares[core / 2].value) / 2);
}

/* h over the papers of the last five complete years with all their citations, and the median of the
 * citations inside that core (Google Metrics' h5-index and h5-median); of fractions h needs only
 * their whole parts. */
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
    for (size_t i = 0; i < pass->tally.selection.count; i++) {
        const struct engine_kept *paper = &pass->tally.selection.kept[i];
        unsigned year = paper->day == ENGINE_NO_DAY ? 0 : model_day_year(paper->day);
        if (year + RECENT_YEARS > last && year <= last) {
            if (divides) {
                lists->shares[count] = share_of(paper);
            }
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
    } else if (divides) {
        sum->h5_median = median_of_core(lists->shares, count, found.h_index);
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
    engine_fixed tori = 0;
    for (size_t row = 0; row <= pass->tally.days.count; row++) {
        tori += pass->tally.rows[row].tori;
    }
    sum->tori = engine_fixed_value(tori);
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

static void fill_year(const struct engine_tally_year *from, struct engine_histogram_year *to)
{
    for (unsigned cited = 0; cited < 2; cited++) {
        to->papers[cited] = from->papers[cited];
        to->papers_normalized[cited] = engine_fixed_value(from->papers_normalized[cited]);
        for (unsigned citing = 0; citing < 2; citing++) {
            to->citations[citing][cited] = from->citations[citing][cited];
            to->citations_normalized[citing][cited] =
                engine_fixed_value(from->citations_normalized[citing][cited]);
        }
    }
}

/* From the first year that is not empty to the last, or to that of the day. */
static enum base_code fill_histograms(struct pass *pass, struct base_error *error)
{
    const struct engine_tally *tally = &pass->tally;
    unsigned first = tally->year_first;
    unsigned end = tally->year_end;
    if (first == end) {
        return BASE_OK;
    }
    if (pass->sum->scope.day != ENGINE_NO_DAY) {
        unsigned year = model_day_year(pass->sum->scope.day);
        end = year >= end && year < ENGINE_YEAR_END ? year + 1 : end;
    }
    struct engine_histogram_year *years =
        engine_room(pass->work, ENGINE_BUFFER_YEARS, end - first, sizeof *years, error);
    if (years == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    for (unsigned year = first; year < end; year++) {
        static const struct engine_tally_year none;
        fill_year(year < tally->year_end ? &tally->years[year] : &none, &years[year - first]);
    }
    pass->sum->histograms = (struct engine_histograms){first, end - first, years};
    return BASE_OK;
}

static void fill(struct pass *pass, const struct lists *lists)
{
    struct engine_measures *sum = pass->sum;
    const struct engine_selection *selection = &pass->tally.selection;
    sum->scope = selection->rule.report;
    sum->self_citation_rule = selection->rule.self_count;
    sum->paper_count = (uint32_t)selection->count;
    sum->first_year = selection->first_year;
    sum->last_year = selection->last_year;
    sum->citing_paper_count = engine_tally_citing(&pass->tally);
    sum->self_citation_count = pass->tally.self_citation_count;
    fill_sums(pass);
    size_t run_count = make_runs(pass, lists, WHICH_WHOLE);
    fill_spread(sum, lists->runs, run_count);
    fill_indices(pass, lists, run_count);
    fill_recent(pass, lists);
    fill_published(pass, lists);
    fill_quotients(pass);
    sum->citation_half_life = half_life(pass);
}

enum base_code engine_measure(struct engine_work *work, const struct engine_edges *edges,
                              const struct engine_set *set, const struct engine_scope *scope,
                              unsigned groups, struct engine_measures *measures,
                              struct base_error *error)
{
    struct engine_measures sum = {.self_citation_rule = ENGINE_SELF_EXCLUDE_SET};
    struct pass pass = {.work = work, .scope = scope, .sum = &sum};
    struct engine_tally_question question = {.as_of = scope->as_of,
                                             .has_years = (groups & ENGINE_GROUP_HISTOGRAMS) != 0};
    enum base_code code = BASE_OK;
    if ((groups & ENGINE_GROUP_TIMELINE) != 0) {
        code = engine_timeline_days(work, set, scope, &question, error);
    }
    if (code == BASE_OK) {
        code = engine_tally(work, edges, set, scope, &question, &pass.tally, error);
    }
    struct lists lists;
    if (code == BASE_OK) {
        code = begin_lists(&pass, &lists, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    fill(&pass, &lists);
    code = fill_histograms(&pass, error);
    if (code == BASE_OK && (groups & ENGINE_GROUP_TIMELINE) != 0) {
        code = engine_timeline_of(work, &pass.tally, scope, &sum.timeline, error);
    }
    if (code == BASE_OK) {
        *measures = sum;
    }
    return code;
}
