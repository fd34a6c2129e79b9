#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/status.h"

enum { ALIGNMENT = 16, BLOCK_MIN = 16 * 1024, BLOCK_KEPT = 1024 * 1024 };

struct base_arena_block {
    struct base_arena_block *next;
    size_t size;
    size_t used;
    size_t padding;
    char data[];
};

void base_arena_init(struct base_arena *arena, size_t limit)
{
    *arena = (struct base_arena){.limit = limit == 0 ? SIZE_MAX / 2 : limit};
}

static void free_block(const struct base_arena *arena, struct base_arena_block *block)
{
    if (arena->allocator == NULL) {
        free(block);
    } else {
        arena->allocator->release(arena->allocator->context, block);
    }
}

static void free_all(struct base_arena *arena)
{
    struct base_arena_block *block = arena->first;
    while (block != NULL) {
        struct base_arena_block *next = block->next;
        free_block(arena, block);
        block = next;
    }
    arena->first = NULL;
    arena->current = NULL;
}

void base_arena_fini(struct base_arena *arena)
{
    free_all(arena);
    arena->used = 0;
}

void base_arena_reset(struct base_arena *arena)
{
    arena->used = 0;
#ifdef HIRSCH_ARENA_MALLOC
    /* Each allocation is its own block, so that a sanitizer sees every use after the reset. */
    free_all(arena);
#else
    struct base_arena_block **link = &arena->first;
    while (*link != NULL) {
        struct base_arena_block *block = *link;
        if (block->size > BLOCK_KEPT) {
            *link = block->next;
            free_block(arena, block);
        } else {
            block->used = 0;
            link = &block->next;
        }
    }
    arena->current = arena->first;
#endif
}

static struct base_arena_block *add_block(struct base_arena *arena, size_t size)
{
    struct base_arena_block *block =
        arena->allocator == NULL
            ? malloc(sizeof *block + size)
            : arena->allocator->allocate(arena->allocator->context, sizeof *block + size);
    if (block == NULL) {
        return NULL;
    }
    block->size = size;
    block->used = 0;
    if (arena->current == NULL) {
        block->next = arena->first;
        arena->first = block;
    } else {
        block->next = arena->current->next;
        arena->current->next = block;
    }
    arena->current = block;
    return block;
}

void *base_arena_alloc(struct base_arena *arena, size_t size)
{
    if (size > arena->limit || arena->used > arena->limit - size) {
        return NULL;
    }
    if (size > SIZE_MAX / 4) {
        return NULL;
    }
    size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
#ifdef HIRSCH_ARENA_MALLOC
    struct base_arena_block *block = add_block(arena, size);
#else
    struct base_arena_block *block = arena->current;
    while (block != NULL && block->size - block->used < rounded && block->next != NULL) {
        block = block->next;
        block->used = 0;
        arena->current = block;
    }
    if (block == NULL || block->size - block->used < rounded) {
        size_t wanted = block == NULL ? BLOCK_MIN : block->size * 2;
        if (wanted > BLOCK_KEPT) {
            wanted = BLOCK_KEPT;
        }
        block = add_block(arena, rounded > wanted ? rounded : wanted);
    }
#endif
    if (block == NULL) {
        return NULL;
    }
    void *result = block->data + block->used;
    block->used += rounded;
    arena->used += size;
    return result;
}

void *base_arena_zalloc(struct base_arena *arena, size_t size)
{
    void *result = base_arena_alloc(arena, size);
    if (result != NULL) {
        memset(result, 0, size);
    }
    return result;
}

void *base_arena_array(struct base_arena *arena, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) {
        return NULL;
    }
    return base_arena_zalloc(arena, total);
}

struct base_slice base_arena_copy(struct base_arena *arena, struct base_slice slice)
{
    char *data = base_arena_alloc(arena, slice.size + 1);
    if (data == NULL) {
        return (struct base_slice){NULL, 0};
    }
    if (slice.size > 0) {
        memcpy(data, slice.data, slice.size);
    }
    data[slice.size] = '\0';
    return base_slice(data, slice.size);
}
