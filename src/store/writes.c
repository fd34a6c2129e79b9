/* The writer's thread: takes a group of requests off its queue, applies them in one transaction,
 * commits, answers. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "store/apply.h"
#include "store/group.h"
#include "store/guard.h"
#include "store/idem.h"
#include "store/log.h"
#include "store/reader.h"

/* A request of the group that is under way. */
struct pending {
    struct store_write *write;
    enum base_code code; /* other than OK: it is answered with error */
    struct base_error error;
    bool kept; /* the answer was kept with its key before */
    struct store_write_result result;
    struct base_buffer entry;  /* of the log */
    struct base_buffer answer; /* packed */
};

enum {
    GROUP_REQUESTS = 512,
    /* A group leaves a full queue about as often. */
    FULL_RETRY_MS = 100,
};

struct store_writes {
    struct store *store;
    struct store_writes_options options;
    struct apply *apply;
    struct store_guard guard;
    struct store_log log;
    bool log_known;
    pthread_t thread;
    struct pending group[GROUP_REQUESTS];
    size_t group_from; /* of group: what goes into the present transaction */
    size_t group_end;
    struct store_group size; /* what a group may hold */
    size_t weight;           /* of group */
    model_time now;          /* the latest time of receipt */

    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t wake;
    struct store_write *first;
    struct store_write *last;
    size_t waiting;
    size_t waiting_bytes;
    bool closing;
    bool dead;
    struct store_writes_counters counters;
};

static bool has_put(const struct store_write *write)
{
    for (size_t i = 0; i < write->count; i++) {
        if (!write->items[i].remove) {
            return true;
        }
    }
    return false;
}

static enum base_code fail_dead(struct base_error *error)
{
    return base_fail(error, BASE_UNAVAILABLE, "the disk has failed; nothing is written any more");
}

enum base_code store_writes_submit(struct store_writes *writes, struct store_write *write,
                                   struct base_error *error)
{
    enum base_code code =
        store_guard_admit(&writes->guard, !has_put(write), writes->options.now_ns(), error);
    write->next = NULL;
    write->retry_ms = 0;
    pthread_mutex_lock(&writes->mutex);
    if (code != BASE_OK) {
        writes->counters.refused++;
    } else if (writes->dead || writes->closing) {
        code = writes->dead ? fail_dead(error)
                            : base_fail(error, BASE_UNAVAILABLE,
                                        "the writer is closing; ask again elsewhere or later");
    } else if (writes->waiting >= writes->options.queue_requests ||
               writes->waiting_bytes + write->bytes > writes->options.queue_bytes) {
        writes->counters.refused++;
        write->retry_ms = FULL_RETRY_MS;
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED,
                         "%zu writes of %zu bytes wait already; send again in a moment",
                         writes->waiting, writes->waiting_bytes);
    } else {
        *(writes->last == NULL ? &writes->first : &writes->last->next) = write;
        writes->last = write;
        writes->waiting++;
        writes->waiting_bytes += write->bytes;
        pthread_cond_signal(&writes->wake);
    }
    pthread_mutex_unlock(&writes->mutex);
    return code;
}

static size_t weight_of(const struct store_write *write)
{
    size_t weight = 0;
    for (size_t i = 0; i < write->count; i++) {
        const struct model_record *record = write->items[i].record;
        weight++;
        if (!write->items[i].remove && write->items[i].code == BASE_OK &&
            record->type == MODEL_RECORD_PAPER) {
            weight += record->paper.author_count + record->paper.reference_count;
        }
    }
    return weight;
}

static bool same_key(const struct store_write *a, const struct store_write *b)
{
    return a->key.size > 0 && base_slice_equal(a->key, b->key) &&
           base_slice_equal(a->caller, b->caller) && base_slice_equal(a->method, b->method);
}

/* A repeated key waits for the group in which its answer is kept. */
static bool key_is_in_group(const struct store_writes *writes, const struct store_write *write)
{
    for (size_t i = 0; i < writes->group_end; i++) {
        if (same_key(writes->group[i].write, write)) {
            return true;
        }
    }
    return false;
}

/* Waits for requests and takes a group of them; false when it is time to end. */
static bool take_group(struct store_writes *writes)
{
    size_t weight = 0;
    size_t most = store_group_most(&writes->size);
    writes->group_from = 0;
    writes->group_end = 0;
    pthread_mutex_lock(&writes->mutex);
    while (writes->first == NULL && !writes->closing) {
        pthread_cond_wait(&writes->wake, &writes->mutex);
    }
    while (writes->first != NULL && writes->group_end < GROUP_REQUESTS &&
           !key_is_in_group(writes, writes->first)) {
        struct store_write *write = writes->first;
        size_t more = weight_of(write);
        if (writes->group_end > 0 && weight + more > most) {
            break;
        }
        weight += more;
        writes->first = write->next;
        writes->last = writes->first == NULL ? NULL : writes->last;
        writes->waiting--;
        writes->waiting_bytes -= write->bytes;
        struct pending *pending = &writes->group[writes->group_end++];
        pending->write = write;
        writes->now = write->time > writes->now ? write->time : writes->now;
    }
    pthread_mutex_unlock(&writes->mutex);
    writes->weight = weight;
    return writes->group_end > 0;
}

static void reset(struct pending *pending)
{
    pending->code = BASE_OK;
    pending->kept = false;
    base_buffer_clear(&pending->entry);
    base_buffer_clear(&pending->answer);
}

/* Items that came without fault: a replay begins with them again. */
static void reset_items(const struct store_write *write)
{
    for (size_t i = 0; i < write->count; i++) {
        write->items[i].outcome = STORE_OUTCOME_FAILED;
    }
}

static struct store_idem idem_of(const struct store_write *write)
{
    struct store_idem idem = {write->caller, write->method, write->key, {0}};
    memcpy(idem.hash, write->hash, sizeof idem.hash);
    return idem;
}

static enum base_code find_kept(struct store_writes *writes, MDB_txn *txn, struct pending *pending)
{
    struct store_idem idem = idem_of(pending->write);
    struct base_slice answer;
    enum base_code code = store_idem_find(&writes->store->env, txn, &idem, pending->write->time,
                                          &answer, &pending->error);
    if (code == BASE_OK) {
        base_buffer_append_slice(&pending->answer, answer);
        pending->kept = true;
        code = pending->answer.failed
                   ? base_fail(&pending->error, BASE_RESOURCE_EXHAUSTED, "out of memory")
                   : BASE_OK;
    }
    return code == BASE_NOT_FOUND ? BASE_OK : code;
}

/* Plans one request. Only what ends the whole group is returned. */
static enum base_code plan(struct store_writes *writes, MDB_txn *txn, struct pending *pending,
                           uint64_t *sequence)
{
    struct store_write *write = pending->write;
    reset(pending);
    reset_items(write);
    if (write->deadline_ns != 0 && writes->options.now_ns() > write->deadline_ns) {
        pending->code = base_fail(&pending->error, BASE_DEADLINE_EXCEEDED,
                                  "the deadline passed while the write waited for others");
        return BASE_OK;
    }
    if (write->key.size > 0) {
        pending->code = find_kept(writes, txn, pending);
        if (pending->code != BASE_OK || pending->kept) {
            return pending->code == BASE_INVALID_ARGUMENT ? BASE_OK : pending->code;
        }
    }
    struct store_log_entry head = {.kind = write->is_chunk ? STORE_LOG_CHUNK : STORE_LOG_CHANGE,
                                   .time = write->time,
                                   .chunk = write->chunk};
    memcpy(head.run, write->run, sizeof head.run);
    store_log_begin(&pending->entry, &head);
    size_t nothing = pending->entry.size;
    for (size_t i = 0; i < write->count; i++) {
        if (write->items[i].code != BASE_OK) {
            continue;
        }
        enum base_code code =
            apply_item(writes->apply, &write->items[i], &pending->entry, &pending->error);
        if (code != BASE_OK) {
            pending->code = code;
            return code;
        }
    }
    if (pending->entry.failed) {
        return base_fail(&pending->error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    if (pending->entry.size > nothing) {
        (*sequence)++;
    } else {
        base_buffer_clear(&pending->entry);
    }
    pending->result.sequence = *sequence;
    memcpy(pending->result.epoch, apply_epoch(writes->apply), STORE_EPOCH);
    return BASE_OK;
}

/* Log, answer and key of one request. */
static enum base_code keep(struct store_writes *writes, MDB_txn *txn, struct pending *pending)
{
    const struct store_env *env = &writes->store->env;
    const struct store_write *write = pending->write;
    enum base_code code = BASE_OK;
    if (pending->code != BASE_OK || pending->kept) {
        return BASE_OK;
    }
    if (pending->entry.size > 0) {
        code = store_log_append(&writes->log, env, txn, pending->result.sequence,
                                base_buffer_slice(&pending->entry), &pending->error);
    }
    if (code == BASE_OK) {
        write->pack(write, &pending->result, &pending->answer);
        code = pending->answer.failed
                   ? base_fail(&pending->error, BASE_RESOURCE_EXHAUSTED, "out of memory")
                   : BASE_OK;
    }
    if (code == BASE_OK && write->key.size > 0) {
        struct store_idem idem = idem_of(write);
        code = store_idem_keep(env, txn, &idem, write->time, base_buffer_slice(&pending->answer),
                               &pending->error);
    }
    return code;
}

static enum base_code write_group(struct store_writes *writes, MDB_txn *txn, uint64_t sequence,
                                  struct base_error *error)
{
    const struct store_env *env = &writes->store->env;
    MDB_envinfo info;
    mdb_env_info(env->env, &info);
    enum base_code code = BASE_OK;
    if (!writes->log_known) {
        code = store_log_read(env, txn, &writes->log, error);
        writes->log_known = code == BASE_OK;
    }
    for (size_t i = writes->group_from; code == BASE_OK && i < writes->group_end; i++) {
        code = keep(writes, txn, &writes->group[i]);
        if (code != BASE_OK) {
            *error = writes->group[i].error;
        }
    }
    if (code == BASE_OK) {
        code = store_log_trim(&writes->log, env, txn, writes->now, info.me_mapsize, error);
    }
    if (code == BASE_OK) {
        code = store_log_write(env, txn, &writes->log, error);
    }
    if (code == BASE_OK) {
        code = store_idem_trim(env, txn, writes->now, error);
    }
    return code == BASE_OK ? apply_finish(writes->apply, sequence, error) : code;
}

/* Plans and writes the group; the transaction is left to the caller. */
static enum base_code fill(struct store_writes *writes, MDB_txn *txn, uint64_t *sequence,
                           struct base_error *error)
{
    enum base_code code = apply_begin(writes->apply, txn, model_time_day(writes->now), error);
    if (code != BASE_OK) {
        return code;
    }
    *sequence = apply_sequence(writes->apply);
    for (size_t i = writes->group_from; i < writes->group_end; i++) {
        code = plan(writes, txn, &writes->group[i], sequence);
        if (code != BASE_OK) {
            *error = writes->group[i].error;
            return code;
        }
    }
    return write_group(writes, txn, *sequence, error);
}

/* Room for what could not be written may come by itself; a disk that fails does not. */
static bool is_fatal(struct store_writes *writes, int code)
{
    struct base_error error;
    if (code == MDB_PANIC) {
        return true;
    }
    store_guard_forget(&writes->guard);
    return code == EIO &&
           store_guard_admit(&writes->guard, false, writes->options.now_ns(), &error) == BASE_OK;
}

static void die(struct store_writes *writes, const char *text)
{
    pthread_mutex_lock(&writes->mutex);
    bool first = !writes->dead;
    writes->dead = true;
    pthread_mutex_unlock(&writes->mutex);
    if (first && writes->options.stopped != NULL) {
        writes->options.stopped(writes->options.state, text);
    }
}

/* One transaction for the whole group. */
static enum base_code commit_group(struct store_writes *writes, struct base_error *error)
{
    MDB_txn *txn;
    /* A disk tells of a failure once: the next commit may seem to succeed. Only this thread sets
     * it. */
    if (writes->dead) {
        return fail_dead(error);
    }
    uint64_t sequence;
    int failed = mdb_txn_begin(writes->store->env.env, NULL, 0, &txn);
    if (failed != MDB_SUCCESS) {
        enum base_code code = store_env_fail(error, failed, "begin");
        if (is_fatal(writes, failed)) {
            die(writes, error->text);
        }
        return code;
    }
    enum base_code code = fill(writes, txn, &sequence, error);
    if (code != BASE_OK) {
        mdb_txn_abort(txn);
        goto forget;
    }
    uint64_t begin_ns = writes->options.now_ns();
    failed = mdb_txn_commit(txn);
    if (failed != MDB_SUCCESS) {
        code = store_env_fail(error, failed, "commit");
        if (is_fatal(writes, failed)) {
            die(writes, error->text);
        }
        goto forget;
    }
    pthread_mutex_lock(&writes->mutex);
    writes->counters.commits++;
    writes->counters.commit_ns += writes->options.now_ns() - begin_ns;
    pthread_mutex_unlock(&writes->mutex);
    atomic_store_explicit(&writes->store->committed, sequence, memory_order_release);
    return BASE_OK;

forget:
    apply_forget(writes->apply);
    writes->log_known = false;
    return code;
}

static void count(struct store_writes *writes, const struct store_write *write)
{
    pthread_mutex_lock(&writes->mutex);
    writes->counters.requests++;
    for (size_t i = 0; i < write->count; i++) {
        writes->counters.items_stored += write->items[i].outcome == STORE_OUTCOME_STORED ? 1 : 0;
        writes->counters.items_deleted += write->items[i].outcome == STORE_OUTCOME_DELETED ? 1 : 0;
    }
    pthread_mutex_unlock(&writes->mutex);
}

static void answer(struct store_writes *writes, struct pending *pending)
{
    struct store_write *write = pending->write;
    if (pending->code == BASE_OK && !pending->kept) {
        count(writes, write);
    }
    write->done(write, pending->code, pending->code == BASE_OK ? NULL : &pending->error,
                base_buffer_slice(&pending->answer));
}

/* A group that failed as a whole is tried again one by one, so that one request does not take the
 * others with it. */
static void serve_group(struct store_writes *writes)
{
    struct base_error error;
    size_t size = writes->group_end;
    enum base_code code = commit_group(writes, &error);
    bool one_by_one = code != BASE_OK && size > 1;
    if (code == BASE_OK) {
        store_group_learn(&writes->size, writes->weight);
    }
    for (size_t i = 0; i < size; i++) {
        struct pending *pending = &writes->group[i];
        if (one_by_one) {
            writes->group_from = i;
            writes->group_end = i + 1;
            code = commit_group(writes, &error);
        }
        if (code != BASE_OK) {
            pending->code = code;
            pending->error = error;
        }
        answer(writes, pending);
    }
}

static void *run(void *context)
{
    struct store_writes *writes = context;
    while (take_group(writes)) {
        serve_group(writes);
    }
    return NULL;
}

static void release(struct store_writes *writes)
{
    for (size_t i = 0; i < GROUP_REQUESTS; i++) {
        base_buffer_fini(&writes->group[i].entry);
        base_buffer_fini(&writes->group[i].answer);
    }
    store_group_fini(&writes->size);
    store_guard_fini(&writes->guard);
    pthread_cond_destroy(&writes->wake);
    pthread_mutex_destroy(&writes->mutex);
    apply_free(writes->apply);
    free(writes);
}

enum base_code store_writes_open(struct store *store, const struct store_writes_options *options,
                                 struct store_writes **writes, struct base_error *error)
{
    struct store_writes *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    BASE_ASSERT(options->now_ns != NULL);
    made->store = store;
    made->options = *options;
    made->options.queue_requests =
        options->queue_requests != 0 ? options->queue_requests : LIMIT_WRITE_QUEUE;
    made->options.queue_bytes =
        options->queue_bytes != 0 ? options->queue_bytes : LIMIT_WRITE_QUEUE_BYTES;
    pthread_mutex_init(&made->mutex, NULL);
    pthread_cond_init(&made->wake, NULL);
    store_guard_init(&made->guard, &store->env, options->directory);
    store_group_init(&made->size, &store->env);
    enum base_code code = apply_new(store, &options->packer, &made->apply, error);
    int failed = code == BASE_OK ? pthread_create(&made->thread, NULL, run, made) : 0;
    if (failed != 0) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "the writer's thread does not start: %s",
                         strerror(failed));
    }
    if (code != BASE_OK) {
        release(made);
        return code;
    }
    *writes = made;
    return BASE_OK;
}

void store_writes_close(struct store_writes *writes)
{
    if (writes == NULL) {
        return;
    }
    pthread_mutex_lock(&writes->mutex);
    writes->closing = true;
    pthread_cond_signal(&writes->wake);
    pthread_mutex_unlock(&writes->mutex);
    pthread_join(writes->thread, NULL);
    release(writes);
}

void store_writes_counters(struct store_writes *writes, struct store_writes_counters *counters)
{
    struct base_error error;
    /* Asked and not remembered: deletes are admitted where puts are not, and nobody who waits for
     * room sends any. */
    bool full = store_guard_admit(&writes->guard, false, writes->options.now_ns(), &error) ==
                BASE_RESOURCE_EXHAUSTED;
    pthread_mutex_lock(&writes->mutex);
    *counters = writes->counters;
    counters->queued = writes->waiting;
    counters->full = full;
    counters->alive = !writes->dead;
    pthread_mutex_unlock(&writes->mutex);
}
