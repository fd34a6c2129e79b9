/* hirschd refresh: computes the cohorts that percentile and fwci stand on. */
#include <inttypes.h>
#include <stdio.h>

#include "base/exit.h"
#include "server/job.h"
#include "server/packer.h"
#include "store/lock.h"
#include "store/refresh.h"

static bool is_stopped(void *context)
{
    (void)context;
    return server_stop_requested != 0;
}

static enum base_code refresh(const struct server_settings *settings,
                              struct store_refresh_report *report, struct base_error *error)
{
    struct store_lock *lock = NULL;
    struct store *store = NULL;
    const struct store_refresh_options options = {
        .directory = settings->data,
        .memory = (size_t)settings->memory,
        .packer = server_packer(),
        .stop = is_stopped,
    };
    enum base_code code = store_lock_take(settings->data, "refresh", &lock, error);
    if (code == BASE_OK) {
        code = store_open_writable(settings->data, settings->map_size, &store, error);
    }
    if (code == BASE_OK) {
        code = store_refresh(store, &options, report, error);
    }
    store_close(store);
    store_lock_release(lock);
    return code;
}

static int run(const struct server_settings *settings, int argument_count, char **arguments)
{
    (void)argument_count;
    (void)arguments;
    struct store_refresh_report report;
    struct base_error error;
    enum base_code code = refresh(settings, &report, &error);
    if (code != BASE_OK) {
        fprintf(stderr, "hirschd: refresh: %s\n", error.text);
        return base_exit_of(code);
    }
    const struct store_refreshed *done = &report.refreshed;
    if (report.unchanged) {
        printf("nothing has changed since sequence %" PRIu64 "\n", done->sequence);
    } else {
        printf("%u cohorts of %u papers at sequence %" PRIu64 ", %" PRIu64 " papers counted anew\n",
               done->cohorts, done->members, done->sequence, report.recounted);
    }
    return BASE_EXIT_OK;
}

const struct server_job server_job_refresh = {
    .name = "refresh",
    .arguments = "",
    .summary = "Computes the cohorts that percentile and fwci stand on",
    .help =
        "Groups all dated papers by year, primary field and kind, and counts their citations at\n"
        "the dataset's coverage end. Papers that no change touched since the last refresh keep\n"
        "their counts. Needs the directory for itself; a daemon refreshes by itself, so beside\n"
        "one there is nothing to do. Cut off at any moment, it leaves the last refresh in "
        "place.\n"
        "\n"
        "Examples:\n"
        "  hirschd refresh --data DIR\n",
    .options = "data map-size memory",
    .takes_arguments = false,
    .run = run,
};
