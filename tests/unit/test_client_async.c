/* Calls with callbacks, and calls of many threads, while servers are killed, stopped, replaced and
 * full: each ends in time and with its own answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <poll.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "hirsch/client.h"
#include "support/sp_echo.h"

enum {
    MANY = 2000,
    THREADS = 16,
    THREAD_CALLS = 60,
    ID = 48,
    CROWD_MS = 20000,
    SLACK_MS = 20000, /* a loaded machine and sanitizers */
};

static struct sp_echo first;
static struct sp_echo second;

static int start(void **state)
{
    (void)state;
    return sp_echo_start(&first) && sp_echo_start(&second) ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    sp_echo_end(&first);
    sp_echo_end(&second);
    return 0;
}

static hirsch_client *open_client(struct hirsch_options options, const char *endpoints)
{
    hirsch_client *client = NULL;
    options.endpoints = endpoints;
    assert_int_equal(hirsch_open(&options, &client, NULL), HIRSCH_OK);
    return client;
}

static hirsch_client *open_one(uint32_t timeout_ms)
{
    struct hirsch_options options = HIRSCH_OPTIONS_INIT;
    options.timeout_ms = timeout_ms;
    return open_client(options, first.url);
}

/* What a callback saw. */
struct seen {
    char id[ID]; /* that was asked for */
    hirsch_ticket ticket;
    unsigned times;
    enum hirsch_code code;
    bool own; /* the answer is for this id, and ticket and result are right */
    unsigned attempts;
};

static void note(const struct hirsch_completion *completion)
{
    struct seen *seen = completion->context;
    const struct hirsch_author *author = completion->result;
    seen->times++;
    seen->code = completion->code;
    seen->own = completion->ticket == seen->ticket &&
                (author != NULL ? strcmp(author->id, seen->id) == 0 && completion->error == NULL
                                : completion->error->code == completion->code);
    seen->attempts = completion->error == NULL ? 0 : completion->error->attempts;
    hirsch_free(completion->result);
    hirsch_free(completion->error);
}

static void begin(hirsch_client *client, struct seen *seen, const char *kind, int number,
                  uint32_t timeout_ms)
{
    *seen = (struct seen){.id = ""};
    snprintf(seen->id, sizeof seen->id, "%s:%d", kind, number);
    struct hirsch_call_options call = HIRSCH_CALL_OPTIONS_INIT;
    call.timeout_ms = timeout_ms;
    call.done = note;
    call.context = seen;
    call.ticket = &seen->ticket;
    assert_int_equal(hirsch_get_author(client, seen->id, &call, NULL, NULL), HIRSCH_OK);
    assert_true(seen->ticket != 0 && seen->times == 0);
}

static void assert_ended(const struct seen *seen, enum hirsch_code code)
{
    assert_int_equal(seen->times, 1);
    assert_int_equal(seen->code, code);
    assert_true(seen->own);
}

static hirsch_error *expect_error(hirsch_client *client, const char *id,
                                  const struct hirsch_call_options *call, enum hirsch_code code)
{
    const struct hirsch_author *author = NULL;
    hirsch_error *error = NULL;
    assert_int_equal(hirsch_get_author(client, id, call, &author, &error), code);
    assert_null(author);
    return error;
}

static void test_many_outstanding(void **state)
{
    (void)state;
    static struct seen seen[MANY];
    hirsch_client *client = open_one(30000);
    for (int i = 0; i < MANY; i++) {
        begin(client, &seen[i], "local", i, 0);
    }
    size_t count = 0;
    for (size_t more; (more = hirsch_poll(client, -1)) > 0;) {
        count += more;
    }
    assert_int_equal(count, MANY);
    for (int i = 0; i < MANY; i++) {
        assert_ended(&seen[i], HIRSCH_OK);
    }
    hirsch_close(client);
}

/* Of what nobody waits for any more the descriptor tells a few times at most: a loop that obeys it
 * does not run for nothing. */
static void become_quiet(hirsch_client *client, struct pollfd *wanted)
{
    unsigned polls = 0;
    while (poll(wanted, 1, 50) != 0) {
        assert_int_equal(hirsch_poll(client, 0), 0);
        assert_true(++polls <= 10);
    }
}

/* Only what the descriptor says leads to a poll: answers, a time limit, a cancelled call. */
static void test_descriptor(void **state)
{
    (void)state;
    static struct seen seen[102];
    hirsch_client *client = open_one(30000);
    const struct hirsch_author *author = NULL;
    /* Connected: a call that never found the server ends as UNAVAILABLE. */
    assert_int_equal(hirsch_get_author(client, "local:0", NULL, &author, NULL), HIRSCH_OK);
    hirsch_free(author);
    while (hirsch_poll(client, 0) > 0) {
    }
    struct pollfd wanted = {.fd = hirsch_fd(client), .events = POLLIN, .revents = 0};
    assert_true(wanted.fd >= 0);
    assert_int_equal(hirsch_fd(client), wanted.fd);
    become_quiet(client, &wanted);
    for (int i = 0; i < 100; i++) {
        begin(client, &seen[i], "local", i, 0);
    }
    begin(client, &seen[100], "hold", 100, 150);
    begin(client, &seen[101], "hold", 101, 0);
    assert_int_equal(hirsch_cancel(client, seen[101].ticket), HIRSCH_OK);
    assert_int_equal(hirsch_cancel(client, seen[101].ticket), HIRSCH_NOT_FOUND);
    for (size_t count = 0; count < 102;) {
        assert_int_equal(poll(&wanted, 1, SLACK_MS), 1);
        count += hirsch_poll(client, 0);
    }
    for (int i = 0; i < 100; i++) {
        assert_ended(&seen[i], HIRSCH_OK);
    }
    assert_ended(&seen[100], HIRSCH_DEADLINE_EXCEEDED);
    assert_ended(&seen[101], HIRSCH_CANCELLED);
    become_quiet(client, &wanted); /* no work, no noise */
    hirsch_close(client);
}

static void test_descriptor_without_calls(void **state)
{
    (void)state;
    struct seen seen;
    hirsch_client *client = open_one(30000);
    struct pollfd wanted = {.fd = hirsch_fd(client), .events = POLLIN, .revents = 0};
    const struct hirsch_author *author = NULL;
    assert_int_equal(hirsch_get_author(client, "local:0", NULL, &author, NULL), HIRSCH_OK);
    hirsch_free(author);
    become_quiet(client, &wanted);
    /* Sent, and answered when it is cancelled already. */
    sp_echo_halt(&first);
    begin(client, &seen, "local", 1, 0);
    assert_int_equal(hirsch_cancel(client, seen.ticket), HIRSCH_OK);
    assert_int_equal(hirsch_poll(client, 0), 1);
    assert_ended(&seen, HIRSCH_CANCELLED);
    kill(first.pid, SIGCONT);
    assert_int_equal(poll(&wanted, 1, SLACK_MS), 1);
    become_quiet(client, &wanted);
    hirsch_close(client);
}

static void test_close_cancels(void **state)
{
    (void)state;
    struct seen seen[2];
    hirsch_client *client = open_one(30000);
    begin(client, &seen[0], "hold", 0, 0);
    begin(client, &seen[1], "hold", 1, 0);
    hirsch_close(client);
    assert_ended(&seen[0], HIRSCH_CANCELLED);
    assert_ended(&seen[1], HIRSCH_CANCELLED);
}

static void test_stopped(void **state)
{
    (void)state;
    hirsch_client *client = open_one(200);
    struct hirsch_call_options patient = HIRSCH_CALL_OPTIONS_INIT;
    patient.timeout_ms = 30000;
    const struct hirsch_author *author = NULL;
    assert_int_equal(hirsch_get_author(client, "local:0", &patient, &author, NULL), HIRSCH_OK);
    hirsch_free(author);
    sp_echo_halt(&first);
    uint64_t before = base_clock_monotonic_ns();
    hirsch_free(expect_error(client, "local:late", NULL, HIRSCH_DEADLINE_EXCEEDED));
    assert_in_range((base_clock_monotonic_ns() - before) / 1000000, 199, 200 + SLACK_MS);
    kill(first.pid, SIGCONT);
    /* The late answer is not taken for this one's. */
    assert_int_equal(hirsch_get_author(client, "local:1", &patient, &author, NULL), HIRSCH_OK);
    assert_string_equal(author->id, "local:1");
    hirsch_free(author);
    hirsch_close(client);
}

static void test_killed_and_replaced(void **state)
{
    (void)state;
    struct seen seen[50];
    hirsch_client *client = open_one(30000);
    for (int i = 0; i < 50; i++) {
        begin(client, &seen[i], "local", i, 0);
    }
    sp_echo_kill(&first);
    assert_true(sp_echo_start(&first));
    while (hirsch_poll(client, -1) > 0) {
    }
    for (int i = 0; i < 50; i++) {
        assert_ended(&seen[i], HIRSCH_OK);
    }
    hirsch_close(client);
}

static void test_full_and_refusing(void **state)
{
    (void)state;
    hirsch_client *client = open_one(30000);
    hirsch_error *error = expect_error(client, "full:", NULL, HIRSCH_RESOURCE_EXHAUSTED);
    assert_true(error->retriable);
    assert_int_equal(error->attempts, 1);
    hirsch_free(error);
    error = expect_error(client, "refuse:", NULL, HIRSCH_UNAVAILABLE);
    assert_string_equal(error->text, "not now");
    assert_int_equal(error->attempts, 3);
    hirsch_free(error);
    struct hirsch_call_options once = HIRSCH_CALL_OPTIONS_INIT;
    once.send_once = true;
    error = expect_error(client, "refuse:", &once, HIRSCH_UNAVAILABLE);
    assert_int_equal(error->attempts, 1);
    hirsch_free(error);
    /* After refusals in a row nobody asks again, until answers come. */
    hirsch_free(expect_error(client, "refuse:", NULL, HIRSCH_UNAVAILABLE));
    hirsch_free(expect_error(client, "refuse:", NULL, HIRSCH_UNAVAILABLE));
    error = expect_error(client, "refuse:", NULL, HIRSCH_UNAVAILABLE);
    assert_int_equal(error->attempts, 1);
    hirsch_free(error);
    hirsch_close(client);
}

static void test_writer(void **state)
{
    (void)state;
    struct hirsch_options options = HIRSCH_OPTIONS_INIT;
    options.timeout_ms = 100;
    char both[160];
    snprintf(both, sizeof both, "%s,%s", first.url, second.url);
    struct hirsch_call_options write = HIRSCH_CALL_OPTIONS_INIT;
    write.to_writer = true;
    hirsch_client *client = open_client(options, both);
    hirsch_free(expect_error(client, "local:1", &write, HIRSCH_FAILED_PRECONDITION));
    hirsch_close(client);

    sp_echo_kill(&second); /* a writer that is gone concerns no read */
    options.writer = second.url;
    client = open_client(options, first.url);
    struct hirsch_call_options read = HIRSCH_CALL_OPTIONS_INIT;
    read.timeout_ms = 30000;
    const struct hirsch_author *author = NULL;
    assert_int_equal(hirsch_get_author(client, "local:1", &read, &author, NULL), HIRSCH_OK);
    hirsch_free(author);
    hirsch_error *error = expect_error(client, "local:1", &write, HIRSCH_UNAVAILABLE);
    assert_string_equal(error->endpoint, second.url);
    hirsch_free(error);
    hirsch_close(client);
}

struct hooks {
    atomic_int blocks;
    atomic_int allocations;
    atomic_int lines;
};

static void *take(void *context, size_t size)
{
    struct hooks *hooks = context;
    atomic_fetch_add(&hooks->blocks, 1);
    atomic_fetch_add(&hooks->allocations, 1);
    return malloc(size);
}

static void give(void *context, void *memory)
{
    atomic_fetch_sub(&((struct hooks *)context)->blocks, 1);
    free(memory);
}

static void tell(void *context, enum hirsch_log_level level, const char *text)
{
    assert_true(level <= HIRSCH_LOG_WARNING && text[0] != '\0');
    atomic_fetch_add(&((struct hooks *)context)->lines, 1);
}

static void test_hooks(void **state)
{
    (void)state;
    struct hooks hooks = {0};
    struct hirsch_allocator allocator = {take, give, &hooks};
    struct hirsch_options options = HIRSCH_OPTIONS_INIT;
    options.timeout_ms = 30000;
    options.allocator = &allocator;
    options.log = tell;
    options.log_context = &hooks;
    hirsch_client *client = open_client(options, first.url);
    struct seen seen;
    begin(client, &seen, "local", 1, 0);
    assert_int_equal(hirsch_poll(client, -1), 1);
    assert_ended(&seen, HIRSCH_OK);
    assert_int_equal(atomic_load(&hooks.lines), 0);
    hirsch_free(expect_error(client, "refuse:", NULL, HIRSCH_UNAVAILABLE));
    assert_true(atomic_load(&hooks.lines) > 0);
    hirsch_close(client);
    assert_true(atomic_load(&hooks.allocations) >= 5);
    assert_int_equal(atomic_load(&hooks.blocks), 0);
}

struct crowd {
    hirsch_client *client;
    atomic_int wrong;
    atomic_int failed;
    atomic_int slow;
};

static void *ask_often(void *argument)
{
    struct crowd *crowd = argument;
    for (int i = 0; i < THREAD_CALLS; i++) {
        char id[ID];
        snprintf(id, sizeof id, "local:%p-%d", (void *)id, i);
        const struct hirsch_author *author = NULL;
        uint64_t before = base_clock_monotonic_ns();
        enum hirsch_code code = hirsch_get_author(crowd->client, id, NULL, &author, NULL);
        uint64_t took_ms = (base_clock_monotonic_ns() - before) / 1000000;
        if (code != HIRSCH_OK) {
            atomic_fetch_add(&crowd->failed, 1);
        } else if (strcmp(author->id, id) != 0) {
            atomic_fetch_add(&crowd->wrong, 1);
        }
        if (took_ms > CROWD_MS + SLACK_MS) {
            atomic_fetch_add(&crowd->slow, 1);
        }
        hirsch_free(author);
    }
    return NULL;
}

/* 16 threads that wait and one that polls, while one of two servers dies, returns and hangs. */
static void test_crowd(void **state)
{
    (void)state;
    static struct seen seen[5][THREAD_CALLS];
    struct hirsch_options options = HIRSCH_OPTIONS_INIT;
    options.timeout_ms = CROWD_MS;
    char both[160];
    snprintf(both, sizeof both, "%s,%s", first.url, second.url);
    struct crowd crowd = {.client = open_client(options, both)};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, ask_often, &crowd), 0);
    }
    for (int phase = 0; phase < 5; phase++) {
        for (int i = 0; i < THREAD_CALLS; i++) {
            begin(crowd.client, &seen[phase][i], "local", phase * THREAD_CALLS + i, 0);
        }
        if (phase == 0) {
            sp_echo_kill(&first);
        } else if (phase == 1) {
            assert_true(sp_echo_start(&first));
        } else if (phase == 2) {
            sp_echo_halt(&first);
        } else if (phase == 3) {
            kill(first.pid, SIGCONT);
        }
        while (hirsch_poll(crowd.client, -1) > 0) {
        }
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(atomic_load(&crowd.wrong), 0);
    assert_int_equal(atomic_load(&crowd.failed), 0);
    assert_int_equal(atomic_load(&crowd.slow), 0);
    for (int phase = 0; phase < 5; phase++) {
        for (int i = 0; i < THREAD_CALLS; i++) {
            assert_ended(&seen[phase][i], HIRSCH_OK);
        }
    }
    hirsch_close(crowd.client);
}

int main(int argc, char **argv)
{
    sp_echo_main(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_many_outstanding, start, stop),
        cmocka_unit_test_setup_teardown(test_descriptor, start, stop),
        cmocka_unit_test_setup_teardown(test_descriptor_without_calls, start, stop),
        cmocka_unit_test_setup_teardown(test_close_cancels, start, stop),
        cmocka_unit_test_setup_teardown(test_stopped, start, stop),
        cmocka_unit_test_setup_teardown(test_killed_and_replaced, start, stop),
        cmocka_unit_test_setup_teardown(test_full_and_refusing, start, stop),
        cmocka_unit_test_setup_teardown(test_writer, start, stop),
        cmocka_unit_test_setup_teardown(test_hooks, start, stop),
        cmocka_unit_test_setup_teardown(test_crowd, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
