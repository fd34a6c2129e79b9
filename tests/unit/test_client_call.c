/* The client against a small SP server in this process: answers, refusals, foreign ids, threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/clock.h"
#include "support/author_server.h"

enum { CALLERS = 4, CALLS = 50 };

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
        cmocka_unit_test_setup_teardown(test_oversize, start, stop),
        cmocka_unit_test_setup_teardown(test_many_threads, start, stop),
        cmocka_unit_test_setup_teardown(test_retry_hint, start, stop),
        cmocka_unit_test_setup_teardown(test_no_use_to_wait, start, stop),
        cmocka_unit_test(test_open_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
