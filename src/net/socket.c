#include "net/socket.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* recv and send are cancellation points: where a process has threads glibc notes so with locked
 * instructions before and after each call, an eighth of the time that receiving takes. Our threads
 * are never cancelled, so the calls are made without. Sanitizers see only recv and send. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static ssize_t receive(int fd, void *memory, size_t size)
{
    return recv(fd, memory, size, 0);
}

static ssize_t transmit(int fd, const void *bytes, size_t size)
{
    return send(fd, bytes, size, MSG_NOSIGNAL);
}
#else
static ssize_t receive(int fd, void *memory, size_t size)
{
    return syscall(SYS_recvfrom, fd, memory, size, 0, NULL, NULL);
}

static ssize_t transmit(int fd, const void *bytes, size_t size)
{
    return syscall(SYS_sendto, fd, bytes, size, MSG_NOSIGNAL, NULL, 0);
}
#endif

ssize_t net_socket_read(int fd, void *memory, size_t size)
{
    ssize_t got;
    do {
        got = receive(fd, memory, size);
    } while (got < 0 && errno == EINTR);
    return got;
}

ssize_t net_socket_write(int fd, const void *bytes, size_t size)
{
    ssize_t written;
    do {
        written = transmit(fd, bytes, size);
    } while (written < 0 && errno == EINTR);
    return written;
}
