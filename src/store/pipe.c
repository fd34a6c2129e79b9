#include "store/pipe.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/queue.h"

/* So many may be under way that one side can run ahead while the other has the longer rows: 8 MB.
 */
enum { BATCH_SIZE = 128 * 1024, BATCHES = 64 };

struct batch {
    size_t used;
    size_t size;
    char data[];
};

/* In front of a row: then come key and bytes. */
struct head {
    uint32_t key_size;
    uint16_t table;
    bool is_list;
    size_t size; /* of the bytes */
};

/* Where one thread puts its rows. */
struct lane {
    struct store_pipe *pipe;
    struct batch *batch; /* being filled */
};

struct store_pipe {
    struct store_pipe_work work;
    struct base_queue *full;
    struct base_queue *spare;
    struct lane lane;
    pthread_t thread;
    bool threaded;
    atomic_bool abandoned; /* nobody wants the rows that are under way */
    atomic_bool failed;    /* code and error are whole */
    enum base_code code;
    struct base_error error;
};

static enum base_code pass_on(struct store_pipe *pipe, const struct batch *batch)
{
    enum base_code code = BASE_OK;
    for (size_t at = 0; code == BASE_OK && at < batch->used;) {
        struct head head;
        memcpy(&head, batch->data + at, sizeof head);
        at += sizeof head;
        struct base_slice key = base_slice(batch->data + at, head.key_size);
        struct base_slice bytes = base_slice(batch->data + at + head.key_size, head.size);
        at += head.key_size + head.size;
        code = (head.is_list ? pipe->work.sink.list : pipe->work.sink.row)(
            pipe->work.sink.context, (enum store_table)head.table, key, bytes, &pipe->error);
    }
    return code;
}

static enum base_code end(struct store_pipe *pipe)
{
    if (pipe->work.end == NULL) {
        return pipe->code;
    }
    bool well = pipe->code == BASE_OK && !atomic_load(&pipe->abandoned);
    enum base_code code = pipe->work.end(pipe->work.sink.context, well, &pipe->error);
    return pipe->code == BASE_OK ? code : pipe->code;
}

static enum base_code begin(struct store_pipe *pipe)
{
    return pipe->work.begin == NULL ? BASE_OK
                                    : pipe->work.begin(pipe->work.sink.context, &pipe->error);
}

static void *run(void *context)
{
    struct store_pipe *pipe = context;
    void *item;
    pipe->code = begin(pipe);
    atomic_store(&pipe->failed, pipe->code != BASE_OK);
    while (base_queue_pop(pipe->full, &item)) {
        if (pipe->code == BASE_OK && !atomic_load(&pipe->abandoned)) {
            pipe->code = pass_on(pipe, item);
            if (pipe->code != BASE_OK) {
                atomic_store(&pipe->failed, true);
            }
        }
        if (((struct batch *)item)->size > BATCH_SIZE || !base_queue_try_push(pipe->spare, item)) {
            free(item);
        }
    }
    pipe->code = end(pipe);
    return NULL;
}

static enum base_code failure(struct store_pipe *pipe, struct base_error *error)
{
    if (error != NULL) {
        *error = pipe->error;
    }
    return pipe->code;
}

static bool take_batch(struct lane *lane, size_t size)
{
    void *item = NULL;
    if (size <= BATCH_SIZE && base_queue_try_pop(lane->pipe->spare, &item)) {
        lane->batch = item;
    } else {
        size = size > BATCH_SIZE ? size : BATCH_SIZE;
        lane->batch = malloc(sizeof *lane->batch + size);
        if (lane->batch == NULL) {
            return false;
        }
        lane->batch->size = size;
    }
    lane->batch->used = 0;
    return true;
}

static void send_batch(struct lane *lane)
{
    if (lane->batch != NULL) {
        base_queue_push(lane->pipe->full, lane->batch);
        lane->batch = NULL;
    }
}

static enum base_code put(struct lane *lane, struct head head, struct base_slice key,
                          struct base_slice bytes, struct base_error *error)
{
    size_t size = sizeof head + key.size + bytes.size;
    if (lane->batch != NULL && lane->batch->size - lane->batch->used < size) {
        send_batch(lane);
    }
    if (atomic_load(&lane->pipe->failed)) {
        return failure(lane->pipe, error);
    }
    if (lane->batch == NULL && !take_batch(lane, size)) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for %zu bytes", size);
    }
    char *to = lane->batch->data + lane->batch->used;
    memcpy(to, &head, sizeof head);
    memcpy(to + sizeof head, key.data, key.size);
    if (bytes.size > 0) {
        memcpy(to + sizeof head + key.size, bytes.data, bytes.size);
    }
    lane->batch->used += size;
    return BASE_OK;
}

static enum base_code put_row(void *context, enum store_table table, struct base_slice key,
                              struct base_slice bytes, struct base_error *error)
{
    const struct head head = {(uint32_t)key.size, (uint16_t)table, false, bytes.size};
    return put(context, head, key, bytes, error);
}

static enum base_code put_list(void *context, enum store_table table, struct base_slice owner,
                               struct base_slice entries, struct base_error *error)
{
    const struct head head = {(uint32_t)owner.size, (uint16_t)table, true, entries.size};
    return put(context, head, owner, entries, error);
}

static enum base_code fork_lane(void *context, struct store_sink *forked, struct base_error *error);

static enum base_code join_lane(void *context, struct base_error *error)
{
    struct lane *lane = context;
    send_batch(lane);
    enum base_code code = atomic_load(&lane->pipe->failed) ? failure(lane->pipe, error) : BASE_OK;
    free(lane);
    return code;
}

static struct store_sink sink_of(struct lane *lane)
{
    return (struct store_sink){lane, put_row, put_list, fork_lane, join_lane};
}

static enum base_code fork_lane(void *context, struct store_sink *forked, struct base_error *error)
{
    const struct lane *from = context;
    struct lane *lane = calloc(1, sizeof *lane);
    if (lane == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    lane->pipe = from->pipe;
    *forked = sink_of(lane);
    return BASE_OK;
}

static void free_pipe(struct store_pipe *pipe)
{
    void *item;
    while (pipe->spare != NULL && base_queue_try_pop(pipe->spare, &item)) {
        free(item);
    }
    base_queue_free(pipe->full);
    base_queue_free(pipe->spare);
    free(pipe);
}

enum base_code store_pipe_open(const struct store_pipe_work *work, bool threaded,
                               struct store_pipe **pipe, struct base_error *error)
{
    struct store_pipe *made = calloc(1, sizeof *made);
    if (made != NULL) {
        made->work = *work;
        made->lane.pipe = made;
        made->full = base_queue_new(BATCHES);
        made->spare = base_queue_new(BATCHES);
    }
    if (made == NULL || made->full == NULL || made->spare == NULL) {
        if (made != NULL) {
            free_pipe(made);
        }
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    made->threaded = threaded && pthread_create(&made->thread, NULL, run, made) == 0;
    if (!made->threaded) {
        made->code = begin(made);
    }
    *pipe = made;
    return BASE_OK;
}

struct store_sink store_pipe_sink(struct store_pipe *pipe)
{
    return pipe->threaded ? sink_of(&pipe->lane) : pipe->work.sink;
}

void store_pipe_end(struct store_pipe *pipe)
{
    if (pipe->threaded) {
        send_batch(&pipe->lane);
        base_queue_close(pipe->full);
    }
}

enum base_code store_pipe_close(struct store_pipe *pipe, bool well, struct base_error *error)
{
    if (!well) {
        atomic_store(&pipe->abandoned, true);
    }
    store_pipe_end(pipe);
    if (pipe->threaded) {
        pthread_join(pipe->thread, NULL);
    } else {
        pipe->code = end(pipe);
    }
    enum base_code code = pipe->code == BASE_OK ? BASE_OK : failure(pipe, error);
    free_pipe(pipe);
    return code;
}
