/* Reading a backup: through, to see whether it is whole, or into a data directory. */
#ifndef STORE_RESTORE_H
#define STORE_RESTORE_H

#include "store/manifest.h"

struct store_restore_options {
    void *context;
    /* Fills to with up to room bytes; *got 0 is the end. */
    enum base_code (*read)(void *context, void *to, size_t room, size_t *got,
                           struct base_error *error);
    struct base_slice manifest; /* what it has to say; size 0: whatever it says */
    /* NULL: only looks. Else the data directory, whose lock the caller holds. */
    const char *directory;
    uint64_t map_size;        /* 0: the default, or what the backup needs */
    const volatile int *stop; /* may be NULL */
};

/* Into a fresh generation, on disk before it takes the place of the present one, with a new epoch:
 * on failure nothing has changed. INVALID_ARGUMENT: no backup. DATA_LOSS: damaged or cut.
 * FAILED_PRECONDITION: of a later program, or of another dataset than the one in the directory. */
enum base_code store_restore(const struct store_restore_options *options,
                             struct store_manifest *manifest, struct base_error *error);

#endif
