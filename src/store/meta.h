/* The rows of table `meta`: what the store says of itself. */
#ifndef STORE_META_H
#define STORE_META_H

#include "store/env.h"
#include "store/store.h"

/* Format 4 may have a dictionary for abstracts. Format 5 has other buckets in `names` and `titles`
 * than those before it (there log2 of citations), which are neither read nor written. */
enum { STORE_FORMAT = 5, STORE_FORMAT_LEAST = 5 };

/* From it on meta says whether an import was told its coverage end. */
enum { STORE_FORMAT_COVERAGE = 3 };

/* Row "dictionary": that of table `abstract`, as base/compress.h makes it. Made by a bulk load, and
 * then as it is for the life of the generation; without the row there is none. */
#define STORE_META_DICTIONARY "dictionary"

/* Row "sources": of each source its author and paper records, varints, and its name after its size;
 * most records first, ties by name, at most STORE_SOURCES_MOST. Derived: the sink's. */
#define STORE_META_SOURCES "sources"

/* A row of table `sources`. */
enum { STORE_SOURCE_COUNTS = 16 };
static inline void store_put_source_counts(uint8_t to[STORE_SOURCE_COUNTS],
                                           const struct store_source *source)
{
    base_put_le64(to, source->authors);
    base_put_le64(to + 8, source->papers);
}

/* False when the bytes are no such row; the name stays. */
static inline bool store_get_source_counts(struct base_slice row, struct store_source *source)
{
    if (row.size != STORE_SOURCE_COUNTS) {
        return false;
    }
    source->authors = base_get_le64(row.data);
    source->papers = base_get_le64(row.data + 8);
    return true;
}

/* Sorts the sources and appends the row. */
void store_encode_sources(struct base_buffer *buffer, struct store_source *sources, size_t count);
/* False when the bytes are not such a row. */
bool store_decode_sources(struct base_slice row, struct store_source sources[STORE_SOURCES_MOST],
                          size_t *count);

/* Row "info". In every format it begins with the format u32, the epoch, the dataset, the
 * sequence u64 and the coverage end u64. */
struct base_slice store_meta_info_key(void);

struct store_meta {
    struct store_info info;
    bool coverage_given;            /* the import said its coverage end: writes leave it */
    uint64_t rows[STORE_TABLE_END]; /* rows of each table but meta itself */
};

enum base_code store_meta_read(const struct store_env *env, MDB_txn *txn, struct store_meta *meta,
                               struct base_error *error);
/* The beginning of the row in an older format, or in this one, and whether the coverage end was
 * given, which formats before STORE_FORMAT_COVERAGE do not say: false. Other facts are 0. */
enum base_code store_meta_read_head(const struct store_env *env, MDB_txn *txn,
                                    struct store_meta *meta, struct base_error *error);
enum base_code store_meta_write(const struct store_env *env, MDB_txn *txn,
                                const struct store_meta *meta, struct base_error *error);

#endif
