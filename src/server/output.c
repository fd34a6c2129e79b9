#include "server/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static enum base_code cannot_make(const char *path, struct base_error *error)
{
    return base_fail(error, BASE_RESOURCE_EXHAUSTED, "cannot make %s: %s", path, strerror(errno));
}

/* Is what was opened still what the name stands for? */
static bool is_named(int file, const char *path)
{
    struct stat opened;
    struct stat named;
    return fstat(file, &opened) == 0 && stat(path, &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

/* A lock tells the part that a job writes from one that a job left behind, which may be of any mode
 * and is removed. *file -1: look again. */
static enum base_code try_part(const char *part, int *file, struct base_error *error)
{
    int opened = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    bool made = opened >= 0;
    *file = -1;
    if (!made && errno == EEXIST) {
        opened = open(part, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (opened < 0 && errno == ENOENT) {
            return BASE_OK;
        }
    }
    if (opened < 0) {
        return cannot_make(part, error);
    }
    if (flock(opened, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        close(opened);
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "another job is writing %s", part);
    }
    bool named = is_named(opened, part);
    if (made && named) {
        *file = opened;
        return BASE_OK;
    }
    enum base_code code = BASE_OK;
    if (!made && named && unlink(part) != 0) {
        code = cannot_make(part, error);
    }
    close(opened);
    return code;
}

static enum base_code open_part(struct server_output *output, struct base_error *error)
{
    int file = -1;
    enum base_code code = BASE_OK;
    while (code == BASE_OK && file < 0) {
        code = try_part(output->part, &file, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    output->file = fdopen(file, "wb");
    if (output->file == NULL) {
        code = cannot_make(output->part, error);
        unlink(output->part);
        close(file);
    }
    return code;
}

static enum base_code open_file(const char *path, struct server_output *output,
                                struct base_error *error)
{
    /* Of a symbolic link what it names is replaced, not the link. */
    output->path = realpath(path, NULL);
    if (output->path == NULL && errno == ENOENT) {
        output->path = strdup(path);
    }
    if (output->path == NULL) {
        return cannot_make(path, error);
    }
    size_t size = strlen(output->path) + sizeof ".part";
    output->part = malloc(size);
    enum base_code code = BASE_OK;
    if (output->part == NULL) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    } else {
        snprintf(output->part, size, "%s.part", output->path);
        code = open_part(output, error);
    }
    if (code != BASE_OK) {
        free(output->part);
        free(output->path);
    }
    return code;
}

enum base_code server_output_open(const char *path, struct server_output *output,
                                  struct base_error *error)
{
    *output = (struct server_output){.file = stdout, .shown = path};
    if (path == NULL) {
        return BASE_OK;
    }
    struct stat info;
    bool there = stat(path, &info) == 0;
    if (there && S_ISDIR(info.st_mode)) {
        errno = EISDIR;
        return cannot_make(path, error);
    }
    if (!there || S_ISREG(info.st_mode)) {
        return open_file(path, output, error);
    }
    /* A pipe or device is written to as it is: nothing is put in its place. */
    output->file = fopen(path, "wbe");
    return output->file == NULL ? cannot_make(path, error) : BASE_OK;
}

enum base_code server_output_failed(const char *path, struct base_error *error)
{
    bool no_room = errno == ENOSPC || errno == EDQUOT || errno == EFBIG || errno == ENOMEM;
    return base_fail(error, no_room ? BASE_RESOURCE_EXHAUSTED : BASE_DATA_LOSS,
                     "cannot write %s: %s", path == NULL ? "to standard output" : path,
                     strerror(errno));
}

static enum base_code failed(const struct server_output *output, struct base_error *error)
{
    return server_output_failed(output->shown, error);
}

enum base_code server_output_write(struct server_output *output, struct base_slice bytes,
                                   struct base_error *error)
{
    if (bytes.size > 0 && fwrite(bytes.data, 1, bytes.size, output->file) != bytes.size) {
        return failed(output, error);
    }
    return BASE_OK;
}

enum base_code server_output_sync_folder(const char *path, struct base_error *error)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum base_code code = BASE_OK;
    /* One that may be written but not read cannot be synced. */
    if (folder < 0 ? errno != EACCES : fsync(folder) != 0) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "cannot sync the folder %s: %s", path,
                         strerror(errno));
    }
    if (folder >= 0) {
        close(folder);
    }
    return code;
}

static enum base_code sync_folder_of(char *path, struct base_error *error)
{
    char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return server_output_sync_folder(".", error);
    }
    slash[slash == path ? 1 : 0] = '\0';
    return server_output_sync_folder(path, error);
}

enum base_code server_output_close(struct server_output *output, bool keep,
                                   struct base_error *error)
{
    enum base_code code = fflush(output->file) == 0 ? BASE_OK : failed(output, error);
    if (output->shown == NULL) {
        return code;
    }
    if (output->part == NULL) {
        return fclose(output->file) == 0 || code != BASE_OK ? code : failed(output, error);
    }
    keep = keep && code == BASE_OK;
    if (keep && (fsync(fileno(output->file)) != 0 || rename(output->part, output->path) != 0)) {
        code = failed(output, error);
        keep = false;
    }
    if (!keep) {
        unlink(output->part);
    }
    /* Only now may another job have the name of the part. */
    fclose(output->file);
    if (keep) {
        code = sync_folder_of(output->path, error);
    }
    free(output->part);
    free(output->path);
    return code;
}
