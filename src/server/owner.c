#include "server/owner.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Generations and the notes of imports are folders with files, and nothing lies deeper. */
enum { LEVELS = 2 };

static void keep_folder(int folder, const struct stat *owner, unsigned levels);

/* The owner of the directory can put there what he likes: neither a link nor a second name of a
 * file of root's elsewhere may become his. */
static void keep_entry(int folder, const char *name, const struct stat *owner, unsigned levels)
{
    struct stat info;
    int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) {
        return;
    }
    if (fstat(file, &info) == 0 && info.st_dev == owner->st_dev) {
        bool is_folder = S_ISDIR(info.st_mode);
        bool is_made =
            info.st_uid == 0 && (is_folder || (S_ISREG(info.st_mode) && info.st_nlink == 1));
        if (is_folder && levels > 1) {
            keep_folder(file, owner, levels - 1);
        }
        if (is_made) {
            (void)!fchown(file, owner->st_uid, owner->st_gid);
        }
    }
    close(file);
}

static void keep_folder(int folder, const struct stat *owner, unsigned levels)
{
    int own = fcntl(folder, F_DUPFD_CLOEXEC, 0);
    DIR *list = own < 0 ? NULL : fdopendir(own);
    if (list == NULL) {
        if (own >= 0) {
            close(own);
        }
        return;
    }
    for (struct dirent *entry = readdir(list); entry != NULL; entry = readdir(list)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            keep_entry(folder, entry->d_name, owner, levels);
        }
    }
    closedir(list);
}

void server_owner_keep(const char *directory)
{
    struct stat owner;
    if (geteuid() != 0) {
        return;
    }
    int folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        return;
    }
    if (fstat(folder, &owner) == 0 && owner.st_uid != 0) {
        keep_folder(folder, &owner, LEVELS);
    }
    close(folder);
}
