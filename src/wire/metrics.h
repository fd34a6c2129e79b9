/* Computed numbers as packed messages, written from plain numbers. */
#ifndef WIRE_METRICS_H
#define WIRE_METRICS_H

#include "base/buffer.h"

struct wire_author_metrics {
    uint32_t paper_count;
    uint32_t citation_count;
    uint32_t citing_paper_count;
    uint32_t h_index;
    uint32_t g_index;
    uint32_t i10_index;
    uint32_t i100_index;
    uint32_t self_citation_count;
    bool has_m_quotient;
    double m_quotient;
    uint32_t first_year; /* 0: absent */
    uint32_t last_year;  /* 0: absent */
};

struct wire_paper_metrics {
    uint32_t citation_count;
    uint32_t reference_count;
    uint32_t self_citation_count;
};

/* Append the contents of hirsch.v1.AuthorMetrics or PaperMetrics without counts_by_year, whose
 * items follow. */
void wire_put_author_metrics(struct base_buffer *buffer, const struct wire_author_metrics *metrics);
void wire_put_paper_metrics(struct base_buffer *buffer, const struct wire_paper_metrics *metrics);

/* Consecutive years as the store packs them: of each one its papers (authors only) and citations
 * as varints. */
struct wire_years {
    uint32_t first_year;
    uint32_t count; /* bytes that end before hold fewer */
    struct base_slice packed;
};

/* Append counts_by_year. */
void wire_put_author_years(struct base_buffer *buffer, const struct wire_years *years);
void wire_put_paper_years(struct base_buffer *buffer, const struct wire_years *years);

#endif
