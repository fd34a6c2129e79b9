#include "service/metrics.h"

#include "rpc/later.h"
#include "service/gather.h"
#include "service/metrics_answer.h"
#include "service/paper_metrics.h"
#include "wire/unpack.h"
#include "wire/view.h"

bool service_is_small(const struct service_set *set)
{
    return !set->scans && set->weight <= LIMIT_LOOP_SET;
}

/* Only looking up what is named would keep the loop for too long. */
static bool names_many(Hirsch__V1__SetTerm *const *terms, size_t count)
{
    size_t ids = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_list = terms[i]->term_case == HIRSCH__V1__SET_TERM__TERM_PAPERS;
        ids += is_list ? terms[i]->papers->n_ids : 1;
    }
    return ids > LIMIT_LOOP_IDS;
}

static bool is_over(void *context)
{
    struct base_error ignored;
    return rpc_call_check(context, &ignored) != BASE_OK;
}

enum base_code service_graph_of(struct rpc_call *call, struct service_session *session,
                                struct service_graph **graph, struct base_error *error)
{
    if (session->graph == NULL) {
        session->graph = service_graph_new(session->reader);
        if (session->graph == NULL) {
            return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the citation graph");
        }
    }
    enum base_code code = service_graph_begin(session->graph, is_over, call, error);
    if (code == BASE_OK) {
        *graph = session->graph;
    }
    return code;
}

enum base_code service_metrics_fail(struct rpc_call *call, enum base_code code,
                                    struct base_error *error)
{
    if (code == BASE_CANCELLED) {
        enum base_code why = rpc_call_check(call, error);
        return why == BASE_OK ? code : why;
    }
    return service_scope_fail(call, code, error);
}

enum base_code service_put_message(const struct rpc_call *call,
                                   const struct ProtobufCMessage *message,
                                   struct base_buffer *payload, struct base_error *error)
{
    size_t before = payload->size;
    wire_pack(message, payload);
    if (payload->failed) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the reply");
    }
    return payload->size - before > call->max_payload ? rpc_fail_reply_limit(call, error) : BASE_OK;
}

static enum base_code no_memory(struct base_error *error)
{
    return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the numbers of the set");
}

enum base_code service_groups_read(struct rpc_call *call, const Hirsch__V1__MetricGroup *asked,
                                   size_t count, unsigned fallback, unsigned *groups,
                                   struct base_error *error)
{
    unsigned read = 0;
    for (size_t i = 0; i < count; i++) {
        int group = (int)asked[i];
        if (group < HIRSCH__V1__METRIC_GROUP__METRIC_GROUP_BASIC ||
            group > HIRSCH__V1__METRIC_GROUP__METRIC_GROUP_BUCKETS) {
            call->detail_reason = "GROUP_INVALID";
            call->detail_field = "groups";
            return base_fail(error, BASE_INVALID_ARGUMENT,
                             "field groups: %d is no group; they go from %d to %d", group,
                             HIRSCH__V1__METRIC_GROUP__METRIC_GROUP_BASIC,
                             HIRSCH__V1__METRIC_GROUP__METRIC_GROUP_BUCKETS);
        }
        read |= 1U << (group - 1);
    }
    *groups = count == 0 ? fallback : read;
    return BASE_OK;
}

/* One question about a set, from the request to the engine. */
struct question {
    struct service_session *session;
    struct service_scope scope;
    struct service_set set;
    struct service_graph *graph;
};

static enum base_code question_read(struct rpc_call *call, struct question *question,
                                    Hirsch__V1__SetTerm *const *terms, size_t count,
                                    const Hirsch__V1__MetricScope *scope, struct base_error *error)
{
    enum base_code code = service_begin(call, &question->session, error);
    if (code == BASE_OK) {
        code = service_scope_read(call, question->session, scope, &question->scope, error);
    }
    if (code == BASE_OK) {
        code = service_set_read(call, question->session, terms, count, &question->set, error);
    }
    if (code == BASE_OK) {
        code = service_scope_fail(
            call, engine_scope_check(&question->scope.engine, question->set.author_terms, error),
            error);
    }
    return code;
}

static enum base_code question_gather(struct rpc_call *call, struct question *question,
                                      struct base_error *error)
{
    enum base_code code =
        service_set_gather(call, question->session, &question->scope, &question->set, error);
    if (code == BASE_OK) {
        code = service_graph_of(call, question->session, &question->graph, error);
    }
    return code;
}

static bool has_name_only(const struct service_set *set, const struct service_scope *scope)
{
    uint64_t all = set->named_count == 64 ? UINT64_MAX : (UINT64_C(1) << set->named_count) - 1;
    return scope->engine.self_citations == ENGINE_SELF_EXCLUDE_OWN && set->identified != all;
}

/* NULL when memory is out. */
static Hirsch__V1__UsedScope *scope_of(struct rpc_call *call, struct service_session *session,
                                       const struct service_set *set,
                                       const Hirsch__V1__MetricScope *asked,
                                       const struct service_scope *scope,
                                       const struct engine_scope_report *report, uint32_t counted)
{
    const struct store_info *info;
    struct base_error ignored;
    const struct service_scope_facts facts = {
        .counted_papers = counted,
        .stubs = set->stubs,
        .name_only = has_name_only(set, scope),
        .first_day = set->first_day,
    };
    if (service_info(session, &info, &ignored) != BASE_OK) {
        return NULL;
    }
    return service_scope_used(call, info, asked, scope, report, &facts);
}

static bool put_timeline(struct rpc_call *call, const struct engine_timeline *timeline,
                         const struct service_scope *scope, Hirsch__V1__SetMetrics *metrics)
{
    return service_answer_rows(call, timeline, &scope->engine, &metrics->timeline,
                               &metrics->n_timeline);
}

enum base_code service_measure(struct rpc_call *call, struct service_session *session,
                               struct service_set *set, const Hirsch__V1__MetricScope *asked,
                               const struct service_scope *scope, unsigned groups,
                               Hirsch__V1__SetMetrics **metrics, struct base_error *error)
{
    struct service_graph *graph = NULL;
    struct engine_measures measures;
    Hirsch__V1__SetMetrics *made = NULL;
    enum base_code code = service_set_gather(call, session, scope, set, error);
    if (code == BASE_OK) {
        code = service_graph_of(call, session, &graph, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    code = engine_measure(graph->work, &graph->edges, &set->engine, &scope->engine, groups,
                          &measures, error);
    if (code == BASE_OK) {
        made = service_answer_metrics(call, &measures, &scope->engine, groups);
        code = made == NULL ? no_memory(error) : BASE_OK;
    }
    if (code == BASE_OK && (groups & ENGINE_GROUP_TIMELINE) != 0 &&
        !put_timeline(call, &measures.timeline, scope, made)) {
        code = no_memory(error);
    }
    service_graph_end(graph);
    if (code != BASE_OK) {
        return service_metrics_fail(call, code, error);
    }
    made->scope = scope_of(call, session, set, asked, scope, &measures.scope, measures.paper_count);
    made->unknown_ids = set->unknown;
    made->n_unknown_ids = set->unknown_count;
    *metrics = made;
    return made->scope == NULL ? no_memory(error) : BASE_OK;
}

enum base_code service_compute_metrics(struct rpc_call *call, const void *message,
                                       struct base_buffer *payload, struct base_error *error)
{
    const Hirsch__V1__ComputeMetricsRequest *request = message;
    struct question question = {.session = NULL};
    unsigned groups;
    enum base_code code = service_groups_read(
        call, request->groups, request->n_groups,
        ENGINE_GROUP_BASIC | ENGINE_GROUP_CITATIONS | ENGINE_GROUP_INDICATORS, &groups, error);
    if (code == BASE_OK && call->later == NULL && names_many(request->set, request->n_set)) {
        return rpc_run_later(call, service_compute_metrics, request, error);
    }
    if (code == BASE_OK) {
        code = question_read(call, &question, request->set, request->n_set, request->scope, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    if (call->later == NULL && !service_is_small(&question.set)) {
        return rpc_run_later(call, service_compute_metrics, request, error);
    }
    Hirsch__V1__ComputeMetricsResponse response = HIRSCH__V1__COMPUTE_METRICS_RESPONSE__INIT;
    code = service_measure(call, question.session, &question.set, request->scope, &question.scope,
                           groups, &response.metrics, error);
    return code == BASE_OK ? service_put_message(call, &response.base, payload, error) : code;
}

static enum base_code read_days(struct rpc_call *call,
                                const Hirsch__V1__GetTimelineRequest *request, uint32_t **days,
                                struct base_error *error)
{
    enum base_code code = BASE_OK;
    size_t count = request->n_days;
    if (count > LIMIT_TIMELINE_DAYS) {
        code = base_fail(error, BASE_INVALID_ARGUMENT,
                         "field days: %zu were given; a timeline has at most %d", count,
                         LIMIT_TIMELINE_DAYS);
    }
    if (code == BASE_OK && count > 0 && request->scope != NULL &&
        request->scope->as_of[0] != '\0') {
        code = base_fail(error, BASE_INVALID_ARGUMENT,
                         "field days: with days of its own a timeline takes no scope.as_of");
    }
    if (code != BASE_OK) {
        call->detail_reason = "DAYS_INVALID";
        call->detail_field = "days";
        return code;
    }
    uint32_t *read = base_arena_array(call->arena, count + 1, sizeof *read);
    if (read == NULL) {
        return no_memory(error);
    }
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        code = service_day_read(call, "days", request->days[i], &read[i], error);
        if (code == BASE_OK && i > 0 && read[i] <= read[i - 1]) {
            call->detail_reason = "DAYS_INVALID";
            call->detail_field = "days";
            code = base_fail(error, BASE_INVALID_ARGUMENT,
                             "field days: %s does not come after %s; days ascend", request->days[i],
                             request->days[i - 1]);
        }
    }
    *days = read;
    return code;
}

enum base_code service_get_timeline(struct rpc_call *call, const void *message,
                                    struct base_buffer *payload, struct base_error *error)
{
    const Hirsch__V1__GetTimelineRequest *request = message;
    struct question question = {.session = NULL};
    struct engine_timeline timeline;
    uint32_t *days = NULL;
    enum base_code code = read_days(call, request, &days, error);
    if (code == BASE_OK && call->later == NULL && names_many(request->set, request->n_set)) {
        return rpc_run_later(call, service_get_timeline, request, error);
    }
    if (code == BASE_OK) {
        code = question_read(call, &question, request->set, request->n_set, request->scope, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    if (call->later == NULL && !service_is_small(&question.set)) {
        return rpc_run_later(call, service_get_timeline, request, error);
    }
    Hirsch__V1__GetTimelineResponse response = HIRSCH__V1__GET_TIMELINE_RESPONSE__INIT;
    code = question_gather(call, &question, error);
    if (code != BASE_OK) {
        return code;
    }
    struct service_graph *graph = question.graph;
    code = request->n_days > 0
               ? engine_timeline_on(graph->work, &graph->edges, &question.set.engine,
                                    &question.scope.engine, days, request->n_days, &timeline, error)
               : engine_timeline_yearly(graph->work, &graph->edges, &question.set.engine,
                                        &question.scope.engine, &timeline, error);
    if (code == BASE_OK && !service_answer_rows(call, &timeline, &question.scope.engine,
                                                &response.timeline, &response.n_timeline)) {
        code = no_memory(error);
    }
    service_graph_end(graph);
    if (code != BASE_OK) {
        return service_metrics_fail(call, code, error);
    }
    if (request->n_days > 0) {
        question.scope.engine.as_of = days[request->n_days - 1];
    }
    response.scope = scope_of(call, question.session, &question.set, request->scope,
                              &question.scope, &timeline.scope, timeline.paper_count);
    if (response.scope == NULL) {
        return no_memory(error);
    }
    response.unknown_ids = question.set.unknown;
    response.n_unknown_ids = question.set.unknown_count;
    return service_put_message(call, &response.base, payload, error);
}

/* Ids and titles of the first `most` papers of a list. */
static enum base_code put_papers(struct rpc_call *call, struct service_session *session,
                                 const struct engine_witness *from, size_t count, size_t most,
                                 bool lacking, Hirsch__V1__ExplainedPaper ***papers, size_t *shown,
                                 struct base_error *error)
{
    size_t used = count < most ? count : most;
    Hirsch__V1__ExplainedPaper *messages =
        base_arena_array(call->arena, used + 1, sizeof *messages);
    Hirsch__V1__ExplainedPaper **list = base_arena_array(call->arena, used + 1, sizeof *list);
    if (messages == NULL || list == NULL) {
        return no_memory(error);
    }
    for (size_t i = 0; i < used; i++) {
        struct store_paper paper;
        struct wire_view_parts parts;
        char date[MODEL_DATE_TEXT];
        enum base_code code = store_read_paper(session->reader, from[i].paper, &paper, error);
        if (code != BASE_OK) {
            return code;
        }
        hirsch__v1__explained_paper__init(&messages[i]);
        if (!wire_unpack_view(MODEL_PAPER, paper.view, call->arena, &parts)) {
            return no_memory(error);
        }
        struct base_slice title = parts.text_count > 0 ? parts.texts[0] : base_slice("", 0);
        messages[i].id = (char *)(uintptr_t)base_arena_copy(call->arena, parts.ids[0]).data;
        messages[i].title = (char *)(uintptr_t)base_arena_copy(call->arena, title).data;
        messages[i].publication_date =
            (char *)(uintptr_t)base_arena_copy(call->arena,
                                               base_slice(date, model_date_text(paper.date, date)))
                .data;
        messages[i].citation_count = from[i].counted;
        messages[i].missing = lacking ? from[i].lacks : 0;
        list[i] = &messages[i];
        if (messages[i].id == NULL || messages[i].title == NULL ||
            messages[i].publication_date == NULL) {
            return no_memory(error);
        }
    }
    *papers = list;
    *shown = used;
    return BASE_OK;
}

static enum base_code put_steps(struct rpc_call *call, const struct engine_explanation *from,
                                Hirsch__V1__SetExplanation *to, struct base_error *error)
{
    Hirsch__V1__MetricStep *steps =
        base_arena_array(call->arena, from->step_count + 1, sizeof *steps);
    to->steps = base_arena_array(call->arena, from->step_count + 1, sizeof *to->steps);
    if (steps == NULL || to->steps == NULL) {
        return no_memory(error);
    }
    for (size_t i = 0; i < from->step_count; i++) {
        hirsch__v1__metric_step__init(&steps[i]);
        steps[i].value = from->steps[i].value;
        steps[i].day = service_day_text(call, from->steps[i].day);
        if (steps[i].day == NULL) {
            return no_memory(error);
        }
        to->steps[to->n_steps++] = &steps[i];
    }
    return BASE_OK;
}

static enum base_code put_explanation(struct rpc_call *call, struct service_session *session,
                                      const struct engine_explanation *from, size_t most,
                                      Hirsch__V1__SetExplanation *to, struct base_error *error)
{
    to->value = from->value;
    to->missing_citations = from->next_lacks;
    to->needs_paper = from->needs_paper;
    to->more_witnesses = (uint32_t)(from->witness_count > most ? from->witness_count - most : 0);
    to->more_nearest = (uint32_t)(from->next_count > most ? from->next_count - most : 0);
    enum base_code code = put_papers(call, session, from->witnesses, from->witness_count, most,
                                     false, &to->witnesses, &to->n_witnesses, error);
    if (code == BASE_OK) {
        code = put_papers(call, session, from->next, from->next_count, most, true, &to->nearest,
                          &to->n_nearest, error);
    }
    return code == BASE_OK ? put_steps(call, from, to, error) : code;
}

static enum base_code explain_set(struct rpc_call *call, struct question *question,
                                  const Hirsch__V1__ExplainMetricRequest *request,
                                  Hirsch__V1__ExplainMetricResponse *response,
                                  struct base_error *error)
{
    struct engine_explanation explanation;
    struct engine_measures measures;
    size_t most = request->limit == 0                ? LIMIT_PAGE_DEFAULT
                  : request->limit > LIMIT_PAGE_MOST ? LIMIT_PAGE_MOST
                                                     : request->limit;
    enum base_code code = question_gather(call, question, error);
    if (code != BASE_OK) {
        return code;
    }
    struct service_graph *graph = question->graph;
    const struct engine_scope *scope = &question->scope.engine;
    service_graph_keep(graph);
    Hirsch__V1__SetExplanation *set = base_arena_alloc(call->arena, sizeof *set);
    code = set == NULL ? no_memory(error)
                       : engine_measure(graph->work, &graph->edges, &question->set.engine, scope,
                                        ENGINE_GROUP_BASIC, &measures, error);
    if (code == BASE_OK) {
        hirsch__v1__set_explanation__init(set);
        code = engine_explain(graph->work, &graph->edges, &question->set.engine, scope,
                              (enum engine_explained)request->metric, &explanation, error);
    }
    if (code == BASE_OK) {
        code = put_explanation(call, question->session, &explanation, most, set, error);
    }
    service_graph_end(graph);
    if (code != BASE_OK) {
        return service_metrics_fail(call, code, error);
    }
    response->set = set;
    response->scope = scope_of(call, question->session, &question->set, request->scope,
                               &question->scope, &measures.scope, measures.paper_count);
    return response->scope == NULL ? no_memory(error) : BASE_OK;
}

/* Papers' numbers, from CD on. */
static const char *const paper_numbers[] = {"CD", "FWCI", "PERCENTILE"};

static enum base_code check_explained(struct rpc_call *call,
                                      const Hirsch__V1__ExplainMetricRequest *request,
                                      bool *of_paper, struct base_error *error)
{
    int metric = (int)request->metric;
    if (metric < HIRSCH__V1__EXPLAINED_METRIC__EXPLAINED_METRIC_H ||
        metric > HIRSCH__V1__EXPLAINED_METRIC__EXPLAINED_METRIC_PERCENTILE) {
        call->detail_reason = "METRIC_INVALID";
        call->detail_field = "metric";
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "field metric: %d is no number that can be explained; they go from 1 to 6",
                         metric);
    }
    *of_paper = metric >= HIRSCH__V1__EXPLAINED_METRIC__EXPLAINED_METRIC_CD;
    if (*of_paper &&
        (request->n_set != 1 || request->set[0]->term_case != HIRSCH__V1__SET_TERM__TERM_PAPER)) {
        call->detail_reason = "SET_INVALID";
        call->detail_field = "set";
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "field set: metric %s is a paper's: the set is one paper and nothing else",
                         paper_numbers[metric - HIRSCH__V1__EXPLAINED_METRIC__EXPLAINED_METRIC_CD]);
    }
    return BASE_OK;
}

enum base_code service_explain_metric(struct rpc_call *call, const void *message,
                                      struct base_buffer *payload, struct base_error *error)
{
    const Hirsch__V1__ExplainMetricRequest *request = message;
    Hirsch__V1__ExplainMetricResponse response = HIRSCH__V1__EXPLAIN_METRIC_RESPONSE__INIT;
    struct question question = {.session = NULL};
    bool of_paper = false;
    enum base_code code = check_explained(call, request, &of_paper, error);
    if (code == BASE_OK && of_paper) {
        return service_explain_paper(call, request, payload, error);
    }
    if (code == BASE_OK && call->later == NULL && names_many(request->set, request->n_set)) {
        return rpc_run_later(call, service_explain_metric, request, error);
    }
    if (code == BASE_OK) {
        code = question_read(call, &question, request->set, request->n_set, request->scope, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    if (call->later == NULL && !service_is_small(&question.set)) {
        return rpc_run_later(call, service_explain_metric, request, error);
    }
    code = explain_set(call, &question, request, &response, error);
    response.unknown_ids = question.set.unknown;
    response.n_unknown_ids = question.set.unknown_count;
    return code == BASE_OK ? service_put_message(call, &response.base, payload, error) : code;
}
