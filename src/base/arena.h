/* Memory for one request or one record: many small allocations, all given back at once. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>
#include "base/bytes.h"

/* Where blocks come from. allocate gives memory aligned for anything, or NULL. */
struct base_allocator {
    void *(*allocate)(void *context, size_t size);
    void (*release)(void *context, void *memory); /* memory is never NULL */
    void *context;
};

/* One thread at a time. Blocks are kept over a reset, so a warm arena calls malloc no more. */
struct base_arena {
    struct base_arena_block *first;         /* owned */
    struct base_arena_block *current;       /* owned through first */
    size_t used;                            /* bytes handed out since the last reset */
    size_t limit;                           /* no more than this is handed out between two resets */
    const struct base_allocator *allocator; /* borrowed; NULL: malloc and free */
};

/* limit in bytes, 0 for none. */
void base_arena_init(struct base_arena *arena, size_t limit);
void base_arena_fini(struct base_arena *arena);

/* Ends the life of everything that was handed out. */
void base_arena_reset(struct base_arena *arena);

/* Aligned to 16 bytes and not cleared; NULL over the limit or when memory is out. size 0 gives a
 * valid pointer. */
void *base_arena_alloc(struct base_arena *arena, size_t size);
void *base_arena_zalloc(struct base_arena *arena, size_t size);

/* count * size with the multiplication checked, cleared. */
void *base_arena_array(struct base_arena *arena, size_t count, size_t size);

/* A copy of the bytes with a NUL behind them, so that .data is a C string too; .data is NULL when
 * memory is out. */
struct base_slice base_arena_copy(struct base_arena *arena, struct base_slice slice);

#endif
