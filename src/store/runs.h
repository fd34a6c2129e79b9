/* Sorting more than memory holds: keys with values go in, sorted runs are kept in memory or in
 * unlinked files, for a merge to read. */
#ifndef STORE_RUNS_H
#define STORE_RUNS_H

#include "base/bytes.h"
#include "base/status.h"

struct store_runs;

/* limit: bytes of memory before a run goes to a file of directory (borrowed). NULL when memory is
 * out. */
struct store_runs *store_runs_new(const char *directory, size_t limit);
void store_runs_free(struct store_runs *runs);

/* Copies both. One thread at a time. Sizes below 2^32. */
enum base_code store_runs_add(struct store_runs *runs, struct base_slice key,
                              struct base_slice value, struct base_error *error);

/* Ends adding; afterwards only merging. */
enum base_code store_runs_finish(struct store_runs *runs, struct base_error *error);

#endif
