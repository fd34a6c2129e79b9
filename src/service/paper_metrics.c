#include "service/paper_metrics.h"

#include <stdlib.h>

#include "engine/cohort.h"
#include "rpc/later.h"
#include "service/graph.h"
#include "service/metrics.h"
#include "service/metrics_answer.h"
#include "store/cohorts.h"
#include "wire/view.h"

/* One paper under one scope. */
struct inquiry {
    struct rpc_call *call;
    struct service_session *session;
    const Hirsch__V1__MetricScope *asked;
    struct service_scope scope;
    struct engine_paper_rule rule;
    bool leave_one_out;
    const struct store_info *info;
    bool has_cohorts;
    struct store_refreshed refreshed;
};

static enum base_code no_memory(struct base_error *error)
{
    return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the numbers of the paper");
}

static enum base_code fail_option(struct rpc_call *call, const char *field, const char *why,
                                  struct base_error *error)
{
    call->detail_reason = "OPTION_INVALID";
    call->detail_field = field;
    return base_fail(error, BASE_INVALID_ARGUMENT, "field %s: %s", field, why);
}

static enum base_code read_options(struct rpc_call *call, const Hirsch__V1__PaperOptions *asked,
                                   struct inquiry *inquiry, struct base_error *error)
{
    inquiry->rule.window = ENGINE_WINDOW_DEFAULT;
    if (asked == NULL) {
        return BASE_OK;
    }
    if (asked->window_years != 0 && asked->window_days != 0) {
        return fail_option(call, "options.window_days",
                           "a window is counted in years or in days, not in both", error);
    }
    if (asked->window_years > LIMIT_WINDOW_YEARS) {
        return fail_option(call, "options.window_years", "a window has at most 800 years", error);
    }
    if (asked->window_days > LIMIT_WINDOW_YEARS * 366U) {
        return fail_option(call, "options.window_days", "a window has at most 292,800 days", error);
    }
    if ((int)asked->reference_free < 0 ||
        (int)asked->reference_free > HIRSCH__V1__REFERENCE_FREE_RULE__REFERENCE_FREE_RULE_ONE) {
        return fail_option(call, "options.reference_free", "it goes from 0 to 2", error);
    }
    if (asked->window_days != 0) {
        inquiry->rule.window = (struct engine_window){ENGINE_WINDOW_DAYS, asked->window_days};
    } else if (asked->window_years != 0) {
        inquiry->rule.window = (struct engine_window){ENGINE_WINDOW_YEARS, asked->window_years};
    }
    inquiry->rule.reference_free_one =
        asked->reference_free == HIRSCH__V1__REFERENCE_FREE_RULE__REFERENCE_FREE_RULE_ONE;
    inquiry->leave_one_out = asked->leave_one_out;
    return BASE_OK;
}

static enum base_code inquiry_read(struct rpc_call *call, struct service_session *session,
                                   const Hirsch__V1__MetricScope *scope,
                                   const Hirsch__V1__PaperOptions *options, struct inquiry *inquiry,
                                   struct base_error *error)
{
    struct inquiry read = {.call = call, .session = session, .asked = scope};
    enum base_code code = service_scope_read(call, session, scope, &read.scope, error);
    if (code == BASE_OK) {
        code = read_options(call, options, &read, error);
    }
    if (code == BASE_OK) {
        code = service_scope_fail(call, engine_scope_check_paper(&read.scope.engine, error), error);
    }
    if (code == BASE_OK) {
        code = service_info(session, &read.info, error);
    }
    if (code == BASE_OK) {
        struct base_error ignored;
        code = store_read_refreshed(session->reader, &read.refreshed, &ignored);
        read.has_cohorts = code == BASE_OK;
        if (code != BASE_OK && code != BASE_NOT_FOUND) {
            return base_fail(error, code, "%s", ignored.text);
        }
        *inquiry = read;
        code = BASE_OK;
    }
    return code;
}

static Hirsch__V1__DisruptionCounts *counts_of(struct rpc_call *call,
                                               const struct engine_disruption *from)
{
    Hirsch__V1__DisruptionCounts *to = base_arena_alloc(call->arena, sizeof *to);
    if (to != NULL) {
        hirsch__v1__disruption_counts__init(to);
        to->only_paper = from->n_f;
        to->both = from->n_b;
        to->only_references = from->n_r;
        to->too_few_shared = from->n_below;
        to->shared_references = from->shared;
        to->references = from->reference_count;
    }
    return to;
}

static bool put_disruption(struct rpc_call *call, const struct engine_paper_metrics *from,
                           Hirsch__V1__PaperIndicators *to)
{
    SERVICE_NUMBER(to, PAPER_INDICATORS, CD, cd, double, from->cd.index);
    SERVICE_NUMBER(to, PAPER_INDICATORS, DI1, di1, double, from->di1.index);
    SERVICE_NUMBER(to, PAPER_INDICATORS, DI5, di5, double, from->di5.index);
    SERVICE_NUMBER(to, PAPER_INDICATORS, DI_NOK, di_nok, double, from->di1.nok);
    SERVICE_NUMBER(to, PAPER_INDICATORS, DEP, dep, double, from->di1.dep);
    if (from->cd.mcd.reason == ENGINE_REASON_DEFINED) {
        SERVICE_PRESENT(to, PAPER_INDICATORS, MCD, mcd, from->cd.mcd.value);
    }
    to->cd_window_complete = from->cd.window_complete;
    to->cd_window_end = service_day_text(call, from->cd.window_end);
    to->cd_counts = counts_of(call, &from->cd);
    to->di1_counts = counts_of(call, &from->di1);
    to->di5_counts = counts_of(call, &from->di5);
    return to->cd_window_end != NULL && to->cd_counts != NULL && to->di1_counts != NULL &&
           to->di5_counts != NULL;
}

static bool put_years(struct rpc_call *call, const struct engine_series *from,
                      Hirsch__V1__PaperIndicators *to)
{
    Hirsch__V1__PaperYear *years = base_arena_array(call->arena, from->count + 1, sizeof *years);
    to->counts_by_year = base_arena_array(call->arena, from->count + 1, sizeof *to->counts_by_year);
    if (years == NULL || to->counts_by_year == NULL) {
        return false;
    }
    for (size_t i = 0; i < from->count; i++) {
        hirsch__v1__paper_year__init(&years[i]);
        years[i].year = from->first_year + (unsigned)i;
        years[i].citation_count = from->years[i].citation_count;
        to->counts_by_year[to->n_counts_by_year++] = &years[i];
    }
    return true;
}

static bool put_numbers(struct rpc_call *call, const struct engine_paper_metrics *from,
                        Hirsch__V1__PaperIndicators *to)
{
    to->citation_count = from->citation_count;
    to->reference_count = from->reference_count;
    to->self_citation_count = from->self_citation_count;
    SERVICE_NUMBER(to, PAPER_INDICATORS, VELOCITY, velocity, uint32_t, from->velocity);
    SERVICE_NUMBER(to, PAPER_INDICATORS, SLEEPING_BEAUTY, sleeping_beauty, double,
                   from->sleeping_beauty.b);
    if (from->sleeping_beauty.b.reason == ENGINE_REASON_DEFINED) {
        SERVICE_PRESENT(to, PAPER_INDICATORS, AWAKENING_YEAR, awakening_year,
                        from->sleeping_beauty.awakening_year);
    }
    return put_years(call, &from->counts_by_year, to) && put_disruption(call, from, to);
}

static Hirsch__V1__Cohort *cohort_message(struct inquiry *inquiry,
                                          const struct store_cohort *cohort,
                                          const struct engine_member *member,
                                          const struct engine_percentile *percentile,
                                          const struct engine_fwci *fwci)
{
    struct rpc_call *call = inquiry->call;
    Hirsch__V1__Cohort *message = base_arena_alloc(call->arena, sizeof *message);
    if (message == NULL) {
        return NULL;
    }
    hirsch__v1__cohort__init(message);
    message->year = cohort->year;
    message->field = (char *)(uintptr_t)base_arena_copy(call->arena, cohort->field).data;
    message->kind = (Hirsch__V1__PaperKind)cohort->kind;
    message->size = cohort->table.size;
    message->sequence = inquiry->refreshed.sequence;
    message->day = service_day_text(call, inquiry->refreshed.day);
    message->below = percentile->below;
    message->equal = percentile->equal;
    message->citation_count = member->citation_count;
    message->window_citation_count = member->window_citations;
    message->mean = fwci->mean;
    message->variance = fwci->variance;
    return message->field == NULL || message->day == NULL ? NULL : message;
}

static enum base_code put_cohort(struct inquiry *inquiry, const struct store_paper *paper,
                                 Hirsch__V1__PaperIndicators *to, struct base_error *error)
{
    struct engine_number none = engine_undefined(ENGINE_REASON_COHORT_NOT_COMPUTED);
    struct engine_member member;
    struct store_cohort cohort;
    struct service_class class = service_paper_class(paper);
    const struct engine_scope *scope = &inquiry->scope.engine;
    if (!engine_scope_has_cohort(scope)) {
        none.reason = ENGINE_REASON_SCOPE_NOT_SUPPORTED;
    } else if (paper->stub || paper->date.day == MODEL_NO_DAY || class.field.size == 0 ||
               class.kind == MODEL_KIND_UNSPECIFIED) {
        none.reason = ENGINE_REASON_NO_COHORT;
    } else if (inquiry->has_cohorts) {
        enum base_code code = store_read_member(
            inquiry->session->reader, &inquiry->refreshed, paper->number,
            scope->self_citations == ENGINE_SELF_EXCLUDE_COAUTHOR ? STORE_COHORT_EXCLUDE_COAUTHOR
                                                                  : STORE_COHORT_INCLUDE,
            inquiry->call->arena, &member, &cohort, error);
        if (code == BASE_OK) {
            none.reason = ENGINE_REASON_DEFINED;
        } else if (code != BASE_NOT_FOUND) {
            return code;
        }
    }
    if (none.reason != ENGINE_REASON_DEFINED) {
        to->percentile_undefined = service_reason(none);
        to->fwci_undefined = service_reason(none);
        return BASE_OK;
    }
    struct engine_percentile percentile;
    struct engine_fwci fwci;
    engine_percentile(&cohort.table, member.citation_count, &percentile);
    engine_fwci(&cohort.table, member.window_citations, cohort.year, inquiry->refreshed.day,
                inquiry->leave_one_out, &fwci);
    SERVICE_NUMBER(to, PAPER_INDICATORS, PERCENTILE, percentile, double, percentile.value);
    SERVICE_NUMBER(to, PAPER_INDICATORS, FWCI, fwci, double, fwci.value);
    if (fwci.value.reason == ENGINE_REASON_DEFINED) {
        SERVICE_PRESENT(to, PAPER_INDICATORS, FWCI_LOWER, fwci_lower, fwci.lower);
        SERVICE_PRESENT(to, PAPER_INDICATORS, FWCI_UPPER, fwci_upper, fwci.upper);
    }
    to->fwci_provisional = fwci.provisional;
    to->cohort = cohort_message(inquiry, &cohort, &member, &percentile, &fwci);
    return to->cohort == NULL ? no_memory(error) : BASE_OK;
}

static enum base_code inquire(struct inquiry *inquiry, uint32_t number,
                              Hirsch__V1__PaperIndicators **indicators, struct base_error *error)
{
    struct rpc_call *call = inquiry->call;
    struct service_graph *graph = NULL;
    struct engine_paper_metrics metrics;
    struct store_paper paper;
    Hirsch__V1__PaperIndicators *made = base_arena_alloc(call->arena, sizeof *made);
    enum base_code code = made == NULL
                              ? no_memory(error)
                              : store_read_paper(inquiry->session->reader, number, &paper, error);
    if (code == BASE_OK) {
        code = service_graph_of(call, inquiry->session, &graph, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    hirsch__v1__paper_indicators__init(made);
    struct engine_paper focal = service_graph_paper(&paper);
    code = engine_measure_paper(graph->work, &graph->edges, &focal, &inquiry->scope.engine,
                                &inquiry->rule, &metrics, error);
    if (code == BASE_OK) {
        made->id = (char *)(uintptr_t)base_arena_copy(call->arena, wire_view_id(paper.view)).data;
        made->stub = paper.stub;
        code = made->id == NULL || !put_numbers(call, &metrics, made) ? no_memory(error) : BASE_OK;
    }
    service_graph_end(graph);
    if (code == BASE_OK) {
        code = put_cohort(inquiry, &paper, made, error);
    }
    if (code != BASE_OK) {
        return service_metrics_fail(call, code, error);
    }
    const struct service_scope_facts facts = {.counted_papers = metrics.scope.set_papers,
                                              .first_day = paper.date.day};
    made->scope = service_scope_used(call, inquiry->info, inquiry->asked, &inquiry->scope,
                                     &metrics.scope, &facts);
    *indicators = made;
    return made->scope == NULL ? no_memory(error) : BASE_OK;
}

enum base_code service_paper_indicators(struct rpc_call *call, struct service_session *session,
                                        uint32_t paper, const Hirsch__V1__MetricScope *scope,
                                        const Hirsch__V1__PaperOptions *options,
                                        Hirsch__V1__PaperIndicators **indicators,
                                        struct base_error *error)
{
    struct inquiry inquiry;
    enum base_code code = inquiry_read(call, session, scope, options, &inquiry, error);
    return code == BASE_OK ? inquire(&inquiry, paper, indicators, error) : code;
}

enum base_code service_paper_weight(struct service_session *session, uint32_t number,
                                    uint64_t *weight, struct base_error *error)
{
    enum { PART = 256 };
    struct store_paper paper;
    uint32_t references[PART];
    size_t count = PART;
    enum base_code code = store_read_paper(session->reader, number, &paper, error);
    uint64_t sum = code == BASE_OK ? (uint64_t)paper.citation_count + paper.reference_count : 0;
    for (uint32_t after = 0; code == BASE_OK && count == PART && sum <= LIMIT_LOOP_SET;) {
        code =
            store_read_references(session->reader, number, after, references, PART, &count, error);
        for (size_t i = 0; code == BASE_OK && i < count && sum <= LIMIT_LOOP_SET; i++) {
            code = store_read_paper(session->reader, references[i], &paper, error);
            sum += code == BASE_OK ? paper.citation_count : 0;
            after = references[i];
        }
    }
    if (code == BASE_OK) {
        *weight = sum;
    }
    return code;
}

/* Begins a call about one paper. *small: it may be answered here. */
static enum base_code find_paper(struct rpc_call *call, const char *field, const char *text,
                                 struct service_session **session, uint32_t *paper, bool *small,
                                 struct base_error *error)
{
    struct model_id id;
    uint64_t weight = 0;
    enum base_code code = service_begin(call, session, error);
    if (code == BASE_OK) {
        code = service_find(call, *session, MODEL_PAPER, field, text, &id, paper, error);
    }
    if (code == BASE_OK) {
        code = service_paper_weight(*session, *paper, &weight, error);
    }
    *small = call->later != NULL || weight <= LIMIT_LOOP_SET;
    return code;
}

enum base_code service_get_paper_metrics(struct rpc_call *call, const void *message,
                                         struct base_buffer *payload, struct base_error *error)
{
    const Hirsch__V1__GetPaperMetricsRequest *request = message;
    Hirsch__V1__GetPaperMetricsResponse response = HIRSCH__V1__GET_PAPER_METRICS_RESPONSE__INIT;
    struct service_session *session;
    uint32_t paper;
    bool small;
    enum base_code code = find_paper(call, "id", request->id, &session, &paper, &small, error);
    if (code == BASE_OK && !small) {
        return rpc_run_later(call, service_get_paper_metrics, request, error);
    }
    if (code == BASE_OK) {
        code = service_paper_indicators(call, session, paper, request->scope, request->options,
                                        &response.metrics, error);
    }
    return code == BASE_OK ? service_put_message(call, &response.base, payload, error) : code;
}

enum base_code service_explain_paper(struct rpc_call *call,
                                     const Hirsch__V1__ExplainMetricRequest *request,
                                     struct base_buffer *payload, struct base_error *error)
{
    Hirsch__V1__ExplainMetricResponse response = HIRSCH__V1__EXPLAIN_METRIC_RESPONSE__INIT;
    struct service_session *session;
    uint32_t paper;
    bool small;
    enum base_code code =
        find_paper(call, "set", request->set[0]->paper, &session, &paper, &small, error);
    if (code == BASE_OK && !small) {
        return rpc_run_later(call, service_explain_metric, request, error);
    }
    if (code == BASE_OK) {
        code = service_paper_indicators(call, session, paper, request->scope, request->options,
                                        &response.paper, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    response.scope = response.paper->scope;
    return service_put_message(call, &response.base, payload, error);
}

/* What fails fails this item alone, but for the end of the call itself. */
static enum base_code put_item(struct inquiry *inquiry, char *id,
                               Hirsch__V1__PaperMetricsResult *result, struct base_error *error)
{
    struct rpc_call *call = inquiry->call;
    struct model_id parsed;
    uint32_t paper;
    hirsch__v1__paper_metrics_result__init(result);
    result->id = id;
    enum base_code code =
        service_find(call, inquiry->session, MODEL_PAPER, "ids", id, &parsed, &paper, error);
    if (code == BASE_OK) {
        result->result_case = HIRSCH__V1__PAPER_METRICS_RESULT__RESULT_METRICS;
        code = inquire(inquiry, paper, &result->metrics, error);
    }
    call->detail_reason = NULL;
    call->detail_field = NULL;
    if (code == BASE_OK || code == BASE_DEADLINE_EXCEEDED || code == BASE_CANCELLED ||
        code == BASE_RESOURCE_EXHAUSTED) {
        return code;
    }
    Hirsch__V1__ItemError *failed = base_arena_alloc(call->arena, sizeof *failed);
    if (failed == NULL) {
        return no_memory(error);
    }
    hirsch__v1__item_error__init(failed);
    failed->code = (uint32_t)code;
    failed->message =
        (char *)(uintptr_t)base_arena_copy(call->arena, base_slice_text(error->text)).data;
    result->result_case = HIRSCH__V1__PAPER_METRICS_RESULT__RESULT_ERROR;
    result->error = failed;
    return failed->message == NULL ? no_memory(error) : BASE_OK;
}

static enum base_code batch_weight(struct rpc_call *call, struct service_session *session,
                                   char *const *ids, size_t count, uint64_t *weight,
                                   struct base_error *error)
{
    *weight = 0;
    for (size_t i = 0; i < count && *weight <= LIMIT_LOOP_SET; i++) {
        struct model_id id;
        uint32_t paper;
        uint64_t more = 0;
        enum base_code code =
            service_find(call, session, MODEL_PAPER, "ids", ids[i], &id, &paper, error);
        if (code == BASE_OK) {
            code = service_paper_weight(session, paper, &more, error);
        }
        if (code == BASE_RESOURCE_EXHAUSTED) {
            return code;
        }
        *weight += more + 1;
    }
    call->detail_reason = NULL;
    call->detail_field = NULL;
    return BASE_OK;
}

enum base_code service_batch_get_paper_metrics(struct rpc_call *call, const void *message,
                                               struct base_buffer *payload,
                                               struct base_error *error)
{
    const Hirsch__V1__BatchGetPaperMetricsRequest *request = message;
    Hirsch__V1__BatchGetPaperMetricsResponse response =
        HIRSCH__V1__BATCH_GET_PAPER_METRICS_RESPONSE__INIT;
    struct service_session *session;
    struct inquiry inquiry;
    uint64_t weight = 0;
    size_t count = request->n_ids;
    enum base_code code = service_begin(call, &session, error);
    if (code == BASE_OK) {
        code = service_check_batch(call, count, error);
    }
    if (code == BASE_OK) {
        code = inquiry_read(call, session, request->scope, request->options, &inquiry, error);
    }
    if (code == BASE_OK && call->later == NULL) {
        code = batch_weight(call, session, request->ids, count, &weight, error);
    }
    if (code == BASE_OK && weight > LIMIT_LOOP_SET) {
        return rpc_run_later(call, service_batch_get_paper_metrics, request, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    Hirsch__V1__PaperMetricsResult *results =
        base_arena_array(call->arena, count + 1, sizeof *results);
    response.results = base_arena_array(call->arena, count + 1, sizeof *response.results);
    code = results == NULL || response.results == NULL ? no_memory(error) : BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        code = put_item(&inquiry, request->ids[i], &results[i], error);
        response.results[response.n_results++] = &results[i];
    }
    return code == BASE_OK ? service_put_message(call, &response.base, payload, error) : code;
}
