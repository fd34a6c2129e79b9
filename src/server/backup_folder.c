#include "server/backup_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* A manifest has a line a table; more bytes are none. */
enum { MANIFEST_MOST = 64 * 1024 };

enum base_code server_backup_folder_path(const char *folder, const char *name, char **path,
                                         struct base_error *error)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *made = malloc(size);
    if (made == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    snprintf(made, size, "%s/%s", folder, name);
    *path = made;
    return BASE_OK;
}

/* What an unfinished backup leaves behind. */
static bool is_leftover(const char *name)
{
    static const char *const names[] = {".", "..", "rows", "rows.part", "MANIFEST.part"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static enum base_code look_into(const char *folder, int file, struct base_error *error)
{
    DIR *listing = fdopendir(file);
    if (listing == NULL) {
        close(file);
        return base_fail(error, BASE_ALREADY_EXISTS, "cannot look into %s: %s", folder,
                         strerror(errno));
    }
    enum base_code code = BASE_OK;
    for (struct dirent *entry; code == BASE_OK && (entry = readdir(listing)) != NULL;) {
        if (!is_leftover(entry->d_name)) {
            code = base_fail(error, BASE_ALREADY_EXISTS,
                             "%s holds %s already; name a new folder for the backup", folder,
                             strcmp(entry->d_name, "MANIFEST") == 0 ? "a backup" : entry->d_name);
        }
    }
    closedir(listing);
    return code;
}

/* A lock on the folder keeps a second backup from taking the first one for a leftover. */
static enum base_code lock_folder(const char *folder, int *lock, struct base_error *error)
{
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) {
        return base_fail(error, BASE_ALREADY_EXISTS, "cannot look into %s: %s", folder,
                         strerror(errno));
    }
    if (flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        close(file);
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "another backup is being written into %s",
                         folder);
    }
    *lock = file;
    return BASE_OK;
}

enum base_code server_backup_folder_make(const char *folder, bool *made, int *lock,
                                         struct base_error *error)
{
    bool fresh = mkdir(folder, 0700) == 0;
    int locked = -1;
    if (!fresh && errno != EEXIST) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "cannot make the folder %s: %s", folder,
                         strerror(errno));
    }
    enum base_code code = lock_folder(folder, &locked, error);
    if (code == BASE_OK && !fresh) {
        code = look_into(folder, dup(locked), error);
    }
    if (code != BASE_OK) {
        if (locked >= 0) {
            close(locked);
        }
        return code;
    }
    *made = fresh;
    *lock = locked;
    return BASE_OK;
}

enum base_code server_backup_folder_finish(const char *folder,
                                           const struct store_manifest *manifest,
                                           struct base_error *error)
{
    struct base_buffer text;
    struct server_output output;
    char *path = NULL;
    char *parent = NULL;
    base_buffer_init(&text);
    store_manifest_text(manifest, &text);
    enum base_code code =
        text.failed ? base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory") : BASE_OK;
    if (code == BASE_OK) {
        code = server_backup_folder_path(folder, "MANIFEST", &path, error);
    }
    if (code == BASE_OK) {
        code = server_backup_folder_path(folder, "..", &parent, error);
    }
    if (code == BASE_OK) {
        code = server_output_open(path, &output, error);
    }
    if (code == BASE_OK) {
        struct base_error ignored;
        code = server_output_write(&output, base_buffer_slice(&text), error);
        enum base_code closed =
            server_output_close(&output, code == BASE_OK, code == BASE_OK ? error : &ignored);
        code = code == BASE_OK ? closed : code;
    }
    if (code == BASE_OK) {
        code = server_output_sync_folder(parent, error);
    }
    free(parent);
    free(path);
    base_buffer_fini(&text);
    return code;
}

static enum base_code read_manifest(const char *folder, struct base_buffer *text,
                                    struct base_error *error)
{
    char *path = NULL;
    enum base_code code = server_backup_folder_path(folder, "MANIFEST", &path, error);
    if (code != BASE_OK) {
        return code;
    }
    int file = open(path, O_RDONLY | O_CLOEXEC);
    char *to = base_buffer_reserve(text, MANIFEST_MOST);
    ssize_t size = file < 0 || to == NULL ? -1 : read(file, to, MANIFEST_MOST);
    if (file < 0 && errno == ENOENT) {
        code =
            base_fail(error, BASE_DATA_LOSS,
                      "%s holds no whole backup: there is no MANIFEST; take another one", folder);
    } else if (size <= 0) {
        code = base_fail(error, BASE_DATA_LOSS, "cannot read %s: %s", path,
                         size == 0 ? "it is empty" : strerror(errno));
    } else {
        text->size += (size_t)size;
    }
    if (file >= 0) {
        close(file);
    }
    free(path);
    return code;
}

enum base_code server_backup_source_open(const char *name, struct server_backup_source *source,
                                         struct base_error *error)
{
    struct server_backup_source opened = {.file = STDIN_FILENO};
    if (strcmp(name, "-") == 0) {
        *source = opened;
        return BASE_OK;
    }
    struct stat info;
    char *path = NULL;
    enum base_code code = BASE_OK;
    if (stat(name, &info) != 0) {
        return base_fail(error, BASE_NOT_FOUND, "cannot read the backup %s: %s", name,
                         strerror(errno));
    }
    if (S_ISDIR(info.st_mode)) {
        code = read_manifest(name, &opened.manifest, error);
        if (code == BASE_OK) {
            code = server_backup_folder_path(name, "rows", &path, error);
        }
    }
    if (code == BASE_OK) {
        const char *wanted = path != NULL ? path : name;
        opened.file = open(wanted, O_RDONLY | O_CLOEXEC);
        opened.owned = true;
        if (opened.file < 0) {
            code = base_fail(error, errno == ENOENT ? BASE_DATA_LOSS : base_code_of_errno(errno),
                             "cannot read the backup %s: %s", wanted, strerror(errno));
        }
    }
    free(path);
    if (code != BASE_OK) {
        base_buffer_fini(&opened.manifest);
        return code;
    }
    *source = opened;
    return BASE_OK;
}

void server_backup_source_close(struct server_backup_source *source)
{
    if (source->owned) {
        close(source->file);
    }
    base_buffer_fini(&source->manifest);
}

enum base_code server_backup_source_read(void *context, void *to, size_t room, size_t *got,
                                         struct base_error *error)
{
    struct server_backup_source *source = context;
    ssize_t size;
    do {
        size = read(source->file, to, room);
    } while (size < 0 && errno == EINTR);
    if (size < 0) {
        return base_fail(error, BASE_DATA_LOSS, "cannot read the backup: %s", strerror(errno));
    }
    *got = (size_t)size;
    return BASE_OK;
}
