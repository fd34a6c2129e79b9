/* A history through the real writer, on a store of its own. Whatever is not as it is to be ends the
 * process with exit code 1 and a sentence on standard error. */
#ifndef TESTS_HISTORY_RUN_H
#define TESTS_HISTORY_RUN_H

#include "history.h"
#include "store/store.h"

/* What was answered to an idempotency key; kept over a bulk load too. */
struct history_answer {
    size_t size;  /* 0: it was not sent */
    size_t index; /* of the first request that had it */
    char bytes[8 + HISTORY_ITEMS];
};

struct history_run {
    const char *folder;
    const struct history *history;
    struct history_rows *rows; /* what is to stand by now */
    uint64_t sequence;         /* at which the store is to stand by now */
    /* From the writer's thread, when an answer says that a change is on disk; may be NULL. */
    void (*acknowledged)(uint64_t sequence);
    struct store *store;
    struct store_writes *writes;
    struct history_answer answers[HISTORY_REQUESTS + 1]; /* by key */
};

_Noreturn void history_die(const char *what, const struct base_error *error);

/* A new generation: from what is there and the requests of the bulk load, or, when a store is built
 * anew, from the rows that stand. */
void history_run_load(struct history_run *run);
void history_run_build_rows(struct history_run *run);

void history_run_open(struct history_run *run);
void history_run_close(struct history_run *run);

/* Submits the requests from … to - 1, waits for all, and checks every answer. */
void history_run_write(struct history_run *run, size_t from, size_t to);

/* Source records against rows, the sequence, and (no store open in this process) everything else
 * against them. */
void history_run_check(struct history_run *run, struct store_info *info);
void history_run_verify(const char *folder);

void history_run_remove(const char *folder);

#endif
