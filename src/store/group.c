#include "store/group.h"

#include "base/limits.h"

/* Groups below this weight say nothing of those that fill up. */
enum { WEIGHT_LEAST = 256 };

/* The first guess, and what is always reckoned with: a group of other records may follow. */
static const double PAGES_FIRST = 8;
static const double PAGES_LEAST = 4;

void store_group_init(struct store_group *group, const struct store_env *env)
{
    group->pages_each = PAGES_FIRST;
    if (mdb_txn_begin(env->env, NULL, MDB_RDONLY, &group->counter) != MDB_SUCCESS) {
        group->counter = NULL;
        return;
    }
    mdb_txn_reset(group->counter);
}

void store_group_fini(struct store_group *group)
{
    if (group->counter != NULL) {
        mdb_txn_abort(group->counter);
        group->counter = NULL;
    }
}

size_t store_group_most(const struct store_group *group)
{
    double most = LIMIT_WRITE_PAGES / group->pages_each;
    return most < LIMIT_WRITE_GROUP ? (size_t)most : LIMIT_WRITE_GROUP;
}

/* A page that is changed is copied, and the old one goes to the free list: the last row of LMDB's
 * own table 0 begins with how many the last commit put there. */
static size_t count_pages(MDB_txn *txn)
{
    MDB_cursor *cursor;
    MDB_val key;
    MDB_val value;
    size_t pages = 0;
    if (mdb_cursor_open(txn, 0, &cursor) == MDB_SUCCESS) {
        if (mdb_cursor_get(cursor, &key, &value, MDB_LAST) == MDB_SUCCESS) {
            memcpy(&pages, value.mv_data, sizeof pages);
        }
        mdb_cursor_close(cursor);
    }
    return pages;
}

void store_group_learn(struct store_group *group, size_t weight)
{
    if (group->counter == NULL || weight < WEIGHT_LEAST ||
        mdb_txn_renew(group->counter) != MDB_SUCCESS) {
        return;
    }
    double each = (double)count_pages(group->counter) / (double)weight;
    mdb_txn_reset(group->counter);
    /* Up at once, down slowly. */
    group->pages_each = each > group->pages_each ? each : group->pages_each * 0.9 + each * 0.1;
    group->pages_each = group->pages_each < PAGES_LEAST ? PAGES_LEAST : group->pages_each;
}
