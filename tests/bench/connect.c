#include "connect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/parse.h"
#include "frame.h"

union address {
    struct sockaddr any;
    struct sockaddr_in ip;
    struct sockaddr_un path;
};

static enum base_code parse_tcp(const char *text, union address *address, socklen_t *size,
                                struct base_error *error)
{
    const char *colon = strrchr(text, ':');
    char host[INET_ADDRSTRLEN];
    uint64_t port;
    if (colon == NULL || (size_t)(colon - text) >= sizeof host ||
        !base_parse_u64(base_slice_text(colon + 1), 65535, &port) || port == 0) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "tcp://%s is not tcp://ADDRESS:PORT", text);
    }
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = 0;
    address->ip = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, host, &address->ip.sin_addr) != 1) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "%s is not an IPv4 address", host);
    }
    *size = sizeof address->ip;
    return BASE_OK;
}

static enum base_code parse_ipc(const char *text, union address *address, socklen_t *size,
                                struct base_error *error)
{
    size_t length = strlen(text);
    if (length == 0 || length >= sizeof address->path.sun_path) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "ipc://%s: a path has 1 to %zu bytes", text,
                         sizeof address->path.sun_path - 1);
    }
    address->path = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->path.sun_path, text, length + 1);
    *size = sizeof address->path;
    return BASE_OK;
}

static bool receive_greeting(int descriptor)
{
    char greeting[BENCH_GREETING];
    size_t got = 0;
    while (got < sizeof greeting) {
        ssize_t size = recv(descriptor, greeting + got, sizeof greeting - got, 0);
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size <= 0) {
            return false;
        }
        got += (size_t)size;
    }
    return memcmp(greeting, bench_greeting_reply, sizeof greeting) == 0;
}

enum base_code bench_connect(const char *url, int *descriptor, bool *ipc, struct base_error *error)
{
    union address address;
    socklen_t size = 0;
    enum base_code code;
    bool is_ipc = strncmp(url, "ipc://", 6) == 0;
    if (is_ipc) {
        code = parse_ipc(url + 6, &address, &size, error);
    } else if (strncmp(url, "tcp://", 6) == 0) {
        code = parse_tcp(url + 6, &address, &size, error);
    } else {
        code = base_fail(error, BASE_INVALID_ARGUMENT, "%s is neither tcp:// nor ipc://", url);
    }
    if (code != BASE_OK) {
        return code;
    }
    int opened = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (opened < 0) {
        return base_fail(error, BASE_UNAVAILABLE, "no socket: %s", strerror(errno));
    }
    struct timeval patience = {.tv_sec = 2};
    int on = 1;
    setsockopt(opened, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (!is_ipc) {
        setsockopt(opened, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    if (connect(opened, &address.any, size) != 0) {
        code = base_fail(error, BASE_UNAVAILABLE, "%s: cannot connect: %s", url, strerror(errno));
        goto close_socket;
    }
    if (send(opened, bench_greeting_request, BENCH_GREETING, MSG_NOSIGNAL) != BENCH_GREETING ||
        !receive_greeting(opened)) {
        code = base_fail(error, BASE_DATA_LOSS, "%s: the peer is not an SP REP socket", url);
        goto close_socket;
    }
    if (fcntl(opened, F_SETFL, O_NONBLOCK) != 0) {
        code = base_fail(error, BASE_UNAVAILABLE, "%s: %s", url, strerror(errno));
        goto close_socket;
    }
    *descriptor = opened;
    *ipc = is_ipc;
    return BASE_OK;

close_socket:
    close(opened);
    return code;
}
