#include "client/call.h"

#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "client/envelope.h"

enum {
    /* A request that breaks its connection every time is not sent for ever. */
    ATTEMPTS_MOST = 3,
    /* Bytes of an envelope around its payload: method, numbers and metadata. */
    ENVELOPE_MOST = 16 * 1024,
    ROUND_PAUSE_MS = 20,
};

/* A call under way. */
struct course {
    struct hirsch_client *client;
    struct client_request request;
    uint32_t timeout_ms;
    uint64_t until_ns;
    struct base_buffer envelope; /* owned */
    enum client_outcome outcome; /* of the last try */
    struct client_failure *failure;
};

static uint32_t fresh_id(struct hirsch_client *client)
{
    return atomic_fetch_add_explicit(&client->next_id, 1, memory_order_relaxed) |
           UINT32_C(0x80000000);
}

/* One try at one endpoint until until_ns. True: answered by the server, whatever it said. */
static bool try_endpoint(struct course *course, struct client_endpoint *endpoint, uint64_t until_ns,
                         struct client_reply *reply)
{
    const struct client_settings *settings = &course->client->settings;
    uint64_t now = base_clock_monotonic_ns();
    uint64_t left_ms = until_ns > now ? (until_ns - now) / 1000000 : 0;
    /* 0 would ask for the server's default. */
    client_envelope_pack(&course->request, left_ms == 0 ? 1 : (uint32_t)left_ms, &course->envelope);
    course->failure->endpoint = client_endpoint_url(endpoint);
    if (course->envelope.failed) {
        course->outcome = CLIENT_NO_MEMORY;
        return false;
    }
    course->outcome = client_endpoint_exchange(
        endpoint, fresh_id(course->client), base_buffer_slice(&course->envelope), until_ns,
        settings->fail_fast || settings->endpoint_count > 1, reply);
    if (course->outcome == CLIENT_ANSWERED || course->outcome == CLIENT_TIMED_OUT ||
        course->outcome == CLIENT_BROKEN) {
        course->failure->attempts++;
    }
    return course->outcome == CLIENT_ANSWERED;
}

/* The endpoint to ask next, of those not asked in this round: the first in turn that has a
 * connection, else the first in turn. */
static size_t choose(const struct hirsch_client *client, size_t first, const bool *asked)
{
    size_t count = client->settings.endpoint_count;
    size_t chosen = count;
    for (size_t i = 0; i < count; i++) {
        size_t at = (first + i) % count;
        if (asked[at]) {
            continue;
        }
        if (client_endpoint_connected(client->endpoints[at])) {
            return at;
        }
        if (chosen == count) {
            chosen = at;
        }
    }
    return chosen;
}

static bool has_unasked(const bool *asked, size_t count)
{
    return memchr(asked, 0, count * sizeof *asked) != NULL;
}

/* What the server said, unless it turned the request away and somebody else may take it. */
static bool answer_is_final(struct course *course, struct client_reply *reply,
                            struct base_slice *payload, bool more_endpoints)
{
    enum base_code code = client_envelope_read(reply->body, payload, &course->failure->error);
    if (code == BASE_OK) {
        course->failure->error.code = BASE_OK;
        return true;
    }
    client_reply_release(reply);
    return code != BASE_UNAVAILABLE || !more_endpoints;
}

/* Until the next round among endpoints that all refused: short, since one of them may be back at
 * any moment. */
static void pause_round(uint64_t until_ns)
{
    uint64_t now = base_clock_monotonic_ns();
    uint64_t left_ms = until_ns > now ? (until_ns - now + 999999) / 1000000 : 0;
    (void)poll(NULL, 0, left_ms < ROUND_PAUSE_MS ? (int)left_ms : ROUND_PAUSE_MS);
}

/* Asks endpoint after endpoint. True when the server's answer decides: the failure's code is then
 * its code. */
static bool run(struct course *course, struct client_reply *reply, struct base_slice *payload)
{
    struct hirsch_client *client = course->client;
    size_t count = client->settings.endpoint_count;
    size_t first = atomic_fetch_add_explicit(&client->next_endpoint, 1, memory_order_relaxed);
    bool asked[HIRSCH_MAX_ENDPOINTS] = {false};
    size_t unasked = count;
    for (;;) {
        uint64_t now = base_clock_monotonic_ns();
        if (now >= course->until_ns && course->failure->endpoint[0] != '\0') {
            return false;
        }
        size_t at = choose(client, first, asked);
        asked[at] = true;
        /* An endpoint that does not answer gets its share of the time, so that the others get
         * theirs. */
        uint64_t left = course->until_ns > now ? course->until_ns - now : 0;
        uint64_t until = now + left / unasked;
        unasked--;
        if (try_endpoint(course, client->endpoints[at], until, reply) &&
            answer_is_final(course, reply, payload, unasked > 0)) {
            return true;
        }
        if (course->outcome == CLIENT_NO_MEMORY || course->failure->attempts >= ATTEMPTS_MOST) {
            return false;
        }
        if (has_unasked(asked, count)) {
            continue;
        }
        /* All were asked. Another round where a daemon may be back in a moment. */
        if (course->outcome == CLIENT_UNREACHED && !client->settings.fail_fast) {
            pause_round(course->until_ns);
        } else if (course->outcome != CLIENT_BROKEN) {
            return false;
        }
        memset(asked, 0, sizeof asked);
        unasked = count;
    }
}

static enum base_code explain(const struct course *course)
{
    struct base_error *error = &course->failure->error;
    const char *endpoint = course->failure->endpoint;
    const char *others = course->client->settings.endpoint_count > 1 ? " (tried last)" : "";
    switch (course->outcome) {
    case CLIENT_UNREACHED:
        if (course->client->settings.fail_fast) {
            return base_fail(error, BASE_UNAVAILABLE,
                             "%s%s: cannot connect; check that hirschd runs and listens on this "
                             "address, and that host and port are right",
                             endpoint, others);
        }
        return base_fail(error, BASE_UNAVAILABLE,
                         "%s%s: cannot connect within %u ms; check that hirschd runs and listens "
                         "on this address, and that host and port are right",
                         endpoint, others, course->timeout_ms);
    case CLIENT_BUSY:
        return base_fail(error, BASE_DEADLINE_EXCEEDED,
                         "%s%s: connected, but the server did not take the request within %u ms; "
                         "it is overloaded or stopped",
                         endpoint, others, course->timeout_ms);
    case CLIENT_BROKEN:
        return base_fail(error, BASE_UNAVAILABLE,
                         "%s%s: the connection broke before the answer came, %u of at most %d "
                         "attempts; the daemon stopped, or a request or reply is over its "
                         "size limit",
                         endpoint, others, course->failure->attempts, ATTEMPTS_MOST);
    case CLIENT_NO_MEMORY:
        return base_fail(error, BASE_INTERNAL, "memory is out");
    default:
        return base_fail(error, BASE_DEADLINE_EXCEEDED,
                         "%s%s: no answer within %u ms; give the call more time, or check the "
                         "load of the daemon",
                         endpoint, others, course->timeout_ms);
    }
}

static bool retriable(enum base_code code)
{
    return code == BASE_UNAVAILABLE || code == BASE_DEADLINE_EXCEEDED || code == BASE_ABORTED ||
           code == BASE_RESOURCE_EXHAUSTED;
}

enum base_code client_call_run(struct hirsch_client *client, const char *method,
                               struct base_slice request, const struct hirsch_call_options *call,
                               struct client_reply *reply, struct base_slice *payload,
                               struct client_failure *failure)
{
    struct hirsch_call_options options;
    enum base_code code =
        client_call_options_read(call, &client->settings, &options, &failure->error);
    if (code != BASE_OK) {
        return code;
    }
    if (request.size > LIMIT_REQUEST - ENVELOPE_MOST) {
        return base_fail(&failure->error, BASE_INVALID_ARGUMENT,
                         "%s: the request has %zu bytes, at most %d are taken; ask for fewer items",
                         method, request.size, LIMIT_REQUEST - ENVELOPE_MOST);
    }
    struct course course = {
        .client = client,
        .request = {.method = method,
                    .payload = request,
                    .metadata = options.metadata,
                    .metadata_count = options.metadata_count,
                    .max_reply_bytes = client->settings.max_reply_bytes},
        .timeout_ms = options.timeout_ms,
        .until_ns = base_clock_monotonic_ns() + (uint64_t)options.timeout_ms * 1000000,
        .envelope = BASE_BUFFER_EMPTY,
        .failure = failure,
    };
    *failure = CLIENT_FAILURE_NONE;
    if (run(&course, reply, payload)) {
        code = failure->error.code;
    } else {
        code = explain(&course);
    }
    failure->retriable = retriable(code);
    base_buffer_fini(&course.envelope);
    return code;
}
