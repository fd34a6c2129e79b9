/* hirsch.v1.MetricsService for sets of papers: their numbers, on many days, and what they are made
 * of. */
#ifndef SERVICE_METRICS_H
#define SERVICE_METRICS_H

#include "service/set.h"

enum base_code service_compute_metrics(struct rpc_call *call, const void *request,
                                       struct base_buffer *payload, struct base_error *error);
enum base_code service_get_timeline(struct rpc_call *call, const void *request,
                                    struct base_buffer *payload, struct base_error *error);
enum base_code service_explain_metric(struct rpc_call *call, const void *request,
                                      struct base_buffer *payload, struct base_error *error);

/* The groups of a request as bits of enum engine_group; none: fallback. INVALID_ARGUMENT with the
 * field `groups`. */
enum base_code service_groups_read(struct rpc_call *call, const Hirsch__V1__MetricGroup *asked,
                                   size_t count, unsigned fallback, unsigned *groups,
                                   struct base_error *error);

/* Everything that the groups ask for, of a set that is read but not gathered yet; asked as for
 * service_scope_used. The message lives in the call's arena. */
enum base_code service_measure(struct rpc_call *call, struct service_session *session,
                               struct service_set *set, const Hirsch__V1__MetricScope *asked,
                               const struct service_scope *scope, unsigned groups,
                               Hirsch__V1__SetMetrics **metrics, struct base_error *error);

/* May the question be answered on the loop? */
bool service_is_small(const struct service_set *set);

/* Makes the graph of the session ready, with the call's deadline as its end. */
enum base_code service_graph_of(struct rpc_call *call, struct service_session *session,
                                struct service_graph **graph, struct base_error *error);

/* What a computation failed with, as the caller is to see it: CANCELLED by the clock becomes
 * DEADLINE_EXCEEDED. */
enum base_code service_metrics_fail(struct rpc_call *call, enum base_code code,
                                    struct base_error *error);

/* Appends the packed message unless it is longer than the reply may be. */
enum base_code service_put_message(const struct rpc_call *call,
                                   const struct ProtobufCMessage *message,
                                   struct base_buffer *payload, struct base_error *error);

#endif
