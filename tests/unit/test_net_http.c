/* The operations port asked by hand: pages, methods, requests with bodies, lines too long, peers
 * that send nonsense or go away, and addresses that cannot be had. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "net/http.h"

static struct net_http *http;

static bool give_page(void *state, const char *path, bool (*query)(void *request, const char *key),
                      void *request, struct net_http_page *page)
{
    (void)state;
    if (strcmp(path, "/page") != 0) {
        return false;
    }
    if (query(request, "bad")) {
        page->status = 503;
    }
    base_buffer_append_slice(&page->body, query(request, "verbose") ? BASE_SLICE("all of it\n")
                                                                    : BASE_SLICE("ok\n"));
    return true;
}

static const struct net_http_handler handler = {.page = give_page};

static int set_up(void **state)
{
    (void)state;
    return net_http_open("127.0.0.1:0", &handler, &http, NULL) == BASE_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    net_http_close(http);
    return 0;
}

static int dial_from(const char *from)
{
    struct sockaddr_in own = {.sin_family = AF_INET};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const char *port = strrchr(net_http_address(http), ':');
    struct timeval patience = {.tv_sec = 60};
    assert_non_null(port);
    address.sin_port = htons((uint16_t)strtoul(port + 1, NULL, 10));
    int one = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(setsockopt(one, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(inet_pton(AF_INET, from, &own.sin_addr), 1);
    assert_int_equal(bind(one, (struct sockaddr *)&own, sizeof own), 0);
    assert_int_equal(connect(one, (struct sockaddr *)&address, sizeof address), 0);
    return one;
}

static int dial(void)
{
    return dial_from("127.0.0.1");
}

/* All that comes back until the port closes. */
static void exchange_from(const char *from, const char *request, char *answer, size_t room)
{
    int one = dial_from(from);
    size_t size = strlen(request);
    size_t got = 0;
    ssize_t part;
    assert_int_equal(send(one, request, size, MSG_NOSIGNAL), size);
    shutdown(one, SHUT_WR);
    while (got + 1 < room && (part = recv(one, answer + got, room - 1 - got, 0)) > 0) {
        got += (size_t)part;
    }
    answer[got] = '\0';
    close(one);
}

static void exchange(const char *request, char *answer, size_t room)
{
    exchange_from("127.0.0.1", request, answer, room);
}

static void expect_from(const char *from, const char *request, const char *status, const char *body)
{
    char answer[8192];
    exchange_from(from, request, answer, sizeof answer);
    if (strncmp(answer, status, strlen(status)) != 0) {
        fail_msg("'%s' was answered with '%s', expected %s", request, answer, status);
    }
    const char *end = strstr(answer, "\r\n\r\n");
    assert_non_null(end);
    assert_string_equal(end + 4, body);
}

static void expect(const char *request, const char *status, const char *body)
{
    expect_from("127.0.0.1", request, status, body);
}

#define END " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"

static void test_pages(void **state)
{
    char answer[8192];
    (void)state;
    expect("GET /page" END "\r\n", "HTTP/1.1 200", "ok\n");
    expect("GET /page?verbose" END "\r\n", "HTTP/1.1 200", "all of it\n");
    expect("GET /page?verbose=1&bad" END "\r\n", "HTTP/1.1 503", "all of it\n");
    expect("GET /page HTTP/1.0\r\n\r\n", "HTTP/1.1 200", "ok\n");
    expect("GET /page/" END "\r\n", "HTTP/1.1 404",
           "there are /livez, /readyz (?verbose, ?reads) and /metrics\n");
    expect("HEAD /page" END "\r\n", "HTTP/1.1 200", "");
    exchange("GET /page" END "\r\n", answer, sizeof answer);
    assert_non_null(strstr(answer, "Cache-Control: no-store\r\n"));
    assert_non_null(strstr(answer, "Content-Type: text/plain; charset=utf-8\r\n"));
    assert_non_null(strstr(answer, "Content-Length: 3\r\n"));
}

static void test_other_methods(void **state)
{
    char answer[8192];
    (void)state;
    static const char *const methods[] = {"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        char request[256];
        snprintf(request, sizeof request, "%s /page" END "Content-Length: 5\r\n\r\nhello",
                 methods[i]);
        expect(request, "HTTP/1.1 405", "only GET and HEAD\n");
        exchange(request, answer, sizeof answer);
        assert_non_null(strstr(answer, "Allow: GET, HEAD\r\n"));
    }
    /* A body that nobody asked for does not cost the answer. */
    expect("GET /page" END "Content-Length: 5\r\n\r\nhello", "HTTP/1.1 200", "ok\n");
}

/* Two requests on one connection, the second behind the first. */
static void test_two_in_a_row(void **state)
{
    char answer[8192];
    (void)state;
    exchange("GET /page HTTP/1.1\r\nHost: a\r\n\r\nGET /page?verbose" END "\r\n", answer,
             sizeof answer);
    const char *first = strstr(answer, "\r\n\r\nok\n");
    assert_non_null(first);
    assert_non_null(strstr(first, "\r\n\r\nall of it\n"));
}

static void test_nonsense(void **state)
{
    char answer[8192];
    char *request = calloc(1, 100000);
    (void)state;
    assert_non_null(request);
    memset(request, 'a', 99999);
    memcpy(request, "GET /", 5);
    exchange(request, answer, sizeof answer);
    assert_true(answer[0] == '\0' || strncmp(answer, "HTTP/1.1 4", 10) == 0);
    memset(request, 0xff, 99999);
    exchange(request, answer, sizeof answer);
    /* Line ends alone begin no request: who sends them and stays holds nobody up. */
    int quiet = dial();
    assert_int_equal(send(quiet, "\r\n\r\n\r\n", 6, MSG_NOSIGNAL), 6);
    exchange("GET /page HTTP/9.9\r\n\r\n", answer, sizeof answer);
    for (int i = 0; i < 200; i++) {
        close(dial());
    }
    free(request);
    /* From another address: the port has not seen all of these go yet. */
    expect_from("127.0.0.3", "GET /page" END "\r\n", "HTTP/1.1 200", "ok\n");
    close(quiet);
}

static void test_addresses(void **state)
{
    struct net_http *second;
    struct base_error error;
    char address[128];
    (void)state;
    assert_int_equal(net_http_open(net_http_address(http), &handler, &second, &error),
                     BASE_FAILED_PRECONDITION);
    assert_non_null(strstr(error.text, "--http off"));
    assert_int_not_equal(net_http_open("nonsense", &handler, &second, &error), BASE_OK);
    assert_non_null(strstr(error.text, "--http"));
    memset(address, '1', sizeof address - 1);
    address[sizeof address - 1] = '\0';
    assert_int_equal(net_http_open(address, &handler, &second, &error), BASE_INVALID_ARGUMENT);
}

/* One machine that connects and says nothing does not keep probes of others out. */
static void test_one_that_takes_all(void **state)
{
    enum { CROWD = 100 };
    int crowd[CROWD];
    char byte;
    (void)state;
    for (unsigned i = 0; i < CROWD; i++) {
        crowd[i] = dial_from("127.0.0.2");
    }
    expect("GET /page" END "\r\n", "HTTP/1.1 200", "ok\n");
    /* It was not waited for their time to be over. */
    assert_int_equal(recv(crowd[0], &byte, 1, MSG_DONTWAIT), -1);
    for (unsigned i = 0; i < CROWD; i++) {
        close(crowd[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_other_methods),
        cmocka_unit_test(test_two_in_a_row),
        cmocka_unit_test(test_nonsense),
        cmocka_unit_test(test_one_that_takes_all),
        cmocka_unit_test(test_addresses),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
