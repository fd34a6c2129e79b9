#include "store/env.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/directory.h"
#include "store/meta.h"
#include "store/pages.h"

enum {
    READERS = 256,
    /* Of the lock file: more than LMDB wants for so many readers (64 bytes each, and a head). */
    LOCK_SIZE = 20480,
};

/* When it cannot be read, neither can the abstracts that need it; everything else can. */
static void read_dictionary(struct store_env *env, MDB_txn *txn)
{
    struct base_slice bytes;
    if (store_env_get(env, txn, STORE_META, base_slice_text(STORE_META_DICTIONARY), &bytes, NULL) ==
        BASE_OK) {
        env->dictionary = base_dictionary_new(bytes);
    }
}

/* The order of two keys by their first bytes; 0: these do not tell. Every search of a tree compares
 * a dozen keys or two; nearly all differ there, and as one number they compare faster than by a
 * call. */
static inline int key_head_order(const MDB_val *a, const MDB_val *b)
{
    if (a->mv_size >= sizeof(uint64_t) && b->mv_size >= sizeof(uint64_t)) {
        uint64_t left = base_get_be64(a->mv_data);
        uint64_t right = base_get_be64(b->mv_data);
        return left == right ? 0 : left < right ? -1 : 1;
    }
    if (a->mv_size >= sizeof(uint32_t) && b->mv_size >= sizeof(uint32_t)) {
        uint32_t left = base_get_be32(a->mv_data);
        uint32_t right = base_get_be32(b->mv_data);
        return left == right ? 0 : left < right ? -1 : 1;
    }
    return 0;
}

/* A function of its own, so that its call takes no registers of the other. */
static __attribute__((noinline)) int whole_key_order(const MDB_val *a, const MDB_val *b)
{
    return base_slice_compare(store_slice(*a), store_slice(*b));
}

int store_key_order(const MDB_val *a, const MDB_val *b)
{
    int order = key_head_order(a, b);
    return order != 0 ? order : whole_key_order(a, b);
}

static enum base_code open_tables(struct store_env *env, enum store_env_mode mode,
                                  struct base_error *error)
{
    MDB_txn *txn;
    bool reads = mode == STORE_ENV_READ || mode == STORE_ENV_RECORDS;
    unsigned flags = reads ? MDB_RDONLY : 0;
    int code = mdb_txn_begin(env->env, NULL, flags, &txn);
    if (code != MDB_SUCCESS) {
        return store_env_fail(error, code, "begin");
    }
    for (int table = 0; table < STORE_TABLE_END; table++) {
        if (mode == STORE_ENV_RECORDS && table != STORE_META && table != STORE_SOURCE) {
            continue;
        }
        code = mdb_dbi_open(txn, store_table_name((enum store_table)table),
                            mode == STORE_ENV_CREATE ? MDB_CREATE : 0, &env->tables[table]);
        if (code == MDB_SUCCESS) {
            code = mdb_set_compare(txn, env->tables[table], store_key_order);
        }
        if (code != MDB_SUCCESS) {
            mdb_txn_abort(txn);
            enum base_code failed = store_env_fail(error, code, "open table");
            base_error_prefix(error, "%s", store_table_name((enum store_table)table));
            return failed;
        }
        if (table == STORE_META && (mode == STORE_ENV_READ || mode == STORE_ENV_WRITE)) {
            /* Another format may have other tables. What else is wrong with meta is for its readers
             * to say. */
            struct store_meta meta;
            struct base_error other = {0};
            if (store_meta_read(env, txn, &meta, &other) == BASE_FAILED_PRECONDITION) {
                mdb_txn_abort(txn);
                return base_fail(error, other.code, "%s", other.text);
            }
        }
    }
    if (mode == STORE_ENV_READ || mode == STORE_ENV_WRITE) {
        read_dictionary(env, txn);
    }
    code = mdb_txn_commit(txn);
    return code == MDB_SUCCESS ? BASE_OK : store_env_fail(error, code, "commit");
}

/* LMDB writes to its lock file through a map, without claiming blocks for it: on a full disk that
 * is a dead process. So the file is there, with blocks, before LMDB comes. Never opened when it has
 * a size, since closing it would let go of the locks that this process has on it. What else may be
 * wrong is for LMDB to say. */
static enum base_code claim_lock_file(const char *path, struct base_error *error)
{
    char file[STORE_PATH];
    struct stat info;
    enum base_code code = store_directory_path(path, "lock.mdb", file, error);
    if (code != BASE_OK || (stat(file, &info) == 0 && info.st_size > 0)) {
        return code;
    }
    int lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) {
        return errno == ENOSPC ? store_env_fail(error, errno, file) : BASE_OK;
    }
    int failed = posix_fallocate(lock, 0, LOCK_SIZE);
    close(lock);
    if (failed == ENOSPC || failed == EIO) {
        unlink(file);
        return store_env_fail(error, ENOSPC, file);
    }
    return BASE_OK;
}

enum base_code store_env_open(const char *path, uint64_t map_size, enum store_env_mode mode,
                              struct store_env *env, struct base_error *error)
{
    struct store_env opened = {0};
    int code = mdb_env_create(&opened.env);
    if (code != MDB_SUCCESS) {
        return store_env_fail(error, code, "create environment");
    }
    enum base_code failed;
    if ((code = mdb_env_set_mapsize(opened.env, map_size == 0 ? STORE_MAP_DEFAULT : map_size)) !=
            MDB_SUCCESS ||
        (code = mdb_env_set_maxdbs(opened.env, STORE_TABLE_END)) != MDB_SUCCESS ||
        (code = mdb_env_set_maxreaders(opened.env, READERS)) != MDB_SUCCESS) {
        failed = store_env_fail(error, code, "set up environment");
        goto close;
    }
    if (mode != STORE_ENV_CREATE) {
        failed = store_pages_check_head(path, mode == STORE_ENV_WRITE, error);
        if (failed != BASE_OK) {
            base_error_prefix(error, "%s", path);
            goto close;
        }
    }
    bool reads = mode == STORE_ENV_READ || mode == STORE_ENV_RECORDS;
    unsigned flags =
        MDB_NOTLS | (reads ? MDB_RDONLY : 0) | (mode == STORE_ENV_CREATE ? MDB_NOSYNC : 0);
    failed = claim_lock_file(path, error);
    if (failed != BASE_OK) {
        goto close;
    }
    code = mdb_env_open(opened.env, path, flags, 0600);
    if (code != MDB_SUCCESS) {
        failed = store_env_fail(error, code, "open");
        base_error_prefix(error, "%s", path);
        goto close;
    }
    int dead;
    mdb_reader_check(opened.env, &dead);
    failed = open_tables(&opened, mode, error);
    if (failed != BASE_OK) {
        base_error_prefix(error, "%s", path);
        goto close;
    }
    *env = opened;
    return BASE_OK;

close:
    base_dictionary_free(opened.dictionary);
    mdb_env_close(opened.env);
    return failed;
}

void store_env_close(struct store_env *env)
{
    if (env->env != NULL) {
        mdb_env_close(env->env);
        env->env = NULL;
        base_dictionary_free(env->dictionary);
        env->dictionary = NULL;
    }
}

enum base_code store_env_fail(struct base_error *error, int code, const char *what)
{
    switch (code) {
    case MDB_MAP_FULL:
        return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                         "%s: the map is full; run again with a larger --map-size", what);
    case ENOSPC:
        return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                         "%s: the disk is full; make room and run again", what);
    case EIO:
        /* tmpfs says EIO where it means ENOSPC. */
        return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                         "%s: input/output error, or the disk is full; check both and run again",
                         what);
    case MDB_READERS_FULL:
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "%s: all %d reader slots are taken", what,
                         READERS);
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_PANIC:
        return base_fail(error, BASE_DATA_LOSS,
                         "%s: %s; the store is damaged, restore a backup or import again", what,
                         mdb_strerror(code));
    case MDB_NOTFOUND:
        return base_fail(error, BASE_DATA_LOSS,
                         "%s: not found; the store is damaged, run hirschd verify", what);
    case ENOMEM:
        return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                         "%s: out of memory or address space; a smaller --map-size needs less",
                         what);
    default:
        /* LMDB's own codes are negative. */
        return base_fail(error, code < 0 ? BASE_INTERNAL : base_code_of_errno(code), "%s: %s", what,
                         mdb_strerror(code));
    }
}

static void key_text(struct base_slice key, char text[64])
{
    size_t used = 0;
    for (size_t i = 0; i < key.size && used < 60; i++) {
        static const char digits[] = "0123456789abcdef";
        text[used++] = digits[(uint8_t)key.data[i] >> 4];
        text[used++] = digits[(uint8_t)key.data[i] & 15];
    }
    text[used] = '\0';
}

enum base_code store_env_check(enum store_table table, struct base_slice key,
                               struct base_slice stored, struct base_slice *bytes,
                               struct base_error *error)
{
    char text[64];
    if (stored.size < STORE_CHECKSUM) {
        key_text(key, text);
        return base_fail(error, BASE_DATA_LOSS,
                         "table %s, key %s: the value is cut; run hirschd verify",
                         store_table_name(table), text);
    }
    struct base_slice checked = base_slice(stored.data, stored.size - STORE_CHECKSUM);
    if (store_checksum(table, key, checked) != base_get_le64(stored.data + checked.size)) {
        key_text(key, text);
        return base_fail(error, BASE_DATA_LOSS,
                         "table %s, key %s: the value does not match its checksum; run hirschd "
                         "verify",
                         store_table_name(table), text);
    }
    *bytes = checked;
    return BASE_OK;
}

enum base_code store_env_get(const struct store_env *env, MDB_txn *txn, enum store_table table,
                             struct base_slice key, struct base_slice *bytes,
                             struct base_error *error)
{
    MDB_val wanted = store_val(key);
    MDB_val found;
    int code = mdb_get(txn, env->tables[table], &wanted, &found);
    if (code == MDB_NOTFOUND) {
        return BASE_NOT_FOUND;
    }
    if (code != MDB_SUCCESS) {
        return store_env_fail(error, code, store_table_name(table));
    }
    return store_env_check(table, key, store_slice(found), bytes, error);
}

static enum base_code put_failed(int code, enum store_table table, struct base_error *error)
{
    enum base_code failed = store_env_fail(error, code, "write");
    base_error_prefix(error, "table %s", store_table_name(table));
    return failed;
}

static void fill(char *room, enum store_table table, struct base_slice key, struct base_slice bytes)
{
    if (bytes.size > 0) {
        memcpy(room, bytes.data, bytes.size);
    }
    base_put_le64(room + bytes.size, store_checksum(table, key, bytes));
}

enum base_code store_env_put(const struct store_env *env, MDB_txn *txn, enum store_table table,
                             struct base_slice key, struct base_slice bytes, unsigned flags,
                             struct base_error *error)
{
    BASE_ASSERT(key.size > 0 && key.size <= STORE_KEY_MOST);
    MDB_val where = store_val(key);
    MDB_val room = {bytes.size + STORE_CHECKSUM, NULL};
    int code = mdb_put(txn, env->tables[table], &where, &room, flags | MDB_RESERVE);
    if (code != MDB_SUCCESS) {
        return put_failed(code, table, error);
    }
    fill(room.mv_data, table, key, bytes);
    return BASE_OK;
}

enum base_code store_env_append(MDB_cursor *cursor, enum store_table table, struct base_slice key,
                                struct base_slice bytes, struct base_error *error)
{
    BASE_ASSERT(key.size > 0 && key.size <= STORE_KEY_MOST);
    MDB_val where = store_val(key);
    MDB_val room = {bytes.size + STORE_CHECKSUM, NULL};
    int code = mdb_cursor_put(cursor, &where, &room, MDB_APPEND | MDB_RESERVE);
    if (code != MDB_SUCCESS) {
        return put_failed(code, table, error);
    }
    fill(room.mv_data, table, key, bytes);
    return BASE_OK;
}

enum base_code store_env_sync(const struct store_env *env, struct base_error *error)
{
    int code = mdb_env_sync(env->env, 1);
    return code == MDB_SUCCESS ? BASE_OK : store_env_fail(error, code, "write to disk");
}

enum base_code store_env_used(const struct store_env *env, MDB_txn *txn, uint64_t *used,
                              uint64_t *map_size, struct base_error *error)
{
    MDB_envinfo info;
    MDB_stat stat;
    mdb_env_info(env->env, &info);
    mdb_env_stat(env->env, &stat);
    /* The free list is LMDB's own table 0: each value begins with the number of pages it lists. */
    MDB_cursor *cursor;
    int code = mdb_cursor_open(txn, 0, &cursor);
    if (code != MDB_SUCCESS) {
        return store_env_fail(error, code, "free list");
    }
    uint64_t free_pages = 0;
    MDB_val key;
    MDB_val value;
    while ((code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == MDB_SUCCESS) {
        size_t pages;
        memcpy(&pages, value.mv_data, sizeof pages);
        free_pages += pages;
    }
    mdb_cursor_close(cursor);
    if (code != MDB_NOTFOUND) {
        return store_env_fail(error, code, "free list");
    }
    *used = (info.me_last_pgno + 1 - free_pages) * stat.ms_psize;
    *map_size = info.me_mapsize;
    return BASE_OK;
}
