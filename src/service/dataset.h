/* hirsch.v1.DatasetService: what the store holds, some of its ids, and what ids resolve to. */
#ifndef SERVICE_DATASET_H
#define SERVICE_DATASET_H

#include "rpc/rpc.h"

enum base_code service_get_dataset(struct rpc_call *call, const void *request,
                                   struct base_buffer *payload, struct base_error *error);
enum base_code service_sample_ids(struct rpc_call *call, const void *request,
                                  struct base_buffer *payload, struct base_error *error);
enum base_code service_resolve_ids(struct rpc_call *call, const void *request,
                                   struct base_buffer *payload, struct base_error *error);

#endif
