/* The tables of the store: their names, keys, chunks and the checksum that ends every value. */
#ifndef STORE_TABLE_H
#define STORE_TABLE_H

#include "base/buffer.h"
#include "engine/graph.h"
#include "model/id.h"

/* number, NAME, "name". The number is part of every checksum. Keys and values: */
#define STORE_TABLES(X)                                                                            \
    /* name -> see meta.h */                                                                       \
    X(0, META, "meta")                                                                             \
    /* u32 -> paper header, years, packed hirsch.v1.Paper (value.h) */                             \
    X(1, PAPER, "paper")                                                                           \
    /* u32 -> author header, years, runs of citation counts, packed hirsch.v1.Author (value.h) */  \
    X(2, AUTHOR, "author")                                                                         \
    /* model_record key -> entity u32 (0: none), canonical bytes */                                \
    X(3, SOURCE, "source")                                                                         \
    /* u32 -> zstd frame, its dictionary in meta if there is one */                                \
    X(4, ABSTRACT, "abstract")                                                                     \
    /* entity kind, id key -> number u32, flags u8 (enum store_xid_flag), u32: how often merged    \
     * views and citation lines name the id */                                                     \
    X(5, XID, "xid")                                                                               \
    /* u32 -> (author u32, position u16) in the order of the list */                               \
    X(6, PAPER_AUTHORS, "paper_authors")                                                           \
    /* author, day complemented, first paper -> chunk of engine_authored (14 bytes), newest first  \
     */                                                                                            \
    X(7, AUTHOR_PAPERS, "author_papers")                                                           \
    /* paper, first cited -> chunk of cited u32, ascending */                                      \
    X(8, CITES, "cites")                                                                           \
    /* paper, first day, first citing -> chunk of engine_citer (12 bytes), by (day, citing) */     \
    X(9, CITED_BY, "cited_by")                                                                     \
    /* word, enum store_word, 255 - bucket of citations, first author -> chunk of author u32,      \
     * ascending */                                                                                \
    X(10, NAMES, "names")                                                                          \
    /* caller, method, key -> request hash, answer, expiry */                                      \
    X(11, IDEM, "idem")                                                                            \
    /* u64 sequence -> the change */                                                               \
    X(12, LOG, "log")                                                                              \
    /* as names, of papers with records */                                                         \
    X(13, TITLES, "titles")                                                                        \
    /* entity kind, id key -> what ties the id to others: claims and merge lines (tie.h) */        \
    X(14, TIES, "ties")                                                                            \
    /* day u32 -> u32: papers of that day */                                                       \
    X(15, DAYS, "days")                                                                            \
    /* name of a source -> its author records u64 and paper records u64 */                         \
    X(16, SOURCES, "sources")                                                                      \
    /* round u8, number u32 -> a cohort: its members' counts (cohorts.h). Computed by a refresh */ \
    X(17, COHORTS, "cohorts")                                                                      \
    /* round u8, block u32 -> of each paper of the block its cohort and its counts (cohorts.h) */  \
    X(18, COHORT_PAPERS, "cohort_papers")

enum store_table {
#define STORE_TABLE_MEMBER(number, name, text) STORE_##name = number,
    STORE_TABLES(STORE_TABLE_MEMBER)
#undef STORE_TABLE_MEMBER
        STORE_TABLE_END,
};

const char *store_table_name(enum store_table table);

/* Computed from time to time by a refresh, and never part of a change: no writer keeps it, meta
 * does not count its rows, and no record leads to them. */
static inline bool store_table_is_refreshed(enum store_table table)
{
    return table == STORE_COHORTS || table == STORE_COHORT_PAPERS;
}

enum store_xid_flag {
    STORE_XID_DISPUTED = 1 << 0, /* two records of one source claim it */
    STORE_XID_MERGED = 1 << 1,   /* not the entity's own id */
    STORE_XID_PRIMARY = 1 << 2,  /* a source record stands under it */
    STORE_XID_CLAIMED = 1 << 3,  /* a record lists it as another id */
};

enum { STORE_CHECKSUM = 8, STORE_KEY_MOST = 511 };

/* xxh3-64 over table, key and bytes. */
uint64_t store_checksum(enum store_table table, struct base_slice key, struct base_slice bytes);

/* 8 + key + value stays within this, else LMDB 0.9.24 moves a value to a page of its own. */
enum { STORE_NODE_MOST = 2038, STORE_NODE_HEADER = 8 };

/* Entries of one owner in chunks: how the tables of lists are cut. */
struct store_list_format {
    size_t entry_size;  /* bytes in the chunk */
    size_t suffix_size; /* bytes that the first entry adds to the key */
    /* Writes the suffix of the chunk that begins with this entry. */
    void (*suffix)(const void *entry, uint8_t *to);
    /* Order inside a list: negative when a comes first; 0 means the same place, which no list holds
     * twice. */
    int (*compare)(const void *a, const void *b);
};

/* For AUTHOR_PAPERS, CITES, CITED_BY, NAMES, TITLES; NULL for other tables. Entries are packed: 14,
 * 4, 12, 4, 4 bytes. */
const struct store_list_format *store_list_format(enum store_table table);

/* How many entries fit into a chunk whose owner's key has that many bytes. */
size_t store_chunk_most(const struct store_list_format *format, size_t owner_size);

enum { STORE_AUTHORED_SIZE = 14, STORE_CITER_SIZE = 12, STORE_PAPER_AUTHOR_SIZE = 6 };

void store_put_authored(uint8_t to[STORE_AUTHORED_SIZE], const struct engine_authored *authored);
void store_get_authored(const void *from, struct engine_authored *authored);

/* Orders days downwards, no day last. */
static inline uint32_t store_day_complement(uint32_t day)
{
    return day == ENGINE_NO_DAY ? ENGINE_NO_DAY : ENGINE_NO_DAY - 1 - day;
}

/* The bucket of a citation count in `names` and `titles`, by which a search takes the best known
 * first. Each move to another bucket rewrites some sixty lists, and nearly all papers have few
 * citations, so that buckets are wide. `names`: 0, then log4: 1 to 3, 4 to 15, … `titles`: log8,
 * from 0 to 7, 8 to 63, … With log2 and ten references a paper a citation moved every second title,
 * now every twenty-fifth. */
static inline uint8_t store_citation_bucket(enum store_table table, uint32_t citations)
{
    unsigned log2 = citations == 0 ? 0 : 31 - (unsigned)__builtin_clz(citations);
    if (table == STORE_TITLES) {
        return (uint8_t)(log2 / 3);
    }
    return citations == 0 ? 0 : (uint8_t)(1 + log2 / 2);
}

/* The least citation count of a bucket. */
static inline uint32_t store_bucket_least(enum store_table table, unsigned bucket)
{
    unsigned log2 = bucket == 0 ? 0 : table == STORE_TITLES ? 3 * bucket : 2 * (bucket - 1);
    return bucket == 0 ? 0 : UINT32_C(1) << (log2 < 31 ? log2 : 31);
}

/* How many there are at most; keys hold 255 - bucket, so that the best known come first. */
enum { STORE_BUCKETS = 17 };

/* What stands behind a word in the keys of `names` and `titles`. A list of what begins with a few
 * letters would otherwise be spread over thousands of words. */
enum store_word {
    STORE_WORD_WHOLE = 0,
    /* Of at most LIMIT_WORD_BEGINNING characters, whole words too. Behind every word that begins
     * so: the list is known when they have come by. */
    STORE_WORD_BEGINNING = 0xff,
};

/* Bytes between the word and the number: enum store_word, 255 - bucket. */
enum { STORE_WORD_TAIL = 2 };

/* The end of the character of a UTF-8 word that begins at `at`, which is before the end. */
static inline size_t store_word_step(struct base_slice word, size_t at)
{
    at++;
    while (at < word.size && ((uint8_t)word.data[at] & 0xc0) == 0x80) {
        at++;
    }
    return at;
}

/* A row of `xid`. */
struct store_xid {
    uint32_t number;
    uint32_t named;
    uint8_t flags; /* enum store_xid_flag */
};

enum { STORE_XID_SIZE = 9 };

static inline void store_put_xid(uint8_t to[STORE_XID_SIZE], const struct store_xid *xid)
{
    base_put_le32(to, xid->number);
    to[4] = xid->flags;
    base_put_le32(to + 5, xid->named);
}

/* False when the bytes are no such row. */
static inline bool store_get_xid(struct base_slice row, struct store_xid *xid)
{
    if (row.size != STORE_XID_SIZE) {
        return false;
    }
    *xid = (struct store_xid){.number = base_get_le32(row.data),
                              .named = base_get_le32(row.data + 5),
                              .flags = (uint8_t)row.data[4]};
    return true;
}

/* Entity kind and id as a key of `xid`. */
void store_append_xid_key(struct base_buffer *buffer, enum model_entity entity,
                          const struct model_id *id);

#endif
