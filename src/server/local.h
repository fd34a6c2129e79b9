/* DIR/hirschd.sock: the daemon's own door, through which jobs act on a data directory that it
 * holds; and the caller's side of it, one connection that waits. */
#ifndef SERVER_LOCAL_H
#define SERVER_LOCAL_H

#include "base/buffer.h"
#include "base/status.h"
#include "wire/envelope.h"

enum { SERVER_LOCAL_URL = 160 };

/* Where the socket of a data directory is. The path of a socket file has at most 107 bytes; a
 * longer one goes through an open directory. */
struct server_local_place {
    char url[SERVER_LOCAL_URL]; /* "ipc://…" */
    int directory;              /* -1: not needed; open as long as the url is in use */
};

enum base_code server_local_place_open(const char *directory, struct server_local_place *place,
                                       struct base_error *error);
void server_local_place_close(struct server_local_place *place);

struct server_local;

/* NOT_FOUND: nobody listens there. PERMISSION_DENIED: another user's. */
enum base_code server_local_connect(const char *directory, struct server_local **local,
                                    struct base_error *error);
/* Takes NULL. */
void server_local_close(struct server_local *local);

/* Sends a request; answers come in any order. id: 31 bits of the caller's. */
enum base_code server_local_send(struct server_local *local, uint32_t id, struct base_slice method,
                                 uint32_t timeout_ms, const struct wire_metadata *metadata,
                                 size_t metadata_count, struct base_slice payload,
                                 struct base_error *error);

/* The next answer, borrowed until the next call. UNAVAILABLE: the daemon has gone, or said nothing
 * for timeout_ms. CANCELLED: server_stop_requested. */
enum base_code server_local_receive(struct server_local *local, uint32_t timeout_ms, uint32_t *id,
                                    struct wire_response *response, struct base_error *error);

#endif
