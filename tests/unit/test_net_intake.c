/* What a loop reads in one poll: the handler hears of it before the first answer, and nothing of it
 * is lost, whatever happens to its connections meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <semaphore.h>
#include <sys/resource.h>

#include "net/intake.h"
#include "support/net_peer.h"

enum {
    PEERS = 24,
    GATE_ID = 77777,
    HEARD_MOST = 8192,
    /* More than libuv takes from the kernel in one go: then it asks again in the same poll. */
    MANY = 1100,
};

/* The loop stands in one request until all the others have arrived. */
struct scene {
    sem_t entered;
    sem_t go;
    /* Of the loop's thread, read once its replies have come. */
    uint32_t heard[HEARD_MOST]; /* ids, in the order in which the handler first heard of them */
    unsigned heard_count;
    unsigned calls;
    unsigned largest;
    unsigned unheard; /* answered without */
    bool known[HEARD_MOST];
};

static uint32_t id_of(struct base_slice request)
{
    assert_int_equal(request.size, 8);
    return base_get_be32(request.data + 4);
}

static void hear(struct peer_handler *handler, const struct base_slice *requests, size_t count)
{
    struct scene *scene = handler->test;
    assert_true(count > 1 && count <= NET_AHEAD);
    scene->calls++;
    scene->largest = count > scene->largest ? (unsigned)count : scene->largest;
    for (size_t i = 0; i < count; i++) {
        uint32_t id = id_of(requests[i]);
        assert_true(id < HEARD_MOST);
        /* Again, when a turn ended before its answer. */
        if (!scene->known[id]) {
            scene->known[id] = true;
            scene->heard[scene->heard_count++] = id;
        }
    }
}

static void stand_at_gate(struct peer_handler *handler, struct base_slice request)
{
    struct scene *scene = handler->test;
    uint32_t id = id_of(request);
    if (id == GATE_ID) {
        sem_post(&scene->entered);
        sem_wait(&scene->go);
    } else {
        scene->unheard += scene->known[id] ? 0 : 1;
    }
}

static struct net_server *one_loop_on(const char *url, struct peer_handler *handler,
                                      struct scene *scene)
{
    struct net_options options = peer_options(&url, 1);
    options.loops = 1;
    options.max_connections = MANY + 2;
    *scene = (struct scene){.calls = 0};
    sem_init(&scene->entered, 0, 0);
    sem_init(&scene->go, 0, 0);
    *handler = (struct peer_handler){.before = stand_at_gate, .ahead = hear, .test = scene};
    return peer_server(&options, handler);
}

static struct net_server *one_loop(struct peer_handler *handler, struct scene *scene)
{
    return one_loop_on("tcp://127.0.0.1:0", handler, scene);
}

static void close_scene(struct net_server *server, struct scene *scene)
{
    net_server_close(server);
    sem_destroy(&scene->entered);
    sem_destroy(&scene->go);
}

/* Puts the loop into the gate's request. */
static int stop_loop(struct net_server *server, struct scene *scene)
{
    int gate = peer_open(net_server_url(server, 0));
    peer_ask(gate, false, GATE_ID, 8);
    sem_wait(&scene->entered);
    return gate;
}

static void open_all(struct net_server *server, int fds[PEERS])
{
    for (uint32_t i = 0; i < PEERS; i++) {
        fds[i] = peer_open(net_server_url(server, 0));
    }
}

/* Opens all, stops the loop, and sends a request on each. Returns the gate. */
static int ask_while_stopped(struct net_server *server, struct scene *scene, int fds[PEERS])
{
    open_all(server, fds);
    int gate = stop_loop(server, scene);
    for (uint32_t i = 0; i < PEERS; i++) {
        peer_ask(fds[i], false, i, 100);
        PEER_WAIT(peer_unconfirmed(fds[i]) == 0);
    }
    return gate;
}

static void close_all(const int fds[PEERS])
{
    for (uint32_t i = 0; i < PEERS; i++) {
        close(fds[i]);
    }
}

static void many_connections_are_heard_of_together(void **state)
{
    (void)state;
    static struct scene scene;
    struct peer_handler handler;
    struct net_server *server = one_loop(&handler, &scene);
    int fds[PEERS];
    int gate = ask_while_stopped(server, &scene, fds);
    sem_post(&scene.go);
    assert_true(peer_reply(gate, false, GATE_ID, 8));
    for (uint32_t i = 0; i < PEERS; i++) {
        assert_true(peer_reply(fds[i], false, i, 100));
    }
    assert_int_equal(scene.calls, 2);
    assert_int_equal(scene.largest, NET_AHEAD);
    assert_int_equal(scene.heard_count, PEERS);
    assert_int_equal(scene.unheard, 0);
    close(gate);
    close_all(fds);
    close_scene(server, &scene);
}

static void a_pipeline_is_heard_of_piece_by_piece(void **state)
{
    (void)state;
    enum { ASKED = 3000 };
    static struct scene scene;
    static char pipeline[ASKED * PEER_FRAME];
    struct peer_handler handler;
    struct net_server *server = one_loop(&handler, &scene);
    int fd = peer_open(net_server_url(server, 0));
    int gate = stop_loop(server, &scene);
    peer_send(fd, pipeline, peer_pipeline(ASKED, 8, pipeline));
    PEER_WAIT(peer_unconfirmed(fd) == 0);
    sem_post(&scene.go);
    assert_true(peer_reply(gate, false, GATE_ID, 8));
    for (uint32_t id = 0; id < ASKED; id++) {
        assert_true(peer_reply(fd, false, id, 8));
    }
    assert_int_equal(scene.largest, NET_AHEAD);
    for (unsigned i = 1; i < scene.heard_count; i++) {
        assert_true(scene.heard[i - 1] < scene.heard[i]);
    }
    /* Only where a read ended inside a request, and the last of what was read, come unheard of. */
    assert_int_equal(scene.heard_count + scene.unheard, ASKED);
    assert_true(scene.unheard <= 2 * (ASKED * PEER_FRAME / NET_INPUT + 1) + ASKED / 256 + 1);
    close(gate);
    close(fd);
    close_scene(server, &scene);
}

/* Held requests: their replies are delivered in the poll in which their connections are read, and
 * some do not go. */
static struct net_held *held[PEERS];
static atomic_uint held_count;

static void hold(struct peer_handler *handler, struct net_held *one, struct base_slice request)
{
    (void)handler;
    held[id_of(request)] = one;
    atomic_fetch_add(&held_count, 1);
}

static void answer_held(uint32_t id, size_t size)
{
    struct base_buffer reply = BASE_BUFFER_EMPTY;
    char *to = base_buffer_reserve(&reply, size);
    assert_non_null(to);
    memset(to, (int)id, size);
    base_put_be32(to, id);
    reply.size = size;
    net_held_answer(held[id], &reply);
}

/* While the loop stands, each connection gets a late reply larger than its socket takes and asks
 * anew: the question is read in the same poll in which the reply is found not to go, and waits. */
static void what_was_read_waits_for_replies_that_do_not_go(void **state)
{
    (void)state;
    enum { LARGE = 8 * 1024 * 1024, FEW = 4 };
    static struct scene scene;
    struct peer_handler handler;
    struct net_server *server = one_loop(&handler, &scene);
    int fds[FEW];
    atomic_store(&held_count, 0);
    handler.later = hold;
    for (uint32_t i = 0; i < FEW; i++) {
        fds[i] = peer_open(net_server_url(server, 0));
        peer_ask(fds[i], false, i, LARGE);
    }
    PEER_WAIT(atomic_load(&held_count) == FEW);
    handler.later = NULL; /* the loop waits for what is sent below */
    int gate = stop_loop(server, &scene);
    for (uint32_t i = 0; i < FEW; i++) {
        peer_ask(fds[i], false, 100 + i, 50);
        PEER_WAIT(peer_unconfirmed(fds[i]) == 0);
        answer_held(i, LARGE);
    }
    sem_post(&scene.go);
    assert_true(peer_reply(gate, false, GATE_ID, 8));
    for (uint32_t i = 0; i < FEW; i++) {
        /* In whichever order: the late reply may be delivered before or after the question. */
        char head[12];
        assert_int_equal(recv(fds[i], head, sizeof head, MSG_PEEK | MSG_WAITALL), sizeof head);
        bool late_first = (base_get_be32(head + 8) & 0x7fffffff) == i;
        if (late_first) {
            assert_true(peer_reply(fds[i], false, i, LARGE));
        }
        assert_true(peer_reply(fds[i], false, 100 + i, 50));
        if (!late_first) {
            assert_true(peer_reply(fds[i], false, i, LARGE));
        }
        peer_round_trip(fds[i], false, 200 + i);
        close(fds[i]);
    }
    close(gate);
    close_scene(server, &scene);
}

/* A drop, a reset and a wrong message among those that were read: the others get their answers. */
static void one_that_fails_takes_nobody_along(void **state)
{
    (void)state;
    static struct scene scene;
    struct peer_handler handler;
    struct net_server *server = one_loop(&handler, &scene);
    int fds[PEERS];
    int gate = ask_while_stopped(server, &scene, fds);
    peer_send(fds[3], "\xff\xff\xff\xff\xff\xff\xff\xff", 8); /* too long */
    struct linger at_once = {.l_onoff = 1};
    setsockopt(fds[5], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fds[5]);
    shutdown(fds[7], SHUT_WR);
    sem_post(&scene.go);
    assert_true(peer_reply(gate, false, GATE_ID, 8));
    for (uint32_t i = 0; i < PEERS; i++) {
        if (i != 3 && i != 5 && i != 7) {
            assert_true(peer_reply(fds[i], false, i, 100));
        }
    }
    assert_true(peer_reply(fds[3], false, 3, 100));
    peer_expect_end(fds[3]);
    for (uint32_t i = 0; i < PEERS; i++) {
        if (i != 5) {
            close(fds[i]);
        }
    }
    close(gate);
    PEER_WAIT(net_server_open_connections(server) == 0);
    close_scene(server, &scene);
}

static void a_stop_in_between_frees_everything(void **state)
{
    (void)state;
    static struct scene scene;
    struct peer_handler handler;
    struct net_server *server = one_loop(&handler, &scene);
    int fds[PEERS];
    int gate = ask_while_stopped(server, &scene, fds);
    net_server_drain(server, PEER_DEADLINE_MS);
    sem_post(&scene.go);
    /* What had arrived is answered, then the connections end. */
    assert_true(peer_reply(gate, false, GATE_ID, 8));
    for (uint32_t i = 0; i < PEERS; i++) {
        assert_true(peer_reply(fds[i], false, i, 100));
        peer_expect_end(fds[i]);
    }
    close(gate);
    close_all(fds);
    close_scene(server, &scene);
}

/* Two files each, and some beside. */
static bool may_open_many(void)
{
    struct rlimit files;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = files.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur >= 2 * MANY + 100;
}

/* libuv asks the kernel a second time in one poll and gets the first connection again, which holds
 * more than one read takes: its bytes are answered in their order all the same. */
static void a_connection_is_read_once_a_poll(void **state)
{
    (void)state;
    enum { ASKED = 5000 };
    static struct scene scene;
    static char pipeline[ASKED * (PEER_FRAME + 1)];
    static int fds[MANY];
    char folder[] = "/tmp/hirsch-net-XXXXXX";
    char url[64];
    struct peer_handler handler;
    size_t size = 0;
    if (!may_open_many()) {
        skip();
    }
    assert_non_null(mkdtemp(folder));
    snprintf(url, sizeof url, "ipc://%s/a.sock", folder);
    struct net_server *server = one_loop_on(url, &handler, &scene);
    for (unsigned i = 0; i < MANY; i++) {
        fds[i] = peer_open(url);
    }
    for (uint32_t id = 0; id < ASKED; id++) {
        char body[8];
        base_put_be32(body, 8);
        base_put_be32(body + 4, id);
        size += peer_message(true, id, body, sizeof body, pipeline + size);
    }
    assert_true(size > NET_INPUT);
    int fd = peer_open(url);
    int gate = peer_open(url);
    peer_ask(gate, true, GATE_ID, 8);
    sem_wait(&scene.entered);
    peer_send(fd, pipeline, size);
    for (unsigned i = 0; i < MANY; i++) {
        close(fds[i]);
    }
    sem_post(&scene.go);
    assert_true(peer_reply(gate, true, GATE_ID, 8));
    for (uint32_t id = 0; id < ASKED; id++) {
        assert_true(peer_reply(fd, true, id, 8));
    }
    close(gate);
    close(fd);
    close_scene(server, &scene);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_connections_are_heard_of_together),
        cmocka_unit_test(a_pipeline_is_heard_of_piece_by_piece),
        cmocka_unit_test(what_was_read_waits_for_replies_that_do_not_go),
        cmocka_unit_test(one_that_fails_takes_nobody_along),
        cmocka_unit_test(a_stop_in_between_frees_everything),
        cmocka_unit_test(a_connection_is_read_once_a_poll),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
