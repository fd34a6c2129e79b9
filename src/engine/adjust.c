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

bool engine_take_paper(struct engine_run *runs, size_t *count, uint32_t citations)
{
    size_t from = place_of(runs, *count, citations);
    if (from == *count || runs[from].citations != citations || runs[from].papers == 0) {
        return false;
    }
    if (--runs[from].papers == 0) {
        memmove(runs + from, runs + from + 1, (*count - from - 1) * sizeof *runs);
        (*count)--;
    }
    return true;
}

void engine_add_paper(struct engine_run *runs, size_t *count, uint32_t citations)
{
    size_t to = place_of(runs, *count, citations);
    if (to < *count && runs[to].citations == citations) {
        runs[to].papers++;
        return;
    }
    memmove(runs + to + 1, runs + to, (*count - to) * sizeof *runs);
    runs[to] = (struct engine_run){citations, 1};
    (*count)++;
}

bool engine_shift_runs(struct engine_run *runs, size_t *count, struct engine_shift shift)
{
    if (!engine_take_paper(runs, count, shift.before)) {
        return false;
    }
    engine_add_paper(runs, count, shift.after);
    return true;
}
