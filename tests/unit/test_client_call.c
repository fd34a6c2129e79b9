/* The client against a small SP server in this process: answers, deadlines, foreign ids, broken
 * connections. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "hirsch/client.h"
#include "support/held_port.h"
#include "wire/envelope.h"
#include "wire/messages.h"
#include "wire/unpack.h"

/* PATIENT_MS is for a call that hangs: a loaded machine makes one wait for seconds. */
enum { CALLERS = 4, CALLS = 50, LATE_MS = 100, PATIENT_MS = 60000 };

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

static void server_bind(struct server *server)
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
static void server_send(struct server *server, void *header, const void *data, size_t size)
{
    struct nn_iovec vector = {.iov_base = (void *)(uintptr_t)data, .iov_len = size};
    struct nn_msghdr message = {.msg_iov = &vector,
                                .msg_iovlen = 1,
                                .msg_control = (void *)&header,
                                .msg_controllen = NN_MSG};
    (void)nn_sendmsg(server->socket, &message, 0);
}

static void pack_author(const char *id, struct base_buffer *reply)
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
static unsigned char *request_id(void *header)
{
    struct nn_cmsghdr *property = header;
    return (unsigned char *)header + property->cmsg_len - sizeof(uint32_t);
}

static void send_author(struct server *server, void *header, const char *id)
{
    struct base_buffer reply = BASE_BUFFER_EMPTY;
    pack_author(id, &reply);
    server_send(server, header, reply.data, reply.size);
    base_buffer_fini(&reply);
}

static void send_expired(struct server *server, void *header)
{
    struct base_buffer reply = BASE_BUFFER_EMPTY;
    struct wire_failure failure = {BASE_DEADLINE_EXCEEDED, "waited for its turn", NULL, NULL};
    wire_response_fail(&reply, &failure, NULL, 0);
    server_send(server, header, reply.data, reply.size);
    base_buffer_fini(&reply);
}

static void *copy_header(void *header)
{
    struct nn_cmsghdr *property = header;
    void *copy = nn_allocmsg(property->cmsg_len, 0);
    memcpy(copy, header, property->cmsg_len);
    return copy;
}

static void answer(struct server *server, void *header, const char *id)
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

static void serve_one(struct server *server, void *header, struct base_slice body)
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

static void *server_run(void *argument)
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

static void server_name(struct server *server)
{
    int port;
    *server = (struct server){.socket = -1, .port_held = held_port(&port)};
    assert_true(server->port_held >= 0);
    snprintf(server->url, sizeof server->url, "tcp://127.0.0.1:%d", port);
}

/* One that has its name. */
static void server_go(struct server *server)
{
    server_bind(server);
    assert_int_equal(pthread_create(&server->thread, NULL, server_run, server), 0);
}

static void server_start(struct server *server)
{
    server_name(server);
    server_go(server);
}

static void server_stop(struct server *server)
{
    atomic_store(&server->stop, true);
    pthread_join(server->thread, NULL);
    close(server->port_held);
}

static hirsch_client *open_client(const char *url, uint32_t timeout_ms, bool fail_fast)
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

static void expect_author(hirsch_client *client, const char *id)
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

static hirsch_error *expect_error(hirsch_client *client, const char *id, enum hirsch_code code)
{
    const struct hirsch_author *author = NULL;
    hirsch_error *error = NULL;
    assert_int_equal(hirsch_get_author(client, id, NULL, &author, &error), code);
    assert_null(author);
    assert_non_null(error);
    assert_int_equal(error->code, code);
    return error;
}

static struct server server;

static int start(void **state)
{
    (void)state;
    server_start(&server);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    server_stop(&server);
    return 0;
}

static void test_answer(void **state)
{
    (void)state;
    hirsch_client *client = open_client(server.url, PATIENT_MS, false);
    expect_author(client, "local:a");
    assert_in_range(server.seen_timeout_ms, 1, PATIENT_MS);
    assert_string_equal(server.seen_max_reply, "1048576");
    hirsch_close(client);
}

static void test_server_error(void **state)
{
    (void)state;
    hirsch_client *client = open_client(server.url, PATIENT_MS, false);
    hirsch_error *error = expect_error(client, "absent:x", HIRSCH_NOT_FOUND);
    assert_string_equal(error->text, "no author has this id");
    assert_string_equal(error->endpoint, server.url);
    assert_int_equal(error->attempts, 1);
    assert_false(error->retriable);
    hirsch_close(client);
    assert_string_equal(error->text, "no author has this id"); /* outlives the client */
    hirsch_free(error);
}

static void be_busy(int times, const char *retry_after)
{
    snprintf(server.retry_after, sizeof server.retry_after, "%s", retry_after);
    atomic_store(&server.busy, times);
}

/* The second attempt waits for as long as the server wants, and not less. */
static void test_retry_hint(void **state)
{
    (void)state;
    hirsch_client *client = open_client(server.url, PATIENT_MS, false);
    be_busy(2, "150");
    uint64_t before = base_clock_monotonic_ns();
    expect_author(client, "local:busy");
    assert_true(base_clock_monotonic_ns() - before >= UINT64_C(300000000));
    assert_int_equal(atomic_load(&server.requests), 3);
    hirsch_close(client);
}

/* No wait when the time limit would come first, or when nobody says that it helps. */
static void test_no_use_to_wait(void **state)
{
    static const char *const hints[] = {"120000", "", "soon", "99999999999"};
    (void)state;
    hirsch_client *client = open_client(server.url, PATIENT_MS, false);
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++) {
        be_busy(1, hints[i]);
        uint64_t before = base_clock_monotonic_ns();
        hirsch_error *error = expect_error(client, "local:busy", HIRSCH_RESOURCE_EXHAUSTED);
        assert_string_equal(error->text, "too much to do");
        assert_int_equal(error->attempts, 1);
        assert_true(base_clock_monotonic_ns() - before < UINT64_C(40000000000));
        hirsch_free(error);
    }
    hirsch_close(client);
}

static void test_bad_arguments_are_not_sent(void **state)
{
    (void)state;
    hirsch_client *client = open_client(server.url, PATIENT_MS, false);
    hirsch_error *error = expect_error(client, "", HIRSCH_INVALID_ARGUMENT);
    assert_int_equal(error->attempts, 0);
    hirsch_free(error);
    const struct hirsch_author_batch *batch = NULL;
    assert_int_equal(hirsch_batch_get_authors(client, NULL, 0, NULL, &batch, NULL),
                     HIRSCH_INVALID_ARGUMENT);
    assert_int_equal(atomic_load(&server.requests), 0);
    hirsch_close(client);
}

/* A server closes the connection over a request that is too long and says nothing: whatever of it
 * is the caller's, it is told before it is sent. */
static void test_long_metadata_is_not_sent(void **state)
{
    enum { ENTRIES = 4, VALUE = 8000 };
    (void)state;
    static char value[VALUE + 1];
    static char request[48 * 1024];
    struct hirsch_metadata metadata[ENTRIES];
    memset(value, 'v', VALUE);
    for (int i = 0; i < ENTRIES; i++) {
        metadata[i] = (struct hirsch_metadata){"x-note", value};
    }
    struct hirsch_options options = HIRSCH_OPTIONS_INIT;
    options.endpoints = server.url;
    options.max_request_bytes = 64 * 1024;
    hirsch_client *client = NULL;
    hirsch_error *error = NULL;
    const struct hirsch_bytes *reply = NULL;
    struct hirsch_call_options call = HIRSCH_CALL_OPTIONS_INIT;
    call.metadata = metadata;
    call.metadata_count = ENTRIES;
    assert_int_equal(hirsch_open(&options, &client, NULL), HIRSCH_OK);
    assert_int_equal(hirsch_call(client, "a.B/C", request, sizeof request, &call, &reply, &error),
                     HIRSCH_INVALID_ARGUMENT);
    assert_int_equal(error->attempts, 0);
    assert_non_null(strstr(error->text, "metadata"));
    hirsch_free(error);
    assert_int_equal(atomic_load(&server.requests), 0);
    hirsch_close(client);
}

static void test_garbage(void **state)
{
    (void)state;
    hirsch_client *client = open_client(server.url, PATIENT_MS, false);
    hirsch_error *error = expect_error(client, "local:garbage", HIRSCH_INTERNAL);
    assert_false(error->retriable);
    hirsch_free(error);
    error = expect_error(client, "local:schema", HIRSCH_INTERNAL);
    assert_non_null(strstr(error->text, "GetAuthor"));
    hirsch_free(error);
    expect_author(client, "local:a");
    hirsch_close(client);
}

static void test_foreign_id_is_ignored(void **state)
{
    (void)state;
    hirsch_client *client = open_client(server.url, PATIENT_MS, false);
    expect_author(client, "local:foreign");
    hirsch_close(client);
}

/* The answer of a call that gave up must not be given to the next one. */
static void test_deadline_and_late_answer(void **state)
{
    (void)state;
    hirsch_client *client = open_client(server.url, PATIENT_MS, false);
    /* Connected: a call that never found the server ends as UNAVAILABLE. */
    expect_author(client, "local:a");
    struct hirsch_call_options call = HIRSCH_CALL_OPTIONS_INIT;
    call.timeout_ms = LATE_MS;
    const struct hirsch_author *author = NULL;
    hirsch_error *error = NULL;
    uint64_t before = base_clock_monotonic_ns();
    assert_int_equal(hirsch_get_author(client, "local:late", &call, &author, &error),
                     HIRSCH_DEADLINE_EXCEEDED);
    assert_in_range((base_clock_monotonic_ns() - before) / 1000000, LATE_MS - 5, PATIENT_MS - 1);
    assert_true(error->retriable);
    assert_int_equal(error->attempts, 1);
    hirsch_free(error);
    call.timeout_ms = PATIENT_MS;
    assert_int_equal(hirsch_get_author(client, "local:next", &call, &author, NULL), HIRSCH_OK);
    assert_string_equal(author->id, "local:next");
    hirsch_free(author);
    hirsch_close(client);
}

/* A server that says itself that the time was over is believed when there is no other. */
static void test_deadline_of_the_server(void **state)
{
    (void)state;
    hirsch_client *client = open_client(server.url, PATIENT_MS, false);
    hirsch_error *error = expect_error(client, "local:expires", HIRSCH_DEADLINE_EXCEEDED);
    assert_string_equal(error->text, "waited for its turn");
    assert_int_equal(error->attempts, 1);
    hirsch_free(error);
    hirsch_close(client);
}

struct kept_call {
    bool done;
    enum hirsch_code code;
};

static void on_kept(const struct hirsch_completion *completion)
{
    struct kept_call *call = completion->context;
    call->done = true;
    call->code = completion->code;
    hirsch_free(completion->result);
    hirsch_free(completion->error);
}

/* Lets the client work until the server has the request. */
static void *poll_until_kept(hirsch_client *client, struct server *at, int number)
{
    void *header = NULL;
    uint64_t end = base_clock_monotonic_ns() + PATIENT_MS * UINT64_C(1000000);
    while ((header = atomic_exchange(&at->kept[number], NULL)) == NULL) {
        assert_true(base_clock_monotonic_ns() < end);
        hirsch_poll(client, 1);
    }
    return header;
}

/* The deadline that a server speaks of is that of its share of the call's time: the other endpoint
 * gets the rest, whether the first one says so in time or too late. */
static void test_deadline_of_one_of_two(void **state)
{
    (void)state;
    struct server second;
    server_name(&second);
    char urls[160];
    snprintf(urls, sizeof urls, "%s,%s", server.url, second.url);
    hirsch_client *client = open_client(urls, PATIENT_MS, false);
    expect_author(client, "local:a");
    /* Both go to the one that is there. */
    struct kept_call calls[2] = {{false, HIRSCH_OK}, {false, HIRSCH_OK}};
    void *headers[2];
    for (int i = 0; i < 2; i++) {
        struct hirsch_call_options options = HIRSCH_CALL_OPTIONS_INIT;
        options.done = on_kept;
        options.context = &calls[i];
        const char *id = i == 0 ? "local:kept-0" : "local:kept-1";
        assert_int_equal(hirsch_get_author(client, id, &options, NULL, NULL), HIRSCH_OK);
        headers[i] = poll_until_kept(client, &server, i);
    }
    server_go(&second);
    /* Before it is connected a call would go back to the first one. */
    while (atomic_load(&second.requests) == 0) {
        expect_author(client, "local:a");
    }
    send_expired(&server, copy_header(headers[1]));
    void *asked_anew = poll_until_kept(client, &second, 1);
    /* Answers of one connection come in order. */
    send_expired(&server, headers[1]);
    send_author(&server, headers[0], "local:kept-0");
    while (!calls[0].done) {
        assert_int_not_equal(hirsch_poll(client, PATIENT_MS), 0);
    }
    assert_false(calls[1].done);
    send_author(&second, asked_anew, "local:kept-1");
    while (!calls[1].done) {
        assert_int_not_equal(hirsch_poll(client, PATIENT_MS), 0);
    }
    assert_int_equal(calls[0].code, HIRSCH_OK);
    assert_int_equal(calls[1].code, HIRSCH_OK);
    hirsch_close(client);
    server_stop(&second);
}

/* libnanomsg drops a connection that brings too long a message and tells nobody. */
static void test_oversize(void **state)
{
    (void)state;
    hirsch_client *client = open_client(server.url, PATIENT_MS, false);
    hirsch_error *error = expect_error(client, "local:big", HIRSCH_UNAVAILABLE);
    assert_int_equal(error->attempts, 3);
    assert_non_null(strstr(error->text, "size limit"));
    hirsch_free(error);
    expect_author(client, "local:a");
    hirsch_close(client);
}

static void test_server_dies_and_returns(void **state)
{
    (void)state;
    atomic_store(&server.die, true);
    hirsch_client *client = open_client(server.url, PATIENT_MS, false);
    expect_author(client, "local:dies");
    assert_int_equal(atomic_load(&server.requests), 2);
    hirsch_close(client);
}

static void test_server_absent(void **state)
{
    (void)state;
    char url[64];
    int port;
    int held = held_port(&port);
    assert_true(held >= 0);
    snprintf(url, sizeof url, "tcp://127.0.0.1:%d", port);
    hirsch_client *client = open_client(url, 100, false);
    hirsch_error *error = expect_error(client, "local:a", HIRSCH_UNAVAILABLE);
    assert_true(error->retriable);
    assert_int_equal(error->attempts, 0);
    assert_string_equal(error->endpoint, url);
    assert_non_null(strstr(error->text, url));
    assert_non_null(strstr(error->text, "check that hirschd runs"));
    hirsch_free(error);
    hirsch_close(client);
    /* fail_fast: long before the deadline. */
    client = open_client(url, PATIENT_MS, true);
    uint64_t before = base_clock_monotonic_ns();
    hirsch_free(expect_error(client, "local:a", HIRSCH_UNAVAILABLE));
    assert_true(base_clock_monotonic_ns() - before < UINT64_C(40000000000));
    hirsch_close(client);
    close(held);
}

/* One of two endpoints is not there: every call is answered, whichever has its turn. */
static void test_other_endpoint(void **state)
{
    (void)state;
    char urls[160];
    int port;
    int held = held_port(&port);
    assert_true(held >= 0);
    snprintf(urls, sizeof urls, "tcp://127.0.0.1:%d,%s", port, server.url);
    hirsch_client *client = open_client(urls, PATIENT_MS, false);
    for (int i = 0; i < 4; i++) {
        expect_author(client, "local:a");
    }
    hirsch_close(client);
    close(held);
}

static void *call_often(void *argument)
{
    hirsch_client *client = argument;
    for (int i = 0; i < CALLS; i++) {
        char id[48];
        snprintf(id, sizeof id, "local:%p-%d", (void *)&id, i);
        const struct hirsch_author *author = NULL;
        if (hirsch_get_author(client, id, NULL, &author, NULL) != HIRSCH_OK ||
            strcmp(author->id, id) != 0) {
            return argument;
        }
        hirsch_free(author);
    }
    return NULL;
}

static void test_many_threads(void **state)
{
    (void)state;
    hirsch_client *client = open_client(server.url, PATIENT_MS, false);
    pthread_t callers[CALLERS];
    for (int i = 0; i < CALLERS; i++) {
        assert_int_equal(pthread_create(&callers[i], NULL, call_often, client), 0);
    }
    for (int i = 0; i < CALLERS; i++) {
        void *failed = NULL;
        pthread_join(callers[i], &failed);
        assert_null(failed);
    }
    assert_int_equal(atomic_load(&server.requests), CALLERS * CALLS);
    hirsch_close(client);
}

static void test_open_refuses(void **state)
{
    (void)state;
    struct hirsch_options options = HIRSCH_OPTIONS_INIT;
    options.endpoints = "tcp://nowhere";
    hirsch_client *client = NULL;
    hirsch_error *error = NULL;
    assert_int_equal(hirsch_open(&options, &client, &error), HIRSCH_INVALID_ARGUMENT);
    assert_null(client);
    assert_non_null(strstr(error->text, "tcp://nowhere"));
    hirsch_free(error);
    hirsch_close(NULL);
    hirsch_free(NULL);
    assert_string_equal(hirsch_version(), HIRSCH_VERSION);
    assert_string_equal(hirsch_code_name(HIRSCH_DATA_LOSS), "DATA_LOSS");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_answer, start, stop),
        cmocka_unit_test_setup_teardown(test_server_error, start, stop),
        cmocka_unit_test_setup_teardown(test_bad_arguments_are_not_sent, start, stop),
        cmocka_unit_test_setup_teardown(test_long_metadata_is_not_sent, start, stop),
        cmocka_unit_test_setup_teardown(test_garbage, start, stop),
        cmocka_unit_test_setup_teardown(test_foreign_id_is_ignored, start, stop),
        cmocka_unit_test_setup_teardown(test_deadline_and_late_answer, start, stop),
        cmocka_unit_test_setup_teardown(test_deadline_of_the_server, start, stop),
        cmocka_unit_test_setup_teardown(test_deadline_of_one_of_two, start, stop),
        cmocka_unit_test_setup_teardown(test_oversize, start, stop),
        cmocka_unit_test_setup_teardown(test_server_dies_and_returns, start, stop),
        cmocka_unit_test(test_server_absent),
        cmocka_unit_test_setup_teardown(test_other_endpoint, start, stop),
        cmocka_unit_test_setup_teardown(test_many_threads, start, stop),
        cmocka_unit_test_setup_teardown(test_retry_hint, start, stop),
        cmocka_unit_test_setup_teardown(test_no_use_to_wait, start, stop),
        cmocka_unit_test(test_open_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
