/* A small SP server in the test's process that stands for a daemon, and a client's calls to it. */
#ifndef TESTS_AUTHOR_SERVER_H
#define TESTS_AUTHOR_SERVER_H

#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "hirsch/client.h"
#include "support/held_port.h"
#include "wire/envelope.h"
#include "wire/messages.h"
#include "wire/unpack.h"

/* For a call that hangs: a loaded machine makes one wait for seconds. */
enum { PATIENT_MS = 60000 };

/* Serves GetAuthor: what it does stands in the id that is asked for. */
struct server {
    char url[64];
    int port_held;
    pthread_t thread;
    int socket;
    atomic_bool stop;
    atomic_uint requests;
    atomic_bool die;          /* the next `local:dies` closes the socket instead of answering */
    atomic_int busy;          /* so many times `local:busy` is refused, */
    char retry_after[16];     /* with this hint; "": none */
    void *held;               /* header of the request that `local:late` left without an answer */
    _Atomic(void *) kept[2];  /* likewise of `local:kept-0` and `local:kept-1`; the test answers */
    uint32_t seen_timeout_ms; /* of the last request; read after its answer */
    char seen_max_reply[16];
};

static inline void server_bind(struct server *server)
{
    server->socket = nn_socket(AF_SP_RAW, NN_REP);
    assert_true(server->socket >= 0);
    int most = 16 * 1024 * 1024;
    int wait_ms = 10;
    nn_setsockopt(server->socket, NN_SOL_SOCKET, NN_RCVMAXSIZE, &most, sizeof most);
    nn_setsockopt(server->socket, NN_SOL_SOCKET, NN_RCVTIMEO, &wait_ms, sizeof wait_ms);
    assert_true(nn_bind(server->socket, server->url) >= 0);
}

/* header: the control chunk of the request, which nn_sendmsg takes over. */
static inline void server_send(struct server *server, void *header, const void *data, size_t size)
{
    struct nn_iovec vector = {.iov_base = (void *)(uintptr_t)data, .iov_len = size};
    struct nn_msghdr message = {.msg_iov = &vector,
                                .msg_iovlen = 1,
                                .msg_control = (void *)&header,
                                .msg_controllen = NN_MSG};
    (void)nn_sendmsg(server->socket, &message, 0);
}

static inline void pack_author(const char *id, struct base_buffer *reply)
{
    Hirsch__V1__Author author = HIRSCH__V1__AUTHOR__INIT;
    author.id = (char *)(uintptr_t)id;
    author.display_name = (char *)(uintptr_t) "Ada";
    Hirsch__V1__GetAuthorResponse response = HIRSCH__V1__GET_AUTHOR_RESPONSE__INIT;
    response.author = &author;
    struct wire_mark mark = wire_response_begin(reply, NULL, 0);
    wire_pack(&response.base, reply);
    wire_response_end(reply, mark);
}

/* The request id is the last word of the SP header. */
static inline unsigned char *request_id(void *header)
{
    struct nn_cmsghdr *property = header;
    return (unsigned char *)header + property->cmsg_len - sizeof(uint32_t);
}

static inline void send_author(struct server *server, void *header, const char *id)
{
    struct base_buffer reply = BASE_BUFFER_EMPTY;
    pack_author(id, &reply);
    server_send(server, header, reply.data, reply.size);
    base_buffer_fini(&reply);
}

static inline void send_expired(struct server *server, void *header)
{
    struct base_buffer reply = BASE_BUFFER_EMPTY;
    struct wire_failure failure = {BASE_DEADLINE_EXCEEDED, "waited for its turn", NULL, NULL};
    wire_response_fail(&reply, &failure, NULL, 0);
    server_send(server, header, reply.data, reply.size);
    base_buffer_fini(&reply);
}

static inline void *copy_header(void *header)
{
    struct nn_cmsghdr *property = header;
    void *copy = nn_allocmsg(property->cmsg_len, 0);
    memcpy(copy, header, property->cmsg_len);
    return copy;
}

static inline void answer(struct server *server, void *header, const char *id)
{
    struct base_buffer reply = BASE_BUFFER_EMPTY;
    if (strcmp(id, "local:garbage") == 0) {
        server_send(server, header, "\xff\xff\xff garbage", 11);
    } else if (strcmp(id, "local:big") == 0) {
        char *big = calloc(1, 2 * 1024 * 1024);
        server_send(server, header, big, 2 * 1024 * 1024);
        free(big);
    } else if (strcmp(id, "local:late") == 0) {
        server->held = header;
    } else if (strncmp(id, "local:kept-", 11) == 0) {
        atomic_store(&server->kept[id[11] == '1'], header);
    } else if (strcmp(id, "local:expires") == 0) {
        send_expired(server, header);
    } else if (strcmp(id, "local:dies") == 0 && atomic_exchange(&server->die, false)) {
        nn_freemsg(header);
        nn_close(server->socket);
        server_bind(server);
    } else if (strcmp(id, "local:foreign") == 0) {
        /* First an answer under an id that nobody waits for, then the right one. */
        void *copy = copy_header(header);
        request_id(copy)[3] ^= 1;
        send_author(server, copy, "local:somebody-else");
        send_author(server, header, id);
    } else if (strncmp(id, "absent:", 7) == 0) {
        struct wire_failure failure = {BASE_NOT_FOUND, "no author has this id", NULL, NULL};
        wire_response_fail(&reply, &failure, NULL, 0);
        server_send(server, header, reply.data, reply.size);
    } else if (strcmp(id, "local:busy") == 0 && atomic_fetch_sub(&server->busy, 1) > 0) {
        struct wire_failure failure = {BASE_RESOURCE_EXHAUSTED, "too much to do", NULL, NULL};
        struct wire_metadata hint = {BASE_SLICE("retry-after-ms"),
                                     base_slice_text(server->retry_after)};
        wire_response_fail(&reply, &failure, &hint, server->retry_after[0] != '\0' ? 1 : 0);
        server_send(server, header, reply.data, reply.size);
    } else if (strcmp(id, "local:schema") == 0) {
        struct wire_mark mark = wire_response_begin(&reply, NULL, 0);
        base_buffer_append(&reply, "\x0a\x7fshort", 7);
        wire_response_end(&reply, mark);
        server_send(server, header, reply.data, reply.size);
    } else {
        if (server->held != NULL) {
            /* The answer that was too late comes right before the one that is waited for. */
            send_author(server, server->held, "local:late");
            server->held = NULL;
        }
        send_author(server, header, id);
    }
    base_buffer_fini(&reply);
}

static inline void serve_one(struct server *server, void *header, struct base_slice body)
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
    server->seen_timeout_ms = request.timeout_ms;
    for (size_t i = 0; i < request.metadata_count; i++) {
        if (base_slice_equal(request.metadata[i].key, BASE_SLICE("hirsch-max-reply"))) {
            snprintf(server->seen_max_reply, sizeof server->seen_max_reply, "%.*s",
                     BASE_PRINT(request.metadata[i].value));
        }
    }
    atomic_fetch_add(&server->requests, 1);
    answer(server, header, ((Hirsch__V1__GetAuthorRequest *)(void *)message)->id);
    base_arena_fini(&arena);
}

static inline void *server_run(void *argument)
{
    struct server *server = argument;
    while (!atomic_load(&server->stop)) {
        void *body = NULL;
        void *header = NULL;
        struct nn_iovec vector = {.iov_base = (void *)&body, .iov_len = NN_MSG};
        struct nn_msghdr message = {.msg_iov = &vector,
                                    .msg_iovlen = 1,
                                    .msg_control = (void *)&header,
                                    .msg_controllen = NN_MSG};
        int size = nn_recvmsg(server->socket, &message, 0);
        if (size >= 0) {
            serve_one(server, header, base_slice(body, (size_t)size));
            nn_freemsg(body);
        }
    }
    if (server->held != NULL) {
        nn_freemsg(server->held);
    }
    nn_close(server->socket);
    return NULL;
}

static inline void server_name(struct server *server)
{
    int port;
    *server = (struct server){.socket = -1, .port_held = held_port(&port)};
    assert_true(server->port_held >= 0);
    snprintf(server->url, sizeof server->url, "tcp://127.0.0.1:%d", port);
}

/* One that has its name. */
static inline void server_go(struct server *server)
{
    server_bind(server);
    assert_int_equal(pthread_create(&server->thread, NULL, server_run, server), 0);
}

static inline void server_start(struct server *server)
{
    server_name(server);
    server_go(server);
}

static inline void server_stop(struct server *server)
{
    atomic_store(&server->stop, true);
    pthread_join(server->thread, NULL);
    close(server->port_held);
}

static inline hirsch_client *open_client(const char *url, uint32_t timeout_ms, bool fail_fast)
{
    struct hirsch_options options = HIRSCH_OPTIONS_INIT;
    options.endpoints = url;
    options.timeout_ms = timeout_ms;
    options.max_reply_bytes = 1024 * 1024;
    options.fail_fast = fail_fast;
    hirsch_client *client = NULL;
    assert_int_equal(hirsch_open(&options, &client, NULL), HIRSCH_OK);
    return client;
}

static inline void expect_author(hirsch_client *client, const char *id)
{
    const struct hirsch_author *author = NULL;
    hirsch_error *error = NULL;
    if (hirsch_get_author(client, id, NULL, &author, &error) != HIRSCH_OK) {
        fail_msg("%s: %s", id, error->text);
    }
    assert_string_equal(author->id, id);
    assert_string_equal(author->display_name, "Ada");
    assert_string_equal(author->primary_field.id, "");
    assert_int_equal(author->id_count, 0);
    hirsch_free(author);
}

static inline hirsch_error *expect_error(hirsch_client *client, const char *id,
                                         enum hirsch_code code)
{
    const struct hirsch_author *author = NULL;
    hirsch_error *error = NULL;
    assert_int_equal(hirsch_get_author(client, id, NULL, &author, &error), code);
    assert_null(author);
    assert_non_null(error);
    assert_int_equal(error->code, code);
    return error;
}

#endif
