/* The SP door with raw peers: round trips, pipelines, back-pressure, fairness, caps, timeouts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <malloc.h>
#include <semaphore.h>

#include "support/net_peer.h"

static void every_kind_of_address_answers(void **state)
{
    (void)state;
    char folder[] = "/tmp/hirsch-net-XXXXXX";
    char ipc[64];
    assert_non_null(mkdtemp(folder));
    snprintf(ipc, sizeof ipc, "ipc://%s/socket", folder);
    const char *listen[] = {"tcp://127.0.0.1:0", ipc, "tcp://[::1]:0", "tcp://localhost:0",
                            "tcp://*:0"};
    struct peer_handler handler = {0};
    struct net_options options = peer_options(listen, 5);
    struct net_server *server = peer_server(&options, &handler);
    assert_true(strncmp(net_server_url(server, 0), "tcp://127.0.0.1:", 16) == 0);
    assert_string_not_equal(net_server_url(server, 0), listen[0]);
    assert_string_equal(net_server_url(server, 1), ipc);
    assert_true(strncmp(net_server_url(server, 2), "tcp://[::1]:", 12) == 0);
    for (size_t i = 0; i < 5; i++) {
        int fd = peer_open(net_server_url(server, i));
        for (uint32_t id = 0; id < 20; id++) {
            peer_round_trip(fd, i == 1, id);
        }
        close(fd);
    }
    PEER_WAIT(net_server_open_connections(server) == 0);
    struct net_counters counters = peer_counters(server);
    assert_int_equal(counters.accepted, 5);
    assert_int_equal(counters.closed, 5);
    assert_int_equal(counters.requests, 100);
    assert_true(atomic_load(&handler.rests) >= 1);
    net_server_close(server);
    assert_int_equal(atomic_load(&handler.sessions), 0);
    assert_int_equal(rmdir(folder), 0);
}

/* 500 requests for 60 kB each are all sent before the first reply is read. */
static void no_reply_of_a_pipeline_is_lost(void **state)
{
    (void)state;
    struct peer_handler handler = {0};
    struct net_server *server = peer_tcp_server(&handler);
    int fd = peer_open(net_server_url(server, 0));
    for (uint32_t id = 0; id < 500; id++) {
        peer_ask(fd, false, id, 60000);
    }
    for (uint32_t id = 0; id < 500; id++) {
        assert_true(peer_reply(fd, false, id, 60000));
    }
    assert_int_equal(peer_counters(server).requests, 500);
    PEER_WAIT(peer_counters(server).bytes_sent == 8 + 500 * (12 + 60000));
    close(fd);
    net_server_close(server);
}

static void a_peer_that_does_not_read_is_held_back_alone(void **state)
{
    (void)state;
    enum { ASKED = 3000, SIZE = 60000 };
    struct peer_handler handler = {0};
    static const char *const listen[] = {"tcp://127.0.0.1:0"};
    struct net_options options = peer_options(listen, 1);
    options.loops = 1;
    options.max_buffered = 256 * 1024;
    struct net_server *server = peer_server(&options, &handler);
    int slow = peer_open(net_server_url(server, 0));
    int quick = peer_open(net_server_url(server, 0));
    for (uint32_t id = 0; id < ASKED; id++) {
        peer_ask(slow, false, id, SIZE);
    }
    PEER_WAIT(peer_counters(server).read_pauses > 0);
    for (uint32_t id = 0; id < 100; id++) {
        peer_round_trip(quick, false, id);
    }
    /* What the kernel's buffers take, and one turn on top, but not all. */
    assert_true(peer_counters(server).requests < ASKED / 2 + 100);
    for (uint32_t id = 0; id < ASKED; id++) {
        assert_true(peer_reply(slow, false, id, SIZE));
    }
    assert_int_equal(peer_counters(server).requests, ASKED + 100);
    close(slow);
    close(quick);
    net_server_close(server);
}

static void outstanding_and_buffer_limits_lose_nothing(void **state)
{
    (void)state;
    struct peer_handler handler = {0};
    static const char *const listen[] = {"tcp://127.0.0.1:0"};
    struct net_options options = peer_options(listen, 1);
    options.max_outstanding = 1;
    options.max_buffered = 1;
    struct net_server *server = peer_server(&options, &handler);
    int fd = peer_open(net_server_url(server, 0));
    for (uint32_t id = 0; id < 3000; id++) {
        peer_ask(fd, false, id, 100);
    }
    for (uint32_t id = 0; id < 3000; id++) {
        assert_true(peer_reply(fd, false, id, 100));
    }
    close(fd);
    net_server_close(server);
}

struct gate {
    sem_t entered;
    sem_t go;
    atomic_bool passed;
    atomic_ulong other_at; /* how many were answered when the other one's request came */
};

static void stop_at_gate(struct peer_handler *handler, struct base_slice request)
{
    struct gate *gate = handler->test;
    if (!atomic_exchange(&gate->passed, true)) {
        sem_post(&gate->entered);
        sem_wait(&gate->go);
    }
    if (base_get_be32(request.data + 4) == 77777) {
        atomic_store(&gate->other_at, atomic_load(&handler->answered));
    }
}

static void one_pipeliner_does_not_starve_the_others(void **state)
{
    (void)state;
    struct gate gate = {0};
    sem_init(&gate.entered, 0, 0);
    sem_init(&gate.go, 0, 0);
    struct peer_handler handler = {.before = stop_at_gate, .test = &gate};
    static const char *const listen[] = {"tcp://127.0.0.1:0"};
    struct net_options options = peer_options(listen, 1);
    options.loops = 1;
    struct net_server *server = peer_server(&options, &handler);
    int greedy = peer_open(net_server_url(server, 0));
    int other = peer_open(net_server_url(server, 0));
    enum { ASKED = 3000 };
    static char pipeline[ASKED * PEER_FRAME];
    peer_send(greedy, pipeline, peer_pipeline(ASKED, 8, pipeline));
    sem_wait(&gate.entered);
    /* The loop stands inside the first request; the other one asks now and must come before the
     * bulk of the rest. */
    peer_ask(other, false, 77777, 8);
    PEER_WAIT(peer_unconfirmed(other) == 0);
    sem_post(&gate.go);
    assert_true(peer_reply(other, false, 77777, 8));
    assert_true(atomic_load(&gate.other_at) <= 3 * 256);
    for (uint32_t id = 0; id < ASKED; id++) {
        assert_true(peer_reply(greedy, false, id, 8));
    }
    close(greedy);
    close(other);
    net_server_close(server);
    sem_destroy(&gate.entered);
    sem_destroy(&gate.go);
}

static void the_connection_cap_closes_at_once(void **state)
{
    (void)state;
    struct peer_handler handler = {0};
    static const char *const listen[] = {"tcp://127.0.0.1:0"};
    struct net_options options = peer_options(listen, 1);
    options.max_connections = 2;
    struct net_server *server = peer_server(&options, &handler);
    int first = peer_open(net_server_url(server, 0));
    int second = peer_open(net_server_url(server, 0));
    int third = peer_connect(net_server_url(server, 0));
    peer_expect_end(third);
    assert_int_equal(peer_counters(server).refused, 1);
    close(first);
    PEER_WAIT(net_server_open_connections(server) == 1);
    int fourth = peer_open(net_server_url(server, 0));
    peer_round_trip(second, false, 1);
    peer_round_trip(fourth, false, 1);
    close(second);
    close(third);
    close(fourth);
    net_server_close(server);
}

/* Each timeout has a server of its own, so that a slow machine does not let another one strike
 * first. */
static struct net_server *impatient_server(struct peer_handler *handler, uint32_t greeting_ms,
                                           uint32_t idle_ms, uint32_t stall_ms)
{
    static const char *const listen[] = {"tcp://127.0.0.1:0"};
    struct net_options options = peer_options(listen, 1);
    options.greeting_timeout_ms = greeting_ms;
    options.idle_timeout_ms = idle_ms;
    options.stall_timeout_ms = stall_ms;
    return peer_server(&options, handler);
}

static void a_greeting_has_its_time(void **state)
{
    (void)state;
    struct peer_handler handler = {0};
    struct net_server *server = impatient_server(&handler, 40, 0, 0);
    char greeting[8];
    int fd = peer_connect(net_server_url(server, 0));
    peer_send(fd, "\0SP", 3);
    assert_true(peer_receive(fd, greeting, sizeof greeting));
    peer_expect_end(fd);
    assert_int_equal(peer_counters(server).greeting_timeouts, 1);
    close(fd);
    net_server_close(server);
}

static void an_idle_connection_has_its_time(void **state)
{
    (void)state;
    struct peer_handler handler = {0};
    struct net_server *server = impatient_server(&handler, 0, 40, 0);
    int fd = peer_open(net_server_url(server, 0));
    peer_expect_end(fd);
    assert_int_equal(peer_counters(server).idle_timeouts, 1);
    close(fd);
    net_server_close(server);
}

static void a_stalled_connection_has_its_time(void **state)
{
    (void)state;
    struct peer_handler handler = {0};
    struct net_server *server = impatient_server(&handler, 0, 0, 40);
    int half = peer_open(net_server_url(server, 0));
    peer_send(half, "\0\0\0\0\0\0\0\x08half", 12);
    peer_expect_end(half);
    assert_int_equal(peer_counters(server).stall_timeouts, 1);
    int deaf = peer_open(net_server_url(server, 0));
    static char pipeline[500 * PEER_FRAME];
    peer_send(deaf, pipeline, peer_pipeline(500, 60000, pipeline));
    PEER_WAIT(peer_counters(server).stall_timeouts == 2);
    close(half);
    close(deaf);
    net_server_close(server);
}

static void a_reply_without_memory_closes_its_connection_only(void **state)
{
    (void)state;
    struct peer_handler handler = {0};
    struct net_server *server = peer_tcp_server(&handler);
    int fd = peer_open(net_server_url(server, 0));
    int other = peer_open(net_server_url(server, 0));
    char message[64];
    peer_send(fd, message, peer_message(false, 1, "fail", 4, message));
    peer_expect_end(fd);
    peer_round_trip(other, false, 2);
    assert_int_equal(peer_counters(server).no_memory, 1);
    close(fd);
    close(other);
    net_server_close(server);
}

static void a_session_that_cannot_be_made_leaves_nothing(void **state)
{
    (void)state;
    struct peer_handler handler = {.sessions_allowed = 1};
    static const char *const listen[] = {"tcp://127.0.0.1:0"};
    struct net_options options = peer_options(listen, 1);
    const struct net_handler functions = {.state = &handler,
                                          .session_new = peer_session_new,
                                          .session_free = peer_session_free,
                                          .session_rest = peer_session_rest,
                                          .answer = peer_answer};
    int files = peer_count_files();
    for (int round = 0; round < 2; round++) {
        struct net_server *server = NULL;
        struct base_error error;
        assert_int_equal(net_server_open(&options, &functions, &server, &error),
                         BASE_RESOURCE_EXHAUSTED);
        assert_null(server);
        assert_string_equal(error.text, "no more sessions");
        assert_int_equal(atomic_load(&handler.sessions), 0);
        /* libuv keeps a pipe for signals from the first loop on. */
        if (round == 0) {
            files = peer_count_files();
        }
    }
    assert_int_equal(peer_count_files(), files);
}

static size_t memory_used(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/* Also when the turn ends with it: an idle connection is as small as it was. */
static void a_great_request_leaves_nothing_behind(void **state)
{
    (void)state;
    enum { PEERS = 16, GREAT = 4 * 1024 * 1024 };
    struct peer_handler handler = {0};
    static const char *const listen[] = {"tcp://127.0.0.1:0"};
    struct net_options options = peer_options(listen, 1);
    options.max_request = GREAT + 4;
    options.max_buffered = 1;
    struct net_server *server = peer_server(&options, &handler);
    char *body = calloc(1, GREAT);
    char *message = malloc(GREAT + 32);
    assert_non_null(body);
    assert_non_null(message);
    int fds[PEERS];
    for (uint32_t i = 0; i < PEERS; i++) {
        fds[i] = peer_open(net_server_url(server, 0));
    }
    size_t before = memory_used();
    for (uint32_t i = 0; i < PEERS; i++) {
        size_t size = peer_message(false, i, body, GREAT, message);
        peer_send(fds[i], message, size);
        assert_true(peer_receive(fds[i], message, size));
        peer_round_trip(fds[(i + 1) % PEERS], false, i);
    }
    PEER_WAIT(memory_used() < before + GREAT);
    for (uint32_t i = 0; i < PEERS; i++) {
        close(fds[i]);
    }
    free(message);
    free(body);
    net_server_close(server);
}

/* The handler stands in a request until the peer has gone, then asks who it was. */
struct visit {
    sem_t entered;
    sem_t go;
    sem_t named;
    char peer[NET_PEER];
};

static void name_the_peer(struct peer_handler *handler, const struct net_request *asked)
{
    struct visit *visit = handler->test;
    sem_post(&visit->entered);
    sem_wait(&visit->go);
    net_request_peer(asked, visit->peer);
    sem_post(&visit->named);
}

static void bound_name(int fd, char name[NET_PEER])
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    char host[INET6_ADDRSTRLEN];
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    if (address.ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&address;
        inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof host);
        snprintf(name, NET_PEER, "[%s]:%u", host, ntohs(six->sin6_port));
    } else if (address.ss_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)&address;
        inet_ntop(AF_INET, &four->sin_addr, host, sizeof host);
        snprintf(name, NET_PEER, "%s:%u", host, ntohs(four->sin_port));
    } else {
        snprintf(name, NET_PEER, "ipc");
    }
}

static void a_peer_that_is_gone_has_a_name(void **state)
{
    (void)state;
    char folder[] = "/tmp/hirsch-net-XXXXXX";
    char ipc[64];
    assert_non_null(mkdtemp(folder));
    snprintf(ipc, sizeof ipc, "ipc://%s/socket", folder);
    const char *listen[] = {"tcp://127.0.0.1:0", "tcp://[::1]:0", ipc};
    struct visit visit;
    struct peer_handler handler = {.look = name_the_peer, .test = &visit};
    struct net_options options = peer_options(listen, 3);
    struct net_server *server = peer_server(&options, &handler);
    sem_init(&visit.entered, 0, 0);
    sem_init(&visit.go, 0, 0);
    sem_init(&visit.named, 0, 0);
    for (size_t i = 0; i < 3; i++) {
        char expected[NET_PEER];
        int fd = peer_open(net_server_url(server, i));
        bound_name(fd, expected);
        peer_ask(fd, i == 2, 1, 8);
        sem_wait(&visit.entered);
        struct linger at_once = {.l_onoff = 1};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        close(fd);
        sem_post(&visit.go);
        sem_wait(&visit.named);
        assert_string_equal(visit.peer, expected);
        PEER_WAIT(net_server_open_connections(server) == 0);
    }
    net_server_close(server);
    sem_destroy(&visit.entered);
    sem_destroy(&visit.go);
    sem_destroy(&visit.named);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_peer_that_is_gone_has_a_name),
        cmocka_unit_test(a_great_request_leaves_nothing_behind),
        cmocka_unit_test(every_kind_of_address_answers),
        cmocka_unit_test(no_reply_of_a_pipeline_is_lost),
        cmocka_unit_test(a_peer_that_does_not_read_is_held_back_alone),
        cmocka_unit_test(outstanding_and_buffer_limits_lose_nothing),
        cmocka_unit_test(one_pipeliner_does_not_starve_the_others),
        cmocka_unit_test(the_connection_cap_closes_at_once),
        cmocka_unit_test(a_greeting_has_its_time),
        cmocka_unit_test(an_idle_connection_has_its_time),
        cmocka_unit_test(a_stalled_connection_has_its_time),
        cmocka_unit_test(a_reply_without_memory_closes_its_connection_only),
        cmocka_unit_test(a_session_that_cannot_be_made_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
