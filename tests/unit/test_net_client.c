/* The asking side against the listener: connections of several endpoints, long replies in pieces,
 * an alarm finer than a millisecond, and peers that go away or are no peers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <netdb.h>

#include "net/address.h"
#include "net/sp_client.h"
#include "support/net_peer.h"

enum { CONNECTIONS = 30, ROUNDS = 20, LONG = 300000 };

struct asking {
    struct net_client *client;
    unsigned connections;
    unsigned ready;
    unsigned lost;
    unsigned answered[CONNECTIONS];
    unsigned total;
    unsigned wanted;
    size_t size; /* of each reply */
    uint64_t give_up_ns;
    uint64_t alarm_ns; /* set once to be woken then */
    uint64_t woken_ns;
    struct net_server *cut; /* closed as soon as all connections are ready */
    char why[120];
};

static void ask(struct asking *asking, unsigned connection)
{
    char body[8];
    base_put_be32(body, (uint32_t)asking->size);
    base_put_be32(body + 4, connection * 1000 + asking->answered[connection]);
    assert_true(net_client_send(asking->client, connection, connection, base_slice(body, 8)));
}

static void on_ready(void *state, unsigned connection)
{
    struct asking *asking = state;
    asking->ready++;
    if (asking->wanted > 0) {
        ask(asking, connection);
    }
}

static void on_lost(void *state, unsigned connection, const char *why)
{
    struct asking *asking = state;
    (void)connection;
    asking->lost++;
    snprintf(asking->why, sizeof asking->why, "%s", why);
}

static void on_reply(void *state, unsigned connection, uint32_t id, struct base_slice body,
                     uint64_t received_ns)
{
    struct asking *asking = state;
    assert_int_equal(id, connection);
    assert_int_equal(body.size, asking->size);
    assert_int_equal(base_get_be32(body.data), connection * 1000 + asking->answered[connection]);
    assert_true(received_ns <= base_clock_monotonic_ns());
    asking->total++;
    if (++asking->answered[connection] < ROUNDS) {
        ask(asking, connection);
    }
}

static uint64_t on_turn(void *state, uint64_t now_ns)
{
    struct asking *asking = state;
    if (asking->cut != NULL && asking->ready == asking->connections) {
        net_server_close(asking->cut);
        asking->cut = NULL;
    }
    if (asking->alarm_ns != 0 && now_ns >= asking->alarm_ns) {
        asking->woken_ns = now_ns;
        net_client_stop(asking->client);
    }
    bool done = asking->wanted > 0 ? asking->total == asking->wanted
                                   : asking->alarm_ns == 0 && asking->lost >= asking->connections;
    if (done) {
        net_client_stop(asking->client);
    }
    if (now_ns >= asking->give_up_ns) {
        fail_msg("%u ready, %u lost, %u answered: %s", asking->ready, asking->lost, asking->total,
                 asking->why);
    }
    return asking->alarm_ns != 0 ? asking->alarm_ns : UINT64_MAX;
}

static void run(struct asking *asking, const char *urls, unsigned connections)
{
    const struct net_client_handler handler = {asking, on_ready, on_lost, on_reply, on_turn};
    const struct net_client_options options = {
        .urls = urls, .connections = connections, .max_reply = 1024 * 1024, .retry_ms = 20};
    struct base_error error;
    asking->connections = connections;
    asking->give_up_ns = base_clock_monotonic_ns() + PEER_DEADLINE_MS * (uint64_t)1000000;
    if (net_client_open(&options, &handler, &asking->client, &error) != BASE_OK) {
        fail_msg("%s", error.text);
    }
    net_client_run(asking->client);
}

static void connections_go_round_the_endpoints(void **state)
{
    (void)state;
    char folder[] = "/tmp/hirsch-net-XXXXXX";
    char ipc[64];
    char urls[3 * NET_URL];
    assert_non_null(mkdtemp(folder));
    snprintf(ipc, sizeof ipc, "ipc://%s/socket", folder);
    const char *listen[] = {"tcp://127.0.0.1:0", ipc, "tcp://[::1]:0"};
    struct peer_handler handler = {0};
    struct net_options options = peer_options(listen, 3);
    struct net_server *server = peer_server(&options, &handler);
    struct asking asking = {.wanted = CONNECTIONS * ROUNDS, .size = 40};
    struct net_client_counters counters;
    snprintf(urls, sizeof urls, "%s,%s,%s", net_server_url(server, 0), net_server_url(server, 1),
             net_server_url(server, 2));
    run(&asking, urls, CONNECTIONS);
    net_client_counters(asking.client, &counters);
    assert_int_equal(counters.connects, CONNECTIONS);
    assert_int_equal(counters.losses, 0);
    assert_true(counters.bytes_received >= CONNECTIONS * ROUNDS * (uint64_t)52);
    net_client_close(asking.client);
    net_server_close(server);
    assert_int_equal(rmdir(folder), 0);
}

static void long_replies_come_whole(void **state)
{
    (void)state;
    struct peer_handler handler = {0};
    struct net_server *server = peer_tcp_server(&handler);
    struct asking asking = {.wanted = 3 * ROUNDS, .size = LONG};
    run(&asking, net_server_url(server, 0), 3);
    net_client_close(asking.client);
    net_server_close(server);
}

/* A timer of libuv alone would count in milliseconds; the bound is for a busy machine. */
static void the_alarm_is_never_early(void **state)
{
    (void)state;
    struct peer_handler handler = {0};
    struct net_server *server = peer_tcp_server(&handler);
    struct asking asking = {.alarm_ns = base_clock_monotonic_ns() + 1500000};
    run(&asking, net_server_url(server, 0), 1);
    assert_true(asking.woken_ns >= asking.alarm_ns);
    assert_true(asking.woken_ns < asking.alarm_ns + PEER_DEADLINE_MS * UINT64_C(1000000));
    net_client_close(asking.client);
    net_server_close(server);
}

static void losses_are_told(void **state)
{
    (void)state;
    struct peer_handler handler = {0};
    struct asking asking = {.cut = peer_tcp_server(&handler)};
    char url[NET_URL];
    snprintf(url, sizeof url, "%s", net_server_url(asking.cut, 0));
    run(&asking, url, 5);
    assert_int_equal(asking.ready, 5);
    assert_true(asking.lost >= 5);
    net_client_close(asking.client);
    /* Nobody listens there now: refused, and said so. */
    struct asking refused = {0};
    run(&refused, url, 1);
    assert_non_null(strstr(refused.why, "refused"));
    assert_int_equal(refused.ready, 0);
    net_client_close(refused.client);
}

static void addresses_are_checked(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",          "tcp://",        "tcp://x",     "tcp://:5",
                                        "tcp://x:0", "tcp://x:65536", "tcp://::1:5", "http://x:5",
                                        "ipc://",    "tcp://[]:5",    "tcp://x:5x"};
    struct net_address address;
    struct base_error error;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(net_address_resolve(base_slice_text(wrong[i]), &address, &error),
                         BASE_INVALID_ARGUMENT);
    }
    assert_int_equal(net_address_resolve(BASE_SLICE("tcp://[::1]:80"), &address, &error), BASE_OK);
    assert_int_equal(address.socket.ss_family, AF_INET6);
    char path[160] = "ipc:///";
    memset(path + 7, 'x', 110);
    path[117] = '\0';
    assert_int_equal(net_address_resolve(base_slice_text(path), &address, &error),
                     BASE_INVALID_ARGUMENT);
}

/* "localhost" in the order of most machines' /etc/hosts: the daemon listens on the IPv4 one. */
static void a_name_means_its_ipv4_address(void **state)
{
    (void)state;
    struct addrinfo last = {.ai_family = AF_INET};
    struct addrinfo four = {.ai_family = AF_INET, .ai_next = &last};
    struct addrinfo six = {.ai_family = AF_INET6, .ai_next = &four};
    assert_ptr_equal(net_address_choose(&six), &four);
    assert_ptr_equal(net_address_choose(&four), &four);
    six.ai_next = NULL;
    assert_ptr_equal(net_address_choose(&six), &six);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_go_round_the_endpoints),
        cmocka_unit_test(long_replies_come_whole),
        cmocka_unit_test(the_alarm_is_never_early),
        cmocka_unit_test(losses_are_told),
        cmocka_unit_test(addresses_are_checked),
        cmocka_unit_test(a_name_means_its_ipv4_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
