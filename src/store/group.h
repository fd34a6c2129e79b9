/* How much goes into one transaction of the writer: as much as its memory bears. What a record
 * costs depends on the store it goes into, so it is learned from the transactions before. */
#ifndef STORE_GROUP_H
#define STORE_GROUP_H

#include "store/env.h"

struct store_group {
    MDB_txn *counter;  /* reads what a commit left, resting in between; NULL: there is none */
    double pages_each; /* that one unit of weight makes dirty, on the careful side */
};

/* Without a reader's slot it stays at the first guess. */
void store_group_init(struct store_group *group, const struct store_env *env);
void store_group_fini(struct store_group *group);

/* Weight: records, authors and references. */
size_t store_group_most(const struct store_group *group);

/* After a commit of so much weight. */
void store_group_learn(struct store_group *group, size_t weight);

#endif
