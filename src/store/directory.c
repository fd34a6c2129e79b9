#include "store/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define GENERATION "store-"

enum base_code store_directory_path(const char *directory, const char *name, char path[STORE_PATH],
                                    struct base_error *error)
{
    int length = snprintf(path, STORE_PATH, "%s/%s", directory, name);
    if (length < 0 || length >= STORE_PATH) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "the path %s is too long", directory);
    }
    return BASE_OK;
}

/* LMDB's locks and its map need a local file system; these are known not to be one. */
static const struct {
    unsigned long magic;
    const char *name;
} remote[] = {
    {0x6969, "NFS"},        {0xff534d42, "CIFS"}, {0xfe534d42, "SMB2"}, {0x517b, "SMB"},
    {0x01021997, "9p"},     {0x65735546, "FUSE"}, {0x00c36400, "Ceph"}, {0x5346414f, "AFS"},
    {0x0bd00bd0, "Lustre"}, {0x47504653, "GPFS"}, {0x73757245, "Coda"},
};

static enum base_code check_file_system(const char *directory, struct base_error *error)
{
    struct statfs info;
    if (statfs(directory, &info) != 0) {
        return base_fail(error, base_code_of_errno(errno), "cannot look at %s: %s", directory,
                         strerror(errno));
    }
    for (size_t i = 0; i < sizeof remote / sizeof remote[0]; i++) {
        if ((unsigned long)info.f_type == remote[i].magic) {
            return base_fail(
                error, BASE_FAILED_PRECONDITION,
                "%s is on %s; the store needs a local file system, give another --data", directory,
                remote[i].name);
        }
    }
    return BASE_OK;
}

static enum base_code sync_folder(const char *path, struct base_error *error)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 || fsync(folder) != 0) {
        enum base_code code = base_fail(error, base_code_of_errno(errno),
                                        "cannot sync the folder %s: %s", path, strerror(errno));
        if (folder >= 0) {
            close(folder);
        }
        return code;
    }
    close(folder);
    return BASE_OK;
}

enum base_code store_directory_prepare(const char *directory, struct base_error *error)
{
    if (mkdir(directory, 0700) == 0) {
        char parent[STORE_PATH];
        enum base_code code = store_directory_path(directory, "..", parent, error);
        if (code == BASE_OK) {
            code = sync_folder(parent, error);
        }
        if (code != BASE_OK) {
            return code;
        }
    } else if (errno != EEXIST) {
        return base_fail(error, base_code_of_errno(errno), "cannot make the data directory %s: %s",
                         directory, strerror(errno));
    }
    struct stat info;
    if (stat(directory, &info) != 0 || !S_ISDIR(info.st_mode)) {
        return base_fail(error, BASE_FAILED_PRECONDITION, "%s is not a folder; give another --data",
                         directory);
    }
    return check_file_system(directory, error);
}

static enum base_code read_current(const char *directory, char name[32], struct base_error *error)
{
    char path[STORE_PATH];
    enum base_code code = store_directory_path(directory, "CURRENT", path, error);
    if (code != BASE_OK) {
        return code;
    }
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        if (errno != ENOENT && errno != ENOTDIR) {
            return base_fail(error, base_code_of_errno(errno), "cannot read %s: %s", path,
                             strerror(errno));
        }
        return base_fail(error, BASE_NOT_FOUND,
                         "%s holds no store yet; fill it with: hirschd import --data %s --format "
                         "openalex|hirsch FILE…",
                         directory, directory);
    }
    ssize_t length = read(file, name, 31);
    int failed = errno;
    close(file);
    if (length < 0) {
        return base_fail(error, base_code_of_errno(failed), "cannot read %s: %s", path,
                         strerror(failed));
    }
    name[length] = '\0';
    name[strcspn(name, "\n")] = '\0';
    if (strncmp(name, GENERATION, strlen(GENERATION)) != 0 || strchr(name, '/') != NULL) {
        return base_fail(error, BASE_DATA_LOSS, "%s does not name a store; restore a backup", path);
    }
    return BASE_OK;
}

enum base_code store_directory_current(const char *directory, char path[STORE_PATH],
                                       struct base_error *error)
{
    char name[32];
    enum base_code code = read_current(directory, name, error);
    if (code == BASE_OK) {
        code = store_directory_path(directory, name, path, error);
    }
    return code == BASE_OK ? check_file_system(directory, error) : code;
}

static unsigned long generation_number(const char *name)
{
    if (strncmp(name, GENERATION, strlen(GENERATION)) != 0) {
        return 0;
    }
    return strtoul(name + strlen(GENERATION), NULL, 10);
}

enum base_code store_directory_next(const char *directory, char name[32], char path[STORE_PATH],
                                    struct base_error *error)
{
    char current[32];
    struct base_error ignored;
    unsigned long number = 0;
    if (read_current(directory, current, &ignored) == BASE_OK) {
        number = generation_number(current);
    }
    store_directory_clean(directory);
    for (int tries = 0; tries < 1000; tries++) {
        snprintf(name, 32, GENERATION "%08lu", ++number);
        enum base_code code = store_directory_path(directory, name, path, error);
        if (code != BASE_OK) {
            return code;
        }
        if (mkdir(path, 0700) == 0) {
            return BASE_OK;
        }
        if (errno != EEXIST) {
            break;
        }
    }
    return base_fail(error, base_code_of_errno(errno), "cannot make %s: %s", path, strerror(errno));
}

/* Makes name the present generation, on disk when this returns. */
static enum base_code switch_to(const char *directory, const char *name, struct base_error *error)
{
    char generation[STORE_PATH];
    char path[STORE_PATH];
    char fresh[STORE_PATH];
    enum base_code code = store_directory_path(directory, name, generation, error);
    if (code == BASE_OK) {
        code = store_directory_path(directory, "CURRENT", path, error);
    }
    if (code == BASE_OK) {
        code = store_directory_path(directory, "CURRENT.new", fresh, error);
    }
    if (code == BASE_OK) {
        code = sync_folder(generation, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    char text[40];
    int length = snprintf(text, sizeof text, "%s\n", name);
    int file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || write(file, text, (size_t)length) != length || fsync(file) != 0) {
        code = base_fail(error, base_code_of_errno(errno), "cannot write %s: %s", fresh,
                         strerror(errno));
        if (file >= 0) {
            close(file);
        }
        return code;
    }
    close(file);
    if (rename(fresh, path) != 0) {
        return base_fail(error, base_code_of_errno(errno), "cannot rename %s: %s", fresh,
                         strerror(errno));
    }
    code = sync_folder(directory, error);
    if (code != BASE_OK) {
        base_error_prefix(error, "the new store has taken its place, but a loss of power may bring "
                                 "the old one back; look at the disk and run again");
    }
    return code;
}

static void remove_generation(const char *directory, const char *name)
{
    static const char *const files[] = {"data.mdb", "lock.mdb"};
    char path[STORE_PATH];
    char file[STORE_PATH];
    if (store_directory_path(directory, name, path, NULL) != BASE_OK) {
        return;
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (store_directory_path(path, files[i], file, NULL) == BASE_OK) {
            unlink(file);
        }
    }
    rmdir(path);
}

void store_directory_clean(const char *directory)
{
    char current[32] = "";
    enum base_code code = read_current(directory, current, NULL);
    if (code != BASE_OK && code != BASE_NOT_FOUND) {
        return;
    }
    /* Nothing goes while CURRENT on the disk may still name it. */
    if (sync_folder(directory, NULL) != BASE_OK) {
        return;
    }
    DIR *folder = opendir(directory);
    if (folder == NULL) {
        return;
    }
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (generation_number(entry->d_name) > 0 && strcmp(entry->d_name, current) != 0) {
            remove_generation(directory, entry->d_name);
        }
    }
    closedir(folder);
}

enum base_code store_directory_end(const char *directory, const char *name, enum base_code code,
                                   struct base_error *error)
{
    char current[32];
    if (code == BASE_OK) {
        code = switch_to(directory, name, error);
        if (code != BASE_OK && read_current(directory, current, NULL) == BASE_OK &&
            strcmp(current, name) == 0) {
            /* A loss of power leaves one or the other; the next one who holds the lock cleans. */
            return code;
        }
    }
    store_directory_clean(directory);
    return code;
}
