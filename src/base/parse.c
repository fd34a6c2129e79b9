#include "base/parse.h"

bool base_parse_u64(struct base_slice text, uint64_t maximum, uint64_t *value)
{
    if (text.size == 0) {
        return false;
    }
    uint64_t result = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
        if (__builtin_mul_overflow(result, 10U, &result) ||
            __builtin_add_overflow(result, (uint64_t)(text.data[i] - '0'), &result)) {
            return false;
        }
    }
    if (result > maximum) {
        return false;
    }
    *value = result;
    return true;
}

bool base_parse_size(struct base_slice text, uint64_t *bytes)
{
    static const struct {
        struct base_slice name;
        unsigned shift;
    } units[] = {
        {{"KiB", 3}, 10}, {{"MiB", 3}, 20}, {{"GiB", 3}, 30}, {{"TiB", 3}, 40}, {{"", 0}, 0}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        struct base_slice unit = units[i].name;
        if (text.size > unit.size &&
            base_slice_equal(base_slice(text.data + text.size - unit.size, unit.size), unit)) {
            return base_parse_u64(base_slice(text.data, text.size - unit.size),
                                  UINT64_MAX >> units[i].shift, bytes) &&
                   (*bytes <<= units[i].shift, true);
        }
    }
    return false;
}
