/* The lines of the files of `hirsch put`, one behind the other, plain or compressed. */
#ifndef CLI_PUT_INPUT_H
#define CLI_PUT_INPUT_H

#include "base/buffer.h"
#include "base/status.h"

struct ingest_source;

struct cli_put_input {
    char *const *paths; /* borrowed; "-" is standard input */
    size_t count;
    const volatile int *stop; /* borrowed: ends a wait for input */
    size_t opened;            /* files so far; the last of them is being read */
    struct ingest_source *source;
    struct base_buffer text; /* read, and not given yet from start on */
    size_t start;
    bool ended;       /* of the file */
    uint64_t number;  /* of the last line, over all files, from 1 */
    uint64_t *before; /* owned: lines before each file */
};

/* INTERNAL: memory is out. */
enum base_code cli_put_input_init(struct cli_put_input *input, char *const *paths, size_t count,
                                  const volatile int *stop, struct base_error *error);
void cli_put_input_fini(struct cli_put_input *input);

/* The next line without its end, blank ones included; valid until the next call. *more false: there
 * is none. Errors name the file: it cannot be read, is damaged, has a line over LIMIT_LINE. */
enum base_code cli_put_input_next(struct cli_put_input *input, struct base_slice *line, bool *more,
                                  struct base_error *error);

/* File and line of a number that was given. */
const char *cli_put_input_place(const struct cli_put_input *input, uint64_t number, uint64_t *line);

#endif
