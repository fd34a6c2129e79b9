/* Bytes in and out of connected stream sockets. */
#ifndef NET_SOCKET_H
#define NET_SOCKET_H

#include <stddef.h>
#include <sys/types.h>

/* As recv without flags: descriptors that a local peer passes along are dropped by the kernel. Goes
 * on after a signal. */
ssize_t net_socket_read(int fd, void *memory, size_t size);

/* As send without SIGPIPE. Goes on after a signal. */
ssize_t net_socket_write(int fd, const void *bytes, size_t size);

#endif
