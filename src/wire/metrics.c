#include "wire/metrics.h"

#include "wire/fields.h"
#include "wire/read.h"
#include "wire/write.h"

/* Every answer holds these, and an author's dozens of years: so they are written with one
 * reservation for many fields. All numbers of fields here are below 16 and take one byte with their
 * type; values have 32 bits. */
enum {
    FIELD_MOST = 1 + 5,
    DOUBLE_FIELD = 1 + 8,
    NUMBERS_MOST = 10 * FIELD_MOST + DOUBLE_FIELD,
    YEAR_MOST = 2 + 3 * FIELD_MOST,
    /* Years that take two bytes. */
    YEAR_LEAST = 0x80,
    YEAR_LAST = 0x3fff,
};

static inline char *put(char *to, uint32_t number, uint32_t value)
{
    if (value == 0) {
        return to;
    }
    *to++ = (char)(number << 3 | WIRE_VARINT);
    if (value < 0x80) {
        *to = (char)value;
        return to + 1;
    }
    if (value < 0x4000) { /* years, too */
        base_put_le16(to, (uint16_t)((value & 0x7f) | 0x80 | value >> 7 << 8));
        return to + 2;
    }
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

/* Most counts of a year are below 128. */
static inline bool take_count(struct base_slice *packed, uint32_t *count)
{
    uint64_t value;
    if (packed->size > 0 && (uint8_t)packed->data[0] < 0x80) {
        *count = (uint8_t)packed->data[0];
        packed->data++;
        packed->size--;
        return true;
    }
    if (!base_take_varint(packed, &value)) {
        return false;
    }
    *count = (uint32_t)value;
    return true;
}

/* Years of two bytes whose counts, too, take one byte each: most years of most authors. In two
 * stores and without a branch on what the counts are. Takes them off the front of *packed, at most
 * count of them and none beyond a year whose first byte would overflow; returns how many. */
static inline size_t put_small_years(char **to, const struct wire_years *years,
                                     struct base_slice *packed, size_t from, size_t count)
{
    const char *at = packed->data;
    char *out = *to;
    size_t taken = 0;
    uint32_t year = years->first_year + (uint32_t)from;
    if (year < YEAR_LEAST || year > YEAR_LAST) {
        return 0;
    }
    count = count < packed->size / 2 ? count : packed->size / 2;
    count = count < 0x80 - (year & 0x7f) ? count : 0x80 - (year & 0x7f);
    /* Tag, length of all fields, tag of the year and its two bytes, of which the first counts up.
     */
    uint64_t head = (uint64_t)(WIRE_AUTHOR_METRICS_COUNTS_BY_YEAR << 3 | WIRE_BYTES) | 7 << 8 |
                    WIRE_AUTHOR_YEAR_YEAR << 19 |
                    (uint64_t)((year & 0x7f) | 0x80 | year >> 7 << 8) << 24;
    for (; taken < count; taken++, at += 2) {
        uint32_t pair = base_get_le16(at);
        if ((pair & 0x8080) != 0) {
            break;
        }
        /* The sum of both counts, between them, has no carry. */
        uint32_t counts = (pair * 0x10100 & 0xff00ff00) | WIRE_AUTHOR_YEAR_PAPER_COUNT << 3 |
                          WIRE_AUTHOR_YEAR_CITATION_COUNT << 19;
        uint32_t no_papers = (pair & 0xff) == 0;
        uint32_t left_out = 2 * (no_papers + (pair < 0x100)); /* bytes */
        base_put_le64(out, head - (left_out << 8));
        base_put_le32(out + 5, counts >> 16 * no_papers);
        out += 9 - left_out;
        head += UINT64_C(1) << 24;
    }
    packed->data = at;
    packed->size -= 2 * taken;
    *to = out;
    return taken;
}

/* papers: number of the field of papers, 0 when years have none. Inlined into both callers, so that
 * the numbers are constants. */
__attribute__((always_inline)) static inline void put_years(struct base_buffer *buffer,
                                                            const struct wire_years *years,
                                                            uint32_t item, uint32_t papers,
                                                            uint32_t citations)
{
    struct base_slice packed = years->packed;
    size_t least = papers != 0 ? 2 : 1; /* bytes a year */
    size_t count = years->count < packed.size / least ? years->count : packed.size / least;
    char *to = wire_reserve(buffer, count * YEAR_MOST);
    if (to == NULL) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t paper_count = 0;
        uint32_t citation_count;
        if (papers != 0) {
            i += put_small_years(&to, years, &packed, i, count - i);
        }
        if (i == count || (papers != 0 && !take_count(&packed, &paper_count)) ||
            !take_count(&packed, &citation_count)) {
            break;
        }
        /* A message of three small fields, whose length takes one byte. */
        char *start = to;
        start[0] = (char)(item << 3 | WIRE_BYTES);
        to = put(start + 2, WIRE_AUTHOR_YEAR_YEAR, years->first_year + (uint32_t)i);
        to = papers != 0 ? put(to, papers, paper_count) : to;
        to = put(to, citations, citation_count);
        start[1] = (char)(to - start - 2);
    }
    finish(buffer, to);
}

_Static_assert((int)WIRE_AUTHOR_YEAR_YEAR == (int)WIRE_PAPER_YEAR_YEAR, "years differ");

void wire_put_author_years(struct base_buffer *buffer, const struct wire_years *years)
{
    put_years(buffer, years, WIRE_AUTHOR_METRICS_COUNTS_BY_YEAR, WIRE_AUTHOR_YEAR_PAPER_COUNT,
              WIRE_AUTHOR_YEAR_CITATION_COUNT);
}

void wire_put_paper_years(struct base_buffer *buffer, const struct wire_years *years)
{
    put_years(buffer, years, WIRE_PAPER_METRICS_COUNTS_BY_YEAR, 0, WIRE_PAPER_YEAR_CITATION_COUNT);
}
