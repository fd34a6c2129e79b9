#include "server/ops.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"

static bool environment_open(struct store_reader *reader)
{
    struct store_info info;
    struct base_error error;
    enum base_code code = store_read_info(reader, &info, &error);
    store_reader_rest(reader);
    return code == BASE_OK;
}

static void put_check(struct base_buffer *text, const char *name, bool good, const char *why)
{
    base_buffer_append_format(text, "[%s]%s %s\n", good ? "+" : "-", name, good ? "ok" : why);
}

static bool check_reads(struct server_ops *ops, struct store_reader *reader,
                        struct base_buffer *text)
{
    bool open = environment_open(reader);
    bool serving = !atomic_load_explicit(&ops->draining, memory_order_relaxed);
    put_check(text, "environment", open, "the store cannot be read; run hirschd verify");
    put_check(text, "serving", serving, "the daemon stops");
    return open && serving;
}

bool server_ops_checks(struct server_ops *ops, struct store_reader *reader,
                       struct base_buffer *text)
{
    struct store_writes_counters writes = {.alive = true};
    if (ops->writes != NULL) {
        store_writes_counters(ops->writes, &writes);
    }
    bool reads = check_reads(ops, reader, text);
    put_check(text, "map", !writes.full, "the map or the disk is nearly full: puts are refused");
    put_check(text, "writer", writes.alive, "the writer stopped after an error of the disk");
    return reads && !writes.full && writes.alive;
}

bool server_ops_ready(struct server_ops *ops)
{
    struct base_buffer text = BASE_BUFFER_EMPTY;
    bool ready = server_ops_checks(ops, ops->looking, &text);
    base_buffer_fini(&text);
    return ready;
}

static bool page(void *state, const char *path, bool (*query)(void *request, const char *key),
                 void *request, struct net_http_page *page)
{
    struct server_ops *ops = state;
    if (strcmp(path, "/livez") == 0) {
        base_buffer_append_text(&page->body, "ok\n");
        return true;
    }
    if (strcmp(path, "/readyz") == 0) {
        /* A map that is nearly full keeps nobody from reading. */
        bool ready = query(request, "reads") ? check_reads(ops, ops->reader, &page->body)
                                             : server_ops_checks(ops, ops->reader, &page->body);
        if (!query(request, "verbose") && ready) {
            base_buffer_clear(&page->body);
        }
        base_buffer_append_text(&page->body, ready ? "ok\n" : "not ready\n");
        page->status = ready ? 200 : 503;
        return true;
    }
    if (strcmp(path, "/metrics") == 0) {
        page->content_type = "text/plain; version=0.0.4; charset=utf-8";
        server_metrics_write(ops, &page->body);
        return true;
    }
    return false;
}

enum base_code server_ops_open(struct server_ops *ops, const char *address,
                               struct base_error *error)
{
    const struct net_http_handler handler = {.state = ops, .page = page};
    ops->started_ns = base_clock_monotonic_ns();
    enum base_code code = store_reader_new(ops->store, &ops->looking, error);
    if (code == BASE_OK) {
        code = store_reader_new(ops->store, &ops->reader, error);
    }
    if (code == BASE_OK && strcmp(address, "off") != 0) {
        code = net_http_open(address, &handler, &ops->http, error);
    }
    if (code != BASE_OK) {
        server_ops_close(ops);
        return code;
    }
    if (ops->http != NULL) {
        base_log(BASE_LOG_INFO, "operations port on http://%s", net_http_address(ops->http));
    }
    return BASE_OK;
}

void server_ops_close(struct server_ops *ops)
{
    net_http_close(ops->http);
    ops->http = NULL;
    store_reader_free(ops->reader);
    store_reader_free(ops->looking);
    ops->reader = NULL;
    ops->looking = NULL;
}
