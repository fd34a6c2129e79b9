#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/directory.h"

struct store_lock {
    int file;
};

static void read_holder(int file, char *text, size_t size)
{
    ssize_t length = pread(file, text, size - 1, 0);
    text[length > 0 ? length : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
}

enum base_code store_lock_take(const char *directory, const char *purpose, struct store_lock **lock,
                               struct base_error *error)
{
    enum base_code code = store_directory_prepare(directory, error);
    if (code != BASE_OK) {
        return code;
    }
    char path[STORE_PATH];
    code = store_directory_path(directory, "lock", path, error);
    if (code != BASE_OK) {
        return code;
    }
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        return base_fail(error, base_code_of_errno(errno), "cannot open %s: %s", path,
                         strerror(errno));
    }
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
        char holder[128];
        read_holder(file, holder, sizeof holder);
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED,
                         "the data directory %s is in use by %s; stop it first, or wait", directory,
                         holder[0] != '\0' ? holder : "another process");
        goto close_file;
    }
    char holder[128];
    int length =
        snprintf(holder, sizeof holder, "hirschd %s, process %ld\n", purpose, (long)getpid());
    if (ftruncate(file, 0) != 0 || pwrite(file, holder, (size_t)length, 0) != length) {
        /* Only a courtesy to the next one; a full disk does not stop the holder. */
        errno = 0;
    }
    *lock = malloc(sizeof **lock);
    if (*lock == NULL) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
        goto close_file;
    }
    (*lock)->file = file;
    return BASE_OK;

close_file:
    close(file);
    return code;
}

enum base_code store_lock_take_present(const char *directory, const char *purpose,
                                       struct store_lock **lock, struct base_error *error)
{
    char generation[STORE_PATH];
    enum base_code code = store_directory_current(directory, generation, error);
    return code == BASE_OK ? store_lock_take(directory, purpose, lock, error) : code;
}

void store_lock_release(struct store_lock *lock)
{
    if (lock != NULL) {
        close(lock->file);
        free(lock);
    }
}
