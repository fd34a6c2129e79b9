#include "cli/methods.h"

#include <string.h>

#include "base/suggest.h"

#define ROW_OF(service, method, type, writes)                                                      \
    {                                                                                              \
        "hirsch.v1." service "/" method, &hirsch__v1__##type##_request__descriptor,                \
            &hirsch__v1__##type##_response__descriptor, writes                                     \
    }
#define ROW(service, method, type) ROW_OF(service, method, type, false)
#define WRITE_ROW(service, method, type) ROW_OF(service, method, type, true)

const struct cli_method cli_methods[] = {
    ROW("AuthorService", "GetAuthor", get_author),
    ROW("AuthorService", "BatchGetAuthors", batch_get_authors),
    ROW("AuthorService", "ListAuthorPapers", list_author_papers),
    ROW("AuthorService", "ListCoauthors", list_coauthors),
    ROW("AuthorService", "SearchAuthors", search_authors),
    ROW("PaperService", "GetPaper", get_paper),
    ROW("PaperService", "BatchGetPapers", batch_get_papers),
    ROW("PaperService", "ListCitations", list_citations),
    ROW("PaperService", "ListReferences", list_references),
    ROW("PaperService", "SearchPapers", search_papers),
    ROW("MetricsService", "ComputeMetrics", compute_metrics),
    ROW("MetricsService", "GetTimeline", get_timeline),
    ROW("MetricsService", "ExplainMetric", explain_metric),
    ROW("MetricsService", "GetPaperMetrics", get_paper_metrics),
    ROW("MetricsService", "BatchGetPaperMetrics", batch_get_paper_metrics),
    ROW("DatasetService", "GetDataset", get_dataset),
    ROW("DatasetService", "SampleIds", sample_ids),
    ROW("DatasetService", "ResolveIds", resolve_ids),
    WRITE_ROW("DatasetService", "RefreshCohorts", refresh_cohorts),
    WRITE_ROW("RecordService", "PutRecords", put_records),
    WRITE_ROW("RecordService", "DeleteRecords", delete_records),
    {"grpc.health.v1.Health/Check", &grpc__health__v1__health_check_request__descriptor,
     &grpc__health__v1__health_check_response__descriptor, false},
    {NULL, NULL, NULL, false},
};

enum { METHODS = sizeof cli_methods / sizeof cli_methods[0] - 1 };

const char *cli_method_short_name(const struct cli_method *method)
{
    const char *slash = strchr(method->name, '/');
    const char *start = slash;
    while (start > method->name && start[-1] != '.') {
        start--;
    }
    return start;
}

/* What stands behind the last slash: people leave the service out. */
static const char *last_part(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash == NULL ? name : slash + 1;
}

enum base_code cli_method_find(const char *name, const struct cli_method **method,
                               struct base_error *error)
{
    const char *names[3 * METHODS + 1] = {NULL};
    for (size_t i = 0; i < METHODS; i++) {
        const struct cli_method *one = &cli_methods[i];
        if (strcmp(name, one->name) == 0 || strcmp(name, cli_method_short_name(one)) == 0) {
            *method = one;
            return BASE_OK;
        }
        names[i] = cli_method_short_name(one);
        names[METHODS + i] = one->name;
        names[2 * METHODS + i] = last_part(one->name);
    }
    const char *meant = base_suggest(name, names);
    for (size_t i = 0; i < METHODS && meant != NULL; i++) {
        if (meant == names[2 * METHODS + i]) {
            meant = names[i];
        }
    }
    if (meant != NULL) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "unknown method '%.64s'; did you mean '%s'?",
                         name, meant);
    }
    return base_fail(error, BASE_INVALID_ARGUMENT,
                     "unknown method '%.64s'; hirsch call --help lists all", name);
}
