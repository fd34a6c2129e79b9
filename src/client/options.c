#include "client/options.h"

#include <string.h>

#include "base/limits.h"
#include "base/parse.h"
#include "base/utf8.h"

enum {
    /* sockaddr_un holds 108 bytes with the NUL. */
    IPC_PATH_MOST = 107,
    ENDPOINT_MOST = 512,
    METADATA_MOST = 16,
    RETRY_ATTEMPTS_MOST = 100,
    REQUEST_LEAST = 64 * 1024,
};

_Static_assert(HIRSCH_MAX_BATCH == LIMIT_BATCH, "the header says what the server takes");

/* HOST:PORT, where HOST is a name, an IPv4 address or an IPv6 address in brackets. */
static enum base_code check_tcp(struct base_slice url, struct base_slice rest,
                                struct base_error *error)
{
    size_t colon = rest.size;
    while (colon > 0 && rest.data[colon - 1] != ':') {
        colon--;
    }
    uint64_t port = 0;
    if (colon < 2 ||
        !base_parse_u64(base_slice(rest.data + colon, rest.size - colon), 65535, &port) ||
        port == 0) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "endpoint %.*s: a port from 1 to 65535 is missing; write tcp://HOST:PORT, "
                         "for example " HIRSCH_DEFAULT_ENDPOINT,
                         BASE_PRINT(url));
    }
    struct base_slice host = base_slice(rest.data, colon - 1);
    bool bracketed = host.data[0] == '[' && host.data[host.size - 1] == ']' && host.size > 2;
    if (!bracketed && memchr(host.data, ':', host.size) != NULL) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "endpoint %.*s: an IPv6 address stands in brackets: tcp://[::1]:7700",
                         BASE_PRINT(url));
    }
    return BASE_OK;
}

static enum base_code check_endpoint(struct base_slice url, struct base_error *error)
{
    if (url.size > ENDPOINT_MOST || base_utf8_has_control(url)) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "an endpoint is over %d bytes or holds a control character; write "
                         "tcp://HOST:PORT or ipc://PATH",
                         ENDPOINT_MOST);
    }
    if (base_slice_starts(url, BASE_SLICE("tcp://"))) {
        return check_tcp(url, base_slice(url.data + 6, url.size - 6), error);
    }
    if (base_slice_starts(url, BASE_SLICE("ipc://"))) {
        if (url.size == 6 || url.size - 6 > IPC_PATH_MOST) {
            return base_fail(error, BASE_INVALID_ARGUMENT,
                             "endpoint %.*s: the path of a socket has 1 to %d bytes",
                             BASE_PRINT(url), IPC_PATH_MOST);
        }
        return BASE_OK;
    }
    return base_fail(error, BASE_INVALID_ARGUMENT,
                     "endpoint '%.*s': neither tcp://HOST:PORT nor ipc://PATH", BASE_PRINT(url));
}

static struct base_slice trim(struct base_slice text)
{
    while (text.size > 0 && text.data[0] == ' ') {
        text = base_slice(text.data + 1, text.size - 1);
    }
    while (text.size > 0 && text.data[text.size - 1] == ' ') {
        text.size--;
    }
    return text;
}

static enum base_code read_endpoints(const char *list, struct base_arena *arena,
                                     struct client_settings *settings, struct base_error *error)
{
    settings->endpoint_count = 0;
    const char *from = list;
    for (;;) {
        const char *comma = strchr(from, ',');
        struct base_slice url =
            trim(base_slice(from, comma == NULL ? strlen(from) : (size_t)(comma - from)));
        enum base_code code = check_endpoint(url, error);
        if (code != BASE_OK) {
            return code;
        }
        if (settings->endpoint_count == HIRSCH_MAX_ENDPOINTS) {
            return base_fail(error, BASE_INVALID_ARGUMENT, "more than %d endpoints",
                             HIRSCH_MAX_ENDPOINTS);
        }
        const char *copy = base_arena_copy(arena, url).data;
        if (copy == NULL) {
            return base_fail(error, BASE_INTERNAL, "memory is out");
        }
        settings->endpoints[settings->endpoint_count++] = copy;
        if (comma == NULL) {
            return BASE_OK;
        }
        from = comma + 1;
    }
}

const struct base_allocator *client_allocator_read(const struct hirsch_options *options,
                                                   struct base_allocator *allocator)
{
    if (options == NULL ||
        options->size < offsetof(struct hirsch_options, allocator) + sizeof options->allocator ||
        options->allocator == NULL) {
        return NULL;
    }
    *allocator = (struct base_allocator){options->allocator->allocate, options->allocator->release,
                                         options->allocator->context};
    return allocator;
}

static enum base_code read_writer(const char *writer, struct base_arena *arena,
                                  struct client_settings *settings, struct base_error *error)
{
    settings->slot_count = settings->endpoint_count;
    if (writer == NULL) {
        settings->writer_slot = settings->endpoint_count == 1 ? 0 : CLIENT_NO_WRITER;
        return BASE_OK;
    }
    struct base_slice url = trim(base_slice_text(writer));
    enum base_code code = check_endpoint(url, error);
    if (code != BASE_OK) {
        base_error_prefix(error, "writer");
        return code;
    }
    settings->writer = base_arena_copy(arena, url).data;
    settings->writer_slot = settings->slot_count++;
    return settings->writer == NULL ? base_fail(error, BASE_INTERNAL, "memory is out") : BASE_OK;
}

static enum base_code read_retries(const struct hirsch_options *options,
                                   struct client_settings *settings, struct base_error *error)
{
    settings->retry_attempts = options->retry_attempts == 0 ? 3 : options->retry_attempts;
    settings->retry_first_ms = options->retry_first_ms == 0 ? 50 : options->retry_first_ms;
    settings->retry_most_ms = options->retry_most_ms == 0 ? 1000 : options->retry_most_ms;
    settings->retry_multiplier = options->retry_multiplier == 0 ? 2 : options->retry_multiplier;
    if (settings->retry_attempts > RETRY_ATTEMPTS_MOST ||
        settings->retry_first_ms > HIRSCH_MAX_TIMEOUT_MS ||
        settings->retry_most_ms > HIRSCH_MAX_TIMEOUT_MS ||
        !(settings->retry_multiplier >= 1 && settings->retry_multiplier <= 10)) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "retry_attempts is at most %d, retry_first_ms and retry_most_ms at most "
                         "%d, retry_multiplier from 1 to 10",
                         RETRY_ATTEMPTS_MOST, HIRSCH_MAX_TIMEOUT_MS);
    }
    return BASE_OK;
}

enum base_code client_settings_read(const struct hirsch_options *options, const char *environment,
                                    struct base_arena *arena, struct client_settings *settings,
                                    struct base_error *error)
{
    struct hirsch_options filled = HIRSCH_OPTIONS_INIT;
    if (options != NULL) {
        if (options->size == 0) {
            return base_fail(error, BASE_INVALID_ARGUMENT,
                             "hirsch_options.size is 0; start from HIRSCH_OPTIONS_INIT");
        }
        /* A caller that was compiled with an older header has a shorter struct. */
        memcpy(&filled, options, options->size < sizeof filled ? options->size : sizeof filled);
    }
    struct client_settings made = {
        .timeout_ms = filled.timeout_ms == 0 ? HIRSCH_DEFAULT_TIMEOUT_MS : filled.timeout_ms,
        .max_reply_bytes = filled.max_reply_bytes == 0 ? LIMIT_REPLY_MOST : filled.max_reply_bytes,
        .max_request_bytes =
            filled.max_request_bytes == 0 ? LIMIT_REQUEST : filled.max_request_bytes,
        .fail_fast = filled.fail_fast,
        .log = filled.log,
        .log_context = filled.log_context,
    };
    if (made.timeout_ms > HIRSCH_MAX_TIMEOUT_MS) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "timeout_ms is %u, at most %d is taken",
                         made.timeout_ms, HIRSCH_MAX_TIMEOUT_MS);
    }
    if (made.max_reply_bytes < LIMIT_REPLY || made.max_reply_bytes > LIMIT_REPLY_MOST) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "max_reply_bytes is %u, it must be from %d to %d", made.max_reply_bytes,
                         LIMIT_REPLY, LIMIT_REPLY_MOST);
    }
    if (made.max_request_bytes < REQUEST_LEAST || made.max_request_bytes > LIMIT_REQUEST) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "max_request_bytes is %u, it must be from %d to %d",
                         made.max_request_bytes, REQUEST_LEAST, LIMIT_REQUEST);
    }
    const char *list = filled.endpoints;
    bool from_environment = list == NULL && environment != NULL && environment[0] != '\0';
    if (list == NULL) {
        list = from_environment ? environment : HIRSCH_DEFAULT_ENDPOINT;
    }
    enum base_code code = read_endpoints(list, arena, &made, error);
    if (code != BASE_OK) {
        if (from_environment) {
            base_error_prefix(error, "HIRSCH_SERVER");
        }
        return code;
    }
    (void)client_allocator_read(options, &made.allocator);
    code = read_writer(filled.writer, arena, &made, error);
    if (code == BASE_OK) {
        code = read_retries(&filled, &made, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    *settings = made;
    return BASE_OK;
}

static enum base_code check_metadata(const struct hirsch_call_options *call,
                                     struct base_error *error)
{
    if (call->metadata_count > METADATA_MOST ||
        (call->metadata_count > 0 && call->metadata == NULL)) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "metadata: at most %d entries are taken",
                         METADATA_MOST);
    }
    for (size_t i = 0; i < call->metadata_count; i++) {
        const struct hirsch_metadata *entry = &call->metadata[i];
        if (entry->key == NULL || entry->value == NULL || entry->key[0] == '\0' ||
            strcmp(entry->key, "hirsch-max-reply") == 0) {
            return base_fail(error, BASE_INVALID_ARGUMENT,
                             "metadata: entry %zu has no key, no value, or the key "
                             "hirsch-max-reply, which the library sets itself",
                             i);
        }
    }
    return BASE_OK;
}

enum base_code client_call_options_read(const struct hirsch_call_options *call,
                                        const struct client_settings *settings,
                                        struct hirsch_call_options *filled,
                                        struct base_error *error)
{
    struct hirsch_call_options made = HIRSCH_CALL_OPTIONS_INIT;
    if (call != NULL) {
        if (call->size == 0) {
            return base_fail(error, BASE_INVALID_ARGUMENT,
                             "hirsch_call_options.size is 0; start from HIRSCH_CALL_OPTIONS_INIT");
        }
        memcpy(&made, call, call->size < sizeof made ? call->size : sizeof made);
    }
    if (made.timeout_ms == 0) {
        made.timeout_ms = settings->timeout_ms;
    }
    if (made.timeout_ms > HIRSCH_MAX_TIMEOUT_MS) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "timeout_ms is %u, at most %d is taken",
                         made.timeout_ms, HIRSCH_MAX_TIMEOUT_MS);
    }
    if (made.to_writer && settings->writer_slot == CLIENT_NO_WRITER) {
        return base_fail(error, BASE_FAILED_PRECONDITION,
                         "no writer is known among several endpoints; name it in "
                         "hirsch_options.writer (hirsch: give --server the writer alone)");
    }
    enum base_code code = check_metadata(&made, error);
    if (code != BASE_OK) {
        return code;
    }
    *filled = made;
    return BASE_OK;
}

const struct hirsch_call_options *client_to_writer(const struct hirsch_call_options *call,
                                                   struct hirsch_call_options *filled)
{
    *filled = (struct hirsch_call_options)HIRSCH_CALL_OPTIONS_INIT;
    if (call != NULL) {
        memcpy(filled, call, call->size < sizeof *filled ? call->size : sizeof *filled);
        filled->size = call->size == 0 ? 0 : sizeof *filled; /* 0 is refused later */
    }
    filled->to_writer = true;
    return filled;
}
