/* Stopping: what was received is answered, what hangs is cut, nothing is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/net_peer.h"

static void wait_finished(const struct net_server *server)
{
    struct pollfd wait = {.fd = net_server_finished_fd(server), .events = POLLIN};
    assert_int_equal(poll(&wait, 1, PEER_DEADLINE_MS), 1);
}

static void requests_in_flight_are_answered(void **state)
{
    (void)state;
    enum { PEERS = 4, ASKED = 300, SIZE = 20000 };
    struct peer_handler handler = {0};
    struct net_server *server = peer_tcp_server(&handler);
    int peers[PEERS];
    for (size_t i = 0; i < PEERS; i++) {
        peers[i] = peer_open(net_server_url(server, 0));
        for (uint32_t id = 0; id < ASKED; id++) {
            peer_ask(peers[i], false, id, SIZE);
        }
    }
    for (size_t i = 0; i < PEERS; i++) {
        PEER_WAIT(peer_unconfirmed(peers[i]) == 0);
    }
    net_server_drain(server, PEER_DEADLINE_MS);
    for (size_t i = 0; i < PEERS; i++) {
        for (uint32_t id = 0; id < ASKED; id++) {
            assert_true(peer_reply(peers[i], false, id, SIZE));
        }
        peer_expect_end(peers[i]);
        close(peers[i]);
    }
    wait_finished(server);
    assert_int_equal(peer_counters(server).requests, PEERS * ASKED);
    net_server_close(server);
}

static void nobody_is_let_in_any_more(void **state)
{
    (void)state;
    struct peer_handler handler = {0};
    struct net_server *server = peer_tcp_server(&handler);
    char url[NET_URL];
    snprintf(url, sizeof url, "%s", net_server_url(server, 0));
    int idle = peer_open(url);
    net_server_drain(server, PEER_DEADLINE_MS);
    peer_expect_end(idle);
    close(idle);
    wait_finished(server);
    int late = peer_socket(url);
    assert_int_not_equal(peer_try_connect(late, url), 0);
    assert_int_equal(errno, ECONNREFUSED);
    close(late);
    net_server_close(server);
}

/* A peer that neither reads nor closes is cut when the time is over. */
static void a_drain_is_bounded(void **state)
{
    (void)state;
    struct peer_handler handler = {0};
    struct net_server *server = peer_tcp_server(&handler);
    int deaf = peer_open(net_server_url(server, 0));
    for (uint32_t id = 0; id < 500; id++) {
        peer_ask(deaf, false, id, 60000);
    }
    PEER_WAIT(peer_counters(server).read_pauses > 0);
    net_server_drain(server, 50);
    wait_finished(server);
    assert_int_equal(net_server_open_connections(server), 0);
    net_server_close(server);
    close(deaf);
}

static void a_second_order_cuts_at_once(void **state)
{
    (void)state;
    struct peer_handler handler = {0};
    struct net_server *server = peer_tcp_server(&handler);
    int deaf = peer_open(net_server_url(server, 0));
    for (uint32_t id = 0; id < 500; id++) {
        peer_ask(deaf, false, id, 60000);
    }
    PEER_WAIT(peer_counters(server).read_pauses > 0);
    net_server_drain(server, 3600 * 1000);
    net_server_close(server);
    close(deaf);
}

static void closing_without_a_drain_ends_all(void **state)
{
    (void)state;
    struct peer_handler handler = {0};
    int files = 0;
    for (int round = 0; round < 20; round++) {
        struct net_server *server = peer_tcp_server(&handler);
        int fd = peer_open(net_server_url(server, 0));
        int fresh = peer_connect(net_server_url(server, 0));
        net_server_close(server);
        close(fd);
        close(fresh);
        assert_int_equal(atomic_load(&handler.sessions), 0);
        files = round == 0 ? peer_count_files() : files;
    }
    assert_int_equal(peer_count_files(), files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_in_flight_are_answered),
        cmocka_unit_test(nobody_is_let_in_any_more),
        cmocka_unit_test(a_drain_is_bounded),
        cmocka_unit_test(a_second_order_cuts_at_once),
        cmocka_unit_test(closing_without_a_drain_ends_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
