/* A timeline out of a tally: which days it has, and its rows. Private to the engine. */
#ifndef ENGINE_ROWS_H
#define ENGINE_ROWS_H

#include "engine/tally.h"
#include "engine/timeline.h"

/* Asks for the days of the set's yearly timeline under the scope, which lie in the work memory. */
enum base_code engine_timeline_days(struct engine_work *work, const struct engine_set *set,
                                    const struct engine_scope *scope,
                                    struct engine_tally_question *question,
                                    struct base_error *error);

/* The rows of a tally's days. Counts its papers anew from 0, row by row: whatever else is made of
 * them comes before. */
enum base_code engine_timeline_of(struct engine_work *work, struct engine_tally *tally,
                                  const struct engine_scope *scope,
                                  struct engine_timeline *timeline, struct base_error *error);

#endif
