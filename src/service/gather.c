#include "service/gather.h"

#include <stdlib.h>

#include "engine/expression.h"
#include "rpc/later.h"

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
        return service_set_no_memory(error);
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
                return service_set_no_memory(error);
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
        return service_set_no_memory(error);
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

static int paper_order(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static bool among(const uint32_t *papers, size_t count, uint32_t paper)
{
    return count > 0 && bsearch(&paper, papers, count, sizeof paper, paper_order) != NULL;
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
        if (!service_term_is_operator(term)) {
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
            return service_set_no_memory(error);
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
        if (service_term_is_class(&set->terms[i])) {
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
        if (service_term_is_operator(term)) {
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
        .named_count = set->author_terms,
        .identified = set->identified,
        .is_author = set->count == 1 && set->terms[0].sort == HIRSCH__V1__SET_TERM__TERM_AUTHOR,
    };
    return BASE_OK;
}
