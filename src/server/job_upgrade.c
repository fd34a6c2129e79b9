/* hirschd upgrade: a store of an older format brought to the present one. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/exit.h"
#include "server/child.h"
#include "server/job.h"
#include "server/packer.h"
#include "store/build.h"
#include "store/lock.h"
#include "store/meta.h"

static enum base_code rebuild(const struct server_settings *settings,
                              struct store_build_report *report, struct base_error *error)
{
    model_time now = model_time_of_unix(base_clock_unix_us());
    const struct store_build_options options = {
        .directory = settings->data,
        .workers = 1,
        .memory = (size_t)settings->memory,
        .map_size = settings->map_size,
        .today = model_time_day(now),
        .coverage_end = MODEL_NO_DAY,
        .time = now,
        .packer = server_packer(),
        .upgrade = true,
        .stop = &server_stop_requested,
    };
    struct store_build *build;
    enum base_code code = store_build_new(&options, &build, error);
    if (code == BASE_OK) {
        code = store_build_finish(build, report, error);
        store_build_free(build);
    }
    return code;
}

static int upgrade(const struct server_settings *settings, const char *argument)
{
    (void)argument;
    struct store *present;
    struct store_lock *lock;
    struct store_build_report report;
    struct base_error error;
    enum base_code code = store_lock_take_present(settings->data, "upgrade", &lock, &error);
    if (code != BASE_OK) {
        fprintf(stderr, "hirschd: upgrade: %s\n", error.text);
        return base_exit_of(code);
    }
    code = store_open(settings->data, settings->map_size, &present, &error);
    if (code == BASE_OK) {
        store_close(present);
        store_lock_release(lock);
        printf("the store has format %d already; there is nothing to do\n", STORE_FORMAT);
        return BASE_EXIT_OK;
    }
    if (code == BASE_FAILED_PRECONDITION) {
        code = rebuild(settings, &report, &error);
    }
    store_lock_release(lock);
    if (code != BASE_OK) {
        fprintf(stderr, "hirschd: upgrade: %s\n", error.text);
        return base_exit_of(code);
    }
    printf("the store has format %d now: %" PRIu64 " source records, %" PRIu64 " papers, %" PRIu64
           " authors, %.1f MB\n",
           STORE_FORMAT, report.derived.sources, report.derived.papers, report.derived.authors,
           (double)report.bytes / 1e6);
    return BASE_EXIT_OK;
}

static int run(const struct server_settings *settings, int argument_count, char **arguments)
{
    (void)argument_count;
    (void)arguments;
    return server_child_run("upgrade", "nothing has changed; restore a backup or import again",
                            upgrade, settings, NULL);
}

const struct server_job server_job_upgrade = {
    .name = "upgrade",
    .arguments = "",
    .summary = "Brings a store of an older format to the present one",
    .help =
        "Derives everything anew from the source records into a fresh generation and puts it in\n"
        "the place of the old one, as an import does: all or nothing, and it may be killed at any\n"
        "moment. Needs the directory for itself and room for both. A store that a later version\n"
        "wrote is refused.\n"
        "\n"
        "Examples:\n"
        "  hirschd upgrade --data DIR\n",
    .options = "data map-size memory quiet",
    .takes_arguments = false,
    .run = run,
};
