#include "engine/expression.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/limits.h"

/* A part of the expression that was evaluated: an operand's own list, or one on the heap. */
struct part {
    const uint32_t *papers;
    size_t count;
    uint32_t *owned; /* NULL for an operand */
};

enum base_code engine_expression_check(const struct engine_term *terms, size_t count,
                                       struct base_error *error)
{
    if (count == 0) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "expression: it is empty; name at least one author or paper");
    }
    if (count > LIMIT_TERMS) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "expression: %zu terms are more than the %d allowed", count, LIMIT_TERMS);
    }
    size_t depth = 0;
    for (size_t i = 0; i < count; i++) {
        switch (terms[i].operator_) {
        case ENGINE_OPERAND:
            depth++;
            break;
        case ENGINE_UNION:
        case ENGINE_INTERSECT:
        case ENGINE_EXCEPT:
            if (depth < 2) {
                return base_fail(error, BASE_INVALID_ARGUMENT,
                                 "expression: term %zu: the operator has %zu sets before it and "
                                 "needs 2 (operands come first)",
                                 i + 1, depth);
            }
            depth--;
            break;
        default:
            return base_fail(error, BASE_INVALID_ARGUMENT,
                             "expression: term %zu: %u is no operator", i + 1,
                             (unsigned)terms[i].operator_);
        }
    }
    if (depth != 1) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "expression: %zu sets are left at its end; join them with UNION, "
                         "INTERSECT or EXCEPT",
                         depth);
    }
    return BASE_OK;
}

static size_t merge(const struct part *left, const struct part *right,
                    enum engine_operator operator_, uint32_t *to)
{
    size_t i = 0;
    size_t k = 0;
    size_t used = 0;
    while (i < left->count && k < right->count) {
        uint32_t a = left->papers[i];
        uint32_t b = right->papers[k];
        bool takes = a < b   ? operator_ != ENGINE_INTERSECT
                     : a > b ? operator_ == ENGINE_UNION
                             : operator_ != ENGINE_EXCEPT;
        if (takes) {
            to[used++] = a < b ? a : b;
        }
        i += a <= b;
        k += b <= a;
    }
    for (; i < left->count && operator_ != ENGINE_INTERSECT; i++) {
        to[used++] = left->papers[i];
    }
    for (; k < right->count && operator_ == ENGINE_UNION; k++) {
        to[used++] = right->papers[k];
    }
    return used;
}

static enum base_code too_many(size_t most, struct base_error *error)
{
    return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                     "expression: the set, or a part of it, has more than %zu papers; ask for "
                     "smaller sets",
                     most);
}

/* Puts the result in place of the left part; frees what both owned, on failure too. */
static enum base_code apply(struct part *left, const struct part *right,
                            enum engine_operator operator_, size_t most, struct base_error *error)
{
    size_t room = operator_ == ENGINE_UNION ? left->count + right->count : left->count;
    struct part result = {0};
    enum base_code code = BASE_OK;
    if (room > 0) {
        result.owned = malloc(room * sizeof *result.owned);
        if (result.owned == NULL) {
            code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
        } else {
            result.papers = result.owned;
            result.count = merge(left, right, operator_, result.owned);
        }
    }
    free(left->owned);
    free(right->owned);
    *left = result;
    return code == BASE_OK && result.count > most ? too_many(most, error) : code;
}

enum base_code engine_expression_evaluate(const struct engine_term *terms, size_t count,
                                          size_t most, uint32_t **papers, size_t *paper_count,
                                          struct base_error *error)
{
    enum base_code code = engine_expression_check(terms, count, error);
    if (code != BASE_OK) {
        return code;
    }
    struct part stack[LIMIT_TERMS] = {0};
    size_t depth = 0;
    for (size_t i = 0; i < count && code == BASE_OK; i++) {
        if (terms[i].operator_ != ENGINE_OPERAND) {
            depth--;
            code = apply(&stack[depth - 1], &stack[depth], terms[i].operator_, most, error);
        } else if (terms[i].count > most) {
            code = too_many(most, error);
        } else {
            stack[depth++] = (struct part){terms[i].papers, terms[i].count, NULL};
        }
    }
    if (code == BASE_OK && stack[0].owned == NULL && stack[0].count > 0) {
        /* A single operand: the caller gets a copy all the same. */
        struct part nothing = {0};
        code = apply(&stack[0], &nothing, ENGINE_EXCEPT, most, error);
    }
    if (code != BASE_OK) {
        for (size_t i = 0; i < depth; i++) {
            free(stack[i].owned);
        }
        return code;
    }
    if (stack[0].count == 0) {
        free(stack[0].owned);
        stack[0].owned = NULL;
    }
    *papers = stack[0].owned;
    *paper_count = stack[0].count;
    return BASE_OK;
}
