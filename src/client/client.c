#include "hirsch/client.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/clock.h"
#include "client/async.h"
#include "client/key.h"

/* Ids that start anywhere, so that an answer to a process that ended is not taken for one of this
 * process. */
static uint64_t random_start(void)
{
    uint64_t start = 0;
    if (getrandom(&start, sizeof start, GRND_NONBLOCK) != (ssize_t)sizeof start) {
        start = base_clock_monotonic_ns();
    }
    return start | 1;
}

static enum base_code open_endpoints(struct hirsch_client *client, struct base_error *error)
{
    const struct client_settings *settings = &client->settings;
    for (size_t i = 0; i < settings->slot_count; i++) {
        const char *url = i < settings->endpoint_count ? settings->endpoints[i] : settings->writer;
        struct client_endpoint **endpoint = &client->slots[i].endpoint;
        enum base_code code = client_endpoint_open(url, settings->max_reply_bytes, endpoint, error);
        if (code == BASE_OK) {
            code = client_core_watch(client, i, error);
        }
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}

enum hirsch_code hirsch_open(const struct hirsch_options *options, hirsch_client **client,
                             hirsch_error **error)
{
    struct client_failure failure = CLIENT_FAILURE_NONE;
    struct base_allocator hooks;
    const struct base_allocator *allocator = client_allocator_read(options, &hooks);
    struct hirsch_client *made = client_result_new(allocator, sizeof *made);
    if (made == NULL) {
        base_fail(&failure.error, BASE_INTERNAL, "memory is out");
        return client_fail(allocator, error, &failure);
    }
    made->random = random_start();
    made->next_ticket = made->random >> 1;
    made->next_slot = (size_t)(made->random >> 3);
    enum base_code code = client_core_init(made, &failure.error);
    if (code == BASE_OK) {
        code = client_settings_read(options, getenv("HIRSCH_SERVER"), client_result_arena(made),
                                    &made->settings, &failure.error);
    }
    if (code == BASE_OK) {
        code = client_key_read(options, getenv("HIRSCH_KEY"), client_result_arena(made),
                               &made->settings.authorization, &failure.error);
    }
    if (code == BASE_OK) {
        code = open_endpoints(made, &failure.error);
    }
    if (code != BASE_OK) {
        enum hirsch_code public_code = client_fail(allocator, error, &failure);
        hirsch_close(made);
        return public_code;
    }
    *client = made;
    return HIRSCH_OK;
}

void hirsch_close(hirsch_client *client)
{
    if (client == NULL) {
        return;
    }
    client_async_close(client);
    for (size_t i = 0; i < CLIENT_SLOTS; i++) {
        client_endpoint_close(client->slots[i].endpoint);
    }
    client_core_fini(client);
    hirsch_free(client);
}
