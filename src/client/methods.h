/* Names of the methods that the library calls. */
#ifndef CLIENT_METHODS_H
#define CLIENT_METHODS_H

#define CLIENT_GET_AUTHOR "hirsch.v1.AuthorService/GetAuthor"
#define CLIENT_BATCH_GET_AUTHORS "hirsch.v1.AuthorService/BatchGetAuthors"
#define CLIENT_LIST_AUTHOR_PAPERS "hirsch.v1.AuthorService/ListAuthorPapers"
#define CLIENT_GET_PAPER "hirsch.v1.PaperService/GetPaper"
#define CLIENT_BATCH_GET_PAPERS "hirsch.v1.PaperService/BatchGetPapers"
#define CLIENT_HEALTH_CHECK "grpc.health.v1.Health/Check"

#endif
