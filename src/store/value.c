#include "store/value.h"

/* Offsets in the fixed part; little-endian. */
enum {
    PAPER_DAY = 0,
    PAPER_PRECISION = 4,
    PAPER_FLAGS = 5,
    PAPER_AUTHORS = 6,
    PAPER_CITATIONS = 8,
    PAPER_REFERENCES = 12,
    PAPER_SELF = 16,
    PAPER_FIRST_YEAR = 20,
    PAPER_YEARS = 22,
    PAPER_YEARS_SIZE = 24,
    PAPER_SEQUENCE = 28,
    PAPER_HEAD = 36,
};

enum {
    AUTHOR_PAPERS = 0,
    AUTHOR_CITATIONS = 4,
    AUTHOR_CITING = 8,
    AUTHOR_SELF = 12,
    AUTHOR_H = 16,
    AUTHOR_G = 20,
    AUTHOR_I10 = 24,
    AUTHOR_I100 = 28,
    AUTHOR_FIRST = 32,
    AUTHOR_LAST = 34,
    AUTHOR_FLAGS = 36,
    AUTHOR_FIRST_YEAR = 38,
    AUTHOR_YEARS = 40,
    AUTHOR_YEARS_SIZE = 42,
    AUTHOR_RUNS_SIZE = 46,
    AUTHOR_SEQUENCE = 50,
    AUTHOR_HEAD = 58,
};

enum { AUTHOR_NAME_ONLY = 1 };

uint16_t store_authored_flags(struct model_date date, uint8_t paper_flags, bool last)
{
    unsigned flags = 0;
    if (date.day != MODEL_NO_DAY && date.precision != MODEL_DAY) {
        flags |= ENGINE_AUTHORED_COARSE_DATE;
        flags |= date.precision == MODEL_YEAR ? ENGINE_AUTHORED_YEAR_DATE : 0;
    }
    flags |= (paper_flags & STORE_PAPER_REFEREED) != 0 ? ENGINE_AUTHORED_REFEREED : 0;
    flags |= (paper_flags & STORE_PAPER_REFEREE_KNOWN) != 0 ? ENGINE_AUTHORED_REFEREE_KNOWN : 0;
    flags |= (paper_flags & STORE_PAPER_RETRACTED) != 0 ? ENGINE_AUTHORED_RETRACTED : 0;
    flags |= (paper_flags & STORE_PAPER_TRUNCATED) != 0 ? ENGINE_AUTHORED_TRUNCATED : 0;
    flags |= last ? ENGINE_AUTHORED_LAST : 0;
    return (uint16_t)flags;
}

struct engine_citer store_edge(uint32_t citing, struct model_date date, uint8_t paper_flags,
                               size_t references, struct model_date line_date)
{
    unsigned flags = 0;
    if (date.day == MODEL_NO_DAY && line_date.precision != MODEL_NO_DATE) {
        date = line_date;
        flags |= ENGINE_EDGE_LINE_DATE;
    }
    if (date.day != MODEL_NO_DAY && date.precision != MODEL_DAY) {
        flags |= ENGINE_EDGE_COARSE_DATE;
        flags |= date.precision == MODEL_YEAR ? ENGINE_EDGE_YEAR_DATE : 0;
    }
    flags |= (paper_flags & STORE_PAPER_REFEREED) != 0 ? ENGINE_EDGE_REFEREED : 0;
    flags |= (paper_flags & STORE_PAPER_REFEREE_KNOWN) != 0 ? ENGINE_EDGE_REFEREE_KNOWN : 0;
    flags |= (paper_flags & STORE_PAPER_RETRACTED) != 0 ? ENGINE_EDGE_RETRACTED : 0;
    return (struct engine_citer){
        .day = date.day,
        .paper = citing,
        .references = (uint16_t)(references > UINT16_MAX ? UINT16_MAX : references),
        .flags = (uint16_t)flags,
    };
}

void store_edge_set_shared(struct engine_citer *edge, bool shares_author, bool authors_cut)
{
    unsigned flags = edge->flags & ~(unsigned)(ENGINE_EDGE_SHARES_AUTHOR | ENGINE_EDGE_AUTHORS_CUT);
    flags |= shares_author ? ENGINE_EDGE_SHARES_AUTHOR : 0;
    flags |= authors_cut ? ENGINE_EDGE_AUTHORS_CUT : 0;
    edge->flags = (uint16_t)flags;
}

static void append_years(struct base_buffer *buffer, const struct engine_series *series,
                         bool papers)
{
    for (size_t i = 0; i < series->count; i++) {
        if (papers) {
            base_buffer_append_varint(buffer, series->years[i].paper_count);
        }
        base_buffer_append_varint(buffer, series->years[i].citation_count);
    }
}

void store_encode_paper(struct base_buffer *buffer, const struct store_paper_head *head,
                        const struct engine_series *series, struct base_slice view)
{
    size_t start = buffer->size;
    uint8_t fixed[PAPER_HEAD] = {0};
    base_put_le32(fixed + PAPER_DAY, head->date.day);
    fixed[PAPER_PRECISION] = head->date.precision;
    fixed[PAPER_FLAGS] = head->flags;
    base_put_le16(fixed + PAPER_AUTHORS, head->author_count);
    base_put_le32(fixed + PAPER_CITATIONS, head->citation_count);
    base_put_le32(fixed + PAPER_REFERENCES, head->reference_count);
    base_put_le32(fixed + PAPER_SELF, head->self_citation_count);
    base_put_le64(fixed + PAPER_SEQUENCE, head->sequence);
    base_put_le16(fixed + PAPER_FIRST_YEAR, (uint16_t)series->first_year);
    base_put_le16(fixed + PAPER_YEARS, (uint16_t)series->count);
    base_buffer_append(buffer, fixed, sizeof fixed);
    append_years(buffer, series, false);
    if (!buffer->failed) {
        base_put_le32(buffer->data + start + PAPER_YEARS_SIZE,
                      (uint32_t)(buffer->size - start - PAPER_HEAD));
    }
    base_buffer_append_slice(buffer, view);
}

void store_encode_author(struct base_buffer *buffer, const struct store_author_head *head,
                         const struct engine_series *series, const struct engine_run *runs,
                         size_t run_count, struct base_slice view)
{
    size_t start = buffer->size;
    uint8_t fixed[AUTHOR_HEAD] = {0};
    base_put_le32(fixed + AUTHOR_PAPERS, head->paper_count);
    base_put_le32(fixed + AUTHOR_CITATIONS, head->citation_count);
    base_put_le32(fixed + AUTHOR_CITING, head->citing_paper_count);
    base_put_le32(fixed + AUTHOR_SELF, head->self_citation_count);
    base_put_le32(fixed + AUTHOR_H, head->h_index);
    base_put_le32(fixed + AUTHOR_G, head->g_index);
    base_put_le32(fixed + AUTHOR_I10, head->i10_index);
    base_put_le32(fixed + AUTHOR_I100, head->i100_index);
    base_put_le64(fixed + AUTHOR_SEQUENCE, head->sequence);
    base_put_le16(fixed + AUTHOR_FIRST, head->first_year);
    base_put_le16(fixed + AUTHOR_LAST, head->last_year);
    fixed[AUTHOR_FLAGS] = head->name_only ? AUTHOR_NAME_ONLY : 0;
    base_put_le16(fixed + AUTHOR_FIRST_YEAR, (uint16_t)series->first_year);
    base_put_le16(fixed + AUTHOR_YEARS, (uint16_t)series->count);
    base_buffer_append(buffer, fixed, sizeof fixed);
    append_years(buffer, series, true);
    size_t years_end = buffer->size;
    for (size_t i = 0; i < run_count; i++) {
        base_buffer_append_varint(buffer, runs[i].citations);
        base_buffer_append_varint(buffer, runs[i].papers);
    }
    if (!buffer->failed) {
        base_put_le32(buffer->data + start + AUTHOR_YEARS_SIZE,
                      (uint32_t)(years_end - start - AUTHOR_HEAD));
        base_put_le32(buffer->data + start + AUTHOR_RUNS_SIZE,
                      (uint32_t)(buffer->size - years_end));
    }
    base_buffer_append_slice(buffer, view);
}

bool store_same_value(enum store_table table, struct base_slice a, struct base_slice b)
{
    size_t at = table == STORE_PAPER ? PAPER_SEQUENCE : AUTHOR_SEQUENCE;
    size_t behind = at + 8;
    return a.size == b.size && a.size >= behind && memcmp(a.data, b.data, at) == 0 &&
           memcmp(a.data + behind, b.data + behind, a.size - behind) == 0;
}

static bool take_years(struct base_slice *rest, unsigned first, uint32_t count, bool paired,
                       uint32_t size, struct store_years *years)
{
    struct base_slice packed;
    if (!base_take_bytes(rest, size, &packed)) {
        return false;
    }
    *years = (struct store_years){count == 0 ? 0 : first, count, paired, packed};
    return true;
}

bool store_decode_paper(struct base_slice bytes, struct store_paper *paper,
                        struct store_paper_head *head)
{
    struct base_slice rest = bytes;
    struct base_slice fixed;
    if (!base_take_bytes(&rest, PAPER_HEAD, &fixed)) {
        return false;
    }
    const uint8_t *at = (const uint8_t *)fixed.data;
    struct store_paper found = {
        .date = {base_get_le32(at + PAPER_DAY), at[PAPER_PRECISION]},
        .citation_count = base_get_le32(at + PAPER_CITATIONS),
        .reference_count = base_get_le32(at + PAPER_REFERENCES),
        .self_citation_count = base_get_le32(at + PAPER_SELF),
        .sequence = base_get_le64(at + PAPER_SEQUENCE),
        .stub = (at[PAPER_FLAGS] & STORE_PAPER_STUB) != 0,
        .has_abstract = (at[PAPER_FLAGS] & STORE_PAPER_ABSTRACT) != 0,
        .refereed = (at[PAPER_FLAGS] & STORE_PAPER_REFEREED) != 0,
        .referee_known = (at[PAPER_FLAGS] & STORE_PAPER_REFEREE_KNOWN) != 0,
        .retracted = (at[PAPER_FLAGS] & STORE_PAPER_RETRACTED) != 0,
        .authors_truncated = (at[PAPER_FLAGS] & STORE_PAPER_TRUNCATED) != 0,
        .author_count = base_get_le16(at + PAPER_AUTHORS),
    };
    if (!take_years(&rest, base_get_le16(at + PAPER_FIRST_YEAR), base_get_le16(at + PAPER_YEARS),
                    false, base_get_le32(at + PAPER_YEARS_SIZE), &found.years)) {
        return false;
    }
    found.view = rest;
    found.row = bytes;
    *paper = found;
    if (head != NULL) {
        *head = (struct store_paper_head){
            .date = found.date,
            .flags = at[PAPER_FLAGS],
            .author_count = base_get_le16(at + PAPER_AUTHORS),
            .citation_count = found.citation_count,
            .reference_count = found.reference_count,
            .self_citation_count = found.self_citation_count,
            .sequence = found.sequence,
        };
    }
    return true;
}

bool store_decode_author(struct base_slice bytes, struct store_author *author,
                         struct base_slice *runs)
{
    struct base_slice rest = bytes;
    struct base_slice fixed;
    if (!base_take_bytes(&rest, AUTHOR_HEAD, &fixed)) {
        return false;
    }
    const uint8_t *at = (const uint8_t *)fixed.data;
    struct store_author found = {
        .paper_count = base_get_le32(at + AUTHOR_PAPERS),
        .citation_count = base_get_le32(at + AUTHOR_CITATIONS),
        .citing_paper_count = base_get_le32(at + AUTHOR_CITING),
        .self_citation_count = base_get_le32(at + AUTHOR_SELF),
        .h_index = base_get_le32(at + AUTHOR_H),
        .g_index = base_get_le32(at + AUTHOR_G),
        .i10_index = base_get_le32(at + AUTHOR_I10),
        .i100_index = base_get_le32(at + AUTHOR_I100),
        .first_year = base_get_le16(at + AUTHOR_FIRST),
        .last_year = base_get_le16(at + AUTHOR_LAST),
        .name_only = (at[AUTHOR_FLAGS] & AUTHOR_NAME_ONLY) != 0,
        .sequence = base_get_le64(at + AUTHOR_SEQUENCE),
    };
    struct base_slice packed;
    if (!take_years(&rest, base_get_le16(at + AUTHOR_FIRST_YEAR), base_get_le16(at + AUTHOR_YEARS),
                    true, base_get_le32(at + AUTHOR_YEARS_SIZE), &found.years) ||
        !base_take_bytes(&rest, base_get_le32(at + AUTHOR_RUNS_SIZE), &packed)) {
        return false;
    }
    found.view = rest;
    found.row = bytes;
    *author = found;
    if (runs != NULL) {
        *runs = packed;
    }
    return true;
}
