#include "store/numbers.h"

#include <stdbool.h>

#include "store/sort.h"

static inline bool number_less(const uint32_t *a, const uint32_t *b)
{
    return *a < *b;
}

STORE_SORT_DEFINE(sort, uint32_t, number_less)

void store_sort_numbers(uint32_t *numbers, size_t count)
{
    sort(numbers, count);
}
