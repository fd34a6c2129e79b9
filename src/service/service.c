#include "service/service.h"

#include "service/ahead.h"
#include "service/coauthors.h"
#include "service/dataset.h"
#include "service/get.h"
#include "service/list.h"
#include "service/metrics.h"
#include "service/paper_metrics.h"
#include "service/records.h"
#include "service/refresh.h"
#include "service/search.h"
#include "service/session.h"
#include "wire/messages.h"
#include "wire/unpack.h"

static const struct rpc_method methods[] = {
    {
        .name = "hirsch.v1.AuthorService/GetAuthor",
        .request = &hirsch__v1__get_author_request__descriptor,
        .handle = service_get_author,
        .handle_plain = service_get_author_plain,
        .expect = service_expect_author,
        .idempotent = true,
        .role = RPC_READER,
    },
    {
        .name = "hirsch.v1.AuthorService/BatchGetAuthors",
        .request = &hirsch__v1__batch_get_authors_request__descriptor,
        .handle = service_batch_get_authors,
        .idempotent = true,
        .role = RPC_READER,
    },
    {
        .name = SERVICE_LIST_AUTHOR_PAPERS,
        .request = &hirsch__v1__list_author_papers_request__descriptor,
        .handle = service_list_author_papers,
        .idempotent = true,
        .role = RPC_READER,
    },
    {
        .name = SERVICE_LIST_COAUTHORS,
        .request = &hirsch__v1__list_coauthors_request__descriptor,
        .handle = service_list_coauthors,
        .idempotent = true,
        .role = RPC_READER,
    },
    {
        .name = SERVICE_SEARCH_AUTHORS,
        .request = &hirsch__v1__search_authors_request__descriptor,
        .handle = service_search_authors,
        .idempotent = true,
        .role = RPC_READER,
    },
    {
        .name = "hirsch.v1.PaperService/GetPaper",
        .request = &hirsch__v1__get_paper_request__descriptor,
        .handle = service_get_paper,
        .handle_plain = service_get_paper_plain,
        .expect = service_expect_paper,
        .idempotent = true,
        .role = RPC_READER,
    },
    {
        .name = "hirsch.v1.PaperService/BatchGetPapers",
        .request = &hirsch__v1__batch_get_papers_request__descriptor,
        .handle = service_batch_get_papers,
        .idempotent = true,
        .role = RPC_READER,
    },
    {
        .name = SERVICE_LIST_CITATIONS,
        .request = &hirsch__v1__list_citations_request__descriptor,
        .handle = service_list_citations,
        .idempotent = true,
        .role = RPC_READER,
    },
    {
        .name = SERVICE_LIST_REFERENCES,
        .request = &hirsch__v1__list_references_request__descriptor,
        .handle = service_list_references,
        .idempotent = true,
        .role = RPC_READER,
    },
    {
        .name = SERVICE_SEARCH_PAPERS,
        .request = &hirsch__v1__search_papers_request__descriptor,
        .handle = service_search_papers,
        .idempotent = true,
        .role = RPC_READER,
    },
    {
        .name = "hirsch.v1.MetricsService/ComputeMetrics",
        .request = &hirsch__v1__compute_metrics_request__descriptor,
        .handle = service_compute_metrics,
        .idempotent = true,
        .role = RPC_READER,
    },
    {
        .name = "hirsch.v1.MetricsService/GetTimeline",
        .request = &hirsch__v1__get_timeline_request__descriptor,
        .handle = service_get_timeline,
        .idempotent = true,
        .role = RPC_READER,
    },
    {
        .name = "hirsch.v1.MetricsService/ExplainMetric",
        .request = &hirsch__v1__explain_metric_request__descriptor,
        .handle = service_explain_metric,
        .idempotent = true,
        .role = RPC_READER,
    },
    {
        .name = "hirsch.v1.MetricsService/GetPaperMetrics",
        .request = &hirsch__v1__get_paper_metrics_request__descriptor,
        .handle = service_get_paper_metrics,
        .idempotent = true,
        .role = RPC_READER,
    },
    {
        .name = "hirsch.v1.MetricsService/BatchGetPaperMetrics",
        .request = &hirsch__v1__batch_get_paper_metrics_request__descriptor,
        .handle = service_batch_get_paper_metrics,
        .idempotent = true,
        .role = RPC_READER,
    },
    {
        .name = "hirsch.v1.DatasetService/GetDataset",
        .request = &hirsch__v1__get_dataset_request__descriptor,
        .handle = service_get_dataset,
        .idempotent = true,
        .role = RPC_READER,
    },
    {
        .name = "hirsch.v1.DatasetService/SampleIds",
        .request = &hirsch__v1__sample_ids_request__descriptor,
        .handle = service_sample_ids,
        .idempotent = true,
        .role = RPC_READER,
    },
    {
        .name = "hirsch.v1.DatasetService/ResolveIds",
        .request = &hirsch__v1__resolve_ids_request__descriptor,
        .handle = service_resolve_ids,
        .idempotent = true,
        .role = RPC_READER,
    },
    {
        .name = SERVICE_REFRESH_COHORTS,
        .request = &hirsch__v1__refresh_cohorts_request__descriptor,
        .handle = service_refresh_cohorts,
        .idempotent = true,
        .role = RPC_WRITER,
    },
    {
        .name = SERVICE_PUT_RECORDS,
        .request = &hirsch__v1__put_records_request__descriptor,
        .handle = service_put_records,
        .limits = &wire_put_limits,
        .idempotent = false,
        .role = RPC_WRITER,
    },
    {
        .name = SERVICE_DELETE_RECORDS,
        .request = &hirsch__v1__delete_records_request__descriptor,
        .handle = service_delete_records,
        .idempotent = false,
        .role = RPC_WRITER,
    },
    {.name = NULL},
};

struct rpc_service service_open(struct service_state *state)
{
    return (struct rpc_service){
        .state = state,
        .session_new = service_session_new,
        .session_free = service_session_free,
        .session_rest = service_session_rest,
        .session_fetch = service_session_fetch,
        .methods = methods,
    };
}
