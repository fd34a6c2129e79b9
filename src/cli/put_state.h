/* How far `hirsch put --resume` came: a small file that a later run goes on from. */
#ifndef CLI_PUT_STATE_H
#define CLI_PUT_STATE_H

#include <stdint.h>

#include "base/status.h"

enum { CLI_PUT_RUN = 32 };

struct cli_put_state {
    const char *path;          /* borrowed */
    char run[CLI_PUT_RUN + 1]; /* begins the idempotency keys of all its requests */
    uint64_t files;            /* hash of the input's names, sizes and times */
    uint64_t line;             /* of all files together: done up to here */
};

/* Reads it, or begins a new run when there is no such file. INVALID_ARGUMENT: not such a file, or
 * of other input. */
enum base_code cli_put_state_open(struct cli_put_state *state, const char *path,
                                  char *const *inputs, size_t count, struct base_error *error);

/* Replaces the file in one step. UNAVAILABLE: it cannot be written. */
enum base_code cli_put_state_save(const struct cli_put_state *state, struct base_error *error);

/* All is done. */
void cli_put_state_remove(const struct cli_put_state *state);

#endif
