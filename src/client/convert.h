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

#endif
