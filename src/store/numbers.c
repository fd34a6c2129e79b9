#include "store/numbers.h"

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

bool store_has_number(const uint32_t *sorted, size_t count, uint32_t wanted)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (sorted[middle] == wanted) {
            return true;
        }
        if (sorted[middle] < wanted) {
            low = middle + 1;
        } else {
            count = middle;
        }
    }
    return false;
}
