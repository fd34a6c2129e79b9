/* What the values of `paper` and `author` look like: a fixed header, packed years, packed runs, and
 * the packed view. */
#ifndef STORE_VALUE_H
#define STORE_VALUE_H

#include "base/buffer.h"
#include "engine/recount.h"
#include "store/store.h"
#include "store/table.h"

enum store_paper_flag {
    STORE_PAPER_STUB = 1 << 0,
    STORE_PAPER_ABSTRACT = 1 << 1,
    STORE_PAPER_REFEREE_KNOWN = 1 << 2,
    STORE_PAPER_REFEREED = 1 << 3,
    STORE_PAPER_RETRACTED = 1 << 4,
    STORE_PAPER_TRUNCATED = 1 << 5,
};

/* The header of a paper's value as it is written. */
struct store_paper_head {
    struct model_date date;
    uint8_t flags;
    uint16_t author_count; /* distinct listed authors, saturated */
    uint32_t citation_count;
    uint32_t reference_count;
    uint32_t self_citation_count;
    uint64_t sequence; /* of the change that wrote the value */
};

struct store_author_head {
    uint32_t paper_count;
    uint32_t citation_count;
    uint32_t citing_paper_count;
    uint32_t self_citation_count;
    uint32_t h_index;
    uint32_t g_index;
    uint32_t i10_index;
    uint32_t i100_index;
    uint16_t first_year;
    uint16_t last_year;
    bool name_only;
    uint64_t sequence;
};

/* Flags of a paper in an author's list: enum engine_authored_flag. */
uint16_t store_authored_flags(struct model_date date, uint8_t paper_flags, bool last);

/* A citation as the citing paper makes it: its date, its flags, how many it cites, and the date of
 * a citation line, which counts only while the paper has none. */
struct engine_citer store_edge(uint32_t citing, struct model_date date, uint8_t paper_flags,
                               size_t references, struct model_date line_date);
/* What both papers together decide. */
void store_edge_set_shared(struct engine_citer *edge, bool shares_author, bool authors_cut);

/* Append the value; the caller checks buffer->failed. */
void store_encode_paper(struct base_buffer *buffer, const struct store_paper_head *head,
                        const struct engine_series *series, struct base_slice view);
void store_encode_author(struct base_buffer *buffer, const struct store_author_head *head,
                         const struct engine_series *series, const struct engine_run *runs,
                         size_t run_count, struct base_slice view);

/* Do two values of `paper`, or of `author`, say the same, whichever change wrote them? */
bool store_same_value(enum store_table table, struct base_slice a, struct base_slice b);

/* False when the bytes are not such a value. number is left to the caller. runs may be NULL; it
 * gets the packed runs. */
bool store_decode_paper(struct base_slice bytes, struct store_paper *paper,
                        struct store_paper_head *head);
bool store_decode_author(struct base_slice bytes, struct store_author *author,
                         struct base_slice *runs);

#endif
