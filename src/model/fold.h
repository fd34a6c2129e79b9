/* Names and words in the form in which they are compared: case folded, marks stripped, single
 * blanks (utf8proc). */
#ifndef MODEL_FOLD_H
#define MODEL_FOLD_H

#include "base/arena.h"
#include "base/limits.h"

/* NFKD, casefold, marks stripped, runs of blanks one blank, none at the ends. Text is well-formed
 * UTF-8. Folding is idempotent. {NULL, 0} when memory is out; size 0 when nothing is left. */
struct base_slice model_fold(struct base_slice text, struct base_arena *arena);

/* Takes the next word (letters, digits and marks between anything else) off the front of folded
 * text, cut to LIMIT_TOKEN bytes at a character; false at the end. */
bool model_fold_token(struct base_slice *folded, struct base_slice *token);

#endif
