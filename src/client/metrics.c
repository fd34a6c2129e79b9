#include "hirsch/metrics.h"

#include "base/limits.h"
#include "client/convert_metrics.h"
#include "client/exchange.h"
#include "client/methods.h"

/* Enums are handed over as numbers; the last member stands for all before it. */
#define SAME(ours, theirs)                                                                         \
    _Static_assert((int)(ours) == (int)(theirs),                                                   \
                   "enums of the header and of the schema are the same numbers")
SAME(HIRSCH_TERM_OPERATOR, HIRSCH__V1__SET_TERM__TERM_OPERATOR);
SAME(HIRSCH_SET_EXCEPT, HIRSCH__V1__SET_OPERATOR__SET_OPERATOR_EXCEPT);
SAME(HIRSCH_SELF_CITATIONS_EXCLUDE_SET, HIRSCH__V1__SELF_CITATIONS__SELF_CITATIONS_EXCLUDE_SET);
SAME(HIRSCH_COUNTING_FRACTIONAL, HIRSCH__V1__COUNTING__COUNTING_FRACTIONAL);
SAME(HIRSCH_AUTHOR_POSITION_SINGLE, HIRSCH__V1__AUTHOR_POSITION__AUTHOR_POSITION_SINGLE);
SAME(HIRSCH_REFEREED_FILTER_NOT_REFEREED,
     HIRSCH__V1__REFEREED_FILTER__REFEREED_FILTER_NOT_REFEREED);
SAME(HIRSCH_RETRACTED_RULE_EXCLUDE_BOTH, HIRSCH__V1__RETRACTED_RULE__RETRACTED_RULE_EXCLUDE_BOTH);
SAME(HIRSCH_G_RULE_CITED_ONLY, HIRSCH__V1__GRULE__G_RULE_CITED_ONLY);
SAME(HIRSCH_METRICS_BUCKETS, 1 << (HIRSCH__V1__METRIC_GROUP__METRIC_GROUP_BUCKETS - 1));
SAME(HIRSCH_EXPLAIN_PERCENTILE, HIRSCH__V1__EXPLAINED_METRIC__EXPLAINED_METRIC_PERCENTILE);

/* What a request names, as messages: lives until the request is packed. */
struct asked {
    Hirsch__V1__SetTerm terms[LIMIT_TERMS];
    Hirsch__V1__SetTerm *term_list[LIMIT_TERMS];
    Hirsch__V1__PaperIds papers[LIMIT_TERMS];
    Hirsch__V1__YearRange years[LIMIT_TERMS];
    Hirsch__V1__MetricScope scope;
    Hirsch__V1__YearRange scope_years;
    Hirsch__V1__PaperOptions options;
};

static enum base_code read_term(const struct hirsch_set_term *from, struct asked *asked, size_t at,
                                struct client_failure *failure)
{
    Hirsch__V1__SetTerm *to = &asked->terms[at];
    hirsch__v1__set_term__init(to);
    asked->term_list[at] = to;
    to->term_case = (Hirsch__V1__SetTerm__TermCase)from->kind;
    switch (from->kind) {
    case HIRSCH_TERM_AUTHOR:
        to->author = client_text(from->text);
        return client_check_id(from->text, failure);
    case HIRSCH_TERM_PAPER:
        to->paper = client_text(from->text);
        return client_check_id(from->text, failure);
    case HIRSCH_TERM_PAPERS:
        hirsch__v1__paper_ids__init(&asked->papers[at]);
        asked->papers[at].n_ids = from->id_count;
        asked->papers[at].ids = (char **)(uintptr_t)from->ids;
        to->papers = &asked->papers[at];
        for (size_t i = 0; i < from->id_count; i++) {
            enum base_code code = client_check_id(from->ids[i], failure);
            if (code != BASE_OK) {
                return code;
            }
        }
        return BASE_OK;
    case HIRSCH_TERM_FIELD:
        to->field = client_text(from->text);
        return BASE_OK;
    case HIRSCH_TERM_YEARS:
        hirsch__v1__year_range__init(&asked->years[at]);
        asked->years[at].first = from->first_year;
        asked->years[at].last = from->last_year;
        to->years = &asked->years[at];
        return BASE_OK;
    case HIRSCH_TERM_KIND:
        to->kind = (Hirsch__V1__PaperKind)from->paper_kind;
        return BASE_OK;
    case HIRSCH_TERM_OPERATOR:
        to->operator_ = (Hirsch__V1__SetOperator)from->op;
        return BASE_OK;
    case HIRSCH_TERM_NONE:
        break;
    }
    return base_fail(
        &failure->error, BASE_INVALID_ARGUMENT,
        "term %zu of the set has no kind; make terms by hirsch_author_term() and so on", at + 1);
}

static enum base_code read_terms(const struct hirsch_set_term *terms, size_t count,
                                 struct asked *asked, struct client_failure *failure)
{
    if (count == 0 || count > LIMIT_TERMS || terms == NULL) {
        return base_fail(&failure->error, BASE_INVALID_ARGUMENT,
                         "a set of %zu terms; an expression has 1 to %d, for example one author",
                         count, LIMIT_TERMS);
    }
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        code = read_term(&terms[i], asked, i, failure);
    }
    return code;
}

/* *to: NULL when none is given. */
static enum base_code read_scope(const struct hirsch_metric_scope *given, struct asked *asked,
                                 Hirsch__V1__MetricScope **to, struct client_failure *failure)
{
    struct hirsch_metric_scope scope = HIRSCH_METRIC_SCOPE_INIT;
    if (given == NULL) {
        return BASE_OK;
    }
    enum base_code code =
        client_read_request(given, "hirsch_metric_scope", &scope, sizeof scope, failure);
    if (code != BASE_OK) {
        return code;
    }
    Hirsch__V1__MetricScope *made = &asked->scope;
    hirsch__v1__metric_scope__init(made);
    made->as_of = client_text(scope.as_of);
    made->self_citations = (Hirsch__V1__SelfCitations)scope.self_citations;
    made->counting = (Hirsch__V1__Counting)scope.counting;
    made->position = (Hirsch__V1__AuthorPosition)scope.position;
    made->refereed = (Hirsch__V1__RefereedFilter)scope.refereed;
    made->citing_refereed = (Hirsch__V1__RefereedFilter)scope.citing_refereed;
    made->retracted = (Hirsch__V1__RetractedRule)scope.retracted;
    made->g_rule = (Hirsch__V1__GRule)scope.g_rule;
    made->n_kinds = scope.kind_count;
    made->kinds = (Hirsch__V1__PaperKind *)(uintptr_t)scope.kinds;
    made->n_fields = scope.field_count;
    made->fields = (char **)(uintptr_t)scope.fields;
    if (scope.first_year != 0 || scope.last_year != 0) {
        hirsch__v1__year_range__init(&asked->scope_years);
        asked->scope_years.first = scope.first_year;
        asked->scope_years.last = scope.last_year;
        made->years = &asked->scope_years;
    }
    *to = made;
    return BASE_OK;
}

static enum base_code read_options(const struct hirsch_paper_options *given, struct asked *asked,
                                   Hirsch__V1__PaperOptions **to, struct client_failure *failure)
{
    struct hirsch_paper_options options = HIRSCH_PAPER_OPTIONS_INIT;
    if (given == NULL) {
        return BASE_OK;
    }
    enum base_code code =
        client_read_request(given, "hirsch_paper_options", &options, sizeof options, failure);
    if (code != BASE_OK) {
        return code;
    }
    hirsch__v1__paper_options__init(&asked->options);
    asked->options.window_years = options.window_years;
    asked->options.window_days = options.window_days;
    asked->options.leave_one_out = options.leave_one_out;
    asked->options.reference_free =
        options.reference_free_one
            ? HIRSCH__V1__REFERENCE_FREE_RULE__REFERENCE_FREE_RULE_ONE
            : HIRSCH__V1__REFERENCE_FREE_RULE__REFERENCE_FREE_RULE_UNSPECIFIED;
    *to = &asked->options;
    return BASE_OK;
}

static enum base_code convert_metrics(const ProtobufCMessage *response, size_t expected,
                                      void *result, struct client_failure *failure)
{
    (void)expected;
    const Hirsch__V1__ComputeMetricsResponse *answer = (const void *)response;
    return client_convert_set_metrics(answer->metrics, client_result_arena(result), result)
               ? BASE_OK
               : client_memory_out(failure);
}

enum hirsch_code hirsch_compute_metrics(hirsch_client *client,
                                        const struct hirsch_compute_metrics *request,
                                        const struct hirsch_call_options *call,
                                        const struct hirsch_set_metrics **metrics,
                                        hirsch_error **error)
{
    static const struct client_method method = {CLIENT_COMPUTE_METRICS,
                                                &hirsch__v1__compute_metrics_response__descriptor,
                                                sizeof(struct hirsch_set_metrics), convert_metrics};
    enum { GROUPS = HIRSCH__V1__METRIC_GROUP__METRIC_GROUP_BUCKETS };
    struct client_failure failure = CLIENT_FAILURE_NONE;
    struct hirsch_compute_metrics filled = HIRSCH_COMPUTE_METRICS_INIT;
    Hirsch__V1__ComputeMetricsRequest sent = HIRSCH__V1__COMPUTE_METRICS_REQUEST__INIT;
    Hirsch__V1__MetricGroup groups[GROUPS];
    struct asked asked;
    if (client_read_request(request, "hirsch_compute_metrics", &filled, sizeof filled, &failure) !=
            BASE_OK ||
        read_terms(filled.terms, filled.term_count, &asked, &failure) != BASE_OK ||
        read_scope(filled.scope, &asked, &sent.scope, &failure) != BASE_OK) {
        return client_refuse(client, error, &failure);
    }
    if ((filled.groups & ~(uint32_t)HIRSCH_METRICS_ALL) != 0) {
        base_fail(&failure.error, BASE_INVALID_ARGUMENT, "groups: 0x%x are no groups",
                  filled.groups);
        return client_refuse(client, error, &failure);
    }
    sent.n_set = filled.term_count;
    sent.set = asked.term_list;
    sent.groups = groups;
    for (unsigned i = 0; i < GROUPS; i++) {
        if ((filled.groups >> i & 1) != 0) {
            groups[sent.n_groups++] = (Hirsch__V1__MetricGroup)(i + 1);
        }
    }
    return client_ask(client, &method, &sent.base, 0, call, metrics, error);
}

static enum base_code convert_timeline(const ProtobufCMessage *response, size_t expected,
                                       void *result, struct client_failure *failure)
{
    (void)expected;
    const Hirsch__V1__GetTimelineResponse *answer = (const void *)response;
    struct hirsch_timeline *made = result;
    struct base_arena *arena = client_result_arena(made);
    made->count = answer->n_timeline;
    made->unknown_id_count = answer->n_unknown_ids;
    made->unknown_ids = (const char *const *)answer->unknown_ids;
    return client_convert_rows(answer->timeline, answer->n_timeline, arena, &made->rows) &&
                   client_convert_scope(answer->scope, arena, &made->scope)
               ? BASE_OK
               : client_memory_out(failure);
}

enum hirsch_code hirsch_get_timeline(hirsch_client *client,
                                     const struct hirsch_get_timeline *request,
                                     const struct hirsch_call_options *call,
                                     const struct hirsch_timeline **timeline, hirsch_error **error)
{
    static const struct client_method method = {CLIENT_GET_TIMELINE,
                                                &hirsch__v1__get_timeline_response__descriptor,
                                                sizeof(struct hirsch_timeline), convert_timeline};
    struct client_failure failure = CLIENT_FAILURE_NONE;
    struct hirsch_get_timeline filled = HIRSCH_GET_TIMELINE_INIT;
    Hirsch__V1__GetTimelineRequest sent = HIRSCH__V1__GET_TIMELINE_REQUEST__INIT;
    struct asked asked;
    if (client_read_request(request, "hirsch_get_timeline", &filled, sizeof filled, &failure) !=
            BASE_OK ||
        read_terms(filled.terms, filled.term_count, &asked, &failure) != BASE_OK ||
        read_scope(filled.scope, &asked, &sent.scope, &failure) != BASE_OK) {
        return client_refuse(client, error, &failure);
    }
    sent.n_set = filled.term_count;
    sent.set = asked.term_list;
    sent.n_days = filled.day_count;
    sent.days = (char **)(uintptr_t)filled.days;
    return client_ask(client, &method, &sent.base, 0, call, timeline, error);
}

static enum base_code convert_explanation(const ProtobufCMessage *response, size_t expected,
                                          void *result, struct client_failure *failure)
{
    (void)expected;
    const Hirsch__V1__ExplainMetricResponse *answer = (const void *)response;
    struct hirsch_explanation *made = result;
    struct base_arena *arena = client_result_arena(made);
    struct hirsch_set_explanation *set = NULL;
    struct hirsch_paper_indicators *paper = NULL;
    made->unknown_id_count = answer->n_unknown_ids;
    made->unknown_ids = (const char *const *)answer->unknown_ids;
    if (answer->set != NULL) {
        set = base_arena_zalloc(arena, sizeof *set);
        if (set == NULL || !client_convert_explanation(answer->set, arena, set)) {
            return client_memory_out(failure);
        }
    }
    if (answer->paper != NULL) {
        paper = base_arena_zalloc(arena, sizeof *paper);
        if (paper == NULL || !client_convert_indicators(answer->paper, arena, paper)) {
            return client_memory_out(failure);
        }
    }
    made->set = set;
    made->paper = paper;
    return client_convert_scope(answer->scope, arena, &made->scope) ? BASE_OK
                                                                    : client_memory_out(failure);
}

enum hirsch_code hirsch_explain_metric(hirsch_client *client,
                                       const struct hirsch_explain_metric *request,
                                       const struct hirsch_call_options *call,
                                       const struct hirsch_explanation **explanation,
                                       hirsch_error **error)
{
    static const struct client_method method = {
        CLIENT_EXPLAIN_METRIC, &hirsch__v1__explain_metric_response__descriptor,
        sizeof(struct hirsch_explanation), convert_explanation};
    struct client_failure failure = CLIENT_FAILURE_NONE;
    struct hirsch_explain_metric filled = HIRSCH_EXPLAIN_METRIC_INIT;
    Hirsch__V1__ExplainMetricRequest sent = HIRSCH__V1__EXPLAIN_METRIC_REQUEST__INIT;
    struct asked asked;
    if (client_read_request(request, "hirsch_explain_metric", &filled, sizeof filled, &failure) !=
            BASE_OK ||
        read_terms(filled.terms, filled.term_count, &asked, &failure) != BASE_OK ||
        read_scope(filled.scope, &asked, &sent.scope, &failure) != BASE_OK ||
        read_options(filled.options, &asked, &sent.options, &failure) != BASE_OK) {
        return client_refuse(client, error, &failure);
    }
    sent.metric = (Hirsch__V1__ExplainedMetric)filled.metric;
    sent.n_set = filled.term_count;
    sent.set = asked.term_list;
    sent.limit = filled.limit;
    return client_ask(client, &method, &sent.base, 0, call, explanation, error);
}

static enum base_code convert_indicators(const ProtobufCMessage *response, size_t expected,
                                         void *result, struct client_failure *failure)
{
    (void)expected;
    const Hirsch__V1__GetPaperMetricsResponse *answer = (const void *)response;
    return client_convert_indicators(answer->metrics, client_result_arena(result), result)
               ? BASE_OK
               : client_memory_out(failure);
}

enum hirsch_code hirsch_get_paper_metrics(hirsch_client *client, const char *id,
                                          const struct hirsch_metric_scope *scope,
                                          const struct hirsch_paper_options *options,
                                          const struct hirsch_call_options *call,
                                          const struct hirsch_paper_indicators **metrics,
                                          hirsch_error **error)
{
    static const struct client_method method = {
        CLIENT_GET_PAPER_METRICS, &hirsch__v1__get_paper_metrics_response__descriptor,
        sizeof(struct hirsch_paper_indicators), convert_indicators};
    struct client_failure failure = CLIENT_FAILURE_NONE;
    Hirsch__V1__GetPaperMetricsRequest sent = HIRSCH__V1__GET_PAPER_METRICS_REQUEST__INIT;
    struct asked asked;
    if (client_check_id(id, &failure) != BASE_OK ||
        read_scope(scope, &asked, &sent.scope, &failure) != BASE_OK ||
        read_options(options, &asked, &sent.options, &failure) != BASE_OK) {
        return client_refuse(client, error, &failure);
    }
    sent.id = client_text(id);
    return client_ask(client, &method, &sent.base, 0, call, metrics, error);
}

static enum base_code convert_batch(const ProtobufCMessage *response, size_t expected, void *result,
                                    struct client_failure *failure)
{
    const Hirsch__V1__BatchGetPaperMetricsResponse *answer = (const void *)response;
    struct hirsch_paper_metrics_batch *made = result;
    struct base_arena *arena = client_result_arena(made);
    if (answer->n_results != expected) {
        return client_wrong_count(answer->n_results, expected, failure);
    }
    struct hirsch_paper_metrics_item *items =
        base_arena_array(arena, answer->n_results, sizeof *items);
    if (items == NULL) {
        return client_memory_out(failure);
    }
    for (size_t i = 0; i < answer->n_results; i++) {
        const Hirsch__V1__PaperMetricsResult *from = answer->results[i];
        items[i].id = from->id;
        if (from->result_case != HIRSCH__V1__PAPER_METRICS_RESULT__RESULT_METRICS) {
            const Hirsch__V1__ItemError *why =
                from->result_case == HIRSCH__V1__PAPER_METRICS_RESULT__RESULT_ERROR ? from->error
                                                                                    : NULL;
            items[i].code = client_item_code(why);
            items[i].message = client_item_message(why);
            continue;
        }
        struct hirsch_paper_indicators *paper = base_arena_zalloc(arena, sizeof *paper);
        if (paper == NULL || !client_convert_indicators(from->metrics, arena, paper)) {
            return client_memory_out(failure);
        }
        items[i].metrics = paper;
        items[i].code = HIRSCH_OK;
        items[i].message = "";
    }
    made->count = answer->n_results;
    made->items = items;
    return BASE_OK;
}

enum hirsch_code hirsch_batch_get_paper_metrics(hirsch_client *client, const char *const *ids,
                                                size_t count,
                                                const struct hirsch_metric_scope *scope,
                                                const struct hirsch_paper_options *options,
                                                const struct hirsch_call_options *call,
                                                const struct hirsch_paper_metrics_batch **batch,
                                                hirsch_error **error)
{
    static const struct client_method method = {
        CLIENT_BATCH_GET_PAPER_METRICS, &hirsch__v1__batch_get_paper_metrics_response__descriptor,
        sizeof(struct hirsch_paper_metrics_batch), convert_batch};
    struct client_failure failure = CLIENT_FAILURE_NONE;
    Hirsch__V1__BatchGetPaperMetricsRequest sent =
        HIRSCH__V1__BATCH_GET_PAPER_METRICS_REQUEST__INIT;
    struct asked asked;
    if (client_check_batch(ids, count, &failure) != BASE_OK ||
        read_scope(scope, &asked, &sent.scope, &failure) != BASE_OK ||
        read_options(options, &asked, &sent.options, &failure) != BASE_OK) {
        return client_refuse(client, error, &failure);
    }
    sent.n_ids = count;
    sent.ids = (char **)(uintptr_t)ids;
    return client_ask(client, &method, &sent.base, count, call, batch, error);
}
