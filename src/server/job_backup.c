/* hirschd backup: one snapshot of the store into a folder or a pipe, beside a daemon. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/exit.h"
#include "server/backup_folder.h"
#include "server/child.h"
#include "server/job.h"
#include "store/backup.h"
#include "store/restore.h"

struct backup_run {
    struct server_output output;
    uint64_t bytes;
};

static enum base_code on_bytes(void *context, struct base_slice bytes, struct base_error *error)
{
    struct backup_run *run = context;
    run->bytes += bytes.size;
    return server_output_write(&run->output, bytes, error);
}

/* path NULL: standard output. */
static enum base_code write_rows(const struct server_settings *settings, const char *path,
                                 struct store_manifest *manifest, uint64_t *bytes,
                                 struct base_error *error)
{
    struct backup_run run = {.bytes = 0};
    enum base_code code = server_output_open(path, &run.output, error);
    if (code != BASE_OK) {
        return code;
    }
    const struct store_backup_options options = {
        .directory = settings->data,
        .map_size = settings->map_size,
        .created = model_time_of_unix(base_clock_unix_us()),
        .context = &run,
        .write = on_bytes,
        .stop = &server_stop_requested,
    };
    struct base_error ignored;
    code = store_backup(&options, manifest, error);
    enum base_code closed =
        server_output_close(&run.output, code == BASE_OK, code == BASE_OK ? error : &ignored);
    *bytes = run.bytes;
    return code == BASE_OK ? closed : code;
}

/* Reads what was written, from its first to its last byte. */
static enum base_code read_back(const char *path, struct base_error *error)
{
    struct server_backup_source source;
    struct store_manifest manifest;
    enum base_code code = server_backup_source_open(path, &source, error);
    if (code != BASE_OK) {
        return code;
    }
    const struct store_restore_options options = {
        .context = &source, .read = server_backup_source_read, .stop = &server_stop_requested};
    code = store_restore(&options, &manifest, error);
    if (code != BASE_OK) {
        base_error_prefix(error, "read back %s", path);
    }
    server_backup_source_close(&source);
    return code;
}

static enum base_code into_folder(const struct server_settings *settings, const char *folder,
                                  struct store_manifest *manifest, uint64_t *bytes,
                                  struct base_error *error)
{
    bool made;
    int lock;
    char *rows = NULL;
    enum base_code code = server_backup_folder_make(folder, &made, &lock, error);
    if (code != BASE_OK) {
        return code;
    }
    code = server_backup_folder_path(folder, "rows", &rows, error);
    if (code == BASE_OK) {
        code = write_rows(settings, rows, manifest, bytes, error);
    }
    if (code == BASE_OK) {
        code = read_back(rows, error);
        if (code != BASE_OK) {
            unlink(rows);
        }
    }
    if (code == BASE_OK) {
        code = server_backup_folder_finish(folder, manifest, error);
    }
    if (code != BASE_OK && made) {
        rmdir(folder);
    }
    free(rows);
    close(lock);
    return code;
}

static int backup(const struct server_settings *settings, const char *target)
{
    bool piped = strcmp(target, "-") == 0;
    struct store_manifest manifest;
    struct base_error error;
    uint64_t bytes = 0;
    enum base_code code = piped ? write_rows(settings, NULL, &manifest, &bytes, &error)
                                : into_folder(settings, target, &manifest, &bytes, &error);
    if (code != BASE_OK) {
        fprintf(stderr, "hirschd: backup: %s\n", error.text);
        return code == BASE_ALREADY_EXISTS ? BASE_EXIT_CANT_CREATE : base_exit_of(code);
    }
    if (!settings->quiet) {
        fprintf(piped ? stderr : stdout,
                "%s: sequence %" PRIu64 ", %" PRIu64 " papers, %" PRIu64 " authors, %" PRIu64
                " citations, %.1f MB%s\n",
                piped ? "backup" : target, manifest.info.sequence, manifest.info.paper_count,
                manifest.info.author_count, manifest.info.citation_count, (double)bytes / 1e6,
                piped ? "" : ", read back whole");
    }
    return BASE_EXIT_OK;
}

static int run(const struct server_settings *settings, int argument_count, char **arguments)
{
    if (argument_count != 1) {
        fprintf(stderr, "hirschd: backup needs one folder to make, or - for standard output; see "
                        "hirschd help backup\n");
        return BASE_EXIT_USAGE;
    }
    if (strcmp(arguments[0], "-") == 0 && isatty(STDOUT_FILENO)) {
        fprintf(stderr, "hirschd: backup: standard output is a terminal; send it to a file or "
                        "another program\n");
        return BASE_EXIT_USAGE;
    }
    return server_child_run("backup", "restore an older backup, or import again", backup, settings,
                            arguments[0]);
}

const struct server_job server_job_backup = {
    .name = "backup",
    .arguments = "DIR|-",
    .summary = "Writes one snapshot of the store, beside a daemon",
    .help =
        "Makes the folder DIR with the files rows and MANIFEST, or writes the same stream to\n"
        "standard output. Every checksum is checked on the way; in a folder all is synced to the\n"
        "disk and read back before MANIFEST appears, so a folder with MANIFEST is a whole backup.\n"
        "MANIFEST says sequence, counts, and rows, bytes and hash of each table. Keys are not in\n"
        "it: copy the file keys of the data directory, or create new ones.\n"
        "\n"
        "Exit codes: 0 done, 4 nothing to back up, 73 DIR is there already, 74 the store is\n"
        "damaged, 75 no room, 130 interrupted.\n"
        "\n"
        "Examples:\n"
        "  hirschd backup --data DIR /backups/2026-01-31\n"
        "  hirschd backup --data DIR - | ssh other hirschd restore --data DIR -\n",
    .options = "data map-size quiet",
    .takes_arguments = true,
    .run = run,
};
