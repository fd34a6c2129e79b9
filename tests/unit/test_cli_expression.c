/* Expressions as people write them: precedence, parentheses, ids that hold signs, and every fault
 * with its column. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cli/expression.h"

static struct base_arena arena;

static int setup(void **state)
{
    (void)state;
    base_arena_init(&arena, 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    base_arena_fini(&arena);
    return 0;
}

/* Terms in postfix order, with blanks between them. */
static void expect(const char *text, const char *postfix)
{
    static const char signs[] = {' ', '+', '&', '-'};
    struct cli_expression expression;
    struct base_error error;
    char found[1024] = "";
    size_t used = 0;
    if (cli_expression_parse(text, &arena, &expression, &error) != BASE_OK) {
        fail_msg("%s: %s", text, error.text);
    }
    for (size_t i = 0; i < expression.count; i++) {
        const struct cli_term *term = &expression.terms[i];
        char sign[2] = {signs[term->operator_], '\0'};
        used += (size_t)snprintf(found + used, sizeof found - used, "%s%s", i > 0 ? " " : "",
                                 term->operator_ == CLI_OPERAND ? term->operand : sign);
        assert_true(used < sizeof found);
        assert_true((term->operand == NULL) == (term->operator_ != CLI_OPERAND));
    }
    assert_string_equal(found, postfix);
}

/* The error begins with the column, when there is one, and says why. */
static void refuse(const char *text, unsigned column, const char *why)
{
    struct cli_expression expression;
    struct base_error error;
    char where[64] = "the expression ";
    if (column > 0) {
        snprintf(where, sizeof where, "column %u: the expression ", column);
    }
    assert_int_equal(cli_expression_parse(text, &arena, &expression, &error),
                     BASE_INVALID_ARGUMENT);
    if (strncmp(error.text, where, strlen(where)) != 0 || strstr(error.text, why) == NULL) {
        fail_msg("'%s': %s; expected %s%s", text, error.text, where, why);
    }
}

static void test_precedence(void **state)
{
    (void)state;
    expect("a", "a");
    expect("a + b", "a b +");
    expect("a + b - c", "a b + c -");
    expect("a - b + c", "a b - c +");
    expect("a - b - c", "a b - c -");
    expect("a + b & c", "a b c & +");
    expect("a & b + c", "a b & c +");
    expect("a - b & c & d + e", "a b c & d & - e +");
}

static void test_parentheses(void **state)
{
    (void)state;
    expect("(a)", "a");
    expect("((a))", "a");
    expect("(a + b) & c", "a b + c &");
    expect("a & (b + c)", "a b c + &");
    expect("a - (b - (c - d))", "a b c d - - -");
    expect("( a + b ) & ( c - d )", "a b + c d - &");
    expect(" \t(a\n+ b)\r\n", "a b +");
}

static void test_ids_with_signs(void **state)
{
    (void)state;
    expect("local:b+c", "local:b+c");
    expect("orcid:0000-0001-6187-6610 & year:2015-", "orcid:0000-0001-6187-6610 year:2015- &");
    expect("doi:10.1016/s0092-8674(00)81683-9 + b", "doi:10.1016/s0092-8674(00)81683-9 b +");
    expect("(doi:10.1016/s0092-8674(00))", "doi:10.1016/s0092-8674(00)");
    expect("(a + doi:10.1/x(y)) - b", "a doi:10.1/x(y) + b -");
}

static void test_faults(void **state)
{
    (void)state;
    refuse("", 0, "is empty");
    refuse(" \t ", 0, "is empty");
    refuse("+", 1, "an operator where an id is expected");
    refuse("a + & b", 5, "an operator where an id is expected");
    refuse("a b", 3, "two ids without an operator");
    refuse("a (b)", 3, "two ids without an operator");
    refuse("(a) b", 5, "two ids without an operator");
    refuse("a +", 3, "ends where an id is expected");
    refuse("a - (", 5, "ends where an id is expected");
    refuse("(a", 1, "a ( without its )");
    refuse("a + ((b - c)", 5, "a ( without its )");
    refuse("a)", 2, "a ) without its (");
    refuse("(a + b)) - c", 8, "a ) without its (");
    refuse("()", 2, "a ) where an id is expected");
    refuse("a + ( )", 7, "a ) where an id is expected");
}

static void test_limits(void **state)
{
    (void)state;
    enum { IDS = (LIMIT_TERMS + 1) / 2 };
    char text[8 * IDS + 8] = "a";
    struct cli_expression expression;
    struct base_error error;
    for (unsigned i = 1; i < IDS; i++) {
        strcat(text, " + a");
    }
    assert_int_equal(cli_expression_parse(text, &arena, &expression, &error), BASE_OK);
    assert_int_equal(expression.count, 2 * IDS - 1);
    strcat(text, " + a + a");
    refuse(text, 4 * IDS + 3, "more than 64");
    memset(text, '(', LIMIT_TERMS + 1);
    strcpy(text + LIMIT_TERMS + 1, "a");
    refuse(text, LIMIT_TERMS + 1, "is too deep");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_precedence, setup, teardown),
        cmocka_unit_test_setup_teardown(test_parentheses, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ids_with_signs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_faults, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
