#include "server/background.h"

#include <inttypes.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "server/packer.h"
#include "store/refresh.h"

enum { LEAST_MS = 60000, TIMES = 10 };

void server_background_init(struct server_background *background)
{
    pthread_condattr_t monotonic;
    *background = (struct server_background){.running = false};
    pthread_mutex_init(&background->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&background->woken, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

void server_background_fini(struct server_background *background)
{
    pthread_cond_destroy(&background->woken);
    pthread_mutex_destroy(&background->lock);
}

static bool is_stopped(void *context)
{
    struct server_background *background = context;
    return atomic_load_explicit(&background->stop, memory_order_relaxed);
}

static struct service_refresh *take_asked(struct server_background *background)
{
    pthread_mutex_lock(&background->lock);
    struct service_refresh *asked = background->asked;
    background->asked = NULL;
    pthread_mutex_unlock(&background->lock);
    return asked;
}

static void answer(struct service_refresh *asked, enum base_code code,
                   const struct base_error *error, const struct service_refreshed *refreshed)
{
    while (asked != NULL) {
        struct service_refresh *next = asked->next;
        service_refresh_done(asked, code, error, refreshed);
        asked = next;
    }
}

static void answer_stopping(struct service_refresh *asked)
{
    struct base_error error;
    if (asked != NULL) {
        answer(asked, base_fail(&error, BASE_UNAVAILABLE, "the daemon stops; ask the next one"),
               &error, NULL);
    }
}

static void tell(enum base_code code, const struct base_error *error,
                 const struct store_refresh_report *report, uint64_t took_ms)
{
    if (code == BASE_OK && !report->unchanged) {
        base_log(BASE_LOG_INFO,
                 "%u cohorts of %u papers refreshed at sequence %" PRIu64 " in %" PRIu64 " ms",
                 report->refreshed.cohorts, report->refreshed.members, report->refreshed.sequence,
                 took_ms);
    } else if (code != BASE_OK && code != BASE_CANCELLED) {
        base_log(BASE_LOG_WARN, "cohorts were not refreshed: %s", error->text);
    }
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
    struct service_refresh *asked = take_asked(background);
    uint64_t begin = base_clock_monotonic_ns();
    enum base_code code = store_refresh(background->store, &options, &report, &error);
    uint64_t took_ms = (base_clock_monotonic_ns() - begin) / 1000000;
    tell(code, &error, &report, took_ms);
    if (code == BASE_OK) {
        const struct service_refreshed refreshed = {
            report.refreshed.sequence, report.refreshed.cohorts, report.refreshed.members};
        answer(asked, BASE_OK, NULL, &refreshed);
    } else if (code == BASE_CANCELLED) {
        answer_stopping(asked);
    } else {
        answer(asked, code, &error, NULL);
    }
    return took_ms * TIMES > LEAST_MS ? took_ms * TIMES : LEAST_MS;
}

/* Until the time is over, somebody asks, or the daemon stops. */
static void rest(struct server_background *background, uint64_t rest_ms)
{
    uint64_t end_ns = base_clock_monotonic_ns() + rest_ms * 1000000;
    const struct timespec end = {(time_t)(end_ns / 1000000000), (long)(end_ns % 1000000000)};
    int waited = 0;
    pthread_mutex_lock(&background->lock);
    while (waited == 0 && background->asked == NULL && !is_stopped(background)) {
        waited = pthread_cond_timedwait(&background->woken, &background->lock, &end);
    }
    pthread_mutex_unlock(&background->lock);
}

static void *run(void *context)
{
    struct server_background *background = context;
    while (!is_stopped(background)) {
        rest(background, refresh(background));
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

void server_background_ask(void *context, struct service_refresh *refresh)
{
    struct server_background *background = context;
    pthread_mutex_lock(&background->lock);
    bool ended = background->ended;
    if (!ended) {
        refresh->next = background->asked;
        background->asked = refresh;
        pthread_cond_signal(&background->woken);
    }
    pthread_mutex_unlock(&background->lock);
    if (ended) {
        answer_stopping(refresh);
    }
}

void server_background_end(struct server_background *background)
{
    pthread_mutex_lock(&background->lock);
    background->ended = true;
    atomic_store(&background->stop, true);
    pthread_cond_signal(&background->woken);
    pthread_mutex_unlock(&background->lock);
    if (background->running) {
        pthread_join(background->thread, NULL);
        background->running = false;
    }
    answer_stopping(take_asked(background));
}
