/* What the preloaded recorder of writes puts into its file, one event behind the other. */
#ifndef TESTS_RECORD_WRITES_H
#define TESTS_RECORD_WRITES_H

#include <stdint.h>

/* The file that events go to, and the folder whose files are recorded. */
#define RECORD_FILE "HIRSCH_RECORD_FILE"
#define RECORD_ROOT "HIRSCH_RECORD_ROOT"

enum record_kind {
    RECORD_WRITE = 1,  /* path, offset, bytes; from here on it may be on the way to the disk */
    RECORD_TRUNCATE,   /* path; offset is the new size */
    RECORD_CREATE,     /* path: a file that was not there */
    RECORD_MKDIR,      /* path */
    RECORD_UNLINK,     /* path, a file or a folder */
    RECORD_RENAME,     /* path, then bytes: the new path */
    RECORD_SYNC,       /* path, a file or a folder: all before it is on disk */
    RECORD_SYNC_RANGE, /* path, offset; size in the size field, without bytes: so is that part */
    RECORD_MARK, /* bytes: what the program says of itself (a write to a file named "marks") */
};

/* Followed by path_size bytes and, but for SYNC_RANGE, size bytes. Paths are relative to the
 * folder. */
struct record_event {
    uint32_t kind;
    uint32_t path_size;
    uint64_t offset;
    uint64_t size;
};

#endif
