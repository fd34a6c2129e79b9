#include "server/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* LIMIT_KEYS lines of the longest kind take less. */
enum { FILE_MOST = 1024 * 1024 };

static enum base_code path_of(const char *directory, const char *name, char path[PATH_MAX],
                              struct base_error *error)
{
    int length = snprintf(path, PATH_MAX, "%s/%s", directory, name);
    if (length < 0 || length >= PATH_MAX) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "%s: the path is too long", directory);
    }
    return BASE_OK;
}

static enum base_code read_text(int file, const char *path, struct base_buffer *text,
                                struct base_error *error)
{
    for (;;) {
        char piece[4096];
        ssize_t got = read(file, piece, sizeof piece);
        if (got == 0) {
            break;
        }
        if (got < 0 && errno != EINTR) {
            return base_fail(error, BASE_FAILED_PRECONDITION, "%s: cannot be read: %s", path,
                             strerror(errno));
        }
        base_buffer_append(text, piece, got < 0 ? 0 : (size_t)got);
        if (text->failed || text->size > FILE_MOST) {
            return base_fail(error, BASE_FAILED_PRECONDITION, "%s: holds more than %d bytes", path,
                             FILE_MOST);
        }
    }
    return BASE_OK;
}

enum base_code server_keys_read(const char *directory, struct rpc_keys **keys,
                                struct base_error *error)
{
    char path[PATH_MAX];
    enum base_code code = path_of(directory, "keys", path, error);
    if (code != BASE_OK) {
        return code;
    }
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        *keys = NULL;
        return BASE_OK;
    }
    if (file < 0) {
        return base_fail(error, BASE_FAILED_PRECONDITION, "%s: cannot be opened: %s", path,
                         strerror(errno));
    }
    struct base_buffer text = BASE_BUFFER_EMPTY;
    code = read_text(file, path, &text, error);
    if (code == BASE_OK) {
        code = rpc_keys_parse(base_buffer_slice(&text), keys, error);
        if (code != BASE_OK) {
            base_error_prefix(error, "%s", path);
        }
    }
    base_buffer_fini(&text);
    close(file);
    return code;
}

static enum base_code write_file(const char *path, struct base_slice text, struct base_error *error)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "%s: cannot be written: %s", path,
                         strerror(errno));
    }
    ssize_t written = write(file, text.data, text.size);
    bool whole = written == (ssize_t)text.size && fchmod(file, 0600) == 0 && fsync(file) == 0;
    int reason = errno;
    close(file);
    if (!whole) {
        unlink(path);
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "%s: cannot be written: %s", path,
                         written >= 0 && written != (ssize_t)text.size ? "no room"
                                                                       : strerror(reason));
    }
    return BASE_OK;
}

static enum base_code sync_directory(const char *directory, struct base_error *error)
{
    int folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = folder >= 0 && fsync(folder) == 0;
    int reason = errno;
    if (folder >= 0) {
        close(folder);
    }
    return synced ? BASE_OK
                  : base_fail(error, BASE_RESOURCE_EXHAUSTED, "%s: cannot be synced: %s", directory,
                              strerror(reason));
}

enum base_code server_keys_replace(const char *directory, const struct rpc_keys *keys,
                                   struct base_error *error)
{
    char path[PATH_MAX];
    char fresh[PATH_MAX];
    enum base_code code = path_of(directory, "keys", path, error);
    if (code == BASE_OK) {
        code = path_of(directory, "keys.new", fresh, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    struct base_buffer text = BASE_BUFFER_EMPTY;
    rpc_keys_write(keys, &text);
    if (text.failed) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "memory is out");
    } else {
        code = write_file(fresh, base_buffer_slice(&text), error);
    }
    base_buffer_fini(&text);
    if (code == BASE_OK && rename(fresh, path) != 0) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "%s: cannot be renamed to keys: %s", fresh,
                         strerror(errno));
    }
    return code == BASE_OK ? sync_directory(directory, error) : code;
}

int server_keys_lock(const char *directory, struct base_error *error)
{
    int folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        base_fail(error, BASE_FAILED_PRECONDITION, "%s: cannot be opened: %s", directory,
                  strerror(errno));
        return -1;
    }
    while (flock(folder, LOCK_EX) != 0) {
        if (errno != EINTR) {
            base_fail(error, BASE_FAILED_PRECONDITION, "%s: cannot be locked: %s", directory,
                      strerror(errno));
            close(folder);
            return -1;
        }
    }
    return folder;
}

bool server_keys_changed(const char *directory, struct server_keys_stamp *stamp)
{
    char path[PATH_MAX];
    struct stat info;
    struct server_keys_stamp now = {.there = false};
    if (path_of(directory, "keys", path, NULL) == BASE_OK && stat(path, &info) == 0) {
        now = (struct server_keys_stamp){.there = true,
                                         .device = (uint64_t)info.st_dev,
                                         .inode = (uint64_t)info.st_ino,
                                         .size = (uint64_t)info.st_size,
                                         .changed = info.st_ctim};
    }
    bool same = now.there == stamp->there && now.device == stamp->device &&
                now.inode == stamp->inode && now.size == stamp->size &&
                now.changed.tv_sec == stamp->changed.tv_sec &&
                now.changed.tv_nsec == stamp->changed.tv_nsec;
    *stamp = now;
    return !same;
}
