/* An author's papers, page by page. */
#ifndef SERVICE_LIST_H
#define SERVICE_LIST_H

#include "rpc/rpc.h"

#define SERVICE_LIST_AUTHOR_PAPERS "hirsch.v1.AuthorService/ListAuthorPapers"

enum base_code service_list_author_papers(struct rpc_call *call, const void *request,
                                          struct base_buffer *payload, struct base_error *error);

#endif
