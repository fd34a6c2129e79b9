/* The data directory: generations of the store, and the file CURRENT that names the one that
 * counts.
 *
 *   DIR/lock                     held by the one daemon or writing job
 *   DIR/CURRENT                  "store-00000007\n", replaced by rename
 *   DIR/store-00000007/          data.mdb and lock.mdb of LMDB
 *
 * A build fills a new generation and only then renames CURRENT, so a kill at any moment leaves the
 * old store or the new one. Generations that CURRENT does not name are removed by the next one who
 * holds the lock, once CURRENT is on the disk. */
#ifndef STORE_DIRECTORY_H
#define STORE_DIRECTORY_H

#include <limits.h>

#include "base/status.h"

enum { STORE_PATH = PATH_MAX };

/* "directory/name". INVALID_ARGUMENT when it is too long. */
enum base_code store_directory_path(const char *directory, const char *name, char path[STORE_PATH],
                                    struct base_error *error);

/* Makes the directory (0700) when it is missing, its parent's entry on disk; FAILED_PRECONDITION on
 * network file systems. */
enum base_code store_directory_prepare(const char *directory, struct base_error *error);

/* Path of the present generation; NOT_FOUND when nothing was imported yet. */
enum base_code store_directory_current(const char *directory, char path[STORE_PATH],
                                       struct base_error *error);

/* The rest is for the holder of the lock. Makes the folder of the next generation. name: its name
 * in the directory. */
enum base_code store_directory_next(const char *directory, char name[32], char path[STORE_PATH],
                                    struct base_error *error);

/* Ends the making of a generation. code BASE_OK: it is whole, and becomes the present one, on disk
 * when this returns. Otherwise it is removed, and code comes back. When the disk refuses to take
 * the change, which is in force by then, both generations stay. */
enum base_code store_directory_end(const char *directory, const char *name, enum base_code code,
                                   struct base_error *error);

/* Removes every generation but the present one. Failures are left for the next time. */
void store_directory_clean(const char *directory);

#endif
