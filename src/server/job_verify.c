/* hirschd verify: is the store whole and does every number follow from its records? */
#include <inttypes.h>
#include <stdio.h>

#include "base/exit.h"
#include "server/child.h"
#include "server/job.h"
#include "server/machine.h"
#include "server/packer.h"
#include "store/verify.h"

/* Faults told one by one; the rest is counted. */
enum { FAULTS_TOLD = 100 };

static void on_fault(void *context, const char *text)
{
    uint64_t *told = context;
    if ((*told)++ < FAULTS_TOLD) {
        printf("%s\n", text);
        fflush(stdout);
    }
}

static int verify(const struct server_settings *settings, const char *argument)
{
    (void)argument;
    uint64_t told = 0;
    struct store_verify_report report;
    struct base_error error;
    const struct store_verify_options options = {
        .directory = settings->data,
        .memory = (size_t)settings->memory,
        .map_size = settings->map_size,
        .threads = server_machine_cores(),
        .packer = server_packer(),
        .on_fault = on_fault,
        .context = &told,
        .stop = &server_stop_requested,
    };
    enum base_code code = store_verify(&options, &report, &error);
    if (code != BASE_OK) {
        fprintf(stderr, "hirschd: verify: %s\n", error.text);
        return base_exit_of(code);
    }
    if (report.faults > FAULTS_TOLD) {
        printf("… and %" PRIu64 " more\n", report.faults - FAULTS_TOLD);
    }
    if (report.faults > 0 && !report.read) {
        printf("%" PRIu64 " faults in the pages of the file, so no row was read; restore a backup, "
               "or import again into a new directory\n",
               report.faults);
        return BASE_EXIT_IO;
    }
    if (report.faults > 0) {
        printf("%" PRIu64 " faults in %" PRIu64 " rows%s; restore a backup, or export what is left "
               "and import it into a new directory\n",
               report.faults, report.rows,
               report.compared ? "" : " (source records are damaged, so nothing was recounted)");
        return BASE_EXIT_IO;
    }
    printf("clean: %" PRIu64 " rows, %" PRIu64 " papers, %" PRIu64 " stubs, %" PRIu64
           " authors, %" PRIu64 " citations recounted\n",
           report.rows, report.derived.papers, report.derived.stubs, report.derived.authors,
           report.derived.edges);
    return BASE_EXIT_OK;
}

static int run(const struct server_settings *settings, int argument_count, char **arguments)
{
    (void)argument_count;
    (void)arguments;
    return server_child_run("verify", "restore a backup or import again", verify, settings, NULL);
}

const struct server_job server_job_verify = {
    .name = "verify",
    .arguments = "",
    .summary = "Checks every checksum and recounts everything from the records",
    .help =
        "Walks every page of the file, reads every row, checks order and checksum, derives all\n"
        "tables anew from the source records and says what differs. Runs beside a daemon, on one\n"
        "snapshot. Damaged pages are told first; then no row is read, for LMDB trusts pages.\n"
        "\n"
        "Exit codes: 0 clean, 74 faults were found (each on a line of standard output).\n"
        "\n"
        "Examples:\n"
        "  hirschd verify --data DIR\n",
    .options = "data map-size memory",
    .takes_arguments = false,
    .run = run,
};
