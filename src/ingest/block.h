/* Cuts a stream of text into blocks of whole lines, so that several threads can parse one file. */
#ifndef INGEST_BLOCK_H
#define INGEST_BLOCK_H

#include "base/queue.h"
#include "ingest/paths.h"
#include "ingest/source.h"

struct ingest_block {
    const struct ingest_file *file; /* borrowed */
    uint64_t line;                  /* number of the first line */
    unsigned mark;                  /* bytes of a byte order mark in front of the first line */
    bool document;   /* one JSON text over many lines: all of it is one record's or list's */
    size_t size;     /* of the text */
    size_t capacity; /* JSON_PADDING bytes more are allocated */
    char *data;      /* owned */
};

void ingest_block_free(struct ingest_block *block);

struct ingest_cutter {
    const struct ingest_file *file; /* borrowed */
    struct base_queue *spare;       /* borrowed: blocks to use again */
    struct ingest_source *source;   /* owned */
    struct ingest_block *next; /* owned: starts with what was read behind the last whole line */
    uint64_t line;             /* number of the line that next starts with */
    bool started;
    bool ended;
    bool skipping;         /* in the middle of a line that is too long */
    enum base_code failed; /* the source ended like this */
    struct base_error error;
};

enum base_code ingest_cutter_open(struct ingest_cutter *cutter, const struct ingest_file *file,
                                  const volatile int *stop, struct base_queue *spare,
                                  struct base_error *error);
void ingest_cutter_close(struct ingest_cutter *cutter);

/* The next block, the caller's from now on; NULL at the end. OUT_OF_RANGE: a line is longer than
 * LIMIT_LINE (its number is *line); go on for what follows. Codes of ingest_source_read: after the
 * last whole line, and final. */
enum base_code ingest_cutter_next(struct ingest_cutter *cutter, struct ingest_block **block,
                                  uint64_t *line, struct base_error *error);

/* Gives a block back, to be used again. */
void ingest_block_recycle(struct base_queue *spare, struct ingest_block *block);

#endif
