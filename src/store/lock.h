/* One daemon or one writing job a data directory. */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include "base/status.h"

struct store_lock;

/* Makes the directory when it is not there, refuses network file systems, and takes the lock that
 * lasts until release or the end of the process. purpose ("serve", "import") is told to whoever
 * comes too late: RESOURCE_EXHAUSTED names the holder. */
enum base_code store_lock_take(const char *directory, const char *purpose, struct store_lock **lock,
                               struct base_error *error);
/* The same for who works on a store that is there: NOT_FOUND when the directory holds none, and
 * then nothing is made. */
enum base_code store_lock_take_present(const char *directory, const char *purpose,
                                       struct store_lock **lock, struct base_error *error);

/* Takes NULL. */
void store_lock_release(struct store_lock *lock);

#endif
