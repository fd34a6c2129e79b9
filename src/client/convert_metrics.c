#include "client/convert_metrics.h"

#include <stddef.h>
#include <stdio.h>

/* A number of a message, and where its struct lies in that of the header. */
struct number_row {
    const char *field;
    size_t offset;
    const char *reason; /* field that says why it is undefined; NULL: the field's own, or none */
};

#define SET(name)                                                                                  \
    {                                                                                              \
#name, offsetof(struct hirsch_set_metrics, name), NULL                                     \
    }
#define ROW(name)                                                                                  \
    {                                                                                              \
#name, offsetof(struct hirsch_timeline_row, name), NULL                                    \
    }
#define PAPER(name)                                                                                \
    {                                                                                              \
#name, offsetof(struct hirsch_paper_indicators, name), NULL                                \
    }

static const struct number_row set_numbers[] = {
    SET(paper_count),
    SET(citation_count),
    SET(first_year),
    SET(last_year),
    SET(citing_paper_count),
    SET(self_citation_count),
    SET(normalized_paper_count),
    SET(normalized_citation_count),
    SET(mean_citations),
    SET(median_citations),
    SET(uncited_share),
    SET(gini),
    SET(citation_half_life),
    SET(h_index),
    SET(g_index),
    SET(i10_index),
    SET(i100_index),
    SET(m_quotient),
    SET(tori),
    SET(riq),
    {"h_recent5", offsetof(struct hirsch_set_metrics, h_recent5), "recent5_undefined"},
    {"i10_recent5", offsetof(struct hirsch_set_metrics, i10_recent5), "recent5_undefined"},
    {"citations_recent5", offsetof(struct hirsch_set_metrics, citations_recent5),
     "recent5_undefined"},
    SET(h5_published),
    SET(h5_median),
    SET(s_index),
};

static const struct number_row row_numbers[] = {
    ROW(paper_count), ROW(citation_count), ROW(citing_paper_count), ROW(h_index), ROW(g_index),
    ROW(i10_index),   ROW(i100_index),     ROW(m_quotient),         ROW(tori),    ROW(riq),
};

static const struct number_row paper_numbers[] = {
    PAPER(velocity),
    PAPER(percentile),
    PAPER(fwci),
    {"fwci_lower", offsetof(struct hirsch_paper_indicators, fwci_lower), "fwci_undefined"},
    {"fwci_upper", offsetof(struct hirsch_paper_indicators, fwci_upper), "fwci_undefined"},
    PAPER(cd),
    {"mcd", offsetof(struct hirsch_paper_indicators, mcd), "cd_undefined"},
    PAPER(di1),
    PAPER(di5),
    PAPER(di_nok),
    PAPER(dep),
    PAPER(sleeping_beauty),
    {"awakening_year", offsetof(struct hirsch_paper_indicators, awakening_year),
     "sleeping_beauty_undefined"},
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const void *member(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    return (const char *)message + field->offset;
}

static const ProtobufCFieldDescriptor *field_of(const ProtobufCMessage *message, const char *name)
{
    return protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
}

static struct hirsch_number number_of(const ProtobufCMessage *message, const struct number_row *row)
{
    struct hirsch_number number = {false, 0, ""};
    const ProtobufCFieldDescriptor *field = field_of(message, row->field);
    uint32_t chosen;
    memcpy(&chosen, (const char *)message + field->quantifier_offset, sizeof chosen);
    if (chosen == field->id) {
        number.has_value = true;
        number.value = field->type == PROTOBUF_C_TYPE_DOUBLE
                           ? *(const double *)member(message, field)
                           : *(const uint32_t *)member(message, field);
        return number;
    }
    char own[64];
    snprintf(own, sizeof own, "%s_undefined", row->field);
    const ProtobufCFieldDescriptor *reason =
        field_of(message, row->reason != NULL ? row->reason : own);
    if (reason != NULL) {
        number.undefined = *(char *const *)member(message, reason);
    }
    return number;
}

static void convert_numbers(const ProtobufCMessage *from, const struct number_row *rows,
                            size_t count, void *to)
{
    for (size_t i = 0; i < count; i++) {
        const struct hirsch_number number = number_of(from, &rows[i]);
        memcpy((char *)to + rows[i].offset, &number, sizeof number);
    }
}

static void convert_switches(const Hirsch__V1__MetricScope *from, struct hirsch_metric_scope *to)
{
    to->size = sizeof *to;
    to->as_of = from->as_of;
    to->self_citations = (enum hirsch_self_citations)from->self_citations;
    to->counting = (enum hirsch_counting)from->counting;
    to->position = (enum hirsch_author_position)from->position;
    to->refereed = (enum hirsch_refereed_filter)from->refereed;
    to->citing_refereed = (enum hirsch_refereed_filter)from->citing_refereed;
    to->retracted = (enum hirsch_retracted_rule)from->retracted;
    to->g_rule = (enum hirsch_g_rule)from->g_rule;
    to->first_year = from->years == NULL ? 0 : from->years->first;
    to->last_year = from->years == NULL ? 0 : from->years->last;
    to->kind_count = from->n_kinds;
    to->kinds = (const enum hirsch_paper_kind *)(const void *)from->kinds;
    to->field_count = from->n_fields;
    to->fields = (const char *const *)from->fields;
}

bool client_convert_scope(const Hirsch__V1__UsedScope *from, struct base_arena *arena,
                          struct hirsch_used_scope *to)
{
    static const Hirsch__V1__UsedScope empty = HIRSCH__V1__USED_SCOPE__INIT;
    static const Hirsch__V1__MetricScope no_switches = HIRSCH__V1__METRIC_SCOPE__INIT;
    from = from == NULL ? &empty : from;
    *to = (struct hirsch_used_scope){
        .tori_self_citations = (enum hirsch_self_citations)from->tori_self_citations,
        .day = from->day,
        .sequence = from->sequence,
        .epoch = from->epoch,
        .set_size = from->set_size,
        .counted_papers = from->counted_papers,
        .undated_papers = from->undated_papers,
        .undated_citations = from->undated_citations,
    };
    convert_switches(from->switches == NULL ? &no_switches : from->switches, &to->switches);
    if (from->n_notes == 0) {
        return true;
    }
    struct hirsch_scope_note *notes = base_arena_array(arena, from->n_notes, sizeof *notes);
    for (size_t i = 0; notes != NULL && i < from->n_notes; i++) {
        notes[i] = (struct hirsch_scope_note){from->notes[i]->code, from->notes[i]->count,
                                              from->notes[i]->message};
    }
    to->note_count = from->n_notes;
    to->notes = notes;
    return notes != NULL;
}

bool client_convert_rows(Hirsch__V1__TimelineRow *const *from, size_t count,
                         struct base_arena *arena, const struct hirsch_timeline_row **to)
{
    if (count == 0) {
        *to = NULL;
        return true;
    }
    struct hirsch_timeline_row *rows = base_arena_array(arena, count, sizeof *rows);
    for (size_t i = 0; rows != NULL && i < count; i++) {
        convert_numbers(&from[i]->base, row_numbers, COUNT(row_numbers), &rows[i]);
        rows[i].year = from[i]->year;
        rows[i].day = from[i]->day;
        rows[i].papers_added = from[i]->papers_added;
        rows[i].citations_added = from[i]->citations_added;
    }
    *to = rows;
    return rows != NULL;
}

static struct hirsch_histogram_year histogram_year(const Hirsch__V1__HistogramYear *from)
{
    return (struct hirsch_histogram_year){
        .year = from->year,
        .refereed_papers = from->refereed_papers,
        .other_papers = from->other_papers,
        .normalized_refereed_papers = from->normalized_refereed_papers,
        .normalized_other_papers = from->normalized_other_papers,
        .citations_refereed_to_refereed = from->citations_refereed_to_refereed,
        .citations_refereed_to_other = from->citations_refereed_to_other,
        .citations_other_to_refereed = from->citations_other_to_refereed,
        .citations_other_to_other = from->citations_other_to_other,
        .normalized_citations_refereed_to_refereed =
            from->normalized_citations_refereed_to_refereed,
        .normalized_citations_refereed_to_other = from->normalized_citations_refereed_to_other,
        .normalized_citations_other_to_refereed = from->normalized_citations_other_to_refereed,
        .normalized_citations_other_to_other = from->normalized_citations_other_to_other,
    };
}

static bool convert_histogram(const Hirsch__V1__SetHistograms *from, struct base_arena *arena,
                              struct hirsch_set_metrics *to)
{
    if (from == NULL || from->n_years == 0) {
        return true;
    }
    struct hirsch_histogram_year *years = base_arena_array(arena, from->n_years, sizeof *years);
    for (size_t i = 0; years != NULL && i < from->n_years; i++) {
        years[i] = histogram_year(from->years[i]);
    }
    to->histogram_count = from->n_years;
    to->histogram = years;
    return years != NULL;
}

static bool convert_buckets(const Hirsch__V1__SetMetrics *from, struct base_arena *arena,
                            struct hirsch_set_metrics *to)
{
    if (from->n_buckets == 0) {
        return true;
    }
    struct hirsch_citation_bucket *buckets =
        base_arena_array(arena, from->n_buckets, sizeof *buckets);
    for (size_t i = 0; buckets != NULL && i < from->n_buckets; i++) {
        const Hirsch__V1__CitationBucket *bucket = from->buckets[i];
        bool has_most =
            bucket->most_presence_case == HIRSCH__V1__CITATION_BUCKET__MOST_PRESENCE_MOST;
        buckets[i] = (struct hirsch_citation_bucket){
            bucket->least, has_most, has_most ? bucket->most : 0, bucket->paper_count};
    }
    to->bucket_count = from->n_buckets;
    to->buckets = buckets;
    return buckets != NULL;
}

bool client_convert_set_metrics(const Hirsch__V1__SetMetrics *from, struct base_arena *arena,
                                struct hirsch_set_metrics *to)
{
    static const Hirsch__V1__SetMetrics empty = HIRSCH__V1__SET_METRICS__INIT;
    from = from == NULL ? &empty : from;
    *to = (struct hirsch_set_metrics){
        .timeline_count = from->n_timeline,
        .unknown_id_count = from->n_unknown_ids,
        .unknown_ids = (const char *const *)from->unknown_ids,
    };
    convert_numbers(&from->base, set_numbers, COUNT(set_numbers), to);
    return convert_histogram(from->histograms, arena, to) && convert_buckets(from, arena, to) &&
           client_convert_rows(from->timeline, from->n_timeline, arena, &to->timeline) &&
           client_convert_scope(from->scope, arena, &to->scope);
}

/* *to stays NULL for counts that are not there. */
static bool convert_counts(const Hirsch__V1__DisruptionCounts *from, struct base_arena *arena,
                           const struct hirsch_disruption_counts **to)
{
    if (from == NULL) {
        return true;
    }
    struct hirsch_disruption_counts *made = base_arena_alloc(arena, sizeof *made);
    if (made != NULL) {
        *made = (struct hirsch_disruption_counts){
            .only_paper = from->only_paper,
            .both = from->both,
            .only_references = from->only_references,
            .too_few_shared = from->too_few_shared,
            .shared_references = from->shared_references,
            .references = from->references,
        };
    }
    *to = made;
    return made != NULL;
}

static bool convert_cohort(const Hirsch__V1__Cohort *from, struct base_arena *arena,
                           const struct hirsch_cohort **to)
{
    if (from == NULL) {
        return true;
    }
    struct hirsch_cohort *made = base_arena_alloc(arena, sizeof *made);
    if (made != NULL) {
        *made = (struct hirsch_cohort){
            .year = from->year,
            .field = from->field,
            .kind = (enum hirsch_paper_kind)from->kind,
            .size = from->size,
            .sequence = from->sequence,
            .day = from->day,
            .below = from->below,
            .equal = from->equal,
            .citation_count = from->citation_count,
            .window_citation_count = from->window_citation_count,
            .mean = from->mean,
            .variance = from->variance,
        };
    }
    *to = made;
    return made != NULL;
}

static bool convert_years(const Hirsch__V1__PaperIndicators *from, struct base_arena *arena,
                          struct hirsch_paper_indicators *to)
{
    if (from->n_counts_by_year == 0) {
        return true;
    }
    struct hirsch_paper_year *years =
        base_arena_array(arena, from->n_counts_by_year, sizeof *years);
    for (size_t i = 0; years != NULL && i < from->n_counts_by_year; i++) {
        years[i] = (struct hirsch_paper_year){from->counts_by_year[i]->year,
                                              from->counts_by_year[i]->citation_count};
    }
    to->counts_by_year_count = from->n_counts_by_year;
    to->counts_by_year = years;
    return years != NULL;
}

bool client_convert_indicators(const Hirsch__V1__PaperIndicators *from, struct base_arena *arena,
                               struct hirsch_paper_indicators *to)
{
    static const Hirsch__V1__PaperIndicators empty = HIRSCH__V1__PAPER_INDICATORS__INIT;
    from = from == NULL ? &empty : from;
    *to = (struct hirsch_paper_indicators){
        .id = from->id,
        .stub = from->stub,
        .citation_count = from->citation_count,
        .reference_count = from->reference_count,
        .self_citation_count = from->self_citation_count,
        .fwci_provisional = from->fwci_provisional,
        .cd_window_complete = from->cd_window_complete,
        .cd_window_end = from->cd_window_end,
    };
    convert_numbers(&from->base, paper_numbers, COUNT(paper_numbers), to);
    return convert_years(from, arena, to) &&
           convert_counts(from->cd_counts, arena, &to->cd_counts) &&
           convert_counts(from->di1_counts, arena, &to->di1_counts) &&
           convert_counts(from->di5_counts, arena, &to->di5_counts) &&
           convert_cohort(from->cohort, arena, &to->cohort) &&
           client_convert_scope(from->scope, arena, &to->scope);
}

static bool convert_papers(Hirsch__V1__ExplainedPaper *const *from, size_t count,
                           struct base_arena *arena, const struct hirsch_explained_paper **to)
{
    if (count == 0) {
        return true;
    }
    struct hirsch_explained_paper *papers = base_arena_array(arena, count, sizeof *papers);
    for (size_t i = 0; papers != NULL && i < count; i++) {
        papers[i] =
            (struct hirsch_explained_paper){from[i]->id, from[i]->title, from[i]->publication_date,
                                            from[i]->citation_count, from[i]->missing};
    }
    *to = papers;
    return papers != NULL;
}

static bool convert_steps(const Hirsch__V1__SetExplanation *from, struct base_arena *arena,
                          struct hirsch_set_explanation *to)
{
    if (from->n_steps == 0) {
        return true;
    }
    struct hirsch_metric_step *steps = base_arena_array(arena, from->n_steps, sizeof *steps);
    for (size_t i = 0; steps != NULL && i < from->n_steps; i++) {
        steps[i] = (struct hirsch_metric_step){from->steps[i]->value, from->steps[i]->day};
    }
    to->step_count = from->n_steps;
    to->steps = steps;
    return steps != NULL;
}

bool client_convert_explanation(const Hirsch__V1__SetExplanation *from, struct base_arena *arena,
                                struct hirsch_set_explanation *to)
{
    static const Hirsch__V1__SetExplanation empty = HIRSCH__V1__SET_EXPLANATION__INIT;
    from = from == NULL ? &empty : from;
    *to = (struct hirsch_set_explanation){
        .value = from->value,
        .witness_count = from->n_witnesses,
        .nearest_count = from->n_nearest,
        .missing_citations = from->missing_citations,
        .needs_paper = from->needs_paper,
        .more_witnesses = from->more_witnesses,
        .more_nearest = from->more_nearest,
    };
    return convert_papers(from->witnesses, from->n_witnesses, arena, &to->witnesses) &&
           convert_papers(from->nearest, from->n_nearest, arena, &to->nearest) &&
           convert_steps(from, arena, to);
}
