/* Sets as expressions in postfix order: operands, union, intersection, difference. */
#ifndef ENGINE_EXPRESSION_H
#define ENGINE_EXPRESSION_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* The numbers are those on the wire; 0 is an operand. */
enum engine_operator {
    ENGINE_OPERAND = 0,
    ENGINE_UNION = 1,
    ENGINE_INTERSECT = 2,
    ENGINE_EXCEPT = 3, /* in the left one and not in the right one */
};

/* An operand is materialised by the caller: numbers of papers, ascending, each once; borrowed. */
struct engine_term {
    enum engine_operator operator_;
    const uint32_t *papers;
    size_t count;
};

/* Is the postfix order sound? INVALID_ARGUMENT names the term (from 1) and what is wrong: no term,
 * more than LIMIT_TERMS, an operator without two sets before it, sets left over, a number that is
 * no operator. Looks at operator_ only, so that nothing need be read for a bad expression. */
enum base_code engine_expression_check(const struct engine_term *terms, size_t count,
                                       struct base_error *error);

/* Evaluates. *papers is on the heap, to be freed by the caller, ascending; NULL when *paper_count
 * is 0. Beside engine_expression_check's errors RESOURCE_EXHAUSTED: out of memory, or the result or
 * a part of it has more than `most` papers (text says how many are allowed). */
enum base_code engine_expression_evaluate(const struct engine_term *terms, size_t count,
                                          size_t most, uint32_t **papers, size_t *paper_count,
                                          struct base_error *error);

#endif
