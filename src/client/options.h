/* What a client is opened with: defaults filled in, endpoints taken apart and checked. */
#ifndef CLIENT_OPTIONS_H
#define CLIENT_OPTIONS_H

#include "base/arena.h"
#include "base/status.h"
#include "hirsch/client.h"

enum { CLIENT_NO_WRITER = HIRSCH_MAX_ENDPOINTS + 1 };

struct client_settings {
    size_t endpoint_count;                       /* 1 to HIRSCH_MAX_ENDPOINTS */
    const char *endpoints[HIRSCH_MAX_ENDPOINTS]; /* in the arena */
    uint32_t timeout_ms;
    uint32_t max_reply_bytes;
    uint32_t max_request_bytes;
    bool fail_fast;
    /* Behind the read endpoints, or the only one of these; CLIENT_NO_WRITER: unknown. */
    size_t writer_slot;
    size_t slot_count;         /* endpoints in all, the writer included */
    const char *writer;        /* in the arena; NULL: no endpoint of its own */
    const char *authorization; /* in the arena; NULL: none */
    uint32_t retry_attempts;
    uint32_t retry_first_ms;
    uint32_t retry_most_ms;
    double retry_multiplier;
    struct base_allocator allocator; /* unset: malloc and free */
    hirsch_log *log;
    void *log_context;
};

/* The caller's hooks, or NULL when options name none; kept in *allocator. */
const struct base_allocator *client_allocator_read(const struct hirsch_options *options,
                                                   struct base_allocator *allocator);

/* options may be NULL. environment: the value of HIRSCH_SERVER, or NULL. */
enum base_code client_settings_read(const struct hirsch_options *options, const char *environment,
                                    struct base_arena *arena, struct client_settings *settings,
                                    struct base_error *error);

/* The caller's options of one call with the client's defaults filled in. call may be NULL. */
enum base_code client_call_options_read(const struct hirsch_call_options *call,
                                        const struct client_settings *settings,
                                        struct hirsch_call_options *filled,
                                        struct base_error *error);

/* For what goes to the writer, whatever the caller says: *filled, a copy of call with that set.
 * call may be NULL. */
const struct hirsch_call_options *client_to_writer(const struct hirsch_call_options *call,
                                                   struct hirsch_call_options *filled);

#endif
