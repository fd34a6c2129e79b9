/* Expressions over sets of papers: every operator, every fault, the limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "engine/expression.h"

static const uint32_t low[] = {1, 2, 3, 5, 8};
static const uint32_t high[] = {3, 4, 5, 9};

static const struct engine_term a = {ENGINE_OPERAND, low, 5};
static const struct engine_term b = {ENGINE_OPERAND, high, 4};
static const struct engine_term nothing = {ENGINE_OPERAND, NULL, 0};

static struct engine_term join(enum engine_operator operator_)
{
    return (struct engine_term){operator_, NULL, 0};
}

static void expect(const struct engine_term *terms, size_t count, const uint32_t *wanted,
                   size_t wanted_count)
{
    uint32_t *papers;
    size_t paper_count;
    struct base_error error;
    assert_int_equal(engine_expression_evaluate(terms, count, 100, &papers, &paper_count, &error),
                     BASE_OK);
    assert_int_equal(paper_count, wanted_count);
    if (wanted_count == 0) {
        assert_null(papers);
    } else {
        assert_memory_equal(papers, wanted, wanted_count * sizeof *wanted);
    }
    free(papers);
}

static void test_operators(void **state)
{
    (void)state;
    static const uint32_t both[] = {1, 2, 3, 4, 5, 8, 9};
    static const uint32_t shared[] = {3, 5};
    static const uint32_t only_low[] = {1, 2, 8};
    expect((struct engine_term[]){a}, 1, low, 5);
    expect((struct engine_term[]){nothing}, 1, NULL, 0);
    expect((struct engine_term[]){a, b, join(ENGINE_UNION)}, 3, both, 7);
    expect((struct engine_term[]){a, b, join(ENGINE_INTERSECT)}, 3, shared, 2);
    expect((struct engine_term[]){a, b, join(ENGINE_EXCEPT)}, 3, only_low, 3);
    expect((struct engine_term[]){a, a, join(ENGINE_EXCEPT)}, 3, NULL, 0);
    expect((struct engine_term[]){nothing, a, join(ENGINE_UNION)}, 3, low, 5);
    expect((struct engine_term[]){nothing, nothing, join(ENGINE_UNION)}, 3, NULL, 0);
    /* (a + b) - (a & b), then back to a. */
    expect((struct engine_term[]){a, b, join(ENGINE_UNION), a, b, join(ENGINE_INTERSECT),
                                  join(ENGINE_EXCEPT), a, join(ENGINE_INTERSECT)},
           9, only_low, 3);
}

static void refuse(const struct engine_term *terms, size_t count, size_t most, enum base_code code,
                   const char *part)
{
    uint32_t *papers = NULL;
    size_t paper_count = 77;
    struct base_error error;
    assert_int_equal(engine_expression_evaluate(terms, count, most, &papers, &paper_count, &error),
                     code);
    assert_non_null(strstr(error.text, part));
    assert_null(papers);
    assert_int_equal(paper_count, 77);
}

static void test_faults(void **state)
{
    (void)state;
    enum base_code bad = BASE_INVALID_ARGUMENT;
    refuse(NULL, 0, 100, bad, "empty");
    refuse((struct engine_term[]){join(ENGINE_UNION)}, 1, 100, bad, "term 1");
    refuse((struct engine_term[]){a, join(ENGINE_EXCEPT)}, 2, 100, bad, "has 1 sets");
    refuse((struct engine_term[]){a, b}, 2, 100, bad, "2 sets are left");
    refuse((struct engine_term[]){a, b, join((enum engine_operator)9)}, 3, 100, bad,
           "9 is no operator");
    struct engine_term many[LIMIT_TERMS + 1];
    for (size_t i = 0; i < LIMIT_TERMS + 1; i++) {
        many[i] = a;
    }
    refuse(many, LIMIT_TERMS + 1, 100, bad, "more than the 64");
    refuse((struct engine_term[]){a}, 1, 4, BASE_RESOURCE_EXHAUSTED, "more than 4 papers");
    refuse((struct engine_term[]){a, b, join(ENGINE_UNION)}, 3, 6, BASE_RESOURCE_EXHAUSTED,
           "more than 6 papers");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operators),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
