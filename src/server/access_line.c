#include "server/access_line.h"

#include <string.h>

/* Text that is not there is left out of the line. */
static struct base_slice text_or_none(const char *text)
{
    return text == NULL ? base_slice("", 0) : base_slice_text(text);
}

static struct base_slice slice_or_none(struct base_slice slice)
{
    return slice.data == NULL ? base_slice("", 0) : slice;
}

size_t server_access_pairs(const struct rpc_event *event, const char *peer, bool times,
                           struct base_log_pair pairs[SERVER_ACCESS_PAIRS])
{
    const struct base_log_pair made[SERVER_ACCESS_PAIRS] = {
        {"method", slice_or_none(event->method), 0},
        {"code", base_slice_text(base_code_name(event->code)), 0},
        {"reason", text_or_none(event->reason), 0},
        {"key", text_or_none(event->key), 0},
        {"peer", text_or_none(peer), 0},
        {"request_id", slice_or_none(event->request_id), 0},
        {"traceparent", slice_or_none(event->traceparent), 0},
        {"waited_us", {NULL, 0}, event->waited_ns / 1000},
        {event->later ? "later_us" : "worked_us", {NULL, 0}, event->worked_ns / 1000},
    };
    memcpy(pairs, made, sizeof made);
    return times ? SERVER_ACCESS_PAIRS : SERVER_ACCESS_PAIRS - 2;
}
