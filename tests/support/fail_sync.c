/* Preloaded into a program: the file named by FAIL_SYNC_WHEN makes the next sync fail, and no
 * other: the kernel tells of pages that it could not write once. */
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int sync_or_fail(long call, int file)
{
    const char *when = getenv("FAIL_SYNC_WHEN");
    if (when != NULL && unlink(when) == 0) {
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
