/* Computed numbers from the generated structs of the wire to the plain ones of the public header.
 */
#ifndef CLIENT_CONVERT_METRICS_H
#define CLIENT_CONVERT_METRICS_H

#include <stdbool.h>

#include "base/arena.h"
#include "hirsch/metrics.h"
#include "wire/messages.h"

/* As in client/convert.h: texts are shared with the message, arrays are made in the arena, `from`
 * may be NULL and then counts as empty. False when memory is out. */
bool client_convert_scope(const Hirsch__V1__UsedScope *from, struct base_arena *arena,
                          struct hirsch_used_scope *to);
bool client_convert_set_metrics(const Hirsch__V1__SetMetrics *from, struct base_arena *arena,
                                struct hirsch_set_metrics *to);
bool client_convert_rows(Hirsch__V1__TimelineRow *const *from, size_t count,
                         struct base_arena *arena, const struct hirsch_timeline_row **to);
bool client_convert_indicators(const Hirsch__V1__PaperIndicators *from, struct base_arena *arena,
                               struct hirsch_paper_indicators *to);
bool client_convert_explanation(const Hirsch__V1__SetExplanation *from, struct base_arena *arena,
                                struct hirsch_set_explanation *to);

#endif
