/* A client, and a server that answers each of its requests with one message that the test holds
 * ready. After cmocka.h. */
#ifndef SUPPORT_CANNED_SERVER_H
#define SUPPORT_CANNED_SERVER_H

#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "hirsch/client.h"
#include "support/held_port.h"
#include "wire/envelope.h"
#include "wire/messages.h"
#include "wire/unpack.h"

/* Answers one request after another with the message it holds. */
static struct {
    char url[64];
    int port_held;
    int socket;
    pthread_t thread;
    const ProtobufCMessage *reply;
    char method[64];            /* of the last request */
    struct base_buffer payload; /* of the last request */
} server;

static hirsch_client *client;

#define TEXT(literal) ((char *)(uintptr_t)(literal))

static void answer(struct base_slice bytes)
{
    struct wire_request request;
    if (wire_request_read(bytes, &request, NULL) != BASE_OK) {
        abort();
    }
    snprintf(server.method, sizeof server.method, "%.*s", BASE_PRINT(request.method));
    base_buffer_clear(&server.payload);
    base_buffer_append_slice(&server.payload, request.payload);
    struct base_buffer reply = BASE_BUFFER_EMPTY;
    struct wire_mark mark = wire_response_begin(&reply, NULL, 0);
    wire_pack(server.reply, &reply);
    wire_response_end(&reply, mark);
    nn_send(server.socket, reply.data, reply.size, 0);
    base_buffer_fini(&reply);
}

/* Until the socket is closed. */
static void *serve(void *unused)
{
    void *message = NULL;
    int size;
    while ((size = nn_recv(server.socket, &message, NN_MSG, 0)) >= 0) {
        answer(base_slice(message, (size_t)size));
        nn_freemsg(message);
    }
    return unused;
}

static int start(void **state)
{
    (void)state;
    int port;
    server.port_held = held_port(&port);
    assert_true(server.port_held >= 0);
    snprintf(server.url, sizeof server.url, "tcp://127.0.0.1:%d", port);
    server.socket = nn_socket(AF_SP, NN_REP);
    assert_true(nn_bind(server.socket, server.url) >= 0);
    assert_int_equal(pthread_create(&server.thread, NULL, serve, NULL), 0);
    struct hirsch_options options = HIRSCH_OPTIONS_INIT;
    options.endpoints = server.url;
    options.timeout_ms = 60000;
    assert_int_equal(hirsch_open(&options, &client, NULL), HIRSCH_OK);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    hirsch_close(client);
    nn_close(server.socket);
    pthread_join(server.thread, NULL);
    close(server.port_held);
    base_buffer_fini(&server.payload);
    return 0;
}

/* The last request, in an arena that the caller ends. */
static const void *seen(const ProtobufCMessageDescriptor *type, const char *method,
                        struct base_arena *arena)
{
    ProtobufCMessage *message = NULL;
    assert_string_equal(server.method, method);
    base_arena_init(arena, 0);
    assert_int_equal(wire_unpack(type, base_buffer_slice(&server.payload), &wire_request_limits,
                                 arena, &message, NULL),
                     BASE_OK);
    return message;
}

#endif
