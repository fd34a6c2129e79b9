/* Where a job's result goes: standard output, a pipe or device, or a file that appears only when it
 * is whole. */
#ifndef SERVER_OUTPUT_H
#define SERVER_OUTPUT_H

#include <stdio.h>

#include "base/bytes.h"
#include "base/status.h"

struct server_output {
    FILE *file;
    const char *shown; /* as it was asked for; NULL: stdout */
    char *path;        /* of the file; owned, as is part; NULL: a pipe or device */
    char *part;        /* the name it has while it is not whole */
};

/* path NULL: stdout. A file is a new one, with the mode that the umask leaves, and this job alone
 * writes it: RESOURCE_EXHAUSTED when another one does. */
enum base_code server_output_open(const char *path, struct server_output *output,
                                  struct base_error *error);
/* What errno says of a write that failed. RESOURCE_EXHAUSTED: no room, another time there may be
 * some. DATA_LOSS: everything else, the reader of a pipe that is gone for one. */
enum base_code server_output_failed(const char *path, struct base_error *error);
/* Fails as above. */
enum base_code server_output_write(struct server_output *output, struct base_slice bytes,
                                   struct base_error *error);
/* Everything is on disk and has its name after this; a file is dropped when keep is false. */
enum base_code server_output_close(struct server_output *output, bool keep,
                                   struct base_error *error);

/* What the folder names is on disk after this. */
enum base_code server_output_sync_folder(const char *path, struct base_error *error);

#endif
