#include "client/result.h"

#include <stdlib.h>
#include <string.h>

#include "hirsch/client.h"

#define SAME_NUMBER(number, name)                                                                  \
    _Static_assert((int)HIRSCH_##name == (int)BASE_##name && (int)HIRSCH_##name == (number),       \
                   "public and internal codes are the same numbers");
HIRSCH_CODES(SAME_NUMBER)
#undef SAME_NUMBER

/* Stands before each object, so that one function frees all of them. */
struct header {
    uint64_t magic;
    struct base_arena arena;
    struct base_allocator allocator; /* of the arena and of this block; unset when it has none */
    const void *kept;                /* another object, freed with this one; or NULL */
};

enum { HEADER_SIZE = (sizeof(struct header) + 15) / 16 * 16 };

static const uint64_t RESULT_MAGIC = UINT64_C(0x6869727363685f72);

/* What is handed out when there is no memory even for an error. */
static const hirsch_error out_of_memory = {
    .code = HIRSCH_INTERNAL,
    .text = "memory is out; free results that are no longer needed and call again",
    .retriable = true,
    .endpoint = "",
    .attempts = 0,
    .partial = NULL,
};

void *client_result_new(const struct base_allocator *allocator, size_t size)
{
    char *block = allocator == NULL ? malloc(HEADER_SIZE + size)
                                    : allocator->allocate(allocator->context, HEADER_SIZE + size);
    if (block == NULL) {
        return NULL;
    }
    memset(block, 0, HEADER_SIZE + size);
    struct header *header = (struct header *)(void *)block;
    header->magic = RESULT_MAGIC;
    base_arena_init(&header->arena, 0);
    if (allocator != NULL) {
        header->allocator = *allocator;
        header->arena.allocator = &header->allocator;
    }
    return block + HEADER_SIZE;
}

static struct header *header_of(const void *result)
{
    struct header *header = (struct header *)(void *)((char *)(uintptr_t)result - HEADER_SIZE);
    BASE_ASSERT(header->magic == RESULT_MAGIC);
    return header;
}

struct base_arena *client_result_arena(void *result)
{
    return &header_of(result)->arena;
}

void hirsch_free(const void *result_or_error)
{
    if (result_or_error == NULL || result_or_error == (const void *)&out_of_memory) {
        return;
    }
    struct header *header = header_of(result_or_error);
    header->magic = 0;
    hirsch_free(header->kept);
    base_arena_fini(&header->arena);
    if (header->arena.allocator == NULL) {
        free(header);
        return;
    }
    struct base_allocator allocator = header->allocator;
    allocator.release(allocator.context, header);
}

static const char *copy_text(struct base_arena *arena, const char *text)
{
    return base_arena_copy(arena, base_slice_text(text)).data;
}

enum hirsch_code client_fail(const struct base_allocator *allocator, hirsch_error **error,
                             const struct client_failure *failure)
{
    BASE_ASSERT(failure->error.code != BASE_OK);
    enum hirsch_code code = (enum hirsch_code)failure->error.code;
    if (error == NULL) {
        return code;
    }
    hirsch_error *made = client_result_new(allocator, sizeof *made);
    if (made != NULL) {
        struct base_arena *arena = client_result_arena(made);
        made->code = code;
        made->text = copy_text(arena, failure->error.text);
        made->retriable = failure->retriable;
        made->endpoint = copy_text(arena, failure->endpoint);
        made->attempts = failure->attempts;
        if (made->text == NULL || made->endpoint == NULL) {
            hirsch_free(made);
            made = NULL;
        }
    }
    /* Callers only read errors, so the one in static storage may be shared. */
    *error = made != NULL ? made : (hirsch_error *)(uintptr_t)&out_of_memory;
    return made != NULL ? code : HIRSCH_INTERNAL;
}

void client_error_keep(hirsch_error *error, const struct hirsch_write_result *partial)
{
    if (error == NULL || error == &out_of_memory) {
        hirsch_free(partial);
        return;
    }
    header_of(error)->kept = partial;
    error->partial = partial;
}

const char *hirsch_code_name(enum hirsch_code code)
{
    return base_code_name((enum base_code)code);
}

const char *hirsch_version(void)
{
    return HIRSCH_VERSION;
}
