#include "hirsch/client.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/clock.h"
#include "client/call.h"

/* Ids that start anywhere, so that an answer to a process that ended is not taken for one of this
 * process. */
static uint32_t random_start(void)
{
    uint32_t start = 0;
    if (getrandom(&start, sizeof start, GRND_NONBLOCK) != (ssize_t)sizeof start) {
        start = (uint32_t)base_clock_monotonic_ns();
    }
    return start;
}

static enum base_code open_endpoints(struct hirsch_client *client, struct base_error *error)
{
    for (size_t i = 0; i < client->settings.endpoint_count; i++) {
        enum base_code code =
            client_endpoint_open(client->settings.endpoints[i], client->settings.max_reply_bytes,
                                 &client->endpoints[i], error);
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
    struct hirsch_client *made = calloc(1, sizeof *made);
    if (made == NULL) {
        base_fail(&failure.error, BASE_INTERNAL, "memory is out");
        return client_fail(error, &failure);
    }
    base_arena_init(&made->arena, 0);
    atomic_init(&made->next_id, random_start());
    atomic_init(&made->next_endpoint, random_start());
    enum base_code code = client_settings_read(options, getenv("HIRSCH_SERVER"), &made->arena,
                                               &made->settings, &failure.error);
    if (code == BASE_OK) {
        code = open_endpoints(made, &failure.error);
    }
    if (code != BASE_OK) {
        enum hirsch_code public_code = client_fail(error, &failure);
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
    for (size_t i = 0; i < HIRSCH_MAX_ENDPOINTS; i++) {
        client_endpoint_close(client->endpoints[i]);
    }
    base_arena_fini(&client->arena);
    free(client);
}
