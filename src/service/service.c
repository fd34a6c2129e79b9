#include "service/service.h"

#include "service/get.h"
#include "service/list.h"
#include "service/session.h"
#include "wire/messages.h"

static const struct rpc_method methods[] = {
    {
        .name = "hirsch.v1.AuthorService/GetAuthor",
        .request = &hirsch__v1__get_author_request__descriptor,
        .handle = service_get_author,
        .idempotent = true,
    },
    {
        .name = "hirsch.v1.AuthorService/BatchGetAuthors",
        .request = &hirsch__v1__batch_get_authors_request__descriptor,
        .handle = service_batch_get_authors,
        .idempotent = true,
    },
    {
        .name = SERVICE_LIST_AUTHOR_PAPERS,
        .request = &hirsch__v1__list_author_papers_request__descriptor,
        .handle = service_list_author_papers,
        .idempotent = true,
    },
    {
        .name = "hirsch.v1.PaperService/GetPaper",
        .request = &hirsch__v1__get_paper_request__descriptor,
        .handle = service_get_paper,
        .idempotent = true,
    },
    {
        .name = "hirsch.v1.PaperService/BatchGetPapers",
        .request = &hirsch__v1__batch_get_papers_request__descriptor,
        .handle = service_batch_get_papers,
        .idempotent = true,
    },
    {.name = NULL},
};

struct rpc_service service_open(struct store *store)
{
    return (struct rpc_service){
        .state = store,
        .session_new = service_session_new,
        .session_free = service_session_free,
        .session_rest = service_session_rest,
        .methods = methods,
    };
}
