/* Lists of papers, page by page: those of an author, those that cite a paper, those it cites. */
#ifndef SERVICE_LIST_H
#define SERVICE_LIST_H

#include "rpc/rpc.h"

#define SERVICE_LIST_AUTHOR_PAPERS "hirsch.v1.AuthorService/ListAuthorPapers"
#define SERVICE_LIST_CITATIONS "hirsch.v1.PaperService/ListCitations"
#define SERVICE_LIST_REFERENCES "hirsch.v1.PaperService/ListReferences"

enum base_code service_list_author_papers(struct rpc_call *call, const void *request,
                                          struct base_buffer *payload, struct base_error *error);
enum base_code service_list_citations(struct rpc_call *call, const void *request,
                                      struct base_buffer *payload, struct base_error *error);
enum base_code service_list_references(struct rpc_call *call, const void *request,
                                       struct base_buffer *payload, struct base_error *error);

#endif
