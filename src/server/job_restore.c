/* hirschd restore: a backup into a data directory, or only a look at whether it is whole. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/exit.h"
#include "server/backup_folder.h"
#include "server/child.h"
#include "server/job.h"
#include "store/lock.h"
#include "store/meta.h"
#include "store/restore.h"

static enum base_code restore_from(const struct server_settings *settings,
                                   struct server_backup_source *source,
                                   struct store_manifest *manifest, struct base_error *error)
{
    const struct store_restore_options options = {
        .context = source,
        .read = server_backup_source_read,
        .manifest = base_buffer_slice(&source->manifest),
        .directory = settings->check ? NULL : settings->data,
        .map_size = settings->map_size,
        .stop = &server_stop_requested,
    };
    if (settings->check) {
        return store_restore(&options, manifest, error);
    }
    struct store_lock *lock;
    enum base_code code = store_lock_take(settings->data, "restore", &lock, error);
    if (code == BASE_OK) {
        code = store_restore(&options, manifest, error);
        store_lock_release(lock);
    }
    return code;
}

static int restore(const struct server_settings *settings, const char *name)
{
    struct server_backup_source source;
    struct store_manifest manifest;
    struct base_error error;
    enum base_code code = server_backup_source_open(name, &source, &error);
    if (code != BASE_OK) {
        fprintf(stderr, "hirschd: restore: %s\n", error.text);
        return code == BASE_NOT_FOUND ? BASE_EXIT_NO_INPUT : base_exit_of(code);
    }
    code = restore_from(settings, &source, &manifest, &error);
    server_backup_source_close(&source);
    if (code != BASE_OK) {
        fprintf(stderr, "hirschd: restore: %s\n", error.text);
        return base_exit_of(code);
    }
    if (!settings->quiet) {
        char created[MODEL_TIME_TEXT];
        model_time_text(manifest.created, created);
        printf("%s: whole, of %s, sequence %" PRIu64 ", %" PRIu64 " papers, %" PRIu64
               " authors, %" PRIu64 " citations\n",
               strcmp(name, "-") == 0 ? "backup" : name, created, manifest.info.sequence,
               manifest.info.paper_count, manifest.info.author_count, manifest.info.citation_count);
    }
    if (!settings->check && manifest.info.format < STORE_FORMAT_LEAST) {
        printf("the backup has store format %" PRIu32 "; before it serves run: hirschd upgrade "
               "--data %s\n",
               manifest.info.format, settings->data);
    }
    return BASE_EXIT_OK;
}

static int run(const struct server_settings *settings, int argument_count, char **arguments)
{
    if (argument_count != 1) {
        fprintf(stderr, "hirschd: restore needs one backup: a folder, a file, or - for standard "
                        "input; see hirschd help restore\n");
        return BASE_EXIT_USAGE;
    }
    return server_child_run("restore",
                            "the store that is there is damaged: restore into an empty "
                            "directory",
                            restore, settings, arguments[0]);
}

const struct server_job server_job_restore = {
    .name = "restore",
    .arguments = "DIR|FILE|-",
    .summary = "Reads a backup into the store, all or nothing",
    .help =
        "Checks every block, row and count, fills a fresh generation of the store and puts it in\n"
        "the place of the present one when all of it is on disk. The restored store has a new\n"
        "epoch, so that nobody takes it for the one that went on after the backup. A backup that\n"
        "is damaged, cut or of another dataset than the directory is refused, and nothing\n"
        "changes. Needs the directory for itself; run hirschd verify afterwards to recount.\n"
        "With --check it only reads the backup and says whether it is whole.\n"
        "\n"
        "Exit codes: 0 done, 65 no backup, 66 no such file, 74 damaged, 75 in use or no room,\n"
        "78 of another dataset or of a later version, 130 interrupted.\n"
        "\n"
        "Examples:\n"
        "  hirschd restore --data DIR /backups/2026-01-31\n"
        "  hirschd restore --check /backups/2026-01-31\n"
        "  ssh other hirschd backup --data DIR - | hirschd restore --data DIR -\n",
    .options = "data map-size check quiet",
    .takes_arguments = true,
    .run = run,
};
