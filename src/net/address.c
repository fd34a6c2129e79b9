#include "net/address.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "base/parse.h"

enum { HOST = 256 };

static enum base_code bad_url(struct base_slice url, const char *why, struct base_error *error)
{
    return base_fail(error, BASE_INVALID_ARGUMENT,
                     "server \"%.*s\": %s; write tcp://HOST:PORT, tcp://[IPV6]:PORT or ipc://PATH",
                     (int)(url.size < 200 ? url.size : 200), url.data, why);
}

static enum base_code resolve_ipc(struct base_slice url, struct base_slice path,
                                  struct net_address *address, struct base_error *error)
{
    struct sockaddr_un *local = (struct sockaddr_un *)&address->socket;
    if (path.size == 0 || path.size >= sizeof local->sun_path) {
        return bad_url(url, "the path of a socket has 1 to 107 bytes", error);
    }
    memset(local, 0, sizeof *local);
    local->sun_family = AF_UNIX;
    memcpy(local->sun_path, path.data, path.size);
    address->size = sizeof *local;
    address->ipc = true;
    return BASE_OK;
}

const struct addrinfo *net_address_choose(const struct addrinfo *all)
{
    for (const struct addrinfo *one = all; one != NULL; one = one->ai_next) {
        if (one->ai_family == AF_INET) {
            return one;
        }
    }
    return all;
}

static enum base_code resolve_tcp(struct base_slice url, struct base_slice text,
                                  struct net_address *address, struct base_error *error)
{
    char host[HOST];
    char port[8];
    const char *colon = text.size == 0 ? NULL : memrchr(text.data, ':', text.size);
    uint64_t number;
    if (colon == NULL) {
        return bad_url(url, "the port is missing", error);
    }
    struct base_slice name = base_slice(text.data, (size_t)(colon - text.data));
    struct base_slice digits = base_slice(colon + 1, (size_t)(text.data + text.size - (colon + 1)));
    if (!base_parse_u64(digits, UINT16_MAX, &number) || number == 0) {
        return bad_url(url, "the port is not a number from 1 to 65535", error);
    }
    bool bracketed = name.size >= 2 && name.data[0] == '[' && name.data[name.size - 1] == ']';
    if (bracketed) {
        name = base_slice(name.data + 1, name.size - 2);
    }
    if (name.size == 0 || name.size >= sizeof host ||
        (!bracketed && memchr(name.data, ':', name.size) != NULL)) {
        return bad_url(url, "the host is missing, too long, or an IPv6 address without brackets",
                       error);
    }
    memcpy(host, name.data, name.size);
    host[name.size] = '\0';
    snprintf(port, sizeof port, "%u", (unsigned)number);
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int failed = getaddrinfo(host, port, &hints, &found);
    if (failed != 0) {
        return base_fail(error, BASE_UNAVAILABLE, "%.*s: %s; check the name of the host",
                         BASE_PRINT(url), gai_strerror(failed));
    }
    const struct addrinfo *chosen = net_address_choose(found);
    memcpy(&address->socket, chosen->ai_addr, chosen->ai_addrlen);
    address->size = chosen->ai_addrlen;
    address->ipc = false;
    freeaddrinfo(found);
    return BASE_OK;
}

enum base_code net_address_resolve(struct base_slice url, struct net_address *address,
                                   struct base_error *error)
{
    const struct base_slice tcp = BASE_SLICE("tcp://");
    const struct base_slice ipc = BASE_SLICE("ipc://");
    struct base_slice rest = base_slice(url.data + tcp.size, url.size - tcp.size);
    if (url.size > tcp.size && base_slice_starts(url, tcp)) {
        return resolve_tcp(url, rest, address, error);
    }
    if (url.size > ipc.size && base_slice_starts(url, ipc)) {
        return resolve_ipc(url, rest, address, error);
    }
    return bad_url(url, "neither tcp:// nor ipc://", error);
}
