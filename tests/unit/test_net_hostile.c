/* The SP door against bytes and behaviour that a decent peer would not show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/resource.h>

#include "support/net_peer.h"

enum { LIMIT = 1000 };

struct door {
    char folder[32];
    char ipc[64];
    const char *listen[2];
    struct peer_handler handler;
    struct net_server *server;
};

static int open_door(void **state)
{
    struct door *door = calloc(1, sizeof *door);
    assert_non_null(door);
    strcpy(door->folder, "/tmp/hirsch-net-XXXXXX");
    assert_non_null(mkdtemp(door->folder));
    snprintf(door->ipc, sizeof door->ipc, "ipc://%s/socket", door->folder);
    door->listen[0] = "tcp://127.0.0.1:0";
    door->listen[1] = door->ipc;
    struct net_options options = peer_options(door->listen, 2);
    options.max_request = LIMIT;
    door->server = peer_server(&options, &door->handler);
    *state = door;
    return 0;
}

static int close_door(void **state)
{
    struct door *door = *state;
    net_server_close(door->server);
    assert_int_equal(rmdir(door->folder), 0);
    free(door);
    return 0;
}

/* Whatever went before, the next one is served. */
static void still_serves(struct door *door)
{
    for (size_t i = 0; i < 2; i++) {
        int fd = peer_open(net_server_url(door->server, i));
        peer_round_trip(fd, i == 1, 5);
        close(fd);
    }
}

/* Greets, sends the bytes, and expects to be closed. */
static void sends_and_is_closed(struct door *door, size_t which, const void *bytes, size_t size)
{
    int fd = peer_open(net_server_url(door->server, which));
    peer_send(fd, bytes, size);
    peer_expect_end(fd);
    close(fd);
    still_serves(door);
}

static void half_a_greeting_hurts_nobody(void **state)
{
    struct door *door = *state;
    for (size_t size = 0; size < 8; size++) {
        int fd = peer_connect(net_server_url(door->server, 0));
        peer_send(fd, "\0SP\0\0\x30\0\0", size);
        close(fd);
    }
    still_serves(door);
    PEER_WAIT(net_server_open_connections(door->server) == 0);
    assert_int_equal(peer_counters(door->server).requests, 2);
}

static void another_protocol_is_closed_and_counted(void **state)
{
    struct door *door = *state;
    static const char *const greetings[] = {"\0SP\0\0\x10\0\0", "\0SP\0\0\x31\0\0", "GET / HT",
                                            "\0SP\1\0\x30\0\0"};
    for (size_t i = 0; i < 4; i++) {
        int fd = peer_connect(net_server_url(door->server, i % 2));
        char greeting[8];
        peer_send(fd, greetings[i], 8);
        assert_true(peer_receive(fd, greeting, sizeof greeting));
        peer_expect_end(fd);
        close(fd);
    }
    assert_int_equal(peer_counters(door->server).bad_greeting, 4);
    still_serves(door);
}

static void a_wrong_type_byte_closes_one_connection(void **state)
{
    struct door *door = *state;
    sends_and_is_closed(door, 1, "\2\0\0\0\0\0\0\0\4\x80\0\0\1", 13);
    sends_and_is_closed(door, 1, "\0", 1);
    assert_int_equal(peer_counters(door->server).bad_type, 2);
}

static void impossible_lengths_close_one_connection(void **state)
{
    struct door *door = *state;
    sends_and_is_closed(door, 0, "\x80\0\0\0\0\0\0\0", 8);
    sends_and_is_closed(door, 0, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    sends_and_is_closed(door, 1, "\1\x80\0\0\0\0\0\0\0", 9);
    assert_int_equal(peer_counters(door->server).too_long, 3);
}

static void the_limit_is_exact(void **state)
{
    struct door *door = *state;
    char body[LIMIT];
    char message[LIMIT + 64];
    char reply[LIMIT + 64];
    memset(body, 'b', sizeof body);
    for (size_t size = LIMIT - 1; size <= LIMIT; size++) {
        int fd = peer_open(net_server_url(door->server, 0));
        size_t sent = peer_message(false, 9, body, size - 4, message);
        peer_send(fd, message, sent);
        assert_true(peer_receive(fd, reply, sent));
        assert_memory_equal(reply, message, sent);
        close(fd);
    }
    sends_and_is_closed(door, 0, message, peer_message(false, 9, body, LIMIT - 3, message));
    assert_int_equal(peer_counters(door->server).too_long, 1);
}

/* What stood before the mistake is answered. */
static void a_mistake_does_not_take_back_the_requests_before_it(void **state)
{
    struct door *door = *state;
    int fd = peer_open(net_server_url(door->server, 0));
    char message[128];
    size_t size = peer_message(false, 3, "echo me", 7, message);
    memset(message + size, 0xff, 8);
    peer_send(fd, message, size + 8);
    char reply[64];
    assert_true(peer_receive(fd, reply, size));
    assert_memory_equal(reply, message, size);
    peer_expect_end(fd);
    close(fd);
}

static void cuts_at_every_byte_are_put_together(void **state)
{
    struct door *door = *state;
    char message[64];
    size_t size = peer_message(true, 77, "cut me anywhere", 15, message);
    for (size_t cut = 1; cut < size; cut++) {
        int fd = peer_open(net_server_url(door->server, 1));
        struct net_counters before = peer_counters(door->server);
        peer_send(fd, message, cut);
        /* The second half goes when the first has been read, so that it comes alone. */
        PEER_WAIT(peer_counters(door->server).bytes_received >= before.bytes_received + cut);
        peer_send(fd, message + cut, size - cut);
        char reply[64];
        assert_true(peer_receive(fd, reply, size));
        assert_memory_equal(reply, message, size);
        close(fd);
    }
}

static void messages_without_an_id_are_skipped(void **state)
{
    struct door *door = *state;
    int fd = peer_open(net_server_url(door->server, 0));
    char nine_words[8 + 36] = {0};
    base_put_be64(nine_words, 36);
    nine_words[8 + 32] = (char)0x80;
    peer_send(fd, "\0\0\0\0\0\0\0\0", 8);
    peer_send(fd, "\0\0\0\0\0\0\0\4\0\0\0\1", 12);
    peer_send(fd, "\0\0\0\0\0\0\0\3\x80\0\0", 11);
    peer_send(fd, nine_words, sizeof nine_words);
    peer_round_trip(fd, false, 6);
    assert_int_equal(peer_counters(door->server).malformed, 4);
    close(fd);
}

static void resets_leave_nothing_behind(void **state)
{
    struct door *door = *state;
    still_serves(door);
    PEER_WAIT(net_server_open_connections(door->server) == 0);
    int files = peer_count_files();
    struct linger reset = {.l_onoff = 1, .l_linger = 0};
    for (int i = 0; i < 1000; i++) {
        int fd = peer_connect(net_server_url(door->server, 0));
        peer_send(fd, "\0SP\0\0\x30\0\0", 8);
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(fd);
    }
    still_serves(door);
    PEER_WAIT(peer_counters(door->server).closed == 1004);
    assert_int_equal(peer_count_files(), files);
}

static void descriptors_sent_along_are_dropped(void **state)
{
    struct door *door = *state;
    int files = peer_count_files();
    int fd = peer_open(door->ipc);
    int passed[3] = {0, 1, 2};
    char control[CMSG_SPACE(sizeof passed)] = {0};
    char message[64];
    size_t size = peer_message(true, 4, "with files", 10, message);
    struct iovec bytes = {.iov_base = message, .iov_len = size};
    struct msghdr whole = {.msg_iov = &bytes,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof control};
    struct cmsghdr *head = CMSG_FIRSTHDR(&whole);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof passed);
    memcpy(CMSG_DATA(head), passed, sizeof passed);
    assert_int_equal(sendmsg(fd, &whole, MSG_NOSIGNAL), size);
    char reply[64];
    assert_true(peer_receive(fd, reply, size));
    close(fd);
    PEER_WAIT(net_server_open_connections(door->server) == 0);
    assert_int_equal(peer_count_files(), files);
}

static char reported[256];

static void keep_report(void *state, const char *text)
{
    snprintf(reported, sizeof reported, "%s", text);
    atomic_store((atomic_bool *)state, true);
}

/* As many files are free as half of the peers need: the others wait in the kernel's queue until
 * one closes. */
static void accepting_waits_when_files_run_out(void **state)
{
    (void)state;
    enum { PEERS = 20 };
    atomic_bool told = false;
    struct peer_handler handler = {0};
    static const char *const listen[] = {"tcp://127.0.0.1:0"};
    struct net_options options = peer_options(listen, 1);
    options.report = keep_report;
    options.report_state = &told;
    struct net_server *server = peer_server(&options, &handler);
    int peers[PEERS];
    for (size_t i = 0; i < PEERS; i++) {
        peers[i] = peer_socket("tcp://127.0.0.1:0");
    }
    /* The lowest free number tells how many are used: none is free below it. */
    int probe = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(probe >= 0);
    close(probe);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct rlimit few = {.rlim_cur = (rlim_t)probe + PEERS / 2, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    for (size_t i = 0; i < PEERS; i++) {
        assert_int_equal(peer_try_connect(peers[i], net_server_url(server, 0)), 0);
    }
    PEER_WAIT(atomic_load(&told));
    for (size_t i = 0; i < PEERS / 2; i++) {
        peer_greet(peers[i]);
        peer_round_trip(peers[i], false, (uint32_t)i);
    }
    assert_true(peer_counters(server).accept_pauses >= 1);
    assert_int_equal(net_server_open_connections(server), PEERS / 2);
    assert_non_null(strstr(reported, "out of files"));
    for (size_t i = 0; i < PEERS / 2; i++) {
        shutdown(peers[i], SHUT_RDWR);
    }
    for (size_t i = PEERS / 2; i < PEERS; i++) {
        peer_greet(peers[i]);
        peer_round_trip(peers[i], false, (uint32_t)i);
    }
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    for (size_t i = 0; i < PEERS; i++) {
        close(peers[i]);
    }
    net_server_close(server);
}

/* Of half requests one loop has memory for three, not for four: each takes 64 KiB. */
enum { GREAT = 60000, HALF = 40000, HALVES = 4 };

static const char great[GREAT];

static struct net_server *narrow_server(struct peer_handler *handler)
{
    static const char *const listen[] = {"tcp://127.0.0.1:0"};
    struct net_options options = peer_options(listen, 1);
    options.loops = 1;
    options.max_request = GREAT;
    options.max_receiving = 4 * GREAT;
    return peer_server(&options, handler);
}

static void send_half(int fd)
{
    char head[12];
    base_put_be64(head, GREAT);
    base_put_be32(head + 8, 0x80000001u);
    peer_send(fd, head, sizeof head);
    peer_send(fd, great, HALF - 4);
}

static void half_requests_have_so_much_memory(void **state)
{
    (void)state;
    struct peer_handler handler = {0};
    struct net_server *server = narrow_server(&handler);
    int fds[HALVES];
    for (unsigned i = 0; i < HALVES; i++) {
        uint64_t before = peer_counters(server).bytes_received;
        fds[i] = peer_open(net_server_url(server, 0));
        send_half(fds[i]);
        PEER_WAIT(peer_counters(server).bytes_received == before + 8 + 8 + HALF);
    }
    /* The one that began first is gone, the others are served to their end. */
    peer_expect_end(fds[0]);
    assert_int_equal(peer_counters(server).crowded_out, 1);
    for (unsigned i = 1; i < HALVES; i++) {
        char reply[12];
        static char body[GREAT - 4];
        peer_send(fds[i], great, GREAT - HALF);
        assert_true(peer_receive(fds[i], reply, sizeof reply));
        assert_int_equal(base_get_be64(reply), GREAT);
        assert_true(peer_receive(fds[i], body, sizeof body));
        assert_memory_equal(body, great, sizeof body);
        peer_round_trip(fds[i], false, i);
    }
    /* What was given back is there again. */
    for (unsigned i = 1; i < HALVES; i++) {
        send_half(fds[i]);
    }
    for (unsigned i = 0; i < HALVES; i++) {
        close(fds[i]);
    }
    PEER_WAIT(net_server_open_connections(server) == 0);
    assert_int_equal(peer_counters(server).crowded_out, 1);
    net_server_close(server);
}

/* Connections that have their turns in a drain crowd out others that wait for theirs. */
static void room_is_made_in_a_drain(void **state)
{
    (void)state;
    enum { ROUNDS = 20, PEERS = 3 * HALVES };
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct peer_handler handler = {0};
        struct net_server *server = narrow_server(&handler);
        int fds[PEERS];
        for (unsigned i = 0; i < PEERS; i++) {
            fds[i] = peer_open(net_server_url(server, 0));
        }
        for (unsigned i = 0; i < HALVES - 1; i++) {
            send_half(fds[i]);
        }
        net_server_drain(server, PEER_DEADLINE_MS);
        for (unsigned i = HALVES - 1; i < PEERS; i++) {
            char head[12] = {0};
            base_put_be64(head, GREAT);
            if (send(fds[i], head, sizeof head, MSG_NOSIGNAL) == sizeof head) {
                (void)!send(fds[i], great, HALF - 4, MSG_NOSIGNAL);
            }
        }
        for (unsigned i = 0; i < PEERS; i++) {
            peer_expect_end(fds[i]);
            close(fds[i]);
        }
        struct pollfd finished = {.fd = net_server_finished_fd(server), .events = POLLIN};
        assert_int_equal(poll(&finished, 1, PEER_DEADLINE_MS), 1);
        net_server_close(server);
    }
}

int main(void)
{
#define AT_DOOR(test) cmocka_unit_test_setup_teardown(test, open_door, close_door)
    const struct CMUnitTest tests[] = {
        AT_DOOR(half_a_greeting_hurts_nobody),
        AT_DOOR(another_protocol_is_closed_and_counted),
        AT_DOOR(a_wrong_type_byte_closes_one_connection),
        AT_DOOR(impossible_lengths_close_one_connection),
        AT_DOOR(the_limit_is_exact),
        AT_DOOR(a_mistake_does_not_take_back_the_requests_before_it),
        AT_DOOR(cuts_at_every_byte_are_put_together),
        AT_DOOR(messages_without_an_id_are_skipped),
        AT_DOOR(resets_leave_nothing_behind),
        AT_DOOR(descriptors_sent_along_are_dropped),
        cmocka_unit_test(half_requests_have_so_much_memory),
        cmocka_unit_test(room_is_made_in_a_drain),
        cmocka_unit_test(accepting_waits_when_files_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
