/* Many ids in few calls: chunks, smaller ones when an answer would be too long, and the exit code
 * of it all. */
#ifndef CLI_BATCH_H
#define CLI_BATCH_H

#include "hirsch/client.h"

struct cli_context;

/* Failures so far. */
struct cli_tally {
    size_t asked;
    size_t failed;
    enum hirsch_code first; /* code of the first failure */
};

struct cli_batch {
    /* Asks for count ids and prints the answers in their order, or prints nothing and fails as a
     * whole. Tallies the items that failed. *stop: stdout cannot be written. */
    enum hirsch_code (*ask)(void *state, const char *const *ids, size_t count,
                            struct cli_tally *tally, bool *stop, hirsch_error **error);
    void *state;
    size_t chunk; /* ids a call, at most HIRSCH_MAX_BATCH */
};

/* Says on stderr why one item failed. */
void cli_item_failed(struct cli_tally *tally, const char *id, enum hirsch_code code,
                     const char *message);

/* What put of cli_raw_show gets where a batch is printed. */
struct cli_items {
    const struct cli_context *context;
    struct cli_tally *tally;
};

/* The exit code of calls that came through: 0, 2 when some items failed, the first one's code when
 * all did. */
int cli_tally_exit(const struct cli_tally *tally);

/* All ids, and the exit code: 0, 2 when some failed, the first one's code when all failed, or that
 * of a call that failed as a whole. */
int cli_batch_run(const struct cli_batch *batch, const char *const *ids, size_t count);

#endif
