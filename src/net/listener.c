#include "net/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/parse.h"
#include "net/address.h"

enum {
    /* The kernel cuts it to net.core.somaxconn. */
    BACKLOG = 4096,
    HOST = 128,
    IPC_PATH_MOST = sizeof((struct sockaddr_un *)NULL)->sun_path - 1,
};

struct target {
    char host[HOST]; /* without brackets; "" for all addresses */
    char port[8];
};

static enum base_code bad_url(const char *url, const char *why, struct base_error *error)
{
    return base_fail(error, BASE_INVALID_ARGUMENT,
                     "listen address \"%s\": %s; write tcp://HOST:PORT, tcp://[IPV6]:PORT or "
                     "ipc:///PATH",
                     url, why);
}

/* text is what stands behind tcp:// */
static enum base_code parse_tcp(const char *url, const char *text, struct target *target,
                                struct base_error *error)
{
    const char *host = text;
    const char *colon = strrchr(text, ':');
    size_t host_size;
    if (text[0] == '[') {
        const char *bracket = strchr(text, ']');
        if (bracket == NULL || bracket[1] != ':') {
            return bad_url(url, "an IPv6 address stands in brackets, with :PORT behind", error);
        }
        host = text + 1;
        host_size = (size_t)(bracket - host);
        colon = bracket + 1;
    } else {
        if (colon == NULL) {
            return bad_url(url, "the port is missing", error);
        }
        host_size = (size_t)(colon - host);
        if (memchr(host, ':', host_size) != NULL) {
            return bad_url(url, "an IPv6 address stands in brackets", error);
        }
    }
    if (host_size == 0) {
        return bad_url(url, "the host is missing (* means all addresses)", error);
    }
    if (host_size >= HOST) {
        return bad_url(url, "the host is too long", error);
    }
    uint64_t port;
    if (!base_parse_u64(base_slice_text(colon + 1), UINT16_MAX, &port)) {
        return bad_url(url, "the port is not a number from 0 to 65535", error);
    }
    memcpy(target->host, host, host_size);
    target->host[host_size] = '\0';
    snprintf(target->port, sizeof target->port, "%u", (unsigned)port);
    return BASE_OK;
}

static enum base_code bind_failed(const char *url, int number, struct base_error *error)
{
    if (number == EADDRINUSE) {
        return base_fail(error, BASE_FAILED_PRECONDITION,
                         "%s: another program listens there already; stop it or choose another "
                         "address with --listen (port 0 takes a free one)",
                         url);
    }
    if (number == EACCES) {
        return base_fail(error, BASE_FAILED_PRECONDITION,
                         "%s: this user may not listen there; ports below 1024 need a privilege, a "
                         "socket file needs a folder that can be written",
                         url);
    }
    if (number == EADDRNOTAVAIL) {
        return base_fail(error, BASE_FAILED_PRECONDITION,
                         "%s: no network interface of this machine has that address", url);
    }
    return base_fail(error, BASE_FAILED_PRECONDITION, "%s: cannot listen: %s", url,
                     strerror(number));
}

/* Names the address that the socket has now. */
static enum base_code name_tcp(struct net_listener *listener, const char *url,
                               struct base_error *error)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    char host[HOST];
    char port[8];
    if (getsockname(listener->fd, (struct sockaddr *)&address, &size) != 0 ||
        getnameinfo((struct sockaddr *)&address, size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        return base_fail(error, BASE_INTERNAL, "%s: its own address cannot be read: %s", url,
                         strerror(errno));
    }
    const char *format = address.ss_family == AF_INET6 ? "tcp://[%s]:%s" : "tcp://%s:%s";
    /* The format is one of the two above. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(listener->url, sizeof listener->url, format, host, port);
#pragma GCC diagnostic pop
    return BASE_OK;
}

static enum base_code listen_tcp(const struct addrinfo *address, const char *url,
                                 struct net_listener *listener, struct base_error *error)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return bind_failed(url, errno, error);
    }
    int on = 1;
    int off = 0;
    /* Only against TIME_WAIT: on Linux it lets no two listeners share a port. */
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address->ai_family == AF_INET6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    }
    if (bind(fd, address->ai_addr, address->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        enum base_code code = bind_failed(url, errno, error);
        close(fd);
        return code;
    }
    struct net_listener made = {.fd = fd};
    enum base_code code = name_tcp(&made, url, error);
    if (code != BASE_OK) {
        close(fd);
        return code;
    }
    *listener = made;
    return BASE_OK;
}

static enum base_code open_tcp(const char *url, const char *text, struct net_listener *listener,
                               struct base_error *error)
{
    struct target target;
    enum base_code code = parse_tcp(url, text, &target, error);
    if (code != BASE_OK) {
        return code;
    }
    bool any = strcmp(target.host, "*") == 0;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int failed = getaddrinfo(any ? "0.0.0.0" : target.host, target.port, &hints, &found);
    if (failed != 0) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "listen address \"%s\": the host is not known: %s", url,
                         gai_strerror(failed));
    }
    code = listen_tcp(net_address_choose(found), url, listener, error);
    freeaddrinfo(found);
    return code;
}

/* A socket file stands in the way: removed only if it is a socket, nobody answers on it, and it
 * is still the one that was asked. */
static enum base_code remove_stale(const char *url, const struct sockaddr_un *address,
                                   struct base_error *error)
{
    struct stat before;
    struct stat after;
    if (lstat(address->sun_path, &before) != 0) {
        return errno == ENOENT ? BASE_OK : bind_failed(url, errno, error);
    }
    if (!S_ISSOCK(before.st_mode)) {
        return base_fail(error, BASE_FAILED_PRECONDITION,
                         "%s: the file is there and is no socket; move it away or choose another "
                         "path",
                         url);
    }
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (probe < 0) {
        return bind_failed(url, errno, error);
    }
    int failed = connect(probe, (const struct sockaddr *)address, sizeof *address) == 0 ? 0 : errno;
    close(probe);
    if (failed != ECONNREFUSED && failed != ENOENT) {
        return bind_failed(url, failed == EACCES ? EACCES : EADDRINUSE, error);
    }
    if (lstat(address->sun_path, &after) == 0 && after.st_dev == before.st_dev &&
        after.st_ino == before.st_ino && unlink(address->sun_path) != 0 && errno != ENOENT) {
        return bind_failed(url, errno, error);
    }
    return BASE_OK;
}

static enum base_code bind_ipc(int fd, const char *url, mode_t mode,
                               const struct sockaddr_un *address, struct base_error *error)
{
    /* The mode of the socket file is that of the socket, less the umask: there is no moment in
     * which others than mode says may connect. */
    fchmod(fd, mode);
    if (bind(fd, (const struct sockaddr *)address, sizeof *address) == 0) {
        return BASE_OK;
    }
    if (errno != EADDRINUSE) {
        return bind_failed(url, errno, error);
    }
    enum base_code code = remove_stale(url, address, error);
    if (code == BASE_OK && bind(fd, (const struct sockaddr *)address, sizeof *address) != 0) {
        return bind_failed(url, errno, error);
    }
    return code;
}

static enum base_code open_ipc(const char *url, const char *path, mode_t mode,
                               struct net_listener *listener, struct base_error *error)
{
    size_t size = strlen(path);
    if (size == 0) {
        return bad_url(url, "the path is missing", error);
    }
    if (size > IPC_PATH_MOST) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "listen address \"%s\": the path has %zu bytes, a socket file may have "
                         "%d; choose a shorter one",
                         url, size, IPC_PATH_MOST);
    }
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, size);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return bind_failed(url, errno, error);
    }
    enum base_code code = bind_ipc(fd, url, mode, &address, error);
    if (code != BASE_OK) {
        goto close_fd;
    }
    struct stat made;
    /* What the umask took is given back; it can only widen to what was asked for. */
    if (chmod(path, mode) != 0 || lstat(path, &made) != 0 || listen(fd, BACKLOG) != 0) {
        code = bind_failed(url, errno, error);
        unlink(path);
        goto close_fd;
    }
    *listener =
        (struct net_listener){.fd = fd, .ipc = true, .device = made.st_dev, .inode = made.st_ino};
    snprintf(listener->url, sizeof listener->url, "ipc://%s", path);
    memcpy(listener->path, path, size + 1);
    return BASE_OK;
close_fd:
    close(fd);
    return code;
}

enum base_code net_listener_open(const char *url, mode_t mode, struct net_listener *listener,
                                 struct base_error *error)
{
    if (strncmp(url, "tcp://", 6) == 0) {
        return open_tcp(url, url + 6, listener, error);
    }
    if (strncmp(url, "ipc://", 6) == 0) {
        return open_ipc(url, url + 6, mode, listener, error);
    }
    return bad_url(url, "it does not begin with tcp:// or ipc://", error);
}

void net_listener_close(struct net_listener *listener)
{
    if (listener->fd < 0) {
        return;
    }
    struct stat now;
    if (listener->ipc && lstat(listener->path, &now) == 0 && now.st_dev == listener->device &&
        now.st_ino == listener->inode) {
        unlink(listener->path);
    }
    close(listener->fd);
    listener->fd = -1;
}
