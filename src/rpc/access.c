#include "rpc/access.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { NS_A_SECOND = 1000000000, NS_A_MS = 1000000 };

/* The traffic of one key. A slot keeps its key as long as the key is in force; a session that still
 * holds keys from before may for one request count on a slot that has another key by now. */
struct rpc_meter {
    char id[RPC_KEY_ID + 1]; /* guarded by the mutex; "": free */
    /* Generic cell rate: when the key's budget is whole again, on the monotonic clock. */
    _Atomic uint64_t whole_ns;
    _Atomic uint32_t in_flight;
    _Atomic uint32_t most_in_flight; /* 0: any */
    _Atomic uint32_t rate;           /* 0: any */
};

struct rpc_access_set {
    unsigned holders;      /* guarded by the mutex */
    struct rpc_keys *keys; /* owned; NULL: none are needed */
    struct rpc_meter *meters[LIMIT_KEYS];
};

struct rpc_access {
    _Atomic uint64_t generation;
    atomic_bool keyed;
    pthread_mutex_t mutex; /* guards what follows */
    struct rpc_access_set *set;
    struct rpc_key_limits limits;
    struct rpc_meter meters[2 * LIMIT_KEYS];
};

static void release(struct rpc_access_set *set)
{
    if (set != NULL && --set->holders == 0) {
        rpc_keys_free(set->keys);
        free(set);
    }
}

enum base_code rpc_access_new(struct rpc_access **access, struct base_error *error)
{
    struct rpc_access *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for access");
    }
    atomic_init(&made->generation, 0);
    atomic_init(&made->keyed, false);
    pthread_mutex_init(&made->mutex, NULL);
    enum base_code code = rpc_access_replace(made, NULL, error);
    if (code != BASE_OK) {
        rpc_access_free(made);
        return code;
    }
    *access = made;
    return BASE_OK;
}

void rpc_access_free(struct rpc_access *access)
{
    if (access != NULL) {
        release(access->set);
        pthread_mutex_destroy(&access->mutex);
        free(access);
    }
}

static void set_limits(struct rpc_access *access, const struct rpc_access_set *set)
{
    size_t count = set->keys == NULL ? 0 : rpc_keys_count(set->keys);
    for (size_t i = 0; i < count; i++) {
        const struct rpc_key *key = rpc_keys_at(set->keys, i);
        uint32_t rate = key->rate != 0 ? key->rate : access->limits.rate;
        uint32_t in_flight = key->in_flight != 0 ? key->in_flight : access->limits.in_flight;
        atomic_store_explicit(&set->meters[i]->rate, rate, memory_order_relaxed);
        atomic_store_explicit(&set->meters[i]->most_in_flight, in_flight, memory_order_relaxed);
    }
}

static bool in_force(const struct rpc_access_set *set, const char *id)
{
    size_t count = set->keys == NULL ? 0 : rpc_keys_count(set->keys);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rpc_keys_at(set->keys, i)->id, id) == 0) {
            return true;
        }
    }
    return false;
}

/* A key that stays keeps its meter; there are twice as many as keys, and those of keys that are
 * gone are free once nothing is under way. */
static bool give_meters(struct rpc_access *access, struct rpc_access_set *set)
{
    size_t count = set->keys == NULL ? 0 : rpc_keys_count(set->keys);
    enum { METERS = sizeof access->meters / sizeof access->meters[0] };
    for (size_t i = 0; i < METERS; i++) {
        struct rpc_meter *meter = &access->meters[i];
        if (meter->id[0] != '\0' && !in_force(set, meter->id) &&
            atomic_load_explicit(&meter->in_flight, memory_order_relaxed) == 0) {
            meter->id[0] = '\0';
        }
    }
    for (size_t i = 0; i < count; i++) {
        const char *id = rpc_keys_at(set->keys, i)->id;
        struct rpc_meter *meter = NULL;
        for (size_t k = 0; k < METERS; k++) {
            if (strcmp(access->meters[k].id, id) == 0) {
                meter = &access->meters[k];
                break;
            }
            if (meter == NULL && access->meters[k].id[0] == '\0') {
                meter = &access->meters[k];
            }
        }
        if (meter == NULL) {
            return false;
        }
        if (meter->id[0] == '\0') {
            memcpy(meter->id, id, sizeof meter->id);
            atomic_store_explicit(&meter->whole_ns, 0, memory_order_relaxed);
        }
        set->meters[i] = meter;
    }
    return true;
}

enum base_code rpc_access_replace(struct rpc_access *access, struct rpc_keys *keys,
                                  struct base_error *error)
{
    struct rpc_access_set *made = calloc(1, sizeof *made);
    if (made == NULL) {
        rpc_keys_free(keys);
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for access");
    }
    made->holders = 1;
    made->keys = keys;
    pthread_mutex_lock(&access->mutex);
    bool given = give_meters(access, made);
    struct rpc_access_set *old = given ? access->set : made;
    if (given) {
        set_limits(access, made);
        access->set = made;
        atomic_store(&access->keyed, keys != NULL);
        atomic_fetch_add(&access->generation, 1);
    }
    release(old);
    pthread_mutex_unlock(&access->mutex);
    if (!given) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                         "too many revoked keys have requests under way");
    }
    return BASE_OK;
}

void rpc_access_limit(struct rpc_access *access, const struct rpc_key_limits *limits)
{
    pthread_mutex_lock(&access->mutex);
    access->limits = *limits;
    set_limits(access, access->set);
    pthread_mutex_unlock(&access->mutex);
}

bool rpc_access_keyed(const struct rpc_access *access)
{
    return atomic_load_explicit(&access->keyed, memory_order_relaxed);
}

void rpc_access_view_close(struct rpc_access *access, struct rpc_access_view *view)
{
    pthread_mutex_lock(&access->mutex);
    release(view->set);
    pthread_mutex_unlock(&access->mutex);
    view->set = NULL;
}

/* The lock is taken only after keys were replaced. */
static void renew(struct rpc_access *access, struct rpc_access_view *view)
{
    if (view->set != NULL &&
        atomic_load_explicit(&access->generation, memory_order_acquire) == view->generation) {
        return;
    }
    pthread_mutex_lock(&access->mutex);
    release(view->set);
    view->set = access->set;
    view->set->holders++;
    view->generation = atomic_load(&access->generation);
    pthread_mutex_unlock(&access->mutex);
}

/* "Bearer <token>", the word in any case, as RFC 6750 and 7235 have it. */
static bool bearer(struct base_slice authorization, struct base_slice *token)
{
    static const char word[] = "bearer ";
    enum { WORD = sizeof word - 1 };
    if (authorization.size < WORD) {
        return false;
    }
    for (size_t i = 0; i < WORD; i++) {
        char c = authorization.data[i];
        c = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        if (c != word[i]) {
            return false;
        }
    }
    *token = base_slice(authorization.data + WORD, authorization.size - WORD);
    return true;
}

/* Takes one request off the budget, of which a second's worth may be saved up. */
static bool within_rate(struct rpc_meter *meter, uint64_t now_ns, uint32_t *retry_after_ms)
{
    uint64_t rate = atomic_load_explicit(&meter->rate, memory_order_relaxed);
    if (rate == 0) {
        return true;
    }
    uint64_t step = NS_A_SECOND / rate;
    uint64_t whole = atomic_load_explicit(&meter->whole_ns, memory_order_relaxed);
    for (;;) {
        uint64_t from = whole > now_ns ? whole : now_ns;
        if (from + step > now_ns + NS_A_SECOND) {
            *retry_after_ms = (uint32_t)((from + step - now_ns - NS_A_SECOND) / NS_A_MS + 1);
            return false;
        }
        if (atomic_compare_exchange_weak_explicit(&meter->whole_ns, &whole, from + step,
                                                  memory_order_relaxed, memory_order_relaxed)) {
            return true;
        }
    }
}

static enum base_code check_key(const struct rpc_access_set *set, struct base_slice authorization,
                                model_time now, struct rpc_caller *caller, const char **reason,
                                struct base_error *error)
{
    struct base_slice token;
    size_t index = 0;
    if (authorization.size == 0) {
        *reason = "KEY_MISSING";
        return base_fail(error, BASE_UNAUTHENTICATED,
                         "this server wants a key: metadata `authorization: Bearer KEY` (hirsch: "
                         "HIRSCH_KEY or --key-file; its operator makes one with hirschd key "
                         "create)");
    }
    if (!bearer(authorization, &token)) {
        *reason = "KEY_MALFORMED";
        return base_fail(error, BASE_UNAUTHENTICATED,
                         "metadata authorization is not of the form `Bearer KEY`");
    }
    enum base_code code = rpc_keys_check(set->keys, token, now, &index, error);
    if (code != BASE_OK) {
        *reason = "KEY_INVALID";
        return code;
    }
    const struct rpc_key *key = rpc_keys_at(set->keys, index);
    memcpy(caller->key, key->id, sizeof caller->key);
    caller->role = key->role;
    caller->meter = set->meters[index];
    return BASE_OK;
}

enum base_code rpc_access_check(struct rpc_access *access, struct rpc_access_view *view,
                                struct base_slice authorization, enum rpc_role needed,
                                model_time now, uint64_t now_ns, struct rpc_caller *caller,
                                uint32_t *retry_after_ms, const char **reason,
                                struct base_error *error)
{
    *caller = (struct rpc_caller){.role = RPC_ANYONE};
    if (needed == RPC_ANYONE) {
        return BASE_OK;
    }
    renew(access, view);
    if (view->set->keys == NULL) {
        caller->role = RPC_ADMIN;
    } else {
        enum base_code code = check_key(view->set, authorization, now, caller, reason, error);
        if (code != BASE_OK) {
            return code;
        }
    }
    if (needed == RPC_NOBODY || caller->role < needed) {
        *reason = "KEY_ROLE";
        return base_fail(error, BASE_PERMISSION_DENIED,
                         "the method is for the role %s, and the key %s has the role %s",
                         rpc_role_name(needed), caller->key, rpc_role_name(caller->role));
    }
    if (caller->meter != NULL && !within_rate(caller->meter, now_ns, retry_after_ms)) {
        *reason = "KEY_RATE";
        return base_fail(
            error, BASE_RESOURCE_EXHAUSTED,
            "the key %s may send %u requests a second; try again in %u ms", caller->key,
            atomic_load_explicit(&caller->meter->rate, memory_order_relaxed), *retry_after_ms);
    }
    return BASE_OK;
}

bool rpc_meter_enter(struct rpc_meter *meter)
{
    if (meter == NULL) {
        return true;
    }
    uint32_t most = atomic_load_explicit(&meter->most_in_flight, memory_order_relaxed);
    uint32_t now = atomic_fetch_add_explicit(&meter->in_flight, 1, memory_order_relaxed) + 1;
    if (most != 0 && now > most) {
        rpc_meter_leave(meter);
        return false;
    }
    return true;
}

void rpc_meter_leave(struct rpc_meter *meter)
{
    if (meter != NULL) {
        atomic_fetch_sub_explicit(&meter->in_flight, 1, memory_order_relaxed);
    }
}
