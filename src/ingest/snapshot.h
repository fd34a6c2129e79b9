/* What the folders of an OpenAlex snapshot mean. */
#ifndef INGEST_SNAPSHOT_H
#define INGEST_SNAPSHOT_H

#include "ingest/ingest.h"

/* The day in a folder's name updated_date=2023-05-16; 0 when it is no such name. */
model_time ingest_snapshot_updated(const char *name);
/* The same for the last part of a folder's path, and for the folder that a file's path names. */
model_time ingest_snapshot_updated_of_folder(const char *path);
model_time ingest_snapshot_updated_of_file(const char *path);

/* Is this sub-folder one that Hirsch does not read: institutions, sources, …, or merged ids of
 * those? */
bool ingest_snapshot_skips(const char *folder, const char *name);

/* Reads a manifest and gives a notice when parts it names are not beside it. */
void ingest_snapshot_check(const struct ingest_job *job, const char *manifest);

#endif
