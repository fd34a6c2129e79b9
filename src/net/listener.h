/* A listening socket from a URL: tcp with a real port, ipc with a socket file that is ours
 * alone. */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include <sys/types.h>
#include "base/status.h"
#include "net/server.h"

struct net_listener {
    int fd; /* non-blocking, -1 when closed */
    bool ipc;
    bool own;           /* that of the data directory's owner */
    char url[NET_URL];  /* with the real port */
    char path[NET_URL]; /* ipc: the socket file */
    dev_t device;       /* ipc: which file it was when we made it */
    ino_t inode;
};

/* mode: of an ipc socket file, from the first moment on and whatever the umask says; it holds the
 * owner's reading and writing. */
enum base_code net_listener_open(const char *url, mode_t mode, struct net_listener *listener,
                                 struct base_error *error);

/* Removes the socket file if it is still the one that open made. Takes a closed listener. */
void net_listener_close(struct net_listener *listener);

#endif
