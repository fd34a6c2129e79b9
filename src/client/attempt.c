#include "client/attempt.h"

#include "client/envelope.h"

enum {
    /* An endpoint that failed is asked only if no other is left, first for this long, then twice as
       long, and so on. */
    REST_FIRST_MS = 250,
    REST_MOST_MS = 10000,
};

/* As in gRPC A6: a call that the servers refused is sent again only while more than half of the
 * tokens are left. A refusal takes one, an answer gives a tenth back. */
static const double TOKENS_MOST = CLIENT_TOKENS;
static const double TOKENS_BACK = 0.1;

static uint64_t ms(uint64_t milliseconds)
{
    return milliseconds * 1000000;
}

/* xorshift64*: only spreads retries. */
static uint64_t random_below(struct hirsch_client *client, uint64_t limit)
{
    uint64_t x = client->random;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    client->random = x;
    return limit == 0 ? 0 : ((x * UINT64_C(0x2545f4914f6cdd1d)) >> 16) % limit;
}

static uint32_t bit(size_t slot)
{
    return UINT32_C(1) << slot;
}

static size_t unasked_count(const struct hirsch_client *client, const struct client_call *call)
{
    if (call->to_writer) {
        return call->asked == 0 ? 1 : 0;
    }
    return client->settings.endpoint_count - (size_t)__builtin_popcount(call->asked);
}

/* Of those not asked in this round: connected and healthy ones first, resting ones last, and among
 * equals the first in turn. */
static size_t choose(struct hirsch_client *client, const struct client_call *call, uint64_t now_ns)
{
    size_t count = client->settings.endpoint_count;
    if (call->to_writer) {
        return client->settings.writer_slot;
    }
    size_t first = client->next_slot++;
    size_t chosen = 0;
    int least = 4;
    for (size_t i = 0; i < count; i++) {
        size_t at = (first + i) % count;
        const struct client_slot *slot = &client->slots[at];
        if ((call->asked & bit(at)) != 0) {
            continue;
        }
        int cost = (now_ns < slot->rest_until_ns ? 2 : 0) +
                   (client_endpoint_connected(slot->endpoint) ? 0 : 1);
        if (cost < least) {
            least = cost;
            chosen = at;
        }
    }
    return chosen;
}

void client_attempt_begin(struct hirsch_client *client, struct client_call *call, uint64_t now_ns)
{
    size_t unasked = unasked_count(client, call);
    BASE_ASSERT(unasked > 0);
    call->slot = choose(client, call, now_ns);
    call->asked |= bit(call->slot);
    /* An endpoint that does not answer gets its share of the time, so that the others get theirs.
     */
    uint64_t left = call->until_ns > now_ns ? call->until_ns - now_ns : 0;
    call->attempt_until_ns = now_ns + left / (call->send_once ? 1 : unasked);
    struct client_slot *slot = &client->slots[call->slot];
    call->failure.endpoint = client_endpoint_url(slot->endpoint);
    call->state = CLIENT_QUEUED;
    client_link_append(&slot->queue, &call->place);
    if (slot->queue.next == &call->place) {
        client_core_flush(client, slot);
    }
}

static void explain(const struct hirsch_client *client, struct client_call *call)
{
    struct base_error *error = &call->failure.error;
    const char *endpoint = call->failure.endpoint;
    const char *others =
        !call->to_writer && client->settings.endpoint_count > 1 ? " (tried last)" : "";
    switch (call->outcome) {
    case CLIENT_UNTRIED:
    case CLIENT_UNREACHED:
        if (client->settings.fail_fast) {
            base_fail(error, BASE_UNAVAILABLE,
                      "%s%s: cannot connect; check that hirschd runs and listens on this "
                      "address, and that host and port are right",
                      endpoint, others);
            return;
        }
        base_fail(error, BASE_UNAVAILABLE,
                  "%s%s: cannot connect within %u ms; check that hirschd runs and listens on this "
                  "address, and that host and port are right",
                  endpoint, others, call->timeout_ms);
        return;
    case CLIENT_BUSY:
        base_fail(error, BASE_DEADLINE_EXCEEDED,
                  "%s%s: connected, but the server did not take the request within %u ms; it is "
                  "overloaded or stopped",
                  endpoint, others, call->timeout_ms);
        return;
    case CLIENT_BROKEN:
        base_fail(error, BASE_UNAVAILABLE,
                  "%s%s: the connection broke before the answer came, %u of at most %u attempts; "
                  "the daemon stopped, or a request or reply is over its size limit",
                  endpoint, others, call->failure.attempts,
                  call->send_once ? 1 : client->settings.retry_attempts);
        return;
    case CLIENT_REFUSED:
        BASE_ASSERT(error->code == BASE_UNAVAILABLE || error->code == BASE_RESOURCE_EXHAUSTED);
        return;
    case CLIENT_EXPIRED:
        BASE_ASSERT(error->code == BASE_DEADLINE_EXCEEDED);
        return;
    case CLIENT_NO_MEMORY:
        base_fail(error, BASE_INTERNAL, "memory is out");
        return;
    case CLIENT_TIMED_OUT:
        break;
    }
    base_fail(error, BASE_DEADLINE_EXCEEDED,
              "%s%s: no answer within %u ms; give the call more time, or check the load of the "
              "daemon",
              endpoint, others, call->timeout_ms);
}

static void give_up(struct hirsch_client *client, struct client_call *call)
{
    explain(client, call);
    client_core_finish(client, call);
}

static void strike(struct hirsch_client *client, struct client_slot *slot, uint64_t now_ns)
{
    if (now_ns < slot->rest_until_ns) {
        return; /* calls that were under way together fail together: one strike */
    }
    uint64_t rest = REST_MOST_MS;
    if (slot->strikes < 6 && ((uint64_t)REST_FIRST_MS << slot->strikes) < rest) {
        rest = (uint64_t)REST_FIRST_MS << slot->strikes;
    }
    if (slot->strikes == 0) {
        client_log(client, HIRSCH_LOG_WARNING, "%s: does not answer; others are asked first",
                   client_endpoint_url(slot->endpoint));
    }
    slot->strikes++;
    /* Half of it by chance, so that many clients do not come back at the same moment. */
    slot->rest_until_ns = now_ns + ms(rest) / 2 + random_below(client, ms(rest) / 2);
}

static void healthy(struct hirsch_client *client, struct client_slot *slot)
{
    if (slot->strikes > 0) {
        client_log(client, HIRSCH_LOG_INFO, "%s: answers again",
                   client_endpoint_url(slot->endpoint));
    }
    slot->strikes = 0;
    slot->rest_until_ns = 0;
    client->tokens += TOKENS_BACK;
    if (client->tokens > TOKENS_MOST) {
        client->tokens = TOKENS_MOST;
    }
}

/* Full jitter: anything from now to the back-off of this round. */
static uint64_t back_off(struct hirsch_client *client, uint32_t round)
{
    const struct client_settings *settings = &client->settings;
    double most = settings->retry_first_ms;
    for (uint32_t i = 0; i < round && most < settings->retry_most_ms; i++) {
        most *= settings->retry_multiplier;
    }
    if (most > settings->retry_most_ms) {
        most = settings->retry_most_ms;
    }
    return random_below(client, (uint64_t)(most * 1e6));
}

/* Another round among endpoints that were all asked may help, and is allowed. */
static bool may_ask_again(struct hirsch_client *client, const struct client_call *call)
{
    if (call->outcome == CLIENT_UNREACHED) {
        return !client->settings.fail_fast;
    }
    if (call->outcome == CLIENT_REFUSED) {
        client->tokens = client->tokens > 1 ? client->tokens - 1 : 0;
        return client->tokens > TOKENS_MOST / 2;
    }
    return call->outcome == CLIENT_BROKEN;
}

/* An endpoint that has too much to do is not ill: others are asked first for as long as it says. */
static void spare(struct client_slot *slot, uint64_t until_ns)
{
    if (slot->rest_until_ns < until_ns) {
        slot->rest_until_ns = until_ns;
    }
}

static void attempt_over(struct hirsch_client *client, struct client_call *call,
                         enum client_outcome outcome, uint64_t now_ns)
{
    client_link_remove(&call->place);
    call->outcome = outcome;
    if (outcome != CLIENT_REFUSED) {
        call->hint_ns = 0;
    }
    if (call->hint_ns > 0) {
        spare(&client->slots[call->slot], now_ns + call->hint_ns);
    } else if (outcome != CLIENT_EXPIRED) {
        strike(client, &client->slots[call->slot], now_ns);
    }
    bool sent = outcome != CLIENT_UNREACHED && outcome != CLIENT_BUSY;
    if (now_ns >= call->until_ns || call->failure.attempts >= client->settings.retry_attempts ||
        (call->send_once && sent)) {
        give_up(client, call);
        return;
    }
    if (unasked_count(client, call) > 0) {
        client_attempt_begin(client, call, now_ns);
        return;
    }
    if (!may_ask_again(client, call)) {
        give_up(client, call);
        return;
    }
    uint64_t rest_until_ns = now_ns + call->hint_ns + back_off(client, call->rounds);
    if (call->hint_ns > 0 && rest_until_ns >= call->until_ns) {
        give_up(client, call);
        return;
    }
    call->state = CLIENT_RESTING;
    call->rest_until_ns = rest_until_ns;
    call->asked = 0;
    call->rounds++;
    client_core_due(client, client_attempt_due(call));
}

void client_attempt_answered(struct hirsch_client *client, struct client_call *call, size_t slot,
                             struct client_reply *reply, uint64_t now_ns)
{
    /* Each request keeps one id, so the late answer of an earlier attempt is as good as any, unless
     * it says that there is none. */
    bool current = call->state == CLIENT_WAITING && call->slot == slot;
    struct base_error said = {BASE_OK, ""};
    struct base_slice payload = {NULL, 0};
    uint32_t retry_ms = 0;
    enum base_code code = client_envelope_read(reply->body, &payload, &retry_ms, &said);
    if (code == BASE_UNAVAILABLE || (code == BASE_RESOURCE_EXHAUSTED && retry_ms > 0)) {
        client_reply_release(reply);
        if (current) {
            call->failure.error = said;
            call->hint_ns = ms(retry_ms);
            attempt_over(client, call, CLIENT_REFUSED, now_ns);
        }
        return;
    }
    healthy(client, &client->slots[slot]);
    if (code == BASE_DEADLINE_EXCEEDED) {
        /* An attempt's time is a share of the call's: another endpoint may have the rest. */
        client_reply_release(reply);
        if (current) {
            call->failure.error = said;
            attempt_over(client, call, CLIENT_EXPIRED, now_ns);
        }
        return;
    }
    call->failure.endpoint = client_endpoint_url(client->slots[slot].endpoint);
    call->failure.error.code = code;
    if (code == BASE_OK) {
        call->reply = *reply;
        call->payload = payload;
        if (call->series != NULL && client_core_next(client, call, now_ns)) {
            return;
        }
    } else {
        call->failure.error = said;
        client_reply_release(reply);
    }
    client_core_finish(client, call);
}

static void look_queued(struct hirsch_client *client, struct client_call *call, uint64_t now_ns)
{
    struct client_endpoint *endpoint = client->slots[call->slot].endpoint;
    bool may_leave =
        client->settings.fail_fast || (!call->to_writer && client->settings.endpoint_count > 1);
    if (now_ns >= call->attempt_until_ns || (may_leave && client_endpoint_refused(endpoint))) {
        bool connected = client_endpoint_connected(endpoint);
        attempt_over(client, call, connected ? CLIENT_BUSY : CLIENT_UNREACHED, now_ns);
    } else if (client_endpoint_renew(endpoint, now_ns)) {
        client_log(client, HIRSCH_LOG_INFO, "%s: connecting anew", client_endpoint_url(endpoint));
    }
}

void client_attempt_look(struct hirsch_client *client, struct client_call *call, uint64_t breaks,
                         uint64_t now_ns)
{
    switch (call->state) {
    case CLIENT_QUEUED:
        look_queued(client, call, now_ns);
        return;
    case CLIENT_WAITING:
        if (call->breaks != breaks) {
            attempt_over(client, call, CLIENT_BROKEN, now_ns);
        } else if (now_ns >= call->attempt_until_ns) {
            attempt_over(client, call, CLIENT_TIMED_OUT, now_ns);
        }
        return;
    case CLIENT_RESTING:
        if (now_ns >= call->until_ns) {
            give_up(client, call);
        } else if (now_ns >= call->rest_until_ns) {
            client_attempt_begin(client, call, now_ns);
        }
        return;
    case CLIENT_FINISHED:
        break;
    }
}

uint64_t client_attempt_due(const struct client_call *call)
{
    if (call->state == CLIENT_RESTING) {
        return call->rest_until_ns < call->until_ns ? call->rest_until_ns : call->until_ns;
    }
    return call->attempt_until_ns;
}
