#include "engine/ladder.h"

#include <stdlib.h>
#include <string.h>

enum base_code engine_ladder_begin(struct engine_ladder *ladder, struct engine_work *work,
                                   const struct engine_kept *kept, size_t papers, uint32_t most,
                                   const struct engine_scope *scope, struct base_error *error)
{
    struct engine_ladder begun = {
        .kept = kept,
        .fractional = scope->counting == ENGINE_COUNTING_FRACTIONAL,
        .cited_only = scope->g_rule == ENGINE_G_CITED_ONLY,
    };
    size_t size = (size_t)most + 2;
    begun.histogram =
        engine_room(work, ENGINE_BUFFER_HISTOGRAM, size, sizeof *begun.histogram, error);
    if (begun.histogram == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    memset(begun.histogram, 0, size * sizeof *begun.histogram);
    if (begun.fractional) {
        /* One buffer for the list of changed ones and the marks behind it. */
        begun.order = engine_room(work, ENGINE_BUFFER_ORDER, papers, sizeof *begun.order, error);
        begun.spare =
            engine_room(work, ENGINE_BUFFER_ORDER_SPARE, papers, sizeof *begun.spare, error);
        begun.dirty =
            engine_room(work, ENGINE_BUFFER_DIRTY, papers, sizeof *begun.dirty + 1, error);
        if (begun.order == NULL || begun.spare == NULL || begun.dirty == NULL) {
            return BASE_RESOURCE_EXHAUSTED;
        }
        begun.is_dirty = (uint8_t *)(begun.dirty + papers);
        memset(begun.is_dirty, 0, papers);
    }
    *ladder = begun;
    return BASE_OK;
}

static void mark_dirty(struct engine_ladder *ladder, uint32_t index)
{
    if (!ladder->is_dirty[index]) {
        ladder->is_dirty[index] = 1;
        ladder->dirty[ladder->dirty_count++] = index;
    }
}

void engine_ladder_add(struct engine_ladder *ladder, uint32_t index)
{
    ladder->papers++;
    ladder->histogram[0]++;
    if (ladder->fractional) {
        mark_dirty(ladder, index);
    }
}

void engine_ladder_raise(struct engine_ladder *ladder, uint32_t index, uint32_t before)
{
    const struct engine_kept *paper = &ladder->kept[index];
    uint32_t after = paper->count;
    ladder->cited += before == 0;
    if (ladder->fractional) {
        mark_dirty(ladder, index);
        before /= paper->authors;
        after /= paper->authors;
    }
    if (before == after) {
        return;
    }
    ladder->histogram[before]--;
    ladder->histogram[after]++;
    ladder->above_h += before <= ladder->h && after > ladder->h;
    ladder->i10 += before < 10 && after >= 10;
    ladder->i100 += before < 100 && after >= 100;
    if (before > ladder->edge) {
        ladder->above_sum += after - before;
    } else if (after > ladder->edge) {
        ladder->above_edge++;
        ladder->above_sum += after;
    }
}

/* h + 1 is reached when as many papers have more than h. */
static void settle_h(struct engine_ladder *ladder)
{
    while (ladder->above_h > ladder->h) {
        ladder->h++;
        ladder->above_h -= ladder->histogram[ladder->h];
    }
}

/* Moves the edge so that the g most cited papers reach down to it, then tries one paper more. */
static void settle_g(struct engine_ladder *ladder)
{
    uint32_t most = ladder->cited_only ? ladder->cited : ladder->papers;
    while (ladder->above_edge > ladder->g) {
        ladder->edge++;
        uint32_t papers = ladder->histogram[ladder->edge];
        ladder->above_edge -= papers;
        ladder->above_sum -= (uint64_t)papers * ladder->edge;
    }
    while (ladder->g < most) {
        uint64_t next = (uint64_t)ladder->g + 1;
        while (ladder->above_edge + ladder->histogram[ladder->edge] < next) {
            uint32_t papers = ladder->histogram[ladder->edge];
            ladder->above_edge += papers;
            ladder->above_sum += (uint64_t)papers * ladder->edge;
            ladder->edge--;
        }
        if (ladder->above_sum + (next - ladder->above_edge) * ladder->edge < next * next) {
            return;
        }
        ladder->g++;
    }
}

static double value_of(const struct engine_kept *paper)
{
    return (double)paper->count / paper->authors;
}

static int by_value(const void *left, const void *right, void *context)
{
    const struct engine_ladder *ladder = context;
    double a = value_of(&ladder->kept[*(const uint32_t *)left]);
    double b = value_of(&ladder->kept[*(const uint32_t *)right]);
    return a < b ? 1 : a > b ? -1 : 0;
}

/* Merges the changed papers into the order of the others. */
static void reorder(struct engine_ladder *ladder)
{
    const struct engine_kept *kept = ladder->kept;
    if (ladder->dirty_count > 1) {
        qsort_r(ladder->dirty, ladder->dirty_count, sizeof *ladder->dirty, by_value, ladder);
    }
    size_t used = 0;
    size_t dirty = 0;
    for (size_t i = 0; i < ladder->ordered; i++) {
        uint32_t index = ladder->order[i];
        if (ladder->is_dirty[index]) {
            continue;
        }
        while (dirty < ladder->dirty_count &&
               value_of(&kept[ladder->dirty[dirty]]) > value_of(&kept[index])) {
            ladder->spare[used++] = ladder->dirty[dirty++];
        }
        ladder->spare[used++] = index;
    }
    while (dirty < ladder->dirty_count) {
        ladder->spare[used++] = ladder->dirty[dirty++];
    }
    for (size_t i = 0; i < ladder->dirty_count; i++) {
        ladder->is_dirty[ladder->dirty[i]] = 0;
    }
    ladder->dirty_count = 0;
    uint32_t *other = ladder->order;
    ladder->order = ladder->spare;
    ladder->spare = other;
    ladder->ordered = used;
}

static void settle_g_fractional(struct engine_ladder *ladder)
{
    if (ladder->dirty_count > 0) {
        reorder(ladder);
    }
    size_t most = ladder->cited_only ? ladder->cited : ladder->papers;
    struct engine_g_sum sum = ENGINE_G_SUM_EMPTY;
    while (sum.g < most) {
        const struct engine_kept *paper = &ladder->kept[ladder->order[sum.g]];
        if (!engine_g_sum_step(&sum, paper->count, paper->authors)) {
            break;
        }
    }
    ladder->g = sum.g;
}

void engine_ladder_settle(struct engine_ladder *ladder)
{
    settle_h(ladder);
    if (ladder->fractional) {
        settle_g_fractional(ladder);
    } else {
        settle_g(ladder);
    }
}
