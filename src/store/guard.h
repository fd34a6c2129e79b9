/* Is there room for writes? The map and the disk below it are never filled to the brim, so that
 * deletes, and with them the way back, stay possible. */
#ifndef STORE_GUARD_H
#define STORE_GUARD_H

#include <pthread.h>

#include "store/env.h"

struct store_guard {
    const struct store_env *env;
    const char *directory; /* borrowed */
    pthread_mutex_t mutex;
    uint64_t checked_ns; /* when the rest was found out; 0: never */
    uint64_t map_used;   /* bytes */
    uint64_t map_size;
    uint64_t disk_free; /* bytes that are left to us */
    uint64_t disk_size;
};

/* Of the map, in percent: puts are refused above the first, everything above the second. */
enum { STORE_GUARD_PUTS = 90, STORE_GUARD_ALL = 98 };
/* Of the disk: puts need a tenth of it free, at most STORE_GUARD_DISK_PUTS bytes; deletes a
 * fiftieth, at most STORE_GUARD_DISK_ALL. */
#define STORE_GUARD_DISK_PUTS ((uint64_t)256 << 20)
#define STORE_GUARD_DISK_ALL ((uint64_t)64 << 20)
/* What was found out holds so long. */
enum { STORE_GUARD_MS = 50 };

void store_guard_init(struct store_guard *guard, const struct store_env *env,
                      const char *directory);
void store_guard_fini(struct store_guard *guard);

/* RESOURCE_EXHAUSTED with what is full and what to do. Any thread. */
enum base_code store_guard_admit(struct store_guard *guard, bool only_deletes, uint64_t now_ns,
                                 struct base_error *error);

/* Forgets what was found out: something failed that room may explain. Any thread. */
void store_guard_forget(struct store_guard *guard);

#endif
