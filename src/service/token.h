/* Page tokens: where the next page of a list begins, as text that the caller hands back unread. */
#ifndef SERVICE_TOKEN_H
#define SERVICE_TOKEN_H

#include "base/buffer.h"
#include "base/status.h"
#include "model/id.h"

/* Longest token, in characters. */
enum { SERVICE_TOKEN_MOST = ((1 + 8 + 8 + MODEL_ID_TEXT + 8) * 4 + 2) / 3 };

/* The last item of the page before: its sort key, with the entity by its id, since numbers change
 * with a rebuild. */
struct service_place {
    uint32_t first; /* day or count */
    uint32_t second;
    struct base_slice id; /* `scheme:value`; at most MODEL_ID_TEXT bytes */
};

/* method and list tie the token to one list: the method's name, and the normal form of the id or
 * the query that was asked for. */
void service_token_write(const char *method, struct base_slice list,
                         const struct service_place *place, struct base_buffer *token);

/* The place borrows from the arena. INVALID_ARGUMENT: damaged, of another list or of another
 * version. */
enum base_code service_token_read(const char *method, struct base_slice list,
                                  struct base_slice token, struct base_arena *arena,
                                  struct service_place *place, struct base_error *error);

#endif
