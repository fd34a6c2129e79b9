/* One process's part of a run: decides when what is sent where and counts what comes of it. Knows
 * no socket and reads no clock of its own. */
#ifndef BENCH_DRIVER_H
#define BENCH_DRIVER_H

#include "bench/asker.h"
#include "bench/tally.h"

/* What the driver needs of the world. */
struct bench_outside {
    void *state;
    uint64_t (*now)(void *state);
    /* Sends on a connection that is ready. False: it could not, the request is lost. */
    bool (*send)(void *state, unsigned connection, uint32_t id, const char *method,
                 struct base_slice payload);
};

/* Somebody who ends a run early does not want to wait for a long time limit. */
#define BENCH_PATIENCE_NS UINT64_C(2000000000)

struct bench_driver;

/* plan: the part of this process, borrowed like tally. The run begins at start_ns of the clock.
 * INVALID_ARGUMENT: more requests under way than a process can hold. */
enum base_code bench_driver_new(const struct bench_plan *plan, const struct bench_outside *outside,
                                struct bench_tally *tally, struct bench_driver **driver,
                                struct base_error *error);
void bench_driver_free(struct bench_driver *driver);

void bench_driver_begin(struct bench_driver *driver, uint64_t start_ns);
/* No more requests from now on; what is under way is waited for, for BENCH_PATIENCE_NS at most. */
void bench_driver_end(struct bench_driver *driver, uint64_t now_ns);

void bench_driver_ready(struct bench_driver *driver, unsigned connection);
void bench_driver_lost(struct bench_driver *driver, unsigned connection, const char *why);
/* code: of the answer. size: bytes as they came. message: why, when code is not OK. */
void bench_driver_reply(struct bench_driver *driver, uint32_t id, uint32_t code,
                        struct base_slice payload, struct base_slice message, uint64_t now_ns);

/* Gives up what took too long, sends what is due. Returns when it wants its next turn. */
uint64_t bench_driver_turn(struct bench_driver *driver, uint64_t now_ns);
/* Everything that was due has found its end. */
bool bench_driver_done(const struct bench_driver *driver);

#endif
