/* Source records as messages of hirsch.v1, both ways. */
#ifndef WIRE_RECORD_H
#define WIRE_RECORD_H

#include "base/buffer.h"
#include "model/record.h"

struct Hirsch__V1__Record;
struct Hirsch__V1__RecordKey;

/* The record that the message stands for, finished, as strict as the reader of the native format.
 * received is its `updated` when it has none of its own. Texts are borrowed from the message, the
 * rest lives in the arena. INVALID_ARGUMENT: the sentence names the field by its path
 * ("authors[3].ids[0]: …"). */
enum base_code wire_record_read(const struct Hirsch__V1__Record *message, model_time received,
                                struct base_arena *arena, struct model_record *record,
                                struct base_error *error);

enum { WIRE_KEY_RECORDS = 3 };

/* What the records are found under that the key names: type, ids and entity are filled. Where no
 * entity is given and the ids could name an author and a paper, that is the records of both, and a
 * merge or suppress record of neither. Errors as above. */
enum base_code wire_record_key_read(const struct Hirsch__V1__RecordKey *message,
                                    struct base_arena *arena,
                                    struct model_record records[WIRE_KEY_RECORDS], size_t *count,
                                    struct base_error *error);

/* Appends a hirsch.v1.Record. record is finished; reading the message gives an equal one. Check
 * buffer->failed. */
void wire_record_write(const struct model_record *record, struct base_buffer *buffer);

#endif
