/* What the parsers of all formats share while they take one line apart. */
#ifndef INGEST_LINE_H
#define INGEST_LINE_H

#include "ingest/ingest.h"
#include "json/json.h"

/* One line (or one whole document) under way. Everything is borrowed from the caller of parse_line.
 */
struct ingest_line {
    struct ingest_context *context;
    struct base_slice text;
    struct ingest_fault *fault;
    struct base_error *error;
    struct ingest_tally tally;
    bool no_memory; /* something was left out for want of memory: ingest_finish refuses */
};

/* Fills the fault, with the place where the value stands in the line, and returns INVALID_ARGUMENT.
 */
enum base_code ingest_reject(struct ingest_line *line, struct json_value at,
                             enum ingest_reason reason, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The arena is full: ends the import. */
enum base_code ingest_no_memory(struct ingest_line *line);

/* Reads the line as one JSON value. */
enum base_code ingest_read_json(struct ingest_line *line, struct json_value *value);

/* FIELD_TYPE unless the value is such a thing; name is the field's, for the sentence. */
enum base_code ingest_want_string(struct ingest_line *line, const char *name,
                                  struct json_value value, struct base_slice *text);
enum base_code ingest_want_bool(struct ingest_line *line, const char *name, struct json_value value,
                                bool *truth);
enum base_code ingest_want_type(struct ingest_line *line, const char *name, struct json_value value,
                                enum json_type type);
/* VALUE when it is over 32 bits. */
enum base_code ingest_want_count(struct ingest_line *line, const char *name,
                                 struct json_value value, struct model_count *count);

/* What a call of model that brings something into normal form came to, where a bad value is dropped
 * and not rejected. */
bool ingest_is_good(struct ingest_line *line, enum base_code code);

/* Brings the record into canonical form; what speaks against it is rejected at the value it was
 * made from. */
enum base_code ingest_finish(struct ingest_line *line, struct json_value at,
                             struct model_record *record);

/* The line is accepted: its losses are added to the context's. */
void ingest_accept(struct ingest_line *line);

#endif
