/* Sorting more than memory holds: keys with values go in, sorted runs are kept in memory or in
 * unlinked files, and one merged stream comes out. */
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

/* A stream of keys in order from anywhere: what a merge takes besides runs. */
struct store_stream {
    void *context;
    /* False at the end. Slices live as long as the stream. */
    bool (*next)(void *context, struct base_slice *key, struct base_slice *value);
};

struct store_merge;

/* Over the runs of several sorters and further streams, all borrowed. */
enum base_code store_merge_new(struct store_runs *const *runs, size_t count,
                               const struct store_stream *streams, size_t stream_count,
                               struct store_merge **merge, struct base_error *error);
void store_merge_free(struct store_merge *merge);

/* In order of keys; equal keys in no order. Slices live as long as the runs. False at the end. */
bool store_merge_next(struct store_merge *merge, struct base_slice *key, struct base_slice *value);

#endif
