/* Replies that come later and from other threads: none is lost, none goes astray, and limits,
 * drains and ends count them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>

#include "base/limits.h"
#include "base/queue.h"
#include "support/net_peer.h"

enum { QUEUE = 100000, WORKERS = 3 };

/* One held request with what its reply takes. */
struct task {
    struct net_held *held;
    uint32_t size;
    char tag[4];
};

struct pool {
    struct base_queue *tasks;
    pthread_t threads[WORKERS];
    unsigned thread_count;
    atomic_ulong taken;
    atomic_ulong gone; /* tasks whose peer was gone when they were done */
};

static void finish(struct task *task)
{
    struct base_buffer reply = BASE_BUFFER_EMPTY;
    char *to = base_buffer_reserve(&reply, task->size);
    assert_non_null(to);
    memset(to, task->tag[3], task->size);
    memcpy(to, task->tag, 4);
    reply.size = task->size;
    net_held_answer(task->held, &reply);
    assert_null(reply.data);
    free(task);
}

static void take(struct peer_handler *handler, struct net_held *held, struct base_slice request)
{
    struct pool *pool = handler->test;
    struct task *task = malloc(sizeof *task);
    assert_non_null(held);
    assert_non_null(task);
    *task = (struct task){.held = held, .size = base_get_be32(request.data)};
    memcpy(task->tag, request.data + 4, 4);
    atomic_fetch_add(&pool->taken, 1);
    assert_true(base_queue_try_push(pool->tasks, task));
}

static struct task *next_task(struct pool *pool)
{
    void *task;
    assert_true(base_queue_pop(pool->tasks, &task));
    return task;
}

static void *work(void *argument)
{
    struct pool *pool = argument;
    void *task;
    while (base_queue_pop(pool->tasks, &task)) {
        struct task *one = task;
        if (net_held_gone(one->held)) {
            atomic_fetch_add(&pool->gone, 1);
        }
        finish(one);
    }
    return NULL;
}

static void pool_open(struct pool *pool, struct peer_handler *handler, unsigned threads)
{
    *pool = (struct pool){.tasks = base_queue_new(QUEUE), .thread_count = threads};
    *handler = (struct peer_handler){.later = take, .test = pool};
    for (unsigned i = 0; i < threads; i++) {
        assert_int_equal(pthread_create(&pool->threads[i], NULL, work, pool), 0);
    }
}

static void pool_close(struct pool *pool)
{
    base_queue_close(pool->tasks);
    for (unsigned i = 0; i < pool->thread_count; i++) {
        pthread_join(pool->threads[i], NULL);
    }
    base_queue_free(pool->tasks);
}

static void wait_finished(const struct net_server *server)
{
    struct pollfd wait = {.fd = net_server_finished_fd(server), .events = POLLIN};
    assert_int_equal(poll(&wait, 1, PEER_DEADLINE_MS), 1);
}

/* Reads replies to ids below count in whatever order they come; each once. */
static void expect_all(int fd, uint32_t count, uint32_t size)
{
    bool *seen = calloc(count, sizeof *seen);
    char *body = malloc(size);
    assert_non_null(seen);
    assert_non_null(body);
    for (uint32_t i = 0; i < count; i++) {
        char head[12];
        assert_true(peer_receive(fd, head, sizeof head));
        assert_int_equal(base_get_be64(head), size + 4);
        uint32_t id = base_get_be32(head + 8) & 0x7fffffffu;
        assert_true(peer_receive(fd, body, size));
        assert_true(id < count && !seen[id]);
        assert_int_equal(base_get_be32(body), id);
        assert_int_equal(body[size - 1], (char)id);
        seen[id] = true;
    }
    free(body);
    free(seen);
}

static void every_late_reply_arrives_once(void **state)
{
    (void)state;
    enum { PEERS = 4, ASKED = 500, SIZE = 3000 };
    struct pool pool;
    struct peer_handler handler;
    pool_open(&pool, &handler, WORKERS);
    struct net_server *server = peer_tcp_server(&handler);
    int peers[PEERS];
    static char pipeline[ASKED * PEER_FRAME];
    for (size_t i = 0; i < PEERS; i++) {
        peers[i] = peer_open(net_server_url(server, 0));
        peer_send(peers[i], pipeline, peer_pipeline(ASKED, SIZE, pipeline));
    }
    for (size_t i = 0; i < PEERS; i++) {
        expect_all(peers[i], ASKED, SIZE);
        close(peers[i]);
    }
    assert_int_equal(peer_counters(server).held, PEERS * ASKED);
    assert_int_equal(peer_counters(server).requests, PEERS * ASKED);
    net_server_close(server);
    pool_close(&pool);
}

/* What can be answered at once does not wait for what cannot, ipc has its type byte, and replies
 * leave in the order in which they were given. */
static void others_overtake(void **state)
{
    (void)state;
    struct pool pool;
    struct peer_handler handler;
    pool_open(&pool, &handler, 0);
    char folder[] = "/tmp/hirsch-held-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char url[64];
    snprintf(url, sizeof url, "ipc://%s/s", folder);
    const char *const listen[] = {url};
    struct net_options options = peer_options(listen, 1);
    struct net_server *server = peer_server(&options, &handler);
    int fd = peer_open(url);
    char message[64];
    peer_ask(fd, true, 1, 20);
    peer_ask(fd, true, 2, 20);
    struct task *first = next_task(&pool);
    struct task *second = next_task(&pool);
    peer_send(fd, message, peer_message(true, 3, "now", 3, message));
    char reply[16];
    assert_true(peer_receive(fd, reply, sizeof reply));
    assert_memory_equal(reply + 13, "now", 3);
    finish(second);
    finish(first);
    assert_true(peer_reply(fd, true, 2, 20));
    assert_true(peer_reply(fd, true, 1, 20));
    close(fd);
    net_server_close(server);
    rmdir(folder);
    pool_close(&pool);
}

/* The words of a device in front of the id come back with a late reply too. */
static void a_backtrace_comes_back(void **state)
{
    (void)state;
    struct pool pool;
    struct peer_handler handler;
    pool_open(&pool, &handler, WORKERS);
    struct net_server *server = peer_tcp_server(&handler);
    int fd = peer_open(net_server_url(server, 0));
    char message[48];
    base_put_be64(message, LIMIT_SP_HOPS * 4 + 8);
    for (uint32_t i = 0; i < LIMIT_SP_HOPS; i++) {
        base_put_be32(message + 8 + 4 * i, i + 1 < LIMIT_SP_HOPS ? 77 + i : 0x80000009u);
    }
    base_put_be32(message + 40, 4);
    base_put_be32(message + 44, 9);
    peer_send(fd, message, sizeof message);
    char reply[44];
    assert_true(peer_receive(fd, reply, sizeof reply));
    assert_int_equal(base_get_be64(reply), LIMIT_SP_HOPS * 4 + 4);
    assert_memory_equal(reply + 8, message + 8, LIMIT_SP_HOPS * 4);
    assert_int_equal(base_get_be32(reply + 40), 9);
    close(fd);
    net_server_close(server);
    pool_close(&pool);
}

static void replies_for_a_connection_that_is_gone_are_dropped(void **state)
{
    (void)state;
    enum { ASKED = 50 };
    struct pool pool;
    struct peer_handler handler;
    pool_open(&pool, &handler, 0);
    struct net_server *server = peer_tcp_server(&handler);
    int fd = peer_open(net_server_url(server, 0));
    int other = peer_open(net_server_url(server, 0));
    for (uint32_t id = 0; id < ASKED; id++) {
        peer_ask(fd, false, id, 100);
    }
    PEER_WAIT(atomic_load(&pool.taken) == ASKED);
    struct task *first = next_task(&pool);
    assert_false(net_held_gone(first->held));
    close(fd);
    PEER_WAIT(net_held_gone(first->held));
    finish(first);
    for (uint32_t id = 1; id < ASKED; id++) {
        struct task *task = next_task(&pool);
        assert_true(net_held_gone(task->held));
        finish(task);
    }
    PEER_WAIT(peer_counters(server).late_replies_dropped == ASKED);
    char message[64];
    char reply[15];
    peer_send(other, message, peer_message(false, 3, "now", 3, message));
    assert_true(peer_receive(other, reply, sizeof reply));
    close(other);
    net_server_close(server);
    pool_close(&pool);
}

/* As many are held as may be outstanding: the rest waits unread, and an end is seen all the same.
 */
static void held_requests_are_outstanding(void **state)
{
    (void)state;
    enum { ASKED = 100, MOST = 8 };
    struct pool pool;
    struct peer_handler handler;
    pool_open(&pool, &handler, 0);
    static const char *const listen[] = {"tcp://127.0.0.1:0"};
    struct net_options options = peer_options(listen, 1);
    options.max_outstanding = MOST;
    struct net_server *server = peer_server(&options, &handler);
    int fd = peer_open(net_server_url(server, 0));
    static char pipeline[ASKED * PEER_FRAME];
    peer_send(fd, pipeline, peer_pipeline(ASKED, 100, pipeline));
    for (uint32_t id = 0; id < ASKED; id++) {
        PEER_WAIT(atomic_load(&pool.taken) == (id + MOST < ASKED ? id + MOST : ASKED));
        finish(next_task(&pool));
        assert_true(peer_reply(fd, false, id, 100));
    }
    peer_send(fd, pipeline, peer_pipeline(ASKED, 100, pipeline));
    PEER_WAIT(atomic_load(&pool.taken) == ASKED + MOST);
    struct task *task = next_task(&pool);
    close(fd);
    PEER_WAIT(net_held_gone(task->held));
    finish(task);
    for (uint32_t i = 1; i < MOST; i++) {
        finish(next_task(&pool));
    }
    PEER_WAIT(net_server_open_connections(server) == 0);
    net_server_close(server);
    pool_close(&pool);
}

/* A peer that does not read is held back; its late replies wait and none is lost. */
static void late_replies_wait_for_a_slow_reader(void **state)
{
    (void)state;
    enum { ASKED = 400, SIZE = 60000 };
    struct pool pool;
    struct peer_handler handler;
    pool_open(&pool, &handler, WORKERS);
    struct net_server *server = peer_tcp_server(&handler);
    int fd = peer_open(net_server_url(server, 0));
    static char pipeline[ASKED * PEER_FRAME];
    peer_send(fd, pipeline, peer_pipeline(ASKED, SIZE, pipeline));
    PEER_WAIT(peer_counters(server).read_pauses > 0);
    expect_all(fd, ASKED, SIZE);
    close(fd);
    net_server_close(server);
    pool_close(&pool);
}

static void a_failed_late_reply_closes_its_connection(void **state)
{
    (void)state;
    struct pool pool;
    struct peer_handler handler;
    pool_open(&pool, &handler, 0);
    struct net_server *server = peer_tcp_server(&handler);
    int fd = peer_open(net_server_url(server, 0));
    peer_ask(fd, false, 1, 20);
    peer_ask(fd, false, 2, 20);
    struct task *failed = next_task(&pool);
    struct task *other = next_task(&pool);
    struct base_buffer reply = {.failed = true};
    net_held_answer(failed->held, &reply);
    free(failed);
    peer_expect_end(fd);
    assert_int_equal(peer_counters(server).no_memory, 1);
    finish(other);
    close(fd);
    net_server_close(server);
    pool_close(&pool);
}

static void a_drain_waits_for_late_replies(void **state)
{
    (void)state;
    enum { ASKED = 20 };
    struct pool pool;
    struct peer_handler handler;
    pool_open(&pool, &handler, 0);
    struct net_server *server = peer_tcp_server(&handler);
    int fd = peer_open(net_server_url(server, 0));
    for (uint32_t id = 0; id < ASKED; id++) {
        peer_ask(fd, false, id, 1000);
    }
    PEER_WAIT(atomic_load(&pool.taken) == ASKED);
    net_server_drain(server, PEER_DEADLINE_MS);
    int idle = peer_socket(net_server_url(server, 0));
    PEER_WAIT(peer_try_connect(idle, net_server_url(server, 0)) != 0);
    close(idle);
    for (uint32_t id = 0; id < ASKED; id++) {
        struct pollfd wait = {.fd = net_server_finished_fd(server), .events = POLLIN};
        assert_int_equal(poll(&wait, 1, 0), 0);
        finish(next_task(&pool));
        assert_true(peer_reply(fd, false, id, 1000));
    }
    peer_expect_end(fd);
    close(fd);
    wait_finished(server);
    net_server_close(server);
    pool_close(&pool);
}

/* The time of a drain is over, the server is closed, and only then the answers come. */
static void answers_may_come_after_the_end(void **state)
{
    (void)state;
    enum { ASKED = 20 };
    struct pool pool;
    struct peer_handler handler;
    pool_open(&pool, &handler, 0);
    struct net_server *server = peer_tcp_server(&handler);
    int fd = peer_open(net_server_url(server, 0));
    for (uint32_t id = 0; id < ASKED; id++) {
        peer_ask(fd, false, id, 1000);
    }
    PEER_WAIT(atomic_load(&pool.taken) == ASKED);
    struct task *early = next_task(&pool);
    net_server_drain(server, 20);
    wait_finished(server);
    assert_true(net_held_gone(early->held));
    finish(early);
    net_server_close(server);
    for (uint32_t id = 1; id < ASKED; id++) {
        finish(next_task(&pool));
    }
    close(fd);
    pool_close(&pool);
}

/* Workers answer while peers come and go and the server is cut: nothing is touched after its
 * end. */
static void ends_at_any_moment(void **state)
{
    (void)state;
    enum { ROUNDS = 30, PEERS = 3, ASKED = 100 };
    static char pipeline[ASKED * PEER_FRAME];
    for (int round = 0; round < ROUNDS; round++) {
        struct pool pool;
        struct peer_handler handler;
        pool_open(&pool, &handler, WORKERS);
        struct net_server *server = peer_tcp_server(&handler);
        int peers[PEERS];
        for (size_t i = 0; i < PEERS; i++) {
            peers[i] = peer_open(net_server_url(server, 0));
            peer_send(peers[i], pipeline, peer_pipeline(ASKED, 2000, pipeline));
        }
        close(peers[0]);
        assert_true(peer_receive(peers[1], pipeline, 12));
        if (round % 2 == 0) {
            net_server_drain(server, (uint32_t)round);
        }
        net_server_close(server);
        pool_close(&pool);
        close(peers[1]);
        close(peers[2]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_late_reply_arrives_once),
        cmocka_unit_test(others_overtake),
        cmocka_unit_test(a_backtrace_comes_back),
        cmocka_unit_test(replies_for_a_connection_that_is_gone_are_dropped),
        cmocka_unit_test(held_requests_are_outstanding),
        cmocka_unit_test(late_replies_wait_for_a_slow_reader),
        cmocka_unit_test(a_failed_late_reply_closes_its_connection),
        cmocka_unit_test(a_drain_waits_for_late_replies),
        cmocka_unit_test(answers_may_come_after_the_end),
        cmocka_unit_test(ends_at_any_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
