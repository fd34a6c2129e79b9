/* Sets of papers as people write them, `a + b`, `a & b`, `a - b` with parentheses, as terms in
 * postfix order. Pure. */
#ifndef CLI_EXPRESSION_H
#define CLI_EXPRESSION_H

#include "base/arena.h"
#include "base/limits.h"
#include "base/status.h"

/* Numbers as on the wire; 0 is an operand. */
enum cli_operator { CLI_OPERAND, CLI_UNION, CLI_INTERSECT, CLI_EXCEPT };

struct cli_term {
    enum cli_operator operator_;
    const char *operand; /* NUL-terminated, in the arena */
};

struct cli_expression {
    struct cli_term terms[LIMIT_TERMS];
    size_t count;
};

/* `&` binds tighter than `+` and `-`, which go from left to right. Operators stand between blanks:
 * ids may hold them. Of parentheses at the ends of a word those that close nothing inside it count.
 * INVALID_ARGUMENT says what is wrong, and in which column, in bytes from 1; an id that is missing
 * at the end, at the sign before it. */
enum base_code cli_expression_parse(const char *text, struct base_arena *arena,
                                    struct cli_expression *expression, struct base_error *error);

#endif
