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

static enum base_code no_memory(struct base_error *error)
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
    enum base_code code = service_find(call, session, entity, "set", text, &id, number, error);
    if (code == BASE_NOT_FOUND) {
        *number = 0;
        return add_unknown(call, set, text) ? BASE_OK : no_memory(error);
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
        return no_memory(error);
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
        return no_memory(error);
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
        code = find(call, session, set, MODEL_AUTHOR, asked->author, &term->number, error);
        return code == BASE_OK && term->number != 0 ? add_author(session, set, term, error) : code;
    case HIRSCH__V1__SET_TERM__TERM_PAPER: {
        uint32_t *number = base_arena_array(call->arena, 1, sizeof *number);
        if (number == NULL) {
            return no_memory(error);
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

static bool is_class(const struct service_term *term)
{
    return term->sort == HIRSCH__V1__SET_TERM__TERM_FIELD ||
           term->sort == HIRSCH__V1__SET_TERM__TERM_YEARS ||
           term->sort == HIRSCH__V1__SET_TERM__TERM_KIND;
}

static bool is_operator(const struct service_term *term)
{
    return term->sort == HIRSCH__V1__SET_TERM__TERM_OPERATOR;
}

static enum base_code check_order(struct rpc_call *call, const struct service_set *set,
                                  struct base_error *error)
{
    struct engine_term terms[LIMIT_TERMS] = {{.count = 0}};
    for (size_t i = 0; i < set->count; i++) {
        /* An operator of number 0 is none: one that the engine does not know either. */
        terms[i].operator_ = !is_operator(&set->terms[i]) ? ENGINE_OPERAND
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
        if (!is_operator(term)) {
            stack[depth++] = is_class(term);
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
        return no_memory(error);
    }
    for (size_t i = 0; i < count; i++) {
        read.terms[i].sort = terms[i]->term_case;
        read.terms[i].operator_ =
            is_operator(&read.terms[i]) ? (int)terms[i]->operator_ : ENGINE_OPERAND;
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
        return no_memory(error);
    }
    made.terms->number = number;
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

/* The papers of each named author, and all of them folded. */
struct gathering {
    struct rpc_call *call;
    struct service_session *session;
    const struct service_scope *scope;
    struct service_set *set;
    struct engine_paper *own;
    size_t own_count;
    struct engine_paper *known; /* facts of named papers */
    size_t known_count;
    struct engine_paper *papers; /* the result */
    size_t count;
    size_t room;
    uint32_t steps; /* since the deadline was looked at */
};

static enum base_code fail_size(struct rpc_call *call, struct base_error *error)
{
    call->detail_reason = "SET_SIZE";
    call->detail_field = "set";
    return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                     "field set: the set, or a part of it, has more than %d papers; ask for a "
                     "smaller one",
                     LIMIT_SET_PAPERS);
}

/* Appends the list of one author to own, and sets the papers of its term. */
static enum base_code gather_author(struct gathering *gathering, unsigned named, size_t count,
                                    struct base_error *error)
{
    enum { PART = 1024 };
    struct store_authored part[PART];
    const struct store_authored *after = NULL;
    size_t first = gathering->own_count;
    size_t taken = PART;
    while (taken == PART) {
        struct store_authored last = after == NULL ? (struct store_authored){0} : *after;
        enum base_code code =
            store_read_author_papers(gathering->session->reader, gathering->set->named[named],
                                     after == NULL ? NULL : &last, part, PART, &taken, error);
        if (code == BASE_OK && gathering->call->later != NULL) {
            code = rpc_call_check(gathering->call, error);
        }
        if (code != BASE_OK) {
            return code;
        }
        for (size_t i = 0; i < taken && gathering->own_count - first < count; i++) {
            const struct engine_authored authored = {
                .day = part[i].day,
                .paper = part[i].paper,
                .position = part[i].position,
                .author_count = part[i].author_count,
                .flags = part[i].flags,
            };
            gathering->own[gathering->own_count++] = engine_paper_of_authored(&authored, named);
        }
        after = taken > 0 ? &part[taken - 1] : NULL;
    }
    return BASE_OK;
}

static enum base_code gather_authors(struct gathering *gathering, struct base_error *error)
{
    struct service_set *set = gathering->set;
    size_t counts[SERVICE_NAMED_MOST];
    size_t total = 0;
    for (unsigned i = 0; i < set->named_count; i++) {
        struct store_author author;
        enum base_code code =
            store_read_author(gathering->session->reader, set->named[i], &author, error);
        if (code != BASE_OK) {
            return code;
        }
        counts[i] = author.paper_count;
        if (author.paper_count > LIMIT_SET_PAPERS) {
            return fail_size(gathering->call, error);
        }
        total += counts[i];
    }
    gathering->own = base_arena_alloc(gathering->call->arena, (total + 1) * sizeof *gathering->own);
    if (gathering->own == NULL) {
        return no_memory(error);
    }
    for (unsigned named = 0; named < set->named_count; named++) {
        size_t first = gathering->own_count;
        enum base_code code = gather_author(gathering, named, counts[named], error);
        if (code != BASE_OK) {
            return code;
        }
        gathering->own_count =
            first + engine_papers_fold(gathering->own + first, gathering->own_count - first);
        for (size_t i = 0; i < set->count; i++) {
            struct service_term *term = &set->terms[i];
            if (term->sort != HIRSCH__V1__SET_TERM__TERM_AUTHOR || term->number == 0 ||
                term->named != named) {
                continue;
            }
            term->paper_count = gathering->own_count - first;
            term->papers = base_arena_array(gathering->call->arena, term->paper_count + 1,
                                            sizeof *term->papers);
            if (term->papers == NULL) {
                return no_memory(error);
            }
            for (size_t k = 0; k < term->paper_count; k++) {
                term->papers[k] = gathering->own[first + k].paper;
            }
        }
    }
    gathering->own_count = engine_papers_fold(gathering->own, gathering->own_count);
    return BASE_OK;
}

/* Facts that reading the request brought up, of all its terms. */
static enum base_code gather_known(struct gathering *gathering, struct base_error *error)
{
    size_t total = 0;
    for (size_t i = 0; i < gathering->set->count; i++) {
        const struct service_term *term = &gathering->set->terms[i];
        total += term->facts != NULL ? term->paper_count : 0;
    }
    gathering->known =
        base_arena_array(gathering->call->arena, total + 1, sizeof *gathering->known);
    if (gathering->known == NULL) {
        return no_memory(error);
    }
    for (size_t i = 0; i < gathering->set->count; i++) {
        const struct service_term *term = &gathering->set->terms[i];
        if (term->facts != NULL && term->paper_count > 0) {
            memcpy(gathering->known + gathering->known_count, term->facts,
                   term->paper_count * sizeof *term->facts);
            gathering->known_count += term->paper_count;
        }
    }
    gathering->known_count = engine_papers_fold(gathering->known, gathering->known_count);
    return BASE_OK;
}

static bool among(const uint32_t *papers, size_t count, uint32_t paper)
{
    return count > 0 && bsearch(&paper, papers, count, sizeof paper, number_order) != NULL;
}

static bool term_holds(const struct service_term *term, const struct store_paper *paper,
                       const struct service_class *class)
{
    switch (term->sort) {
    case HIRSCH__V1__SET_TERM__TERM_FIELD:
        return base_slice_equal(term->field, class->field);
    case HIRSCH__V1__SET_TERM__TERM_KIND:
        return term->kind == class->kind;
    case HIRSCH__V1__SET_TERM__TERM_YEARS: {
        if (paper->date.day == MODEL_NO_DAY) {
            return false;
        }
        unsigned year = model_day_year(paper->date.day);
        return (term->first_year == 0 || year >= term->first_year) &&
               (term->last_year == 0 || year <= term->last_year);
    }
    default:
        return among(term->papers, term->paper_count, paper->number);
    }
}

static bool set_holds(const struct service_set *set, const struct store_paper *paper,
                      const struct service_class *class)
{
    bool stack[LIMIT_TERMS];
    size_t depth = 0;
    for (size_t i = 0; i < set->count; i++) {
        const struct service_term *term = &set->terms[i];
        if (!is_operator(term)) {
            stack[depth++] = term_holds(term, paper, class);
            continue;
        }
        bool right = stack[--depth];
        bool left = stack[depth - 1];
        stack[depth - 1] = term->operator_ == ENGINE_UNION       ? left || right
                           : term->operator_ == ENGINE_INTERSECT ? left && right
                                                                 : left && !right;
    }
    return stack[0];
}

static uint32_t field_number(const struct service_scope *scope, struct base_slice field)
{
    for (size_t i = 0; i < scope->field_count; i++) {
        if (base_slice_equal(scope->fields[i], field)) {
            return (uint32_t)i + 1;
        }
    }
    return 0;
}

static enum base_code add(struct gathering *gathering, const struct engine_paper *paper,
                          struct base_error *error)
{
    if (gathering->count == LIMIT_SET_PAPERS) {
        return fail_size(gathering->call, error);
    }
    if (gathering->count == gathering->room) {
        size_t room = gathering->room == 0 ? 256 : 2 * gathering->room;
        struct engine_paper *grown = base_arena_alloc(gathering->call->arena, room * sizeof *grown);
        if (grown == NULL) {
            return no_memory(error);
        }
        if (gathering->count > 0) {
            memcpy(grown, gathering->papers, gathering->count * sizeof *grown);
        }
        gathering->papers = grown;
        gathering->room = room;
    }
    gathering->papers[gathering->count++] = *paper;
    return BASE_OK;
}

/* A paper that was read: is it in the set? Facts of named authors' lists come on top. */
static enum base_code take_paper(void *context, const struct store_paper *paper,
                                 struct base_error *error)
{
    enum { CHECK_EVERY = 1024 };
    struct gathering *gathering = context;
    if (++gathering->steps % CHECK_EVERY == 0 && gathering->call->later != NULL) {
        enum base_code code = rpc_call_check(gathering->call, error);
        if (code != BASE_OK) {
            return code;
        }
    }
    struct service_class class = service_paper_class(paper);
    if (paper->stub || !set_holds(gathering->set, paper, &class)) {
        return BASE_OK;
    }
    struct engine_paper facts = service_graph_paper(paper);
    const struct engine_paper *own =
        engine_papers_find(gathering->own, gathering->own_count, paper->number);
    facts.kind = class.kind;
    facts.field = field_number(gathering->scope, class.field);
    if (own != NULL) {
        facts.places = own->places;
        facts.named = own->named;
    }
    return add(gathering, &facts, error);
}

/* The entry of the paper in a folded list, where *at is the place of one that was asked for before
 * it. */
static const struct engine_paper *facts_from(const struct engine_paper *list, size_t count,
                                             size_t *at, uint32_t paper)
{
    while (*at < count && list[*at].paper < paper) {
        ++*at;
    }
    return *at < count && list[*at].paper == paper ? &list[*at] : NULL;
}

/* Papers that lists hold, ascending: facts that are known already where they are enough, else from
 * the paper. */
static enum base_code take_listed(struct gathering *gathering, const uint32_t *papers, size_t count,
                                  bool test, struct base_error *error)
{
    bool rows = test || gathering->scope->engine.kinds != 0 || gathering->scope->field_count > 0;
    size_t own_at = 0;
    size_t known_at = 0;
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        const struct engine_paper *facts = NULL;
        struct store_paper paper;
        if (!rows) {
            facts = facts_from(gathering->own, gathering->own_count, &own_at, papers[i]);
        }
        if (!rows && facts == NULL) {
            facts = facts_from(gathering->known, gathering->known_count, &known_at, papers[i]);
        }
        if (facts != NULL) {
            code = add(gathering, facts, error);
            continue;
        }
        code = store_read_paper(gathering->session->reader, papers[i], &paper, error);
        if (code == BASE_OK) {
            code = take_paper(gathering, &paper, error);
        }
    }
    return code;
}

static bool has_classes(const struct service_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        if (is_class(&set->terms[i])) {
            return true;
        }
    }
    return false;
}

/* Numbers that can be in the set: what the expression gives, or, where fields, years and kinds have
 * a say, everything that any list holds. */
static enum base_code list_candidates(struct gathering *gathering, bool classes, uint32_t **papers,
                                      size_t *count, struct base_error *error)
{
    struct engine_term terms[2 * LIMIT_TERMS] = {{.count = 0}};
    const struct service_set *set = gathering->set;
    size_t used = 0;
    size_t operands = 0;
    for (size_t i = 0; i < set->count; i++) {
        const struct service_term *term = &set->terms[i];
        if (is_operator(term)) {
            if (!classes) {
                terms[used++].operator_ = (enum engine_operator)term->operator_;
            }
            continue;
        }
        terms[used++] = (struct engine_term){ENGINE_OPERAND, term->papers, term->paper_count};
        if (classes && ++operands > 1) {
            terms[used++].operator_ = ENGINE_UNION;
        }
    }
    enum base_code code =
        engine_expression_evaluate(terms, used, LIMIT_SET_PAPERS, papers, count, error);
    if (code == BASE_RESOURCE_EXHAUSTED) {
        gathering->call->detail_reason = "SET_SIZE";
        gathering->call->detail_field = "set";
        base_error_prefix(error, "field set");
    }
    return code;
}

enum base_code service_set_gather(struct rpc_call *call, struct service_session *session,
                                  const struct service_scope *scope, struct service_set *set,
                                  struct base_error *error)
{
    struct gathering gathering = {.call = call, .session = session, .scope = scope, .set = set};
    enum base_code code = gather_authors(&gathering, error);
    if (code == BASE_OK && set->scans) {
        code = store_scan_papers(session->reader, 1, take_paper, &gathering, error);
    } else if (code == BASE_OK) {
        bool classes = has_classes(set);
        uint32_t *papers = NULL;
        size_t count = 0;
        code = gather_known(&gathering, error);
        if (code == BASE_OK) {
            code = list_candidates(&gathering, classes, &papers, &count, error);
        }
        if (code == BASE_OK) {
            code = take_listed(&gathering, papers, count, classes, error);
        }
        free(papers);
    }
    if (code != BASE_OK) {
        return code;
    }
    for (size_t i = 0; i < gathering.count; i++) {
        uint32_t day = gathering.papers[i].day;
        set->first_day = day < set->first_day ? day : set->first_day;
    }
    set->engine = (struct engine_set){
        .papers = gathering.papers,
        .count = gathering.count,
        .own = gathering.own,
        .own_count = gathering.own_count,
        .named_count = set->named_count,
        .identified = set->identified,
        .is_author = set->count == 1 && set->terms[0].sort == HIRSCH__V1__SET_TERM__TERM_AUTHOR,
    };
    return BASE_OK;
}
