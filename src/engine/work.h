/* Work memory of the engine: buffers that grow and stay, sets of bits that are cleared by what was
 * set, and the question whether to stop. Private to the engine. */
#ifndef ENGINE_WORK_H
#define ENGINE_WORK_H

#include "engine/fixed.h"
#include "engine/set.h"

struct engine_buffer {
    void *data; /* owned */
    size_t size;
};

/* Bits by number of paper. */
struct engine_bits {
    uint64_t *words;   /* owned; all zero but the touched ones */
    uint32_t *touched; /* owned; room for every word and one more */
    size_t word_count;
    size_t touched_count;
};

/* What each buffer is for; of a computation that calls another one no two share a buffer. */
enum engine_buffer_use {
    ENGINE_BUFFER_KEPT,
    ENGINE_BUFFER_COUNTS,
    ENGINE_BUFFER_SPARE,
    ENGINE_BUFFER_RUNS,
    ENGINE_BUFFER_SHARES,
    ENGINE_BUFFER_YEARS,
    ENGINE_BUFFER_YEAR_SUMS,
    ENGINE_BUFFER_AGES,
    ENGINE_BUFFER_MARKS,
    ENGINE_BUFFER_ROWS,
    ENGINE_BUFFER_ROW_SUMS,
    ENGINE_BUFFER_PAPER_NEXT,
    ENGINE_BUFFER_PLACES,
    ENGINE_BUFFER_DAYS,
    ENGINE_BUFFER_EVENTS,
    ENGINE_BUFFER_EVENTS_SPARE,
    ENGINE_BUFFER_HISTOGRAM,
    ENGINE_BUFFER_ORDER,
    ENGINE_BUFFER_ORDER_SPARE,
    ENGINE_BUFFER_DIRTY,
    ENGINE_BUFFER_TABLE,
    ENGINE_BUFFER_CITING,
    ENGINE_BUFFER_CITING_SPARE,
    ENGINE_BUFFER_WITNESSES,
    ENGINE_BUFFER_NEXT,
    ENGINE_BUFFER_STEPS,
    ENGINE_BUFFER_REFERENCES,
    ENGINE_BUFFER_END,
};

/* Papers with a number each. */
struct engine_table_entry {
    uint32_t paper; /* 0 and stamp 0: empty; a paper may have number 0 */
    uint32_t value;
    uint32_t stamp;
};

/* Shares of small divisors are kept: a division takes longer than all else that a citation needs.
 */
enum { ENGINE_SHARES_KEPT = 1024 };

struct engine_work {
    bool (*stop)(void *context);
    void *stop_context;
    uint32_t unpolled; /* citations since stop was asked */
    struct engine_bits set_bits;
    struct engine_bits own_bits;
    struct engine_bits self_bits; /* of both: who is in none makes no self-citation of them */
    struct engine_bits citing_bits;
    struct engine_buffer buffers[ENGINE_BUFFER_END];
    uint32_t table_stamp;
    size_t table_used;
    size_t table_size;                   /* a power of two, 0 at first */
    uint64_t shares[ENGINE_SHARES_KEPT]; /* engine_fixed_share of the index, from 1 */
};

/* engine_fixed_share of a paper's authors. */
static inline uint64_t engine_share(const struct engine_work *work, uint32_t authors)
{
    return authors < ENGINE_SHARES_KEPT ? work->shares[authors] : engine_fixed_share(authors);
}

/* What one citation adds to tori: 1/a * 1/max(5, references) (Pepe & Kurtz 2012, as ADS computes
 * it). */
static inline uint64_t engine_tori_share(const struct engine_work *work, uint32_t authors,
                                         uint32_t references)
{
    uint64_t divisor = (uint64_t)authors * (references < 5 ? 5 : references);
    return divisor < ENGINE_SHARES_KEPT ? work->shares[divisor] : engine_fixed_share(divisor);
}

enum base_code engine_no_memory(struct base_error *error);

/* Room for count items of so many bytes; what was in the buffer stays. NULL with error filled when
 * memory is out. */
void *engine_room(struct engine_work *work, enum engine_buffer_use use, size_t count, size_t size,
                  struct base_error *error);

/* Empties the set and makes it ready for papers below paper_end. */
enum base_code engine_bits_begin(struct engine_bits *bits, uint32_t paper_end,
                                 struct base_error *error);

/* True when the bit was not set before. A number beyond the end is in no set. */
static inline bool engine_bits_add(struct engine_bits *bits, uint32_t paper)
{
    size_t word = paper / 64;
    if (word >= bits->word_count) {
        return false;
    }
    uint64_t bit = UINT64_C(1) << (paper % 64);
    uint64_t before = bits->words[word];
    /* Written in any case: whether a word is new cannot be foretold. */
    bits->touched[bits->touched_count] = (uint32_t)word;
    bits->touched_count += before == 0;
    bits->words[word] = before | bit;
    return (before & bit) == 0;
}

static inline bool engine_bits_has(const struct engine_bits *bits, uint32_t paper)
{
    size_t word = paper / 64;
    return word < bits->word_count && (bits->words[word] >> (paper % 64) & 1) != 0;
}

/* Empties the table. */
enum base_code engine_table_begin(struct engine_work *work, struct base_error *error);
/* Makes room for so many more papers. */
enum base_code engine_table_reserve(struct engine_work *work, size_t more,
                                    struct base_error *error);
/* The paper's entry; *is_new: it was not there, and value is 0. Room was reserved. */
struct engine_table_entry *engine_table_at(struct engine_work *work, uint32_t paper, bool *is_new);
/* NULL: not there. */
const struct engine_table_entry *engine_table_find(const struct engine_work *work, uint32_t paper);

/* To be called with how many citations were looked at; CANCELLED when it is time to stop. */
enum base_code engine_poll(struct engine_work *work, size_t citations, struct base_error *error);

/* Sorts counts downwards; spare has room for as many. */
void engine_sort_downwards(uint32_t *counts, uint32_t *spare, size_t count);

#endif
