/* Preloaded into a program: of the calls below, counted from 1 over all of its processes, the one
 * with the number FAIL_CALL fails with FAIL_ERRNO and says so on standard error: "[failed: open]".
 * The others do what they always do. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static long fail_at;
static int fail_errno;
static long *calls; /* shared with children */

__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("FAIL_CALL");
    const char *number = getenv("FAIL_ERRNO");
    void *page = (void *)syscall(SYS_mmap, NULL, sizeof *calls, PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (at != NULL && number != NULL && page != MAP_FAILED) {
        fail_at = atol(at);
        fail_errno = atoi(number);
        calls = page;
    }
}

static int fails(const char *name)
{
    char text[64];
    if (calls == NULL || __atomic_add_fetch(calls, 1, __ATOMIC_RELAXED) != fail_at) {
        return 0;
    }
    int size = snprintf(text, sizeof text, "[failed: %s]\n", name);
    syscall(SYS_write, STDERR_FILENO, text, size);
    errno = fail_errno;
    return 1;
}

/* What the program calls, what the kernel is asked for instead, and its arguments. */
#define CALL(type, name, number, parameters, ...)                                                  \
    type name parameters                                                                           \
    {                                                                                              \
        return fails(#name) ? -1 : (type)syscall(number, __VA_ARGS__);                             \
    }

CALL(ssize_t, read, SYS_read, (int file, void *to, size_t size), file, to, size)
CALL(ssize_t, pread, SYS_pread64, (int file, void *to, size_t size, off_t at), file, to, size, at)
CALL(ssize_t, pwrite, SYS_pwrite64, (int file, const void *from, size_t size, off_t at), file, from,
     size, at)
CALL(ssize_t, writev, SYS_writev, (int file, const struct iovec *from, int count), file, from,
     count)
CALL(ssize_t, pwritev, SYS_pwritev, (int file, const struct iovec *from, int count, off_t at), file,
     from, count, at, 0)
CALL(int, fsync, SYS_fsync, (int file), file)
CALL(int, fdatasync, SYS_fdatasync, (int file), file)
CALL(int, ftruncate, SYS_ftruncate, (int file, off_t size), file, size)
CALL(int, rename, SYS_rename, (const char *from, const char *to), from, to)
CALL(int, mkdir, SYS_mkdir, (const char *path, mode_t mode), path, mode)
CALL(int, unlink, SYS_unlink, (const char *path), path)

/* Its messages have to arrive. */
ssize_t write(int file, const void *from, size_t size)
{
    return file > STDERR_FILENO && fails("write") ? -1 : syscall(SYS_write, file, from, size);
}

/* Of files; memory is another matter. */
void *mmap(void *at, size_t size, int protection, int flags, int file, off_t from)
{
    return file >= 0 && fails("mmap")
               ? MAP_FAILED
               : (void *)syscall(SYS_mmap, at, size, protection, flags, file, from);
}

int open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = va_arg(more, mode_t);
    va_end(more);
    return fails("open") ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int posix_fallocate(int file, off_t from, off_t size)
{
    if (fails("posix_fallocate")) {
        return fail_errno;
    }
    return syscall(SYS_fallocate, file, 0, from, size) == 0 ? 0 : errno;
}
