/* Inside of sorted runs: what the sorter makes and a merge reads. */
#ifndef STORE_RUN_H
#define STORE_RUN_H

#include "store/runs.h"

/* In a block of memory and in a file alike: key size, value size (4 bytes each), key, value. */
enum { RUN_ENTRY_HEADER = 8 };

/* The first bytes of the key and its length as two numbers decide nearly every comparison without a
 * look at the key itself: 15 bytes, zeros behind a shorter key, then how many they are, or
 * RUN_LONG_KEY where the key goes on. */
enum { RUN_HEAD_BYTES = 15, RUN_LONG_KEY = 16 };

struct run_head {
    uint64_t high;
    uint64_t low;
};

struct run_entry {
    struct run_head head;
    const char *at;
};

/* Of a file's entries the place of one in so many is kept. */
enum { RUN_INDEX_EVERY = 1024 };

/* A finished run: entries in memory, or a mapped file. */
struct run {
    const struct run_entry *entries; /* NULL for a file */
    size_t count;
    char *map;
    size_t size;
    uint64_t *index; /* of a file: places of entries 0, RUN_INDEX_EVERY, … */
};

static inline struct base_slice run_entry_key(const char *at)
{
    return base_slice(at + RUN_ENTRY_HEADER, base_get_le32(at));
}

static inline struct base_slice run_entry_value(const char *at)
{
    return base_slice(at + RUN_ENTRY_HEADER + base_get_le32(at), base_get_le32(at + 4));
}

static inline size_t run_entry_size(const char *at)
{
    return RUN_ENTRY_HEADER + (size_t)base_get_le32(at) + base_get_le32(at + 4);
}

static inline size_t run_index_count(size_t entries)
{
    return (entries + RUN_INDEX_EVERY - 1) / RUN_INDEX_EVERY;
}

static inline struct run_head run_head_of(struct base_slice key)
{
    uint8_t bytes[RUN_HEAD_BYTES + 1] = {0};
    bool is_long = key.size > RUN_HEAD_BYTES;
    memcpy(bytes, key.data, is_long ? RUN_HEAD_BYTES : key.size);
    bytes[RUN_HEAD_BYTES] = (uint8_t)(is_long ? RUN_LONG_KEY : key.size);
    return (struct run_head){base_get_be64(bytes), base_get_be64(bytes + 8)};
}

/* Equal heads say that the keys are equal, unless both go on. */
static inline bool run_heads_go_on(const struct run_head *a, const struct run_head *b)
{
    return a->high == b->high && a->low == b->low && (a->low & UINT8_MAX) == RUN_LONG_KEY;
}

static inline bool run_head_less(const struct run_head *a, const struct run_head *b)
{
    /* Without a jump: sorting cannot foretell how this ends. */
    return (a->high < b->high) | ((a->high == b->high) & (a->low < b->low));
}

/* The runs of a finished sorter; as long-lived as it. */
const struct run *store_runs_list(const struct store_runs *runs, size_t *count);

#endif
