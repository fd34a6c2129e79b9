/* Names of the methods that the library calls. */
#ifndef CLIENT_METHODS_H
#define CLIENT_METHODS_H

#define CLIENT_GET_AUTHOR "hirsch.v1.AuthorService/GetAuthor"
#define CLIENT_BATCH_GET_AUTHORS "hirsch.v1.AuthorService/BatchGetAuthors"
#define CLIENT_LIST_AUTHOR_PAPERS "hirsch.v1.AuthorService/ListAuthorPapers"
#define CLIENT_LIST_COAUTHORS "hirsch.v1.AuthorService/ListCoauthors"
#define CLIENT_SEARCH_AUTHORS "hirsch.v1.AuthorService/SearchAuthors"
#define CLIENT_GET_PAPER "hirsch.v1.PaperService/GetPaper"
#define CLIENT_BATCH_GET_PAPERS "hirsch.v1.PaperService/BatchGetPapers"
#define CLIENT_LIST_CITATIONS "hirsch.v1.PaperService/ListCitations"
#define CLIENT_LIST_REFERENCES "hirsch.v1.PaperService/ListReferences"
#define CLIENT_SEARCH_PAPERS "hirsch.v1.PaperService/SearchPapers"
#define CLIENT_COMPUTE_METRICS "hirsch.v1.MetricsService/ComputeMetrics"
#define CLIENT_GET_PAPER_METRICS "hirsch.v1.MetricsService/GetPaperMetrics"
#define CLIENT_GET_TIMELINE "hirsch.v1.MetricsService/GetTimeline"
#define CLIENT_EXPLAIN_METRIC "hirsch.v1.MetricsService/ExplainMetric"
#define CLIENT_BATCH_GET_PAPER_METRICS "hirsch.v1.MetricsService/BatchGetPaperMetrics"
#define CLIENT_GET_DATASET "hirsch.v1.DatasetService/GetDataset"
#define CLIENT_SAMPLE_IDS "hirsch.v1.DatasetService/SampleIds"
#define CLIENT_RESOLVE_IDS "hirsch.v1.DatasetService/ResolveIds"
#define CLIENT_REFRESH_COHORTS "hirsch.v1.DatasetService/RefreshCohorts"
#define CLIENT_PUT_RECORDS "hirsch.v1.RecordService/PutRecords"
#define CLIENT_DELETE_RECORDS "hirsch.v1.RecordService/DeleteRecords"
#define CLIENT_HEALTH_CHECK "grpc.health.v1.Health/Check"

#endif
