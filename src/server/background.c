#include "server/background.h"

#include <inttypes.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "server/packer.h"
#include "store/refresh.h"

enum { LEAST_MS = 60000, LOOK_MS = 100, TIMES = 10 };

static bool is_stopped(void *context)
{
    struct server_background *background = context;
    return atomic_load_explicit(&background->stop, memory_order_relaxed);
}

/* Milliseconds until the next one. */
static uint64_t refresh(struct server_background *background)
{
    const struct store_refresh_options options = {
        .directory = background->settings->data,
        .memory = (size_t)background->settings->memory,
        .packer = server_packer(),
        .stop = is_stopped,
        .context = background,
    };
    struct store_refresh_report report;
    struct base_error error;
    uint64_t begin = base_clock_monotonic_ns();
    enum base_code code = store_refresh(background->store, &options, &report, &error);
    uint64_t took_ms = (base_clock_monotonic_ns() - begin) / 1000000;
    if (code == BASE_OK && !report.unchanged) {
        base_log(BASE_LOG_INFO,
                 "%u cohorts of %u papers refreshed at sequence %" PRIu64 " in %" PRIu64 " ms",
                 report.refreshed.cohorts, report.refreshed.members, report.refreshed.sequence,
                 took_ms);
    } else if (code != BASE_OK && code != BASE_CANCELLED) {
        base_log(BASE_LOG_WARN, "cohorts were not refreshed: %s", error.text);
    }
    return took_ms * TIMES > LEAST_MS ? took_ms * TIMES : LEAST_MS;
}

static void *run(void *context)
{
    struct server_background *background = context;
    while (!is_stopped(background)) {
        uint64_t left_ms = refresh(background);
        while (left_ms > 0 && !is_stopped(background)) {
            const struct timespec look = {0, LOOK_MS * 1000000L};
            nanosleep(&look, NULL);
            left_ms -= left_ms < LOOK_MS ? left_ms : LOOK_MS;
        }
    }
    return NULL;
}

enum base_code server_background_begin(struct server_background *background,
                                       const struct server_settings *settings, struct store *store,
                                       struct base_error *error)
{
    background->settings = settings;
    background->store = store;
    atomic_store(&background->stop, false);
    if (pthread_create(&background->thread, NULL, run, background) != 0) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no thread for the refresh of cohorts");
    }
    background->running = true;
    return BASE_OK;
}

void server_background_end(struct server_background *background)
{
    if (background->running) {
        atomic_store(&background->stop, true);
        pthread_join(background->thread, NULL);
        background->running = false;
    }
}
