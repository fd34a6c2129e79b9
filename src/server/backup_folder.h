/* A backup in a folder: the stream in `rows`, and beside it MANIFEST, which appears when the stream
 * is on disk and was read back. */
#ifndef SERVER_BACKUP_FOLDER_H
#define SERVER_BACKUP_FOLDER_H

#include "base/buffer.h"
#include "server/output.h"
#include "store/manifest.h"

/* Makes the folder, or takes one that is empty or holds a backup which was not finished. *made:
 * whether it is new. *lock, to be closed, keeps others out of it. ALREADY_EXISTS: something else is
 * there. RESOURCE_EXHAUSTED: another backup is being written there. */
enum base_code server_backup_folder_make(const char *folder, bool *made, int *lock,
                                         struct base_error *error);

/* folder/name into path, which is freed by the caller. */
enum base_code server_backup_folder_path(const char *folder, const char *name, char **path,
                                         struct base_error *error);

/* Writes MANIFEST; the folder and its entry are on disk afterwards. */
enum base_code server_backup_folder_finish(const char *folder,
                                           const struct store_manifest *manifest,
                                           struct base_error *error);

/* Where a backup is read from: - for standard input, a folder, or a file. */
struct server_backup_source {
    int file;
    bool owned;
    struct base_buffer manifest; /* of a folder */
};

/* NOT_FOUND: there is no such file. DATA_LOSS: a folder without MANIFEST is not whole. */
enum base_code server_backup_source_open(const char *name, struct server_backup_source *source,
                                         struct base_error *error);
void server_backup_source_close(struct server_backup_source *source);

/* For store_restore; context is the source. */
enum base_code server_backup_source_read(void *context, void *to, size_t room, size_t *got,
                                         struct base_error *error);

#endif
