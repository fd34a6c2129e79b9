/* The ids of a command: its arguments, and for `-` the lines of stdin. */
#ifndef CLI_IDS_H
#define CLI_IDS_H

#include <stdio.h>

#include "base/arena.h"
#include "base/status.h"

struct cli_ids {
    struct base_arena arena;
    const char **values;
    size_t count;
    size_t capacity;
};

/* Blank lines of input are skipped, blanks around an id taken away. Fini in either case. */
enum base_code cli_ids_read(struct cli_ids *ids, int count, char **arguments, FILE *input,
                            struct base_error *error);
void cli_ids_fini(struct cli_ids *ids);

/* Reads a command's ids and does run with them unless there are none; the exit code. */
struct cli_context;
int cli_ids_run(const struct cli_context *context, int count, char **arguments,
                int (*run)(const struct cli_context *context, const struct cli_ids *ids));

#endif
