#include "cli/expression.h"

#include <stdio.h>
#include <string.h>

/* Shunting-yard over words: operators wait on a stack until a weaker one comes. */
struct parsing {
    struct base_arena *arena;
    struct cli_expression *expression;
    char waiting[LIMIT_TERMS];   /* '(', '+', '-', '&' */
    size_t columns[LIMIT_TERMS]; /* where each of them stands */
    size_t depth;
    size_t column; /* of the sign or id that is being taken, from 1 */
    bool after_operand;
};

/* column 0: nowhere in particular. */
static enum base_code fail(size_t column, struct base_error *error, const char *why)
{
    char where[40] = "";
    if (column > 0) {
        snprintf(where, sizeof where, "column %zu: ", column);
    }
    return base_fail(error, BASE_INVALID_ARGUMENT,
                     "%sthe expression %s; write it like 'a + b', '(a & b) - c', with blanks "
                     "around operators",
                     where, why);
}

static enum cli_operator operator_of(char sign)
{
    return sign == '+' ? CLI_UNION : sign == '&' ? CLI_INTERSECT : CLI_EXCEPT;
}

static enum base_code emit(struct parsing *parsing, struct cli_term term, struct base_error *error)
{
    if (parsing->expression->count == LIMIT_TERMS) {
        return fail(parsing->column, error, "has more than 64 ids and operators");
    }
    parsing->expression->terms[parsing->expression->count++] = term;
    return BASE_OK;
}

static enum base_code push(struct parsing *parsing, char sign, struct base_error *error)
{
    if (parsing->depth == LIMIT_TERMS) {
        return fail(parsing->column, error, "is too deep");
    }
    parsing->columns[parsing->depth] = parsing->column;
    parsing->waiting[parsing->depth++] = sign;
    return BASE_OK;
}

static enum base_code pop(struct parsing *parsing, struct base_error *error)
{
    char sign = parsing->waiting[--parsing->depth];
    return emit(parsing, (struct cli_term){operator_of(sign), NULL}, error);
}

static enum base_code take_operator(struct parsing *parsing, char sign, struct base_error *error)
{
    if (!parsing->after_operand) {
        return fail(parsing->column, error, "has an operator where an id is expected");
    }
    enum base_code code = BASE_OK;
    while (code == BASE_OK && parsing->depth > 0) {
        char top = parsing->waiting[parsing->depth - 1];
        if (top == '(' || (sign == '&' && top != '&')) {
            break;
        }
        code = pop(parsing, error);
    }
    parsing->after_operand = false;
    return code == BASE_OK ? push(parsing, sign, error) : code;
}

static enum base_code take_open(struct parsing *parsing, struct base_error *error)
{
    if (parsing->after_operand) {
        return fail(parsing->column, error, "has two ids without an operator between them");
    }
    return push(parsing, '(', error);
}

static enum base_code take_close(struct parsing *parsing, struct base_error *error)
{
    if (!parsing->after_operand) {
        return fail(parsing->column, error, "has a ) where an id is expected");
    }
    enum base_code code = BASE_OK;
    while (code == BASE_OK && parsing->depth > 0 && parsing->waiting[parsing->depth - 1] != '(') {
        code = pop(parsing, error);
    }
    if (code == BASE_OK && parsing->depth == 0) {
        return fail(parsing->column, error, "has a ) without its (");
    }
    parsing->depth -= code == BASE_OK ? 1 : 0;
    return code;
}

static enum base_code take_operand(struct parsing *parsing, struct base_slice word,
                                   struct base_error *error)
{
    if (parsing->after_operand) {
        return fail(parsing->column, error, "has two ids without an operator between them");
    }
    struct base_slice copy = base_arena_copy(parsing->arena, word);
    if (copy.data == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "memory is out");
    }
    parsing->after_operand = true;
    return emit(parsing, (struct cli_term){CLI_OPERAND, copy.data}, error);
}

/* How many ) at the end of the word close nothing that the word itself opens. */
static size_t closing(struct base_slice word)
{
    size_t opened = 0;
    size_t left_over = 0;
    for (size_t i = 0; i < word.size; i++) {
        if (word.data[i] == '(') {
            opened++;
            left_over = 0;
        } else if (word.data[i] == ')' && opened > 0) {
            opened--;
        } else {
            left_over = word.data[i] == ')' ? left_over + 1 : 0;
        }
    }
    return left_over;
}

static enum base_code take_word(struct parsing *parsing, struct base_slice word,
                                struct base_error *error)
{
    if (word.size == 1 && strchr("+&-", word.data[0]) != NULL) {
        return take_operator(parsing, word.data[0], error);
    }
    enum base_code code = BASE_OK;
    while (code == BASE_OK && word.size > 0 && word.data[0] == '(') {
        code = take_open(parsing, error);
        word = base_slice(word.data + 1, word.size - 1);
        parsing->column++;
    }
    size_t closed = closing(word);
    word.size -= closed;
    if (code == BASE_OK && word.size > 0) {
        code = take_operand(parsing, word, error);
        parsing->column += code == BASE_OK ? word.size : 0;
    }
    for (size_t i = 0; code == BASE_OK && i < closed; i++) {
        code = take_close(parsing, error);
        parsing->column++;
    }
    return code;
}

enum base_code cli_expression_parse(const char *text, struct base_arena *arena,
                                    struct cli_expression *expression, struct base_error *error)
{
    struct parsing parsing = {.arena = arena, .expression = expression};
    static const char blanks[] = " \t\r\n";
    enum base_code code = BASE_OK;
    expression->count = 0;
    for (const char *at = text + strspn(text, blanks); code == BASE_OK && *at != '\0';) {
        size_t size = strcspn(at, blanks);
        parsing.column = (size_t)(at - text) + 1;
        code = take_word(&parsing, base_slice(at, size), error);
        at += size;
        at += strspn(at, blanks);
    }
    if (code == BASE_OK && !parsing.after_operand) {
        bool is_empty = expression->count == 0 && parsing.depth == 0;
        return is_empty ? fail(0, error, "is empty")
                        : fail(parsing.columns[parsing.depth - 1], error,
                               "ends where an id is "
                               "expected");
    }
    while (code == BASE_OK && parsing.depth > 0) {
        if (parsing.waiting[parsing.depth - 1] == '(') {
            return fail(parsing.columns[parsing.depth - 1], error, "has a ( without its )");
        }
        code = pop(&parsing, error);
    }
    return code;
}
