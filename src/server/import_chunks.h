/* An import in chunks: records that were gathered, cut into pieces that are one transaction and one
 * entry of the log each, applied beside readers, and gone on with after a kill of either side. */
#ifndef SERVER_IMPORT_CHUNKS_H
#define SERVER_IMPORT_CHUNKS_H

#include "server/progress.h"
#include "store/derive.h"

struct import_chunk {
    uint32_t number;
    const struct store_record *records; /* canonical bytes, in the order of keys */
    size_t count;
};

struct import_counts {
    uint64_t chunks;
    uint64_t stored;
    uint64_t unchanged;
    uint64_t older;
    uint64_t suppressed;
    uint64_t failed;
    uint64_t sequence; /* of the last change */
};

enum { IMPORT_ID = 32 };

struct import_door;

/* Who applies chunks: one row a way. */
struct import_way {
    const char *name; /* "daemon" */
    /* Takes the chunk when there is room for it, counting what became of earlier ones meanwhile.
     * The records live until finish has returned. */
    enum base_code (*submit)(struct import_door *door, const struct import_chunk *chunk,
                             struct base_error *error);
    /* Waits until everything that was submitted is on disk. */
    enum base_code (*finish)(struct import_door *door, struct base_error *error);
    void (*close)(struct import_door *door);
};

/* The part of a door that all ways share. */
struct import_door {
    const struct import_way *way;
    size_t chunk_bytes;     /* of the records of one chunk */
    char id[IMPORT_ID + 1]; /* of the import, hexadecimal */
    struct import_counts counts;
    struct server_progress *progress;
};

/* A record that was refused: told with its id, up to a number of them. */
void import_tell_failed(struct import_door *door, const struct store_record *record,
                        struct base_slice why);

/* The daemon that holds the directory. NOT_FOUND: nobody listens there. */
enum base_code import_daemon_open(const char *directory, struct import_door **door,
                                  struct base_error *error);
/* The writer, in this process; the caller holds the directory's lock. */
enum base_code import_writer_open(const char *directory, uint64_t map_size,
                                  struct import_door **door, struct base_error *error);
/* Takes NULL. */
void import_door_close(struct import_door *door);

/* Applies all of them through the door. The same records have the same id until all is done, so
 * that an import that was killed goes on where it was when it is given the same input again. */
enum base_code import_apply(const char *directory, const struct store_record *records, size_t count,
                            struct import_door *door, struct base_error *error);

#endif
