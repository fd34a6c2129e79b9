#include "client/convert.h"

/* Enums are handed over as numbers; the last member stands for all before it. */
_Static_assert((int)HIRSCH_PAPER_KIND_OTHER == (int)HIRSCH__V1__PAPER_KIND__PAPER_KIND_OTHER,
               "kinds of the header and of the schema are the same numbers");
_Static_assert((int)HIRSCH_PAPER_VIEW_COMPACT == (int)HIRSCH__V1__PAPER_VIEW__PAPER_VIEW_COMPACT,
               "views of the header and of the schema are the same numbers");
_Static_assert((int)HIRSCH_CITATION_BASIS_CITING_PAPERS ==
                   (int)HIRSCH__V1__CITATION_BASIS__CITATION_BASIS_CITING_PAPERS,
               "citation bases of the header and of the schema are the same numbers");

/* proto3 leaves out sub-messages that were never set. */
struct hirsch_field client_convert_field(const Hirsch__V1__Field *from)
{
    if (from == NULL) {
        return (struct hirsch_field){"", ""};
    }
    return (struct hirsch_field){from->id, from->display_name};
}

bool client_convert_affiliations(Hirsch__V1__Affiliation *const *from, size_t count,
                                 struct base_arena *arena, const struct hirsch_affiliation **to)
{
    if (count == 0) {
        *to = NULL;
        return true;
    }
    struct hirsch_affiliation *made = base_arena_array(arena, count, sizeof *made);
    if (made == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        made[i] = (struct hirsch_affiliation){from[i]->name, from[i]->ror};
    }
    *to = made;
    return true;
}

static bool convert_issues(const Hirsch__V1__ReportedMetrics *from, struct base_arena *arena,
                           struct hirsch_reported_metrics *to)
{
    if (from->n_issues == 0) {
        return true;
    }
    struct hirsch_reported_issue *made = base_arena_array(arena, from->n_issues, sizeof *made);
    if (made == NULL) {
        return false;
    }
    for (size_t i = 0; i < from->n_issues; i++) {
        made[i] = (struct hirsch_reported_issue){from->issues[i]->code, from->issues[i]->message};
    }
    to->issue_count = from->n_issues;
    to->issues = made;
    return true;
}

static bool convert_reported_years(const Hirsch__V1__ReportedMetrics *from,
                                   struct base_arena *arena, struct hirsch_reported_metrics *to)
{
    if (from->n_counts_by_year == 0) {
        return true;
    }
    struct hirsch_reported_year *made =
        base_arena_array(arena, from->n_counts_by_year, sizeof *made);
    if (made == NULL) {
        return false;
    }
    for (size_t i = 0; i < from->n_counts_by_year; i++) {
        const Hirsch__V1__ReportedYear *year = from->counts_by_year[i];
        made[i].year = year->year;
        made[i].has_paper_count = year->paper_count_presence_case ==
                                  HIRSCH__V1__REPORTED_YEAR__PAPER_COUNT_PRESENCE_PAPER_COUNT;
        made[i].paper_count = made[i].has_paper_count ? year->paper_count : 0;
        made[i].has_citation_count =
            year->citation_count_presence_case ==
            HIRSCH__V1__REPORTED_YEAR__CITATION_COUNT_PRESENCE_CITATION_COUNT;
        made[i].citation_count = made[i].has_citation_count ? year->citation_count : 0;
    }
    to->counts_by_year_count = from->n_counts_by_year;
    to->counts_by_year = made;
    return true;
}

static bool convert_reported(const Hirsch__V1__ReportedMetrics *from, struct base_arena *arena,
                             struct hirsch_reported_metrics *to)
{
    to->source = from->source;
    to->as_of = from->as_of;
    to->citation_basis = (enum hirsch_citation_basis)from->citation_basis;
    if (from->paper_count_presence_case ==
        HIRSCH__V1__REPORTED_METRICS__PAPER_COUNT_PRESENCE_PAPER_COUNT) {
        to->has_paper_count = true;
        to->paper_count = from->paper_count;
    }
    if (from->citation_count_presence_case ==
        HIRSCH__V1__REPORTED_METRICS__CITATION_COUNT_PRESENCE_CITATION_COUNT) {
        to->has_citation_count = true;
        to->citation_count = from->citation_count;
    }
    if (from->h_index_presence_case == HIRSCH__V1__REPORTED_METRICS__H_INDEX_PRESENCE_H_INDEX) {
        to->has_h_index = true;
        to->h_index = from->h_index;
    }
    if (from->i10_index_presence_case ==
        HIRSCH__V1__REPORTED_METRICS__I10_INDEX_PRESENCE_I10_INDEX) {
        to->has_i10_index = true;
        to->i10_index = from->i10_index;
    }
    if (from->novelty_presence_case == HIRSCH__V1__REPORTED_METRICS__NOVELTY_PRESENCE_NOVELTY) {
        to->has_novelty = true;
        to->novelty = from->novelty;
    }
    if (from->ai_score_presence_case == HIRSCH__V1__REPORTED_METRICS__AI_SCORE_PRESENCE_AI_SCORE) {
        to->has_ai_score = true;
        to->ai_score = from->ai_score;
    }
    return convert_issues(from, arena, to) && convert_reported_years(from, arena, to);
}

static bool convert_all_reported(Hirsch__V1__ReportedMetrics *const *from, size_t count,
                                 struct base_arena *arena,
                                 const struct hirsch_reported_metrics **to)
{
    if (count == 0) {
        *to = NULL;
        return true;
    }
    struct hirsch_reported_metrics *made = base_arena_array(arena, count, sizeof *made);
    if (made == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!convert_reported(from[i], arena, &made[i])) {
            return false;
        }
    }
    *to = made;
    return true;
}

static bool convert_author_metrics(const Hirsch__V1__AuthorMetrics *from, struct base_arena *arena,
                                   struct hirsch_author_metrics *to)
{
    *to = (struct hirsch_author_metrics){0};
    if (from == NULL) {
        return true;
    }
    to->paper_count = from->paper_count;
    to->citation_count = from->citation_count;
    to->citing_paper_count = from->citing_paper_count;
    to->h_index = from->h_index;
    to->g_index = from->g_index;
    to->i10_index = from->i10_index;
    to->i100_index = from->i100_index;
    to->self_citation_count = from->self_citation_count;
    if (from->m_quotient_presence_case ==
        HIRSCH__V1__AUTHOR_METRICS__M_QUOTIENT_PRESENCE_M_QUOTIENT) {
        to->has_m_quotient = true;
        to->m_quotient = from->m_quotient;
    }
    if (from->first_year_presence_case ==
            HIRSCH__V1__AUTHOR_METRICS__FIRST_YEAR_PRESENCE_FIRST_YEAR &&
        from->last_year_presence_case == HIRSCH__V1__AUTHOR_METRICS__LAST_YEAR_PRESENCE_LAST_YEAR) {
        to->has_years = true;
        to->first_year = from->first_year;
        to->last_year = from->last_year;
    }
    if (from->n_counts_by_year == 0) {
        return true;
    }
    struct hirsch_author_year *made = base_arena_array(arena, from->n_counts_by_year, sizeof *made);
    if (made == NULL) {
        return false;
    }
    for (size_t i = 0; i < from->n_counts_by_year; i++) {
        const Hirsch__V1__AuthorYear *year = from->counts_by_year[i];
        made[i] = (struct hirsch_author_year){year->year, year->paper_count, year->citation_count};
    }
    to->counts_by_year_count = from->n_counts_by_year;
    to->counts_by_year = made;
    return true;
}

bool client_convert_author(const Hirsch__V1__Author *from, struct base_arena *arena,
                           struct hirsch_author *to)
{
    static const Hirsch__V1__Author empty = HIRSCH__V1__AUTHOR__INIT;
    if (from == NULL) {
        from = &empty;
    }
    *to = (struct hirsch_author){
        .id = from->id,
        .id_count = from->n_ids,
        .ids = (const char *const *)from->ids,
        .display_name = from->display_name,
        .alternative_name_count = from->n_alternative_names,
        .alternative_names = (const char *const *)from->alternative_names,
        .primary_field = client_convert_field(from->primary_field),
        .affiliation_count = from->n_affiliations,
        .reported_count = from->n_reported,
        .disputed_id_count = from->n_disputed_ids,
        .disputed_ids = (const char *const *)from->disputed_ids,
        .name_only = from->name_only,
    };
    return client_convert_affiliations(from->affiliations, from->n_affiliations, arena,
                                       &to->affiliations) &&
           convert_author_metrics(from->metrics, arena, &to->metrics) &&
           convert_all_reported(from->reported, from->n_reported, arena, &to->reported);
}

static bool convert_authors(const Hirsch__V1__Paper *from, struct base_arena *arena,
                            struct hirsch_paper *to)
{
    if (from->n_authors == 0) {
        return true;
    }
    struct hirsch_authorship *made = base_arena_array(arena, from->n_authors, sizeof *made);
    if (made == NULL) {
        return false;
    }
    for (size_t i = 0; i < from->n_authors; i++) {
        const Hirsch__V1__Authorship *author = from->authors[i];
        made[i] = (struct hirsch_authorship){
            .id = author->id,
            .name = author->name,
            .position = author->position,
            .corresponding = author->corresponding,
            .affiliation_count = author->n_affiliations,
        };
        if (!client_convert_affiliations(author->affiliations, author->n_affiliations, arena,
                                         &made[i].affiliations)) {
            return false;
        }
    }
    to->author_count = from->n_authors;
    to->authors = made;
    return true;
}

static bool convert_paper_metrics(const Hirsch__V1__PaperMetrics *from, struct base_arena *arena,
                                  struct hirsch_paper_metrics *to)
{
    if (from == NULL) {
        return true;
    }
    to->citation_count = from->citation_count;
    to->reference_count = from->reference_count;
    to->self_citation_count = from->self_citation_count;
    if (from->n_counts_by_year == 0) {
        return true;
    }
    struct hirsch_paper_year *made = base_arena_array(arena, from->n_counts_by_year, sizeof *made);
    if (made == NULL) {
        return false;
    }
    for (size_t i = 0; i < from->n_counts_by_year; i++) {
        made[i] = (struct hirsch_paper_year){from->counts_by_year[i]->year,
                                             from->counts_by_year[i]->citation_count};
    }
    to->counts_by_year_count = from->n_counts_by_year;
    to->counts_by_year = made;
    return true;
}

static enum hirsch_known known(bool present, protobuf_c_boolean value)
{
    if (!present) {
        return HIRSCH_NOT_KNOWN;
    }
    return value ? HIRSCH_KNOWN_TRUE : HIRSCH_KNOWN_FALSE;
}

bool client_convert_paper(const Hirsch__V1__Paper *from, struct base_arena *arena,
                          struct hirsch_paper *to)
{
    static const Hirsch__V1__Paper empty = HIRSCH__V1__PAPER__INIT;
    if (from == NULL) {
        from = &empty;
    }
    *to = (struct hirsch_paper){
        .id = from->id,
        .id_count = from->n_ids,
        .ids = (const char *const *)from->ids,
        .title = from->title,
        .abstract_text = from->abstract,
        .publication_date = from->publication_date,
        .primary_field = client_convert_field(from->primary_field),
        .kind = (enum hirsch_paper_kind)from->kind,
        .venue = from->venue,
        .authors_truncated = from->authors_truncated,
        .affiliation_count = from->n_affiliations,
        .refereed =
            known(from->refereed_presence_case == HIRSCH__V1__PAPER__REFEREED_PRESENCE_REFEREED,
                  from->refereed),
        .retracted =
            known(from->retracted_presence_case == HIRSCH__V1__PAPER__RETRACTED_PRESENCE_RETRACTED,
                  from->retracted),
        .reported_count = from->n_reported,
        .disputed_id_count = from->n_disputed_ids,
        .disputed_ids = (const char *const *)from->disputed_ids,
        .stub = from->stub,
    };
    return convert_authors(from, arena, to) &&
           client_convert_affiliations(from->affiliations, from->n_affiliations, arena,
                                       &to->affiliations) &&
           convert_paper_metrics(from->metrics, arena, &to->metrics) &&
           convert_all_reported(from->reported, from->n_reported, arena, &to->reported);
}

bool client_convert_papers(Hirsch__V1__Paper *const *from, size_t count, struct base_arena *arena,
                           const struct hirsch_paper **to)
{
    if (count == 0) {
        return true;
    }
    struct hirsch_paper *papers = base_arena_array(arena, count, sizeof *papers);
    if (papers == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!client_convert_paper(from[i], arena, &papers[i])) {
            return false;
        }
    }
    *to = papers;
    return true;
}
