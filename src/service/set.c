#include "service/set.h"

#include <stdlib.h>

#include "engine/expression.h"
#include "model/kind.h"
#include "rpc/later.h"

static enum base_code fail(struct rpc_call *call, size_t term, struct base_error *error)
{
    call->detail_reason = "SET_INVALID";
    call->detail_field = "set";
    base_error_prefix(error, "field set: term %zu", term + 1);
    return BASE_INVALID_ARGUMENT;
}

enum base_code service_set_no_memory(struct base_error *error)
{
    return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the set of papers");
}

static bool add_unknown(struct rpc_call *call, struct service_set *set, const char *id)
{
    /* Doubled whenever the count is a power of two. */
    if ((set->unknown_count & (set->unknown_count - 1)) == 0) {
        size_t room = set->unknown_count == 0 ? 1 : 2 * set->unknown_count;
        char **grown = base_arena_array(call->arena, room, sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        if (set->unknown_count > 0) {
            memcpy(grown, set->unknown, set->unknown_count * sizeof *grown);
        }
        set->unknown = grown;
    }
    set->unknown[set->unknown_count++] = (char *)(uintptr_t)id;
    return true;
}

/* *number 0: nothing of that name, which is noted. */
static enum base_code find(struct rpc_call *call, struct service_session *session,
                           struct service_set *set, enum model_entity entity, const char *text,
                           uint32_t *number, struct base_error *error)
{
    struct model_id id;
    const char *field = entity == MODEL_AUTHOR ? "author" : "paper";
    enum base_code code = service_find(call, session, entity, field, text, &id, number, error);
    if (code == BASE_NOT_FOUND) {
        *number = 0;
        return add_unknown(call, set, text) ? BASE_OK : service_set_no_memory(error);
    }
    return code;
}

static enum base_code add_author(struct service_session *session, struct service_set *set,
                                 struct service_term *term, struct base_error *error)
{
    for (term->named = 0; term->named < set->named_count; term->named++) {
        if (set->named[term->named] == term->number) {
            return BASE_OK;
        }
    }
    struct store_author author;
    enum base_code code = store_read_author(session->reader, term->number, &author, error);
    if (code != BASE_OK) {
        return code;
    }
    set->weight += (uint64_t)author.paper_count + author.citation_count;
    set->identified |= author.name_only ? 0 : UINT64_C(1) << set->named_count;
    set->named[set->named_count++] = term->number;
    return BASE_OK;
}

static int number_order(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

/* Papers by their numbers, sorted; 0 and stubs are left out. */
static enum base_code add_papers(struct service_session *session, struct base_arena *arena,
                                 struct service_set *set, struct service_term *term,
                                 uint32_t *numbers, size_t count, struct base_error *error)
{
    struct engine_paper *facts = base_arena_array(arena, count + 1, sizeof *facts);
    if (facts == NULL) {
        return service_set_no_memory(error);
    }
    if (count > 0) {
        qsort(numbers, count, sizeof *numbers, number_order);
    }
    for (size_t i = 0; i < count; i++) {
        struct store_paper paper;
        if (numbers[i] == 0 || (i > 0 && numbers[i] == numbers[i - 1])) {
            continue;
        }
        enum base_code code = store_read_paper(session->reader, numbers[i], &paper, error);
        if (code != BASE_OK) {
            return code;
        }
        if (paper.stub) {
            set->stubs++;
        } else {
            set->weight += UINT64_C(1) + paper.citation_count;
            facts[term->paper_count] = service_graph_paper(&paper);
            numbers[term->paper_count++] = numbers[i];
        }
    }
    term->papers = numbers;
    term->facts = facts;
    return BASE_OK;
}

static enum base_code read_papers(struct rpc_call *call, struct service_session *session,
                                  struct service_set *set, struct service_term *term,
                                  char *const *ids, size_t count, struct base_error *error)
{
    if (count > LIMIT_SET_IDS) {
        call->detail_reason = "SET_SIZE";
        call->detail_field = "set";
        return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                         "field set: %zu ids of papers were given, the most is %d; ask for parts",
                         count, LIMIT_SET_IDS);
    }
    uint32_t *numbers = base_arena_array(call->arena, count + 1, sizeof *numbers);
    if (numbers == NULL) {
        return service_set_no_memory(error);
    }
    for (size_t i = 0; i < count; i++) {
        enum base_code code = find(call, session, set, MODEL_PAPER, ids[i], &numbers[i], error);
        if (code == BASE_OK && i % 1024 == 1023 && call->later != NULL) {
            code = rpc_call_check(call, error);
        }
        if (code != BASE_OK) {
            return code;
        }
    }
    return add_papers(session, call->arena, set, term, numbers, count, error);
}

static enum base_code read_years(const Hirsch__V1__YearRange *years, struct service_term *term,
                                 struct base_error *error)
{
    const uint32_t ends[] = {years->first, years->last};
    for (size_t i = 0; i < 2; i++) {
        if (ends[i] != 0 && (ends[i] < LIMIT_YEAR_FIRST || ends[i] > LIMIT_YEAR_LAST)) {
            return base_fail(error, BASE_INVALID_ARGUMENT,
                             "%u is no year; from %d to %d, or 0 for open", ends[i],
                             LIMIT_YEAR_FIRST, LIMIT_YEAR_LAST);
        }
    }
    if (years->first != 0 && years->last != 0 && years->first > years->last) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "no year lies between %u and %u",
                         years->first, years->last);
    }
    term->first_year = years->first;
    term->last_year = years->last;
    return BASE_OK;
}

static enum base_code read_class(struct rpc_call *call, const Hirsch__V1__SetTerm *asked,
                                 struct service_term *term, struct base_error *error)
{
    switch (asked->term_case) {
    case HIRSCH__V1__SET_TERM__TERM_FIELD: {
        struct model_field field;
        enum base_code code = model_field_parse(base_slice_text(asked->field), base_slice(NULL, 0),
                                                call->arena, &field, error);
        if (code == BASE_OK) {
            term->field = field.id;
        }
        return code;
    }
    case HIRSCH__V1__SET_TERM__TERM_YEARS:
        return read_years(asked->years, term, error);
    case HIRSCH__V1__SET_TERM__TERM_KIND:
        if ((int)asked->kind <= MODEL_KIND_UNSPECIFIED || (int)asked->kind >= MODEL_KIND_END) {
            return base_fail(error, BASE_INVALID_ARGUMENT,
                             "%d is no kind of paper; it goes from 1 to %d", (int)asked->kind,
                             MODEL_KIND_END - 1);
        }
        term->kind = (unsigned)asked->kind;
        return BASE_OK;
    case HIRSCH__V1__SET_TERM__TERM_OPERATOR:
        term->operator_ = (int)asked->operator_;
        return BASE_OK;
    default:
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "it is empty; a term is an author, a paper, papers, a field, years, a "
                         "kind or an operator");
    }
}

static enum base_code read_term(struct rpc_call *call, struct service_session *session,
                                struct service_set *set, const Hirsch__V1__SetTerm *asked,
                                struct service_term *term, struct base_error *error)
{
    enum base_code code;
    switch (asked->term_case) {
    case HIRSCH__V1__SET_TERM__TERM_AUTHOR:
        set->author_terms++;
        code = find(call, session, set, MODEL_AUTHOR, asked->author, &term->number, error);
        return code == BASE_OK && term->number != 0 ? add_author(session, set, term, error) : code;
    case HIRSCH__V1__SET_TERM__TERM_PAPER: {
        uint32_t *number = base_arena_array(call->arena, 1, sizeof *number);
        if (number == NULL) {
            return service_set_no_memory(error);
        }
        code = find(call, session, set, MODEL_PAPER, asked->paper, number, error);
        term->number = *number;
        return code == BASE_OK ? add_papers(session, call->arena, set, term, number, 1, error)
                               : code;
    }
    case HIRSCH__V1__SET_TERM__TERM_PAPERS:
        return read_papers(call, session, set, term, asked->papers->ids, asked->papers->n_ids,
                           error);
    default:
        return read_class(call, asked, term, error);
    }
}

static enum base_code check_order(struct rpc_call *call, const struct service_set *set,
                                  struct base_error *error)
{
    struct engine_term terms[LIMIT_TERMS] = {{.count = 0}};
    for (size_t i = 0; i < set->count; i++) {
        /* An operator of number 0 is none: one that the engine does not know either. */
        terms[i].operator_ = !service_term_is_operator(&set->terms[i]) ? ENGINE_OPERAND
                             : set->terms[i].operator_ == 0
                                 ? (enum engine_operator) - 1
                                 : (enum engine_operator)set->terms[i].operator_;
    }
    enum base_code code = engine_expression_check(terms, set->count, error);
    if (code == BASE_INVALID_ARGUMENT) {
        call->detail_reason = "SET_INVALID";
        call->detail_field = "set";
        base_error_prefix(error, "field set");
    }
    return code;
}

/* Can papers outside all lists be in the set? */
static bool is_unbounded(const struct service_set *set)
{
    bool stack[LIMIT_TERMS];
    size_t depth = 0;
    for (size_t i = 0; i < set->count; i++) {
        const struct service_term *term = &set->terms[i];
        if (!service_term_is_operator(term)) {
            stack[depth++] = service_term_is_class(term);
            continue;
        }
        bool right = stack[--depth];
        bool left = stack[depth - 1];
        stack[depth - 1] = term->operator_ == ENGINE_UNION       ? left || right
                           : term->operator_ == ENGINE_INTERSECT ? left && right
                                                                 : left;
    }
    return stack[0];
}

enum base_code service_set_read(struct rpc_call *call, struct service_session *session,
                                Hirsch__V1__SetTerm *const *terms, size_t count,
                                struct service_set *set, struct base_error *error)
{
    struct service_set read = {.count = count, .first_day = ENGINE_NO_DAY};
    if (count == 0 || count > LIMIT_TERMS) {
        call->detail_reason = "SET_INVALID";
        call->detail_field = "set";
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "field set: %zu terms were given; an expression has 1 to %d, for example "
                         "one author",
                         count, LIMIT_TERMS);
    }
    read.terms = base_arena_array(call->arena, count, sizeof *read.terms);
    if (read.terms == NULL) {
        return service_set_no_memory(error);
    }
    for (size_t i = 0; i < count; i++) {
        read.terms[i].sort = terms[i]->term_case;
        read.terms[i].operator_ =
            service_term_is_operator(&read.terms[i]) ? (int)terms[i]->operator_ : ENGINE_OPERAND;
    }
    enum base_code code = check_order(call, &read, error);
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        code = read_term(call, session, &read, terms[i], &read.terms[i], error);
        if (code == BASE_INVALID_ARGUMENT) {
            return fail(call, i, error);
        }
    }
    if (code == BASE_OK) {
        read.scans = is_unbounded(&read);
        *set = read;
    }
    return code;
}

enum base_code service_set_of(struct rpc_call *call, struct service_session *session,
                              enum model_entity entity, uint32_t number, struct service_set *set,
                              struct base_error *error)
{
    struct service_set made = {.count = 1, .first_day = ENGINE_NO_DAY};
    made.terms = base_arena_array(call->arena, 1, sizeof *made.terms);
    uint32_t *papers = base_arena_array(call->arena, 1, sizeof *papers);
    if (made.terms == NULL || papers == NULL) {
        return service_set_no_memory(error);
    }
    made.terms->number = number;
    made.author_terms = entity == MODEL_AUTHOR;
    made.terms->sort = entity == MODEL_AUTHOR ? HIRSCH__V1__SET_TERM__TERM_AUTHOR
                                              : HIRSCH__V1__SET_TERM__TERM_PAPER;
    *papers = number;
    enum base_code code = entity == MODEL_AUTHOR ? add_author(session, &made, made.terms, error)
                                                 : add_papers(session, call->arena, &made,
                                                              made.terms, papers, 1, error);
    if (code == BASE_OK) {
        *set = made;
    }
    return code;
}
