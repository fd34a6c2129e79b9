/* Where to connect: one SP URL resolved to the address of a socket. */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/status.h"
#include "base/bytes.h"

struct net_address {
    struct sockaddr_storage socket;
    socklen_t size;
    bool ipc;
};

struct addrinfo;

/* Of a name with several addresses the first IPv4 one, which SP clients take and daemons listen on:
 * "localhost" is two. The first of all where there is none. */
const struct addrinfo *net_address_choose(const struct addrinfo *all);

/* tcp://HOST:PORT, tcp://[IPV6]:PORT or ipc://PATH. Host names are looked up, which may block.
 * INVALID_ARGUMENT: not an address; UNAVAILABLE: the name is unknown. */
enum base_code net_address_resolve(struct base_slice url, struct net_address *address,
                                   struct base_error *error);

#endif
