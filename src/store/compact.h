/* Rewrites the store into a fresh generation without free pages, rows in order. */
#ifndef STORE_COMPACT_H
#define STORE_COMPACT_H

#include <stdint.h>

#include "base/status.h"

struct store_compact_report {
    uint64_t before; /* bytes of the store's file */
    uint64_t after;
    uint64_t rows;
};

/* The caller holds the directory's lock. Content, sequence and epoch stay; on failure nothing has
 * changed. DATA_LOSS: a value does not match its checksum. */
enum base_code store_compact(const char *directory, uint64_t map_size, const volatile int *stop,
                             struct store_compact_report *report, struct base_error *error);

#endif
