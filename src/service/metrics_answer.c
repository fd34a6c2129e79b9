#include "service/metrics_answer.h"

char *service_reason(struct engine_number number)
{
    return (char *)(uintptr_t)(number.reason == ENGINE_REASON_DEFINED
                                   ? ""
                                   : engine_reason_name(number.reason));
}

static bool fractional(const struct engine_scope *scope)
{
    return scope->counting == ENGINE_COUNTING_FRACTIONAL;
}

static void put_citations(const struct engine_measures *measures, const struct engine_scope *scope,
                          Hirsch__V1__SetMetrics *message)
{
    SERVICE_PRESENT(message, SET_METRICS, CITATION_COUNT, citation_count,
                    fractional(scope) ? measures->citation_sum : (double)measures->citation_count);
    SERVICE_PRESENT(message, SET_METRICS, CITING_PAPER_COUNT, citing_paper_count,
                    measures->citing_paper_count);
    SERVICE_PRESENT(message, SET_METRICS, SELF_CITATION_COUNT, self_citation_count,
                    service_saturated(measures->self_citation_count));
    SERVICE_PRESENT(message, SET_METRICS, NORMALIZED_PAPER_COUNT, normalized_paper_count,
                    measures->papers_normalized);
    SERVICE_PRESENT(message, SET_METRICS, NORMALIZED_CITATION_COUNT, normalized_citation_count,
                    measures->citations_normalized);
    SERVICE_NUMBER(message, SET_METRICS, MEAN_CITATIONS, mean_citations, double,
                   measures->mean_citations);
    SERVICE_NUMBER(message, SET_METRICS, MEDIAN_CITATIONS, median_citations, double,
                   measures->median_citations);
    SERVICE_NUMBER(message, SET_METRICS, UNCITED_SHARE, uncited_share, double,
                   measures->uncited_share);
    SERVICE_NUMBER(message, SET_METRICS, GINI, gini, double, measures->gini);
    SERVICE_NUMBER(message, SET_METRICS, CITATION_HALF_LIFE, citation_half_life, double,
                   measures->citation_half_life);
}

static void put_recent(const struct engine_measures *measures, Hirsch__V1__SetMetrics *message)
{
    if (measures->h_recent5.reason == ENGINE_REASON_DEFINED) {
        SERVICE_PRESENT(message, SET_METRICS, H_RECENT5, h_recent5,
                        (uint32_t)measures->h_recent5.value);
        SERVICE_PRESENT(message, SET_METRICS, I10_RECENT5, i10_recent5,
                        (uint32_t)measures->i10_recent5.value);
        SERVICE_PRESENT(message, SET_METRICS, CITATIONS_RECENT5, citations_recent5,
                        measures->citations_recent5.value);
    }
    message->recent5_undefined = service_reason(measures->h_recent5);
    SERVICE_NUMBER(message, SET_METRICS, H5_PUBLISHED, h5_published, uint32_t,
                   measures->h5_published);
    SERVICE_NUMBER(message, SET_METRICS, H5_MEDIAN, h5_median, double, measures->h5_median);
    SERVICE_NUMBER(message, SET_METRICS, S_INDEX, s_index, double, measures->s_index);
}

static void put_indicators(const struct engine_measures *measures, Hirsch__V1__SetMetrics *message)
{
    SERVICE_PRESENT(message, SET_METRICS, H_INDEX, h_index, measures->h_index);
    SERVICE_PRESENT(message, SET_METRICS, G_INDEX, g_index, measures->g_index);
    SERVICE_PRESENT(message, SET_METRICS, I10_INDEX, i10_index, measures->i10_index);
    SERVICE_PRESENT(message, SET_METRICS, I100_INDEX, i100_index, measures->i100_index);
    SERVICE_PRESENT(message, SET_METRICS, TORI, tori, measures->tori);
    SERVICE_NUMBER(message, SET_METRICS, M_QUOTIENT, m_quotient, double, measures->m_quotient);
    SERVICE_NUMBER(message, SET_METRICS, RIQ, riq, uint32_t, measures->riq);
    put_recent(measures, message);
}

static void put_basic(const struct engine_measures *measures, const struct engine_scope *scope,
                      Hirsch__V1__SetMetrics *message)
{
    SERVICE_PRESENT(message, SET_METRICS, PAPER_COUNT, paper_count,
                    fractional(scope) ? measures->paper_sum : (double)measures->paper_count);
    SERVICE_PRESENT(message, SET_METRICS, CITATION_COUNT, citation_count,
                    fractional(scope) ? measures->citation_sum : (double)measures->citation_count);
    if (measures->first_year != 0) {
        SERVICE_PRESENT(message, SET_METRICS, FIRST_YEAR, first_year, measures->first_year);
        SERVICE_PRESENT(message, SET_METRICS, LAST_YEAR, last_year, measures->last_year);
    }
}

static bool put_buckets(struct rpc_call *call, const struct engine_measures *measures,
                        Hirsch__V1__SetMetrics *message)
{
    Hirsch__V1__CitationBucket *buckets =
        base_arena_array(call->arena, ENGINE_BUCKET_COUNT, sizeof *buckets);
    message->buckets = base_arena_array(call->arena, ENGINE_BUCKET_COUNT, sizeof *message->buckets);
    if (buckets == NULL || message->buckets == NULL) {
        return false;
    }
    for (size_t i = 0; i < ENGINE_BUCKET_COUNT; i++) {
        hirsch__v1__citation_bucket__init(&buckets[i]);
        buckets[i].least = engine_bucket_least[i];
        buckets[i].paper_count = measures->buckets[i];
        if (i + 1 < ENGINE_BUCKET_COUNT) {
            SERVICE_PRESENT(&buckets[i], CITATION_BUCKET, MOST, most,
                            engine_bucket_least[i + 1] - 1);
        }
        message->buckets[i] = &buckets[i];
    }
    message->n_buckets = ENGINE_BUCKET_COUNT;
    return true;
}

static void put_year(const struct engine_histogram_year *from, unsigned year,
                     Hirsch__V1__HistogramYear *to)
{
    hirsch__v1__histogram_year__init(to);
    to->year = year;
    to->refereed_papers = from->papers[1];
    to->other_papers = from->papers[0];
    to->normalized_refereed_papers = from->papers_normalized[1];
    to->normalized_other_papers = from->papers_normalized[0];
    to->citations_refereed_to_refereed = from->citations[1][1];
    to->citations_refereed_to_other = from->citations[1][0];
    to->citations_other_to_refereed = from->citations[0][1];
    to->citations_other_to_other = from->citations[0][0];
    to->normalized_citations_refereed_to_refereed = from->citations_normalized[1][1];
    to->normalized_citations_refereed_to_other = from->citations_normalized[1][0];
    to->normalized_citations_other_to_refereed = from->citations_normalized[0][1];
    to->normalized_citations_other_to_other = from->citations_normalized[0][0];
}

static bool put_histograms(struct rpc_call *call, const struct engine_histograms *from,
                           Hirsch__V1__SetMetrics *message)
{
    Hirsch__V1__SetHistograms *to = base_arena_alloc(call->arena, sizeof *to);
    Hirsch__V1__HistogramYear *years =
        base_arena_array(call->arena, from->count + 1, sizeof *years);
    if (to == NULL || years == NULL) {
        return false;
    }
    hirsch__v1__set_histograms__init(to);
    to->years = base_arena_array(call->arena, from->count + 1, sizeof *to->years);
    if (to->years == NULL) {
        return false;
    }
    for (size_t i = 0; i < from->count; i++) {
        put_year(&from->years[i], from->first_year + (unsigned)i, &years[i]);
        to->years[to->n_years++] = &years[i];
    }
    message->histograms = to;
    return true;
}

Hirsch__V1__SetMetrics *service_answer_metrics(struct rpc_call *call,
                                               const struct engine_measures *measures,
                                               const struct engine_scope *scope, unsigned groups)
{
    Hirsch__V1__SetMetrics *message = base_arena_alloc(call->arena, sizeof *message);
    if (message == NULL) {
        return NULL;
    }
    hirsch__v1__set_metrics__init(message);
    if ((groups & ENGINE_GROUP_BASIC) != 0) {
        put_basic(measures, scope, message);
    }
    if ((groups & ENGINE_GROUP_CITATIONS) != 0) {
        put_citations(measures, scope, message);
    }
    if ((groups & ENGINE_GROUP_INDICATORS) != 0) {
        put_indicators(measures, message);
    }
    if ((groups & ENGINE_GROUP_BUCKETS) != 0 && !put_buckets(call, measures, message)) {
        return NULL;
    }
    if ((groups & ENGINE_GROUP_HISTOGRAMS) != 0 &&
        !put_histograms(call, &measures->histograms, message)) {
        return NULL;
    }
    return message;
}

static void put_row(const struct engine_timeline_row *from, const struct engine_scope *scope,
                    Hirsch__V1__TimelineRow *to)
{
    SERVICE_PRESENT(to, TIMELINE_ROW, PAPER_COUNT, paper_count,
                    fractional(scope) ? from->paper_sum : (double)from->paper_count);
    SERVICE_PRESENT(to, TIMELINE_ROW, CITATION_COUNT, citation_count,
                    fractional(scope) ? from->citation_sum : (double)from->citation_count);
    SERVICE_PRESENT(to, TIMELINE_ROW, CITING_PAPER_COUNT, citing_paper_count,
                    from->citing_paper_count);
    SERVICE_PRESENT(to, TIMELINE_ROW, H_INDEX, h_index, from->h_index);
    SERVICE_PRESENT(to, TIMELINE_ROW, G_INDEX, g_index, from->g_index);
    SERVICE_PRESENT(to, TIMELINE_ROW, I10_INDEX, i10_index, from->i10_index);
    SERVICE_PRESENT(to, TIMELINE_ROW, I100_INDEX, i100_index, from->i100_index);
    SERVICE_PRESENT(to, TIMELINE_ROW, TORI, tori, from->tori);
    SERVICE_NUMBER(to, TIMELINE_ROW, M_QUOTIENT, m_quotient, double, from->m_quotient);
    SERVICE_NUMBER(to, TIMELINE_ROW, RIQ, riq, uint32_t, from->riq);
    to->year = from->year;
    to->papers_added = from->new_papers;
    to->citations_added = from->new_citations;
}

bool service_answer_rows(struct rpc_call *call, const struct engine_timeline *timeline,
                         const struct engine_scope *scope, Hirsch__V1__TimelineRow ***rows,
                         size_t *count)
{
    Hirsch__V1__TimelineRow *messages =
        base_arena_array(call->arena, timeline->count + 1, sizeof *messages);
    Hirsch__V1__TimelineRow **list =
        base_arena_array(call->arena, timeline->count + 1, sizeof *list);
    if (messages == NULL || list == NULL) {
        return false;
    }
    for (size_t i = 0; i < timeline->count; i++) {
        hirsch__v1__timeline_row__init(&messages[i]);
        put_row(&timeline->rows[i], scope, &messages[i]);
        messages[i].day = service_day_text(call, timeline->rows[i].day);
        if (messages[i].day == NULL) {
            return false;
        }
        list[i] = &messages[i];
    }
    *rows = list;
    *count = timeline->count;
    return true;
}
