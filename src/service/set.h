/* Sets of papers as a request names them: ids resolved and weighed. */
#ifndef SERVICE_SET_H
#define SERVICE_SET_H

#include "service/graph.h"
#include "service/scope.h"

enum { SERVICE_NAMED_MOST = 64 };

/* One operand or operator, its ids resolved. */
struct service_term {
    Hirsch__V1__SetTerm__TermCase sort;
    uint32_t number;  /* author or paper; 0: unknown, an empty set */
    unsigned named;   /* authors: which of the named ones */
    uint32_t *papers; /* of lists: ascending, each once */
    size_t paper_count;
    struct engine_paper
        *facts;              /* of named papers, as service_graph_paper: one for each of papers */
    struct base_slice field; /* normal form */
    unsigned first_year;     /* 0: open */
    unsigned last_year;
    unsigned kind;
    int operator_;
};

/* Everything lives in the call's arena. */
struct service_set {
    struct service_term *terms;
    size_t count;
    uint32_t named[SERVICE_NAMED_MOST]; /* authors that the request names, each once */
    unsigned named_count;
    unsigned author_terms; /* terms that name an author, those that name nobody here too */
    uint64_t identified; /* bit n: the n-th is no `name:` author */
    bool scans;          /* the whole store has to be looked through */
    /* Papers and citations that lists of authors and papers have, as far as headers say. */
    uint64_t weight;
    uint32_t stubs; /* left out */
    char **unknown; /* ids that name nothing here, as they were given */
    size_t unknown_count;
    uint32_t first_day; /* service_set_gather: of all papers; ENGINE_NO_DAY: none has one */

    /* service_set_gather: */
    struct engine_set engine;
};

/* INVALID_ARGUMENT with the field `set`: no expression, more than LIMIT_TERMS terms, an id, field,
 * year or kind that is none. Reads headers only. */
enum base_code service_set_read(struct rpc_call *call, struct service_session *session,
                                Hirsch__V1__SetTerm *const *terms, size_t count,
                                struct service_set *set, struct base_error *error);

/* The set of one author, or of one paper, by number, as if a request had named it. */
enum base_code service_set_of(struct rpc_call *call, struct service_session *session,
                              enum model_entity entity, uint32_t number, struct service_set *set,
                              struct base_error *error);

/* Says so; RESOURCE_EXHAUSTED. */
enum base_code service_set_no_memory(struct base_error *error);

/* A field, years or a kind: what a paper has, not which papers. */
static inline bool service_term_is_class(const struct service_term *term)
{
    return term->sort == HIRSCH__V1__SET_TERM__TERM_FIELD ||
           term->sort == HIRSCH__V1__SET_TERM__TERM_YEARS ||
           term->sort == HIRSCH__V1__SET_TERM__TERM_KIND;
}

static inline bool service_term_is_operator(const struct service_term *term)
{
    return term->sort == HIRSCH__V1__SET_TERM__TERM_OPERATOR;
}

#endif
