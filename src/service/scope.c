#include "service/scope.h"

#include <stdlib.h>

#include "model/kind.h"

static enum base_code fail(struct rpc_call *call, const char *reason, const char *field,
                           struct base_error *error)
{
    call->detail_reason = reason;
    call->detail_field = field;
    base_error_prefix(error, "field %s", field);
    return BASE_INVALID_ARGUMENT;
}

enum base_code service_scope_fail(struct rpc_call *call, enum base_code code,
                                  struct base_error *error)
{
    if (code == BASE_INVALID_ARGUMENT && call->detail_reason == NULL) {
        call->detail_reason = "SCOPE_INVALID";
        call->detail_field = "scope";
        base_error_prefix(error, "field scope");
    }
    return code;
}

enum base_code service_day_read(struct rpc_call *call, const char *field, const char *text,
                                uint32_t *day, struct base_error *error)
{
    struct model_date date = MODEL_UNDATED;
    enum base_code code = model_date_parse(base_slice_text(text), &date, error);
    if (code == BASE_OK && date.precision != MODEL_DAY) {
        code =
            base_fail(error, BASE_INVALID_ARGUMENT,
                      "%s is no day; a day has the form YYYY-MM-DD, for example 2020-12-31", text);
    }
    if (code != BASE_OK) {
        return fail(call, "DAY_INVALID", field, error);
    }
    *day = date.day;
    return BASE_OK;
}

char *service_day_text(struct rpc_call *call, uint32_t day)
{
    char text[MODEL_DATE_TEXT] = "";
    size_t size = 0;
    if (day != MODEL_NO_DAY) {
        size = model_date_text((struct model_date){day, MODEL_DAY}, text);
    }
    return (char *)(uintptr_t)base_arena_copy(call->arena, base_slice(text, size)).data;
}

/* One switch whose values are an enum on the wire. */
struct rule {
    const char *field;
    int asked;
    int most;
};

static enum base_code check_rules(struct rpc_call *call, const Hirsch__V1__MetricScope *asked,
                                  struct base_error *error)
{
    const struct rule rules[] = {
        {"scope.self_citations", (int)asked->self_citations, ENGINE_SELF_EXCLUDE_SET},
        {"scope.counting", (int)asked->counting, ENGINE_COUNTING_FRACTIONAL + 1},
        {"scope.position", (int)asked->position, ENGINE_POSITION_SINGLE + 1},
        {"scope.refereed", (int)asked->refereed, ENGINE_REFEREED_NOT},
        {"scope.citing_refereed", (int)asked->citing_refereed, ENGINE_REFEREED_NOT},
        {"scope.retracted", (int)asked->retracted, ENGINE_RETRACTED_EXCLUDE_BOTH + 1},
        {"scope.g_rule", (int)asked->g_rule, ENGINE_G_CITED_ONLY + 1},
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (rules[i].asked < 0 || rules[i].asked > rules[i].most) {
            base_fail(error, BASE_INVALID_ARGUMENT, "%d is no rule; it goes from 0 to %d",
                      rules[i].asked, rules[i].most);
            return fail(call, "RULE_INVALID", rules[i].field, error);
        }
    }
    return BASE_OK;
}

static enum base_code read_years(struct rpc_call *call, const Hirsch__V1__YearRange *years,
                                 struct engine_scope *scope, struct base_error *error)
{
    if (years == NULL) {
        return BASE_OK;
    }
    const uint32_t ends[] = {years->first, years->last};
    for (size_t i = 0; i < 2; i++) {
        if (ends[i] != 0 && (ends[i] < LIMIT_YEAR_FIRST || ends[i] > LIMIT_YEAR_LAST)) {
            base_fail(error, BASE_INVALID_ARGUMENT, "%u is no year; from %d to %d, or 0 for open",
                      ends[i], LIMIT_YEAR_FIRST, LIMIT_YEAR_LAST);
            return fail(call, "YEAR_INVALID", "scope.years", error);
        }
    }
    if (years->first != 0 && years->last != 0 && years->first > years->last) {
        base_fail(error, BASE_INVALID_ARGUMENT, "no year lies between %u and %u", years->first,
                  years->last);
        return fail(call, "YEAR_INVALID", "scope.years", error);
    }
    scope->first_year = years->first;
    scope->last_year = years->last;
    return BASE_OK;
}

static int text_order(const void *left, const void *right)
{
    return base_slice_compare(*(const struct base_slice *)left, *(const struct base_slice *)right);
}

static enum base_code read_fields(struct rpc_call *call, const Hirsch__V1__MetricScope *asked,
                                  struct service_scope *scope, struct base_error *error)
{
    size_t count = asked->n_fields;
    if (count == 0) {
        return BASE_OK;
    }
    if (count > LIMIT_TERMS) {
        base_fail(error, BASE_INVALID_ARGUMENT, "%zu fields were given; a filter holds %d", count,
                  LIMIT_TERMS);
        return fail(call, "FIELD_INVALID", "scope.fields", error);
    }
    scope->fields = base_arena_array(call->arena, count, sizeof *scope->fields);
    uint32_t *numbers = base_arena_array(call->arena, count, sizeof *numbers);
    if (scope->fields == NULL || numbers == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the scope");
    }
    for (size_t i = 0; i < count; i++) {
        struct model_field field;
        enum base_code code = model_field_parse(base_slice_text(asked->fields[i]),
                                                base_slice(NULL, 0), call->arena, &field, error);
        if (code != BASE_OK) {
            return code == BASE_INVALID_ARGUMENT
                       ? fail(call, "FIELD_INVALID", "scope.fields", error)
                       : code;
        }
        scope->fields[i] = field.id;
    }
    qsort(scope->fields, count, sizeof *scope->fields, text_order);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !base_slice_equal(scope->fields[i], scope->fields[scope->field_count - 1])) {
            scope->fields[scope->field_count] = scope->fields[i];
            numbers[scope->field_count] = (uint32_t)scope->field_count + 1;
            scope->field_count++;
        }
    }
    scope->engine.fields = numbers;
    scope->engine.field_count = scope->field_count;
    return BASE_OK;
}

static enum base_code read_kinds(struct rpc_call *call, const Hirsch__V1__MetricScope *asked,
                                 struct engine_scope *scope, struct base_error *error)
{
    for (size_t i = 0; i < asked->n_kinds; i++) {
        int kind = (int)asked->kinds[i];
        if (kind <= MODEL_KIND_UNSPECIFIED || kind >= MODEL_KIND_END) {
            base_fail(error, BASE_INVALID_ARGUMENT, "%d is no kind of paper; it goes from 1 to %d",
                      kind, MODEL_KIND_END - 1);
            return fail(call, "KIND_INVALID", "scope.kinds", error);
        }
        scope->kinds |= UINT32_C(1) << kind;
    }
    return BASE_OK;
}

/* The wire's 0 is the default, which is the engine's 0 and the wire's 1. */
static int rule_of(int asked)
{
    return asked == 0 ? 0 : asked - 1;
}

enum base_code service_scope_read(struct rpc_call *call, struct service_session *session,
                                  const Hirsch__V1__MetricScope *asked, struct service_scope *scope,
                                  struct base_error *error)
{
    const struct store_info *info;
    struct service_scope read = {.engine = {.as_of = MODEL_NO_DAY, .coverage_end = MODEL_NO_DAY}};
    enum base_code code = service_info(session, &info, error);
    if (code != BASE_OK) {
        return code;
    }
    read.engine.coverage_end = info->coverage_end;
    if (asked == NULL) {
        *scope = read;
        return BASE_OK;
    }
    code = check_rules(call, asked, error);
    if (code == BASE_OK && asked->as_of[0] != '\0') {
        code = service_day_read(call, "scope.as_of", asked->as_of, &read.engine.as_of, error);
    }
    if (code == BASE_OK) {
        code = read_years(call, asked->years, &read.engine, error);
    }
    if (code == BASE_OK) {
        code = read_fields(call, asked, &read, error);
    }
    if (code == BASE_OK) {
        code = read_kinds(call, asked, &read.engine, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    read.engine.self_citations = (enum engine_self)asked->self_citations;
    read.engine.counting = (enum engine_counting)rule_of((int)asked->counting);
    read.engine.position = (enum engine_position)rule_of((int)asked->position);
    read.engine.refereed = (enum engine_refereed)asked->refereed;
    read.engine.citing_refereed = (enum engine_refereed)asked->citing_refereed;
    read.engine.retracted = (enum engine_retracted)rule_of((int)asked->retracted);
    read.engine.g_rule = (enum engine_g_rule)rule_of((int)asked->g_rule);
    *scope = read;
    return BASE_OK;
}

static Hirsch__V1__MetricScope *used_switches(struct rpc_call *call,
                                              const Hirsch__V1__MetricScope *asked,
                                              const struct service_scope *scope,
                                              const struct engine_scope_report *report)
{
    Hirsch__V1__MetricScope *used = base_arena_alloc(call->arena, sizeof *used);
    if (used == NULL) {
        return NULL;
    }
    hirsch__v1__metric_scope__init(used);
    used->as_of = service_day_text(call, scope->engine.as_of);
    used->self_citations = (Hirsch__V1__SelfCitations)report->self_rule;
    used->counting = (Hirsch__V1__Counting)(scope->engine.counting + 1);
    used->position = (Hirsch__V1__AuthorPosition)(scope->engine.position + 1);
    used->retracted = (Hirsch__V1__RetractedRule)(scope->engine.retracted + 1);
    used->g_rule = (Hirsch__V1__GRule)(scope->engine.g_rule + 1);
    used->refereed = (Hirsch__V1__RefereedFilter)scope->engine.refereed;
    used->citing_refereed = (Hirsch__V1__RefereedFilter)scope->engine.citing_refereed;
    if (asked != NULL) {
        used->n_kinds = asked->n_kinds;
        used->kinds = asked->kinds;
        used->years = asked->years;
    }
    used->n_fields = scope->field_count;
    used->fields = base_arena_array(call->arena, scope->field_count + 1, sizeof *used->fields);
    if (used->as_of == NULL || used->fields == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < scope->field_count; i++) {
        used->fields[i] = (char *)(uintptr_t)base_arena_copy(call->arena, scope->fields[i]).data;
        if (used->fields[i] == NULL) {
            return NULL;
        }
    }
    return used;
}

/* A condition that makes a note, and its words. */
struct note {
    const char *code;
    const char *message;
    bool holds;
    uint64_t count;
};

static bool put_notes(struct rpc_call *call, const struct service_scope *scope,
                      const struct engine_scope_report *report,
                      const struct service_scope_facts *facts, Hirsch__V1__UsedScope *used)
{
    bool fractional = scope->engine.counting == ENGINE_COUNTING_FRACTIONAL;
    bool before = scope->engine.as_of != ENGINE_NO_DAY && facts->counted_papers == 0 &&
                  facts->first_day != ENGINE_NO_DAY && facts->first_day > scope->engine.as_of;
    const uint64_t coarse = report->coarse_papers + report->coarse_citations;
    const struct note notes[] = {
        {"BEFORE_FIRST_PAPER", "every paper of the set is newer than the day", before, 0},
        {"COARSE_DATES",
         "the day lies inside the month or year of so many papers and citations, which count: an "
         "upper bound",
         coarse > 0, coarse},
        {"SELF_CITATIONS_UPPER_BOUND",
         "so many citations count though a truncated author list may hide a shared author",
         report->hidden_authors > 0, report->hidden_authors},
        {"FRACTIONAL_UPPER_BOUND",
         "so many papers have a truncated author list, so that their fractions are upper bounds",
         fractional && report->truncated_papers > 0, report->truncated_papers},
        {"POSITION_UNKNOWN", "so many papers do not tell the author's place and were left out",
         report->position_unknown > 0, report->position_unknown},
        {"REFEREED_UNKNOWN", "of so many papers no source says whether they are refereed",
         scope->engine.refereed != ENGINE_REFEREED_ANY && report->referee_unknown > 0,
         report->referee_unknown},
        {"CITING_REFEREED_UNKNOWN",
         "of so many citing papers no source says whether they are refereed",
         scope->engine.citing_refereed != ENGINE_REFEREED_ANY && report->citing_referee_unknown > 0,
         report->citing_referee_unknown},
        {"NAME_ONLY_AUTHOR", "an author is known by name only, for whom OWN means nothing",
         facts->name_only, 0},
        {"STUBS_LEFT_OUT", "so many cited ids without a record were named; they are in no set",
         facts->stubs > 0, facts->stubs},
    };
    enum { NOTES = sizeof notes / sizeof notes[0] };
    used->notes = base_arena_array(call->arena, NOTES, sizeof *used->notes);
    for (size_t i = 0; used->notes != NULL && i < NOTES; i++) {
        if (!notes[i].holds) {
            continue;
        }
        Hirsch__V1__ScopeNote *note = base_arena_alloc(call->arena, sizeof *note);
        if (note == NULL) {
            return false;
        }
        hirsch__v1__scope_note__init(note);
        note->code = (char *)(uintptr_t)notes[i].code;
        note->message = (char *)(uintptr_t)notes[i].message;
        note->count = notes[i].count > UINT32_MAX ? UINT32_MAX : (uint32_t)notes[i].count;
        used->notes[used->n_notes++] = note;
    }
    return used->notes != NULL;
}

static char *epoch_text(struct rpc_call *call, const struct store_info *info)
{
    static const char digits[] = "0123456789abcdef";
    char hex[2 * STORE_EPOCH];
    for (size_t i = 0; i < STORE_EPOCH; i++) {
        hex[2 * i] = digits[info->epoch[i] >> 4];
        hex[2 * i + 1] = digits[info->epoch[i] & 15];
    }
    return (char *)(uintptr_t)base_arena_copy(call->arena, base_slice(hex, sizeof hex)).data;
}

Hirsch__V1__UsedScope *service_scope_used(struct rpc_call *call, const struct store_info *info,
                                          const Hirsch__V1__MetricScope *asked,
                                          const struct service_scope *scope,
                                          const struct engine_scope_report *report,
                                          const struct service_scope_facts *facts)
{
    Hirsch__V1__UsedScope *used = base_arena_alloc(call->arena, sizeof *used);
    if (used == NULL) {
        return NULL;
    }
    hirsch__v1__used_scope__init(used);
    used->switches = used_switches(call, asked, scope, report);
    used->tori_self_citations = (Hirsch__V1__SelfCitations)report->tori_rule;
    used->day = service_day_text(call, report->day);
    used->sequence = info->sequence;
    used->epoch = epoch_text(call, info);
    used->set_size = report->set_papers;
    used->counted_papers = facts->counted_papers;
    used->undated_papers = report->undated_papers;
    used->undated_citations =
        report->undated_citations > UINT32_MAX ? UINT32_MAX : (uint32_t)report->undated_citations;
    if (used->switches == NULL || used->day == NULL || used->epoch == NULL ||
        !put_notes(call, scope, report, facts, used)) {
        return NULL;
    }
    return used;
}
