#include "engine/scope.h"

uint32_t engine_scope_day(const struct engine_scope *scope)
{
    return scope->as_of != ENGINE_NO_DAY ? scope->as_of : scope->coverage_end;
}

static enum base_code check_members(const struct engine_scope *scope, struct base_error *error)
{
    const struct {
        const char *name;
        unsigned value;
        unsigned most;
    } members[] = {
        {"self_citations", (unsigned)scope->self_citations, ENGINE_SELF_EXCLUDE_SET},
        {"counting", (unsigned)scope->counting, ENGINE_COUNTING_FRACTIONAL},
        {"g_rule", (unsigned)scope->g_rule, ENGINE_G_CITED_ONLY},
        {"retracted", (unsigned)scope->retracted, ENGINE_RETRACTED_EXCLUDE_BOTH},
        {"citing_refereed", (unsigned)scope->citing_refereed, ENGINE_REFEREED_NOT},
        {"refereed", (unsigned)scope->refereed, ENGINE_REFEREED_NOT},
        {"position", (unsigned)scope->position, ENGINE_POSITION_SINGLE},
    };
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (members[i].value > members[i].most) {
            return base_fail(error, BASE_INVALID_ARGUMENT, "%s: %u is no value of it",
                             members[i].name, members[i].value);
        }
    }
    return BASE_OK;
}

enum base_code engine_scope_check(const struct engine_scope *scope, unsigned named_count,
                                  struct base_error *error)
{
    enum base_code code = check_members(scope, error);
    if (code != BASE_OK) {
        return code;
    }
    if (scope->self_citations == ENGINE_SELF_EXCLUDE_OWN && named_count == 0) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "self_citations: EXCLUDE_OWN needs an author in the request; name one, or "
                         "use EXCLUDE_SET or EXCLUDE_COAUTHOR");
    }
    if (scope->position != ENGINE_POSITION_ANY && named_count == 0) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "position: it is the place of an author, and the request names none; name "
                         "one, or leave position out");
    }
    if (scope->first_year != 0 && scope->last_year != 0 && scope->first_year > scope->last_year) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "years: the range from %u to %u is empty; give the earlier year first",
                         scope->first_year, scope->last_year);
    }
    return BASE_OK;
}

enum base_code engine_scope_check_paper(const struct engine_scope *scope, struct base_error *error)
{
    enum base_code code = check_members(scope, error);
    if (code != BASE_OK) {
        return code;
    }
    if (scope->self_citations == ENGINE_SELF_EXCLUDE_OWN ||
        scope->self_citations == ENGINE_SELF_EXCLUDE_SET) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "self_citations: the metrics of a paper take INCLUDE or EXCLUDE_COAUTHOR; "
                         "EXCLUDE_OWN and EXCLUDE_SET are for sets of papers");
    }
    const char *switch_name = NULL;
    if (scope->counting != ENGINE_COUNTING_FULL) {
        switch_name = "counting";
    } else if (scope->g_rule != ENGINE_G_ALL) {
        switch_name = "g_rule";
    } else if (scope->refereed != ENGINE_REFEREED_ANY) {
        switch_name = "refereed";
    } else if (scope->position != ENGINE_POSITION_ANY) {
        switch_name = "position";
    } else if (scope->kinds != 0) {
        switch_name = "kinds";
    } else if (scope->first_year != 0 || scope->last_year != 0) {
        switch_name = "years";
    } else if (scope->field_count != 0) {
        switch_name = "fields";
    } else if (scope->retracted == ENGINE_RETRACTED_EXCLUDE_CITED ||
               scope->retracted == ENGINE_RETRACTED_EXCLUDE_BOTH) {
        switch_name = "retracted: excluding cited papers";
    }
    if (switch_name != NULL) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "%s: means nothing for the metrics of one paper; leave it out",
                         switch_name);
    }
    return BASE_OK;
}

bool engine_scope_has_cohort(const struct engine_scope *scope)
{
    return scope->as_of == ENGINE_NO_DAY &&
           (scope->self_citations == ENGINE_SELF_UNSPECIFIED ||
            scope->self_citations == ENGINE_SELF_INCLUDE ||
            scope->self_citations == ENGINE_SELF_EXCLUDE_COAUTHOR) &&
           scope->counting == ENGINE_COUNTING_FULL &&
           scope->retracted == ENGINE_RETRACTED_INCLUDE &&
           scope->citing_refereed == ENGINE_REFEREED_ANY &&
           scope->refereed == ENGINE_REFEREED_ANY && scope->position == ENGINE_POSITION_ANY &&
           scope->kinds == 0 && scope->first_year == 0 && scope->last_year == 0 &&
           scope->field_count == 0;
}
