/* hirschd compact: the store without free pages. */
#include <inttypes.h>
#include <stdio.h>

#include "base/exit.h"
#include "server/child.h"
#include "server/job.h"
#include "store/compact.h"
#include "store/lock.h"

static int compact(const struct server_settings *settings, const char *argument)
{
    (void)argument;
    struct store_compact_report report;
    struct store_lock *lock;
    struct base_error error;
    enum base_code code = store_lock_take_present(settings->data, "compact", &lock, &error);
    if (code == BASE_RESOURCE_EXHAUSTED) {
        fprintf(stderr,
                "hirschd: compact: %s\n"
                "hirschd: compact: it rewrites the store, which nobody may use meanwhile. A daemon "
                "uses free pages again by itself; compacting only gives their room back to the "
                "disk\n",
                error.text);
        return BASE_EXIT_RETRY;
    }
    if (code == BASE_OK) {
        code = store_compact(settings->data, settings->map_size, &server_stop_requested, &report,
                             &error);
        store_lock_release(lock);
    }
    if (code != BASE_OK) {
        fprintf(stderr, "hirschd: compact: %s\n", error.text);
        return base_exit_of(code);
    }
    if (!settings->quiet) {
        printf("%" PRIu64 " rows, %.1f MB before, %.1f MB now\n", report.rows,
               (double)report.before / 1e6, (double)report.after / 1e6);
    }
    return BASE_EXIT_OK;
}

static int run(const struct server_settings *settings, int argument_count, char **arguments)
{
    (void)argument_count;
    (void)arguments;
    return server_child_run("compact", "nothing has changed; restore a backup or import again",
                            compact, settings, NULL);
}

const struct server_job server_job_compact = {
    .name = "compact",
    .arguments = "",
    .summary = "Rewrites the store without free pages",
    .help =
        "Copies all rows in order into a fresh generation and puts it in the place of the present\n"
        "one, so that pages which deletes and changes left free go back to the disk. Sequence\n"
        "and epoch stay. Needs the directory for itself and room for both; may be killed at any\n"
        "moment.\n"
        "\n"
        "Examples:\n"
        "  hirschd compact --data DIR\n",
    .options = "data map-size quiet",
    .takes_arguments = false,
    .run = run,
};
