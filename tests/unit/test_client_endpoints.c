/* The client when time runs out, a server goes away or is not there, and when there is another one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/clock.h"
#include "support/author_server.h"

enum { LATE_MS = 100 };

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_deadline_and_late_answer, start, stop),
        cmocka_unit_test_setup_teardown(test_deadline_of_the_server, start, stop),
        cmocka_unit_test_setup_teardown(test_deadline_of_one_of_two, start, stop),
        cmocka_unit_test_setup_teardown(test_server_dies_and_returns, start, stop),
        cmocka_unit_test_setup_teardown(test_other_endpoint, start, stop),
        cmocka_unit_test(test_server_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
