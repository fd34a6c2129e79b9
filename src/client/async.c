#include "client/async.h"

#include "base/clock.h"
#include "client/exchange.h"
#include "client/lookup.h"
#include "client/watch.h"

static void complete(struct hirsch_client *client, struct client_call *call)
{
    struct hirsch_completion completion = {
        .client = client,
        .ticket = call->ticket,
        .context = call->context,
    };
    completion.code = client_conclude(client, call, &completion.result, &completion.error);
    hirsch_done *done = call->done;
    hirsch_free(call);
    done(&completion);
}

/* Runs the callbacks of what has finished. With the lock held; lets go of it meanwhile. */
static size_t run_finished(struct hirsch_client *client)
{
    size_t count = 0;
    while (!client_link_empty(&client->finished)) {
        struct client_call *call = CLIENT_OF(client->finished.next, struct client_call, place);
        client_link_remove(&call->place);
        client->call_count--;
        client->async_count--;
        client_unlock(client);
        complete(client, call);
        count++;
        client_lock(client);
        if (count == HIRSCH_MAX_CALLS) {
            break; /* callbacks that start calls which fail at once must not hold us for ever */
        }
    }
    return count;
}

size_t hirsch_poll(hirsch_client *client, int timeout_ms)
{
    uint64_t until = UINT64_MAX;
    if (timeout_ms >= 0) {
        until = base_clock_monotonic_ns() + (uint64_t)timeout_ms * 1000000;
    }
    struct client_waiter waiter;
    client_waiter_init(&waiter, true);
    client_lock(client);
    /* At least one step, so that a poll without waiting takes what has arrived: also what nobody
     * waits for any more, which would keep hirsch_fd() readable. */
    do {
        if (!client_link_empty(&client->finished)) {
            break;
        }
        if (client->async_count == 0) {
            until = 0;
        }
        client_core_step(client, &waiter, until);
    } while (base_clock_monotonic_ns() < until);
    size_t count = run_finished(client);
    client_unlock(client);
    client_waiter_fini(&waiter);
    return count;
}

int hirsch_fd(hirsch_client *client)
{
    client_lock(client);
    int fd = client_watch_open(client, NULL) == BASE_OK ? client->watch.fd : -1;
    client_unlock(client);
    return fd;
}

static void cancel(struct hirsch_client *client, struct client_call *call, const char *why)
{
    base_fail(&call->failure.error, BASE_CANCELLED, "%s", why);
    client_core_finish(client, call);
}

enum hirsch_code hirsch_cancel(hirsch_client *client, hirsch_ticket ticket)
{
    enum hirsch_code code = HIRSCH_NOT_FOUND;
    client_lock(client);
    struct client_call *call = client_lookup_ticket(client, ticket);
    if (call != NULL && call->waiter == NULL) {
        cancel(client, call, "the caller cancelled the call");
        code = HIRSCH_OK;
    }
    client_unlock(client);
    return code;
}

void client_async_close(struct hirsch_client *client)
{
    client_lock(client);
    client->closing = true;
    while (!client_link_empty(&client->active)) {
        struct client_call *call = CLIENT_OF(client->active.next, struct client_call, active);
        BASE_ASSERT(call->waiter == NULL);
        cancel(client, call, "the client was closed before the answer came");
    }
    while (run_finished(client) > 0) {
        /* No new ones are started. */
    }
    client_unlock(client);
}
