#include "ingest/paths.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "ingest/snapshot.h"

/* Folders inside one another; symbolic links are followed, so this also ends a circle. */
enum { DEPTH_MOST = 32 };

struct find {
    const struct ingest_job *job;
    struct ingest_files *files;
    struct base_error *error;
};

static enum base_code add_file(struct find *find, const char *path, uint64_t size,
                               model_time updated)
{
    struct ingest_files *files = find->files;
    if (files->count == files->capacity) {
        size_t capacity = files->capacity == 0 ? 16 : files->capacity * 2;
        struct ingest_file *list = realloc(files->list, capacity * sizeof *list);
        if (list == NULL) {
            return base_fail(find->error, BASE_RESOURCE_EXHAUSTED, "out of memory for file names");
        }
        files->list = list;
        files->capacity = capacity;
    }
    char *copy = strdup(path);
    if (copy == NULL) {
        return base_fail(find->error, BASE_RESOURCE_EXHAUSTED, "out of memory for file names");
    }
    files->list[files->count++] = (struct ingest_file){copy, size, updated};
    return BASE_OK;
}

static bool has_ending(const char *name)
{
    static const char *const endings[] = {".jsonl", ".ndjson", ".json", ".gz", ".zst"};
    size_t size = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t ending = strlen(endings[i]);
        if (size > ending && strcmp(name + size - ending, endings[i]) == 0) {
            return true;
        }
    }
    return false;
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* By bytes, whatever the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static enum base_code walk(struct find *find, const char *path, model_time updated, unsigned depth);

static enum base_code visit(struct find *find, const char *folder, const char *name,
                            model_time updated, unsigned depth)
{
    bool snapshot = find->job->format->snapshot;
    struct stat info;
    enum base_code code = BASE_OK;
    char *path = NULL;
    if (asprintf(&path, "%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", name) < 0) {
        return base_fail(find->error, BASE_RESOURCE_EXHAUSTED, "out of memory for file names");
    }
    if (stat(path, &info) != 0) {
        code = base_fail(find->error, BASE_NOT_FOUND, "%s: %s", path, strerror(errno));
    } else if (S_ISDIR(info.st_mode)) {
        if (!snapshot || !ingest_snapshot_skips(folder, name)) {
            model_time own = snapshot ? ingest_snapshot_updated(name) : 0;
            code = walk(find, path, own != 0 ? own : updated, depth + 1);
        }
    } else if (S_ISREG(info.st_mode)) {
        if (snapshot && strcmp(name, "manifest") == 0) {
            ingest_snapshot_check(find->job, path);
        } else if (has_ending(name)) {
            code = add_file(find, path, (uint64_t)info.st_size, updated);
        }
    }
    free(path);
    return code;
}

static enum base_code walk(struct find *find, const char *path, model_time updated, unsigned depth)
{
    if (depth > DEPTH_MOST) {
        return base_fail(find->error, BASE_INVALID_ARGUMENT,
                         "%s: more than %d folders inside one another", path, DEPTH_MOST);
    }
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, visible, by_name);
    if (count < 0) {
        return base_fail(find->error, BASE_NOT_FOUND, "%s: cannot be listed: %s", path,
                         strerror(errno));
    }
    enum base_code code = BASE_OK;
    for (int i = 0; i < count; i++) {
        if (code == BASE_OK) {
            code = visit(find, path, entries[i]->d_name, updated, depth);
        }
        free(entries[i]);
    }
    free(entries);
    return code;
}

static enum base_code add_path(struct find *find, const char *path, bool *sized)
{
    struct stat info;
    if (strcmp(path, "-") == 0) {
        *sized = false;
        return add_file(find, path, 0, 0);
    }
    if (stat(path, &info) != 0) {
        return base_fail(find->error, BASE_NOT_FOUND, "%s: %s", path, strerror(errno));
    }
    bool snapshot = find->job->format->snapshot;
    if (!S_ISDIR(info.st_mode)) {
        *sized = *sized && S_ISREG(info.st_mode);
        return add_file(find, path, (uint64_t)(S_ISREG(info.st_mode) ? info.st_size : 0),
                        snapshot ? ingest_snapshot_updated_of_file(path) : 0);
    }
    size_t before = find->files->count;
    enum base_code code =
        walk(find, path, snapshot ? ingest_snapshot_updated_of_folder(path) : 0, 0);
    if (code == BASE_OK && find->files->count == before) {
        return base_fail(find->error, BASE_NOT_FOUND,
                         "%s: nothing to read in this folder (*.jsonl *.ndjson *.json *.gz "
                         "*.zst)",
                         path);
    }
    return code;
}

enum base_code ingest_files_find(const struct ingest_job *job, struct ingest_files *files,
                                 struct base_error *error)
{
    struct find find = {job, files, error};
    bool sized = true;
    enum base_code code = BASE_OK;
    *files = (struct ingest_files){0};
    for (size_t i = 0; code == BASE_OK && i < job->path_count; i++) {
        code = add_path(&find, job->paths[i], &sized);
    }
    for (size_t i = 0; sized && i < files->count; i++) {
        files->bytes += files->list[i].size;
    }
    if (code != BASE_OK) {
        ingest_files_fini(files);
    }
    return code;
}

void ingest_files_fini(struct ingest_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->list[i].path);
    }
    free(files->list);
    *files = (struct ingest_files){0};
}
