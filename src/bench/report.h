/* What came of a series of runs, and how it is written: JSON of a published schema, CSV, text,
 * histograms as .hgrm, and one HTML page. Pure. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "bench/machine.h"
#include "bench/prepare.h"
#include "bench/series.h"

/* "schema" of every result; grows by members, and by a new number when one changes or goes.
 * src/bench/result.schema.json says it all. */
#define BENCH_SCHEMA "hirsch-bench/1"

struct bench_report {
    const struct bench_series *series; /* at least one step with at least one run */
    const struct bench_slo *slo;       /* count 0: none */
    struct bench_machine machine;
    struct bench_dataset dataset;
    const char *version; /* of this program */
    const char *library;
    const char *ids_path; /* NULL: drawn from the served records */
};

/* The percentiles that every output has. */
enum { BENCH_SHARES = 7 };
extern const double bench_shares[BENCH_SHARES];
extern const char *const bench_share_names[BENCH_SHARES]; /* "p50", …, "p99.999" */

/* Bits of the step that the result speaks of; of a sweep those of all steps, of a search also those
 * of the step that ended it: where the generator was the limit the knee is not the server's. */
unsigned bench_report_invalid(const struct bench_report *report);
bool bench_report_slo_kept(const struct bench_report *report);

/* From how many ids and words the keys were drawn: "15,423 authors, 200 names"; "none" where no
 * request has a key. */
void bench_put_key_counts(struct base_buffer *out, const struct bench_plan *plan);

/* A percentile as people read it; "-" where nothing was recorded, which is not quick. */
void bench_put_percentile(struct base_buffer *out, const struct bench_histogram *histogram,
                          double share);

void bench_report_json(const struct bench_report *report, struct base_buffer *out);
/* Of a sweep or a search a row a step, else a row a second. */
void bench_report_csv(const struct bench_report *report, struct base_buffer *out);
void bench_report_text(const struct bench_report *report, struct base_buffer *out);
void bench_report_html(const struct bench_report *report, struct base_buffer *out);
/* HdrHistogram's text form, values in milliseconds. */
void bench_report_hgrm(const struct bench_histogram *histogram, struct base_buffer *out);

#endif
