/* A backup is one stream: a head, blocks of rows, and the manifest. It is taken from one snapshot,
 * beside a daemon, and every value's checksum is checked on the way.
 *
 *   head                     manifest.h
 *   block, block, …          kind u8, ordinal u32, stored bytes u32, plain bytes u32, rows u32,
 *                            xxh3 u64 of the former and of what follows, then a zstd frame
 *
 * Numbers are little endian. A block of kind 'R' holds rows: table u8, key and value each behind
 * its size as a varint; the value ends in its checksum. The last block, of kind 'M', is the text of
 * the manifest. */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include "store/manifest.h"

enum {
    STORE_BLOCK_HEAD = 1 + 4 * 4 + 8,
    STORE_BLOCK_ROWS = 'R',
    STORE_BLOCK_MANIFEST = 'M',
    /* A block is closed when it has so many plain bytes. */
    STORE_BLOCK_FULL = 1024 * 1024,
    /* More is no block: a full one and the largest row fit. */
    STORE_BLOCK_MOST = 64 * 1024 * 1024,
};

struct store_backup_options {
    const char *directory; /* the data directory */
    uint64_t map_size;     /* 0: the default */
    model_time created;
    void *context;
    enum base_code (*write)(void *context, struct base_slice bytes, struct base_error *error);
    const volatile int *stop; /* may be NULL */
};

/* Holds one snapshot. A damaged page can end the process with a signal, so programs run it in a
 * child. DATA_LOSS: the store is damaged; what was written is no whole backup. */
enum base_code store_backup(const struct store_backup_options *options,
                            struct store_manifest *manifest, struct base_error *error);

#endif
