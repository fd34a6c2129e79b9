/* Ids that are never stored (erasure requests), and records without them. */
#ifndef STORE_SUPPRESS_H
#define STORE_SUPPRESS_H

#include "store/intern.h"
#include "model/record.h"

struct store_suppress {
    struct store_intern ids; /* entity kind (0: any), id key */
    uint64_t left_out;       /* what redaction removed so far */
};

void store_suppress_init(struct store_suppress *suppress, struct store_scratch *scratch);
void store_suppress_fini(struct store_suppress *suppress);

/* Notes a suppress record. */
enum base_code store_suppress_add(struct store_suppress *suppress,
                                  const struct model_record *record, struct base_error *error);

/* Takes the ids out of the record: other ids, authors and references are dropped, places of authors
 * stay. *keep is false when the record itself is about such an id. Arrays that change are copied
 * into the arena. */
enum base_code store_suppress_redact(struct store_suppress *suppress, struct model_record *record,
                                     struct base_arena *arena, bool *keep, bool *changed,
                                     struct base_error *error);

#endif
