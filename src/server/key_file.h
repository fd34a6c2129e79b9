/* DIR/keys: read whole, replaced by rename, and watched by a running daemon. */
#ifndef SERVER_KEY_FILE_H
#define SERVER_KEY_FILE_H

#include <time.h>

#include "rpc/keys.h"

/* *keys is NULL when there is no such file. FAILED_PRECONDITION: it cannot be read or is damaged;
 * the text names file and line. */
enum base_code server_keys_read(const char *directory, struct rpc_keys **keys,
                                struct base_error *error);

/* Mode 0600, on disk when this returns. */
enum base_code server_keys_replace(const char *directory, const struct rpc_keys *keys,
                                   struct base_error *error);

/* One change at a time: waits for others. Returns a descriptor to close, or -1 with error filled.
 */
int server_keys_lock(const char *directory, struct base_error *error);

/* Which file it was. */
struct server_keys_stamp {
    bool there;
    uint64_t device;
    uint64_t inode;
    uint64_t size;
    struct timespec changed;
};

/* Has the file changed since *stamp, which is brought up to date? */
bool server_keys_changed(const char *directory, struct server_keys_stamp *stamp);

#endif
