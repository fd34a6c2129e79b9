/* Preloaded into a program: the file named by FAIL_SYNC_WHEN makes the next sync fail, and no
 * other: the kernel tells of pages that it could not write once. So does a rename to the name in
 * FAIL_SYNC_RENAMED. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool renamed;

int rename(const char *from, const char *to)
{
    const char *wanted = getenv("FAIL_SYNC_RENAMED");
    const char *slash = strrchr(to, '/');
    renamed = renamed || (wanted != NULL && strcmp(slash == NULL ? to : slash + 1, wanted) == 0);
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

static int sync_or_fail(long call, int file)
{
    const char *when = getenv("FAIL_SYNC_WHEN");
    if (renamed || (when != NULL && unlink(when) == 0)) {
        renamed = false;
        errno = EIO;
        return -1;
    }
    return (int)syscall(call, file);
}

int fdatasync(int file)
{
    return sync_or_fail(SYS_fdatasync, file);
}

int fsync(int file)
{
    return sync_or_fail(SYS_fsync, file);
}
