/* Computed numbers as messages, in the arena of their call. */
#ifndef SERVICE_METRICS_ANSWER_H
#define SERVICE_METRICS_ANSWER_H

#include "engine/explain.h"
#include "engine/timeline.h"
#include "service/scope.h"

/* All give NULL or false when the arena is full. groups: bits of enum engine_group. */
Hirsch__V1__SetMetrics *service_answer_metrics(struct rpc_call *call,
                                               const struct engine_measures *measures,
                                               const struct engine_scope *scope, unsigned groups);

bool service_answer_rows(struct rpc_call *call, const struct engine_timeline *timeline,
                         const struct engine_scope *scope, Hirsch__V1__TimelineRow ***rows,
                         size_t *count);

/* The name of the reason, "" for a number that is defined. Static. */
char *service_reason(struct engine_number number);

static inline uint32_t service_saturated(uint64_t count)
{
    return count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
}

/* field = value, of message type TYPE whose member NAME is one of a oneof of its own. */
#define SERVICE_PRESENT(message, TYPE, NAME, field, value)                                         \
    ((message)->field##_presence_case = HIRSCH__V1__##TYPE##__##NAME##_PRESENCE_##NAME,            \
     (message)->field = (value))

/* The same for a number that may be undefined; its reason goes into the field beside it. */
#define SERVICE_NUMBER(message, TYPE, NAME, field, type, number)                                   \
    do {                                                                                           \
        if ((number).reason == ENGINE_REASON_DEFINED) {                                            \
            SERVICE_PRESENT(message, TYPE, NAME, field, (type)(number).value);                     \
        }                                                                                          \
        (message)->field##_undefined = service_reason(number);                                     \
    } while (0)

#endif
