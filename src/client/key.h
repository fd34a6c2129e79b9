/* The key that a client shows to its servers: from the options, a file, or the environment. */
#ifndef CLIENT_KEY_H
#define CLIENT_KEY_H

#include "base/arena.h"
#include "base/status.h"
#include "hirsch/client.h"

/* *authorization: "Bearer KEY" in the arena, or NULL when nobody names a key. environment: the
 * value of HIRSCH_KEY, or NULL. INVALID_ARGUMENT: a file that cannot be read, or no key in it; no
 * text ever holds the key. */
enum base_code client_key_read(const struct hirsch_options *options, const char *environment,
                               struct base_arena *arena, const char **authorization,
                               struct base_error *error);

#endif
