/* The switches of a request as the engine takes them, and the scope of an answer as a message. */
#ifndef SERVICE_SCOPE_H
#define SERVICE_SCOPE_H

#include "engine/scope.h"
#include "service/session.h"
#include "wire/messages.h"

struct service_scope {
    struct engine_scope engine;
    /* The filter on fields: normal forms, ascending. The n-th is number n + 1 in engine.fields. */
    struct base_slice *fields;
    size_t field_count;
};

/* A scope of nothing but defaults for NULL. Everything lives in the call's arena.
 * INVALID_ARGUMENT with the switch as field `scope.as_of`, …: a day that is none, a number that is
 * no rule, a year or a field that is none. */
enum base_code service_scope_read(struct rpc_call *call, struct service_session *session,
                                  const Hirsch__V1__MetricScope *asked, struct service_scope *scope,
                                  struct base_error *error);

/* `YYYY-MM-DD`; INVALID_ARGUMENT with the field otherwise. */
enum base_code service_day_read(struct rpc_call *call, const char *field, const char *text,
                                uint32_t *day, struct base_error *error);

/* In the call's arena; "" for no day, NULL when memory is out. */
char *service_day_text(struct rpc_call *call, uint32_t day);

/* What the notes of an answer need beyond the engine's report. */
struct service_scope_facts {
    uint32_t counted_papers;
    uint32_t stubs;     /* named by the request and left out */
    bool name_only;     /* OWN was asked for, and an author is known by name only */
    uint32_t first_day; /* of the set's papers; ENGINE_NO_DAY: none has one */
};

/* The scope that was used, in the call's arena; NULL when memory is out. */
Hirsch__V1__UsedScope *service_scope_used(struct rpc_call *call, const struct store_info *info,
                                          const Hirsch__V1__MetricScope *asked,
                                          const struct service_scope *scope,
                                          const struct engine_scope_report *report,
                                          const struct service_scope_facts *facts);

/* INVALID_ARGUMENT of the engine, with reason SCOPE_INVALID and the field. */
enum base_code service_scope_fail(struct rpc_call *call, enum base_code code,
                                  struct base_error *error);

#endif
