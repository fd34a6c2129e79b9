/* A sink on a thread of its own: rows are handed over in batches and come out in the same order, so
 * that deriving, compressing, writing and comparing run side by side. */
#ifndef STORE_PIPE_H
#define STORE_PIPE_H

#include "store/derive.h"

struct store_pipe;

/* What happens at the other end, all on one thread, one call at a time. */
struct store_pipe_work {
    struct store_sink sink;
    /* Before the first row, or NULL; while the rows are still being made. */
    enum base_code (*begin)(void *context, struct base_error *error);
    /* Last of all, or NULL, whether all went well or not. */
    enum base_code (*end)(void *context, bool well, struct base_error *error);
};

/* Where no thread can be had, or is not wanted, whoever opens, puts a row or closes does the work.
 */
enum base_code store_pipe_open(const struct store_pipe_work *work, bool threaded,
                               struct store_pipe **pipe, struct base_error *error);

/* For one thread; it can be forked for others. After the work has failed every row fails as it did,
 * sooner or later. */
struct store_sink store_pipe_sink(struct store_pipe *pipe);

/* No row comes any more: the work may come to its end while whoever put the rows goes on. */
void store_pipe_end(struct store_pipe *pipe);

/* All forks are joined. Waits until every row has arrived, or until they are thrown away when not
 * well; what the work came to. Frees the pipe. */
enum base_code store_pipe_close(struct store_pipe *pipe, bool well, struct base_error *error);

#endif
