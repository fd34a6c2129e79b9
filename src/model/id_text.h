/* The text around ids: the fronts and tails of URLs, the words that sources put before a value,
 * what an error shows. */
#ifndef MODEL_ID_TEXT_H
#define MODEL_ID_TEXT_H

#include "model/id.h"

/* Without ASCII blanks, tabs and line ends at both ends. */
struct base_slice model_id_trim(struct base_slice text);

/* Takes the prefix, in lower case, off the front of *text, whose ASCII letters are compared without
 * case; false, with *text untouched, when it starts otherwise. */
bool model_id_take_prefix(struct base_slice *text, struct base_slice prefix);

/* The scheme whose ids that URL (with or without https://) names; MODEL_NO_SCHEME when it is no URL
 * we know. */
enum model_scheme model_id_scheme_of_url(struct base_slice text);

/* Leaves in *text the value alone, without the URL or the word around it; true when it was a
 * URL. */
bool model_id_strip(enum model_scheme scheme, struct base_slice *text);

/* What of a text may stand in an error: well-formed, without control characters, not long. */
struct base_slice model_id_shown(struct base_slice text);

#endif
