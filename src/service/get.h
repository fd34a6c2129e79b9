/* One author, one paper, and batches of them, by id. */
#ifndef SERVICE_GET_H
#define SERVICE_GET_H

#include "rpc/rpc.h"

enum base_code service_get_author(struct rpc_call *call, const void *request,
                                  struct base_buffer *payload, struct base_error *error);
/* Of requests that hold an id and nothing else. */
bool service_get_author_plain(struct rpc_call *call, struct base_buffer *payload,
                              enum base_code *code, struct base_error *error);
bool service_get_paper_plain(struct rpc_call *call, struct base_buffer *payload,
                             enum base_code *code, struct base_error *error);
enum base_code service_get_paper(struct rpc_call *call, const void *request,
                                 struct base_buffer *payload, struct base_error *error);
enum base_code service_batch_get_authors(struct rpc_call *call, const void *request,
                                         struct base_buffer *payload, struct base_error *error);
enum base_code service_batch_get_papers(struct rpc_call *call, const void *request,
                                        struct base_buffer *payload, struct base_error *error);

#endif
