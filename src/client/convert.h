/* From the generated structs of the wire to the plain ones of the public header. */
#ifndef CLIENT_CONVERT_H
#define CLIENT_CONVERT_H

#include <stdbool.h>

#include "base/arena.h"
#include "hirsch/types.h"
#include "wire/messages.h"

/* Texts are shared with the message, which must live in the same arena; arrays are made in it.
 * `from` may be NULL: an empty author or paper. False when memory is out. */
bool client_convert_author(const Hirsch__V1__Author *from, struct base_arena *arena,
                           struct hirsch_author *to);
bool client_convert_paper(const Hirsch__V1__Paper *from, struct base_arena *arena,
                          struct hirsch_paper *to);
/* count 0 leaves *to untouched. */
bool client_convert_papers(Hirsch__V1__Paper *const *from, size_t count, struct base_arena *arena,
                           const struct hirsch_paper **to);

/* from may be NULL: both texts are "". */
struct hirsch_field client_convert_field(const Hirsch__V1__Field *from);
bool client_convert_affiliations(Hirsch__V1__Affiliation *const *from, size_t count,
                                 struct base_arena *arena, const struct hirsch_affiliation **to);

#endif
