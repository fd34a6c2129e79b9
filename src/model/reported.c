#include "model/merge.h"

#include <stdio.h>

enum { ISSUES_MAX = 6, TEXT_MAX = 120 };

/* Issues found so far; memory is taken for the first one. */
struct findings {
    struct base_arena *arena;
    struct model_issue *issues;
    size_t count;
    bool failed;
};

__attribute__((format(printf, 3, 4))) static void add(struct findings *findings, const char *code,
                                                      const char *format, ...)
{
    if (findings->issues == NULL) {
        findings->issues = base_arena_array(findings->arena, ISSUES_MAX, sizeof *findings->issues);
    }
    char text[TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    BASE_ASSERT(size > 0 && (size_t)size < sizeof text && findings->count < ISSUES_MAX);
    struct base_slice copy = base_arena_copy(findings->arena, base_slice(text, (size_t)size));
    if (findings->issues == NULL || copy.data == NULL) {
        findings->failed = true;
        return;
    }
    findings->issues[findings->count++] = (struct model_issue){code, copy};
}

/* An index says that `papers` papers have `each` citations or more. One citing paper may cite all
 * of them, so that a total of distinct citing papers need not reach more than `each`. */
static uint64_t citations_needed(const struct model_reported *reported, uint64_t papers,
                                 uint64_t each)
{
    if (papers == 0) {
        return 0;
    }
    return reported->citation_basis == MODEL_BASIS_CITING_PAPERS ? each : papers * each;
}

static void check_index(struct findings *findings, const struct model_reported *reported,
                        const char *name, struct model_count index, uint64_t each,
                        const char *above_papers, const char *above_citations)
{
    if (!index.known) {
        return;
    }
    if (reported->paper_count.known && index.value > reported->paper_count.value) {
        add(findings, above_papers, "%s %u needs at least %u papers, but paper_count is %u", name,
            index.value, index.value, reported->paper_count.value);
    }
    uint64_t needed = citations_needed(reported, index.value, each);
    if (reported->citation_count.known && needed > reported->citation_count.value) {
        add(findings, above_citations,
            "%s %u needs at least %llu citations, but citation_count is %u", name, index.value,
            (unsigned long long)needed, reported->citation_count.value);
    }
}

static void check_years(struct findings *findings, const struct model_reported *reported)
{
    uint64_t papers = 0;
    uint64_t citations = 0;
    for (size_t i = 0; i < reported->year_count; i++) {
        const struct model_reported_year *year = &reported->years[i];
        papers += year->paper_count.known ? year->paper_count.value : 0;
        citations += year->citation_count.known ? year->citation_count.value : 0;
    }
    if (reported->citation_count.known && citations > reported->citation_count.value) {
        add(findings, "YEARS_ABOVE_CITATIONS",
            "the years add up to %llu citations, but citation_count is %u",
            (unsigned long long)citations, reported->citation_count.value);
    }
    if (reported->paper_count.known && papers > reported->paper_count.value) {
        add(findings, "YEARS_ABOVE_PAPERS",
            "the years add up to %llu papers, but paper_count is %u", (unsigned long long)papers,
            reported->paper_count.value);
    }
}

enum base_code model_reported_check(const struct model_reported *reported, struct base_arena *arena,
                                    struct model_reported_view *view, struct base_error *error)
{
    struct findings findings = {.arena = arena};
    check_index(&findings, reported, "h_index", reported->h_index, reported->h_index.value,
                "H_INDEX_ABOVE_PAPERS", "H_INDEX_ABOVE_CITATIONS");
    check_index(&findings, reported, "i10_index", reported->i10_index, 10, "I10_ABOVE_PAPERS",
                "I10_ABOVE_CITATIONS");
    check_years(&findings, reported);
    if (findings.failed) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for a reported block");
    }
    *view = (struct model_reported_view){*reported, findings.issues, findings.count};
    return BASE_OK;
}
