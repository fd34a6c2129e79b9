/* Expressions in any order of terms: what the check accepts is evaluated as a set of bits says. */
#include <stdlib.h>

#include "base/limits.h"
#include "engine/expression.h"

/* Operands hold papers 0 to 7: a byte says which. */
enum { BITS = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint32_t lists[LIMIT_TERMS + 1][BITS];
    struct engine_term terms[LIMIT_TERMS + 1];
    uint8_t stack[LIMIT_TERMS + 1];
    size_t depth = 0;
    size_t count = size / 2 < LIMIT_TERMS + 1 ? size / 2 : LIMIT_TERMS + 1;
    for (size_t i = 0; i < count; i++) {
        terms[i] = (struct engine_term){(enum engine_operator)(data[2 * i] % 6), lists[i], 0};
        for (uint32_t bit = 0; bit < BITS && terms[i].operator_ == ENGINE_OPERAND; bit++) {
            if ((data[2 * i + 1] >> bit & 1) != 0) {
                lists[i][terms[i].count++] = bit;
            }
        }
    }
    struct base_error error;
    enum base_code checked = engine_expression_check(terms, count, &error);
    uint32_t *papers = NULL;
    size_t paper_count = 0;
    enum base_code code =
        engine_expression_evaluate(terms, count, BITS, &papers, &paper_count, &error);
    BASE_ASSERT(code == checked);
    if (code != BASE_OK) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (terms[i].operator_ == ENGINE_OPERAND) {
            stack[depth++] = data[2 * i + 1];
            continue;
        }
        depth--;
        unsigned left = stack[depth - 1];
        unsigned right = stack[depth];
        stack[depth - 1] = (uint8_t)(terms[i].operator_ == ENGINE_UNION       ? left | right
                                     : terms[i].operator_ == ENGINE_INTERSECT ? left & right
                                                                              : left & ~right);
    }
    unsigned found = 0;
    for (size_t i = 0; i < paper_count; i++) {
        BASE_ASSERT(papers[i] < BITS && (i == 0 || papers[i - 1] < papers[i]));
        found |= 1U << papers[i];
    }
    BASE_ASSERT(depth == 1 && found == stack[0]);
    free(papers);
    return 0;
}
