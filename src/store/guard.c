#include "store/guard.h"

#include <errno.h>
#include <sys/statvfs.h>

void store_guard_init(struct store_guard *guard, const struct store_env *env, const char *directory)
{
    *guard = (struct store_guard){.env = env, .directory = directory};
    pthread_mutex_init(&guard->mutex, NULL);
}

void store_guard_fini(struct store_guard *guard)
{
    pthread_mutex_destroy(&guard->mutex);
}

static enum base_code look(struct store_guard *guard, struct base_error *error)
{
    MDB_txn *txn;
    struct statvfs disk;
    int code = mdb_txn_begin(guard->env->env, NULL, MDB_RDONLY, &txn);
    if (code != MDB_SUCCESS) {
        return store_env_fail(error, code, "begin");
    }
    enum base_code status =
        store_env_used(guard->env, txn, &guard->map_used, &guard->map_size, error);
    mdb_txn_abort(txn);
    if (status != BASE_OK) {
        return status;
    }
    if (statvfs(guard->directory, &disk) != 0) {
        return base_fail(error, BASE_INTERNAL, "%s: %s", guard->directory, strerror(errno));
    }
    guard->disk_free = (uint64_t)disk.f_bavail * disk.f_frsize;
    guard->disk_size = (uint64_t)disk.f_blocks * disk.f_frsize;
    return BASE_OK;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static enum base_code judge(const struct store_guard *guard, bool only_deletes,
                            struct base_error *error)
{
    unsigned percent = only_deletes ? STORE_GUARD_ALL : STORE_GUARD_PUTS;
    if (guard->map_used >= guard->map_size / 100 * percent) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                         "the map is nearly full: %llu of %llu MiB are used, %s stop at %u %%; "
                         "delete records, or start the daemon with a larger --map-size",
                         (unsigned long long)(guard->map_used >> 20),
                         (unsigned long long)(guard->map_size >> 20),
                         only_deletes ? "deletes" : "puts", percent);
    }
    uint64_t reserve = only_deletes ? least(guard->disk_size / 50, STORE_GUARD_DISK_ALL)
                                    : least(guard->disk_size / 10, STORE_GUARD_DISK_PUTS);
    if (guard->disk_free < reserve) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                         "the disk of %s is nearly full: %.1f MiB are free, %s stop at %.1f; make "
                         "room, writes go on by themselves",
                         guard->directory, (double)guard->disk_free / 1048576,
                         only_deletes ? "deletes" : "puts", (double)reserve / 1048576);
    }
    return BASE_OK;
}

enum base_code store_guard_admit(struct store_guard *guard, bool only_deletes, uint64_t now_ns,
                                 struct base_error *error)
{
    enum base_code code = BASE_OK;
    pthread_mutex_lock(&guard->mutex);
    if (guard->checked_ns == 0 ||
        now_ns - guard->checked_ns >= (uint64_t)STORE_GUARD_MS * 1000000) {
        code = look(guard, error);
        guard->checked_ns = code == BASE_OK ? now_ns : 0;
    }
    if (code == BASE_OK) {
        code = judge(guard, only_deletes, error);
    }
    pthread_mutex_unlock(&guard->mutex);
    return code;
}

void store_guard_forget(struct store_guard *guard)
{
    pthread_mutex_lock(&guard->mutex);
    guard->checked_ns = 0;
    pthread_mutex_unlock(&guard->mutex);
}
