#include "engine/explain.h"

#include <stdlib.h>
#include <string.h>

#include "engine/ladder.h"

enum { I10 = 10 };

/* A paper comes (on its day, before its citations), or is cited once more. */
struct event {
    uint32_t day;
    uint32_t index : 31;
    uint32_t is_citation : 1;
};

struct pass {
    struct engine_work *work;
    const struct engine_edges *edges;
    const struct engine_scope *scope;
    enum engine_explained what;
    struct engine_selection selection;
    struct event *events;
    size_t event_count;
    uint32_t most; /* dated citations of one paper */
};

static enum base_code count_paper(struct pass *pass, uint32_t index, struct base_error *error)
{
    struct engine_kept *paper = &pass->selection.kept[index];
    const struct engine_citer *citers;
    size_t count;
    enum base_code code =
        pass->edges->citers(pass->edges->context, paper->paper, &citers, &count, error);
    if (code != BASE_OK) {
        return code;
    }
    pass->events = engine_room(pass->work, ENGINE_BUFFER_EVENTS, pass->event_count + count + 1,
                               sizeof *pass->events, error);
    if (pass->events == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    if (paper->day != ENGINE_NO_DAY) {
        pass->events[pass->event_count++] = (struct event){paper->day, index & INT32_MAX, 0};
    }
    uint32_t dated = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t day;
        if ((engine_judge(&pass->selection.rule, paper, &citers[i], &day) & ENGINE_COUNTS) == 0) {
            continue;
        }
        paper->count++;
        if (day != ENGINE_NO_DAY) {
            pass->events[pass->event_count++] = (struct event){day, index & INT32_MAX, 1};
            dated++;
        }
    }
    pass->most = dated > pass->most ? dated : pass->most;
    return engine_poll(pass->work, count + 1, error);
}

/* By day; all of a day is applied before anything is read off. */
static enum base_code sort_events(struct pass *pass, struct base_error *error)
{
    enum { DIGIT = 11, DIGITS = 1 << DIGIT };
    struct event *from = pass->events;
    struct event *to =
        engine_room(pass->work, ENGINE_BUFFER_EVENTS_SPARE, pass->event_count, sizeof *to, error);
    if (to == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    uint32_t first = ENGINE_NO_DAY;
    uint32_t last = 0;
    for (size_t i = 0; i < pass->event_count; i++) {
        first = from[i].day < first ? from[i].day : first;
        last = from[i].day > last ? from[i].day : last;
    }
    for (unsigned shift = 0; shift < 32 && pass->event_count > 0 && (last - first) >> shift != 0;
         shift += DIGIT) {
        size_t place[DIGITS + 1] = {0};
        for (size_t i = 0; i < pass->event_count; i++) {
            place[((from[i].day - first) >> shift & (DIGITS - 1)) + 1]++;
        }
        for (size_t digit = 1; digit <= DIGITS; digit++) {
            place[digit] += place[digit - 1];
        }
        for (size_t i = 0; i < pass->event_count; i++) {
            to[place[(from[i].day - first) >> shift & (DIGITS - 1)]++] = from[i];
        }
        struct event *other = from;
        from = to;
        to = other;
    }
    pass->events = from;
    return BASE_OK;
}

static uint32_t reached(const struct engine_ladder *ladder, enum engine_explained what)
{
    return what == ENGINE_EXPLAIN_H_INDEX   ? ladder->h
           : what == ENGINE_EXPLAIN_G_INDEX ? ladder->g
                                            : ladder->i10;
}

/* Lives the history again, day by day. */
static enum base_code find_steps(struct pass *pass, struct engine_explanation *found,
                                 struct base_error *error)
{
    struct engine_kept *kept = pass->selection.kept;
    for (size_t i = 0; i < pass->selection.count; i++) {
        kept[i].recent = kept[i].count;
        kept[i].count = 0;
    }
    struct engine_ladder ladder;
    enum base_code code = engine_ladder_begin(&ladder, pass->work, kept, pass->selection.count,
                                              pass->most, pass->scope, error);
    uint32_t value = 0;
    for (size_t i = 0; i < pass->event_count && code == BASE_OK;) {
        uint32_t day = pass->events[i].day;
        size_t begin = i;
        for (; i < pass->event_count && pass->events[i].day == day; i++) {
            if (!pass->events[i].is_citation) {
                engine_ladder_add(&ladder, pass->events[i].index);
            }
        }
        for (size_t k = begin; k < i; k++) {
            if (pass->events[k].is_citation) {
                uint32_t index = pass->events[k].index;
                kept[index].count++;
                engine_ladder_raise(&ladder, index, kept[index].count - 1);
            }
        }
        engine_ladder_settle(&ladder);
        uint32_t now = reached(&ladder, pass->what);
        struct engine_step *steps =
            engine_room(pass->work, ENGINE_BUFFER_STEPS, (size_t)now + 1, sizeof *steps, error);
        if (steps == NULL) {
            return BASE_RESOURCE_EXHAUSTED;
        }
        while (value < now) {
            steps[value] = (struct engine_step){value + 1, day};
            value++;
        }
        found->steps = steps;
        code = engine_poll(pass->work, i - begin + ladder.ordered, error);
    }
    found->step_count = value;
    for (size_t i = 0; i < pass->selection.count; i++) {
        kept[i].count = kept[i].recent;
    }
    return code;
}

static int most_cited_first(const void *left, const void *right)
{
    const struct engine_witness *a = left;
    const struct engine_witness *b = right;
    if (a->counted > b->counted || a->counted < b->counted) {
        return a->counted > b->counted ? -1 : 1;
    }
    return a->paper < b->paper ? -1 : a->paper > b->paper;
}

static enum base_code list_witnesses(struct pass *pass, struct engine_witness **witnesses,
                                     struct base_error *error)
{
    size_t count = pass->selection.count;
    struct engine_witness *list =
        engine_room(pass->work, ENGINE_BUFFER_WITNESSES, count, sizeof *list, error);
    if (list == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    for (size_t i = 0; i < count; i++) {
        const struct engine_kept *paper = &pass->selection.kept[i];
        double divisor = pass->scope->counting == ENGINE_COUNTING_FULL ? 1 : paper->authors;
        list[i] = (struct engine_witness){.paper = paper->paper,
                                          .citations = paper->count,
                                          .authors = paper->authors,
                                          .counted = paper->count / divisor};
    }
    if (count > 1) {
        qsort(list, count, sizeof *list, most_cited_first);
    }
    *witnesses = list;
    return BASE_OK;
}

/* The answer's own value, undated citations included. */
static void explain_h(struct engine_explanation *found, const struct engine_witness *list,
                      struct engine_witness *next, size_t count)
{
    uint32_t h = 0;
    while (h < count && list[h].counted >= h + 1.0) {
        h++;
    }
    found->value = h;
    found->witness_count = h;
    found->needs_paper = h == count;
    found->next_count = found->needs_paper ? h : h + 1;
    found->next_lacks = found->needs_paper ? h + 1.0 : 0;
    for (size_t i = 0; i < found->next_count; i++) {
        next[i] = list[i];
        next[i].lacks = list[i].counted < h + 1.0 ? h + 1.0 - list[i].counted : 0;
        found->next_lacks += next[i].lacks;
    }
}

static void explain_g(const struct pass *pass, struct engine_explanation *found,
                      const struct engine_witness *list, struct engine_witness *next, size_t count)
{
    struct engine_g_sum sum = ENGINE_G_SUM_EMPTY;
    size_t most = count;
    if (pass->scope->g_rule == ENGINE_G_CITED_ONLY) {
        while (most > 0 && list[most - 1].citations == 0) {
            most--;
        }
    }
    bool is_full = pass->scope->counting == ENGINE_COUNTING_FULL;
    while (sum.g < most) {
        const struct engine_witness *paper = &list[sum.g];
        if (!engine_g_sum_step(&sum, paper->citations, is_full ? 1 : paper->authors)) {
            break;
        }
    }
    uint32_t g = sum.g;
    found->value = g;
    found->witness_count = g;
    found->needs_paper = g == most;
    found->next_count = found->needs_paper ? g : g + 1;
    double have = 0;
    for (size_t i = 0; i < found->next_count; i++) {
        next[i] = list[i];
        have += list[i].counted;
    }
    double lacks = (g + 1.0) * (g + 1.0) - have;
    found->next_lacks = lacks > 0 ? lacks : 0;
}

static void explain_i10(struct engine_explanation *found, const struct engine_witness *list,
                        struct engine_witness *next, size_t count)
{
    size_t value = 0;
    while (value < count && list[value].counted >= I10) {
        value++;
    }
    found->value = (uint32_t)value;
    found->witness_count = value;
    found->next_count = count - value;
    found->needs_paper = found->next_count == 0;
    for (size_t i = 0; i < found->next_count; i++) {
        next[i] = list[value + i];
        next[i].lacks = I10 - next[i].counted;
    }
    found->next_lacks = found->needs_paper ? I10 : next[0].lacks;
}

enum base_code engine_explain(struct engine_work *work, const struct engine_edges *edges,
                              const struct engine_set *set, const struct engine_scope *scope,
                              enum engine_explained what, struct engine_explanation *explanation,
                              struct base_error *error)
{
    if (what != ENGINE_EXPLAIN_H_INDEX && what != ENGINE_EXPLAIN_G_INDEX &&
        what != ENGINE_EXPLAIN_I10_INDEX) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "metric: %u cannot be explained; use h, g or i10", (unsigned)what);
    }
    struct pass pass = {.work = work, .edges = edges, .scope = scope, .what = what};
    struct engine_explanation found = {0};
    enum base_code code =
        engine_select(work, edges, set, scope, scope->as_of, &pass.selection, error);
    for (size_t i = 0; code == BASE_OK && i < pass.selection.count; i++) {
        code = count_paper(&pass, (uint32_t)i, error);
    }
    if (code == BASE_OK) {
        code = sort_events(&pass, error);
    }
    if (code == BASE_OK) {
        code = find_steps(&pass, &found, error);
    }
    struct engine_witness *list = NULL;
    if (code == BASE_OK) {
        code = list_witnesses(&pass, &list, error);
    }
    size_t count = pass.selection.count;
    struct engine_witness *next = NULL;
    if (code == BASE_OK) {
        next = engine_room(work, ENGINE_BUFFER_NEXT, count, sizeof *next, error);
        code = next == NULL ? BASE_RESOURCE_EXHAUSTED : BASE_OK;
    }
    if (code != BASE_OK) {
        return code;
    }
    if (what == ENGINE_EXPLAIN_H_INDEX) {
        explain_h(&found, list, next, count);
    } else if (what == ENGINE_EXPLAIN_G_INDEX) {
        explain_g(&pass, &found, list, next, count);
    } else {
        explain_i10(&found, list, next, count);
    }
    found.scope = pass.selection.rule.report;
    found.witnesses = list;
    found.next = next;
    *explanation = found;
    return BASE_OK;
}
