/* Memory of what the library hands out: one block and one arena for each result or error. */
#ifndef CLIENT_RESULT_H
#define CLIENT_RESULT_H

#include "base/arena.h"
#include "base/status.h"
#include "hirsch/status.h"

/* A failed call before it becomes the caller's object. */
struct client_failure {
    struct base_error error;
    const char *endpoint; /* borrowed from the client, "" when none was asked */
    uint32_t attempts;
    bool retriable;
};

#define CLIENT_FAILURE_NONE ((struct client_failure){.endpoint = ""})

/* A cleared object of the given size, aligned to 16 bytes, that hirsch_free() gives back with its
 * arena. allocator is copied; NULL: malloc and free. NULL when memory is out. */
void *client_result_new(const struct base_allocator *allocator, size_t size);

/* The arena that lives and dies with an object of client_result_new(). */
struct base_arena *client_result_arena(void *result);

/* Writes the caller's error object and returns its code. error and allocator may be NULL. */
enum hirsch_code client_fail(const struct base_allocator *allocator, hirsch_error **error,
                             const struct client_failure *failure);

/* Gives an error of client_fail() what is known of a write that failed: a result, or NULL. Takes it
 * over; error may be NULL. */
void client_error_keep(hirsch_error *error, const struct hirsch_write_result *partial);

#endif
