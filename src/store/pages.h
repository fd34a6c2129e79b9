/* The file of an LMDB 0.9 environment as it lies on the disk, read without LMDB, which trusts every
 * page: a flipped bit in one may end the process, or lead a look-up past its row without a word. */
#ifndef STORE_PAGES_H
#define STORE_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

/* What can be said before LMDB opens the folder of a generation: both meta pages are such pages and
 * belong to two commits in a row, the file is as long as they say, and no commit is missing that
 * the lock file knows of. sole: nobody writes meanwhile, so that the free list can be asked whether
 * it is of the same commit. OK also when there is no file yet; DATA_LOSS names the page. */
enum base_code store_pages_check_head(const char *path, bool sole, struct base_error *error);

/* Whoever looks at the pages of one transaction keeps it open meanwhile. */
struct store_pages_look {
    const char *path;     /* folder of the generation */
    uint64_t transaction; /* LMDB's number */
    /* One sentence a fault. */
    void (*on_fault)(void *context, const char *text);
    void *context;
};

/* Walks every page of the transaction: each is of its kind, its nodes lie inside it, keys ascend
 * and separators part them, counts are right, no page is used twice or both used and free. After
 * that LMDB finds every row that there is. *pages: those in use. NOT_FOUND without text: the
 * transaction is not one of the last two any more, take a new one. */
enum base_code store_pages_check(const struct store_pages_look *look, uint64_t *faults,
                                 uint64_t *pages, struct base_error *error);

#endif
