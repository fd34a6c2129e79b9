#include "engine/disruption.h"

#include "engine/select.h"

uint32_t engine_window_end(uint32_t day, struct engine_window window)
{
    if (day == ENGINE_NO_DAY || window.unit == ENGINE_WINDOW_ALL) {
        return ENGINE_NO_DAY;
    }
    if (window.unit == ENGINE_WINDOW_DAYS) {
        return window.length < ENGINE_NO_DAY - 1 - day ? day + window.length : ENGINE_NO_DAY - 1;
    }
    return engine_add_years(day, window.length < 10000 ? (int)window.length : 10000);
}

/* Candidates lie behind this day and not behind that one. */
struct span {
    uint32_t after;
    uint32_t last; /* below ENGINE_NO_DAY, so that undated ones are never inside */
};

/* The first entry later than the day; entries are sorted by day, undated last. */
static size_t first_after(const struct engine_citer *citers, size_t count, uint32_t day)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (citers[middle].day <= day) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Does the scope let a citation by a candidate count? */
static inline bool counts(struct engine_rule *rule, const struct engine_citer *citer,
                          uint64_t *hidden)
{
    if ((citer->flags & rule->drop_flags) != 0) {
        return false;
    }
    if (rule->citing_refereed != ENGINE_REFEREED_ANY) {
        bool is_refereed = (citer->flags & ENGINE_EDGE_REFEREED) != 0;
        if (is_refereed != (rule->citing_refereed == ENGINE_REFEREED_ONLY)) {
            return false;
        }
    }
    if (rule->self == ENGINE_SELF_EXCLUDE_COAUTHOR) {
        if ((citer->flags & ENGINE_EDGE_SHARES_AUTHOR) != 0) {
            return false;
        }
        *hidden += (citer->flags & ENGINE_EDGE_AUTHORS_CUT) != 0;
    }
    return true;
}

/* Every candidate that cites a reference, with how many of them. */
static enum base_code tally_references(struct engine_work *work, const struct engine_edges *edges,
                                       uint32_t paper, struct engine_rule *rule, struct span span,
                                       struct engine_disruption *sum, struct base_error *error)
{
    const uint32_t *references;
    size_t count;
    enum base_code code = edges->references(edges->context, paper, &references, &count, error);
    if (code != BASE_OK) {
        return code;
    }
    sum->reference_count = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        const struct engine_citer *citers;
        size_t citer_count;
        code = edges->citers(edges->context, references[i], &citers, &citer_count, error);
        if (code != BASE_OK) {
            return code;
        }
        size_t first = first_after(citers, citer_count, span.after);
        size_t end = first;
        while (end < citer_count && citers[end].day <= span.last) {
            end++;
        }
        code = engine_table_reserve(work, end - first, error);
        for (size_t k = first; k < end && code == BASE_OK; k++) {
            if (citers[k].paper != paper && counts(rule, &citers[k], &sum->hidden_authors)) {
                bool is_new;
                engine_table_at(work, citers[k].paper, &is_new)->value++;
            }
        }
        if (code == BASE_OK) {
            code = engine_poll(work, end - first + 1, error);
        }
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}

/* Those that cite the paper itself: alone, or beside its references. */
static enum base_code tally_citers(struct engine_work *work, const struct engine_edges *edges,
                                   uint32_t paper, struct engine_rule *rule, struct span span,
                                   uint32_t shared_least, struct engine_disruption *sum,
                                   struct base_error *error)
{
    const struct engine_citer *citers;
    size_t count;
    enum base_code code = edges->citers(edges->context, paper, &citers, &count, error);
    if (code != BASE_OK) {
        return code;
    }
    uint32_t both = 0;
    size_t first = first_after(citers, count, span.after);
    size_t i = first;
    for (; i < count && citers[i].day <= span.last; i++) {
        if (!counts(rule, &citers[i], &sum->hidden_authors)) {
            continue;
        }
        const struct engine_table_entry *entry = engine_table_find(work, citers[i].paper);
        if (entry == NULL) {
            sum->n_f++;
            continue;
        }
        both++;
        sum->shared += entry->value;
        if (entry->value >= shared_least) {
            sum->n_b++;
        } else {
            sum->n_below++;
        }
    }
    sum->n_r = (uint32_t)work->table_used - both;
    return engine_poll(work, i - first + 1, error);
}

/* Each index is undefined for the first of the reasons that holds. */
static void set_reason(struct engine_disruption *result, enum engine_reason reason)
{
    result->index = engine_undefined(reason);
    result->nok = engine_undefined(reason);
    result->mcd = engine_undefined(reason);
    result->dep = engine_undefined(reason);
}

static void divide(struct engine_disruption *result)
{
    double difference = (double)result->n_f - (double)result->n_b;
    double citers = (double)result->n_f + (double)result->n_b;
    double all = citers + result->n_r;
    if (all <= 0) {
        set_reason(result, ENGINE_REASON_NO_CANDIDATES);
        return;
    }
    result->index = engine_defined(difference / all);
    result->mcd = engine_defined(difference / all * citers);
    if (citers <= 0) {
        result->nok = engine_undefined(ENGINE_REASON_NO_CITERS);
        result->dep = engine_undefined(ENGINE_REASON_NO_CITERS);
    } else {
        result->nok = engine_defined(difference / citers);
        result->dep = engine_defined((double)result->shared / citers);
    }
}

enum base_code engine_disrupt(struct engine_work *work, const struct engine_edges *edges,
                              uint32_t paper, uint32_t day, const struct engine_scope *scope,
                              const struct engine_disruption_rule *rule,
                              struct engine_disruption *result, struct base_error *error)
{
    enum base_code code = engine_scope_check_paper(scope, error);
    if (code != BASE_OK) {
        return code;
    }
    struct engine_disruption sum = {.window_end = engine_window_end(day, rule->window)};
    struct engine_rule judge;
    engine_rule_of_paper(work, scope, &judge);
    uint32_t end = sum.window_end;
    uint32_t today = engine_scope_day(scope);
    sum.window_complete = end != ENGINE_NO_DAY && today != ENGINE_NO_DAY && end <= today;
    end = end == ENGINE_NO_DAY ? ENGINE_NO_DAY - 1 : end;
    struct span span = {day, end < scope->as_of ? end : scope->as_of};
    uint32_t shared_least = rule->shared_least == 0 ? 1 : rule->shared_least;
    code = engine_table_begin(work, error);
    if (code == BASE_OK) {
        code = tally_references(work, edges, paper, &judge, span, &sum, error);
    }
    if (code == BASE_OK && day != ENGINE_NO_DAY) {
        code = tally_citers(work, edges, paper, &judge, span, shared_least, &sum, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    bool is_free = sum.reference_count == 0 && rule->reference_free_one;
    if (day == ENGINE_NO_DAY) {
        set_reason(&sum, ENGINE_REASON_NO_DATE);
    } else if (sum.reference_count == 0 && !is_free) {
        set_reason(&sum, ENGINE_REASON_NO_REFERENCES);
    } else if (sum.reference_count < shared_least && !is_free) {
        set_reason(&sum, ENGINE_REASON_TOO_FEW_REFERENCES);
    } else {
        divide(&sum);
    }
    *result = sum;
    return BASE_OK;
}
