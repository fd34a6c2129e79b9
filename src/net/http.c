#include "net/http.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/signals.h"
#include "net/listener.h"

enum {
    CONNECTIONS_MOST = 64,
    /* Of one address, so that nobody alone keeps probes and scrapers out: more are closed. */
    CONNECTIONS_EACH = 48,
    IDLE_S = 10,
    /* Of one connection: a request line with its headers. */
    MEMORY = 16 * 1024,
};

struct net_http {
    struct net_http_handler handler;
    struct net_listener listener;
    struct MHD_Daemon *daemon;
    char address[NET_HTTP_ADDRESS];
};

static bool has_query(void *request, const char *key)
{
    const char *value = NULL;
    size_t size = 0;
    return MHD_lookup_connection_value_n(request, MHD_GET_ARGUMENT_KIND, key, strlen(key), &value,
                                         &size) == MHD_YES;
}

static enum MHD_Result reply(struct MHD_Connection *connection, unsigned status,
                             const char *content_type, const char *text, size_t size)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(size, (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
    if (response == NULL) {
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    }
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result reply_text(struct MHD_Connection *connection, unsigned status,
                                  const char *text)
{
    return reply(connection, status, "text/plain; charset=utf-8", text, strlen(text));
}

static enum MHD_Result on_request(void *state, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **request)
{
    static int seen; /* its address marks a request whose head was looked at */
    struct net_http *http = state;
    (void)version;
    (void)upload;
    /* libmicrohttpd calls once for the head, then for each part of a body, then to have it
     * answered: an answer after the head alone would cost the connection. */
    if (*request == NULL) {
        *request = &seen;
        return MHD_YES;
    }
    if (*upload_size > 0) {
        *upload_size = 0;
        return MHD_YES;
    }
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
        return reply_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
    }
    struct net_http_page page = {.status = MHD_HTTP_OK,
                                 .content_type = "text/plain; charset=utf-8"};
    base_buffer_init(&page.body);
    if (!http->handler.page(http->handler.state, path, has_query, connection, &page)) {
        base_buffer_fini(&page.body);
        return reply_text(connection, MHD_HTTP_NOT_FOUND,
                          "there are /livez, /readyz (?verbose, ?reads) and /metrics\n");
    }
    enum MHD_Result queued =
        page.body.failed ? reply_text(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "memory is out\n")
                         : reply(connection, page.status, page.content_type,
                                 page.body.size == 0 ? "" : page.body.data, page.body.size);
    base_buffer_fini(&page.body);
    return queued;
}

/* It says much about peers that go away; nobody needs that in the log. */
static void ignore_log(void *state, const char *format, va_list arguments)
{
    (void)state;
    (void)format;
    (void)arguments;
}

static enum base_code open_listener(struct net_http *http, const char *address,
                                    struct base_error *error)
{
    char url[NET_URL];
    int length = snprintf(url, sizeof url, "tcp://%s", address);
    if (length < 0 || (size_t)length >= sizeof url || length - 6 >= NET_HTTP_ADDRESS) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "--http %.40s…: no address", address);
    }
    enum base_code code = net_listener_open(url, 0, &http->listener, error);
    if (code != BASE_OK) {
        if (strstr(error->text, "another program listens there") != NULL) {
            return base_fail(error, code,
                             "--http %s: another program listens there already; stop it, choose "
                             "another address, or turn the port off (--http off)",
                             address);
        }
        base_error_prefix(error, "--http");
        return code;
    }
    snprintf(http->address, sizeof http->address, "%s", http->listener.url + 6);
    return BASE_OK;
}

enum base_code net_http_open(const char *address, const struct net_http_handler *handler,
                             struct net_http **http, struct base_error *error)
{
    struct net_http *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the operations port");
    }
    made->handler = *handler;
    enum base_code code = open_listener(made, address, error);
    if (code != BASE_OK) {
        free(made);
        return code;
    }
    sigset_t before;
    base_signals_block(&before);
    made->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, made,
        MHD_OPTION_EXTERNAL_LOGGER, ignore_log, NULL, MHD_OPTION_LISTEN_SOCKET, made->listener.fd,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MOST, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS_EACH, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY, MHD_OPTION_END);
    base_signals_restore(&before);
    if (made->daemon == NULL) {
        net_listener_close(&made->listener);
        free(made);
        return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                         "--http %s: the operations port cannot be started", address);
    }
    *http = made;
    return BASE_OK;
}

const char *net_http_address(const struct net_http *http)
{
    return http->address;
}

void net_http_close(struct net_http *http)
{
    if (http != NULL) {
        /* Closes the listening socket too. */
        MHD_stop_daemon(http->daemon);
        free(http);
    }
}
