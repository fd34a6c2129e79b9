/* Writes: records of a request become items of the store's writer, whose answer comes when the
 * change is on disk. */
#ifndef SERVICE_RECORDS_H
#define SERVICE_RECORDS_H

#include "rpc/rpc.h"

#define SERVICE_PUT_RECORDS "hirsch.v1.RecordService/PutRecords"
#define SERVICE_DELETE_RECORDS "hirsch.v1.RecordService/DeleteRecords"

enum base_code service_put_records(struct rpc_call *call, const void *request,
                                   struct base_buffer *payload, struct base_error *error);
enum base_code service_delete_records(struct rpc_call *call, const void *request,
                                      struct base_buffer *payload, struct base_error *error);

#endif
