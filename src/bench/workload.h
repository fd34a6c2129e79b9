/* What is asked and how often: a file of weighted methods, or GetAuthor alone. */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include "bench/keys.h"
#include "bench/method.h"

enum {
    BENCH_OPERATIONS = 16,
    BENCH_BATCH_MOST = 1000,
    BENCH_PAGES_MOST = 1000,
    BENCH_KEYS_MOST = 100000, /* of one request: ids, or references of all its papers */
    BENCH_LABEL = 64,
};

struct bench_operation {
    const struct bench_method *method;
    double weight;
    double miss;         /* share of requests whose id, or of ids that, name nothing */
    unsigned batch;      /* ids a request, or records */
    unsigned references; /* PutRecords: of a paper */
    unsigned authors;
    unsigned view;  /* 0: the server's default */
    unsigned pages; /* of a walk through a list, the first included */
    unsigned page_size;
    bool has_keys; /* a distribution of its own */
    struct bench_spread_options keys;
    char label[BENCH_LABEL]; /* how reports call it */
};

struct bench_workload {
    struct bench_operation operations[BENCH_OPERATIONS];
    size_t count;
};

/* GetAuthor alone. */
void bench_workload_default(struct bench_workload *workload);

/* One operation a line: WEIGHT METHOD [name=value…], # begins a comment. Names are batch, view
 * (basic, full, compact), pages, page-size, miss, references, authors, keys, label.
 * INVALID_ARGUMENT with line and reason. */
enum base_code bench_workload_parse(struct base_slice text, struct bench_workload *workload,
                                    struct base_error *error);

#endif
