/* Listening sockets: addresses that are wrong or in use, socket files that are stale, alive,
 * foreign or replaced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/listener.h"

static char folder[32];
static char path[64];
static char url[80];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/hirsch-net-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/socket", folder);
    snprintf(url, sizeof url, "ipc://%s", path);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void refused(const char *address, enum base_code code, const char *word)
{
    struct net_listener listener = {.fd = -2};
    struct base_error error = {0};
    assert_int_equal(net_listener_open(address, 0600, &listener, &error), code);
    assert_int_equal(listener.fd, -2);
    if (strstr(error.text, word) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", error.text, word);
    }
}

static void opened(const char *address, struct net_listener *listener)
{
    struct base_error error;
    if (net_listener_open(address, 0600, listener, &error) != BASE_OK) {
        fail_msg("%s", error.text);
    }
}

static void wrong_addresses_are_named(void **state)
{
    (void)state;
    refused("http://localhost:80", BASE_INVALID_ARGUMENT, "tcp:// or ipc://");
    refused("tcp://127.0.0.1", BASE_INVALID_ARGUMENT, "port is missing");
    refused("tcp://127.0.0.1:", BASE_INVALID_ARGUMENT, "0 to 65535");
    refused("tcp://127.0.0.1:65536", BASE_INVALID_ARGUMENT, "0 to 65535");
    refused("tcp://127.0.0.1:+1", BASE_INVALID_ARGUMENT, "0 to 65535");
    refused("tcp://:7700", BASE_INVALID_ARGUMENT, "host is missing");
    refused("tcp://::1:7700", BASE_INVALID_ARGUMENT, "brackets");
    refused("tcp://[::1]7700", BASE_INVALID_ARGUMENT, "brackets");
    refused("tcp://[::1", BASE_INVALID_ARGUMENT, "brackets");
    refused("tcp://256.0.0.1:0", BASE_INVALID_ARGUMENT, "not known");
    refused("ipc://", BASE_INVALID_ARGUMENT, "path is missing");
}

static void a_port_in_use_says_what_to_do(void **state)
{
    (void)state;
    struct net_listener first;
    opened("tcp://127.0.0.1:0", &first);
    refused(first.url, BASE_FAILED_PRECONDITION, "choose another address");
    /* Closed, it can be taken again at once. */
    struct net_listener second;
    net_listener_close(&first);
    opened(first.url, &second);
    assert_string_equal(second.url, first.url);
    net_listener_close(&second);
}

static void a_long_path_is_refused_by_name(void **state)
{
    (void)state;
    char longest[6 + 108 + 1] = "ipc://";
    memset(longest + 6, 'x', 108);
    refused(longest, BASE_INVALID_ARGUMENT, "108 bytes");
}

static void a_live_socket_is_left_alone(void **state)
{
    (void)state;
    struct net_listener first;
    opened(url, &first);
    refused(url, BASE_FAILED_PRECONDITION, "another program listens");
    assert_int_equal(access(path, F_OK), 0);
    net_listener_close(&first);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void a_stale_socket_is_replaced(void **state)
{
    (void)state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    assert_int_equal(access(path, F_OK), 0);
    struct net_listener listener;
    opened(url, &listener);
    net_listener_close(&listener);
}

static void another_file_is_left_alone(void **state)
{
    (void)state;
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
    refused(url, BASE_FAILED_PRECONDITION, "is no socket");
    assert_int_equal(access(path, F_OK), 0);
}

static void the_socket_file_is_for_its_owner(void **state)
{
    (void)state;
    static const mode_t masks[] = {0, 022, 0777};
    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        struct net_listener listener;
        struct stat info;
        mode_t before = umask(masks[i]);
        opened(url, &listener);
        umask(before);
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 07777, 0600);
        net_listener_close(&listener);
    }
}

static void the_socket_file_is_for_whom_the_mode_says(void **state)
{
    (void)state;
    struct net_listener listener;
    struct base_error error;
    struct stat info;
    mode_t before = umask(077);
    enum base_code code = net_listener_open(url, 0660, &listener, &error);
    umask(before);
    assert_int_equal(code, BASE_OK);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0660);
    net_listener_close(&listener);
}

static void a_file_that_took_the_place_survives_the_close(void **state)
{
    (void)state;
    struct net_listener listener;
    opened(url, &listener);
    assert_int_equal(unlink(path), 0);
    struct net_listener successor;
    opened(url, &successor);
    net_listener_close(&listener);
    assert_int_equal(access(path, F_OK), 0);
    net_listener_close(&successor);
    assert_int_not_equal(access(path, F_OK), 0);
    net_listener_close(&successor);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_addresses_are_named),
        cmocka_unit_test(a_port_in_use_says_what_to_do),
        cmocka_unit_test(a_long_path_is_refused_by_name),
        IN_FOLDER(a_live_socket_is_left_alone),
        IN_FOLDER(a_stale_socket_is_replaced),
        IN_FOLDER(another_file_is_left_alone),
        IN_FOLDER(the_socket_file_is_for_its_owner),
        IN_FOLDER(the_socket_file_is_for_whom_the_mode_says),
        IN_FOLDER(a_file_that_took_the_place_survives_the_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
