#include "wire/metrics.h"

#include "wire/fields.h"
#include "wire/read.h"
#include "wire/write.h"

/* Every answer holds these, and an author's dozens of years: so they are written with one
 * reservation for many fields. All numbers of fields here are below 16 and take one byte with their
 * type. */
enum {
    FIELD_MOST = 1 + BASE_VARINT_MAX,
    NUMBERS_MOST = 11 * FIELD_MOST,
    YEAR_MOST = 2 + 3 * FIELD_MOST,
};

static inline char *put(char *to, uint32_t number, uint32_t value)
{
    if (value == 0) {
        return to;
    }
    *to++ = (char)(number << 3 | WIRE_VARINT);
    return to + base_put_varint(to, value);
}

static inline char *put_double(char *to, uint32_t number, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    *to++ = (char)(number << 3 | WIRE_FIXED64);
    base_put_le64(to, bits);
    return to + sizeof bits;
}

static void finish(struct base_buffer *buffer, const char *end)
{
    buffer->size = (size_t)(end - buffer->data);
}

void wire_put_author_metrics(struct base_buffer *buffer, const struct wire_author_metrics *metrics)
{
    char *to = wire_reserve(buffer, NUMBERS_MOST);
    if (to == NULL) {
        return;
    }
    to = put(to, WIRE_AUTHOR_METRICS_PAPER_COUNT, metrics->paper_count);
    to = put(to, WIRE_AUTHOR_METRICS_CITATION_COUNT, metrics->citation_count);
    to = put(to, WIRE_AUTHOR_METRICS_CITING_PAPER_COUNT, metrics->citing_paper_count);
    to = put(to, WIRE_AUTHOR_METRICS_H_INDEX, metrics->h_index);
    to = put(to, WIRE_AUTHOR_METRICS_G_INDEX, metrics->g_index);
    to = put(to, WIRE_AUTHOR_METRICS_I10_INDEX, metrics->i10_index);
    to = put(to, WIRE_AUTHOR_METRICS_I100_INDEX, metrics->i100_index);
    if (metrics->has_m_quotient) {
        to = put_double(to, WIRE_AUTHOR_METRICS_M_QUOTIENT, metrics->m_quotient);
    }
    to = put(to, WIRE_AUTHOR_METRICS_SELF_CITATION_COUNT, metrics->self_citation_count);
    to = put(to, WIRE_AUTHOR_METRICS_FIRST_YEAR, metrics->first_year);
    to = put(to, WIRE_AUTHOR_METRICS_LAST_YEAR, metrics->last_year);
    finish(buffer, to);
}

void wire_put_paper_metrics(struct base_buffer *buffer, const struct wire_paper_metrics *metrics)
{
    char *to = wire_reserve(buffer, NUMBERS_MOST);
    if (to == NULL) {
        return;
    }
    to = put(to, WIRE_PAPER_METRICS_CITATION_COUNT, metrics->citation_count);
    to = put(to, WIRE_PAPER_METRICS_REFERENCE_COUNT, metrics->reference_count);
    to = put(to, WIRE_PAPER_METRICS_SELF_CITATION_COUNT, metrics->self_citation_count);
    finish(buffer, to);
}

/* A message of three small fields, whose length takes one byte. */
static inline void close_year(struct base_buffer *buffer, char *start, uint32_t number, char *end)
{
    start[0] = (char)(number << 3 | WIRE_BYTES);
    start[1] = (char)(end - start - 2);
    finish(buffer, end);
}

void wire_put_author_year(struct base_buffer *buffer, uint32_t year, uint32_t paper_count,
                          uint32_t citation_count)
{
    char *start = wire_reserve(buffer, YEAR_MOST);
    if (start != NULL) {
        char *to = put(start + 2, WIRE_AUTHOR_YEAR_YEAR, year);
        to = put(to, WIRE_AUTHOR_YEAR_PAPER_COUNT, paper_count);
        to = put(to, WIRE_AUTHOR_YEAR_CITATION_COUNT, citation_count);
        close_year(buffer, start, WIRE_AUTHOR_METRICS_COUNTS_BY_YEAR, to);
    }
}

void wire_put_paper_year(struct base_buffer *buffer, uint32_t year, uint32_t citation_count)
{
    char *start = wire_reserve(buffer, YEAR_MOST);
    if (start != NULL) {
        char *to = put(start + 2, WIRE_PAPER_YEAR_YEAR, year);
        to = put(to, WIRE_PAPER_YEAR_CITATION_COUNT, citation_count);
        close_year(buffer, start, WIRE_PAPER_METRICS_COUNTS_BY_YEAR, to);
    }
}
