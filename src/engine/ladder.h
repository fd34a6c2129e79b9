/* h, g, i10 and i100 kept true while papers come and are cited more: each step costs what it
 * changes. Private to the engine. */
#ifndef ENGINE_LADDER_H
#define ENGINE_LADDER_H

#include "engine/select.h"
#include "engine/spread.h"

struct engine_ladder {
    const struct engine_kept *kept; /* count: the paper's citations so far */
    bool fractional;
    bool cited_only;     /* g */
    uint32_t *histogram; /* [c]: papers with c citations, in whole parts of c/a under fractional */
    uint32_t papers;     /* that came so far */
    uint32_t cited;      /* of them with a citation */
    uint32_t h;
    uint32_t above_h; /* papers with more than h */
    uint32_t i10;
    uint32_t i100;
    uint32_t g;
    /* Full counting: papers with more than `edge` citations, and their sum; the g most cited ones
     * are these and some with exactly `edge`. */
    uint32_t edge;
    uint32_t above_edge;
    uint64_t above_sum;
    /* Fractional counting: indices of papers by c/a, most first, and those that changed. */
    uint32_t *order;
    uint32_t *spare;
    size_t ordered;
    uint32_t *dirty;
    size_t dirty_count;
    uint8_t *is_dirty;
};

/* For `papers` papers of at most `most` citations each; none has come yet. */
enum base_code engine_ladder_begin(struct engine_ladder *ladder, struct engine_work *work,
                                   const struct engine_kept *kept, size_t papers, uint32_t most,
                                   const struct engine_scope *scope, struct base_error *error);

/* A paper comes, without citations. */
void engine_ladder_add(struct engine_ladder *ladder, uint32_t index);

/* Its citations were `before` and are kept[index].count, more. */
void engine_ladder_raise(struct engine_ladder *ladder, uint32_t index, uint32_t before);

/* Makes h and g true again; i10 and i100 always are. */
void engine_ladder_settle(struct engine_ladder *ladder);

#endif
