/* Preloaded into a program: as soon as the file named by FAIL_SYNC_WHEN is there, its disk fails,
 * and nothing that was written reaches it any more. */
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int sync_or_fail(long call, int file)
{
    const char *when = getenv("FAIL_SYNC_WHEN");
    if (when != NULL && access(when, F_OK) == 0) {
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
