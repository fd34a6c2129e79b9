/* Authors by the words of their names, papers by the words of their titles. */
#ifndef SERVICE_SEARCH_H
#define SERVICE_SEARCH_H

#include "rpc/rpc.h"

#define SERVICE_SEARCH_AUTHORS "hirsch.v1.AuthorService/SearchAuthors"
#define SERVICE_SEARCH_PAPERS "hirsch.v1.PaperService/SearchPapers"

enum base_code service_search_authors(struct rpc_call *call, const void *request,
                                      struct base_buffer *payload, struct base_error *error);
enum base_code service_search_papers(struct rpc_call *call, const void *request,
                                     struct base_buffer *payload, struct base_error *error);

#endif
