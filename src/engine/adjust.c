#include "engine/adjust.h"

#include <string.h>

/* Place of the first run with at most that many citations. */
static size_t place_of(const struct engine_run *runs, size_t count, uint32_t citations)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (runs[middle].citations > citations) {
            low = middle + 1;
        } else {
            count = middle;
        }
    }
    return low;
}

bool engine_shift_runs(struct engine_run *runs, size_t *count, struct engine_shift shift)
{
    size_t from = place_of(runs, *count, shift.before);
    if (from == *count || runs[from].citations != shift.before || runs[from].papers == 0) {
        return false;
    }
    if (--runs[from].papers == 0) {
        memmove(runs + from, runs + from + 1, (*count - from - 1) * sizeof *runs);
        (*count)--;
    }
    size_t to = place_of(runs, *count, shift.after);
    if (to < *count && runs[to].citations == shift.after) {
        runs[to].papers++;
        return true;
    }
    memmove(runs + to + 1, runs + to, (*count - to) * sizeof *runs);
    runs[to] = (struct engine_run){shift.after, 1};
    (*count)++;
    return true;
}
