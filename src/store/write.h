/* Writes beside readers: the one writer of an open store. Requests wait in a bounded queue; a group
 * of them is planned, applied and committed as one transaction, and answered when it is on disk. */
#ifndef STORE_WRITE_H
#define STORE_WRITE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "model/record.h"
#include "store/derive.h"
#include "store/store.h"

struct store_writes;

/* What became of one item. */
enum store_outcome {
    STORE_OUTCOME_FAILED = 0, /* code and text say why */
    STORE_OUTCOME_STORED,     /* new, or greater than what stood under its key */
    STORE_OUTCOME_UNCHANGED,  /* the same bytes are there */
    STORE_OUTCOME_OLDER,      /* what stands under its key is greater by (`updated`, bytes) */
    STORE_OUTCOME_SUPPRESSED, /* a suppress line names its id: not stored */
    STORE_OUTCOME_DELETED,
    STORE_OUTCOME_ABSENT, /* to be deleted, and nothing stands under its key */
};

struct store_write_item {
    bool remove;
    /* Finished. To remove: type, id, other and entity, which make the key, are enough. */
    const struct model_record *record;
    /* Results, filled before pack. An item that comes with code set is not looked at. */
    enum store_outcome outcome;
    enum base_code code;
    const char *text; /* in the request's arena; NULL without failure */
};

struct store_write_result {
    uint64_t sequence; /* of this change; of the last one when no item changed anything */
    uint8_t epoch[STORE_EPOCH];
};

struct store_write {
    /* Set by the caller, who keeps all of it alive and untouched until done was called. */
    struct base_arena *arena; /* the writer's from submit to done */
    struct store_write_item *items;
    size_t count;
    size_t bytes;         /* of the request as it came: its weight in the queue */
    uint64_t deadline_ns; /* monotonic; not begun after it: DEADLINE_EXCEEDED. 0: none */
    model_time time;      /* of receipt; for the log and for the expiry of the key */
    /* Idempotency key; key.size 0: none. The same key with another hash is INVALID_ARGUMENT, with
     * the same one the stored answer is given again. */
    struct base_slice caller;
    struct base_slice method;
    struct base_slice key;
    uint8_t hash[16]; /* of the request */
    /* A chunk of an import is one entry of the log that names its run. */
    bool is_chunk;
    uint8_t run[16];
    uint32_t chunk;
    /* Appends the answer, on the writer's thread and inside the transaction, so that it is kept
     * with the key. Called again when the group is replayed. */
    void (*pack)(const struct store_write *write, const struct store_write_result *result,
                 struct base_buffer *answer);
    /* Exactly once, on the writer's thread: the change is on disk (answer is what pack made, or
     * what the key has kept), or nothing of it was done and error says why. Both are borrowed for
     * the call. The writer does not touch the request afterwards. */
    void (*done)(struct store_write *write, enum base_code code, const struct base_error *error,
                 struct base_slice answer);
    void *context;
    /* Set by a submit that refuses: when there will be room again, in ms; 0: who knows. */
    uint32_t retry_ms;
    struct store_write *next; /* the writer's */
};

struct store_writes_options {
    const char *directory; /* of the store, for the guard of free disk; borrowed */
    struct store_packer packer;
    size_t queue_requests;    /* RESOURCE_EXHAUSTED beyond; 0: LIMIT_WRITE_QUEUE */
    size_t queue_bytes;       /* likewise; 0: LIMIT_WRITE_QUEUE_BYTES */
    uint64_t (*now_ns)(void); /* monotonic */
    /* Once, when the disk has failed and nothing is acknowledged any more; on the writer's thread.
     * May be NULL. */
    void (*stopped)(void *state, const char *text);
    void (*report)(void *state,
                   const char *text); /* one line for the log; any thread; may be NULL */
    void *state;
};

struct store_writes_counters {
    uint64_t requests; /* answered */
    uint64_t refused;  /* queue full, guards */
    uint64_t items_stored;
    uint64_t items_deleted;
    uint64_t commits;
    uint64_t commit_ns; /* sum of the commits' times */
    uint64_t queued;    /* requests that wait now */
    bool full;          /* a guard refuses puts now */
    bool alive;         /* false: it stopped acknowledging after an error of the disk */
};

/* Starts the writer's thread. The caller holds the directory's lock. */
enum base_code store_writes_open(struct store *store, const struct store_writes_options *options,
                                 struct store_writes **writes, struct base_error *error);
/* Finishes what waits, then ends. Takes NULL. No submit afterwards. */
void store_writes_close(struct store_writes *writes);

/* Any thread; never waits. On failure done is not called: RESOURCE_EXHAUSTED (queue full; a guard
 * refuses puts: map or disk nearly full), UNAVAILABLE (closing, or the disk failed). */
enum base_code store_writes_submit(struct store_writes *writes, struct store_write *write,
                                   struct base_error *error);

void store_writes_counters(struct store_writes *writes, struct store_writes_counters *counters);

/* Sequence of the last change on disk, published before its answer. Any thread. A reader whose
 * snapshot is older rests before it reads, so that a read after an answer sees the write. */
uint64_t store_committed(const struct store *store);

#endif
