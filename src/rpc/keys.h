/* Keys of callers: made, written as lines, read again, and checked. Only hashes are kept. */
#ifndef RPC_KEYS_H
#define RPC_KEYS_H

#include "base/buffer.h"
#include "base/limits.h"
#include "base/status.h"
#include "model/date.h"

/* What a caller may do, each with all that stands before it. A method's row names the least. */
enum rpc_role {
    RPC_NOBODY = 0, /* a method whose row says nothing is for nobody */
    RPC_ANYONE,     /* needs no key */
    RPC_READER,
    RPC_WRITER,
    RPC_ADMIN,
};

/* "reader"; RPC_NOBODY and RPC_ANYONE have names too. Static storage. */
const char *rpc_role_name(enum rpc_role role);
/* Roles that a key may have. */
bool rpc_role_named(struct base_slice name, enum rpc_role *role);

enum {
    RPC_KEY_ID = 12,     /* hexadecimal digits: names the key, is no secret */
    RPC_KEY_HASH = 32,   /* BLAKE2b of the whole key */
    RPC_KEY_SECRET = 64, /* hexadecimal digits: 256 bits of chance */
    /* "hirsch_" id "_" secret */
    RPC_KEY_TOKEN = 7 + RPC_KEY_ID + 1 + RPC_KEY_SECRET,
};

struct rpc_key {
    char id[RPC_KEY_ID + 1];
    enum rpc_role role;
    uint8_t hash[RPC_KEY_HASH];
    model_time created;
    model_time expires;            /* 0: never */
    uint32_t rate;                 /* requests a second; 0: the daemon's --key-rate */
    uint32_t in_flight;            /* 0: the daemon's --key-in-flight */
    char name[LIMIT_KEY_NAME + 1]; /* for people; may be "" */
};

struct rpc_keys;

enum base_code rpc_keys_new(struct rpc_keys **keys, struct base_error *error);
/* Takes NULL. */
void rpc_keys_free(struct rpc_keys *keys);

/* The text of DIR/keys. FAILED_PRECONDITION names the line. */
enum base_code rpc_keys_parse(struct base_slice text, struct rpc_keys **keys,
                              struct base_error *error);
/* What parse reads; check buffer->failed. */
void rpc_keys_write(const struct rpc_keys *keys, struct base_buffer *text);

size_t rpc_keys_count(const struct rpc_keys *keys);
const struct rpc_key *rpc_keys_at(const struct rpc_keys *keys, size_t index);

/* Makes a key of role, expires, rate, in_flight and name as *key has them and adds it; fills the
 * rest of *key, and the token, which nobody can make again. INVALID_ARGUMENT: a name that is too
 * long or holds control characters; RESOURCE_EXHAUSTED: LIMIT_KEYS are there. */
enum base_code rpc_keys_add(struct rpc_keys *keys, model_time now, struct rpc_key *key,
                            char token[RPC_KEY_TOKEN + 1], struct base_error *error);

/* By id, or by a name that one key has. NOT_FOUND; INVALID_ARGUMENT: several keys have it. */
enum base_code rpc_keys_remove(struct rpc_keys *keys, struct base_slice id_or_name,
                               struct rpc_key *removed, struct base_error *error);

/* Which key is it? In constant time as far as the secret goes. UNAUTHENTICATED: no key of ours, or
 * it has expired; *index is then untouched. */
enum base_code rpc_keys_check(const struct rpc_keys *keys, struct base_slice token, model_time now,
                              size_t *index, struct base_error *error);

#endif
