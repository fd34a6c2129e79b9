/* hirschd refresh: computes the cohorts that percentile and fwci stand on. */
#include <inttypes.h>
#include <stdio.h>

#include "base/exit.h"
#include "server/job.h"
#include "server/local.h"
#include "server/packer.h"
#include "service/refresh.h"
#include "store/lock.h"
#include "store/refresh.h"
#include "wire/messages.h"
#include "wire/unpack.h"

enum {
    ASK_MS = 60000,
    /* A refresh of a large store takes its time; a daemon that goes away is noticed at once. */
    ANSWER_MS = 24 * 60 * 60 * 1000,
};

static bool is_stopped(void *context)
{
    (void)context;
    return server_stop_requested != 0;
}

static enum base_code read_answer(const struct wire_response *response,
                                  struct store_refresh_report *report, struct base_error *error)
{
    struct base_arena arena;
    ProtobufCMessage *message = NULL;
    if (response->code != BASE_OK) {
        enum base_code told =
            response->code <= BASE_UNAUTHENTICATED ? (enum base_code)response->code : BASE_UNKNOWN;
        return base_fail(error, told, "%.*s", BASE_PRINT(response->message));
    }
    base_arena_init(&arena, 0);
    enum base_code code =
        wire_unpack(&hirsch__v1__refresh_cohorts_response__descriptor, response->payload,
                    &wire_reply_limits, &arena, &message, error);
    if (code == BASE_OK) {
        const Hirsch__V1__RefreshCohortsResponse *answer = (const void *)message;
        *report = (struct store_refresh_report){
            .refreshed = {.sequence = answer->sequence,
                          .cohorts = answer->cohort_count,
                          .members = answer->paper_count},
        };
    }
    base_arena_fini(&arena);
    return code;
}

/* By the daemon that holds the directory. NOT_FOUND: there is none. */
static enum base_code ask_daemon(const char *directory, struct store_refresh_report *report,
                                 struct base_error *error)
{
    struct server_local *local = NULL;
    struct wire_response response;
    uint32_t id;
    enum base_code code = server_local_connect(directory, &local, error);
    if (code != BASE_OK) {
        return code;
    }
    code = server_local_send(local, 1, BASE_SLICE(SERVICE_REFRESH_COHORTS), ASK_MS, NULL, 0,
                             base_slice(NULL, 0), error);
    if (code == BASE_OK) {
        code = server_local_receive(local, ANSWER_MS, &id, &response, error);
    }
    if (code == BASE_OK) {
        code = read_answer(&response, report, error);
    }
    server_local_close(local);
    return code;
}

static enum base_code refresh(const struct server_settings *settings,
                              struct store_refresh_report *report, bool *by_daemon,
                              struct base_error *error)
{
    struct store_lock *lock = NULL;
    struct store *store = NULL;
    struct base_error asking;
    const struct store_refresh_options options = {
        .directory = settings->data,
        .memory = (size_t)settings->memory,
        .packer = server_packer(),
        .stop = is_stopped,
    };
    enum base_code code = store_lock_take_present(settings->data, "refresh", &lock, error);
    if (code == BASE_RESOURCE_EXHAUSTED) {
        enum base_code asked = ask_daemon(settings->data, report, &asking);
        if (asked == BASE_NOT_FOUND) {
            return code; /* held by a job: whose is said */
        }
        *by_daemon = true;
        *error = asking;
        return asked;
    }
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
    bool by_daemon = false;
    enum base_code code = refresh(settings, &report, &by_daemon, &error);
    if (code != BASE_OK) {
        fprintf(stderr, "hirschd: refresh: %s\n", error.text);
        return base_exit_of(code);
    }
    const struct store_refreshed *done = &report.refreshed;
    if (report.unchanged) {
        printf("nothing has changed since sequence %" PRIu64 "\n", done->sequence);
    } else if (by_daemon) {
        printf("%u cohorts of %u papers at sequence %" PRIu64 ", by the daemon\n", done->cohorts,
               done->members, done->sequence);
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
        "their counts. A daemon refreshes by itself from time to time; when one holds the\n"
        "directory, this asks it to do so now and waits until it is done. Cut off at any moment,\n"
        "it leaves the last refresh in place.\n"
        "\n"
        "Examples:\n"
        "  hirschd refresh --data DIR\n",
    .options = "data map-size memory",
    .takes_arguments = false,
    .run = run,
};
