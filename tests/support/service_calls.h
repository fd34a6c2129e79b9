/* One good request of every method, over a small store in memory. Include it in one source file of
 * an executable. */
#ifndef SUPPORT_SERVICE_CALLS_H
#define SUPPORT_SERVICE_CALLS_H

#include "support/store_double.h"

#include "rpc/rpc.h"
#include "service/refresh.h"
#include "service/service.h"
#include "wire/envelope.h"

struct service_call {
    const char *method;
    struct base_slice payload; /* the request message, encoded */
};

static const struct service_call service_calls[] = {
    {"grpc.health.v1.Health/Check", BASE_SLICE("")},
    {"hirsch.v1.AuthorService/GetAuthor", BASE_SLICE("\x0a\x07local:a")},
    {"hirsch.v1.AuthorService/BatchGetAuthors", BASE_SLICE("\x0a\x07local:a\x0a\x07local:b")},
    {"hirsch.v1.AuthorService/ListAuthorPapers", BASE_SLICE("\x0a\x07local:a\x10\x02\x20\x02")},
    {"hirsch.v1.AuthorService/ListCoauthors", BASE_SLICE("\x0a\x07local:a\x10\x02")},
    {"hirsch.v1.AuthorService/SearchAuthors", BASE_SLICE("\x0a\x03"
                                                         "ada")},
    {"hirsch.v1.PaperService/GetPaper", BASE_SLICE("\x0a\x08local:p0\x10\x02")},
    {"hirsch.v1.PaperService/BatchGetPapers",
     BASE_SLICE("\x0a\x08local:p0\x0a\x07local:x\x10\x02")},
    {"hirsch.v1.PaperService/ListCitations", BASE_SLICE("\x0a\x08local:p0\x10\x02\x20\x02")},
    {"hirsch.v1.PaperService/ListReferences", BASE_SLICE("\x0a\x08local:p0\x10\x02\x20\x02")},
    {"hirsch.v1.PaperService/SearchPapers", BASE_SLICE("\x0a\x05title\x18\x02\x28\x02")},
    {"hirsch.v1.MetricsService/ComputeMetrics",
     BASE_SLICE("\x0a\x09\x0a\x07local:a\x1a\x06\x01\x02\x03\x04\x05\x06")},
    {"hirsch.v1.MetricsService/GetTimeline", BASE_SLICE("\x0a\x09\x0a\x07local:a")},
    {"hirsch.v1.MetricsService/ExplainMetric", BASE_SLICE("\x0a\x09\x0a\x07local:a\x18\x01")},
    {"hirsch.v1.MetricsService/GetPaperMetrics", BASE_SLICE("\x0a\x08local:p0")},
    {"hirsch.v1.MetricsService/BatchGetPaperMetrics",
     BASE_SLICE("\x0a\x08local:p0\x0a\x07local:x")},
    {"hirsch.v1.DatasetService/GetDataset", BASE_SLICE("")},
    {"hirsch.v1.DatasetService/SampleIds", BASE_SLICE("\x08\x01\x10\x02\x18\x07")},
    {"hirsch.v1.DatasetService/ResolveIds", BASE_SLICE("\x0a\x07local:a\x0a\x08local:p0")},
    {"hirsch.v1.DatasetService/RefreshCohorts", BASE_SLICE("")},
    {"hirsch.v1.RecordService/PutRecords",
     BASE_SLICE("\x0a\x0c\x12\x0a\x0a\x08local:p0\x0a\x00\x12\x02k1")},
    {"hirsch.v1.RecordService/DeleteRecords",
     BASE_SLICE("\x0a\x0c\x0a\x0a\x0a\x08local:p0\x12\x02k1")},
};
enum { SERVICE_CALLS = sizeof service_calls / sizeof service_calls[0], SERVICE_PAPERS = 5 };

static inline int64_t service_calls_clock(void)
{
    return 0;
}

/* For service_state.refresh: done at once. */
static inline void service_calls_refresh(void *unused, struct service_refresh *refresh)
{
    static const struct service_refreshed refreshed = {.sequence = 41, .cohorts = 2, .members = 60};
    (void)unused;
    service_refresh_done(refresh, BASE_OK, NULL, &refreshed);
}

/* Zeroed memory before; double_fini frees. */
static inline void service_calls_fill(struct store *store)
{
    store->info = (struct store_info){.coverage_end = model_day_of(2024, 6, 30), .sequence = 41};
    double_add_author(store, "local:a", "Ada Example");
    for (uint32_t i = 0; i < SERVICE_PAPERS; i++) {
        char id[16];
        snprintf(id, sizeof id, "local:p%u", i);
        double_add_paper(store, id, "A title", "An abstract of some words");
        store->listed[store->listed_count++] = (struct store_authored){
            .day = model_day_of(2020, 1, SERVICE_PAPERS - i), .paper = i + 1};
    }
    store->authors[0].author.paper_count = SERVICE_PAPERS;
}

#endif
