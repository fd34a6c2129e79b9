#include "engine/days.h"

#include "engine/graph.h"
#include "model/date.h"

struct engine_days engine_days_of(const uint32_t *list, size_t count, bool is_yearly)
{
    struct engine_days days = {.list = list, .count = count, .is_yearly = is_yearly};
    if (count > 0) {
        days.last = list[count - 1];
        days.first_year = model_day_year(list[0]);
    }
    return days;
}

uint32_t engine_days_find(const struct engine_days *days, size_t row, uint32_t day)
{
    const uint32_t *list = days->list;
    size_t high = days->count;
    /* Mostly the next one. */
    if (row < high && list[row] < day) {
        row++;
    }
    if (row >= high || list[row] >= day) {
        return (uint32_t)row;
    }
    while (row < high) {
        size_t middle = row + (high - row) / 2;
        if (list[middle] < day) {
            row = middle + 1;
        } else {
            high = middle;
        }
    }
    return (uint32_t)row;
}

uint32_t engine_days_end(const struct engine_days *days, uint32_t day)
{
    if (days->count == 0 || day > days->last) {
        return ENGINE_NO_DAY;
    }
    return days->is_yearly ? days->last : days->list[engine_days_find(days, 0, day)];
}
