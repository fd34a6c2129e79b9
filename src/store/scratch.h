/* Work memory of a build: arrays that grow, in memory while they are small together, in unlinked
 * files of the data directory beyond that, so that the heap stays bounded and the page cache does
 * the rest. */
#ifndef STORE_SCRATCH_H
#define STORE_SCRATCH_H

#include "base/bytes.h"
#include "base/status.h"

/* What the arrays of one build have in common. */
struct store_scratch {
    const char *directory; /* borrowed; where files go */
    size_t limit;          /* bytes in memory, all arrays together */
    size_t in_memory;
};

/* One array of bytes; element types are the user's business. Addresses change when it grows. */
struct store_array {
    struct store_scratch *scratch;
    void *data;
    size_t size;     /* bytes in use */
    size_t capacity; /* bytes mapped */
    int file;        /* -1: in memory */
};

void store_array_init(struct store_array *array, struct store_scratch *scratch);
void store_array_fini(struct store_array *array);

/* Makes it `size` bytes; new bytes are zero. RESOURCE_EXHAUSTED: memory or disk is out. */
enum base_code store_array_resize(struct store_array *array, size_t size, struct base_error *error);

/* Sets every byte in use; an empty array may have no memory at all. */
void store_array_fill(struct store_array *array, uint8_t byte);

/* Room for more bytes behind the end, counted in size at once; NULL when memory or disk is out. */
void *store_array_extend(struct store_array *array, size_t more, struct base_error *error);

/* Moves what is in the second array behind what is in the first; the second is empty then. */
enum base_code store_array_append(struct store_array *to, struct store_array *from,
                                  struct base_error *error);

#endif
