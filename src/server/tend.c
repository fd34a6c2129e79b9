#include "server/tend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/handler.h"
#include "rpc/access.h"
#include "server/access_line.h"
#include "server/options.h"

static const char *from_environment(const char *name)
{
    return getenv(name);
}

static void tell(const char *message, const struct rpc_event *event, const char *peer, bool times)
{
    struct base_log_pair pairs[SERVER_ACCESS_PAIRS];
    size_t count = server_access_pairs(event, peer, times, pairs);
    base_log_pairs(BASE_LOG_WARN, message, pairs, count);
}

static void on_refused(void *state, const struct rpc_event *event)
{
    struct server_tend *tend = state;
    char peer[NET_PEER] = "";
    if (server_throttle_admit(&tend->refused_lines, base_clock_monotonic_ns())) {
        net_request_peer(event->asked, peer);
        tell("call refused", event, peer, false);
    }
}

static void on_slow(void *state, const struct rpc_event *event)
{
    struct server_tend *tend = state;
    if (server_throttle_admit(&tend->slow_lines, base_clock_monotonic_ns())) {
        tell("slow request", event, NULL, true);
    }
}

static void tell_left_out(struct server_throttle *throttle, const char *message)
{
    struct base_log_pair count = {
        "left_out", {NULL, 0}, server_throttle_left_out(throttle, base_clock_monotonic_ns())};
    if (count.number > 0) {
        base_log_pairs(BASE_LOG_WARN, message, &count, 1);
    }
}

static void apply(struct server_tend *tend)
{
    const struct server_settings *settings = &tend->settings;
    const struct rpc_key_limits limits = {.rate = settings->key_rate,
                                          .in_flight = settings->key_in_flight};
    base_log_level_named(settings->log_level);
    base_log_format_named(settings->log_format);
    rpc_server_set_timeouts(tend->rpc, settings->default_timeout_ms, settings->max_timeout_ms);
    rpc_server_set_slow(tend->rpc, (uint64_t)settings->slow_request_ms * 1000000);
    rpc_access_limit(rpc_server_access(tend->rpc), &limits);
}

/* A daemon that had keys never opens its doors to everybody because a file went away. */
static enum base_code take_keys(struct server_tend *tend, struct base_error *error)
{
    struct rpc_keys *keys = NULL;
    enum base_code code = server_keys_read(tend->settings.data, &keys, error);
    if (code == BASE_OK && keys == NULL && tend->keyed) {
        base_log(BASE_LOG_ERROR, "%s/keys is gone: nobody may call until it is back",
                 tend->settings.data);
        code = rpc_keys_new(&keys, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    size_t count = keys == NULL ? 0 : rpc_keys_count(keys);
    bool keyed = keys != NULL;
    code = rpc_access_replace(rpc_server_access(tend->rpc), keys, error);
    if (code == BASE_OK && keyed) {
        tend->keyed = true;
        base_log(BASE_LOG_INFO, "%zu keys are in force", count);
    }
    return code;
}

enum base_code server_tend_begin(struct server_tend *tend, const struct server_settings *settings,
                                 struct rpc_server *rpc, struct base_error *error)
{
    const struct rpc_watch watch = {.state = tend, .refused = on_refused, .slow = on_slow};
    *tend = (struct server_tend){.settings = *settings, .rpc = rpc, .ready = true};
    server_throttle_init(&tend->refused_lines);
    server_throttle_init(&tend->slow_lines);
    rpc_server_watch(rpc, &watch);
    apply(tend);
    (void)server_keys_changed(settings->data, &tend->stamp);
    return take_keys(tend, error);
}

void server_tend_end(struct server_tend *tend)
{
    server_throttle_fini(&tend->slow_lines);
    server_throttle_fini(&tend->refused_lines);
}

/* What could not be read is tried again, since a file that stays as it is would never be looked at
 * again, and a revoked key would be good until the daemon ends. */
static void look_at_keys(struct server_tend *tend)
{
    struct base_error error;
    bool changed = server_keys_changed(tend->settings.data, &tend->stamp);
    if (!changed && tend->refused.code == BASE_OK) {
        return;
    }
    if (take_keys(tend, &error) == BASE_OK) {
        tend->refused = (struct base_error){.code = BASE_OK};
        return;
    }
    if (changed || strcmp(error.text, tend->refused.text) != 0) {
        base_log(BASE_LOG_ERROR, "the keys from before stay in force: %s", error.text);
    }
    tend->refused = error;
}

void server_tend_look(struct server_tend *tend)
{
    look_at_keys(tend);
    tell_left_out(&tend->refused_lines, "calls refused, too many for a line each");
    tell_left_out(&tend->slow_lines, "slow requests, too many for a line each");
    bool ready = server_ops_ready(tend->ops);
    rpc_server_ready(tend->rpc, ready);
    if (ready != tend->ready) {
        tend->ready = ready;
        base_log(ready ? BASE_LOG_INFO : BASE_LOG_WARN, ready ? "ready again" : "not ready");
    }
}

static void tell_change(void *state, const struct server_option *option)
{
    unsigned *others = state;
    if (server_options_among(server_options_reloaded, option->name)) {
        base_log(BASE_LOG_INFO, "option %s is taken over", option->name);
    } else {
        base_log(BASE_LOG_WARN, "option %s has changed and needs a restart", option->name);
        ++*others;
    }
}

/* Everything but what is taken over stays as it was. */
static void take_over(struct server_settings *settings, const struct server_settings *fresh)
{
    settings->default_timeout_ms = fresh->default_timeout_ms;
    settings->max_timeout_ms = fresh->max_timeout_ms;
    settings->key_rate = fresh->key_rate;
    settings->key_in_flight = fresh->key_in_flight;
    settings->drain_delay_ms = fresh->drain_delay_ms;
    settings->drain_timeout_ms = fresh->drain_timeout_ms;
    settings->log_level = fresh->log_level;
    settings->log_format = fresh->log_format;
    settings->slow_request_ms = fresh->slow_request_ms;
}

void server_tend_reload(struct server_tend *tend)
{
    struct base_error error;
    struct server_settings fresh;
    unsigned others = 0;
    enum base_code code = server_options_settle(tend->settings.options, "serve", NULL,
                                                from_environment, &fresh, &error);
    if (code == BASE_OK) {
        code = server_settings_check(&fresh, &error);
    }
    if (code != BASE_OK) {
        base_log(BASE_LOG_ERROR, "nothing is reloaded: %s", error.text);
        return;
    }
    server_settings_compare(&tend->settings, &fresh, tell_change, &others);
    take_over(&tend->settings, &fresh);
    apply(tend);
    server_tend_look(tend);
    base_log(BASE_LOG_INFO, "reloaded");
}
