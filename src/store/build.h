/* Bulk load: source records in, a fresh generation of the store out. The old generation stays
 * untouched until the new one is on disk; a kill at any moment leaves one of the two. */
#ifndef STORE_BUILD_H
#define STORE_BUILD_H

#include "store/derive.h"

struct store_build;

struct store_build_options {
    const char *directory; /* the data directory; its lock is held by the caller; borrowed */
    unsigned workers;      /* threads that call store_build_add at once */
    size_t memory;     /* bytes for sort buffers and work arrays; files of the directory beyond */
    uint64_t map_size; /* bytes, 0: the default */
    uint32_t today;    /* day of the import */
    uint32_t coverage_end; /* day; MODEL_NO_DAY: the newest date not after today */
    uint64_t time;         /* model_time of the import, for the log */
    struct store_packer packer;
    bool upgrade; /* the present store may have an older format; its coverage end stays as it was */
    const volatile int *stop; /* may be NULL */
};

struct store_build_report {
    struct store_derive_report derived;
    uint64_t received;   /* records that were added */
    uint64_t before;     /* source records of the store that was there */
    uint64_t superseded; /* records that lost against another one with their key */
    uint64_t
        suppressed; /* records, authors, references and ids left out because of suppress lines */
    uint64_t bytes; /* of the new store */
};

/* Opens the present generation, if there is one, as further input. */
enum base_code store_build_new(const struct store_build_options *options,
                               struct store_build **build, struct base_error *error);
/* Takes NULL. Without store_build_finish nothing has changed. */
void store_build_free(struct store_build *build);

/* worker: 0 … workers - 1, one thread each. The record is finished. */
enum base_code store_build_add(struct store_build *build, unsigned worker,
                               const struct model_record *record, struct base_error *error);

/* How many records were added, and how many the present generation holds. */
void store_build_counts(const struct store_build *build, uint64_t *received, uint64_t *before);

/* Instead of finish, for a writer beside readers: what was added, of each key the record that
 * counts, in the order of keys. The present generation is let go of. superseded: records that
 * lost. All of it lives until free. */
enum base_code store_build_gather(struct store_build *build, const struct store_record **records,
                                  size_t *count, uint64_t *superseded, struct base_error *error);

/* Derives, writes, syncs and switches. On failure nothing has changed. */
enum base_code store_build_finish(struct store_build *build, struct store_build_report *report,
                                  struct base_error *error);

#endif
