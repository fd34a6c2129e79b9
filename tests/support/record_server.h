/* A client, and a small server that answers each put and delete as the test wants. After cmocka.h.
 */
#ifndef SUPPORT_RECORD_SERVER_H
#define SUPPORT_RECORD_SERVER_H

#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <nanomsg/tcp.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "hirsch/records.h"
#include "support/held_port.h"
#include "wire/envelope.h"
#include "wire/messages.h"
#include "wire/unpack.h"

enum { REQUESTS_MOST = 4096 };

/* Answers each put and delete: papers titled "bad" fail. A request whose key was seen before is
 * answered as then. Requests are numbered from 0. */
static struct {
    char url[64];
    int port_held;
    int socket;
    pthread_t thread;
    atomic_int spared;  /* so many requests are answered first, */
    atomic_int busy;    /* then so many are refused, */
    enum base_code how; /* with this */
    atomic_int lost; /* the answer of the request that comes after so many is not sent; 0: none */
    atomic_int held; /* before that one is answered it posts `reached` and waits for `go_on` */
    sem_t reached;
    sem_t go_on;
    bool miscounts; /* deletes are answered with one result */
    atomic_int requests;
    atomic_size_t applied; /* items of requests that were done */
    char keys[REQUESTS_MOST][136];
    bool done[REQUESTS_MOST];
    size_t counts[REQUESTS_MOST];
    size_t sizes[REQUESTS_MOST]; /* of the payload */
    struct base_buffer payload;  /* of the last request */
} server;

static hirsch_client *client;

#define TEXT(literal) ((char *)(uintptr_t)(literal))

static bool is_bad(const Hirsch__V1__Record *record)
{
    return record->record_case == HIRSCH__V1__RECORD__RECORD_PAPER &&
           strcmp(record->paper->title, "bad") == 0;
}

static void fill_result(Hirsch__V1__RecordResult *result, Hirsch__V1__ItemError *error, bool bad)
{
    hirsch__v1__record_result__init(result);
    hirsch__v1__item_error__init(error);
    error->code = BASE_INVALID_ARGUMENT;
    error->message = TEXT("title: it is bad");
    result->outcome = bad ? HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_FAILED
                          : HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_STORED;
    result->error = bad ? error : NULL;
}

static bool refuses(int at, struct base_buffer *reply)
{
    if (at < atomic_load(&server.spared) || atomic_fetch_sub(&server.busy, 1) <= 0) {
        return false;
    }
    struct wire_failure failure = {server.how, "not now", NULL, NULL};
    wire_response_fail(reply, &failure, NULL, 0);
    return true;
}

/* Does the request, or finds that it was done. Returns its sequence. */
static uint64_t apply(int at)
{
    int first = 0;
    while (!(server.done[first] && strcmp(server.keys[first], server.keys[at]) == 0) &&
           first < at) {
        first++;
    }
    if (first == at) {
        atomic_fetch_add(&server.applied, server.counts[at]);
    } else if (server.counts[first] != server.counts[at]) {
        abort(); /* the key came with other records */
    }
    server.done[at] = true;
    return (uint64_t)first + 1;
}

static void answer_put(struct base_slice payload, struct base_arena *arena, int at,
                       struct base_buffer *reply)
{
    ProtobufCMessage *message = NULL;
    struct base_error error;
    if (wire_unpack(&hirsch__v1__put_records_request__descriptor, payload, &wire_put_limits, arena,
                    &message, &error) != BASE_OK) {
        fprintf(stderr, "%s\n", error.text);
        abort();
    }
    const Hirsch__V1__PutRecordsRequest *request = (const void *)message;
    snprintf(server.keys[at], sizeof server.keys[at], "%s", request->idempotency_key);
    server.counts[at] = request->n_records;
    if (refuses(at, reply)) {
        return;
    }
    Hirsch__V1__PutRecordsResponse response = HIRSCH__V1__PUT_RECORDS_RESPONSE__INIT;
    size_t count = request->n_records;
    Hirsch__V1__RecordResult *results = calloc(count, sizeof *results);
    Hirsch__V1__ItemError *errors = calloc(count, sizeof *errors);
    response.results = calloc(count, sizeof *response.results);
    response.n_results = count;
    response.sequence = apply(at);
    response.epoch = TEXT("00112233445566778899aabbccddeeff");
    for (size_t i = 0; i < count; i++) {
        fill_result(&results[i], &errors[i], is_bad(request->records[i]));
        response.results[i] = &results[i];
    }
    struct wire_mark mark = wire_response_begin(reply, NULL, 0);
    wire_pack(&response.base, reply);
    wire_response_end(reply, mark);
    free(response.results);
    free(results);
    free(errors);
}

/* Whatever its id, a record is absent when it is named "local:absent". */
static void answer_delete(struct base_slice payload, struct base_arena *arena, int at,
                          struct base_buffer *reply)
{
    ProtobufCMessage *message = NULL;
    struct base_error error;
    if (wire_unpack(&hirsch__v1__delete_records_request__descriptor, payload, &wire_put_limits,
                    arena, &message, &error) != BASE_OK) {
        fprintf(stderr, "%s\n", error.text);
        abort();
    }
    const Hirsch__V1__DeleteRecordsRequest *request = (const void *)message;
    snprintf(server.keys[at], sizeof server.keys[at], "%s", request->idempotency_key);
    server.counts[at] = request->n_keys;
    if (refuses(at, reply)) {
        return;
    }
    Hirsch__V1__DeleteRecordsResponse response = HIRSCH__V1__DELETE_RECORDS_RESPONSE__INIT;
    size_t count = server.miscounts ? 1 : request->n_keys;
    Hirsch__V1__RecordResult *results = calloc(count, sizeof *results);
    response.results = calloc(count, sizeof *response.results);
    response.n_results = count;
    response.sequence = apply(at);
    for (size_t i = 0; i < count; i++) {
        const Hirsch__V1__RecordKey *key = request->keys[i];
        bool absent = key->key_case == HIRSCH__V1__RECORD_KEY__KEY_ENTITY &&
                      strcmp(key->entity->id, "local:absent") == 0;
        hirsch__v1__record_result__init(&results[i]);
        results[i].outcome = absent ? HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_ABSENT
                                    : HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_DELETED;
        response.results[i] = &results[i];
    }
    struct wire_mark mark = wire_response_begin(reply, NULL, 0);
    wire_pack(&response.base, reply);
    wire_response_end(reply, mark);
    free(response.results);
    free(results);
}

static void *serve(void *unused)
{
    void *bytes = NULL;
    int size;
    while ((size = nn_recv(server.socket, &bytes, NN_MSG, 0)) >= 0) {
        struct wire_request request;
        struct base_buffer reply = BASE_BUFFER_EMPTY;
        struct base_arena arena;
        base_arena_init(&arena, 0);
        int at = atomic_load(&server.requests);
        if (at >= REQUESTS_MOST ||
            wire_request_read(base_slice(bytes, (size_t)size), &request, NULL) != BASE_OK) {
            abort();
        }
        base_buffer_clear(&server.payload);
        base_buffer_append_slice(&server.payload, request.payload);
        if (base_slice_equal(request.method, BASE_SLICE("hirsch.v1.RecordService/PutRecords"))) {
            answer_put(request.payload, &arena, at, &reply);
        } else {
            answer_delete(request.payload, &arena, at, &reply);
        }
        server.sizes[at] = request.payload.size;
        if (at > 0 && at == atomic_load(&server.held)) {
            sem_post(&server.reached);
            sem_wait(&server.go_on);
        }
        atomic_fetch_add(&server.requests, 1);
        if (at == 0 || at != atomic_load(&server.lost)) {
            nn_send(server.socket, reply.data, reply.size, 0);
        }
        base_buffer_fini(&reply);
        base_arena_fini(&arena);
        nn_freemsg(bytes);
    }
    return unused;
}

static int start(void **state)
{
    (void)state;
    int port;
    int most = 16 * 1024 * 1024;
    memset(&server, 0, sizeof server);
    server.port_held = held_port(&port);
    assert_true(server.port_held >= 0);
    sem_init(&server.reached, 0, 0);
    sem_init(&server.go_on, 0, 0);
    snprintf(server.url, sizeof server.url, "tcp://127.0.0.1:%d", port);
    server.socket = nn_socket(AF_SP, NN_REP);
    nn_setsockopt(server.socket, NN_SOL_SOCKET, NN_RCVMAXSIZE, &most, sizeof most);
    int on = 1;
    nn_setsockopt(server.socket, NN_TCP, NN_TCP_NODELAY, &on, sizeof on);
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
    sem_destroy(&server.reached);
    sem_destroy(&server.go_on);
    return 0;
}

#endif
