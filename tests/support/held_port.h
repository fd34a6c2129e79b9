/* A TCP port that is a test's own although nobody listens there yet, or for a while. */
#ifndef SUPPORT_HELD_PORT_H
#define SUPPORT_HELD_PORT_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* A bound socket that does not listen: nobody else is given its port until it is closed; who asks
 * for it by number with SO_REUSEADDR, as hirschd and libnanomsg do, may listen there, and those who
 * connect meanwhile are refused. -1 on failure. */
static inline int held_port(int *port)
{
    int one = 1;
    int held = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (held >= 0 && (setsockopt(held, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
                      bind(held, (struct sockaddr *)&address, size) != 0 ||
                      getsockname(held, (struct sockaddr *)&address, &size) != 0)) {
        close(held);
        held = -1;
    }
    *port = ntohs(address.sin_port);
    return held;
}

#endif
