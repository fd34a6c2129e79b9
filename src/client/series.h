/* A write that is too large for one request: its requests, which are sent one after the other, and
 * what became of them. */
#ifndef CLIENT_SERIES_H
#define CLIENT_SERIES_H

#include "client/endpoint.h"
#include "client/part.h"
#include "client/result.h"
#include "hirsch/records.h"

struct client_series_part {
    struct client_part part;                  /* owned; its request moves into the envelope */
    struct base_buffer envelope;              /* owned until it moves into the call */
    struct client_reply reply;                /* owned */
    struct base_slice payload;                /* a part of reply */
    const struct hirsch_write_result *result; /* owned; of the reply, NULL while there is none */
};

struct client_series {
    struct client_series_part *parts; /* owned */
    size_t count;
    size_t capacity;
    size_t at; /* the one under way; those before are answered */
};

/* NULL when memory is out. */
struct client_series *client_series_new(void);
void client_series_free(struct client_series *series);

/* Adds a packed record to the last request, or to a new one when it does not fit there. The same
 * records are always dealt out in the same way. INVALID_ARGUMENT: no request takes it. */
enum base_code client_series_add(struct client_series *series, const struct client_room *room,
                                 const struct client_packed *record, struct base_error *error);

/* Gives each request its key. */
enum base_code client_series_seal(struct client_series *series, const char *key,
                                  struct base_error *error);

/* Items before those of request number `at`. */
size_t client_series_before(const struct client_series *series, size_t at);

/* Makes one result of those that there are. Items of a request without one have the code and the
 * text of why; those from request number `unsent` on have not been sent. INTERNAL: memory is out.
 */
enum base_code client_series_join(const struct client_series *series, size_t unsent,
                                  const struct base_error *why, struct hirsch_write_result *made,
                                  struct base_error *error);

#endif
