#include "server/local.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "server/job.h"

#define SOCKET_NAME "hirschd.sock"
#define SCHEME "ipc://"

enum {
    PATH_MOST = sizeof((struct sockaddr_un *)NULL)->sun_path - 1,
    GREETING = 8,
    /* Type byte of ipc, length, request id. */
    HEAD = 1 + 8 + 4,
    /* A signal is noticed within this time. */
    LOOK_MS = 100,
    GREETING_MS = 10000,
};

static const char greeting_ours[GREETING] = {0, 'S', 'P', 0, 0, 0x30, 0, 0};
static const char greeting_theirs[GREETING] = {0, 'S', 'P', 0, 0, 0x31, 0, 0};

struct server_local {
    int fd;
    struct base_buffer sending;
    struct base_buffer answer;
};

enum base_code server_local_place_open(const char *directory, struct server_local_place *place,
                                       struct base_error *error)
{
    struct server_local_place made = {.directory = -1};
    size_t size = strlen(directory) + 1 + strlen(SOCKET_NAME);
    if (size <= PATH_MOST) {
        snprintf(made.url, sizeof made.url, SCHEME "%s/" SOCKET_NAME, directory);
    } else {
        made.directory = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (made.directory < 0) {
            return base_fail(error, errno == ENOENT ? BASE_NOT_FOUND : BASE_PERMISSION_DENIED,
                             "cannot open %s: %s", directory, strerror(errno));
        }
        snprintf(made.url, sizeof made.url, SCHEME "/proc/self/fd/%d/" SOCKET_NAME, made.directory);
    }
    *place = made;
    return BASE_OK;
}

void server_local_place_close(struct server_local_place *place)
{
    if (place->directory >= 0) {
        close(place->directory);
        place->directory = -1;
    }
}

static enum base_code gone(struct base_error *error, const char *what)
{
    return base_fail(error, BASE_UNAVAILABLE, "the daemon that holds the data directory %s", what);
}

/* Until the socket is ready, the time is over, or a signal came. */
static enum base_code wait_for(const struct server_local *local, short events, uint64_t end_ns,
                               struct base_error *error)
{
    for (;;) {
        if (server_stop_requested) {
            return base_fail(error, BASE_CANCELLED, "stopped by a signal");
        }
        struct pollfd one = {.fd = local->fd, .events = events};
        if (poll(&one, 1, LOOK_MS) > 0) {
            return BASE_OK;
        }
        if (base_clock_monotonic_ns() > end_ns) {
            return gone(error, "does not answer");
        }
    }
}

static uint64_t end_of(uint32_t timeout_ms)
{
    return base_clock_monotonic_ns() + (uint64_t)timeout_ms * 1000000;
}

static enum base_code send_all(struct server_local *local, const char *data, size_t size,
                               uint64_t end_ns, struct base_error *error)
{
    while (size > 0) {
        ssize_t sent = send(local->fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            data += sent;
            size -= (size_t)sent;
        } else if (errno == EAGAIN || errno == EINTR) {
            enum base_code code = wait_for(local, POLLOUT, end_ns, error);
            if (code != BASE_OK) {
                return code;
            }
        } else {
            return gone(error, "has closed the connection");
        }
    }
    return BASE_OK;
}

static enum base_code receive_all(struct server_local *local, char *data, size_t size,
                                  uint64_t end_ns, struct base_error *error)
{
    while (size > 0) {
        ssize_t got = recv(local->fd, data, size, MSG_DONTWAIT);
        if (got > 0) {
            data += got;
            size -= (size_t)got;
        } else if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            enum base_code code = wait_for(local, POLLIN, end_ns, error);
            if (code != BASE_OK) {
                return code;
            }
        } else {
            return gone(error, "has closed the connection");
        }
    }
    return BASE_OK;
}

static enum base_code greet(struct server_local *local, struct base_error *error)
{
    char theirs[GREETING];
    uint64_t end_ns = end_of(GREETING_MS);
    enum base_code code = send_all(local, greeting_ours, GREETING, end_ns, error);
    if (code == BASE_OK) {
        code = receive_all(local, theirs, GREETING, end_ns, error);
    }
    if (code == BASE_OK && memcmp(theirs, greeting_theirs, GREETING) != 0) {
        code = base_fail(error, BASE_FAILED_PRECONDITION,
                         "what listens on " SOCKET_NAME " is no hirschd");
    }
    return code;
}

static enum base_code open_socket(const char *directory, int *fd, struct base_error *error)
{
    struct server_local_place place;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    enum base_code code = server_local_place_open(directory, &place, error);
    if (code != BASE_OK) {
        return code;
    }
    const char *path = place.url + strlen(SCHEME);
    memcpy(address.sun_path, path, strlen(path));
    int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made < 0) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "a socket cannot be made: %s",
                         strerror(errno));
    } else if (connect(made, (const struct sockaddr *)&address, sizeof address) != 0) {
        bool absent = errno == ENOENT || errno == ECONNREFUSED;
        code = base_fail(error, absent ? BASE_NOT_FOUND : BASE_PERMISSION_DENIED,
                         "cannot connect to %s/" SOCKET_NAME ": %s", directory, strerror(errno));
        close(made);
    } else {
        *fd = made;
    }
    server_local_place_close(&place);
    return code;
}

enum base_code server_local_connect(const char *directory, struct server_local **local,
                                    struct base_error *error)
{
    struct server_local *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    enum base_code code = open_socket(directory, &made->fd, error);
    if (code != BASE_OK) {
        free(made);
        return code;
    }
    code = greet(made, error);
    if (code != BASE_OK) {
        server_local_close(made);
        return code;
    }
    *local = made;
    return BASE_OK;
}

void server_local_close(struct server_local *local)
{
    if (local != NULL) {
        close(local->fd);
        base_buffer_fini(&local->sending);
        base_buffer_fini(&local->answer);
        free(local);
    }
}

enum base_code server_local_send(struct server_local *local, uint32_t id, struct base_slice method,
                                 uint32_t timeout_ms, const struct wire_metadata *metadata,
                                 size_t metadata_count, struct base_slice payload,
                                 struct base_error *error)
{
    struct base_buffer *buffer = &local->sending;
    char head[HEAD] = {1};
    base_buffer_clear(buffer);
    base_buffer_append(buffer, head, sizeof head);
    wire_request_write(buffer, method, timeout_ms, metadata, metadata_count, payload);
    if (buffer->failed) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for a request");
    }
    base_put_be64(buffer->data + 1, buffer->size - 9);
    base_put_be32(buffer->data + 9, id | UINT32_C(0x80000000));
    return send_all(local, buffer->data, buffer->size, end_of(timeout_ms), error);
}

enum base_code server_local_receive(struct server_local *local, uint32_t timeout_ms, uint32_t *id,
                                    struct wire_response *response, struct base_error *error)
{
    char head[HEAD];
    uint64_t end_ns = end_of(timeout_ms);
    enum base_code code = receive_all(local, head, sizeof head, end_ns, error);
    if (code != BASE_OK) {
        return code;
    }
    uint64_t size = base_get_be64(head + 1);
    if (head[0] != 1 || size < 4 || size > LIMIT_REPLY_MOST + 4) {
        return base_fail(error, BASE_DATA_LOSS, "the daemon's answer is no SP message");
    }
    size -= 4;
    base_buffer_clear(&local->answer);
    char *to = base_buffer_reserve(&local->answer, (size_t)size + 1);
    if (to == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for an answer");
    }
    code = receive_all(local, to, (size_t)size, end_ns, error);
    if (code == BASE_OK) {
        code = wire_response_read(base_slice(to, (size_t)size), response, error);
    }
    if (code == BASE_OK) {
        *id = base_get_be32(head + 9) & UINT32_C(0x7fffffff);
    }
    return code;
}
