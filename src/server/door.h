/* Which addresses the daemon may serve on: those of this machine, and others only with keys. */
#ifndef SERVER_DOOR_H
#define SERVER_DOOR_H

#include <stdbool.h>

#include "base/status.h"
#include "net/server.h"

/* The URL that --listen means: `auto` is all addresses with keys and loopback without. */
enum base_code server_door_url(const char *listen, bool has_keys, char url[NET_URL],
                               struct base_error *error);

/* Can nobody but this machine reach it? Sockets in the file system count as local, and so does what
 * is no address at all: the listener refuses it. */
bool server_door_is_local(const char *url);

/* FAILED_PRECONDITION: others could reach it, there are no keys, and nobody said --insecure. */
enum base_code server_door_check(const char *url, bool has_keys, bool insecure,
                                 struct base_error *error);

#endif
