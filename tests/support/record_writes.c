/* Preloaded into a program: passes every write, truncation, creation, renaming, removal and sync of
 * files below a folder on to the system and records it, in the order in which they happened. Calls
 * that the recorder does not know but that would change such a file end the program. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "record_writes.h"

#define NEXT(name) ((__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name))

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int trace = -1;
static char root[PATH_MAX];

static void die(const char *what)
{
    dprintf(2, "recorder: %s\n", what);
    abort();
}

static void open_trace(void)
{
    const char *file = getenv(RECORD_FILE);
    const char *folder = getenv(RECORD_ROOT);
    if (file == NULL || folder == NULL || realpath(folder, root) == NULL) {
        return;
    }
    trace =
        (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (trace < 0) {
        die("the file of the record cannot be opened");
    }
}

static void put(const void *data, size_t size)
{
    const char *from = data;
    while (size > 0) {
        long written = syscall(SYS_write, trace, from, size);
        if (written <= 0) {
            die("the record cannot be written");
        }
        from += written;
        size -= (size_t)written;
    }
}

/* The path below the folder, NULL for others. Memory maps with locks are no files of the store: a
 * machine that starts again makes them anew. */
static const char *below(const char *path)
{
    pthread_once(&once, open_trace);
    size_t size = strlen(root);
    if (trace < 0 || strncmp(path, root, size) != 0 || path[size] != '/') {
        return NULL;
    }
    const char *name = path + size + 1;
    size_t length = strlen(name);
    bool lock = length >= 8 && strcmp(name + length - 8, "lock.mdb") == 0;
    bool gone = length >= 10 && strcmp(name + length - 10, " (deleted)") == 0;
    return lock || gone ? NULL : name;
}

static const char *below_fd(int fd, char path[PATH_MAX])
{
    char link[64];
    int saved = errno;
    pthread_once(&once, open_trace);
    if (trace < 0 || fd == trace) {
        return NULL;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, PATH_MAX - 1);
    errno = saved;
    if (size <= 0) {
        return NULL;
    }
    path[size] = '\0';
    return below(path);
}

/* Folder and last part resolved, so that one file has one name. */
static const char *below_at(int folder, const char *name, char path[PATH_MAX])
{
    char given[PATH_MAX];
    char above[PATH_MAX];
    char link[64];
    pthread_once(&once, open_trace);
    if (trace < 0) {
        return NULL;
    }
    if (name[0] == '/' || folder == AT_FDCWD) {
        snprintf(given, sizeof given, "%s", name);
    } else {
        snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        ssize_t size = readlink(link, above, sizeof above - 1);
        above[size > 0 ? size : 0] = '\0';
        if (snprintf(given, sizeof given, "%s/%s", above, name) >= (int)sizeof given) {
            die("a path is too long");
        }
    }
    char *slash = strrchr(given, '/');
    const char *last = slash == NULL ? given : slash + 1;
    if (slash != NULL) {
        *slash = '\0';
    }
    const char *head = slash == NULL ? "." : given[0] == '\0' ? "/" : given;
    if (realpath(head, above) == NULL ||
        snprintf(path, PATH_MAX, "%s/%s", above, last) >= PATH_MAX) {
        return NULL;
    }
    return below(path);
}

static void record(enum record_kind kind, const char *path, uint64_t offset, const void *bytes,
                   uint64_t size)
{
    int saved = errno;
    size_t length = strlen(path);
    bool mark = kind == RECORD_WRITE && length >= 5 && strcmp(path + length - 5, "marks") == 0;
    struct record_event event = {mark ? RECORD_MARK : kind, (uint32_t)length, offset, size};
    pthread_mutex_lock(&mutex);
    put(&event, sizeof event);
    put(path, length);
    if (bytes != NULL) {
        put(bytes, size);
    }
    pthread_mutex_unlock(&mutex);
    errno = saved;
}

/* Of a file opened with O_SYNC or O_DSYNC a write is on disk when it returns. */
static void record_synced(int fd, const char *path, off_t offset, ssize_t written)
{
    int saved = errno;
    if (written > 0 && (fcntl(fd, F_GETFL) & O_DSYNC) != 0) {
        record(RECORD_SYNC_RANGE, path, (uint64_t)offset, NULL, (uint64_t)written);
    }
    errno = saved;
}

static off_t place(int fd)
{
    struct stat info;
    if ((fcntl(fd, F_GETFL) & O_APPEND) != 0) {
        return fstat(fd, &info) == 0 ? info.st_size : 0;
    }
    return lseek(fd, 0, SEEK_CUR);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
    char path[PATH_MAX];
    const char *name = below_fd(fd, path);
    if (name != NULL) {
        record(RECORD_WRITE, name, (uint64_t)offset, data, size);
    }
    ssize_t written = NEXT(pwrite64)(fd, data, size, offset);
    if (name != NULL) {
        record_synced(fd, name, offset, written);
    }
    return written;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
    return pwrite64(fd, data, size, offset);
}

ssize_t write(int fd, const void *data, size_t size)
{
    char path[PATH_MAX];
    const char *name = below_fd(fd, path);
    off_t offset = name == NULL ? 0 : place(fd);
    if (name != NULL) {
        record(RECORD_WRITE, name, (uint64_t)offset, data, size);
    }
    ssize_t written = NEXT(write)(fd, data, size);
    if (name != NULL) {
        record_synced(fd, name, offset, written);
    }
    return written;
}

static ssize_t write_parts(int fd, const struct iovec *parts, int count, off_t offset, bool moves)
{
    char path[PATH_MAX];
    const char *name = below_fd(fd, path);
    off_t at = moves && name != NULL ? place(fd) : offset;
    off_t from = at;
    for (int i = 0; name != NULL && i < count; i++) {
        record(RECORD_WRITE, name, (uint64_t)at, parts[i].iov_base, parts[i].iov_len);
        at += (off_t)parts[i].iov_len;
    }
    ssize_t written =
        moves ? NEXT(writev)(fd, parts, count) : NEXT(pwritev64)(fd, parts, count, offset);
    if (name != NULL) {
        record_synced(fd, name, from, written);
    }
    return written;
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    return write_parts(fd, parts, count, 0, true);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset)
{
    return write_parts(fd, parts, count, offset, false);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
    return write_parts(fd, parts, count, offset, false);
}

static int synced(int fd, int result)
{
    char path[PATH_MAX];
    const char *name = result == 0 ? below_fd(fd, path) : NULL;
    if (name != NULL) {
        record(RECORD_SYNC, name, 0, NULL, 0);
    } else if (result == 0 && trace >= 0 && strcmp(path, root) == 0) {
        record(RECORD_SYNC, "", 0, NULL, 0);
    }
    return result;
}

int fsync(int fd)
{
    return synced(fd, NEXT(fsync)(fd));
}

int fdatasync(int fd)
{
    return synced(fd, NEXT(fdatasync)(fd));
}

int ftruncate64(int fd, off64_t size)
{
    char path[PATH_MAX];
    const char *name = below_fd(fd, path);
    if (name != NULL) {
        record(RECORD_TRUNCATE, name, (uint64_t)size, NULL, 0);
    }
    return NEXT(ftruncate64)(fd, size);
}

int ftruncate(int fd, off_t size)
{
    return ftruncate64(fd, size);
}

static int open_file(int folder, const char *name, int flags, mode_t mode)
{
    char path[PATH_MAX];
    struct stat info;
    bool writes = (flags & O_ACCMODE) != O_RDONLY && (flags & O_TMPFILE) != O_TMPFILE;
    const char *found = writes ? below_at(folder, name, path) : NULL;
    bool was = found != NULL && fstatat(folder, name, &info, 0) == 0;
    int fd = (int)syscall(SYS_openat, folder, name, flags, mode);
    if (found != NULL && fd >= 0 && !was) {
        record(RECORD_CREATE, found, 0, NULL, 0);
    } else if (found != NULL && fd >= 0 && (flags & O_TRUNC) != 0) {
        record(RECORD_TRUNCATE, found, 0, NULL, 0);
    }
    return fd;
}

static mode_t mode_of(int flags, va_list *more)
{
    bool given = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
    return given ? va_arg(*more, mode_t) : 0;
}

int open64(const char *name, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = mode_of(flags, &more);
    va_end(more);
    return open_file(AT_FDCWD, name, flags | O_LARGEFILE, mode);
}

int open(const char *name, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = mode_of(flags, &more);
    va_end(more);
    return open_file(AT_FDCWD, name, flags, mode);
}

int openat(int folder, const char *name, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = mode_of(flags, &more);
    va_end(more);
    return open_file(folder, name, flags, mode);
}

int mkdir(const char *name, mode_t mode)
{
    char path[PATH_MAX];
    const char *found = below_at(AT_FDCWD, name, path);
    int result = NEXT(mkdir)(name, mode);
    if (found != NULL && result == 0) {
        record(RECORD_MKDIR, found, 0, NULL, 0);
    }
    return result;
}

static int removed(const char *name, int (*call)(const char *))
{
    char path[PATH_MAX];
    const char *found = below_at(AT_FDCWD, name, path);
    int result = call(name);
    if (found != NULL && result == 0) {
        record(RECORD_UNLINK, found, 0, NULL, 0);
    }
    return result;
}

int unlink(const char *name)
{
    return removed(name, NEXT(unlink));
}

int rmdir(const char *name)
{
    return removed(name, NEXT(rmdir));
}

int rename(const char *from, const char *to)
{
    char from_path[PATH_MAX];
    char to_path[PATH_MAX];
    const char *before = below_at(AT_FDCWD, from, from_path);
    const char *after = below_at(AT_FDCWD, to, to_path);
    int result = NEXT(rename)(from, to);
    if (result == 0 && (before == NULL) != (after == NULL)) {
        die("a file was moved into the folder or out of it");
    }
    if (result == 0 && before != NULL) {
        record(RECORD_RENAME, before, 0, after, strlen(after));
    }
    return result;
}

/* Ways to change a file that nothing here uses; if that changes, the recorder has to learn them. */
static void refuse(int fd, const char *what)
{
    char path[PATH_MAX];
    if (below_fd(fd, path) != NULL) {
        die(what);
    }
}

int fallocate64(int fd, int mode, off64_t offset, off64_t size)
{
    refuse(fd, "fallocate");
    return NEXT(fallocate64)(fd, mode, offset, size);
}

int posix_fallocate64(int fd, off64_t offset, off64_t size)
{
    refuse(fd, "posix_fallocate");
    return NEXT(posix_fallocate64)(fd, offset, size);
}

void *mmap64(void *address, size_t size, int protection, int flags, int fd, off64_t offset)
{
    if (fd >= 0 && (flags & MAP_SHARED) != 0 && (protection & PROT_WRITE) != 0) {
        refuse(fd, "a writable shared map");
    }
    return (void *)syscall(SYS_mmap, address, size, protection, flags, fd, offset);
}

void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
    return mmap64(address, size, protection, flags, fd, offset);
}
