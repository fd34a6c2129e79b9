/* libnanomsg as a foreign client of the SP door. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>

#include "support/held_port.h"
#include "support/net_peer.h"

static int open_req(const char *url)
{
    int socket_number = nn_socket(AF_SP, NN_REQ);
    assert_true(socket_number >= 0);
    int deadline_ms = PEER_DEADLINE_MS;
    assert_int_equal(
        nn_setsockopt(socket_number, NN_SOL_SOCKET, NN_RCVTIMEO, &deadline_ms, sizeof deadline_ms),
        0);
    assert_int_equal(
        nn_setsockopt(socket_number, NN_SOL_SOCKET, NN_SNDTIMEO, &deadline_ms, sizeof deadline_ms),
        0);
    assert_true(nn_connect(socket_number, url) >= 0);
    return socket_number;
}

static void ask(int socket_number, uint32_t id, uint32_t size)
{
    char body[8];
    base_put_be32(body, size);
    base_put_be32(body + 4, id);
    assert_int_equal(nn_send(socket_number, body, sizeof body, 0), sizeof body);
    char *reply = NULL;
    assert_int_equal(nn_recv(socket_number, &reply, NN_MSG, 0), size);
    assert_int_equal(base_get_be32(reply), id);
    assert_int_equal(reply[size - 1], (char)id);
    nn_freemsg(reply);
}

static void cooked_req_sockets_are_answered(void **state)
{
    (void)state;
    char folder[] = "/tmp/hirsch-net-XXXXXX";
    char ipc[64];
    assert_non_null(mkdtemp(folder));
    snprintf(ipc, sizeof ipc, "ipc://%s/socket", folder);
    const char *listen[] = {"tcp://127.0.0.1:0", ipc};
    struct peer_handler handler = {0};
    struct net_options options = peer_options(listen, 2);
    struct net_server *server = peer_server(&options, &handler);
    for (size_t which = 0; which < 2; which++) {
        int clients[4];
        for (size_t i = 0; i < 4; i++) {
            clients[i] = open_req(net_server_url(server, which));
        }
        for (uint32_t id = 0; id < 200; id++) {
            ask(clients[id % 4], id, 600);
        }
        ask(clients[0], 7, 1024 * 1024 - 4);
        for (size_t i = 0; i < 4; i++) {
            nn_close(clients[i]);
        }
    }
    PEER_WAIT(net_server_open_connections(server) == 0);
    struct net_counters counters = peer_counters(server);
    assert_int_equal(counters.requests, 402);
    assert_int_equal(counters.malformed + counters.bad_greeting + counters.bad_type, 0);
    net_server_close(server);
    assert_int_equal(rmdir(folder), 0);
}

/* A daemon that is restarted on the same address is found again by itself. */
static void a_req_socket_survives_a_restart(void **state)
{
    (void)state;
    struct peer_handler handler = {0};
    char url[NET_URL];
    int port;
    int held = held_port(&port);
    assert_true(held >= 0);
    snprintf(url, sizeof url, "tcp://127.0.0.1:%d", port);
    const char *listen[] = {url};
    struct net_options options = peer_options(listen, 1);
    struct net_server *server = peer_server(&options, &handler);
    int client = open_req(url);
    ask(client, 1, 600);
    net_server_drain(server, PEER_DEADLINE_MS);
    struct pollfd finished = {.fd = net_server_finished_fd(server), .events = POLLIN};
    assert_int_equal(poll(&finished, 1, PEER_DEADLINE_MS), 1);
    net_server_close(server);
    server = peer_server(&options, &handler);
    ask(client, 2, 600);
    nn_close(client);
    net_server_close(server);
    close(held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cooked_req_sockets_are_answered),
        cmocka_unit_test(a_req_socket_survives_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
