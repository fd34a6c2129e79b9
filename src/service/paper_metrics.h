/* hirsch.v1.MetricsService for single papers. */
#ifndef SERVICE_PAPER_METRICS_H
#define SERVICE_PAPER_METRICS_H

#include "service/scope.h"

enum base_code service_get_paper_metrics(struct rpc_call *call, const void *request,
                                         struct base_buffer *payload, struct base_error *error);
enum base_code service_batch_get_paper_metrics(struct rpc_call *call, const void *request,
                                               struct base_buffer *payload,
                                               struct base_error *error);

/* CD, FWCI and PERCENTILE of ExplainMetric; its metric and set are checked. */
enum base_code service_explain_paper(struct rpc_call *call,
                                     const Hirsch__V1__ExplainMetricRequest *request,
                                     struct base_buffer *payload, struct base_error *error);

/* All of a paper by its number, in the call's arena. scope and options as on the wire, NULL for
 * defaults. */
enum base_code service_paper_indicators(struct rpc_call *call, struct service_session *session,
                                        uint32_t paper, const Hirsch__V1__MetricScope *scope,
                                        const Hirsch__V1__PaperOptions *options,
                                        Hirsch__V1__PaperIndicators **indicators,
                                        struct base_error *error);

/* Papers and citations that its numbers need, as far as headers say; more than LIMIT_LOOP_SET is
 * not counted on. */
enum base_code service_paper_weight(struct service_session *session, uint32_t paper,
                                    uint64_t *weight, struct base_error *error);

#endif
