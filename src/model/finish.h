/* Checks and canonical forms of the parts of records; the entry is model_record_finish in
 * record.h. */
#ifndef MODEL_FINISH_H
#define MODEL_FINISH_H

#include "model/order.h"
#include "model/record.h"

/* What the checks of one record share; both borrowed for the call. error may be NULL. */
struct model_finish {
    struct base_arena *arena;
    struct base_error *error;
};

enum base_code model_finish_memory(struct model_finish *finish);

/* At most limit bytes, no control characters; tab and newline are allowed where the limit is that
 * of abstracts. */
enum base_code model_finish_text(struct model_finish *finish, const char *what,
                                 struct base_slice text, size_t limit);

enum base_code model_finish_limit(struct model_finish *finish, const char *what, size_t count,
                                  size_t limit);

/* An id under which something may be stored: of its kind, and none that we made of a name. */
enum base_code model_finish_id(struct model_finish *finish, const struct model_id *id,
                               enum model_entity entity);

/* Replaces *items by a sorted copy with each item once, unless they are so already. */
enum base_code model_finish_order(struct model_finish *finish, const void **items, size_t *count,
                                  size_t size, model_order order);

/* Other ids beside own: sorted, each once, own not among them. */
enum base_code model_finish_ids(struct model_finish *finish, const struct model_id *own,
                                enum model_entity entity, const struct model_id **ids,
                                size_t *count);

/* Sorted, each once, without empty ones. */
enum base_code model_finish_texts(struct model_finish *finish, const char *what, size_t limit,
                                  const struct base_slice **texts, size_t *count);
enum base_code model_finish_affiliations(struct model_finish *finish,
                                         const struct model_affiliation **affiliations,
                                         size_t *count);

enum base_code model_finish_field(struct model_finish *finish, struct model_field *field);
void model_finish_date(struct model_date *date);

/* The reported blocks of a record whose source is set already. */
enum base_code model_finish_reported(struct model_finish *finish, struct model_record *record);

#endif
