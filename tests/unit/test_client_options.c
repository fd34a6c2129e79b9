/* Endpoints and options: what is taken, what is refused and how that is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/limits.h"
#include "client/options.h"

static struct base_arena arena;
static struct client_settings settings;
static struct base_error error;

static enum base_code read_list(const char *endpoints, const char *environment)
{
    struct hirsch_options options = HIRSCH_OPTIONS_INIT;
    options.endpoints = endpoints;
    return client_settings_read(&options, environment, &arena, &settings, &error);
}

static int setup(void **state)
{
    (void)state;
    base_arena_init(&arena, 0);
    settings = (struct client_settings){0};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    base_arena_fini(&arena);
    return 0;
}

static void test_defaults(void **state)
{
    (void)state;
    assert_int_equal(client_settings_read(NULL, NULL, &arena, &settings, &error), BASE_OK);
    assert_int_equal(settings.endpoint_count, 1);
    assert_string_equal(settings.endpoints[0], "tcp://127.0.0.1:7700");
    assert_int_equal(settings.timeout_ms, 2000);
    assert_int_equal(settings.max_reply_bytes, LIMIT_REPLY_MOST);
    assert_false(settings.fail_fast);
}

static void test_environment_stands_behind_options(void **state)
{
    (void)state;
    assert_int_equal(read_list(NULL, "ipc:///run/hirsch.sock"), BASE_OK);
    assert_string_equal(settings.endpoints[0], "ipc:///run/hirsch.sock");
    assert_int_equal(read_list("tcp://a:1", "ipc:///run/hirsch.sock"), BASE_OK);
    assert_string_equal(settings.endpoints[0], "tcp://a:1");
    assert_int_equal(read_list(NULL, ""), BASE_OK);
    assert_string_equal(settings.endpoints[0], HIRSCH_DEFAULT_ENDPOINT);
    assert_int_equal(read_list(NULL, "7700"), BASE_INVALID_ARGUMENT);
    assert_string_equal(error.text,
                        "HIRSCH_SERVER: endpoint '7700': neither tcp://HOST:PORT nor ipc://PATH");
}

static void test_lists(void **state)
{
    (void)state;
    assert_int_equal(read_list("tcp://a:7700, tcp://[::1]:7701,ipc:///x", NULL), BASE_OK);
    assert_int_equal(settings.endpoint_count, 3);
    assert_string_equal(settings.endpoints[1], "tcp://[::1]:7701");
    char many[17 * 10 + 1] = "";
    for (int i = 0; i < 16; i++) {
        strcat(many, i == 0 ? "tcp://a:1" : ",tcp://a:1");
    }
    assert_int_equal(read_list(many, NULL), BASE_OK);
    strcat(many, ",tcp://a:1");
    assert_int_equal(read_list(many, NULL), BASE_INVALID_ARGUMENT);
}

static void test_refused_endpoints(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "tcp://",
        "tcp://host",
        "tcp://host:",
        "tcp://:7700",
        "tcp://host:0",
        "tcp://host:65536",
        "tcp://host:77x",
        "tcp://::1:7700",
        "tcp://a:1,",
        ",tcp://a:1",
        "http://a:1",
        "inproc://a",
        "ws://a:1",
        "ipc://",
        "tcp://a\n:1",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (read_list(wrong[i], NULL) != BASE_INVALID_ARGUMENT) {
            fail_msg("'%s' was taken", wrong[i]);
        }
    }
    char path[6 + 109] = "ipc://";
    memset(path + 6, 'p', 107);
    assert_int_equal(read_list(path, NULL), BASE_OK);
    path[6 + 107] = 'p';
    assert_int_equal(read_list(path, NULL), BASE_INVALID_ARGUMENT);
}

static void test_ranges(void **state)
{
    (void)state;
    struct hirsch_options options = HIRSCH_OPTIONS_INIT;
    options.timeout_ms = HIRSCH_MAX_TIMEOUT_MS + 1;
    assert_int_equal(client_settings_read(&options, NULL, &arena, &settings, &error),
                     BASE_INVALID_ARGUMENT);
    options.timeout_ms = HIRSCH_MAX_TIMEOUT_MS;
    options.max_reply_bytes = LIMIT_REPLY - 1;
    assert_int_equal(client_settings_read(&options, NULL, &arena, &settings, &error),
                     BASE_INVALID_ARGUMENT);
    options.max_reply_bytes = LIMIT_REPLY;
    assert_int_equal(client_settings_read(&options, NULL, &arena, &settings, &error), BASE_OK);
    assert_int_equal(settings.max_request_bytes, LIMIT_REQUEST);
    options.max_request_bytes = 64 * 1024 - 1;
    assert_int_equal(client_settings_read(&options, NULL, &arena, &settings, &error),
                     BASE_INVALID_ARGUMENT);
    options.max_request_bytes = LIMIT_REQUEST + 1;
    assert_int_equal(client_settings_read(&options, NULL, &arena, &settings, &error),
                     BASE_INVALID_ARGUMENT);
    options.max_request_bytes = 64 * 1024;
    assert_int_equal(client_settings_read(&options, NULL, &arena, &settings, &error), BASE_OK);
    assert_int_equal(settings.max_request_bytes, 64 * 1024);
    options.size = 0;
    assert_int_equal(client_settings_read(&options, NULL, &arena, &settings, &error),
                     BASE_INVALID_ARGUMENT);
}

/* A program compiled when the struct ended after `endpoints`. */
static void test_shorter_struct(void **state)
{
    (void)state;
    struct hirsch_options options = HIRSCH_OPTIONS_INIT;
    options.size = offsetof(struct hirsch_options, timeout_ms);
    options.endpoints = "tcp://a:1";
    options.timeout_ms = 77;
    assert_int_equal(client_settings_read(&options, NULL, &arena, &settings, &error), BASE_OK);
    assert_int_equal(settings.timeout_ms, 2000);
}

static void test_call_options(void **state)
{
    (void)state;
    assert_int_equal(client_settings_read(NULL, NULL, &arena, &settings, &error), BASE_OK);
    struct hirsch_call_options filled;
    assert_int_equal(client_call_options_read(NULL, &settings, &filled, &error), BASE_OK);
    assert_int_equal(filled.timeout_ms, 2000);
    struct hirsch_metadata metadata[17] = {{"x-request-id", "7"}};
    struct hirsch_call_options call = HIRSCH_CALL_OPTIONS_INIT;
    call.timeout_ms = 5;
    call.metadata = metadata;
    call.metadata_count = 1;
    assert_int_equal(client_call_options_read(&call, &settings, &filled, &error), BASE_OK);
    assert_int_equal(filled.timeout_ms, 5);
    assert_int_equal(filled.metadata_count, 1);
    metadata[0].key = "hirsch-max-reply";
    assert_int_equal(client_call_options_read(&call, &settings, &filled, &error),
                     BASE_INVALID_ARGUMENT);
    metadata[0] = (struct hirsch_metadata){"x", NULL};
    assert_int_equal(client_call_options_read(&call, &settings, &filled, &error),
                     BASE_INVALID_ARGUMENT);
    call.metadata_count = 17;
    assert_int_equal(client_call_options_read(&call, &settings, &filled, &error),
                     BASE_INVALID_ARGUMENT);
}

static void test_writer_and_retries(void **state)
{
    (void)state;
    struct hirsch_options options = HIRSCH_OPTIONS_INIT;
    options.endpoints = "tcp://a:1";
    assert_int_equal(client_settings_read(&options, NULL, &arena, &settings, &error), BASE_OK);
    assert_int_equal(settings.writer_slot, 0);
    assert_int_equal(settings.retry_attempts, 3);
    options.endpoints = "tcp://a:1,tcp://b:1";
    assert_int_equal(client_settings_read(&options, NULL, &arena, &settings, &error), BASE_OK);
    assert_int_equal(settings.writer_slot, CLIENT_NO_WRITER);
    options.writer = "tcp://c:1";
    assert_int_equal(client_settings_read(&options, NULL, &arena, &settings, &error), BASE_OK);
    assert_int_equal(settings.writer_slot, 2);
    assert_int_equal(settings.slot_count, 3);
    assert_string_equal(settings.writer, "tcp://c:1");
    options.writer = "c";
    assert_int_equal(client_settings_read(&options, NULL, &arena, &settings, &error),
                     BASE_INVALID_ARGUMENT);
    assert_string_equal(error.text, "writer: endpoint 'c': neither tcp://HOST:PORT nor ipc://PATH");
    options.writer = NULL;
    options.retry_multiplier = 0.5;
    assert_int_equal(client_settings_read(&options, NULL, &arena, &settings, &error),
                     BASE_INVALID_ARGUMENT);
    /* A struct of an older header ends before the new members. */
    options.size = offsetof(struct hirsch_options, writer);
    assert_int_equal(client_settings_read(&options, NULL, &arena, &settings, &error), BASE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_defaults, setup, teardown),
        cmocka_unit_test_setup_teardown(test_environment_stands_behind_options, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lists, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused_endpoints, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ranges, setup, teardown),
        cmocka_unit_test_setup_teardown(test_shorter_struct, setup, teardown),
        cmocka_unit_test_setup_teardown(test_call_options, setup, teardown),
        cmocka_unit_test_setup_teardown(test_writer_and_retries, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
