/* A small SP listener in a process of its own, to be killed, stopped and replaced: answers each
 * GetAuthor with an author of the id that was asked for. */
#ifndef SUPPORT_SP_ECHO_H
#define SUPPORT_SP_ECHO_H

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/held_port.h"
#include "wire/envelope.h"
#include "wire/messages.h"
#include "wire/unpack.h"

enum { SP_ECHO_BODY = 65536, SP_ECHO_FD = 9 };

struct sp_echo {
    pid_t pid;
    int port_held;
    int port;
    char url[64];
};

static bool sp_echo_read(int fd, void *to, size_t size)
{
    for (size_t got = 0; got < size;) {
        ssize_t more = recv(fd, (char *)to + got, size - got, 0);
        if (more <= 0) {
            return false;
        }
        got += (size_t)more;
    }
    return true;
}

/* `hold:` gets no answer, `refuse:` and `full:` an error. False: no answer. */
static bool sp_echo_answer(struct base_slice body, struct base_buffer *reply)
{
    struct wire_request request;
    struct base_arena arena;
    base_arena_init(&arena, 0);
    ProtobufCMessage *message = NULL;
    if (wire_request_read(body, &request, NULL) != BASE_OK ||
        wire_unpack(&hirsch__v1__get_author_request__descriptor, request.payload,
                    &wire_request_limits, &arena, &message, NULL) != BASE_OK) {
        abort();
    }
    char *id = ((Hirsch__V1__GetAuthorRequest *)(void *)message)->id;
    bool answered = strncmp(id, "hold:", 5) != 0;
    if (strncmp(id, "refuse:", 7) == 0) {
        struct wire_failure failure = {BASE_UNAVAILABLE, "not now", NULL, NULL};
        wire_response_fail(reply, &failure, NULL, 0);
    } else if (strncmp(id, "full:", 5) == 0) {
        struct wire_failure failure = {BASE_RESOURCE_EXHAUSTED, "the queue is full", NULL, NULL};
        wire_response_fail(reply, &failure, NULL, 0);
    } else if (answered) {
        Hirsch__V1__Author author = HIRSCH__V1__AUTHOR__INIT;
        author.id = id;
        Hirsch__V1__GetAuthorResponse response = HIRSCH__V1__GET_AUTHOR_RESPONSE__INIT;
        response.author = &author;
        struct wire_mark mark = wire_response_begin(reply, NULL, 0);
        wire_pack(&response.base, reply);
        wire_response_end(reply, mark);
    }
    base_arena_fini(&arena);
    return answered;
}

static void *sp_echo_serve(void *argument)
{
    int fd = (int)(intptr_t)argument;
    static const char greeting[8] = {0, 'S', 'P', 0, 0, 0x31, 0, 0};
    char theirs[8];
    char length[8];
    char *payload = malloc(SP_ECHO_BODY);
    struct base_buffer reply = BASE_BUFFER_EMPTY;
    bool greeted = payload != NULL && send(fd, greeting, sizeof greeting, MSG_NOSIGNAL) > 0 &&
                   sp_echo_read(fd, theirs, sizeof theirs);
    while (greeted && sp_echo_read(fd, length, sizeof length)) {
        uint64_t size = base_get_be64(length);
        if (size < 4 || size > SP_ECHO_BODY || !sp_echo_read(fd, payload, size)) {
            break;
        }
        base_buffer_clear(&reply);
        base_buffer_append(&reply, length, sizeof length);
        base_buffer_append(&reply, payload, 4);
        if (sp_echo_answer(base_slice(payload + 4, size - 4), &reply)) {
            base_put_be64(reply.data, reply.size - 8);
            if (send(fd, reply.data, reply.size, MSG_NOSIGNAL) < 0) {
                break;
            }
        }
    }
    base_buffer_fini(&reply);
    free(payload);
    close(fd);
    return NULL;
}

/* Call first in main(): the process may be one that sp_echo_start() started. */
static void sp_echo_main(int argc, char **argv)
{
    if (argc != 2 || strcmp(argv[1], "serve-sp-echo") != 0) {
        return;
    }
    alarm(600); /* outlives no test */
    for (;;) {
        int fd = accept(SP_ECHO_FD, NULL, NULL);
        pthread_t thread;
        if (fd < 0 && errno == ECONNABORTED) {
            continue;
        }
        if (fd < 0 || pthread_create(&thread, NULL, sp_echo_serve, (void *)(intptr_t)fd) != 0) {
            _exit(1);
        }
        pthread_detach(thread);
    }
}

/* Where it was before, if it was. Connections are taken from the moment this returns. */
static bool sp_echo_start(struct sp_echo *echo)
{
    int one = 1;
    if (echo->port == 0 && (echo->port_held = held_port(&echo->port)) < 0) {
        return false;
    }
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)echo->port)};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 64) != 0) {
        close(listener);
        return false;
    }
    snprintf(echo->url, sizeof echo->url, "tcp://127.0.0.1:%d", echo->port);
    echo->pid = fork();
    if (echo->pid == 0) {
        dup2(listener, SP_ECHO_FD);
        execl("/proc/self/exe", "sp-echo", "serve-sp-echo", (char *)NULL);
        _exit(1);
    }
    close(listener);
    return echo->pid > 0;
}

/* Returns when it stands still. */
static inline void sp_echo_halt(const struct sp_echo *echo)
{
    kill(echo->pid, SIGSTOP);
    waitpid(echo->pid, NULL, WUNTRACED);
}

static void sp_echo_kill(struct sp_echo *echo)
{
    if (echo->pid > 0) {
        kill(echo->pid, SIGKILL);
        waitpid(echo->pid, NULL, 0);
        echo->pid = 0;
    }
}

static void sp_echo_end(struct sp_echo *echo)
{
    sp_echo_kill(echo);
    close(echo->port_held);
    echo->port = 0;
}

#endif
