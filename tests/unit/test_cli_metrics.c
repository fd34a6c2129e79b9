/* Pages of computed numbers, byte for byte: tables, charts, and what numbers are made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cli/metrics_chart.h"
#include "cli/metrics_explained.h"
#include "cli/metrics_page.h"
#include "support/pages.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TEXT(literal) ((char *)(uintptr_t)(literal))
#define PRESENT(message, PREFIX, FIELD, field, value)                                              \
    ((message)->field = (value),                                                                   \
     (message)->field##_presence_case = HIRSCH__V1__##PREFIX##__##FIELD##_PRESENCE_##FIELD)

enum { YEARS = 40, FIRST_YEAR = 1973, BUCKETS = 7 };

/* Filled once by set_up; the generated structs take no designated constant. */
static Hirsch__V1__ScopeNote note;
static Hirsch__V1__ScopeNote *notes[1] = {&note};
static Hirsch__V1__UsedScope scope;
static Hirsch__V1__TimelineRow rows[YEARS];
static Hirsch__V1__TimelineRow *row_list[YEARS];
static Hirsch__V1__HistogramYear years[YEARS];
static Hirsch__V1__HistogramYear *year_list[YEARS];
static Hirsch__V1__SetHistograms histograms;
static Hirsch__V1__CitationBucket buckets[BUCKETS];
static Hirsch__V1__CitationBucket *bucket_list[BUCKETS];
static Hirsch__V1__SetMetrics sets[2];
static Hirsch__V1__ExplainedPaper papers[2];
static Hirsch__V1__ExplainedPaper *paper_list[2] = {&papers[0], &papers[1]};
static Hirsch__V1__MetricStep steps[2];
static Hirsch__V1__MetricStep *step_list[2] = {&steps[0], &steps[1]};
static Hirsch__V1__SetExplanation explanation;
static Hirsch__V1__DisruptionCounts counts;
static Hirsch__V1__Cohort cohort;
static Hirsch__V1__PaperIndicators indicators[2];

static void fill_years(void)
{
    hirsch__v1__set_histograms__init(&histograms);
    histograms.n_years = YEARS;
    histograms.years = year_list;
    for (uint32_t i = 0; i < YEARS; i++) {
        static char days[YEARS][11];
        Hirsch__V1__TimelineRow *row = row_list[i] = &rows[i];
        hirsch__v1__timeline_row__init(row);
        snprintf(days[i], sizeof days[i], "%u-12-31", FIRST_YEAR + i);
        row->day = days[i];
        row->year = FIRST_YEAR + i;
        row->papers_added = i % 4;
        row->citations_added = i * 2;
        PRESENT(row, TIMELINE_ROW, PAPER_COUNT, paper_count, i);
        PRESENT(row, TIMELINE_ROW, CITATION_COUNT, citation_count, i * i);
        PRESENT(row, TIMELINE_ROW, CITING_PAPER_COUNT, citing_paper_count, i);
        PRESENT(row, TIMELINE_ROW, H_INDEX, h_index, i / 4);
        PRESENT(row, TIMELINE_ROW, G_INDEX, g_index, i / 2);
        PRESENT(row, TIMELINE_ROW, I10_INDEX, i10_index, i / 20);
        PRESENT(row, TIMELINE_ROW, I100_INDEX, i100_index, 0);
        /* From below 1 to above it, growing all the time. */
        PRESENT(row, TIMELINE_ROW, TORI, tori, i / 16.0);
        row->m_quotient_undefined = TEXT(i == 0 ? "NO_PAPERS" : "");
        row->riq_undefined = TEXT("");
        if (i > 0) {
            PRESENT(row, TIMELINE_ROW, M_QUOTIENT, m_quotient, 0.25);
            PRESENT(row, TIMELINE_ROW, RIQ, riq, i);
        }
        Hirsch__V1__HistogramYear *year = year_list[i] = &years[i];
        hirsch__v1__histogram_year__init(year);
        year->year = FIRST_YEAR + i;
        year->refereed_papers = i % 3;
        year->other_papers = i % 5 == 0;
        year->citations_refereed_to_refereed = i;
        year->citations_other_to_other = YEARS - i;
    }
}

static void fill_sets(void)
{
    static const uint32_t least[BUCKETS + 1] = {0, 1, 10, 50, 100, 250, 500, 0};
    for (uint32_t i = 0; i < BUCKETS; i++) {
        bucket_list[i] = &buckets[i];
        hirsch__v1__citation_bucket__init(&buckets[i]);
        buckets[i].least = least[i];
        buckets[i].paper_count = 1000 >> i;
        if (i + 1 < BUCKETS) {
            PRESENT(&buckets[i], CITATION_BUCKET, MOST, most, least[i + 1] - 1);
        }
    }
    hirsch__v1__scope_note__init(&note);
    note.code = TEXT("COARSE_DATES");
    note.count = 3;
    note.message = TEXT("an upper bound");
    hirsch__v1__used_scope__init(&scope);
    scope.day = TEXT("2012-12-31");
    scope.set_size = 40;
    scope.counted_papers = 39;
    scope.sequence = 7;
    scope.n_notes = 1;
    scope.notes = notes;
    for (size_t i = 0; i < COUNT(sets); i++) {
        hirsch__v1__set_metrics__init(&sets[i]);
        PRESENT(&sets[i], SET_METRICS, PAPER_COUNT, paper_count, 39);
        PRESENT(&sets[i], SET_METRICS, CITATION_COUNT, citation_count, 1521.5);
        PRESENT(&sets[i], SET_METRICS, H_INDEX, h_index, 9);
        sets[i].scope = &scope;
    }
    PRESENT(&sets[0], SET_METRICS, FIRST_YEAR, first_year, FIRST_YEAR);
    sets[1].m_quotient_undefined = TEXT("NO_DAY");
    sets[0].n_timeline = YEARS;
    sets[0].timeline = row_list;
    sets[0].histograms = &histograms;
    sets[0].n_buckets = BUCKETS;
    sets[0].buckets = bucket_list;
}

static void fill_explained(void)
{
    for (size_t i = 0; i < COUNT(papers); i++) {
        hirsch__v1__explained_paper__init(&papers[i]);
        hirsch__v1__metric_step__init(&steps[i]);
        steps[i].value = (uint32_t)i + 1;
        steps[i].day = rows[10 * i].day;
    }
    papers[0].id = TEXT("local:one");
    papers[0].title =
        TEXT("A Title that is Too Long for the Narrowest of All the Screens there Are");
    papers[0].citation_count = 12;
    papers[1].id = TEXT("local:untitled");
    papers[1].title = TEXT("");
    papers[1].citation_count = 1.5;
    papers[1].missing = 0.5;
    hirsch__v1__set_explanation__init(&explanation);
    explanation.value = 1;
    explanation.n_witnesses = 1;
    explanation.witnesses = paper_list;
    explanation.n_nearest = 2;
    explanation.nearest = paper_list;
    explanation.more_nearest = 4;
    explanation.missing_citations = 0.5;
    explanation.needs_paper = true;
    explanation.n_steps = 2;
    explanation.steps = step_list;
}

static void fill_indicators(void)
{
    hirsch__v1__disruption_counts__init(&counts);
    counts.only_paper = 20;
    counts.both = 5;
    counts.only_references = 75;
    counts.references = 12;
    hirsch__v1__cohort__init(&cohort);
    cohort.year = 2002;
    cohort.field = TEXT("acl/nlp");
    cohort.size = 587;
    cohort.sequence = 6;
    cohort.below = 500;
    cohort.equal = 3;
    cohort.citation_count = 25;
    cohort.window_citation_count = 9;
    cohort.mean = 3.25;
    cohort.variance = 58.5;
    for (size_t i = 0; i < COUNT(indicators); i++) {
        hirsch__v1__paper_indicators__init(&indicators[i]);
        indicators[i].scope = &scope;
    }
    Hirsch__V1__PaperIndicators *paper = &indicators[0];
    paper->id = TEXT("local:one");
    paper->citation_count = 25;
    paper->cd_window_end = TEXT("2007-03-01");
    paper->cd_counts = &counts;
    paper->cohort = &cohort;
    PRESENT(paper, PAPER_INDICATORS, CD, cd, 0.15);
    PRESENT(paper, PAPER_INDICATORS, PERCENTILE, percentile, 85.5);
    PRESENT(paper, PAPER_INDICATORS, FWCI, fwci, 2.769);
    PRESENT(paper, PAPER_INDICATORS, FWCI_LOWER, fwci_lower, 1.25);
    PRESENT(paper, PAPER_INDICATORS, FWCI_UPPER, fwci_upper, 5.5);
    indicators[1].id = TEXT("local:cited-only");
    indicators[1].stub = true;
    indicators[1].cd_window_end = TEXT("");
    indicators[1].cd_undefined = TEXT("NO_DATE");
    indicators[1].fwci_undefined = TEXT("NO_COHORT");
    indicators[1].percentile_undefined = TEXT("NO_COHORT");
}

static int set_up(void **state)
{
    (void)state;
    fill_years();
    fill_sets();
    fill_explained();
    fill_indicators();
    return 0;
}

static void render_set(struct base_buffer *out, const struct cli_screen *screen)
{
    static const Hirsch__V1__SetMetrics *const one[] = {&sets[0]};
    static const Hirsch__V1__SetMetrics *const both[] = {&sets[0], &sets[1]};
    static const char *const names[] = {"local:ann", "local:bob - local:ann"};
    cli_metrics_table(out, one, names, 1, screen);
    base_buffer_append_text(out, "----\n");
    cli_metrics_table(out, both, names, 2, screen);
}

static void render_timeline(struct base_buffer *out, const struct cli_screen *screen)
{
    cli_metrics_timeline(out, &sets[0], screen);
    base_buffer_append_text(out, "----\n");
    cli_metrics_timeline(out, &sets[1], screen);
    base_buffer_append_text(out, "----\n");
    cli_metrics_days(out, &sets[0], screen);
}

static void render_explained(struct base_buffer *out, const struct cli_screen *screen)
{
    static const char *const metrics[] = {"cd", "fwci", "percentile"};
    cli_explanation_page(out, "h", &explanation, screen);
    for (size_t i = 0; i < COUNT(indicators); i++) {
        base_buffer_append_text(out, "----\n");
        cli_indicators_page(out, &indicators[i], screen);
        for (size_t k = 0; k < COUNT(metrics); k++) {
            base_buffer_append_text(out, "----\n");
            cli_indicator_page(out, metrics[k], &indicators[i], screen);
        }
    }
}

static const struct page {
    const char *name;
    void (*render)(struct base_buffer *out, const struct cli_screen *screen);
} pages[] = {{"metrics", render_set},
             {"metrics_timeline", render_timeline},
             {"metrics_explained", render_explained}};

static const struct {
    const char *name;
    struct cli_screen screen;
} screens[] = {
    {"60", {60, false, true}}, {"120_colour", {120, true, true}}, {"80_ascii", {80, false, false}}};

static void test_pages(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(pages); i++) {
        for (size_t k = 0; k < COUNT(screens); k++) {
            struct base_buffer page = BASE_BUFFER_EMPTY;
            pages[i].render(&page, &screens[k].screen);
            pages_compare(pages[i].name, screens[k].name, &page);
            base_buffer_fini(&page);
        }
    }
}

static void test_csv(void **state)
{
    (void)state;
    struct base_buffer page = BASE_BUFFER_EMPTY;
    const Hirsch__V1__SetMetrics *const both[] = {&sets[0], &sets[1]};
    static const char *const names[] = {"a, \"b\"", "c"};
    cli_metrics_csv(&page, both, names, 1);
    pages_compare("metrics", NULL, &page);
    base_buffer_clear(&page);
    cli_metrics_csv(&page, both, names, 2);
    assert_memory_equal(page.data, "expression,year,day,paper_count", 31);
    size_t quoted = 0;
    base_buffer_append_byte(&page, '\0');
    for (const char *at = page.data; (at = strstr(at, "\r\n\"a, \"\"b\"\"\",")) != NULL; at++) {
        quoted++;
    }
    assert_int_equal(quoted, sets[0].n_timeline);
    assert_null(strstr(page.data + 1, "expression"));
    base_buffer_fini(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pages), cmocka_unit_test(test_csv)};
    return cmocka_run_group_tests(tests, set_up, NULL);
}
