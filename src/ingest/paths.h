/* From the paths of a job to the list of files to read. */
#ifndef INGEST_PATHS_H
#define INGEST_PATHS_H

#include "ingest/ingest.h"

struct ingest_file {
    char *path;         /* owned */
    uint64_t size;      /* on disk; 0 when unknown */
    model_time updated; /* of the snapshot folder updated_date=…, else 0 */
};

struct ingest_files {
    struct ingest_file *list; /* owned */
    size_t count;
    size_t capacity;
    uint64_t bytes; /* 0 when a size is unknown */
};

/* In the order of the paths, the files of a folder in the order of their names. NOT_FOUND: a path
 * that does not exist, a folder with nothing to read in it. notice may be NULL. */
enum base_code ingest_files_find(const struct ingest_job *job, struct ingest_files *files,
                                 struct base_error *error);
void ingest_files_fini(struct ingest_files *files);

#endif
