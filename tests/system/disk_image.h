/* What may lie on a disk when the power goes: from a record of writes and syncs, folders in which
 * everything synced is whole, and of the rest any part may be there or not. */
#ifndef TESTS_DISK_IMAGE_H
#define TESTS_DISK_IMAGE_H

#include <stddef.h>
#include <stdint.h>

struct disk;

/* The file of the preloaded recorder (support/record_writes.h). Ends the process when it cannot be
 * read. */
struct disk *disk_load(const char *path);
void disk_free(struct disk *disk);

/* How many events there are. */
size_t disk_events(const struct disk *disk);

/* Goes on to the moment after `cut` events; cuts only grow. The last event may be under way. */
void disk_advance(struct disk *disk, size_t cut);
/* The greatest number that was marked by then. */
uint64_t disk_mark(const struct disk *disk);
/* What the last event was. */
const char *disk_last(const struct disk *disk);

/* One of the folders that the disk may hold at that moment. unit: bytes that are written together
 * or not at all, 512 or 4096. */
void disk_make(const struct disk *disk, size_t unit, uint64_t seed, const char *folder);

#endif
