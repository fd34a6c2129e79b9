/* Who may call what: the keys in force, the role that each method asks for, and the limits of a
 * key. Keys can be replaced while requests run. */
#ifndef RPC_ACCESS_H
#define RPC_ACCESS_H

#include "rpc/keys.h"

struct rpc_access; /* shared by all sessions */

/* What one session holds of it: one thread. */
struct rpc_access_view {
    uint64_t generation;
    struct rpc_access_set *set; /* counted */
};

/* Limits of keys that have none of their own; 0: none. */
struct rpc_key_limits {
    uint32_t rate;      /* requests a second */
    uint32_t in_flight; /* requests that wait beside the loops */
};

enum base_code rpc_access_new(struct rpc_access **access, struct base_error *error);
/* Takes NULL. All views are closed before. */
void rpc_access_free(struct rpc_access *access);

/* Takes keys over, for all requests that begin from here on. NULL: no keys at all, and everybody
 * may do everything; that is also the start. Any thread. */
enum base_code rpc_access_replace(struct rpc_access *access, struct rpc_keys *keys,
                                  struct base_error *error);
/* Any thread. */
void rpc_access_limit(struct rpc_access *access, const struct rpc_key_limits *limits);

/* Are there keys, so that a caller needs one? */
bool rpc_access_keyed(const struct rpc_access *access);

void rpc_access_view_close(struct rpc_access *access, struct rpc_access_view *view);

struct rpc_meter;

/* Who calls, as far as it is known. */
struct rpc_caller {
    char key[RPC_KEY_ID + 1]; /* "": without a key */
    enum rpc_role role;
    struct rpc_meter *meter; /* NULL without a key; lives as long as access */
};

/* authorization: of the metadata, size 0: none was sent. needed: of the method. UNAUTHENTICATED: a
 * key is needed, or this one is none; PERMISSION_DENIED: its role does not do; RESOURCE_EXHAUSTED:
 * it sends faster than it may, *retry_after_ms says when to come again. *reason is a static word
 * for programs on failure. *caller is filled as far as the caller is known, also on failure. */
enum base_code rpc_access_check(struct rpc_access *access, struct rpc_access_view *view,
                                struct base_slice authorization, enum rpc_role needed,
                                model_time now, uint64_t now_ns, struct rpc_caller *caller,
                                uint32_t *retry_after_ms, const char **reason,
                                struct base_error *error);

/* Around work that waits beside the loops; any thread. False: the key has as many as it may. */
bool rpc_meter_enter(struct rpc_meter *meter);
void rpc_meter_leave(struct rpc_meter *meter);

#endif
