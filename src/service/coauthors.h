/* Who wrote papers together with an author. */
#ifndef SERVICE_COAUTHORS_H
#define SERVICE_COAUTHORS_H

#include "rpc/rpc.h"

#define SERVICE_LIST_COAUTHORS "hirsch.v1.AuthorService/ListCoauthors"

enum base_code service_list_coauthors(struct rpc_call *call, const void *request,
                                      struct base_buffer *payload, struct base_error *error);

#endif
