/* Computing the cohort tables anew, beside readers and the writer. */
#ifndef STORE_REFRESH_H
#define STORE_REFRESH_H

#include "store/cohorts.h"
#include "store/derive.h"

struct store_refresh_options {
    const char *directory; /* of the store; borrowed; for work memory beyond `memory` */
    size_t memory;         /* bytes of work memory before files are used */
    struct store_packer packer;
    /* Polled; true ends the refresh with CANCELLED and leaves the last one in place, unless the new
     * one has taken it already. May be NULL. */
    bool (*stop)(void *context);
    void *context;
};

struct store_refresh_report {
    struct store_refreshed refreshed;
    uint64_t papers;    /* members looked at */
    uint64_t recounted; /* of these, read anew: they changed since the last refresh */
    bool unchanged;     /* nothing has changed since the last one: nothing was written */
};

/* The store was opened to write. Reads one snapshot; papers that no change touched since the last
 * refresh keep their counts. Writes in transactions of a bounded number of rows under the other
 * round, then switches in one. One at a time. RESOURCE_EXHAUSTED: map or disk are so full that puts
 * are refused; the last one stands. */
enum base_code store_refresh(struct store *store, const struct store_refresh_options *options,
                             struct store_refresh_report *report, struct base_error *error);

#endif
