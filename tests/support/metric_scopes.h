/* Scopes of numbers as a request and an answer have them, and numbers with their reasons: for tests
 * of libhirsch. Include it behind cmocka.h. */
#ifndef SUPPORT_METRIC_SCOPES_H
#define SUPPORT_METRIC_SCOPES_H

#include "client/methods.h"
#include "hirsch/metrics.h"
#include "support/canned_server.h"

#define SEEN(type, method, arena)                                                                  \
    (const void *)seen(&hirsch__v1__##type##_request__descriptor, method, arena)

/* The member of a one-member oneof, and that it is there. */
#define PRESENT(message, TYPE, MEMBER, member, value_)                                             \
    ((message).member##_presence_case = HIRSCH__V1__##TYPE##__##MEMBER##_PRESENCE_##MEMBER,        \
     (message).member = (value_))

static inline void expect(struct hirsch_number number, double value)
{
    assert_true(number.has_value);
    assert_true(number.value == value);
    assert_string_equal(number.undefined, "");
}

static inline void expect_undefined(struct hirsch_number number, const char *reason)
{
    assert_false(number.has_value);
    assert_true(number.value == 0);
    assert_string_equal(number.undefined, reason);
}

/* A scope as every answer carries one. */
static inline Hirsch__V1__UsedScope *used_scope(void)
{
    static Hirsch__V1__ScopeNote note;
    static Hirsch__V1__ScopeNote *notes[] = {&note};
    static Hirsch__V1__YearRange years;
    static Hirsch__V1__PaperKind kinds[] = {HIRSCH__V1__PAPER_KIND__PAPER_KIND_REVIEW};
    static char *fields[] = {TEXT("arxiv/cs.LG")};
    static Hirsch__V1__MetricScope switches;
    static Hirsch__V1__UsedScope used;
    hirsch__v1__scope_note__init(&note);
    note.code = TEXT("COARSE_DATES");
    note.count = 7;
    note.message = TEXT("one sentence");
    hirsch__v1__year_range__init(&years);
    years.first = 1990;
    years.last = 1999;
    hirsch__v1__metric_scope__init(&switches);
    switches.as_of = TEXT("2001-02-03");
    switches.self_citations = HIRSCH__V1__SELF_CITATIONS__SELF_CITATIONS_EXCLUDE_OWN;
    switches.counting = HIRSCH__V1__COUNTING__COUNTING_FRACTIONAL;
    switches.position = HIRSCH__V1__AUTHOR_POSITION__AUTHOR_POSITION_LAST;
    switches.refereed = HIRSCH__V1__REFEREED_FILTER__REFEREED_FILTER_REFEREED;
    switches.citing_refereed = HIRSCH__V1__REFEREED_FILTER__REFEREED_FILTER_NOT_REFEREED;
    switches.retracted = HIRSCH__V1__RETRACTED_RULE__RETRACTED_RULE_EXCLUDE_BOTH;
    switches.g_rule = HIRSCH__V1__GRULE__G_RULE_CITED_ONLY;
    switches.years = &years;
    switches.n_kinds = 1;
    switches.kinds = kinds;
    switches.n_fields = 1;
    switches.fields = fields;
    hirsch__v1__used_scope__init(&used);
    used.switches = &switches;
    used.tori_self_citations = HIRSCH__V1__SELF_CITATIONS__SELF_CITATIONS_EXCLUDE_SET;
    used.day = TEXT("2001-02-04");
    used.sequence = 12345678901;
    used.epoch = TEXT("00ff");
    used.set_size = 9;
    used.counted_papers = 8;
    used.undated_papers = 2;
    used.undated_citations = 3;
    used.n_notes = 1;
    used.notes = notes;
    return &used;
}

static inline void expect_scope(const struct hirsch_used_scope *scope)
{
    const struct hirsch_metric_scope *switches = &scope->switches;
    assert_string_equal(switches->as_of, "2001-02-03");
    assert_int_equal(switches->self_citations, HIRSCH_SELF_CITATIONS_EXCLUDE_OWN);
    assert_int_equal(switches->counting, HIRSCH_COUNTING_FRACTIONAL);
    assert_int_equal(switches->position, HIRSCH_AUTHOR_POSITION_LAST);
    assert_int_equal(switches->refereed, HIRSCH_REFEREED_FILTER_REFEREED);
    assert_int_equal(switches->citing_refereed, HIRSCH_REFEREED_FILTER_NOT_REFEREED);
    assert_int_equal(switches->retracted, HIRSCH_RETRACTED_RULE_EXCLUDE_BOTH);
    assert_int_equal(switches->g_rule, HIRSCH_G_RULE_CITED_ONLY);
    assert_true(switches->first_year == 1990 && switches->last_year == 1999);
    assert_true(switches->kind_count == 1 && switches->kinds[0] == HIRSCH_PAPER_KIND_REVIEW);
    assert_int_equal(switches->field_count, 1);
    assert_string_equal(switches->fields[0], "arxiv/cs.LG");
    assert_int_equal(scope->tori_self_citations, HIRSCH_SELF_CITATIONS_EXCLUDE_SET);
    assert_string_equal(scope->day, "2001-02-04");
    assert_true(scope->sequence == 12345678901);
    assert_string_equal(scope->epoch, "00ff");
    assert_true(scope->set_size == 9 && scope->counted_papers == 8);
    assert_true(scope->undated_papers == 2 && scope->undated_citations == 3);
    assert_int_equal(scope->note_count, 1);
    assert_string_equal(scope->notes[0].code, "COARSE_DATES");
    assert_string_equal(scope->notes[0].message, "one sentence");
    assert_int_equal(scope->notes[0].count, 7);
}

/* A scope to ask with; some of its switches are others than those of the used one. */
static inline struct hirsch_metric_scope asked_scope(void)
{
    static const enum hirsch_paper_kind kinds[] = {HIRSCH_PAPER_KIND_REVIEW};
    static const char *const fields[] = {"cs.LG"};
    struct hirsch_metric_scope scope = HIRSCH_METRIC_SCOPE_INIT;
    scope.as_of = "2001-02-03";
    scope.self_citations = HIRSCH_SELF_CITATIONS_EXCLUDE_COAUTHOR;
    scope.counting = HIRSCH_COUNTING_FULL;
    scope.position = HIRSCH_AUTHOR_POSITION_SINGLE;
    scope.refereed = HIRSCH_REFEREED_FILTER_REFEREED;
    scope.citing_refereed = HIRSCH_REFEREED_FILTER_NOT_REFEREED;
    scope.retracted = HIRSCH_RETRACTED_RULE_EXCLUDE_CITING;
    scope.g_rule = HIRSCH_G_RULE_ALL_PAPERS;
    scope.first_year = 1990;
    scope.last_year = 1999;
    scope.kind_count = 1;
    scope.kinds = kinds;
    scope.field_count = 1;
    scope.fields = fields;
    return scope;
}

static inline void expect_asked(const Hirsch__V1__MetricScope *scope)
{
    assert_non_null(scope);
    assert_string_equal(scope->as_of, "2001-02-03");
    assert_int_equal(scope->self_citations, HIRSCH_SELF_CITATIONS_EXCLUDE_COAUTHOR);
    assert_int_equal(scope->counting, HIRSCH_COUNTING_FULL);
    assert_int_equal(scope->position, HIRSCH_AUTHOR_POSITION_SINGLE);
    assert_int_equal(scope->refereed, HIRSCH_REFEREED_FILTER_REFEREED);
    assert_int_equal(scope->citing_refereed, HIRSCH_REFEREED_FILTER_NOT_REFEREED);
    assert_int_equal(scope->retracted, HIRSCH_RETRACTED_RULE_EXCLUDE_CITING);
    assert_int_equal(scope->g_rule, HIRSCH_G_RULE_ALL_PAPERS);
    assert_true(scope->years != NULL && scope->years->first == 1990 && scope->years->last == 1999);
    assert_true(scope->n_kinds == 1 &&
                scope->kinds[0] == HIRSCH__V1__PAPER_KIND__PAPER_KIND_REVIEW);
    assert_int_equal(scope->n_fields, 1);
    assert_string_equal(scope->fields[0], "cs.LG");
}

#endif
