/* One input file as a stream of text: plain, gzip or zstd, told by its first bytes. */
#ifndef INGEST_SOURCE_H
#define INGEST_SOURCE_H

#include "base/status.h"
#include "base/bytes.h"

struct ingest_source;

/* path "-" is standard input. NOT_FOUND: it cannot be opened. stop (borrowed, may be NULL), once
 * set, ends a wait for input with CANCELLED, here and in every read. */
enum base_code ingest_source_open(const char *path, const volatile int *stop,
                                  struct ingest_source **source, struct base_error *error);

/* NULL is fine. */
void ingest_source_close(struct ingest_source *source);

/* Some bytes of text, at most room of them (at least 1); *size 0 at the end. DATA_LOSS: the
 * compressed data is damaged or cut; UNAVAILABLE: the file cannot be read. What was given before
 * stays good. */
enum base_code ingest_source_read(struct ingest_source *source, char *to, size_t room, size_t *size,
                                  struct base_error *error);

/* Bytes of the file, as it lies on disk, that have been read so far. */
uint64_t ingest_source_taken(const struct ingest_source *source);

#endif
