#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/directory.h"
#include "store/meta.h"
#include "store/reader.h"
#include "store/write.h"

/* A build may switch and remove generations between the look at CURRENT and the open; then CURRENT
 * has changed. */
enum { OPEN_TRIES = 8 };

static enum base_code open_as(const char *directory, uint64_t map_size, enum store_env_mode mode,
                              struct store **store, struct base_error *error)
{
    struct store *opened = calloc(1, sizeof *opened);
    if (opened == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    enum base_code code = BASE_INTERNAL;
    char before[STORE_PATH] = "";
    for (int tries = 0; tries < OPEN_TRIES; tries++) {
        char path[STORE_PATH];
        code = store_directory_current(directory, path, error);
        if (code != BASE_OK || strcmp(path, before) == 0) {
            break;
        }
        memcpy(before, path, sizeof before);
        code = store_env_open(path, map_size, mode, &opened->env, error);
        if (code == BASE_OK) {
            break;
        }
    }
    if (code == BASE_OK && opened->env.env == NULL) {
        /* The same generation twice: what the last try said stands in error. */
        code = error != NULL ? error->code : BASE_INTERNAL;
    }
    if (code != BASE_OK) {
        goto free_store;
    }
    MDB_txn *txn;
    int failed = mdb_txn_begin(opened->env.env, NULL, MDB_RDONLY, &txn);
    if (failed != MDB_SUCCESS) {
        code = store_env_fail(error, failed, "begin");
        goto close_env;
    }
    struct store_meta meta;
    code = store_meta_read(&opened->env, txn, &meta, error);
    mdb_txn_abort(txn);
    if (code != BASE_OK) {
        goto close_env;
    }
    atomic_store(&opened->committed, meta.info.sequence);
    *store = opened;
    return BASE_OK;

close_env:
    store_env_close(&opened->env);
free_store:
    free(opened);
    return code;
}

enum base_code store_open(const char *directory, uint64_t map_size, struct store **store,
                          struct base_error *error)
{
    return open_as(directory, map_size, STORE_ENV_READ, store, error);
}

enum base_code store_open_writable(const char *directory, uint64_t map_size, struct store **store,
                                   struct base_error *error)
{
    return open_as(directory, map_size, STORE_ENV_WRITE, store, error);
}

uint64_t store_committed(const struct store *store)
{
    return atomic_load_explicit(&store->committed, memory_order_acquire);
}

void store_close(struct store *store)
{
    if (store != NULL) {
        store_env_close(&store->env);
        free(store);
    }
}

void store_check_readers(struct store *store)
{
    int dead;
    mdb_reader_check(store->env.env, &dead);
}

/* LMDB tells of its readers in lines "pid thread txnid", a head first; "-" for no snapshot. */
struct readers_seen {
    uint64_t count;
    uint64_t oldest; /* transaction */
};

static int see_readers(const char *text, void *context)
{
    struct readers_seen *seen = context;
    for (const char *line = text; line != NULL && *line != '\0';) {
        unsigned long long pid;
        char thread[32];
        char txn[32];
        if (sscanf(line, "%llu %31s %31s", &pid, thread, txn) == 3) {
            char *end;
            unsigned long long number = strtoull(txn, &end, 10);
            seen->count++;
            if (end != txn && *end == '\0' && number < seen->oldest) {
                seen->oldest = number;
            }
        }
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    return 0;
}

void store_read_readers(struct store *store, struct store_readers *readers)
{
    struct readers_seen seen = {0, UINT64_MAX};
    MDB_envinfo info;
    *readers = (struct store_readers){0};
    if (mdb_env_info(store->env.env, &info) != MDB_SUCCESS ||
        mdb_reader_list(store->env.env, see_readers, &seen) < 0) {
        return;
    }
    readers->count = seen.count;
    if (seen.oldest < info.me_last_txnid) {
        readers->oldest_behind = info.me_last_txnid - seen.oldest;
    }
}
