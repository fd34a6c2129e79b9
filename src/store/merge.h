/* Sorted runs put together: one stream in the order of keys, or several of ranges of keys. */
#ifndef STORE_MERGE_H
#define STORE_MERGE_H

#include "store/runs.h"

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

/* For merges side by side: of the runs' keys only those from `from` on and before `to`; data NULL:
 * no bound. */
enum base_code store_merge_part(struct store_runs *const *runs, size_t count,
                                struct base_slice from, struct base_slice to,
                                struct store_merge **merge, struct base_error *error);

/* Bounds between so many parts, each of about as many keys, as far as equal keys let it; parts - 1
 * of them, ascending, as long-lived as the runs. */
enum base_code store_merge_cut(struct store_runs *const *runs, size_t count, size_t parts,
                               struct base_slice *cuts, struct base_error *error);

/* In order of keys; equal keys in no order. Slices live as long as the runs. False at the end. */
bool store_merge_next(struct store_merge *merge, struct base_slice *key, struct base_slice *value);

#endif
