/* The native exchange format: one JSON object a line, both ways. */
#ifndef INGEST_NATIVE_H
#define INGEST_NATIVE_H

#include "base/buffer.h"
#include "ingest/ingest.h"

/* Strict: unknown fields, duplicate keys and null are errors. */
extern const struct ingest_format ingest_native;

/* Appends the record as one line with its newline, keys in a fixed order, absent fields left out:
 * the same record always gives the same bytes, and reading them gives the same record. Check
 * buffer->failed. */
void ingest_native_write(const struct model_record *record, struct base_buffer *buffer);

#endif
